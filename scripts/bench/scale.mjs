export async function scale() { return { rows: [], tables: {} }; }
