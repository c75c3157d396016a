// Quotes over the seeded sample: the numbers a trader sees.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ONE_BTC, startMarket } from './market.mjs';

let market;
before(async () => {
  market = await startMarket();
});

test('1 BTC gives 99 900 USDC from Redis', async () => {
  const { status, body } = await market.quote(ONE_BTC);
  assert.equal(status, 200);
  assert.equal(body.success, true);
  assert.equal(body.amount_out, 99900.0);
  assert.equal(body.amount_out_atomic, '99900000000');
  assert.equal(body.minimum_received_atomic, '99400500000');
  assert.equal(body.route_type, 'multi_bin');
  assert.equal(body.state.source, 'redis');
  assert.equal(body.price_impact_ppm, 0);
  assert.deepEqual(body.warnings, []);
  assert.deepEqual(
    body.state.pools.map(({ pool_id, active_bin_id }) => [pool_id, active_bin_id]),
    [['BTC-USDC-25', 500]],
  );
  assert.ok(body.state.pools[0].age_ms >= 0 && body.state.pools[0].age_ms < 600_000);
  assert.ok(Math.abs(Date.parse(body.state.read_at) - Date.now()) < 60_000);
});

test('human amounts are JSON numbers of exact text', async () => {
  const response = await market.worker.fetch('/quote', { method: 'POST', body: JSON.stringify(ONE_BTC) });
  const text = await response.text();
  for (const part of ['"amount_in":1.0,', '"amount_out":99900.0,', '"effective_price":99900.0,', '"price":100000.0,']) {
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
});

test('BTC to SOL goes through USDC', async () => {
  const { body } = await market.quote({ token_in: 'BTC', token_out: 'SOL', amount_in: 1.0 });
  assert.equal(body.route_type, 'multi_pair');
  assert.deepEqual(
    body.routes[0].hops.map(({ token_in, token_out }) => [token_in, token_out]),
    [['BTC', 'USDC'], ['USDC', 'SOL']],
  );
  // 99 900 USDC less 0.1 % at 200 USDC a SOL.
  assert.equal(body.amount_out_atomic, '499000500000');
});

test('GET with a query is the same quote', async () => {
  const response = await market.worker.fetch('/quote?token_in=BTC&token_out=USDC&amount_in=1.0');
  const fromGet = await response.json();
  const { body: fromPost } = await market.quote(ONE_BTC);
  for (const answer of [fromGet, fromPost]) {
    delete answer.request_id;
    delete answer.state.read_at;
    answer.state.pools.forEach((pool) => delete pool.age_ms);
  }
  assert.deepEqual(fromGet, fromPost);
});

test('a large trade walks down through bins, one step each, and its parts add up', async () => {
  const { body } = await market.quote({ ...ONE_BTC, amount_in: '5000' });
  assert.equal(body.route_type, 'multi_pool');
  for (const { pool_id } of body.state.pools) {
    const ids = body.steps.filter((step) => step.pool_id === pool_id).map(({ bin_id }) => bin_id);
    assert.ok(ids.length > 1);
    assert.deepEqual(ids, ids.map((_, index) => 500 - index));
  }
  assert.equal(body.bins_used, body.steps.length);
  assert.equal(body.routes.reduce((sum, { share_ppm }) => sum + share_ppm, 0), 1_000_000);
  const sum = (name) => body.steps.reduce((total, step) => total + BigInt(step[name]), 0n);
  assert.equal(sum('amount_in_atomic'), BigInt(body.amount_in_atomic));
  assert.equal(sum('amount_out_atomic'), BigInt(body.amount_out_atomic));
  assert.equal(sum('fee_amount_atomic'), BigInt(body.fees[0].total_atomic));
  assert.ok(body.price_impact_ppm > 0);
});

test('two pools together give more than the better one alone', async () => {
  const split = (await market.quote({ ...ONE_BTC, amount_in: '5000' })).body;
  const single = (await market.quote({ ...ONE_BTC, amount_in: '5000', max_splits: 1 })).body;
  assert.deepEqual([split.routes.length, single.routes.length], [2, 1]);
  assert.ok(BigInt(split.amount_out_atomic) > BigInt(single.amount_out_atomic));
});

test('exact out gives at least what was asked for the least input', async () => {
  const { body } = await market.quote({ token_in: 'BTC', token_out: 'USDC', amount_out: 99900 });
  // One unit less than 1 BTC pays the same fee rounded down, and so gives the same.
  assert.deepEqual([body.mode, body.amount_in_atomic, body.amount_out], ['exact_out', '99999999', 99900]);
  assert.deepEqual([body.maximum_sent_atomic, body.requested_out, body.unfilled_atomic], ['100499999', 99900, '0']);
  assert.equal('minimum_received' in body, false);
  const less = await market.quote({ token_in: 'BTC', token_out: 'USDC', amount_in_atomic: '99999998' });
  assert.ok(BigInt(less.body.amount_out_atomic) < 99_900_000_000n);
});

test('what does not fit is refused with what does, and that part fills', async () => {
  const { status, body } = await market.quote({ ...ONE_BTC, amount_in: 100000 });
  assert.equal(status, 422);
  assert.equal(body.error.code, 'INSUFFICIENT_LIQUIDITY');
  const { fillable } = body.error.details;
  const filled = await market.quote({ token_in: 'BTC', token_out: 'USDC', amount_in_atomic: fillable });
  assert.equal(filled.body.amount_in_atomic, fillable);
  const partial = await market.quote({ ...ONE_BTC, amount_in: 100000, allow_partial: true });
  assert.equal(partial.body.amount_in_atomic, fillable);
  assert.equal(BigInt(partial.body.unfilled_atomic), 10_000_000_000_000n - BigInt(fillable));
});

test('too many bins is told apart from too little liquidity', async () => {
  const { status, body } = await market.quote({ ...ONE_BTC, amount_in: 5000, max_bins: 2 });
  assert.equal(status, 422);
  assert.equal(body.error.code, 'TOO_MANY_BINS');
  assert.equal(body.error.details.allowed, 2);
  assert.ok(body.error.details.needed > 2);
});

test('lists pools, one pool, pairs and tokens', async () => {
  const get = async (path) => (await market.worker.fetch(path)).json();
  const { pools, total, next } = await get('/pools');
  assert.deepEqual(pools.map(({ pool_id }) => pool_id), ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']);
  assert.deepEqual([total, next], [3, null]);
  assert.deepEqual(pools.map(({ active_bin_price }) => active_bin_price), [100000, 100000, 200]);
  const page = await get('/pools?limit=2');
  assert.deepEqual([page.pools.length, page.next], [2, 'BTC-USDC-50']);
  const rest = await get(`/pools?limit=2&after=${page.next}`);
  assert.deepEqual([rest.pools.map(({ pool_id }) => pool_id), rest.next], [['SOL-USDC-25'], null]);
  const pool = await get('/pools/SOL-USDC-25');
  assert.equal(pool.bins.length, 101);
  assert.deepEqual(pool.bins.filter(({ is_active }) => is_active).map(({ bin_id }) => bin_id), [500]);
  assert.equal((await market.worker.fetch('/pools/NOPE')).status, 404);
  assert.equal((await market.worker.fetch('/pools/a%3Ab')).status, 400);
  assert.deepEqual((await get('/pairs')).pairs, [
    { token_x: 'BTC', token_y: 'USDC', pools: ['BTC-USDC-25', 'BTC-USDC-50'] },
    { token_x: 'SOL', token_y: 'USDC', pools: ['SOL-USDC-25'] },
  ]);
  assert.deepEqual(
    (await get('/tokens')).tokens.map(({ symbol, decimals }) => [symbol, decimals]),
    [['BTC', 8], ['SOL', 9], ['USDC', 6]],
  );
});

test('HEAD answers as GET without a body, OPTIONS as a preflight', async () => {
  const head = await market.worker.fetch('/quote?token_in=BTC&token_out=USDC&amount_in=1', { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  const options = await market.worker.fetch('/quote', {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
  });
  assert.equal(options.status, 204);
  assert.match(options.headers.get('access-control-allow-methods'), /POST/);
  assert.equal(options.headers.get('access-control-allow-origin'), '*');
});
