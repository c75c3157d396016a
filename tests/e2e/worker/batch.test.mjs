// POST /quotes: many quotes from one read, each as it would be on its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorker } from '../stack/index.mjs';
import { ONE_BTC, assertRefused, post, startMarket } from './market.mjs';
import { randomRequests } from './random-requests.mjs';
import { startCountingReads } from './reads.mjs';

const SOL = { token_in: 'SOL', token_out: 'USDC', amount_in: 3 };

async function batch(worker, requests) {
  const body = typeof requests === 'string' ? requests : JSON.stringify({ requests });
  const response = await worker.fetch('/quotes', { method: 'POST', body });
  return { status: response.status, body: await response.json() };
}

/** The answer without what belongs to the moment it was given. */
function lasting({ request_id, state, ...rest }) {
  return { ...rest, pools: state?.pools.map(({ age_ms, ...pool }) => pool) };
}

/** Quotes until the topology is complete, then starts to count reads. */
async function countReads(market) {
  assert.equal((await market.quote(ONE_BTC)).status, 200);
  assert.equal((await market.quote(SOL)).status, 200);
  return startCountingReads(market);
}

test('100 quotes are one MGET, of one moment', async () => {
  const market = await startMarket();
  const reads = await countReads(market);
  const requests = Array.from({ length: 100 }, (_, n) => {
    const [token_in, token_out] = [['BTC', 'USDC'], ['USDC', 'BTC'], ['SOL', 'USDC'], ['BTC', 'SOL']][n % 4];
    return { token_in, token_out, amount_in: (1 + n / 100).toFixed(2) };
  });
  const { status, body } = await batch(market.worker, requests);
  assert.equal(status, 200);
  assert.equal(body.answers.length, 100);
  assert.deepEqual(body.answers.map(({ success }) => success), requests.map(() => true));
  const mgets = await reads();
  assert.equal(mgets.length, 1);
  assert.equal(new Set(mgets[0]).size, mgets[0].length, 'no key is asked for twice');
  assert.equal(new Set(body.answers.map(({ state }) => state.read_at)).size, 1);
  assert.ok(body.answers.every(({ request_id }) => request_id === body.request_id));
});

test('a batch answers 200 random requests as single quotes do, errors in their places', async () => {
  const market = await startMarket();
  const requests = randomRequests(7, 200, { BTC: 8, SOL: 9, USDC: 6 }, ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']);
  const answers = [];
  // Beyond 12 quotes a batch shares the work of 12, and its answers say so in their `input`.
  for (let at = 0; at < requests.length; at += 12) answers.push(...(await batch(market.worker, requests.slice(at, at + 12))).body.answers);
  const codes = new Set();
  for (const [index, request] of requests.entries()) {
    const { body } = await post(market.worker, request);
    assert.deepEqual(lasting(answers[index]), lasting(body), JSON.stringify(request));
    codes.add(body.error?.code ?? 'a quote');
  }
  for (const code of ['a quote', 'INVALID_REQUEST', 'UNKNOWN_TOKEN', 'INSUFFICIENT_LIQUIDITY', 'SAME_TOKEN']) {
    assert.ok(codes.has(code), `${code} was met`);
  }
});

test('a batch beyond the key budget is one read of narrower windows', async () => {
  const market = await startMarket({ vars: { MAX_KEYS_PER_QUOTE: '200' } });
  const reads = await countReads(market);
  const { body } = await batch(market.worker, [ONE_BTC, SOL, { ...ONE_BTC, amount_in: 2 }, { ...SOL, amount_in: 4 }]);
  assert.deepEqual(body.answers.map(({ amount_out }) => amount_out), [99900, 599.4, 199800, 799.2]);
  assert.deepEqual(body.answers.map(({ warnings }) => warnings), [[], [], [], []], 'no read was cut short');
  const mgets = await reads();
  assert.ok(mgets.length === 1 && mgets[0].length <= 200, `${mgets.map((keys) => keys.length)}`);
});

test('only the quotes that ran out of bins are read again', async () => {
  const market = await startMarket();
  const reads = await countReads(market);
  const deep = { token_in: 'SOL', token_out: 'USDC', amount_in: 1e9, allow_partial: true };
  const { body } = await batch(market.worker, [ONE_BTC, deep]);
  assert.equal(body.answers[0].amount_out, 99900);
  assert.ok(Number(body.answers[1].unfilled) > 0);
  const mgets = await reads();
  assert.ok(mgets[0].includes('pool:BTC-USDC-25') && mgets[0].includes('pool:SOL-USDC-25'));
  assert.ok(mgets.length > 1);
  for (const again of mgets.slice(1)) assert.ok(!again.includes('pool:BTC-USDC-25'), 'the answered quote is not read again');
});

test('a new token in a batch is looked for once', async () => {
  const market = await startMarket();
  await market.quote(ONE_BTC);
  const unknown = { token_in: 'DOGE', token_out: 'USDC', amount_in: 1 };
  const { status, body } = await batch(market.worker, [unknown, ONE_BTC, { ...unknown, token_in: 'CAT' }]);
  assert.equal(status, 200);
  assert.deepEqual(body.answers.map(({ error }) => error?.code), ['UNKNOWN_TOKEN', undefined, 'UNKNOWN_TOKEN']);
});

test('what is no batch is refused whole', async () => {
  const market = await startMarket();
  const many = Array.from({ length: 101 }, () => ONE_BTC);
  for (const [requests, field] of [
    ['', 'body'],
    ['{}', 'requests'],
    ['{"requests":[],"more":1}', 'more'],
    [`{"requests":[${JSON.stringify(ONE_BTC)}],"share_state":1}`, 'share_state'],
    [[], 'requests'],
    [many, 'requests'],
  ]) {
    const answer = await batch(market.worker, requests);
    assert.equal(assertRefused(answer, 'INVALID_REQUEST', 400).field, field);
  }
  const long = await batch(market.worker, [{ ...ONE_BTC, via: ['A'.repeat(600_000)] }]);
  assertRefused(long, 'BODY_TOO_LARGE', 413);
  assert.equal((await market.worker.fetch('/quotes')).status, 405);
});

test('without Redis every answer says so, and so does the status', async () => {
  const market = await startMarket({ vars: { REDIS_MAX_RETRIES: '0' } });
  assert.equal((await batch(market.worker, [ONE_BTC])).status, 200);
  await market.redis.stop();
  const { status, body } = await batch(market.worker, [ONE_BTC, SOL]);
  assert.equal(status, 503);
  assert.deepEqual(body.answers.map(({ error }) => error.code), ['REDIS_UNAVAILABLE', 'REDIS_UNAVAILABLE']);
  const mixed = await batch(market.worker, [ONE_BTC, { ...ONE_BTC, amount_in: -1 }]);
  assert.equal(mixed.status, 200, 'one of them was judged');
});

test('the sample stands in where that is switched on', async () => {
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' } });
  const { body } = await batch(worker, [ONE_BTC, { ...ONE_BTC, token_out: 'BTC' }, { ...ONE_BTC, token_out: 'DOGE' }]);
  assert.deepEqual([body.answers[0].state.source, body.answers[0].amount_out], ['sample', 99900]);
  assert.equal(body.answers[1].error.code, 'SAME_TOKEN');
  const [, , unknown] = body.answers;
  assert.equal(unknown.error.code, 'UNKNOWN_TOKEN');
  assert.equal(unknown.source, 'sample', 'a market may have it');
});

test('what is refused or listed by the sample says so everywhere', async () => {
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' } });
  const market = await startMarket();
  for (const path of ['/tokens', '/pairs', '/pools', '/routes?token_in=BTC&token_out=USDC', '/pools/BTC-USDC-25']) {
    assert.equal((await (await worker.fetch(path)).json()).source, 'sample', path);
    assert.equal((await (await market.worker.fetch(path)).json()).source, 'redis', path);
  }
  for (const path of ['/pools/NONE', '/routes?token_in=BTC&token_out=DOGE', '/snapshot?pools=NONE', '/quote?token_in=BTC&token_out=DOGE&amount_in=1']) {
    const refused = await (await worker.fetch(path)).json();
    assert.equal(refused.source, 'sample', `${path}: ${JSON.stringify(refused)}`);
    assert.match(refused.error.message, /bundled sample/);
    const ofRedis = await (await market.worker.fetch(path)).json();
    assert.deepEqual([ofRedis.success, ofRedis.source], [false, undefined], path);
  }
});
