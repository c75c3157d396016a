// Cloudflare Workers: wrangler hands over the wasm file as a compiled module.
import wasm from './dlmm_quote_bg.wasm';
import { initSync } from './core.js';

initSync(wasm);

export { DlmmError, QuoteEngine, resolveInputs, verify } from './core.js';
