// State that a producer wrote in part, or wrote wrong: quoted with a warning where that is possible, refused where
// it is not, and under `strict` refused once a second look shows the same.
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { ONE_BTC, assertRefused, bendValue, eventually } from '../worker/market.mjs';
import { assertHeldNow, assertQuotesAgain, startFaultyMarket } from './market.mjs';

const POOL = 'BTC-USDC-25';
const REQUEST = { ...ONE_BTC, pools: [POOL] };
const STRICT = { ...REQUEST, strict: true };

let market;
let kept;
before(async () => {
  market = await startFaultyMarket();
  const keys = (await market.redis.command('KEYS', `*:${POOL}*`)).filter((key) => /^(pool|bin):/.test(key));
  const texts = await market.redis.command('MGET', ...keys);
  kept = keys.flatMap((key, index) => [key, texts[index]]);
});
beforeEach(() => restore());

const restore = () => market.redis.command('MSET', ...kept);
const bin = (id) => `bin:${POOL}:${id}`;
const codes = ({ body }) => body.warnings.map(({ code }) => code);

/** Puts the bins of one id range out of Redis. */
const deleteBins = (from, to) => market.redis.command('DEL', ...Array.from({ length: to - from + 1 }, (_, at) => bin(from + at)));

/**
 * Puts a pool back that was gone. A list of pools that was being read meanwhile is left without it, so the moment for
 * that passes first; the pool is there again as soon as the next list is read.
 */
async function comesBack() {
  await restore();
  await new Promise((resolve) => setTimeout(resolve, 500));
  await eventually(async () => ((await market.worker.quote(REQUEST)).status === 200 ? true : undefined));
}

test('a pool without its bins has nothing to give', async () => {
  await deleteBins(0, 1000);
  for (const request of [REQUEST, STRICT]) {
    const { fillable } = assertRefused(await market.worker.quote(request), 'INSUFFICIENT_LIQUIDITY', 422);
    assert.equal(fillable, '0');
  }
  await restore();
  await assertQuotesAgain(market.worker);
});

test('bins without their pool give no route, and no number', async () => {
  await market.redis.command('DEL', `pool:${POOL}`);
  assertRefused(await market.worker.quote(REQUEST), 'NO_ROUTE', 404);
  await comesBack();
  await assertQuotesAgain(market.worker);
});

test('an active bin that moved before its bins did is quoted with STATE_SUSPECT, and refused under strict', async () => {
  const { worker, redis } = market;
  await bendValue(redis, `pool:${POOL}`, (pool) => (pool.active_bin_id = 495));
  const answer = await worker.quote(REQUEST);
  assert.deepEqual([answer.status, codes(answer), answer.body.steps[0].bin_id], [200, ['STATE_SUSPECT'], 495]);
  await assertHeldNow(market.redis, answer.body);
  assertRefused(await worker.quote(STRICT), 'STATE_INVALID', 502);
  // Where nothing is where the pool says it is, there is nothing to quote.
  await bendValue(redis, `pool:${POOL}`, (pool) => (pool.active_bin_id = 10));
  assertRefused(await worker.quote(REQUEST), 'INSUFFICIENT_LIQUIDITY', 422);
});

test('the bins of another pool in place of a pool\'s own are not quoted by', async () => {
  const { worker, redis } = market;
  await redis.command('SET', bin(500), await redis.command('GET', 'bin:BTC-USDC-50:500'));
  const { key } = assertRefused(await worker.quote(REQUEST), 'STATE_INVALID', 502);
  assert.equal(key, bin(500));
  // Other pools of the pair still quote, and the answer says what was left out.
  const answer = await worker.quote(ONE_BTC);
  assert.deepEqual([answer.status, codes(answer)], [200, ['POOL_SKIPPED']]);
  await assertHeldNow(market.redis, answer.body);
  await redis.command('SET', bin(500), JSON.stringify({ ...JSON.parse(kept[kept.indexOf(bin(500)) + 1]), pool_id: undefined, bin_id: 499 }));
  assertRefused(await worker.quote(REQUEST), 'STATE_INVALID', 502);
});

test('a value that was cut while it was written is no value', async () => {
  const { worker, redis } = market;
  for (const key of [`pool:${POOL}`, bin(500)]) {
    const text = await redis.command('GET', key);
    for (const cut of [text.slice(0, -1), text.slice(0, text.length / 2), '', 'null', '[]', text.replace(/:/, '')]) {
      await redis.command('SET', key, cut);
      const { key: named } = assertRefused(await worker.quote(REQUEST), 'STATE_INVALID', 502);
      assert.equal(named, key, cut);
    }
    await redis.command('SET', key, text);
  }
  await assertQuotesAgain(worker);
});

test('a key of another type makes a missing value, and no number', async () => {
  const { worker, redis } = market;
  await redis.command('DEL', `pool:${POOL}`);
  await redis.command('HSET', `pool:${POOL}`, 'pool_id', POOL);
  // The list of pools is compared behind an answer, and may look at the key before the next quote does: then it is named.
  const refused = await worker.quote(REQUEST);
  if (refused.status === 404) assertRefused(refused, 'NO_ROUTE', 404);
  else assert.equal(assertRefused(refused, 'STATE_INVALID', 502).key, `pool:${POOL}`);
  await redis.command('DEL', `pool:${POOL}`);
  await comesBack();
});

test('strict: a contradiction that is gone at the next read is no reason to refuse', async () => {
  const { worker, proxy, redis } = market;
  const good = await redis.command('GET', bin(500));
  const tear = () => redis.command('SET', bin(500), JSON.stringify({ ...JSON.parse(good), price: 90000.0 }));
  const mend = () => redis.command('SET', bin(500), good);
  const reads = async (work) => {
    const before = proxy.reads.length;
    await work();
    return proxy.reads.length - before;
  };

  await tear();
  // Without strict it is quoted, with the warning, and nothing is read twice.
  const read = await reads(async () => {
    const { status, body } = await worker.quote(REQUEST);
    assert.deepEqual([status, body.warnings.map(({ code, key }) => [code, key])], [200, [['STATE_SUSPECT', bin(500)]]]);
  });
  assert.equal(read, 1);

  proxy.nextReads(async ({ forward, send }) => {
    const torn = await forward();
    await mend();
    send(torn);
  });
  const readAgain = await reads(async () => {
    const { status, body } = await worker.quote(STRICT);
    assert.deepEqual([status, body.amount_out, body.warnings], [200, 99900.0, []]);
    await assertHeldNow(redis, body);
  });
  assert.equal(readAgain, 2, 'once more, and no more than that');

  await tear();
  const refused = await reads(async () => {
    const { key } = assertRefused(await worker.quote(STRICT), 'STATE_INVALID', 502);
    assert.equal(key, bin(500));
  });
  assert.equal(refused, 2, 'the second reading decides');

  // In a batch each request is judged by itself, from shared reads.
  const shared = await reads(async () => {
    const requests = [STRICT, REQUEST, { ...STRICT, pools: ['BTC-USDC-50'] }];
    const batch = await worker.fetch('/quotes', { method: 'POST', body: JSON.stringify({ requests }) });
    const { answers } = await batch.json();
    assert.deepEqual(answers.map(({ success, error }) => error?.code ?? success), ['STATE_INVALID', true, true]);
  });
  assert.equal(shared, 2);
  await mend();
  await assertQuotesAgain(worker);
});

test('every quote of these cases is what its state gives', (t) => market.ledger.settle(t, 8));
