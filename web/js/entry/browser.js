// Browsers and bundlers: the wasm file is inside this one, compressed, so that no loader, no second request and no
// top-level await is needed. Engines compile it on the spot: Chrome since 115, Firefox and Safari always did.
import { inflateSync } from 'fflate';
import wasm from '#wasm-deflated';
import { initSync } from './slim.js';

const packed = Uint8Array.from(atob(wasm.data), (character) => character.charCodeAt(0));
initSync(inflateSync(packed, { out: new Uint8Array(wasm.length) }));

export { DlmmError, QuoteEngine, resolveInputs, verify } from './slim.js';
