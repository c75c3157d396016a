/** The place of the WebAssembly file on this site; set by scripts/build-site.mjs. */
declare module 'dlmm-quote/wasm' {
  const url: string;
  export default url;
}
