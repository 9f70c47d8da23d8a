// The cases, for a test framework of JavaScript; FORMAT.md says what they have.
//
//     const { cases, expand } = require('subunit2-conformance');
//     for (const { id, bytes, items } of cases.filter((each) => each.profile === 'packet')) {
//       const stream = Buffer.from(expand(bytes), 'hex');
//     }
'use strict';

const { version, flags, cases } = require('./corpus/cases.json');

// A string of a case: itself, or its [string, times] pairs joined (those of large cases).
function expand(value) {
  return typeof value === 'string' ? value : value.map(([part, times]) => part.repeat(times)).join('');
}

module.exports = { version, flags, cases, expand };
