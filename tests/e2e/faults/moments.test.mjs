// A quote is of one moment: what Redis held when one reply was made, and never a mix of two.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ONE_BTC, assertRefused, bendValue } from '../worker/market.mjs';
import { assertOneReading } from './ledger.mjs';
import { assertHeldNow, startFaultyMarket } from './market.mjs';

/** So much that the bins of a first read do not suffice. */
const MANY_BTC = { ...ONE_BTC, amount_in: '3000', pools: ['BTC-USDC-25'], allow_partial: true };

let market;
before(async () => {
  market = await startFaultyMarket();
  await deepenPool();
});

/** Gives a pool 501 bins with a little in each, so that a large trade needs more than the first read. */
async function deepenPool() {
  const { redis } = market;
  const bin = JSON.parse(await redis.command('GET', 'bin:BTC-USDC-25:499'));
  const words = ['MSET'];
  for (let id = 0; id <= 500; id += 1) {
    const price = 100_000 * 1.0025 ** (id - 500);
    words.push(`bin:BTC-USDC-25:${id}`, JSON.stringify({ ...bin, bin_id: id, x_amount: 0, y_amount: 100_000, price: Number(price.toFixed(6)), is_active: id === 500 }));
  }
  await redis.command(...words);
}

/** A Worker that has seen nothing of the pool yet, but for the list of pools. */
async function freshWorker() {
  const worker = await market.start();
  assert.equal((await worker.quote({ ...MANY_BTC, amount_in: '1' })).status, 200);
  return worker;
}

/** Answers the read, then lets `change` happen before anything else is answered. */
const thenChange = (change) => async ({ forward, send }) => {
  const answered = await forward();
  await change();
  send(answered);
};

test('what changes between a read and the wider one is wholly in the quote', async () => {
  const { proxy, redis } = market;
  const worker = await freshWorker();
  const before = proxy.reads.length;
  proxy.nextReads(
    thenChange(async () => {
      // The first read saw the old price of every bin, and the old pool.
      const keys = await redis.command('KEYS', 'bin:BTC-USDC-25:*');
      const texts = await redis.command('MGET', ...keys);
      const bent = texts.map((text) => JSON.parse(text)).map((bin) => ({ ...bin, price: bin.price / 2, y_amount: bin.y_amount / 2 }));
      const pool = JSON.parse(await redis.command('GET', 'pool:BTC-USDC-25'));
      const words = keys.flatMap((key, index) => [key, JSON.stringify(bent[index])]);
      await redis.command('MSET', ...words, 'pool:BTC-USDC-25', JSON.stringify({ ...pool, last_updated: '2026-11-24T12:00:00Z' }));
    }),
  );
  const { status, body } = await worker.quote(MANY_BTC);
  assert.equal(status, 200, JSON.stringify(body).slice(0, 300));
  assert.ok(proxy.reads.length - before >= 2, 'it took a wider read');
  assert.ok(body.steps.length > 64, `${body.steps.length} bins`);
  assert.equal(body.steps[0].price, 50000.0, 'the first bin is of the second reading, too');
  assert.equal(body.state.pools[0].last_updated, '2026-11-24T12:00:00Z');
  await assertHeldNow(redis, body);
});

test('a moved active bin between two reads moves the whole quote', async () => {
  const { proxy, redis } = market;
  const worker = await freshWorker();
  proxy.nextReads(thenChange(() => bendValue(redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 300))));
  const { body } = await worker.quote(MANY_BTC);
  assert.deepEqual([body.steps[0].bin_id, body.state.pools[0].active_bin_id], [300, 300]);
  await assertHeldNow(redis, body);
  await bendValue(redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 500));
});

test('a pool that is there no more at the wider read is not in the quote', async () => {
  const { proxy, redis } = market;
  const text = await redis.command('GET', 'pool:BTC-USDC-25');
  const worker = await freshWorker();
  proxy.nextReads(thenChange(() => redis.command('DEL', 'pool:BTC-USDC-25')));
  const answer = await worker.quote(MANY_BTC);
  await redis.command('SET', 'pool:BTC-USDC-25', text);
  // The list of pools was made anew on the way, and it is not in there either.
  assertRefused(answer, 'NO_ROUTE', 404);
});

test('a quote of two moments would be noticed', async () => {
  const { worker, proxy, redis } = market;
  const request = { ...ONE_BTC, pools: ['BTC-USDC-25'] };
  const pools = [];
  for (const id of [500, 499]) {
    pools.push((await worker.quote(request)).body.input.pools[0]);
    await bendValue(redis, `bin:BTC-USDC-25:${id}`, (bin) => (bin.y_amount += 1));
  }
  pools.push((await worker.quote(request)).body.input.pools[0]);
  for (const pool of pools) assertOneReading({ pools: [pool] }, proxy.readings);
  // One bin of the first reading among those of the last: each text was in Redis, but never all of them at once.
  const [first, , last] = pools;
  const old = new Map(first.bins).get(500);
  const torn = { ...last, bins: last.bins.map(([id, text]) => [id, id === 500 ? old : text]) };
  assert.throws(() => assertOneReading({ pools: [torn] }, proxy.readings), /any one reply/);
});

test('every quote of these cases is what its state gives', (t) => market.ledger.settle(t, 8));
