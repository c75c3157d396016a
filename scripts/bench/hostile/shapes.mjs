// The requests that cost the most, over networks of 64 pools with 1 001 bins each.

/** Smallest units, from what one bin bears to what nothing bears. */
const AMOUNTS = ['1000', '1000000000', '1000000000000', '20000000000000', '85070591730234615865843651857942052863'];

/** Fields of a single quote beside its tokens and its amount. */
const SINGLES = {
  'at most 4 routes': {},
  'any number': { max_splits: 0 },
  'one route': { max_splits: 1 },
  '5 bins': { max_bins: 5 },
  'any, partial': { max_splits: 0, allow_partial: true },
  'exact out, 4': { exact_out: true },
  'exact out, any': { exact_out: true, max_splits: 0 },
  'exact out, any, partial': { exact_out: true, max_splits: 0, allow_partial: true },
  'with `explain`': { explain: true, allow_partial: true },
  'any, with `explain`': { explain: true, max_splits: 0, allow_partial: true },
  'with `include_state`': { include_state: true, allow_partial: true },
};

/** Whole batches: the fields of their quotes, and of the batch. */
const BATCHES = {
  'at most 4 routes': [{}],
  'any number, partial': [{ max_splits: 0, allow_partial: true }],
  'exact out, any': [{ exact_out: true, max_splits: 0 }],
  'with `explain`': [{ explain: true, max_splits: 0, allow_partial: true, include_steps: false }],
  'with `include_state`': [{ include_state: true, allow_partial: true }],
  'with `share_state`': [{ include_state: true, allow_partial: true, max_splits: 0 }, { share_state: true }],
};

const request = ([token_in, token_out], amount, { exact_out = false, ...fields }) => ({
  token_in,
  token_out,
  [exact_out ? 'amount_out_atomic' : 'amount_in_atomic']: amount,
  max_hops: 4,
  max_bins: 1001,
  ...fields,
});

/** A request that looks at nothing but the first bins of these pools. */
export const tiny = (tokens, pools) => ({ path: '/quote', body: request(tokens, '1', { pools }) });

/** All single quotes: kind, path and body. */
export const singles = (tokens) =>
  Object.entries(SINGLES).flatMap(([kind, fields]) => AMOUNTS.map((amount) => ({ kind, amount, path: '/quote', body: request(tokens, amount, fields) })));

/** All batches of 100, each of amounts that lie close together; the last with all amounts mixed. */
export const batches = (tokens) =>
  Object.entries(BATCHES).flatMap(([kind, [fields, batch]]) => {
    const of = (amounts) => Array.from({ length: 100 }, (_, n) => request(tokens, (BigInt(amounts[n % amounts.length]) + BigInt(n)).toString(), fields));
    const each = [...AMOUNTS.slice(1).map((amount) => [amount, [amount]]), ['mixed', AMOUNTS]];
    return each.map(([amount, amounts]) => ({ kind, amount, path: '/quotes', body: { requests: of(amounts), ...batch } }));
  });
