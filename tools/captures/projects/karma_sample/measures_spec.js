describe('measures', function () {
  it('reads litres', function () {
    expect(3).toBe(3);
  });

  it('reads m³', function () {
    console.log('adiós');
    expect('3 m³').toContain('m³');
  });

  it('reads pints', function () {
    expect('3 pints').toBe('3 l');
  });

  xit('reads gallons', function () {});

  describe('с единицами', function () {
    it('takes a while', function (done) {
      setTimeout(done, 20);
    });

    it('throws', function () {
      throw new Error('нет весов');
    });
  });
});
