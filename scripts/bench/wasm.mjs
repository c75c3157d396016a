export async function wasm() { return { rows: [], tables: {} }; }
