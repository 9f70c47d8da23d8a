// The cases, for a test framework of JavaScript; FORMAT.md says what they have.
//
//     const { cases, expand, strings } = require('subunit2-conformance');
//     for (const { id, bytes, items } of cases.filter((each) => each.profile === 'packet')) {
//       const stream = Buffer.from(expand(bytes), 'hex');
//     }
'use strict';

const { version, flags, cases } = require('./corpus/cases.json');

// The keys of a packet that are strings.
const STRINGS = ['test_id', 'test_tags', 'mime_type', 'file_name', 'route_code'];

// A string of a case: itself, or its [string, times] pairs joined (those of large cases). The
// string of a key that is absent is empty.
function expand(value) {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) {
    throw new TypeError(`expand: a ${typeof value} is neither a string nor a list of pairs`);
  }
  return value.map((pair) => {
    const [part, times] = Array.isArray(pair) ? pair : [];
    if (typeof part !== 'string' || !Number.isInteger(times) || times < 0) {
      throw new TypeError(`expand: ${JSON.stringify(pair)} is no [string, times] pair`);
    }
    return part.repeat(times);
  }).join('');
}

// The strings of the packet of a writer's case, as octets: by key a Uint8Array, for the tags a list.
// A lone surrogate, which no UTF-8 has, is three octets.
function strings({ packet, octets = {} }) {
  if (packet === undefined) throw new TypeError('strings: only cases of writers have a packet');
  const asOctets = (value, hex) =>
    Uint8Array.from(hex === undefined ? Buffer.from(expand(value), 'utf8') : Buffer.from(hex, 'hex'));
  return Object.fromEntries(STRINGS.filter((key) => key in packet).map((key) => [
    key,
    key === 'test_tags'
      ? packet[key].map((tag, at) => asOctets(tag, octets[key]?.[at]))
      : asOctets(packet[key], octets[key]),
  ]));
}

module.exports = { version, flags, cases, expand, strings };
