/** The place of the WebAssembly file on this site; esbuild puts it there. */
declare module 'dlmm-quote/dlmm_quote_bg.wasm' {
  const url: string;
  export default url;
}
