// The compiler with the command line's option --read-write, which the package does not pass on.
//
// The package calls the compiler with fixed options. The option is one argument of that call, so the
// text of the package is changed in memory, and the digests before and after the change are known.
"use strict";

const { createHash } = require("crypto");
const fs = require("fs");
const Module = require("module");

const PACKAGE = "kaitai-struct-compiler";
const VERSION = "0.11.0";
const BEFORE = "c9aacee51040be0977299210fc2624e6bbf2a51770b3dca579accbbaa84ba353";
const AFTER = "cd3127b193727de3fe9e085de63a04058e3096685adf6964b9b2c346285357b8";

// The arguments are autoRead, readStoresPos, opaqueTypes, zeroCopySubstream and readWrite.
// The option implies --no-auto-read and --zero-copy-substream false.
const CALL = "new $c_Lio_kaitai_struct_RuntimeConfig((!debug), debug, false, true, false, ";
const READ_WRITE = "new $c_Lio_kaitai_struct_RuntimeConfig(false, debug, false, false, true, ";

const digest = (text) => createHash("sha256").update(text).digest("hex");

/** Return the compiler that generates classes which read and write. */
function readWriteCompiler() {
  const file = require.resolve(PACKAGE);
  const text = fs.readFileSync(file, "utf8");
  const found = digest(text);
  if (found !== BEFORE) {
    throw new Error(`SHA-256 ${found}, not that of ${PACKAGE} ${VERSION}: run npm ci, or adapt read_write.js`);
  }
  const patched = text.split(CALL).join(READ_WRITE);
  const made = digest(patched);
  if (made !== AFTER) {
    throw new Error(`SHA-256 ${made} after the change of read_write.js, not the one that it names`);
  }
  const compiler = new Module(file);
  compiler.filename = file;
  compiler._compile(patched, file);
  return compiler.exports;
}

module.exports = { readWriteCompiler };
