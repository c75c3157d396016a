export * from './index.js';

/**
 * Where the file `dlmm-quote/dlmm_quote_bg.wasm` is: a URL to fetch (string, URL or Request), a Response or the promise of
 * one, its bytes, or a compiled WebAssembly.Module.
 */
export type WasmSource = string | object;

/**
 * Loads the engine. Call it once and wait for it before anything else; a later call does nothing.
 *
 * Throws `ENGINE_NOT_READY` if it cannot be loaded.
 */
export function init(source: WasmSource): Promise<void>;

/** As `init`, at once, from bytes or a compiled module. */
export function initSync(source: ArrayBuffer | ArrayBufferView | object): void;
