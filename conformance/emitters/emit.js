#!/usr/bin/env node
// A complete subunit v2 emitter: it reads items as JSON Lines (item.schema.json) on standard input,
// and writes packets. It exits with 1 if a packet cannot be written, with 77 for another item.
'use strict';

const STATUSES = ['exists', 'inprogress', 'success', 'uxsuccess', 'skip', 'fail', 'xfail'];

function refuse(key, reason) {
  process.stderr.write(`emit.js: ${key}: ${reason}\n`);
  process.exit(1);
}

function uint(value, width) {
  const octets = Buffer.alloc(width);
  octets.writeUIntBE(value, 0, width);
  return octets;
}

// Numbers take the fewest octets; the top two bits of the first hold their count.
function number(value) {
  const width = [1, 2, 3, 4].find((octets) => value < 2 ** (8 * octets - 2));
  return uint(value + (width - 1) * 2 ** (8 * width - 2), width);
}

const sized = (octets) => Buffer.concat([number(octets.length), octets]);

function string(key, text) {
  if (text.includes('\0')) refuse(key, 'NUL');
  if (/\p{Surrogate}/u.test(text)) refuse(key, 'a surrogate without its other half');
  return sized(Buffer.from(text, 'utf8'));
}

function within(value, limit) {
  const fits = Number.isInteger(value) && value >= 0 && value <= limit;
  return fits ? value : refuse('timestamp', `${value} is not within 0 to ${limit}`);
}

function crc32(octets) {
  let crc = 0xffffffff;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function encode(packet) {
  const parts = []; // in the order of the packet
  let flags = 0x2000;
  const add = (flag, key, write) => {
    if (packet[key] === undefined) return;
    flags |= flag;
    parts.push(write(packet[key]));
  };
  const addString = (flag, key) => add(flag, key, (text) => string(key, text));
  add(0x0200, 'timestamp', ({ seconds, nanoseconds }) =>
    Buffer.concat([uint(within(seconds, 0xffffffff), 4), number(within(nanoseconds, 999999999))]));
  addString(0x0800, 'test_id');
  add(0x0080, 'test_tags', (tags) =>
    Buffer.concat([number(tags.length), ...tags.map((tag) => string('test_tags', tag))]));
  addString(0x0020, 'mime_type');
  addString(0x0040, 'file_name');
  add(0x0040, 'file_bytes', (hex) => sized(Buffer.from(hex, 'hex')));
  addString(0x0400, 'route_code');
  flags |= packet.runnable === false ? 0 : 0x0100;
  flags |= packet.eof ? 0x0010 : 0;
  flags |= packet.test_status === undefined ? 0 : STATUSES.indexOf(packet.test_status) + 1;
  if (packet.test_status !== undefined && !(flags & 7)) refuse('test_status', packet.test_status);
  const body = Buffer.concat(parts);
  const width = [1, 2, 3].find((octets) => 7 + octets + body.length < 2 ** (8 * octets - 2));
  if (width === undefined) refuse('packet', 'longer than 4,194,303 octets');
  const octets = [Buffer.of(0xb3), uint(flags, 2), number(7 + width + body.length), body];
  return Buffer.concat([...octets, uint(crc32(Buffer.concat(octets)), 4)]);
}

for (const line of require('node:fs').readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const item = JSON.parse(line);
  if ((item.kind ?? 'packet') !== 'packet' || 'raw' in item) process.exit(77);
  process.stdout.write(encode(item));
}
