// API keys: which paths ask for one, and which one they take.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ONE_BTC, assertRefused, startMarket } from '../worker/market.mjs';
import { startWorker, upstashVars } from '../stack/index.mjs';

const SPRING = 'key-of-the-spring-0001';
const AUTUMN = 'key-of-the-autumn-0002';
const OPERATOR = 'operator-token-0123456789';

const QUERY = '/quote?token_in=BTC&token_out=USDC&amount_in=1';
const BODY = JSON.stringify(ONE_BTC);
const CLOSED = [
  ['GET', QUERY],
  ['POST', '/quote', BODY],
  ['POST', '/quotes', JSON.stringify({ requests: [ONE_BTC] })],
  ['GET', '/routes?token_in=BTC&token_out=USDC'],
  ['GET', '/pools'],
  ['GET', '/pools/BTC-USDC-25'],
  ['GET', '/pairs'],
  ['GET', '/tokens'],
  ['GET', '/snapshot'],
  ['GET', '/metrics'],
];

const { worker } = await startMarket({ site: true, vars: { API_KEYS: `${SPRING},${AUTUMN}`, ADMIN_TOKEN: OPERATOR } });
const ask = (method, path, headers, body) => worker.fetch(path, { method, body, headers });

test('every path that tells of the market asks for a key, and takes each of them either way', async () => {
  for (const [method, path, body] of CLOSED) {
    const refused = await ask(method, path, {}, body);
    assert.equal(refused.headers.get('www-authenticate'), 'Bearer', path);
    assertRefused({ status: refused.status, body: await refused.json() }, 'UNAUTHORIZED', 401);
    for (const headers of [{ 'x-api-key': SPRING }, { 'x-api-key': AUTUMN }, { authorization: `Bearer ${SPRING}` }, { authorization: `bearer ${AUTUMN}` }]) {
      const answer = await ask(method, path, headers, body);
      assert.equal(answer.status, 200, `${method} ${path} ${JSON.stringify(headers)}`);
      await answer.text();
    }
  }
});

test('a key that is not on the list opens nothing', async () => {
  const wrong = [
    { 'x-api-key': '' },
    { 'x-api-key': SPRING.slice(0, -1) },
    { 'x-api-key': `${SPRING}x` },
    { 'x-api-key': SPRING.toUpperCase() },
    { 'x-api-key': `${SPRING},${AUTUMN}` },
    { 'x-api-key': OPERATOR },
    { authorization: SPRING },
    { authorization: `Basic ${SPRING}` },
    { authorization: `Bearer ${OPERATOR}` },
    { cookie: `x-api-key=${SPRING}` },
  ];
  for (const headers of wrong) {
    const answer = await ask('GET', QUERY, headers);
    assert.equal(answer.status, 401, JSON.stringify(headers));
    await answer.text();
  }
  // In an address a key would end up in logs and histories.
  for (const name of ['api_key', 'x-api-key', 'key']) assert.equal((await ask('GET', `${QUERY}&${name}=${SPRING}`)).status, 401);
});

test('health, pages, the description and preflights are open', async () => {
  for (const path of ['/health', '/', '/docs', '/openapi.json']) assert.equal((await ask('GET', path)).status, 200, path);
  assert.equal((await ask('GET', '/nothing')).status, 404);
  assert.equal((await ask('DELETE', '/quote')).status, 405);
  const preflight = await ask('OPTIONS', '/quote', {
    origin: 'https://app.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization, x-api-key',
  });
  assert.equal(preflight.status, 204);
  for (const name of ['authorization', 'x-api-key']) assert.ok(preflight.headers.get('access-control-allow-headers').split(', ').includes(name));
});

test('a refusal may be read by a page, so that it can ask for the key', async () => {
  const answer = await ask('GET', QUERY, { origin: 'https://app.example' });
  assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [401, '*']);
});

test('the operator keeps a token of their own', async () => {
  const clear = async (token) => (await ask('POST', '/admin/cache/clear', { authorization: `Bearer ${token}` })).status;
  assert.deepEqual([await clear(SPRING), await clear(OPERATOR)], [401, 200]);
});

test('a list of keys that protects nothing serves nothing', async () => {
  for (const keys of ['', 'short', `${OPERATOR},${SPRING}`]) {
    const vars = { ...upstashVars({ url: 'http://127.0.0.1:1', token: 't' }), API_KEYS: keys, ADMIN_TOKEN: OPERATOR };
    const closed = await startWorker({ vars });
    const answer = await closed.fetch(QUERY, { headers: { 'x-api-key': keys } });
    assert.deepEqual(assertRefused({ status: answer.status, body: await answer.json() }, 'CONFIG_INVALID', 500), { setting: 'API_KEYS' });
    await closed.stop();
  }
});
