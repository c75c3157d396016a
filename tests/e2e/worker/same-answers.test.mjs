// The Worker over Redis, and the command line over a snapshot of the same Redis, give the same answers.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../../scripts/paths.mjs';
import { bendValue, dlmm, startMarket } from './market.mjs';
import { assertSameOffline } from './offline.mjs';
import { randomRequests } from './random-requests.mjs';

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlmm-same-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** The same each run, so that a check of one commit means the same everywhere; `DLMM_TEST_SEED` tries others. */
function seedOfRun() {
  return Number(process.env.DLMM_TEST_SEED ?? 20_261_123);
}

async function compare(market, requests, name, seed) {
  const snapshot = join(folder, `${name}.json`);
  await dlmm(['snapshot', '--redis', market.redis.url, '--out', snapshot]);
  return assertSameOffline(market.worker, snapshot, requests, `seed ${seed}`);
}

test('200 random requests over the sample', async (t) => {
  const market = await startMarket();
  const seed = seedOfRun();
  const tokens = { BTC: 8, SOL: 9, USDC: 6 };
  const requests = randomRequests(seed, 200, tokens, ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']);
  const seen = await compare(market, requests, 'sample', seed);
  t.diagnostic(`seed ${seed}: ${[...seen].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
  assert.ok((seen.get('multi_bin') ?? 0) > 10 && (seen.get('multi_pair') ?? 0) > 0, 'most kinds were met');
});

test('100 random requests over state that contradicts itself', async (t) => {
  const market = await startMarket();
  await bendValue(market.redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 507));
  await bendValue(market.redis, 'bin:SOL-USDC-25:498', (bin) => (bin.price = 150.0));
  await bendValue(market.redis, 'pool:BTC-USDC-50', (pool) => (pool.x_protocol_fee = 25));
  const seed = seedOfRun();
  const requests = randomRequests(seed, 100, { BTC: 8, SOL: 9, USDC: 6 }, ['BTC-USDC-25', 'SOL-USDC-25']);
  const seen = await compare(market, requests, 'suspect', seed);
  t.diagnostic(`seed ${seed}: ${[...seen].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
});

test('100 random requests beside pools that a snapshot leaves out: both name them', async (t) => {
  const market = await startMarket();
  await bendValue(market.redis, 'bin:BTC-USDC-50:500', (bin) => (bin.price = 0));
  await bendValue(market.redis, 'bin:SOL-USDC-25:500', (bin) => (bin.x_amount = -1));
  // Active bins are read by every quote; a fault further out is seen by whoever reads that far.
  const seed = seedOfRun();
  const requests = randomRequests(seed, 100, { BTC: 8, SOL: 9, USDC: 6 }, ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']);
  const seen = await compare(market, requests, 'left-out', seed);
  t.diagnostic(`seed ${seed}: ${[...seen].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
  assert.ok((seen.get('STATE_INVALID') ?? 0) > 5, 'pools of one pair are all left out');
  const answer = await market.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1 });
  assert.deepEqual(answer.body.warnings, [{ code: 'POOL_SKIPPED', key: 'bin:BTC-USDC-50:500', reason: 'price is zero' }]);
});

test('100 random requests over a network of many pools', async (t) => {
  const { cases } = JSON.parse(await readFile(join(root, 'tests/vectors/routing/networks.json'), 'utf8'));
  const { snapshot } = cases.toSorted((a, b) => b.snapshot.pools.length - a.snapshot.pools.length)[0];
  const file = join(folder, 'network-seed.json');
  await writeFile(file, JSON.stringify(snapshot));
  // The command line reads every bin. To tell "too many bins" from "too little" for an absurd amount over 20 pools
  // the Worker would have to as well, which takes more than the usual budget of keys.
  const market = await startMarket({ snapshot: file, vars: { MAX_KEYS_PER_QUOTE: '50000' } });
  const tokens = Object.fromEntries(Object.entries(snapshot.tokens).map(([symbol, { decimals }]) => [symbol, decimals]));
  const seed = seedOfRun();
  const requests = randomRequests(seed, 100, tokens, snapshot.pools.map(({ pool_id }) => pool_id));
  const seen = await compare(market, requests, 'network', seed);
  t.diagnostic(`seed ${seed}: ${[...seen].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
});
