// Compiles a .ksy: node compile.js FILE TARGET [--debug]
// Prints {file name: text} as JSON. Warnings and errors go to standard error.
"use strict";

const fs = require("fs");
const compiler = require("kaitai-struct-compiler");
const yaml = require("js-yaml");

const [file, target, mode] = process.argv.slice(2);
compiler
  .compile(target, yaml.load(fs.readFileSync(file, "utf8")), null, mode === "--debug")
  .then((files) => process.stdout.write(JSON.stringify(files)))
  .catch((error) => {
    process.stderr.write(`${file}: ${error.message || error}\n`);
    process.exitCode = 1;
  });
