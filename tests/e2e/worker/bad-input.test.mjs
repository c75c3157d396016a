// Bad requests and bad stored values: each has its code and status, and loses nothing else.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ONE_BTC, assertRefused, bendValue, post, startMarket } from './market.mjs';

let market;
before(async () => {
  market = await startMarket();
});

const field = (name) => ({ field: name });

const BAD_BODIES = [
  ['an empty body', '', 'body'],
  ['no JSON', 'token_in=BTC', 'body'],
  ['cut off', '{"token_in":"BTC"', 'body'],
  ['a list', '[]', 'body'],
  ['no fields', '{}', 'token_in'],
  ['token_out missing', '{"token_in":"BTC","amount_in":1}', 'token_out'],
  ['no amount', '{"token_in":"BTC","token_out":"USDC"}', 'amount_in'],
  ['a field of another type', '{"token_in":5,"token_out":"USDC","amount_in":1}', 'token_in'],
  ['an unknown field', { ...ONE_BTC, gas: 1 }, 'gas'],
  ['a field given twice', '{"token_in":"BTC","token_in":"SOL","token_out":"USDC","amount_in":1}', 'token_in'],
  ['two amounts', { ...ONE_BTC, amount_in_atomic: '1' }, 'amount_in_atomic'],
  ['a negative amount', { ...ONE_BTC, amount_in: -1 }, 'amount_in'],
  ['zero', { ...ONE_BTC, amount_in: 0 }, 'amount_in'],
  ['zero units', { token_in: 'BTC', token_out: 'USDC', amount_in_atomic: '0' }, 'amount_in_atomic'],
  ['NaN as text', { ...ONE_BTC, amount_in: 'NaN' }, 'amount_in'],
  ['NaN as JSON', '{"token_in":"BTC","token_out":"USDC","amount_in":NaN}', 'body'],
  ['infinity', { ...ONE_BTC, amount_in: 'Infinity' }, 'amount_in'],
  ['30 decimals', { ...ONE_BTC, amount_in: '0.123456789012345678901234567891' }, 'amount_in'],
  ['a number for units', '{"token_in":"BTC","token_out":"USDC","amount_in_atomic":5}', 'amount_in_atomic'],
  ['a colon in a symbol', { ...ONE_BTC, token_in: 'BTC:USDC' }, 'token_in'],
  ['a wildcard in a symbol', { ...ONE_BTC, token_out: '*' }, 'token_out'],
  ['a space in a symbol', { ...ONE_BTC, token_in: 'BTC ' }, 'token_in'],
  ['a symbol of 10 kB', { ...ONE_BTC, token_in: 'B'.repeat(10_240) }, 'token_in'],
  ['slippage above all', { ...ONE_BTC, slippage_bps: 10_001 }, 'slippage_bps'],
  ['too many hops', { ...ONE_BTC, max_hops: 5 }, 'max_hops'],
  ['no bins', { ...ONE_BTC, max_bins: 0 }, 'max_bins'],
];

for (const [name, body, named] of BAD_BODIES) {
  test(`refuses ${name}`, async () => {
    assert.deepEqual(assertRefused(await post(market.worker, body), 'INVALID_REQUEST', 400), field(named));
  });
}

test('refuses amounts beyond 128 bits', async () => {
  const overflow = async (body) => assertRefused(await post(market.worker, body), 'AMOUNT_OVERFLOW', 422);
  const raw = (amount) => `{"token_in":"BTC","token_out":"USDC","amount_in":${amount}}`;
  await overflow(raw('1e400'));
  await overflow(raw('9'.repeat(60)));
  await overflow({ token_in: 'BTC', token_out: 'USDC', amount_in_atomic: '340282366920938463463374607431768211456' });
});

test('trailing zeros are no digits, and the largest amount is only too much', async () => {
  assert.equal((await market.quote({ ...ONE_BTC, amount_in: `1.${'0'.repeat(30)}` })).body.amount_out, 99900);
  const most = { token_in: 'BTC', token_out: 'USDC', amount_in_atomic: '340282366920938463463374607431768211455' };
  assertRefused(await market.quote(most), 'INSUFFICIENT_LIQUIDITY', 422);
});

test('tells unknown tokens, unknown pools and equal tokens apart', async () => {
  assertRefused(await market.quote({ ...ONE_BTC, token_in: 'DOGE' }), 'UNKNOWN_TOKEN', 404);
  assertRefused(await market.quote({ ...ONE_BTC, token_out: 'BTC' }), 'SAME_TOKEN', 400);
  assertRefused(await market.quote({ ...ONE_BTC, pools: ['NOPE'] }), 'UNKNOWN_POOL', 404);
  assertRefused(await market.quote({ ...ONE_BTC, token_out: 'SOL', max_hops: 1 }), 'NO_ROUTE', 404);
});

test('tells whole tokens, and the names that were perhaps meant', async () => {
  const said = async (more) => (await market.quote({ ...ONE_BTC, ...more })).body.error.message;
  assert.equal(await said({ token_in: 'btc' }), 'no pool holds the token btc; did you mean BTC?');
  assert.equal(await said({ pools: ['BTC-USDC'] }), 'there is no pool BTC-USDC; did you mean BTC-USDC-25 or BTC-USDC-50?');
  assert.match(await said({ amount_in: 99_999_999 }), /^the pools take 73,119\.\d+ BTC of 99,999,999 BTC$/);
  const one = await (await market.worker.fetch('/pools/btc-usdc-25')).json();
  assert.equal(one.error.message, 'there is no pool btc-usdc-25; did you mean BTC-USDC-25?');
});

test('too small to buy a unit', async () => {
  const dust = { token_in: 'USDC', token_out: 'BTC', amount_in_atomic: '1' };
  assertRefused(await market.quote(dust), 'AMOUNT_TOO_SMALL', 422);
});

test('GET refuses duplicates and unknown parameters', async () => {
  const get = async (query) => {
    const response = await market.worker.fetch(`/quote?${query}`);
    return { status: response.status, body: await response.json() };
  };
  const query = 'token_in=BTC&token_out=USDC&amount_in=1';
  assert.deepEqual(assertRefused(await get(`${query}&amount_in=2`), 'INVALID_REQUEST', 400), field('amount_in'));
  assert.deepEqual(assertRefused(await get(`${query}&x=2`), 'INVALID_REQUEST', 400), field('x'));
  assert.deepEqual(assertRefused(await get('token_in=BTC&token_out=USDC&amount_in=%31%00'), 'INVALID_REQUEST', 400), field('amount_in'));
});

test('every path refuses parameters that it does not know, and those given twice that are no list, by their name', async () => {
  const pair = 'token_in=BTC&token_out=USDC';
  const paths = [`/quote?${pair}&amount_in=1&`, `/routes?${pair}&`, ...['pools', 'pools/BTC-USDC-25', 'pairs', 'tokens', 'snapshot', 'health', 'metrics'].map((path) => `/${path}?`)];
  const refusal = async (path) => {
    const response = await market.worker.fetch(path);
    return { status: response.status, body: await response.json() };
  };
  for (const path of paths) assert.deepEqual(assertRefused(await refusal(`${path}x=1`), 'INVALID_REQUEST', 400), field('x'), path);
  for (const [path, name] of [[`/routes?${pair}&token_in=BTC`, 'token_in'], ['/pools?limit=1&limit=1', 'limit'], ['/snapshot?pools=A&pools=', 'pools']]) {
    assert.deepEqual(assertRefused(await refusal(path), 'INVALID_REQUEST', 400), field(name), path);
  }
  for (const path of ['/health?', '/metrics?', '/tokens']) assert.equal((await market.worker.fetch(path)).status, 200, path);
});

test('refuses a body of 2 MB, a wrong method and an unknown path', async () => {
  const large = await post(market.worker, { ...ONE_BTC, token_in: 'B'.repeat(2 * 1024 * 1024) });
  assert.ok(assertRefused(large, 'BODY_TOO_LARGE', 413).limit >= 1024);
  const wrong = await market.worker.fetch('/quote', { method: 'DELETE' });
  assertRefused({ status: wrong.status, body: await wrong.json() }, 'METHOD_NOT_ALLOWED', 405);
  assert.match(wrong.headers.get('allow'), /GET.*POST/);
  const nowhere = await market.worker.fetch('/nowhere');
  assertRefused({ status: nowhere.status, body: await nowhere.json() }, 'NOT_FOUND', 404);
});

const BROKEN_VALUES = [
  ['broken JSON', 'bin:BTC-USDC-25:500', () => '{"bin_id":500,'],
  ['an empty value', 'bin:BTC-USDC-25:500', () => ''],
  ['a bin of another pool', 'bin:BTC-USDC-25:500', (bin) => ({ ...bin, pool_id: 'BTC-USDC-50' })],
  ['a bin of another id', 'bin:BTC-USDC-25:499', (bin) => ({ ...bin, bin_id: 498 })],
  ['price 0', 'bin:BTC-USDC-25:500', (bin) => ({ ...bin, price: 0 })],
  ['a negative reserve', 'bin:BTC-USDC-25:500', (bin) => ({ ...bin, y_amount: -1 })],
  ['no reserve', 'bin:BTC-USDC-25:500', ({ x_amount, ...bin }) => bin],
  ['a broken pool value', 'pool:BTC-USDC-25', () => 'pool'],
  ['an active bin out of range', 'pool:BTC-USDC-25', (pool) => ({ ...pool, active_bin_id: 1001 })],
  ['fees of 100 %', 'pool:BTC-USDC-25', (pool) => ({ ...pool, x_provider_fee: 10_000 })],
];

for (const [name, key, bend] of BROKEN_VALUES) {
  test(`stored: ${name} leaves the pool out, with a sound second pool and without`, async () => {
    const { redis } = market;
    const stored = await redis.command('GET', key);
    const second = await redis.command('GET', 'pool:BTC-USDC-50');
    assert.equal((await market.quote(ONE_BTC)).status, 200);
    const bent = bend(JSON.parse(stored));
    await redis.command('SET', key, typeof bent === 'string' ? bent : JSON.stringify(bent));
    try {
      const { status, body } = await market.quote(ONE_BTC);
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.routes[0].hops[0].pool_id, 'BTC-USDC-50');
      assert.deepEqual(body.warnings.map(({ code, key: named }) => [code, named]), [['POOL_SKIPPED', key]]);
      assert.ok(body.warnings[0].reason.length > 5);
      assertRefused(await market.quote({ ...ONE_BTC, strict: true }), 'STATE_INVALID', 502);
      await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
      assert.equal(assertRefused(await market.quote(ONE_BTC), 'STATE_INVALID', 502).key, key);
    } finally {
      await redis.command('SET', key, stored);
      await redis.command('SET', 'pool:BTC-USDC-50', second);
    }
    assert.equal((await market.quote(ONE_BTC)).body.routes[0].hops[0].pool_id, 'BTC-USDC-25');
  });
}

test('stored: pools that disagree on decimals are left out and both keys named', async () => {
  const other = await startMarket();
  await bendValue(other.redis, 'pool:BTC-USDC-25', (pool) => (pool.token_x_decimals = 8));
  await bendValue(other.redis, 'pool:BTC-USDC-50', (pool) => (pool.token_x_decimals = 9));
  const { reason } = assertRefused(await other.quote(ONE_BTC), 'STATE_INVALID', 502);
  assert.match(reason, /pool:BTC-USDC-25.*pool:BTC-USDC-50/);
  assert.equal((await other.quote({ token_in: 'SOL', token_out: 'USDC', amount_in: 1 })).status, 200);
});

test('settings that cannot be used are named by every path, and hold no secret', async () => {
  const { startWorker } = await import('../stack/index.mjs');
  const worker = await startWorker({ vars: { UPSTASH_REDIS_REST_URL: 'https://x.example', UPSTASH_REDIS_REST_TOKEN: 'secret', DEFAULT_FEE_BPS: '10000' } });
  const answer = await post(worker, ONE_BTC);
  assert.equal(assertRefused(answer, 'CONFIG_INVALID', 500).setting, 'DEFAULT_FEE_BPS');
  assert.ok(!JSON.stringify(answer.body).includes('secret'));
});
