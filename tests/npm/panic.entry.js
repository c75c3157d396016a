// The package with the function that panics on purpose, called as every other one is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { panicOnPurpose } from '#wasm';
import { QuoteEngine } from '../../web/js/engine.js';
import { DlmmError } from '../../web/js/error.js';
import { guard, initSync } from '../../web/js/instance.js';

initSync(readFileSync(join(__dirname, 'dlmm_quote_bg.wasm')));

export const guarded = { DlmmError, QuoteEngine, panicOnPurpose: () => guard(panicOnPurpose) };
