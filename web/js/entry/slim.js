// `dlmm-quote/slim`: the caller says where the wasm file is.
export { resolveInputs } from '../batch.js';
export { QuoteEngine, verify } from '../engine.js';
export { DlmmError } from '../error.js';
export { init, initSync } from '../instance.js';
