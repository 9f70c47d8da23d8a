// Compiles a .ksy: node compile.js FILE TARGET [--debug | --read-write]
// Prints {file name: text} as JSON. Warnings and errors go to standard error.
"use strict";

const fs = require("fs");
const yaml = require("js-yaml");
const { readWriteCompiler } = require("./read_write.js");

const [file, target, mode] = process.argv.slice(2);

async function compile() {
  const compiler = mode === "--read-write" ? readWriteCompiler() : require("kaitai-struct-compiler");
  const document = yaml.load(fs.readFileSync(file, "utf8"));
  return compiler.compile(target, document, null, mode === "--debug");
}

compile()
  .then((files) => process.stdout.write(JSON.stringify(files)))
  .catch((error) => {
    process.stderr.write(`${file}: ${error.message || error}\n`);
    process.exitCode = 1;
  });
