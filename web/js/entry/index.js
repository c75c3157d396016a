// `dlmm-quote`, wherever JavaScript runs: the wasm file is inside this one, compressed, so that no loader, no file looked up
// at run time, no second request and no top-level await is needed. It is unpacked when the engine is first used.
// Engines compile it on the spot: Chrome since 115, Firefox and Safari always did.
import { inflateSync } from 'fflate';
import wasm from '#wasm-deflated';
import { loadWhenNeeded } from './core.js';

loadWhenNeeded(() => {
  const packed = Uint8Array.from(atob(wasm.data), (character) => character.charCodeAt(0));
  return inflateSync(packed, { out: new Uint8Array(wasm.length) });
});

export { DlmmError, QuoteEngine, resolveInputs, verify } from './core.js';
