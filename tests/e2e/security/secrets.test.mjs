// Nothing that leaves the Worker or the gateway holds a secret: no answer, no header, no log line, however things go wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { send, startScriptedServer } from '../worker/scripted-server.mjs';
import { startGateway, startRedis, startWorker } from '../stack/index.mjs';
import { ONE_BTC, bendValue, dlmm, eventually } from '../worker/market.mjs';

const SECRETS = {
  token: 'hunter2-rest-token-9f8e7d6c5b4a',
  apiKey: 'hunter2-api-key-1a2b3c4d5e6f',
  admin: 'hunter2-admin-token-0f1e2d3c4b5a',
  password: 'hunter2-redis-password-77665544',
};
/** What a client got wrong may be a secret of its own. */
const CLIENTS_OWN = 'hunter2-clients-other-key-31415926';
const MARK = 'hunter2';

const BODY = JSON.stringify(ONE_BTC);
const key = { 'x-api-key': SECRETS.apiKey };

/** Good requests and bad ones, each with its headers. */
const REQUESTS = [
  ['GET', '/health', {}],
  ['GET', '/metrics', key],
  ['GET', '/snapshot', key],
  ['GET', '/pools', key],
  ['GET', '/tokens', { authorization: `Bearer ${SECRETS.apiKey}` }],
  ['GET', '/routes?token_in=BTC&token_out=SOL', key],
  ['GET', '/quote?token_in=BTC&token_out=USDC&amount_in=1&include_state=true', key],
  ['POST', '/quote', key, BODY],
  ['POST', '/quote', key, '{"token_in":'],
  ['POST', '/quote', key, JSON.stringify({ ...ONE_BTC, token_in: 'DOGE' })],
  ['POST', '/quotes', key, JSON.stringify({ requests: [ONE_BTC, {}] })],
  ['POST', '/quote', { 'x-api-key': CLIENTS_OWN }, BODY],
  ['POST', '/quote', { authorization: `Bearer ${CLIENTS_OWN}` }, BODY],
  ['GET', `/quote?api_key=${CLIENTS_OWN}`, {}],
  ['POST', '/admin/cache/clear', { authorization: `Bearer ${SECRETS.admin}` }],
  ['POST', '/admin/cache/clear', { authorization: `Bearer ${CLIENTS_OWN}` }],
  ['OPTIONS', '/quote', { ...key, origin: 'https://app.example' }],
  ['DELETE', '/quote', key],
  ['GET', '/nothing', key],
];

const settings = (url) => ({
  UPSTASH_REDIS_REST_URL: url,
  UPSTASH_REDIS_REST_TOKEN: SECRETS.token,
  API_KEYS: SECRETS.apiKey,
  ADMIN_TOKEN: SECRETS.admin,
  // The most that is ever written.
  LOG_LEVEL: 'debug',
  REDIS_SOCKET_TIMEOUT: '1',
  REDIS_MAX_RETRIES: '1',
});

/**
 * A refusal that leaves a body unread may close the connection behind it, just when the next request goes out on it. Then
 * that one goes out anew.
 */
async function askOnce(worker, path, request) {
  try {
    return await worker.fetch(path, request);
  } catch (error) {
    if (error.cause?.code !== 'ECONNRESET') throw error;
    return worker.fetch(path, request);
  }
}

/** Sends all requests; gives everything that came back, and the statuses. */
async function askAll(worker) {
  const seen = [];
  const statuses = new Set();
  for (const [method, path, headers, body] of REQUESTS) {
    const response = await askOnce(worker, path, { method, headers, body });
    statuses.add(response.status);
    seen.push(`${method} ${path.split('?')[0]}\n${JSON.stringify([...response.headers])}\n${await response.text()}`);
  }
  return { seen, statuses };
}

function assertClean(texts, where) {
  for (const text of texts) {
    const at = text.toLowerCase().indexOf(MARK);
    assert.equal(at, -1, `${where}: ${text.slice(Math.max(0, at - 200), at + 60)}`);
  }
}

test('with Redis well, with broken values, and with Redis gone', async () => {
  const redis = await startRedis({ password: SECRETS.password });
  await dlmm(['seed'], { env: { ...process.env, REDIS_URL: redis.url } });
  const gateway = await startGateway({ redisUrl: redis.url, token: SECRETS.token });
  const worker = await startWorker({ vars: settings(gateway.url), site: true });

  const well = await askAll(worker);
  for (const status of [200, 204, 400, 401, 404, 405]) assert.ok(well.statuses.has(status), String(status));
  await bendValue(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.price = -1));
  await redis.command('SET', 'pool:BTC-USDC-50', '{"pool_id":');
  const broken = await askAll(worker);
  await redis.stop();
  const gone = await askAll(worker);
  assert.ok([...gone.statuses].some((status) => status >= 500));
  await gateway.stop();
  const cutOff = await askAll(worker);
  assert.ok([...cutOff.statuses].some((status) => status >= 500));

  // The log is complete once the last request is in it.
  await eventually(() => (worker.logs().some((line) => line.includes('/nothing')) ? true : undefined));
  await worker.stop();
  assert.ok(worker.logs().length > REQUESTS.length * 4, 'the log says something');
  assertClean([...well.seen, ...broken.seen, ...gone.seen, ...cutOff.seen], 'answer');
  assertClean(worker.logs(), 'log of the Worker');
  assertClean(gateway.log, 'log of the gateway');
  assertClean(redis.log, 'log of Redis');
});

test('with a Redis that repeats the token in everything it says', async () => {
  // An upstream that fails may show what it was sent: its words must not pass.
  const echo = `denied: ${SECRETS.token}`;
  const faults = [
    [401, JSON.stringify({ error: echo })],
    [400, JSON.stringify({ error: `WRONGPASS ${echo}` })],
    [403, echo],
    [429, JSON.stringify({ error: echo })],
    [500, `<html>${echo}</html>`],
    [200, JSON.stringify({ result: echo })],
    [200, JSON.stringify([{ error: `NOPERM ${echo}` }])],
    [200, `${echo}`],
    [302, echo],
  ];
  for (const [status, text] of faults) {
    const upstream = await startScriptedServer((_, response) => send(response, status, text, { location: `/${SECRETS.token}`, 'x-echo': SECRETS.token }));
    const worker = await startWorker({ vars: settings(upstream.url) });
    const { seen, statuses } = await askAll(worker);
    assert.ok([...statuses].some((given) => given >= 500), `${status} ${text}`);
    await worker.stop();
    assertClean(seen, `answer over ${status}`);
    assertClean(worker.logs(), `log over ${status}`);
  }
});

test('with settings that cannot be used', async () => {
  const sound = settings('http://127.0.0.1:1');
  const bent = [
    { UPSTASH_REDIS_REST_URL: `https://user:${SECRETS.password}@db.example` },
    { UPSTASH_REDIS_REST_URL: `rediss://default:${SECRETS.password}@db.example:6379` },
    { UPSTASH_REDIS_REST_TOKEN: `"${SECRETS.token}"` },
    { API_KEYS: `${SECRETS.apiKey},a ${SECRETS.apiKey}` },
    { API_KEYS: SECRETS.admin },
    { ADMIN_TOKEN: `${SECRETS.admin} ${SECRETS.admin}` },
    { ALLOWED_ORIGINS: `https://${SECRETS.apiKey}.example/` },
  ];
  for (const change of bent) {
    const worker = await startWorker({ vars: { ...sound, ...change } });
    const { seen, statuses } = await askAll(worker);
    assert.deepEqual([...statuses], [500], JSON.stringify(Object.keys(change)));
    await worker.stop();
    assertClean(seen, 'answer');
    assertClean(worker.logs(), 'log');
  }
});
