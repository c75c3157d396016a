// /health tells the truth, and /metrics counts what was done.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { ONE_BTC, bendValue, dlmm, eventually, startMarket } from './market.mjs';

async function health(worker) {
  const response = await worker.fetch('/health');
  return { status: response.status, ...(await response.json()), timing: response.headers.get('server-timing') };
}

const told = async (worker) => {
  const response = await worker.fetch('/health');
  const body = await response.json();
  return [response.status, body.status, body.problems];
};

test('up: Redis, the age of the data, the caches', async () => {
  const { worker, redis, quote } = await startMarket();
  await quote(ONE_BTC);
  await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.last_updated = new Date(Date.now() - 3_600_000).toISOString()));
  await bendValue(redis, 'pool:SOL-USDC-25', (pool) => delete pool.last_updated);
  const body = await health(worker);
  assert.deepEqual(await told(worker), [200, 'ok', []]);
  assert.match(body.redis.version, /^\d+\.\d+/);
  assert.ok(body.redis.reachable && body.redis.used_memory_bytes > 100_000 && body.redis.connected_clients >= 1);
  assert.ok(body.redis.uptime_seconds >= 0 && body.redis.ping_ms >= 0 && body.redis.keys === 313);
  assert.ok(body.data.newest_age_ms < 60_000 && body.data.oldest_age_ms >= 3_600_000);
  assert.deepEqual([body.data.pools_read, body.data.unknown_age, body.data.broken], [3, 1, 0]);
  assert.deepEqual([body.topology.pools, body.topology.route_pairs], [3, 1]);
  assert.match(body.timing, /^redis;dur=[\d.]+, total;dur=[\d.]+$/);
});

test('a user who may only read is told apart from a fault', async () => {
  const market = await startMarket({
    prepare: async (redis) => {
      await redis.command('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '+@read', '-scan', '-keys', '-dbsize');
      const url = new URL(redis.url);
      [url.username, url.password] = ['reader', 'secret'];
      return url.toString();
    },
  });
  const body = await health(market.worker);
  assert.deepEqual(await told(market.worker), [200, 'ok', []]);
  assert.deepEqual([body.redis.reachable, body.redis.keys, body.redis.version], [true, null, null]);
});

test('slow, refused, empty, stopped: down, each by its code', async () => {
  const redis = await startRedis();
  const gateway = await startGateway({ redisUrl: redis.url });
  const vars = { ...upstashVars(gateway), REDIS_SOCKET_TIMEOUT: '0.5', REDIS_MAX_RETRIES: '0' };
  const worker = await startWorker({ vars });
  assert.deepEqual(await told(worker), [503, 'down', ['UNKNOWN_TOKEN']], 'a Redis without pools serves no quote');
  await dlmm(['seed', '--redis', redis.url]);
  assert.deepEqual((await told(await startWorker({ vars }))).slice(0, 2), [200, 'ok']);
  const stranger = await startWorker({ vars: { ...vars, UPSTASH_REDIS_REST_TOKEN: 'wrong' } });
  assert.deepEqual(await told(stranger), [503, 'down', ['REDIS_AUTH']]);
  await redis.command('CLIENT', 'PAUSE', '2000', 'ALL');
  assert.deepEqual(await told(worker), [503, 'down', ['REDIS_TIMEOUT']]);
  await redis.stop();
  const [status, word, problems] = await told(worker);
  assert.deepEqual([status, word], [503, 'down']);
  assert.ok(['REDIS_UNAVAILABLE', 'REDIS_TIMEOUT'].includes(problems[0]), problems);
});

test('old data matters only where a limit is set', async () => {
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const age = async (redis, ...ids) => {
    for (const id of ids) await bendValue(redis, `pool:${id}`, (pool) => (pool.last_updated = anHourAgo));
  };
  const market = await startMarket({ vars: { MAX_STATE_AGE_MS: '600000' } });
  assert.deepEqual(await told(market.worker), [200, 'ok', []]);
  await age(market.redis, 'BTC-USDC-50');
  assert.deepEqual(await told(market.worker), [200, 'degraded', ['STALE_STATE']]);
  await age(market.redis, 'BTC-USDC-25', 'SOL-USDC-25');
  assert.deepEqual(await told(market.worker), [503, 'down', ['STALE_STATE']]);
});

test('the sample stands in: degraded, not down', async () => {
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' } });
  assert.deepEqual(await told(worker), [200, 'degraded', ['CONFIG_INVALID']]);
});

test('/metrics counts requests, refusals, quotes and Redis commands of this isolate', async () => {
  const { worker, quote } = await startMarket();
  for (let n = 0; n < 3; n += 1) assert.equal((await quote(ONE_BTC)).status, 200);
  assert.equal((await quote({ ...ONE_BTC, token_in: 'DOGE' })).status, 404);
  await worker.fetch('/pools/BTC-USDC-25');
  await worker.fetch('/no/such/path');
  const response = await worker.fetch('/metrics');
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const lines = (await response.text()).trimEnd().split('\n');
  const value = (series) => Number(lines.find((line) => line.startsWith(`${series} `))?.slice(series.length + 1));
  assert.equal(value('dlmm_requests_total{path="/quote",method="POST",status="200"}'), 3);
  assert.equal(value('dlmm_requests_total{path="/quote",method="POST",status="404"}'), 1);
  assert.equal(value('dlmm_requests_total{path="/pools/{id}",method="GET",status="200"}'), 1);
  assert.equal(value('dlmm_requests_total{path="other",method="GET",status="404"}'), 1, 'paths that are none make no series');
  assert.equal(value('dlmm_errors_total{code="UNKNOWN_TOKEN"}'), 1);
  assert.equal(value('dlmm_quotes_total{mode="exact_in",source="redis"}'), 3);
  assert.equal(value('dlmm_topology_pools'), 3);
  assert.ok(value('dlmm_redis_commands_total') >= 3 && value('dlmm_redis_received_bytes_total') > 20_000);
  const named = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(/[{ ]/)[0].replace(/_(bucket|sum|count)$/, ''));
  for (const name of new Set(named)) {
    assert.ok(lines.some((line) => line.startsWith(`# HELP ${name} `)), `${name} says what it is`);
    assert.ok(lines.some((line) => line.startsWith(`# TYPE ${name} `)), `${name} has a type`);
  }
});

test('a pool value that broke in place is left out by name at once, and gone once it is mended', async () => {
  const { worker, redis, quote } = await startMarket();
  await quote(ONE_BTC);
  const text = await redis.command('GET', 'pool:BTC-USDC-25');
  await redis.command('SET', 'pool:BTC-USDC-25', 'not json');
  const { data, left_out } = await health(worker);
  assert.deepEqual([data.broken, left_out.count, left_out.first.map(({ key }) => key)], [1, 1, ['pool:BTC-USDC-25']]);
  const [skipped] = (await quote(ONE_BTC)).body.warnings.filter(({ code }) => code === 'POOL_SKIPPED');
  assert.deepEqual((await health(worker)).left_out.first, [{ key: skipped.key, reason: skipped.reason }]);
  await redis.command('SET', 'pool:BTC-USDC-25', text);
  await eventually(async () => ((await health(worker)).left_out.count === 0 ? true : undefined));
});
