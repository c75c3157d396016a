// A batch reads as far as each of its quotes would alone, whatever small trades before it have taught the Worker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { post } from '../worker/market.mjs';
import { listed, startCountingReads } from '../worker/reads.mjs';
import { batch } from './wide-market.mjs';

const MAX_KEYS = 10_000;
const trade = (amount_in) => ({ token_in: 'A', token_out: 'B', amount_in, max_hops: 4, allow_partial: true });
const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
const warned = (body) => body.warnings.map(({ code }) => code);

/** A pool with 1 in its active bin and 10,000 in every 37th bin from there. */
function poolWithGaps(pool_id, price) {
  const pool = { pool_id, token_x: 'A', token_y: 'B', active_bin_id: 500, status: 'active', token_x_decimals: 6, token_y_decimals: 6, x_provider_fee: 10, y_provider_fee: 10, last_updated: new Date().toISOString() };
  const values = [`pool:${pool_id}`, JSON.stringify(pool)];
  for (let off = -481; off <= 481; off += 37) {
    const reserve = off === 0 ? 1 : 10_000;
    const at = price * 1.001 ** off;
    const bin = { bin_id: 500 + off, x_amount: off >= 0 ? (reserve / at).toFixed(6) : '0', y_amount: off <= 0 ? reserve.toFixed(6) : '0', price: at.toPrecision(12) };
    values.push(`bin:${pool_id}:${bin.bin_id}`, JSON.stringify(bin));
  }
  return values;
}

async function startMarketWithGaps() {
  const redis = await startRedis();
  await redis.session(async (client) => {
    for (let n = 0; n < 24; n += 1) {
      await client.sendCommand(['MSET', ...poolWithGaps(`P${n}`, 100 + n / 50)]);
      await client.sendCommand(['SADD', 'pools', `P${n}`]);
    }
  });
  const vars = upstashVars(await startGateway({ redisUrl: redis.url }));
  return async () => {
    const worker = await startWorker({ vars });
    assert.equal((await post(worker, trade(1))).status, 200);
    await listed(worker);
    // A small trade, of which the Worker learns that one pool is read further than the others.
    assert.equal((await post(worker, trade(0.5))).status, 200);
    const reads = await startCountingReads({ redis, worker });
    return { worker, sizes: async () => (await reads()).map((keys) => keys.length) };
  };
}

test('a batch after a small trade reads as wide as its quotes would alone', async () => {
  const start = await startMarketWithGaps();
  for (const amount of [200, 2_000, 4_000]) {
    const together = await start();
    const { status, body } = await batch(together.worker, Array.from({ length: 100 }, (_, n) => trade(amount + n)));
    const sizes = await together.sizes();
    assert.equal(status, 200);
    assert.ok(sizes.length >= 2 && sum(sizes) <= MAX_KEYS, `${sizes}`);
    assert.deepEqual(body.answers.filter((answer) => warned(answer).includes('KEYS_LIMITED')), [], 'the limit on keys ended none of them');
    const apart = await start();
    const alone = await post(apart.worker, trade(amount + 50));
    assert.deepEqual(await apart.sizes(), sizes);
    const [one, other] = [alone.body, body.answers[50]].map((answer) => BigInt(answer.amount_out_atomic));
    // A hundred quotes share the work of twelve, and say so where that ended a search.
    if (!warned(body.answers[50]).includes('SEARCH_LIMITED')) assert.equal(other, one, `${amount}`);
    assert.ok(other > one - one / 500n, `${amount}: ${other} of ${one}`);
  }
});
