import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../../web/playground/trade/trade.ts';
import { isSample } from '../../web/playground/state/sample.ts';
import { cautionsOf, slippageNote } from '../../web/playground/words/cautions.ts';

const QUOTE = {
  ...{ mode: 'exact_in', token_in: 'BTC', token_out: 'USDC', minimum_received: '50000.0', maximum_sent: '2.0', price_impact_ppm: 10 },
  ...{ warnings: [], state: { pools: [{ pool_id: 'P', age_ms: 10 }] } },
};
const codes = (quote, trade) => cautionsOf({ ...QUOTE, ...quote }, { ...DEFAULTS, ...trade }).map(({ code, grave }) => `${code}${grave ? '!' : ''}`);
const old = (age_ms) => ({ state: { pools: [{ age_ms: 5 }, { age_ms }] } });

test('a usual trade has no cautions', () => assert.deepEqual(codes({}, {}), []));

test('a tolerance that invites others is warned of, with what it may cost', () => {
  assert.deepEqual([300, 301, 999, 1000, 5000].map((bps) => codes({}, { slippage_bps: String(bps) }).join()), ['', 'HIGH_SLIPPAGE', 'HIGH_SLIPPAGE', 'HIGH_SLIPPAGE!', 'HIGH_SLIPPAGE!']);
  const [{ text }] = cautionsOf(QUOTE, { ...DEFAULTS, slippage_bps: '5000' });
  assert.match(text.replaceAll('\u202f', ' '), /^With 50 % slippage tolerance the trade may give as little as 50 000 USDC/);
  assert.match(cautionsOf({ ...QUOTE, mode: 'exact_out' }, { ...DEFAULTS, slippage_bps: '5000' })[0].text, /cost as much as 2 BTC/);
  assert.equal(slippageNote(50), undefined);
  assert.match(slippageNote(0).text, /Low/);
  assert.deepEqual([slippageNote(400).grave, slippageNote(5000).grave], [false, true]);
});

test('a trade that moves the price far is warned of', () => {
  assert.deepEqual([49_999, 50_000, 150_000, null].map((price_impact_ppm) => codes({ price_impact_ppm }, {}).join()), ['', 'HIGH_IMPACT', 'HIGH_IMPACT!', '']);
});

test('old state is warned of where the engine is silent, and only there', () => {
  assert.deepEqual(codes(old(60_001), {}), ['OLD_STATE']);
  assert.deepEqual(codes(old(60_000), {}), []);
  assert.deepEqual(codes(old(null), {}), []);
  assert.deepEqual(codes({ ...old(90_000), warnings: [{ code: 'STATE_OLD', pool_id: 'P', age_ms: 90_000 }] }, {}), []);
});

test('the sample is not called old: it is said to be the sample, and only as it was written', () => {
  const sample = { pool: () => ({ active_bin_id: 500, bins: Array.from({ length: 101 }, (_, at) => ({ id: 450 + at, price: 100_000, y: 100_000_000 })) }) };
  assert.equal(isSample(sample, ['BTC-USDC-25']), true);
  assert.deepEqual(cautionsOf({ ...QUOTE, ...old(90_000) }, DEFAULTS, true).map(({ code, grave, calm }) => [code, grave, calm]), [['SAMPLE_DATA', false, true]]);
  assert.deepEqual(cautionsOf({ ...QUOTE, ...old(60_000) }, DEFAULTS, true), []);
  // Somebody trades there, or it has other pools, or nothing is known of it.
  const moved = { pool: () => ({ ...sample.pool(), bins: sample.pool().bins.map((bin) => ({ ...bin, y: 99_999_999 })) }) };
  assert.deepEqual([isSample(moved, ['BTC-USDC-25']), isSample(sample, ['BTC-USDC-25', 'P']), isSample(undefined, ['BTC-USDC-25']), isSample(sample, [])], [false, false, false, false]);
});
