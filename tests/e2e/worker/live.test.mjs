// What happens in Redis is in the very next answer, and a Redis that is gone gives no numbers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ONE_BTC, assertRefused, bendValue, eventually, startMarket } from './market.mjs';

const SLOWER_THAN_TTL = 2_100;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test('a moved active bin and a changed price are in the very next answer', async () => {
  const { redis, quote } = await startMarket();
  await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
  assert.equal((await quote(ONE_BTC)).body.amount_out, 99900.0);

  await bendValue(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.price = 90000.0));
  const cheaper = await quote(ONE_BTC);
  assert.equal(cheaper.body.amount_out, 89910.0);
  assert.deepEqual(cheaper.body.warnings.map(({ code, key }) => [code, key]), [['STATE_SUSPECT', 'bin:BTC-USDC-25:500']]);
  assertRefused(await quote({ ...ONE_BTC, strict: true }), 'STATE_INVALID', 502);

  await bendValue(redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 490));
  const moved = await quote(ONE_BTC);
  assert.equal(moved.body.steps[0].bin_id, 490);
  assert.equal(moved.body.state.pools[0].active_bin_id, 490);
  // Far outside of what was read before: the read is repeated around the new place, and only bins there count.
  await bendValue(redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 900));
  const far = await quote(ONE_BTC);
  assert.equal(far.status, 422, JSON.stringify(far.body));
  await bendValue(redis, 'pool:BTC-USDC-25', (pool) => (pool.status = 'inactive'));
  assertRefused(await quote(ONE_BTC), 'NO_ROUTE', 404);
});

for (const listed of [true, false]) {
  test(`a new pool is routable within 2 s plus one request, ${listed ? 'with' : 'without'} the pools set`, async () => {
    const { redis, quote } = await startMarket({
      prepare: async (redis) => {
        if (!listed) await redis.command('DEL', 'pools');
      },
    });
    const btcToEth = { token_in: 'BTC', token_out: 'ETH', amount_in: 1 };
    const btcToUsdc = { ...ONE_BTC, amount_in: '2' };
    assertRefused(await quote(btcToEth), 'UNKNOWN_TOKEN', 404);
    const before = (await quote(btcToUsdc)).body.amount_out;

    const pool = JSON.parse(await redis.command('GET', 'pool:BTC-USDC-25'));
    const bin = JSON.parse(await redis.command('GET', 'bin:BTC-USDC-25:500'));
    const commands = [];
    // One pool with a new token, and one of an old pair with a better price.
    for (const [pool_id, token_y, price] of [['BTC-ETH-1', 'ETH', 25.0], ['BTC-USDC-1', 'USDC', 200000.0]]) {
      commands.push(['SET', `pool:${pool_id}`, JSON.stringify({ ...pool, pool_id, token_y })]);
      commands.push(['SET', `bin:${pool_id}:500`, JSON.stringify({ ...bin, pool_id, price })]);
      if (listed) commands.push(['SADD', 'pools', pool_id]);
    }
    await redis.transaction(commands);
    await wait(SLOWER_THAN_TTL);
    // An unknown token is looked for at once; a better pool of a known pair from the request after.
    assert.equal((await quote(btcToEth)).body.amount_out, 24.975);
    const better = await eventually(async () => {
      const { body } = await quote(btcToUsdc);
      return body.amount_out > before * 1.5 ? body : undefined;
      // The check runs behind the answer before; a busy machine may take its time.
    }, 5_000);
    assert.equal(better.routes[0].hops[0].pool_id, 'BTC-USDC-1');

    await redis.command('DEL', 'pool:BTC-USDC-1');
    const gone = await quote(btcToUsdc);
    assert.equal(gone.body.amount_out, before, 'a pool without a value is out at once');
  });
}

test('a pool that only its own keys tell of is found as well', async () => {
  const { redis, quote } = await startMarket();
  assertRefused(await quote({ token_in: 'BTC', token_out: 'STX', amount_in: 1 }), 'UNKNOWN_TOKEN', 404);
  const pool = JSON.parse(await redis.command('GET', 'pool:BTC-USDC-25'));
  const bin = JSON.parse(await redis.command('GET', 'bin:BTC-USDC-25:500'));
  await redis.command('SET', 'pool:NEW', JSON.stringify({ ...pool, pool_id: 'NEW', token_y: 'STX' }));
  await redis.command('SET', 'bin:NEW:500', JSON.stringify({ ...bin, pool_id: 'NEW' }));
  await wait(SLOWER_THAN_TTL);
  const { status } = await quote({ token_in: 'BTC', token_out: 'STX', amount_in: 1 });
  assert.equal(status, 200);
});

test('a pool value that is mended in its place is seen, though no counter in Redis moves', async () => {
  let whole;
  const { redis, quote } = await startMarket({
    prepare: async (redis) => {
      whole = await redis.command('GET', 'pool:SOL-USDC-25');
      await redis.command('SET', 'pool:SOL-USDC-25', whole.slice(0, 50));
    },
  });
  const solToUsdc = { token_in: 'SOL', token_out: 'USDC', amount_in: 1 };
  assert.equal((await quote(ONE_BTC)).status, 200);
  assertRefused(await quote(solToUsdc), 'STATE_INVALID', 502);
  // The listing that completes the first one has ended, and saw the broken value.
  await wait(SLOWER_THAN_TTL);
  await redis.command('SET', 'pool:SOL-USDC-25', whole);
  await wait(SLOWER_THAN_TTL);
  assert.equal((await quote(solToUsdc)).status, 200);
});

test('a pool that changes its tokens or decimals is quoted by the new ones at once', async () => {
  const { redis, quote } = await startMarket();
  assert.equal((await quote({ token_in: 'SOL', token_out: 'USDC', amount_in: 1 })).body.amount_out, 199.8);
  await bendValue(redis, 'pool:SOL-USDC-25', (pool) => (pool.token_x_decimals = 3));
  const { body } = await quote({ token_in: 'SOL', token_out: 'USDC', amount_in_atomic: '1000' });
  assert.deepEqual([body.amount_in, body.amount_out], [1, 199.8]);
  await bendValue(redis, 'pool:SOL-USDC-25', (pool) => (pool.token_x = 'ETH'));
  assertRefused(await quote({ token_in: 'SOL', token_out: 'USDC', amount_in: 1 }), 'UNKNOWN_TOKEN', 404);
});

test('a stopped Redis gives an error within the deadline, and quotes come back with it', async () => {
  const deadlineMs = 2_000;
  const { redis, worker, quote } = await startMarket({ vars: { REDIS_SOCKET_TIMEOUT: String(deadlineMs / 1_000) } });
  assert.equal((await quote(ONE_BTC)).status, 200);
  const health = async () => (await worker.fetch('/health')).status;
  assert.equal(await health(), 200);

  const keep = await redis.command('GET', 'pool:BTC-USDC-25');
  assert.ok(keep);
  const keys = await redis.command('KEYS', '*');
  const values = new Map();
  for (const key of keys) {
    if ((await redis.command('TYPE', key)) === 'string') values.set(key, await redis.command('GET', key));
  }
  await redis.stop();
  for (let round = 0; round < 3; round += 1) {
    const started = Date.now();
    const answer = await quote(ONE_BTC);
    assert.ok([503, 504].includes(answer.status), JSON.stringify(answer.body));
    assertRefused(answer, answer.status === 503 ? 'REDIS_UNAVAILABLE' : 'REDIS_TIMEOUT', answer.status);
    // Generous: a busy machine may be slow to run anything at all.
    assert.ok(Date.now() - started < deadlineMs + 3_000);
  }
  assert.equal(await health(), 503);

  await redis.restart();
  await redis.transaction([...values].map(([key, value]) => ['SET', key, value]));
  const back = await eventually(async () => {
    const answer = await quote(ONE_BTC);
    return answer.status === 200 ? answer.body : undefined;
  });
  assert.equal(back.amount_out, 99900.0);
  assert.equal(back.state.source, 'redis');
});

test('an empty Redis knows no token, and a Redis that fills up is seen', async () => {
  const { redis, quote } = await startMarket({ prepare: (redis) => redis.command('FLUSHALL').then(() => undefined) });
  assertRefused(await quote(ONE_BTC), 'UNKNOWN_TOKEN', 404);
  const { dlmm } = await import('./market.mjs');
  await dlmm(['seed', '--redis', redis.url]);
  await wait(SLOWER_THAN_TTL);
  assert.equal((await quote(ONE_BTC)).body.amount_out, 99900.0);
});

test('the sample answers only where it is switched on, and says so', async () => {
  const { redis, quote } = await startMarket({ vars: { REDIS_FALLBACK_TO_MOCK: 'true', REDIS_SOCKET_TIMEOUT: '1' } });
  assert.equal((await quote(ONE_BTC)).body.state.source, 'redis');
  await redis.stop();
  const { body } = await quote(ONE_BTC);
  assert.equal(body.state.source, 'sample');
  assert.deepEqual(body.warnings.map(({ code }) => code), ['SAMPLE_STATE']);
  // A refusal that has nothing to do with Redis being away stays a refusal.
  assertRefused(await quote({ ...ONE_BTC, token_out: 'XYZ' }), 'UNKNOWN_TOKEN', 404);
});

test('lists and routes are never of Redis while the sample gives the values', async () => {
  const fallback = { REDIS_FALLBACK_TO_MOCK: 'true', REDIS_SOCKET_TIMEOUT: '1' };
  const { redis, worker, quote } = await startMarket({ vars: fallback });
  const pool = JSON.parse(await redis.command('GET', 'pool:BTC-USDC-25'));
  await redis.command('SET', 'pool:FOO-1', JSON.stringify({ ...pool, pool_id: 'FOO-1', token_x: 'FOO', token_y: 'BTC' }));
  await redis.command('SADD', 'pools', 'FOO-1');
  const get = async (path) => (await worker.fetch(path)).json();
  const routes = () => get('/routes?token_in=BTC&token_out=FOO');
  assert.equal((await routes()).routes[0].hops[0].pools[0].pool_id, 'FOO-1');
  await redis.stop();
  // The list may still be trusted, the values are gone.
  assert.equal((await routes()).error?.code, 'UNKNOWN_TOKEN');
  await wait(SLOWER_THAN_TTL);
  // Quotes begin a check of the list, which learns nothing.
  for (let round = 0; round < 3; round += 1) {
    assert.equal((await quote(ONE_BTC)).body.state.source, 'sample');
    for (const path of ['/tokens', '/pairs']) assert.equal((await get(path)).source, 'sample', path);
  }
});
