#!/usr/bin/env node
// A harness for a subunit v2 reader in JavaScript. Copy it, and add your reader.
//
// 1. Replace the code under YOUR READER GOES HERE, and under YOUR WRITER if you have one.
// 2. Run:  subunit2 conformance run --session 'node harness.js'
// Until then, the reader is the command in SUBUNIT2_DECODER (`subunit2 decode`). It is started for
// each stream, which is slow, and reads standard input. HARNESS.md describes the requests.
'use strict';

const { spawnSync } = require('node:child_process');
const readline = require('node:readline');

const hello = {
  name: 'javascript-template',
  version: '1.0',
  language: 'JavaScript',
  profiles: ['packet', 'stream', 'recovery'], // and 'writer', where there is one
  live: false, // items come when the stream has ended; leave it out once `feed` gives them
};

class Unsupported extends Error {}

class Refused extends Error {
  // key: the invalid key of the packet, or true if it is not known.
  constructor(key) {
    super(`refused: ${key}`);
    this.key = key;
  }
}

// YOUR READER GOES HERE: octets (a Buffer) in, items out. An item is an object in the form of
// item.schema.json; offset, length and raw are optional. Exceptions are reported.
class Reader {
  constructor() {
    this.pieces = [];
  }

  feed(octets) {
    this.pieces.push(octets);
    return []; // a reader that is live gives the items that are settled now
  }

  close() {
    const command = process.env.SUBUNIT2_DECODER || 'subunit2 decode';
    const input = Buffer.concat(this.pieces);
    const done = spawnSync(command, {
      shell: true,
      input,
      maxBuffer: Infinity,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (done.status === 77) throw new Unsupported('the decoder says so');
    if (done.status !== 0) throw new Error(`the decoder ended with ${done.status ?? done.signal}`);
    const lines = done.stdout.toString('utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  }
}

// YOUR WRITER GOES HERE: turn such an object into a Buffer, or throw new Refused('test_id').
// With `split`, the content may be larger than a packet: return several packets.
function encode(packet, split) {
  throw new Unsupported('no writer');
}

// The session follows, and needs no change.

let reader;

function answer(request) {
  if (request.op === 'hello') return hello;
  if (request.op === 'bye') return {};
  if (request.op === 'encode') {
    return { bytes: encode(request.packet, request.split === true).toString('hex') };
  }
  if ('routes' in request || 'input' in request) throw new Unsupported('no multiplexer');
  if (request.op === 'open') {
    reader = new Reader();
    return {};
  }
  if (request.op === 'feed') return { items: reader.feed(Buffer.from(request.bytes, 'hex')) };
  if (request.op === 'close') return { items: reader.close() };
  throw new Unsupported(request.op);
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  let reply;
  try {
    reply = answer(request);
  } catch (error) {
    if (error instanceof Refused) reply = { refused: error.key };
    else if (error instanceof Unsupported) reply = { unsupported: error.message };
    else reply = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify({ id: request.id, ...reply })}\n`);
});
