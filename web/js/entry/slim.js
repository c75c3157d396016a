// `dlmm-quote/slim`: the caller says where the wasm file is.
export { DlmmError, init, initSync, QuoteEngine, resolveInputs, verify } from './core.js';
