// The requests that cost the most, over networks of 64 pools with 1 001 bins each.

/** Smallest units, from what one bin bears to what nothing bears. */
const AMOUNTS = ['1000', '1000000000000', '20000000000000', '85070591730234615865843651857942052863'];

/** Fields of a single quote beside its tokens and its amount. */
const SINGLES = {
  'at most 4 routes': {},
  'any number of routes': { max_splits: 0 },
  'one route': { max_splits: 1 },
  '5 bins a pool': { max_bins: 5 },
  'any number, a part will do': { max_splits: 0, allow_partial: true },
  'exact out, at most 4': { exact_out: true },
  'exact out, any number': { exact_out: true, max_splits: 0 },
  '`explain`, at most 4': { explain: true, allow_partial: true },
  '`explain`, any number': { explain: true, max_splits: 0, allow_partial: true },
  '`include_state`, at most 4': { include_state: true, allow_partial: true },
  '`include_state`, any number, without steps': { include_state: true, max_splits: 0, allow_partial: true, include_steps: false },
  '`include_state` and `explain`, any number': { include_state: true, explain: true, max_splits: 0, allow_partial: true },
};

/** Whole batches: how many quotes, the fields of each, and those of the batch. */
const BATCHES = {
  '100, at most 4 routes': [100, {}],
  '25, any number of routes': [25, { max_splits: 0 }],
  '100, any number, a part will do': [100, { max_splits: 0, allow_partial: true }],
  '100, `explain`, without steps': [100, { explain: true, max_splits: 0, allow_partial: true, include_steps: false }],
  '100, `include_state`': [100, { include_state: true, allow_partial: true }],
  '100, `share_state`': [100, { include_state: true, allow_partial: true, max_splits: 0 }, { share_state: true }],
};

const request = ([token_in, token_out], amount, { exact_out = false, ...fields }) => ({
  token_in,
  token_out,
  [exact_out ? 'amount_out_atomic' : 'amount_in_atomic']: amount,
  max_hops: 4,
  max_bins: 1001,
  ...fields,
});

/** A quote that reads all bins: where pools lie side by side, what it takes to see that no one route passes so much is next to nothing. */
export const onlyReads = (tokens) => ({ path: '/quote', body: request(tokens, AMOUNTS[2], { max_splits: 1 }) });

/** A quote that is refused before any bins are read. */
export const nothing = ([token_in]) => ({ path: '/quote', body: request([token_in, token_in], '1', {}) });

/** All single quotes: kind, path and body. */
export const singles = (tokens) =>
  Object.entries(SINGLES).flatMap(([kind, fields]) => AMOUNTS.map((amount) => ({ kind, path: '/quote', body: request(tokens, amount, fields) })));

/** All batches, of amounts that lie close together, and of all amounts mixed. */
export const batches = (tokens) =>
  Object.entries(BATCHES).flatMap(([kind, [quotes, fields, batch]]) =>
    [AMOUNTS.slice(2, 3), AMOUNTS].map((amounts) => {
      const amount = (n) => (BigInt(amounts[n % amounts.length]) + BigInt(n)).toString();
      return { kind, path: '/quotes', body: { requests: Array.from({ length: quotes }, (_, n) => request(tokens, amount(n), fields)), ...batch } };
    }),
  );

/** The kinds of each, in their order. */
export const KINDS = { singles: Object.keys(SINGLES), batches: Object.keys(BATCHES) };
