export async function edge() { return { rows: [], tables: {} }; }
