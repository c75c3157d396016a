// The site beside the API: which path goes where, and under which policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMarket } from './market.mjs';

const { worker } = await startMarket({ site: true });
const get = (path, init) => worker.fetch(path, { redirect: 'manual', ...init });

test('pages are files, everything else is the API', async () => {
  for (const [path, type] of [['/', 'text/html'], ['/docs', 'text/html'], ['/openapi.json', 'application/json'], ['/service-worker.js', 'text/javascript']]) {
    const response = await get(path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get('content-type').split(';')[0], type, path);
    assert.equal(response.headers.get('x-request-id'), null, `${path} does not run the Worker`);
  }
  for (const path of ['/quote?token_in=BTC&token_out=USDC&amount_in=1', '/pools', '/pools/BTC-USDC-25', '/pairs', '/tokens', '/health', '/snapshot']) {
    const response = await get(path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get('content-type'), 'application/json', path);
    assert.match(response.headers.get('x-request-id'), /^[0-9a-f]{32}$/, path);
  }
  const missing = await get('/nothing-here');
  assert.equal(missing.status, 404);
  assert.equal((await missing.json()).error.code, 'NOT_FOUND');
  const posted = await get('/quote', { method: 'POST', body: '{"token_in":"BTC","token_out":"USDC","amount_in":1}' });
  assert.equal((await posted.json()).amount_out_atomic, '99900000000');
});

test('pages run no script and no style but their own', async () => {
  for (const path of ['/', '/docs', '/service-worker.js']) {
    const { headers } = await get(path);
    const policy = new Map(headers.get('content-security-policy').split('; ').map((rule) => [rule.split(' ')[0], rule]));
    assert.equal(policy.get('default-src'), "default-src 'none'");
    assert.equal(policy.get('script-src'), "script-src 'self' 'wasm-unsafe-eval'");
    assert.equal(policy.get('style-src'), "style-src 'self'");
    assert.equal(policy.get('connect-src'), "connect-src 'self'");
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
  }
});

test('files that change their name with their content are kept, pages are asked for again', async () => {
  assert.equal((await get('/')).headers.get('cache-control'), 'no-cache');
  const page = await (await get('/')).text();
  const scripts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  assert.equal(scripts.length, 3);
  for (const path of scripts) {
    assert.equal((await get(path)).headers.get('cache-control'), 'public, max-age=31536000, immutable', path);
  }
});
