// A real Redis that is killed, frozen, empty after a restart, or out of memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ONE_BTC, assertRefused, bendValue, dlmm, eventually } from '../worker/market.mjs';
import { HASTY, ONE_BTC_GIVES, assertHeldNow, assertQuotesAgain, assertRefusedInTime, startFaultyMarket } from './market.mjs';

/** Waits for the sample's quote: the gateway connects anew, and the isolate may first have to see its pools. */
const quotesAgain = (worker) =>
  eventually(async () => {
    const { status, body } = await worker.quote(ONE_BTC);
    if (status !== 200) return undefined;
    assert.deepEqual([body.amount_out, body.warnings], [ONE_BTC_GIVES, []]);
    return true;
  }, 20_000);

test('killed: refused in time, and quoted again when it is back with its data', async (t) => {
  const { redis, worker, ledger } = await startFaultyMarket();
  await assertQuotesAgain(worker);
  await redis.kill();
  for (let round = 0; round < 2; round += 1) assertRefusedInTime(await worker.quote(ONE_BTC), 'REDIS_UNAVAILABLE', 503);
  await redis.restart();
  await dlmm(['seed', '--redis', redis.url]);
  await quotesAgain(worker);
  await ledger.settle(t, 2);
});

test('killed and back empty: no pool is quoted from memory', async (t) => {
  const { redis, worker, ledger } = await startFaultyMarket();
  await assertQuotesAgain(worker);
  await redis.kill();
  await redis.restart();
  for (let round = 0; round < 3; round += 1) {
    const answer = await worker.quote(ONE_BTC);
    // The list of pools is a moment old, then made anew: first no pool is left to route by, then none is known.
    assertRefused(answer, answer.body.error.code === 'NO_ROUTE' ? 'NO_ROUTE' : 'UNKNOWN_TOKEN', 404);
  }
  await dlmm(['seed', '--redis', redis.url]);
  await quotesAgain(worker);
  await ledger.settle(t, 2);
});

test('frozen by CLIENT PAUSE: REDIS_TIMEOUT at the deadline, and quoted again when it moves', async (t) => {
  const { redis, start, ledger } = await startFaultyMarket();
  const worker = await start(HASTY);
  await assertQuotesAgain(worker);
  // Twice the deadline. It cannot be ended early: the connection that would do it is paused as well.
  await redis.command('CLIENT', 'PAUSE', '4000', 'ALL');
  const { deadline_ms } = assertRefusedInTime(await worker.quote(ONE_BTC), 'REDIS_TIMEOUT', 504);
  assert.equal(deadline_ms, 2_000);
  await quotesAgain(worker);
  await ledger.settle(t, 2);
});

test('frozen as a process: the same', async (t) => {
  const { redis, start, ledger } = await startFaultyMarket();
  const worker = await start(HASTY);
  await assertQuotesAgain(worker);
  redis.pause();
  const answer = await worker.quote(ONE_BTC);
  redis.resume();
  assertRefusedInTime(answer, 'REDIS_TIMEOUT', 504);
  await quotesAgain(worker);
  await ledger.settle(t, 2);
});

test('out of memory: writes are refused, and quotes go on by what is there', async (t) => {
  const { redis, worker, ledger } = await startFaultyMarket();
  await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  await redis.command('CONFIG', 'SET', 'maxmemory', '1');
  await assert.rejects(bendValue(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.price = 1.0)), /OOM/);
  const { status, body } = await worker.quote(ONE_BTC);
  assert.deepEqual([status, body.amount_out], [200, ONE_BTC_GIVES]);
  await assertHeldNow(redis, body);
  await ledger.settle(t, 1);
});

test('out of memory with eviction: bins that were thrown out are missing, and their worth with them', async (t) => {
  const { redis, worker, ledger } = await startFaultyMarket();
  await assertQuotesAgain(worker);
  await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
  await redis.command('CONFIG', 'SET', 'maxmemory', '1');
  // Every command throws out some keys, until none is left.
  const seen = new Set();
  await eventually(async () => {
    const { status, body } = await worker.quote(ONE_BTC);
    seen.add(status);
    return status === 404 ? body : undefined;
  }, 30_000);
  assert.ok([...seen].every((status) => [200, 404, 422].includes(status)), [...seen].join());
  await redis.command('CONFIG', 'SET', 'maxmemory', '0');
  await dlmm(['seed', '--force', '--redis', redis.url]);
  await quotesAgain(worker);
  await ledger.settle(t, 2);
});
