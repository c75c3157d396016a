// How old the state is, offline, and pools that a snapshot leaves out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engine, oneBtc, QuoteEngine, refused, snapshot, verify } from './market.mjs';

const WRITTEN = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
/** An hour after the pools were written. */
const NOW = WRITTEN + 60 * MINUTE;

const told = ({ state: { heartbeat_ms, warn_age_ms, pools }, warnings }) => [pools[0].age_ms, heartbeat_ms, warn_age_ms, warnings.map(({ code }) => code)];

/** The quote of an engine whose state was read at `NOW`, with this heartbeat; it can be computed anew. */
function quoteOf(heartbeatMs, options) {
  const market = engine(options);
  market.applyUpdate({}, { takenAt: NOW, heartbeatMs });
  const quote = market.quote(oneBtc({ include_state: true }));
  assert.equal(verify(quote).equal, true);
  return quote;
}

test('age counts from the later of pool and heartbeat, and warns where there is one', () => {
  const [alive, dead] = [NOW - 400, NOW - 5 * MINUTE];
  assert.deepEqual(told(quoteOf(undefined)), [60 * MINUTE, null, null, []]);
  assert.deepEqual(told(quoteOf(alive)), [400, String(alive), MINUTE, []]);
  assert.deepEqual(told(quoteOf(String(dead))), [5 * MINUTE, String(dead), MINUTE, ['STATE_OLD']]);
  assert.deepEqual(told(quoteOf(NOW + 60 * MINUTE)), [60 * MINUTE, String(NOW + 60 * MINUTE), null, ['HEARTBEAT_INVALID']]);
  assert.deepEqual(told(quoteOf('soon')), [60 * MINUTE, 'soon', null, ['HEARTBEAT_INVALID']]);
});

test('a warning that is set by name holds for every state', () => {
  assert.deepEqual(told(quoteOf(undefined, { warnStateAgeMs: 1_000 })), [60 * MINUTE, null, 1_000, ['STATE_OLD']]);
  assert.deepEqual(told(quoteOf(NOW - 5 * MINUTE, { warnStateAgeMs: 0 })), [5 * MINUTE, String(NOW - 5 * MINUTE), null, []]);
  for (const warnStateAgeMs of [-1, 1.5, '60000', NaN]) assert.deepEqual(refused(() => engine({ warnStateAgeMs }), 'INVALID_REQUEST'), { field: 'warnStateAgeMs' });
});

test('the snapshot brings its heartbeat, and an update keeps, changes or removes it', () => {
  const market = QuoteEngine.fromSnapshot({ ...snapshot(), heartbeat_ms: String(WRITTEN + 59_000) });
  const age = () => market.quote(oneBtc()).state.pools[0].age_ms;
  assert.equal(age(), 1_000);
  market.applyUpdate({}, { takenAt: WRITTEN + 61_000 });
  assert.equal(age(), 2_000);
  market.applyUpdate({}, { heartbeatMs: WRITTEN + 60_500 });
  assert.equal(age(), 500);
  market.applyUpdate({}, { heartbeatMs: null });
  assert.equal(age(), 61_000);
  for (const heartbeatMs of [1.5, {}, true]) assert.deepEqual(refused(() => market.applyUpdate({}, { heartbeatMs }), 'INVALID_REQUEST'), { field: 'heartbeatMs' });
  assert.equal(age(), 61_000);
});

test('the snapshot brings its block, and an update keeps, changes or removes it', () => {
  const document = snapshot();
  document.pools.forEach((pool) => (pool.block_height = 90));
  const market = QuoteEngine.fromSnapshot({ ...document, block_height: 100 });
  const heights = (fields) => {
    const quote = market.quote(oneBtc({ include_state: true, ...fields }));
    assert.equal(verify(quote).equal, true);
    return [quote.state.block_height, quote.state.pools[0].block_height];
  };
  assert.deepEqual(heights({ min_block_height: 100 }), [100, 100]);
  market.applyUpdate({}, { takenAt: NOW });
  assert.deepEqual(heights(), [100, 100]);
  market.applyUpdate({}, { blockHeight: '101' });
  assert.deepEqual(heights({ min_block_height: 101 }), [101, 101]);
  const details = refused(() => market.quote(oneBtc({ min_block_height: 102 })), 'STALE_STATE');
  assert.deepEqual([details.block_height, details.min_block_height, details.max_age_ms], [101, 102, null]);
  market.applyUpdate({}, { blockHeight: null });
  assert.deepEqual(heights({ min_block_height: 90 }), [90, 90]);
  for (const blockHeight of [1.5, {}, true]) assert.deepEqual(refused(() => market.applyUpdate({}, { blockHeight }), 'INVALID_REQUEST'), { field: 'blockHeight' });
});

test('a pool that the snapshot left out is named by quotes that would pass it', () => {
  const skipped = [
    { key: 'bin:BTC-USDC-2:500', reason: 'price is zero', pool_id: 'BTC-USDC-2', token_x: 'BTC', token_y: 'USDC' },
    { key: 'pool:ODD', reason: 'status is missing' },
  ];
  const market = QuoteEngine.fromSnapshot({ ...snapshot(), skipped });
  const quote = market.quote(oneBtc({ include_state: true }));
  const odd = { code: 'POOL_SKIPPED', key: 'pool:ODD', reason: 'status is missing' };
  assert.deepEqual(quote.warnings, [{ code: 'POOL_SKIPPED', key: 'bin:BTC-USDC-2:500', reason: 'price is zero' }, odd]);
  assert.deepEqual([quote.amount_out, verify(quote).equal], ['100.0', true]);
  assert.deepEqual(market.quote({ token_in: 'SOL', token_out: 'USDC', amount_in: 1 }).warnings, [odd], 'nobody knows its tokens');
  refused(() => market.quote(oneBtc({ strict: true })), 'STATE_INVALID');
  assert.deepEqual(market.pools().skipped.map(({ key }) => key).sort(), ['bin:BTC-USDC-2:500', 'pool:ODD']);
  refused(() => market.pool('BTC-USDC-2'), 'STATE_INVALID');
});
