import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from '../../web/playground/quote/compare.ts';
import { mostIn, depthOf } from '../../web/playground/quote/depth.ts';
import { marketOf } from '../../web/playground/state/market.ts';
import { layOut } from '../../web/playground/view/route-layout.ts';
import { barsOf } from '../../web/playground/view/liquidity-bars.ts';

const HOP = { pool_id: 'P', token_in: 'X', token_out: 'Y', active_bin_before: 500, active_bin_after: 499 };
const STEPS = [
  { route: 0, pool_id: 'P', bin_id: 500, amount_out: '4.0', amount_out_atomic: '400' },
  { route: 0, pool_id: 'P', bin_id: 499, amount_out: '1.0', amount_out_atomic: '100' },
];
const QUOTE = {
  ...{ success: true, amount_in: '1.0', amount_out: '5.0', amount_out_atomic: '500', price_impact_ppm: 7, request_id: 'a' },
  ...{ token_in: 'X', token_out: 'Y', routes: [{ share_ppm: 1_000_000, hops: [HOP] }], steps: STEPS, state: { source: 'redis' }, warnings: [] },
};
const quote = (changes = {}) => ({ kind: 'quote', ms: 1, quote: { ...QUOTE, ...changes } });
const refusal = (details) => ({ kind: 'refusal', ms: 1, refusal: { code: 'NO_ROUTE', message: 'said differently', details } });

test('answers are equal when everything but time, place and ids is', () => {
  const { fields, differences } = compare(quote(), quote({ state: { source: 'snapshot' }, request_id: null }));
  assert.deepEqual(differences, []);
  assert.ok(fields > 15);
});

test('that the edge read or looked at less than a browser holds is no difference in itself', () => {
  const warnings = [{ code: 'CANDIDATES_LIMITED', pools: 64 }, { code: 'KEYS_LIMITED', keys: 10_000 }];
  assert.deepEqual(compare(quote({ warnings }), quote()).differences, []);
  const thin = { requested: '9', fillable: '3' };
  assert.deepEqual(compare(refusal({ ...thin, warnings }), refusal(thin)).differences, []);
  const more = [...warnings, { code: 'SEARCH_LIMITED', bound: 'walks' }];
  assert.deepEqual(compare(refusal({ ...thin, warnings: more }), refusal(thin)).differences.map(({ path }) => path.replace(/\d/, 'N')).sort(), ['details.warnings.N.bound', 'details.warnings.N.code', 'details.warnings.length'].sort());
});

test('one digit, one step more, or another kind of answer is a difference', () => {
  const one = compare(quote(), quote({ amount_out_atomic: '501', price_impact_ppm: 8 })).differences;
  assert.deepEqual(one.map(({ path }) => path), ['amount_out_atomic', 'price_impact_ppm']);
  assert.deepEqual(one[0], { path: 'amount_out_atomic', edge: '500', browser: '501' });
  assert.ok(compare(quote(), quote({ steps: STEPS.slice(1) })).differences.some(({ path }) => path === 'steps.length'));
  assert.ok(compare(quote(), refusal({})).differences.length > 0);
  assert.deepEqual(compare(refusal({ max_hops: 3 }), refusal({ max_hops: 3 })).differences, []);
  assert.equal(compare(refusal({ max_hops: 3 }), refusal({ max_hops: 2 })).differences.length, 1);
});

test('there is nothing to compare with silence', () => {
  assert.equal(compare(quote(), { kind: 'silence', reason: 'gone' }), undefined);
});

test('a warning that the edge answers from the sample is about the place, not the quote', () => {
  const warned = quote({ warnings: [{ code: 'SAMPLE_STATE', reason: 'no Redis' }] });
  assert.deepEqual(compare(warned, quote()).differences, []);
});

test('how old the state is goes by the moment, not by the quote', () => {
  const old = quote({ warnings: [{ code: 'STATE_OLD', pool_id: 'P', age_ms: 61_000 }, { code: 'TIME_AHEAD', pool_id: 'P', ahead_ms: 5 }] });
  assert.deepEqual(compare(old, quote()).differences, []);
  const stale = (age_ms) => ({ kind: 'refusal', ms: 1, refusal: { code: 'STALE_STATE', message: 'm', details: { pool_id: 'P', age_ms, max_age_ms: 5 } } });
  assert.deepEqual(compare(stale(7), stale(8)).differences, []);
  assert.ok(compare(stale(7), quote()).differences.length > 0);
});

test('the chart has its bins in whole tokens, and lists have the tokens of all pools', () => {
  const bins = [{ bin_id: 500, price: '200.0', x_amount: '1.5', reserve_x: '150000000', y_amount: '0.0', reserve_y: '0', is_active: true }];
  const pool = { pool_id: 'P', token_x: 'X', token_y: 'Y', token_x_decimals: 8, token_y_decimals: 6, bin_step: null, bins };
  const market = marketOf({ pools: () => [pool], pool: (id) => (id === 'P' ? pool : undefined) });
  assert.deepEqual(market.pool('P').bins, [{ id: 500, price: 200, x: 1.5, y: 0 }]);
  assert.equal(market.pool('Q'), undefined);
  assert.deepEqual([market.tokens, market.pairs], [['X', 'Y'], [['X', 'Y']]]);
  assert.deepEqual([market.decimalsOf('X'), market.decimalsOf('Z')], [8, undefined]);
});

test('a bar holds what the trade takes from its bin, in Y', () => {
  const bin = (id, x, y) => ({ id, price: 2, x, y });
  const pool = { pool_id: 'P', token_x: 'X', token_y: 'Y', active_bin_id: 500, bins: [bin(400, 0, 1), bin(499, 0, 8), bin(500, 3, 4), bin(501, 5, 0)] };
  const [{ xForY, bars }] = barsOf(QUOTE, { pool: () => pool });
  assert.equal(xForY, true);
  assert.deepEqual(
    bars.map(({ bin, total, outSide, taken, takenShare }) => [bin.id, total, outSide, taken, takenShare]),
    [[499, 8, 8, 1, 0.125], [500, 10, 4, 4, 1], [501, 10, 0, 0, 0]],
  );
});

test('routes lie side by side where there is room, and stand below each other on a phone', () => {
  const routes = [{ share_ppm: 750_000, hops: [HOP, HOP] }, { share_ppm: 250_000, hops: [HOP] }];
  const wide = layOut({ ...QUOTE, routes }, 800);
  assert.equal(wide.upright, false);
  assert.ok(wide.routes[0].width > wide.routes[1].width, 'shares decide how wide a band is');
  assert.ok(wide.routes[0].hops[0].x < wide.routes[0].stops[0].x && wide.routes[0].stops[0].x < wide.routes[0].hops[1].x);
  const narrow = layOut({ ...QUOTE, routes }, 320);
  assert.equal(narrow.upright, true);
  assert.ok(narrow.routes[0].hops[1].y < narrow.routes[1].hops[0].y);
});

test('the depth curve ends where the pools do', async () => {
  /** A market that takes 1000 units at most. */
  const ask = ({ amount_in_atomic, allow_partial }) => {
    const wanted = BigInt(amount_in_atomic);
    if (wanted > 10n ** 25n) return { kind: 'refusal', ms: 0, refusal: { code: 'AMOUNT_OVERFLOW', message: '', details: {} } };
    const taken = wanted < 1000n ? wanted : 1000n;
    if (taken < wanted && !allow_partial) return refusal({});
    return quote({ amount_in_atomic: String(taken), amount_in: String(taken), amount_out: String(taken * 2n) });
  };
  const request = { token_in: 'X', token_out: 'Y', amount_in: '5' };
  assert.equal(await mostIn(request, ask), 1000n);
  const { points } = await depthOf(request, 1000n, ask, new AbortController().signal);
  assert.equal(points.length, 49);
  assert.deepEqual(points[0], { units: 0n, amountIn: 0, amountOut: 0, impact: 0 });
  assert.deepEqual(points.at(-1), { units: 1000n, amountIn: 1000, amountOut: 2000, impact: 7 });
  assert.equal(await depthOf(request, 480n, (one) => (aborted.abort(), slow(), ask(one)), aborted.signal), undefined);
});

const aborted = new AbortController();
function slow() {
  const end = performance.now() + 10;
  while (performance.now() < end);
}
