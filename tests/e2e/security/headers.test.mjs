// What every answer says to browsers and caches, and what it does not say of the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ONE_BTC, startMarket } from '../worker/market.mjs';
import { startWorker, upstashVars } from '../stack/index.mjs';

const LISTED = 'https://app.example';

/** Names that would tell strangers what runs here. */
const LEAKS = ['server', 'x-powered-by', 'via', 'x-aspnet-version', 'x-generator'];

const { worker, vars } = await startMarket({ site: true });

const ANSWERS = [
  ['GET', '/quote?token_in=BTC&token_out=USDC&amount_in=1'],
  ['POST', '/quote', JSON.stringify(ONE_BTC)],
  ['POST', '/quote', '{'],
  ['POST', '/quote', ' '.repeat(70_000)],
  ['HEAD', '/pools'],
  ['GET', '/tokens'],
  ['GET', '/metrics'],
  ['GET', '/health'],
  ['GET', '/nothing'],
  ['DELETE', '/quote'],
  ['OPTIONS', '/quote'],
  ['GET', '/admin/cache/clear'],
];

test('every answer of the API may be kept by nobody, framed by nobody, and is what it says it is', async () => {
  for (const [method, path, body] of ANSWERS) {
    const { headers } = await worker.fetch(path, { method, body });
    const where = `${method} ${path}`;
    assert.equal(headers.get('x-content-type-options'), 'nosniff', where);
    assert.equal(headers.get('referrer-policy'), 'no-referrer', where);
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'", where);
    assert.equal(headers.get('cache-control'), 'no-store', where);
    assert.equal(headers.get('cross-origin-resource-policy'), 'cross-origin', where);
    for (const name of LEAKS) assert.equal(headers.get(name), null, `${where}: ${name}`);
    assert.equal(headers.get('set-cookie'), null, where);
  }
});

test('a snapshot may be kept and is asked for again; a 304 has the same headers', async () => {
  const first = await worker.fetch('/snapshot');
  const etag = first.headers.get('etag');
  const again = await worker.fetch('/snapshot', { headers: { 'if-none-match': etag } });
  assert.deepEqual([first.status, again.status], [200, 304]);
  for (const { headers } of [first, again]) {
    assert.equal(headers.get('cache-control'), 'no-cache');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
  }
});

test('settings that cannot be used are refused under the same headers', async () => {
  const broken = await startWorker({ vars: {} });
  const { status, headers } = await broken.fetch('/quote');
  assert.equal(status, 500);
  for (const [name, text] of [['cache-control', 'no-store'], ['x-content-type-options', 'nosniff'], ['referrer-policy', 'no-referrer']]) {
    assert.equal(headers.get(name), text);
  }
});

test('files allow no script but their own, no frame, no form and no device', async () => {
  for (const path of ['/', '/docs', '/service-worker.js', '/openapi.json', '/icon.svg']) {
    const { headers } = await worker.fetch(path);
    const policy = new Map(headers.get('content-security-policy').split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1)]));
    for (const name of ['default-src', 'base-uri', 'form-action', 'frame-ancestors']) assert.deepEqual(policy.get(name), ["'none'"], `${path}: ${name}`);
    assert.deepEqual(policy.get('script-src'), ["'self'", "'wasm-unsafe-eval'"], path);
    assert.ok(![...policy.values()].flat().some((word) => ["'unsafe-inline'", "'unsafe-eval'", '*', 'https:', 'http:'].includes(word)), path);
    assert.match(headers.get('permissions-policy'), /camera=\(\).*geolocation=\(\).*microphone=\(\).*payment=\(\)/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin', path);
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', path);
    for (const name of LEAKS) assert.equal(headers.get(name), null, `${path}: ${name}`);
  }
});

test('with a list, only its origins may read, letter by letter, and caches are told', async () => {
  const listed = await startWorker({ vars: { ...vars, ALLOWED_ORIGINS: `${LISTED}, http://localhost:3000` } });
  const others = ['null', 'https://app.example.evil', 'https://evil.example', 'http://app.example', 'https://app.example:8443', 'https://APP.example', `${LISTED}/`, '*', 'https://sub.app.example'];
  for (const path of ['/tokens', '/nothing', '/quote?token_in=BTC']) {
    for (const origin of others) {
      const { headers } = await listed.fetch(path, { headers: { origin } });
      assert.equal(headers.get('access-control-allow-origin'), null, origin);
      assert.equal(headers.get('vary'), 'origin');
      assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    }
    const { headers } = await listed.fetch(path, { headers: { origin: LISTED } });
    assert.equal(headers.get('access-control-allow-origin'), LISTED);
    assert.equal(headers.get('vary'), 'origin');
    assert.equal(headers.get('access-control-allow-credentials'), null);
  }
  for (const origin of [LISTED, 'null']) {
    const { status, headers } = await listed.fetch('/quote', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    assert.equal(status, 204);
    assert.equal(headers.get('access-control-allow-methods') !== null, origin === LISTED);
    assert.equal(headers.get('access-control-allow-credentials'), null);
  }
});

test('without a list any origin may read, and none with credentials', async () => {
  for (const origin of [LISTED, 'null']) {
    const { headers } = await worker.fetch('/tokens', { headers: { origin, cookie: 'session=1' } });
    assert.equal(headers.get('access-control-allow-origin'), '*');
    assert.equal(headers.get('access-control-allow-credentials'), null);
  }
});
