// A quote is of one moment: what Redis held when one reply was made, and never a mix of two.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ONE_BTC, assertRefused, bendValue } from '../worker/market.mjs';
import { ONE_BTC_GIVES, assertQuotesAgain, startFaultyMarket } from './market.mjs';

/** So much that the bins of a first read do not suffice. */
const MANY_BTC = { ...ONE_BTC, amount_in: '3000', pools: ['BTC-USDC-25'], allow_partial: true };

let market;
before(async () => {
  market = await startFaultyMarket();
  // Fifty bins each side of the active one are read at once, so the active one moves off the middle: what lies
  // farther than the first read is then needed.
  await widePool();
});

/** A pool of 1000 bins with a little in each, so that a large trade needs several reads. */
async function widePool() {
  const { redis } = market;
  const bin = JSON.parse(await redis.command('GET', 'bin:BTC-USDC-25:499'));
  const words = ['MSET'];
  for (let id = 0; id <= 500; id += 1) {
    const price = 100_000 * 1.0025 ** (id - 500);
    words.push(`bin:BTC-USDC-25:${id}`, JSON.stringify({ ...bin, bin_id: id, x_amount: 0, y_amount: 100_000, price: Number(price.toFixed(6)), is_active: id === 500 }));
  }
  await redis.command(...words);
}

/** Answers the read, then lets `change` happen before anything else is answered. */
const thenChange = (change) => async ({ forward, send }) => {
  const answered = await forward();
  await change();
  send(answered);
};

/** What Redis holds now of what the quote was computed from. */
async function assertHeldNow({ input }) {
  for (const { pool_id, value, bins } of input.pools) {
    assert.equal(value, await market.redis.command('GET', `pool:${pool_id}`));
    const held = await market.redis.command('MGET', ...bins.map(([id]) => `bin:${pool_id}:${id}`));
    assert.deepEqual(bins.map(([, text]) => text), held);
  }
}

test('what changes between a read and the wider one is wholly in the quote', async () => {
  const { worker, proxy, redis } = market;
  await worker.quote({ ...MANY_BTC, amount_in: '1' });
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
  await assertHeldNow(body);
});

test('a moved active bin between two reads moves the whole quote', async () => {
  const { worker, proxy, redis } = market;
  proxy.nextReads(thenChange(() => bendValue(redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 300))));
  const { body } = await worker.quote({ ...MANY_BTC, amount_in: '4000' });
  const first = body.steps[0].bin_id;
  assert.equal(first, body.state.pools[0].active_bin_id);
  assert.ok(body.steps.every(({ bin_id }) => bin_id <= first));
  await bendValue(redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 500));
});

test('a pool that is there no more at the wider read is not in the quote', async () => {
  const { worker, proxy, redis } = market;
  const text = await redis.command('GET', 'pool:BTC-USDC-25');
  await worker.quote({ ...MANY_BTC, amount_in: '1' });
  proxy.nextReads(thenChange(() => redis.command('DEL', 'pool:BTC-USDC-25')));
  const answer = await worker.quote({ ...MANY_BTC, amount_in: '9000' });
  await redis.command('SET', 'pool:BTC-USDC-25', text);
  if (answer.status === 200) assert.fail('quoted by a pool that is gone');
  assertRefused(answer, 'NO_ROUTE', 404);
});

test('strict: a contradiction that is gone at the next read is no reason to refuse', async () => {
  const { worker, proxy, redis } = await startFaultyMarket();
  const strict = { ...ONE_BTC, strict: true };
  const good = await redis.command('GET', 'bin:BTC-USDC-25:500');
  const torn = JSON.stringify({ ...JSON.parse(good), price: 90000.0 });
  const tear = () => redis.command('SET', 'bin:BTC-USDC-25:500', torn);
  const mend = () => redis.command('SET', 'bin:BTC-USDC-25:500', good);

  await tear();
  const lenient = await worker.quote(ONE_BTC);
  assert.equal(lenient.status, 200);
  assert.deepEqual(lenient.body.warnings.map(({ code, key }) => [code, key]), [['STATE_SUSPECT', 'bin:BTC-USDC-25:500']]);

  let before = proxy.reads.length;
  proxy.nextReads(thenChange(mend));
  const mended = await worker.quote(strict);
  assert.deepEqual([mended.status, mended.body.amount_out, mended.body.warnings], [200, ONE_BTC_GIVES, []]);
  assert.equal(proxy.reads.length - before, 2, 'read once more, and no more than that');

  await tear();
  before = proxy.reads.length;
  const { key } = assertRefused(await worker.quote(strict), 'STATE_INVALID', 502);
  assert.equal(key, 'bin:BTC-USDC-25:500');
  assert.equal(proxy.reads.length - before, 2, 'the second reading decides');

  before = proxy.reads.length;
  await worker.quote(ONE_BTC);
  assert.equal(proxy.reads.length - before, 1, 'without strict nothing is read twice');

  // In a batch each request is judged by itself, from shared reads.
  before = proxy.reads.length;
  const batch = await worker.fetch('/quotes', { method: 'POST', body: JSON.stringify({ requests: [strict, ONE_BTC, { ...strict, pools: ['BTC-USDC-50'] }] }) });
  const { answers } = await batch.json();
  assert.deepEqual(answers.map(({ success, error }) => error?.code ?? success), ['STATE_INVALID', true, true]);
  assert.equal(proxy.reads.length - before, 2);
  await mend();
  await assertQuotesAgain(worker);
});

test('every quote of these cases is what its state gives', (t) => market.ledger.settle(t, 5));
