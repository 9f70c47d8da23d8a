// subunit-js behind the session protocol of HARNESS.md.
//
// Strategy: one Transform stream of its reader for each stream. A `feed` is one
// write; the objects that came out when the event loop is idle again are the
// answer. What the reader emits as an error ends the stream.
//
// A length of 0 makes the reader loop for ever and push a packet each time. When
// more packets are out than octets are in, no more are kept: it goes on looping,
// and the runner finds that it does not answer, but it does not fill the memory.
'use strict';

const fs = require('fs');
const path = require('path');
const readline = require('readline');
const subunit = require('subunit-js');

const manifest = path.join(path.dirname(require.resolve('subunit-js')), 'package.json');
const { version } = JSON.parse(fs.readFileSync(manifest, 'utf8'));

const idle = () => new Promise((resolve) => setImmediate(resolve));

class Unsupported extends Error {}

class Stream {
  constructor() {
    this.items = [];
    this.error = null;
    this.octets = 0;
    this.packets = 0;
    this.reader = new subunit.SubunitToObjectStream();
    const push = this.reader.push;
    this.reader.push = (object) =>
      object !== null && ++this.packets > this.octets ? true : push.call(this.reader, object);
    this.reader.on('data', (object) => this.items.push(toItem(object)));
    this.reader.on('error', (error) => { this.error ??= String(error); });
  }

  async feed(octets) {
    try {
      this.octets += octets.length;
      if (this.error === null) this.reader.write(octets);
    } catch (error) {
      this.error ??= String(error);
    }
    await idle();
    return this.answer();
  }

  async close() {
    if (this.error === null) this.reader.end();
    await idle();
    return this.answer();
  }

  answer() {
    if (this.error !== null) return { error: this.error };
    return { items: this.items.splice(0) };
  }
}

function toItem(object) {
  const { flags } = object._packet;
  const item = { kind: 'packet', runnable: flags.runnable, eof: flags.eof };
  if (object.testId !== undefined) item.test_id = object.testId;
  if (object.status !== null) item.test_status = object.status;
  if (object.tags !== undefined) item.test_tags = object.tags;
  if (object.mimeType !== undefined) item.mime_type = object.mimeType;
  if (object.routeCode !== undefined) item.route_code = object.routeCode;
  if (object.fileName !== undefined) {
    item.file_name = object.fileName;
    item.file_bytes = object.fileContent.toString('hex');
  }
  if (object.timestamp !== undefined) {
    const millis = object.timestamp.getTime();
    const seconds = Math.floor(millis / 1000);
    item.timestamp = { seconds, nanoseconds: (millis - seconds * 1000) * 1e6 };
  }
  return item;
}

function toObject(packet) {
  const object = {
    status: packet.test_status ?? null,
    _packet: { flags: { runnable: packet.runnable ?? true, eof: packet.eof ?? false } },
  };
  if (packet.test_id !== undefined) object.testId = packet.test_id;
  if (packet.test_tags !== undefined) object.tags = packet.test_tags;
  if (packet.mime_type !== undefined) object.mimeType = packet.mime_type;
  if (packet.route_code !== undefined) object.routeCode = packet.route_code;
  if (packet.file_name !== undefined) object.fileName = packet.file_name;
  if (packet.file_bytes !== undefined) object.fileContent = Buffer.from(packet.file_bytes, 'hex');
  if (packet.timestamp !== undefined) {
    const { seconds, nanoseconds } = packet.timestamp;
    if (nanoseconds % 1e6 !== 0 || nanoseconds < 0 || nanoseconds >= 1e9) {
      throw new Unsupported('a Date has milliseconds, of less than a second');
    }
    object.timestamp = new Date(seconds * 1000 + nanoseconds / 1e6);
  }
  return object;
}

async function encode(request) {
  if (request.split) throw new Unsupported('it does not split');
  const object = toObject(request.packet);
  const pieces = [];
  const writer = new subunit.ObjectToSubunitStream();
  writer.on('data', (octets) => pieces.push(octets));
  let refused = false;
  writer.on('error', () => { refused = true; });
  try {
    writer.write(object);
  } catch (error) {
    console.error(String(error));
    refused = true;
  }
  await idle();
  // No exception says which field it is.
  return refused ? { refused: true } : { bytes: Buffer.concat(pieces).toString('hex') };
}

let stream = new Stream();

async function answer(request) {
  switch (request.op) {
    case 'hello':
      return { name: 'subunit-js', version, language: 'JavaScript', profiles: ['packet', 'writer'] };
    case 'open':
      if (request.routes) throw new Unsupported('no multiplexer');
      stream = new Stream();
      return {};
    case 'feed': return stream.feed(Buffer.from(request.bytes, 'hex'));
    case 'close': return stream.close();
    case 'encode': return encode(request);
    default: return {};
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let reply;
    try {
      reply = await answer(request);
    } catch (error) {
      reply = error instanceof Unsupported
        ? { unsupported: error.message } : { error: String(error) };
    }
    process.stdout.write(JSON.stringify({ id: request.id, ...reply }) + '\n');
    if (request.op === 'bye') process.exit(0);
  }
}

main();
