// GET /routes: the pre-computed routes with the pools' status of this moment, and what /health tells of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ONE_BTC, assertRefused, bendValue, eventually, startMarket } from './market.mjs';

async function get(worker, path) {
  const response = await worker.fetch(path);
  return { status: response.status, body: await response.json() };
}

const topology = async (worker) => (await get(worker, '/health')).body.topology;

test('lists every route with its pools and their status', async () => {
  const { worker, redis } = await startMarket();
  await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
  const { status, body } = await get(worker, '/routes?token_in=BTC&token_out=SOL');
  assert.equal(status, 200);
  const { request_id, ...rest } = body;
  assert.match(request_id, /^[0-9a-f]{32}$/);
  assert.deepEqual(rest, {
    token_in: 'BTC',
    token_out: 'SOL',
    max_hops: 3,
    limited: false,
    routes: [
      {
        tokens: ['BTC', 'USDC', 'SOL'],
        hops: [
          {
            token_in: 'BTC',
            token_out: 'USDC',
            pools: [
              { pool_id: 'BTC-USDC-25', x_for_y: true, status: 'active' },
              { pool_id: 'BTC-USDC-50', x_for_y: true, status: 'paused' },
            ],
          },
          { token_in: 'USDC', token_out: 'SOL', pools: [{ pool_id: 'SOL-USDC-25', x_for_y: false, status: 'active' }] },
        ],
      },
    ],
    source: 'redis',
  });
  const before = await topology(worker);
  await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'active'));
  await redis.command('SET', 'pool:BTC-USDC-25', '{"status":');
  const statuses = (await get(worker, '/routes?token_in=BTC&token_out=USDC')).body.routes[0].hops[0].pools.map(({ status }) => status);
  assert.deepEqual(statuses, [null, 'active'], 'of this moment; a value that cannot be read has none');
  const after = await topology(worker);
  assert.equal(after.rebuilds, before.rebuilds, 'a status is no reason to rebuild');
});

test('the status comes with one MGET of the pools', async () => {
  const { worker, redis } = await startMarket();
  await get(worker, '/routes?token_in=BTC&token_out=USDC');
  const monitor = await redis.monitor();
  await get(worker, '/routes?token_in=BTC&token_out=USDC');
  const mgets = (await monitor.commands()).filter(({ name }) => name === 'MGET');
  assert.deepEqual(mgets.at(-1).args, ['pool:BTC-USDC-25', 'pool:BTC-USDC-50']);
});

test('names what it refuses', async () => {
  const { worker } = await startMarket();
  for (const [query, code, status, field] of [
    ['token_in=BTC', 'INVALID_REQUEST', 400, 'token_out'],
    ['token_in=B:C&token_out=USDC', 'INVALID_REQUEST', 400, 'token_in'],
    ['token_in=BTC&token_out=USDC&max_hops=5', 'INVALID_REQUEST', 400, 'max_hops'],
    ['token_in=BTC&token_out=USDC&amount_in=1', 'INVALID_REQUEST', 400, 'amount_in'],
    ['token_in=BTC&token_in=BTC&token_out=USDC', 'INVALID_REQUEST', 400, 'token_in'],
    ['token_in=BTC&token_out=BTC', 'SAME_TOKEN', 400],
    ['token_in=BTC&token_out=DOGE', 'UNKNOWN_TOKEN', 404],
    ['token_in=BTC&token_out=SOL&max_hops=1', 'NO_ROUTE', 404],
  ]) {
    const details = assertRefused(await get(worker, `/routes?${query}`), code, status);
    if (field) assert.equal(details.field, field, query);
  }
});

test('a pool that appears or goes empties the cache whole, and the counters tell', async () => {
  const { worker, redis, quote } = await startMarket({ vars: { REDIS_POOL_CONFIG_CACHE_TTL: '0.2' } });
  await quote(ONE_BTC);
  await quote(ONE_BTC);
  await quote({ token_in: 'SOL', token_out: 'USDC', amount_in: 1 });
  const before = await topology(worker);
  assert.deepEqual([before.pools, before.tokens, before.route_pairs], [3, 3, 2]);
  assert.ok(before.route_hits >= 1 && before.route_misses >= 2 && before.route_bytes > 0);
  assert.ok(before.age_ms >= 0 && before.checked_ms_ago >= 0 && before.last_build_ms >= 0);
  assert.equal(before.route_hit_rate, before.route_hits / (before.route_hits + before.route_misses));

  const pool = JSON.parse(await redis.command('GET', 'pool:SOL-USDC-25'));
  const added = { ...pool, pool_id: 'ETH-USDC-25', token_x: 'ETH' };
  await redis.command('SET', 'pool:ETH-USDC-25', JSON.stringify(added));
  await redis.command('SADD', 'pools', 'ETH-USDC-25');
  const found = await eventually(async () => {
    const { status, body } = await get(worker, '/routes?token_in=ETH&token_out=BTC');
    return status === 200 ? body : undefined;
  }, 5_000);
  assert.deepEqual(found.routes[0].tokens, ['ETH', 'USDC', 'BTC']);
  const grown = await topology(worker);
  assert.deepEqual([grown.pools, grown.rebuilds, grown.route_pairs], [4, before.rebuilds + 1, 1]);

  await redis.command('DEL', 'pool:ETH-USDC-25');
  await redis.command('SREM', 'pools', 'ETH-USDC-25');
  await eventually(async () => ((await get(worker, '/routes?token_in=ETH&token_out=BTC')).status === 404 ? true : undefined), 5_000);
  const shrunk = await topology(worker);
  assert.deepEqual([shrunk.pools, shrunk.rebuilds], [3, before.rebuilds + 2]);
});
