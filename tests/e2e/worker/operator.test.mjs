// What operators switch on: their own calls, rate limits, and a data set of quotes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorker, upstashVars } from '../stack/index.mjs';
import { ONE_BTC, assertRefused, eventually, post, startMarket } from './market.mjs';

const TOKEN = 'operator-token-0123456789';

async function clear(worker, headers, method = 'POST') {
  const response = await worker.fetch('/admin/cache/clear', { method, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test('without the secret there is nothing at /admin/, whatever the method', async () => {
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' } });
  for (const method of ['POST', 'GET', 'PUT', 'OPTIONS']) {
    assertRefused(await clear(worker, { authorization: `Bearer ${TOKEN}` }, method), 'NOT_FOUND', 404);
  }
});

test('the operator alone clears the cache, and the next quote lists the pools anew', async () => {
  const { worker, quote } = await startMarket({ vars: { ADMIN_TOKEN: TOKEN } });
  await quote(ONE_BTC);
  const topology = async () => (await (await worker.fetch('/health')).json()).topology;
  const before = await eventually(async () => {
    const now = await topology();
    return now.listings >= 2 ? now : undefined;
  });
  for (const headers of [{}, { authorization: TOKEN }, { authorization: 'Bearer wrong' }, { authorization: `Bearer ${TOKEN}x` }, { authorization: `Basic ${TOKEN}` }]) {
    const refused = await clear(worker, headers);
    assertRefused(refused, 'UNAUTHORIZED', 401);
    assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
  }
  assert.equal((await topology()).route_pairs, before.route_pairs, 'a stranger clears nothing');
  const { status, body } = await clear(worker, { authorization: `Bearer ${TOKEN}` });
  assert.deepEqual([status, body.pools, body.route_pairs], [200, 3, 1]);
  assert.equal((await quote(ONE_BTC)).body.amount_out, 99900);
  const after = await topology();
  assert.ok(after.listings > before.listings);
  assert.equal(after.rebuilds, before.rebuilds, 'the pools are the same');
  assert.equal((await clear(worker, { authorization: `Bearer ${TOKEN}` }, 'GET')).status, 405);
  await worker.stop();
  assert.ok(!worker.logs().join('\n').includes(TOKEN));
});

test('a client beyond its limit is told to wait; others and health are not', async () => {
  const limited = { ratelimits: { RATE_LIMITER: { namespace_id: '1', simple: { limit: 3, period: 10 } } } };
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' }, bound: limited });
  const ask = async (client) => {
    const headers = { 'cf-connecting-ip': client };
    const response = await worker.fetch('/quote', { method: 'POST', headers, body: JSON.stringify(ONE_BTC) });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const statuses = [];
  let last;
  // A period may end in between, so ask until one is refused.
  for (let n = 0; n < 9 && last?.status !== 429; n += 1) {
    last = await ask('192.0.2.1');
    statuses.push(last.status);
  }
  assert.deepEqual(new Set(statuses.slice(0, 3)), new Set([200]));
  assert.equal(assertRefused(last, 'RATE_LIMITED', 429).retry_after, 10);
  assert.equal(last.headers.get('retry-after'), '10');
  assert.equal((await ask('192.0.2.2')).status, 200);
  for (let n = 0; n < 5; n += 1) assert.equal((await worker.fetch('/health')).status, 200);
});

/** A limiter that admits `limit` calls of each client, and writes every call down; it never forgets. */
const countingLimiter = (limit) => ({
  wrappedBindings: { RATE_LIMITER: { scriptName: 'limiter-stub' } },
  beside: { name: 'limiter-stub', modules: true, script: `const calls = {}; export default () => ({ async limit({ key }) { calls[key] = (calls[key] ?? 0) + 1; console.log("limit " + key); return { success: calls[key] <= ${limit} }; } });` },
});

async function limitedWorker(limit, vars = {}) {
  const { wrappedBindings, beside } = countingLimiter(limit);
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true', ...vars }, bound: { wrappedBindings }, beside: [beside] });
  const calls = () => worker.logs().filter((line) => line.startsWith('limit ')).map((line) => line.slice(6));
  return { worker, calls };
}

test('a batch counts once for every 10 quotes begun, and is refused if any count is', async () => {
  const { worker, calls } = await limitedWorker(25);
  const send = async (count, client) => {
    const body = JSON.stringify({ requests: Array(count).fill(ONE_BTC) });
    const response = await worker.fetch('/quotes', { method: 'POST', body, headers: { 'cf-connecting-ip': client } });
    return { status: response.status, body: await response.json() };
  };
  for (const [count, cost] of [[1, 1], [10, 1], [11, 2], [99, 10], [100, 10]]) {
    assert.equal((await send(count, `192.0.2.${count}`)).status, 200);
    await eventually(() => (calls().filter((key) => key === `192.0.2.${count}`).length === cost ? true : undefined));
  }
  assert.equal((await send(100, '192.0.2.1')).status, 200);
  assert.equal((await send(100, '192.0.2.1')).status, 200);
  assertRefused(await send(100, '192.0.2.1'), 'RATE_LIMITED', 429);
});

test('a client is an IPv4 address or an IPv6 network, and keys cannot be tried out at /metrics', async () => {
  const { worker, calls } = await limitedWorker(4, { API_KEYS: 'a-key-of-some-client' });
  const ask = async (path, client) => (await worker.fetch(path, { headers: { 'cf-connecting-ip': client, 'x-api-key': 'guess' } })).status;
  for (const client of ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:1:0:1:2:3', '2001:DB8:0:1::4']) assert.equal(await ask('/metrics', client), 401);
  assert.equal(await ask('/metrics', '2001:db8:0:1::5'), 429, 'the network has had its four');
  assert.equal(await ask('/metrics', '2001:db8:0:2::1'), 401);
  assert.equal(await ask('/tokens', '::ffff:192.0.2.9'), 401);
  assert.equal(await ask('/tokens', '192.0.2.9'), 401);
  await eventually(() => (calls().length >= 8 ? true : undefined));
  assert.deepEqual(new Set(calls()), new Set(['2001:db8:0:1::/64', '2001:db8:0:2::/64', '192.0.2.9']));
  assert.equal(await ask('/health', '2001:db8:0:1::5'), 200);
});

test('every quote becomes a row of the data set, and a data set that fails costs no quote', async () => {
  const stub = (body) => ({
    wrappedBindings: { QUOTES: { scriptName: 'quotes-stub' } },
    extra: { name: 'quotes-stub', modules: true, script: `export default () => ({ writeDataPoint(row) { ${body} } });` },
  });
  const { redis, gateway } = await startMarket();
  assert.ok(redis);
  const { wrappedBindings, extra } = stub('console.log("row " + JSON.stringify(row));');
  const worker = await startWorker({ vars: upstashVars(gateway), bound: { wrappedBindings }, beside: [extra] });
  const requests = [ONE_BTC, { ...ONE_BTC, token_out: 'SOL' }];
  const response = await worker.fetch('/quotes', { method: 'POST', body: JSON.stringify({ requests }) });
  const { request_id } = await response.json();
  assertRefused(await post(worker, { ...ONE_BTC, token_in: 'DOGE' }), 'UNKNOWN_TOKEN', 404);
  const rows = await eventually(() => {
    const found = worker.logs().filter((line) => line.startsWith('row ')).map((line) => JSON.parse(line.slice(4)));
    return found.length >= 2 ? found : undefined;
  });
  assert.deepEqual(rows.map(({ indexes }) => indexes), [['BTC-USDC'], ['BTC-SOL']]);
  assert.deepEqual(rows[1].blobs, ['BTC', 'SOL', 'exact_in', 'redis', request_id]);
  assert.equal(rows[1].doubles.length, 7);
  assert.deepEqual(rows[1].doubles.slice(2, 4), [1, 2], 'one route over two pools');

  const failing = stub('throw new Error("full");');
  const unlucky = await startWorker({ vars: upstashVars(gateway), bound: { wrappedBindings: failing.wrappedBindings }, beside: [failing.extra] });
  assert.equal((await post(unlucky, ONE_BTC)).body.amount_out, 99900);
  await eventually(() => (unlucky.logs().some((line) => line.includes('"event":"analytics"')) ? true : undefined));
});
