// New values, as they come from Redis, and lists of what is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engine, oneBtc, QuoteEngine, refused, snapshot } from './market.mjs';

const dearer = { bin_id: 500, x_amount: '10', y_amount: '2000', price: '200' };

test('a new value is in the very next quote, whichever way it is given', () => {
  for (const values of [
    { 'bin:BTC-USDC:500': JSON.stringify(dearer) },
    { 'bin:BTC-USDC:500': dearer },
    new Map([['bin:BTC-USDC:500', dearer]]),
  ]) {
    const market = engine();
    assert.equal(market.quote(oneBtc()).amount_out, '100.0');
    market.applyUpdate(values);
    assert.equal(market.quote(oneBtc()).amount_out, '200.0');
  }
});

test('pools appear, change and go', () => {
  const market = engine();
  const pool = { pool_id: 'BTC-EURC', token_x: 'BTC', token_y: 'EURC', token_y_decimals: 6, active_bin_id: 500, status: 'active', x_provider_fee: 0 };
  const toEurc = oneBtc({ token_out: 'EURC' });
  refused(() => market.quote(toEurc), 'UNKNOWN_TOKEN');
  market.applyUpdate({ 'pool:BTC-EURC': pool, 'bin:BTC-EURC:500': { bin_id: 500, x_amount: 0, y_amount: 900, price: 90 } });
  const quote = market.quote(toEurc);
  assert.deepEqual([quote.amount_out, quote.warnings], ['90.0', [{ code: 'AGE_UNKNOWN', pool_id: 'BTC-EURC' }]]);
  market.applyUpdate({ 'pool:BTC-EURC': { ...pool, status: 'paused' } });
  refused(() => market.quote(toEurc), 'NO_ROUTE');
  assert.equal(market.routes('BTC', 'EURC').routes[0].hops[0].pools[0].status, 'paused');
  market.applyUpdate({ 'pool:BTC-EURC': null });
  refused(() => market.quote(toEurc), 'UNKNOWN_TOKEN');
});

test('a broken value leaves its pool out, and another one mends it', () => {
  const market = engine();
  market.applyUpdate({ 'pool:BTC-USDC': '{' });
  assert.match(refused(() => market.quote(oneBtc()), 'STATE_INVALID').key, /^pool:BTC-USDC$/);
  assert.deepEqual(market.pools().skipped.map(({ key }) => key), ['pool:BTC-USDC']);
  market.applyUpdate({ 'pool:BTC-USDC': { pool_id: 'BTC-USDC', token_x: 'BTC', token_y: 'USDC', active_bin_id: 500, status: 'active', x_provider_fee: 0 } });
  assert.equal(market.quote(oneBtc()).amount_out, '100.0');
});

test('numbers that nobody reads refuse nothing, whatever a double has made of them', () => {
  const plain = engine();
  const odd = snapshot();
  for (const pool of odd.pools) {
    Object.assign(pool, { active_bin_price: 0.1 + 0.2, total_tvl: 2 ** 60, apr: Number.NaN, of_others: { weights: [1 / 3] } });
    for (const bin of pool.bins) Object.assign(bin, { total_liquidity: 1 / 3, is_active: undefined });
  }
  const market = QuoteEngine.fromSnapshot(odd);
  assert.deepEqual(market.quote(oneBtc()), plain.quote(oneBtc()));
  // Beside the exact form the human one only has to be near.
  const exact = { bin_id: 500, reserve_x: '1000000000', reserve_y: '2000000000', price_e8: '200000000' };
  market.applyUpdate({ 'bin:BTC-USDC:500': { ...exact, x_amount: 9.999999999999998, y_amount: 2000.0000000000002, price: 200.00000000000003 } });
  assert.equal(market.quote(oneBtc()).amount_out, '200.0');
});

test('numbers that are read are refused where a double may have changed them, and named', () => {
  const broken = (change) => {
    const one = snapshot();
    change(one.pools[0], one.pools[0].bins[1]);
    return refused(() => QuoteEngine.fromSnapshot(one), 'SNAPSHOT_INVALID').reason;
  };
  assert.match(broken((_, bin) => (bin.price = 1 / 3)), /^snapshot\.pools\[0\]\.bins\[1\]\.price is 0\.3+, more digits/);
  assert.match(broken((_, bin) => (bin.x_amount = 9.999999999999998)), /x_amount is 9\.9+8, more digits/);
  assert.match(broken((_, bin) => Object.assign(bin, { reserve_x: 2 ** 60, reserve_y: '5' })), /reserve_x is 1152921504606847000, more digits/);
});

test('a value that cannot be stored changes nothing', () => {
  const market = engine();
  for (const [values, field] of [
    [{ 'bin:BTC-USDC:500': dearer, 'tokens:BTC': '[]' }, 'tokens:BTC'],
    [{ 'bin:BTC-USDC:500': { ...dearer, price: 0.1 + 0.2 } }, 'bin:BTC-USDC:500'],
    [{ 'bin:BTC-USDC:500': 5 }, 'bin:BTC-USDC:500'],
    [{ 'bin:BTC-USDC:500': undefined }, 'bin:BTC-USDC:500'],
    [null, 'values'],
  ]) {
    assert.deepEqual(refused(() => market.applyUpdate(values), 'INVALID_REQUEST'), { field });
  }
  refused(() => market.applyUpdate({ 'bin:BTC-USDC:500': dearer }, { takenAt: 'once' }), 'INVALID_REQUEST');
  assert.equal(market.quote(oneBtc()).amount_out, '100.0');
});

test('age counts from the time that an update names', () => {
  const market = engine();
  for (const takenAt of ['2026-01-01T00:02:00Z', new Date('2026-01-01T00:02:00Z'), Date.parse('2026-01-01T00:02:00Z')]) {
    market.applyUpdate({}, { takenAt });
    assert.equal(market.takenAt.toISOString(), '2026-01-01T00:02:00.000Z');
    assert.equal(market.quote(oneBtc()).state.pools[0].age_ms, 120_000);
  }
});

test('lists pools, one pool and routes as HTTP does, numbers as strings', () => {
  const market = engine();
  const { pools, total, source } = market.pools();
  assert.deepEqual([pools.map(({ pool_id, active_bin_price }) => [pool_id, active_bin_price]), total, source], [[['BTC-USDC', '100.0'], ['SOL-USDC', '2.0']], 2, 'snapshot']);
  assert.deepEqual(market.pool('BTC-USDC').bins, [
    { bin_id: 499, price: '50.0', x_amount: '0.0', reserve_x: '0', y_amount: '500.0', reserve_y: '500000000', is_active: false },
    { bin_id: 500, price: '100.0', x_amount: '10.0', reserve_x: '1000000000', y_amount: '1000.0', reserve_y: '1000000000', is_active: true },
  ]);
  assert.deepEqual(market.routes('BTC', 'SOL', { max_hops: 2 }), {
    token_in: 'BTC',
    token_out: 'SOL',
    max_hops: 2,
    limited: false,
    routes: [
      {
        tokens: ['BTC', 'USDC', 'SOL'],
        hops: [
          { token_in: 'BTC', token_out: 'USDC', pools: [{ pool_id: 'BTC-USDC', x_for_y: true, status: 'active' }] },
          { token_in: 'USDC', token_out: 'SOL', pools: [{ pool_id: 'SOL-USDC', x_for_y: false, status: 'active' }] },
        ],
      },
    ],
    source: 'snapshot',
    request_id: null,
  });
});
