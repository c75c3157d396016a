// Bins whose text cannot be used: what leaves a pool out of quotes is named where no quote is asked for, too.
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { assertRefused, bendValue, dlmm, eventually } from '../worker/market.mjs';
import { startFaultyMarket } from './market.mjs';

const POOL = 'BTC-USDC-25';
const ACTIVE = `bin:${POOL}:500`;
const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: 1.0 };

let market;
before(async () => {
  market = await startFaultyMarket();
});
beforeEach(async () => {
  await market.redis.command('FLUSHALL');
  await dlmm(['seed', '--redis', market.redis.url]);
});

const json = async (worker, path) => (await worker.fetch(path)).json();
const skippedOf = ({ body }) => body.warnings.filter(({ code }) => code === 'POOL_SKIPPED').map(({ key, reason }) => ({ key, reason }));

test('an active bin that cannot be used is named by /pools, whose price is null then', async () => {
  const worker = await market.start();
  await market.redis.command('SET', ACTIVE, '{');
  const { pools, skipped } = await json(worker, '/pools');
  assert.deepEqual([skipped.map(({ key }) => key), pools[0].active_bin_price], [[ACTIVE], null]);
  assert.deepEqual(skippedOf(await worker.quote(REQUEST)), skipped, 'as quotes name it');
});

test('a bin that is the bin of another id or pool is refused by /pools/{id} as quotes leave it out', async () => {
  const worker = await market.start();
  for (const [bend, reason] of [[(value) => (value.bin_id = 499), 'bin_id is 499'], [(value) => (value.pool_id = 'SOL-USDC-25'), 'pool_id is SOL-USDC-25']]) {
    await bendValue(market.redis, ACTIVE, bend);
    const named = { key: ACTIVE, reason };
    assert.deepEqual(skippedOf(await worker.quote(REQUEST)), [named]);
    assert.deepEqual((await json(worker, '/pools')).skipped, [named]);
    const response = await worker.fetch(`/pools/${POOL}`);
    assert.deepEqual(assertRefused({ status: response.status, body: await response.json() }, 'STATE_INVALID', 502), named);
    await dlmm(['seed', '--redis', market.redis.url, '--force']);
  }
});

test('a bin that a quote or a snapshot could not use is in /pools and /health until it is mended, quoted or not', async () => {
  const worker = await market.start();
  const far = `bin:${POOL}:460`;
  const text = await market.redis.command('GET', far);
  await market.redis.command('SET', far, '[]');
  const told = async () => [(await json(worker, '/pools')).skipped, (await json(worker, '/health')).left_out.first].map((list) => list.map(({ key }) => key));
  assert.deepEqual(await told(), [[], []], 'nothing has met it');
  assert.deepEqual((await json(worker, '/snapshot')).skipped.map(({ key }) => key), [far]);
  assert.deepEqual(await told(), [[far], [far]]);
  await market.redis.command('SET', far, text);
  assert.deepEqual((await json(worker, '/pools')).skipped, [], 'it is read anew there');
  await eventually(async () => ((await json(worker, '/health')).left_out.count === 0 ? true : undefined));
});
