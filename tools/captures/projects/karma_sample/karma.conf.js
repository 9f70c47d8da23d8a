module.exports = function (config) {
  config.set({
    frameworks: ['jasmine'],
    files: ['measures_spec.js'],
    browsers: ['jsdom'],
    reporters: ['subunit'],
    plugins: ['karma-jasmine', 'karma-jsdom-launcher', 'karma-subunit-reporter'],
    subunitReporter: { outputFile: 'karma.subunit', tags: ['volume', 'größe'], slug: true },
    client: { jasmine: { random: false } },
    singleRun: true,
  });
};
