// How many keys and requests to Redis a quote and a batch cost, and that no client makes another's reads wider.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listed, metric, startCountingReads } from '../worker/reads.mjs';
import { batch, parallel, startWideMarket } from './wide-market.mjs';

const MAX_KEYS = 10_000;
const trade = (amount_in, more) => ({ token_in: 'A', token_out: 'B', amount_in, ...more });

/** Counts the reads of quotes from here on: how many keys each of them named. */
async function countReads(market, first = trade(1)) {
  assert.equal((await market.quote(first)).status, 200);
  const reads = await startCountingReads(market);
  return async () => (await reads()).map((keys) => keys.length);
}

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
const codes = ({ body }) => body.warnings.map(({ code }) => code);

test('100 requests over the same 20 pools are one read, whatever the amounts, and one more for those that ran out', async () => {
  const market = await startWideMarket(parallel(20), { MAX_KEYS_PER_QUOTE: '1000' });
  const reads = await countReads(market);
  const small = await batch(market.worker, Array.from({ length: 100 }, (_, n) => trade(1 + n)));
  assert.deepEqual(new Set(small.body.answers.map(({ success }) => success)), new Set([true]));
  assert.deepEqual(new Set(small.body.answers.flatMap(({ warnings }) => warnings)), new Set(), 'narrower windows made no answer poorer');
  const first = await reads();
  assert.equal(first.length, 1);
  // Nothing is known of most of these amounts: the value, the active bin, 8 towards the trade, a margin of one or two.
  assert.ok(first[0] <= 20 * 14, `${first}`);
  const mixed = await batch(market.worker, Array.from({ length: 100 }, (_, n) => trade(n < 5 ? 1e9 : 1, { allow_partial: true })));
  const again = await reads();
  assert.equal(mixed.status, 200);
  assert.ok(again.length <= 5 && again[0] <= 1000, `${again}`);
  assert.ok(mixed.body.answers.slice(0, 5).every((body) => codes({ body }).includes('KEYS_LIMITED')), 'what was cut says so');
  assert.ok(mixed.body.answers.slice(5).every(({ warnings }) => warnings.length === 0), 'and nothing else does');
});

test('requests over other pools are read apart only where they must be', async () => {
  const pairs = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`Q${n}`, [`X${n}`, `Y${n}`, { bins: 201 }]]));
  const market = await startWideMarket(pairs, { MAX_KEYS_PER_QUOTE: '45' });
  const request = (n) => ({ token_in: `X${n % 10}`, token_out: `Y${n % 10}`, amount_in: 1 });
  const reads = await countReads(market, request(0));
  const { body } = await batch(market.worker, Array.from({ length: 100 }, (_, n) => request(n)));
  assert.deepEqual(new Set(body.answers.map(({ success }) => success)), new Set([true]));
  const sizes = await reads();
  // 14 keys a pool: its value, the active bin, 10 to the trade and 2 behind; so three a read.
  assert.equal(sizes.length, 4, `${sizes}`);
  assert.ok(sizes.every((keys) => keys <= 45), `${sizes}`);
});

test('all reads of one quote have MAX_KEYS_PER_QUOTE keys together', async () => {
  const market = await startWideMarket(parallel(64));
  const reads = await countReads(market);
  for (const request of [trade(1e9, { allow_partial: true, max_bins: 1001 }), trade(1e9), trade(3e8, { strict: true, allow_partial: true }), { token_in: 'A', token_out: 'B', amount_out: 3e9 }]) {
    await market.quote(request);
    const sizes = await reads();
    assert.ok(sum(sizes) <= MAX_KEYS && sizes.length <= 7, `${JSON.stringify(request)}: ${sizes}`);
  }
});

test('a huge request of one client leaves the reads of another one as they are', async () => {
  const market = await startWideMarket(parallel(64));
  const reads = await countReads(market);
  const asked = async (request) => {
    const answer = await market.quote(request);
    return { answer, reads: await reads() };
  };
  // What trades like it need is learned from the first one.
  await asked(trade(5));
  const before = await asked(trade(5));
  assert.equal(before.reads.length, 1);
  for (const huge of [trade(1e9, { allow_partial: true, max_bins: 1001 }), trade(4e7), { token_in: 'A', token_out: 'B', amount_out: 1e9 }, trade(4, { pools: ['P07'], max_bins: 1001 })]) {
    for (let n = 0; n < 3; n += 1) await market.quote(huge);
    await reads();
    const after = await asked(trade(5));
    assert.deepEqual(after.reads, before.reads, JSON.stringify(huge));
    assert.deepEqual(after.answer.body.warnings, []);
    assert.equal(after.answer.body.amount_out_atomic, before.answer.body.amount_out_atomic);
  }
});

test('who trades deep pays for further reads once', async () => {
  const market = await startWideMarket(parallel(2, { reserve: 1_000 }));
  const reads = await countReads(market);
  const of = async (request) => {
    assert.equal((await market.quote(request)).status, 200);
    return reads();
  };
  const amounts = [trade(1_500), trade(1_600), trade(1_550)];
  assert.equal((await of(amounts[1])).length, 3, 'four times as far, then eight times');
  const sizes = [];
  for (let n = 0; n < 12; n += 1) sizes.push((await of(amounts[n % 3])).length);
  assert.ok(sum(sizes) <= 13, `${sizes}: further reads stay rare`);
});

test('what the request and the list of pools suffice to refuse asks Redis nothing', async () => {
  const market = await startWideMarket({ ...parallel(2), C1: ['C', 'D', { bins: 3 }] }, { REDIS_POOL_CONFIG_CACHE_TTL: '2' });
  assert.equal((await market.quote(trade(1))).status, 200);
  const refusals = [
    [trade(0), 'INVALID_REQUEST'],
    [trade('0.0'), 'INVALID_REQUEST'],
    [trade(undefined, { amount_in_atomic: '0' }), 'INVALID_REQUEST'],
    [trade(undefined, { amount_out: '0.000' }), 'INVALID_REQUEST'],
    [trade('1.0000001'), 'INVALID_REQUEST'],
    [trade(undefined, { amount_out: 1e-7 }), 'INVALID_REQUEST'],
    [trade(1e35), 'AMOUNT_OVERFLOW'],
    [trade(1, { token_out: 'A' }), 'SAME_TOKEN'],
    [trade(1, { token_in: 'NONE' }), 'UNKNOWN_TOKEN'],
    [trade(1, { pools: ['NONE'] }), 'UNKNOWN_POOL'],
    [trade(1, { token_out: 'C' }), 'NO_ROUTE'],
    [trade(1, { exclude_pools: ['P00', 'P01'] }), 'NO_ROUTE'],
  ];
  // The check that follows the first answer.
  await listed(market.worker);
  const requests = () => metric(market.worker, 'dlmm_redis_requests_total');
  // An answer that reads sets off the check of the list, so that all of this falls within the time it is trusted.
  const fresh = async () => {
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await market.quote(trade(1));
    await new Promise((resolve) => setTimeout(resolve, 200));
  };
  await fresh();
  const before = await requests();
  for (const [request, code] of refusals) assert.equal((await market.quote(request)).body.error.code, code, JSON.stringify(request));
  const { body } = await batch(market.worker, refusals.map(([request]) => request));
  assert.deepEqual(body.answers.map(({ error }) => error.code), refusals.map(([, code]) => code));
  assert.equal((await requests()) - before, 0);
  // What no list could change is refused without one, however old it is.
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  for (const [request] of refusals.slice(0, 4)) await market.quote(request);
  await market.quote(trade(1, { token_out: 'A' }));
  assert.equal((await requests()) - before, 0);
  // One that new decimals might make sound is looked at again.
  await market.redis.command('SET', 'pool:P00', JSON.stringify({ ...JSON.parse(await market.redis.command('GET', 'pool:P00')), token_x_decimals: 8 }));
  await market.redis.command('SET', 'pool:P01', JSON.stringify({ ...JSON.parse(await market.redis.command('GET', 'pool:P01')), token_x_decimals: 8 }));
  await market.redis.command('HSET', 'metadata', 'data_version', '2');
  assert.equal((await market.quote(trade('1.0000001'))).status, 200);
});
