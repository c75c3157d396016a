// A start amid the chain, gaps and checks, over a node that answers from the recording.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksOf, groupsOf, readRecording, tokensFile } from '../../../scripts/chain/recording.mjs';
import { startRedis } from '../stack/index.mjs';
import { contents, startFollower } from './follower.mjs';
import { startFakeNode } from './fake-node.mjs';

const recording = readRecording();
const blocks = blocksOf(recording);

/** How many blocks there are up to a checkpoint. */
function blocksUpTo({ after_tx }) {
  let done = 0;
  return 1 + groupsOf(recording).findIndex(({ transactions }) => (done += transactions.length) === after_tx);
}

/** What quotes depend on, without who changed it when. */
function market(found) {
  const kept = {};
  for (const [key, value] of Object.entries(found)) {
    if (key === 'metadata') continue;
    if (!/^(pool|bin):/.test(key)) {
      kept[key] = value;
      continue;
    }
    const { created_at, last_updated, block_height, index_block_hash, fee_exempt, ...rest } = JSON.parse(value);
    kept[key] = rest;
  }
  return kept;
}

async function straight(count) {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  await follower.take(...blocks.slice(0, count));
  return market(await contents(redis));
}

const [, second, third] = recording.checkpoints;
const [secondEnd, thirdEnd] = [blocksUpTo(second), blocksUpTo(third)];

test('begins amid the chain with a state that is read at one block, and fills a gap the same way', async () => {
  const state = { ...second };
  const node = await startFakeNode(recording, state);
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording, flags: ['--node', node.url, '--allow-unverified'] });
  await follower.take(blocks[secondEnd - 1]);
  const tip = blocks[secondEnd - 1].index_block_hash.slice(2);
  assert.deepEqual(Object.keys(node.reads), [tip], 'every read is pinned to the block');
  assert.deepEqual(market(await contents(redis)), await straight(secondEnd));
  await follower.take(...blocks.slice(secondEnd, secondEnd + 5));
  assert.deepEqual(market(await contents(redis)), await straight(secondEnd + 5));
  // Blocks are missing; a state is read at the next one that comes.
  Object.assign(state, third);
  await follower.take(blocks[thirdEnd - 1]);
  assert.deepEqual(market(await contents(redis)), await straight(thirdEnd));
  assert.match((await follower.get('/metrics')).text, /^dlmm_follow_repairs_total 2$/m);
  await follower.take(...blocks.slice(thirdEnd));
  assert.deepEqual(market(await contents(redis)), await straight(blocks.length));
});

test('a gap that the node cannot fill is refused, and nothing is half read', async () => {
  const state = { ...second, down: true };
  const node = await startFakeNode(recording, state);
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording, flags: ['--node', node.url, '--allow-unverified'] });
  const { status, body } = await follower.post(blocks[secondEnd - 1]);
  assert.deepEqual([status, body.error.code], [503, 'NODE_UNAVAILABLE']);
  assert.deepEqual(await contents(redis), {});
  state.down = false;
  await follower.take(blocks[secondEnd - 1]);
});

test('a pool that is not what the chain says is found and repaired', async () => {
  const state = structuredClone(second);
  const node = await startFakeNode(recording, state);
  const redis = await startRedis();
  const flags = ['--from-genesis', '--allow-unverified', '--node', node.url, '--check-every', '1'];
  const follower = await startFollower({ redis, recording, flags: [...flags.slice(0, 4)] });
  await follower.take(...blocks.slice(0, secondEnd - 1));
  await follower.stop();
  const checking = await startFollower({ redis, recording, flags });
  await checking.take(blocks[secondEnd - 1]);
  assert.match((await checking.get('/metrics')).text, /^dlmm_follow_checks_total 1$/m);
  assert.match((await checking.get('/metrics')).text, /^dlmm_follow_mismatches_total 0$/m);
  // The chain knows of something that no event told.
  for (const pool of state.pools) pool.bins[3].y = String(BigInt(pool.bins[3].y) + 5n);
  await checking.take({ ...blocks[secondEnd], events: [] });
  assert.match((await checking.get('/metrics')).text, /^dlmm_follow_mismatches_total 1$/m);
  const found = await contents(redis);
  for (const { contract, bins } of state.pools) {
    assert.equal(JSON.parse(found[`bin:${contract}:${bins[3].bin_id}`]).reserve_y, bins[3].y);
  }
});

test('tokens that the file does not have say of themselves what they are, unless another one is called so', async () => {
  const tokens = structuredClone(recording.tokens);
  const [bitcoin, dollar, stacks] = Object.keys(tokens);
  const told = { [bitcoin]: { symbol: 'MBTC', decimals: 8 }, [stacks]: { symbol: 'MUSD', decimals: 6 } };
  const node = await startFakeNode(recording, { ...second, tokens: told });
  const file = tokensFile({ tokens: { [dollar]: tokens[dollar] } });
  const redis = await startRedis();
  const flags = ['--from-genesis', '--allow-unverified', '--node', node.url];
  const follower = await startFollower({ redis, recording, flags, tokens: file });
  await follower.take(...blocks);
  const found = await contents(redis);
  assert.deepEqual(Object.keys(found).filter((key) => key.startsWith('tokens:')), ['tokens:MBTC', 'tokens:MUSD']);
  assert.deepEqual(found.pools, recording.checkpoints[0].pools.slice(0, 2).map(({ contract }) => contract).sort());
});
