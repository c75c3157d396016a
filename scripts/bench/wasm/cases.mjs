// Quotes of the npm package over the pool of all programs; runs in Node and in a page.

export const WASM_DEPTHS = [1, 10, 50, 100];

/**
 * Gives the cases by their name: `quote/N`, and `short/N` without the steps of each bin where the engine can leave them out.
 *
 * @param {object} QuoteEngine
 * @param {string} snapshot
 * @param {Record<number, string>} amounts by how many bins they go through
 */
export function quoteCases(QuoteEngine, snapshot, amounts) {
  const engine = QuoteEngine.fromSnapshot(snapshot);
  const request = (depth) => ({ token_in: 'IN', token_out: 'OUT', amount_in_atomic: amounts[depth] });
  const cases = {};
  for (const depth of WASM_DEPTHS) {
    const full = request(depth);
    const { bins_used } = engine.quote(full);
    if (bins_used !== depth) throw new Error(`${depth} bins were wanted, the quote took ${bins_used}`);
    cases[`quote/${depth}`] = () => engine.quote(full).amount_out_atomic;
    const short = { ...full, include_steps: false };
    if (takesShort(engine, short)) cases[`short/${depth}`] = () => engine.quote(short).amount_out_atomic;
  }
  return cases;
}

function takesShort(engine, request) {
  try {
    engine.quote(request);
    return true;
  } catch (error) {
    if (error.details?.field === 'include_steps') return false;
    throw error;
  }
}
