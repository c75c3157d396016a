// Node, with require: the wasm file is read from the package's folder.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { initSync, DlmmError, QuoteEngine, resolveInputs, verify } = require('./slim.cjs');

initSync(readFileSync(join(__dirname, 'dlmm_quote_bg.wasm')));

module.exports = { DlmmError, QuoteEngine, resolveInputs, verify };
