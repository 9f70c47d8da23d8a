const { createHash } = require('node:crypto');
const { version, flags, cases, expand, strings } = require('subunit2-conformance');
require('subunit2-conformance/schemas/case.schema.json');

const digest = (octets) => createHash('sha256').update(octets).digest('hex');
const digestOfHex = (hex) => digest(Buffer.from(expand(hex), 'hex'));
const all = (value) => (Array.isArray(value) ? value.map(digest) : digest(value));

const digestOfItem = (item) => {
  const text = (key) => (item[key] === undefined ? '-' : expand(item[key]));
  const { seconds = '-', nanoseconds = '-' } = item.timestamp ?? {};
  return digest([
    ...['kind', 'error', 'test_id', 'test_status'].map(text),
    ...(item.test_tags ?? ['-']),
    ...['mime_type', 'file_name', 'route_code', 'file_bytes', 'raw', 'bytes'].map(text),
    `${item.offset} ${item.length}`, `${item.runnable ?? true} ${item.eof ?? false}`,
    `${seconds} ${nanoseconds}`,
  ].join('\0'));
};

const digestOfOutput = (part) => {
  if (part.report !== undefined) return `report ${digestOfHex(part.report)} ${part.end === true}`;
  if (part.wrapped !== undefined) return `wrapped ${digestOfHex(part.wrapped)} false`;
  return `packet ${digestOfHex(part)} false`;
};

const summary = (each) => {
  if (each.items) return [digestOfHex(each.bytes), each.items.map(digestOfItem), each.stops ?? []];
  if (each.feeds) {
    const feeds = each.feeds.map(({ input, bytes, packets }) =>
      [input, digestOfHex(bytes), ...packets.map(digestOfOutput)]);
    return [each.routes, feeds, each.wrapped.map(digestOfHex)];
  }
  const octets = Object.entries(strings(each)).map(([key, value]) => [key, all(value)]);
  const written = each.bytes === undefined ? null : digestOfHex(each.bytes);
  return [Object.fromEntries(octets), written, each.refused ?? null, each.split === true];
};

const summaries = Object.fromEntries(cases.map((each) => [each.id, summary(each)]));
console.log(JSON.stringify([version, flags, summaries]));
