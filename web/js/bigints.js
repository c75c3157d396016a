/** Accessors of a quote's amounts, and the field of smallest units that each of them reads. */
const BOTH = { amountIn: 'amount_in_atomic', amountOut: 'amount_out_atomic', amountUnfilled: 'unfilled_atomic' };
const EXACT_IN = accessors({ ...BOTH, minimumReceived: 'minimum_received_atomic' });
const EXACT_OUT = accessors({ ...BOTH, maximumSent: 'maximum_sent_atomic', requestedOut: 'requested_out_atomic' });

/**
 * Gives a quote its amounts as bigints too. They are not enumerable: its JSON, its copies and comparisons with it stay as they are.
 * On the object itself, not on a prototype, so that a quote stays a plain object.
 */
export function withBigints(quote) {
  return Object.defineProperties(quote, quote.mode === 'exact_out' ? EXACT_OUT : EXACT_IN);
}

function accessors(names) {
  const get = (field) => function () {
    return BigInt(this[field]);
  };
  return Object.fromEntries(Object.entries(names).map(([name, field]) => [name, { get: get(field), configurable: true }]));
}
