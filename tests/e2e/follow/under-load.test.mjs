// The Worker under load while blocks of 350 bins arrive: each quote is of one whole block, and is what its own state gives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markedBlock } from '../../../scripts/chain/marked-block.mjs';
import { blockHash, blocksOf, readRecording } from '../../../scripts/chain/recording.mjs';
import { dlmm } from '../cli/dlmm.mjs';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { startFollower } from './follower.mjs';

const recording = readRecording();
const [FIRST, BINS, SCALE] = [510, 350, 1_000_000];
const BLOCKS = 30;
const ASKING = 4;

test('each of the quotes that run while blocks arrive is of one whole block', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  const setup = blocksOf(recording).slice(0, 5);
  await follower.take(...setup);
  const pool = recording.checkpoints[0].pools.find(({ status }) => status);
  const gateway = await startGateway({ redisUrl: redis.url });
  const worker = await startWorker({ vars: upstashVars(gateway) });
  let parent = setup.at(-1).index_block_hash;
  const post = async (height) => {
    await follower.take(markedBlock({ core: recording.core, pool, height, parent, first: FIRST, count: BINS, scale: SCALE }));
    parent = blockHash(height);
  };
  await post(1000);

  const { token_x, token_y } = JSON.parse(await redis.command('GET', `pool:${pool.contract}`));
  // More than all bins hold, so that the quote goes through them.
  const amount_in_atomic = '1000000000000000000';
  const request = { token_in: token_y, token_out: token_x, amount_in_atomic, allow_partial: true, pools: [pool.contract], max_bins: 500, max_hops: 1, include_state: true };
  let arriving = true;
  const answers = [];
  const asking = Array.from({ length: ASKING }, async () => {
    while (arriving || answers.length < ASKING) {
      const response = await worker.fetch('/quote', { method: 'POST', body: JSON.stringify(request) });
      answers.push(await response.text());
    }
  });
  for (let height = 1001; height < 1001 + BLOCKS; height += 1) await post(height);
  arriving = false;
  await Promise.all(asking);

  const heights = new Set();
  for (const text of answers) {
    const { success, error, input, state } = JSON.parse(text);
    assert.ok(success, JSON.stringify(error));
    const [read] = input.pools;
    const { block_height } = JSON.parse(read.value);
    const marks = new Map();
    for (const [id, bin] of read.bins) {
      if (bin !== null && id >= FIRST && id < FIRST + BINS) marks.set(JSON.parse(bin).reserve_x, id);
    }
    assert.deepEqual([...marks.keys()], [String(block_height * SCALE)], 'bins of more than one block');
    assert.equal(state.pools[0].block_height >= block_height, true);
    heights.add(block_height);
  }
  assert.ok(heights.size > 3, `${answers.length} quotes of ${heights.size} blocks`);
  const { status, stdout, stderr } = await dlmm(['verify-quote', '-'], { input: answers.join('\n') });
  assert.equal(status, 0, stderr);
  assert.equal(stdout.split('\n').filter((line) => /(^|: )equal$/.test(line)).length, answers.length);
});
