// Readers see whole blocks only, at any moment, while blocks of 350 bins arrive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markedBlock } from '../../../scripts/chain/marked-block.mjs';
import { blockHash, blocksOf, readRecording } from '../../../scripts/chain/recording.mjs';
import { startRedis } from '../stack/index.mjs';
import { startFollower } from './follower.mjs';

const recording = readRecording();
const BINS = 350;

test('every reading is of one block', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  const first = blocksOf(recording).slice(0, 5);
  await follower.take(...first);
  const [pool] = recording.checkpoints[0].pools;
  let parent = first.at(-1).index_block_hash;
  const post = async (height) => {
    await follower.take(markedBlock({ core: recording.core, pool, height, parent, count: BINS }));
    parent = blockHash(height);
  };
  await post(1000);
  const keys = [`pool:${pool.contract}`, ...Array.from({ length: BINS }, (_, at) => `bin:${pool.contract}:${510 + at}`)];
  let [reading, seen] = [true, new Set()];
  const reader = redis.session(async (client) => {
    let readings = 0;
    for (; reading; readings += 1) {
      const [value, ...bins] = (await client.sendCommand(['MGET', ...keys])).map((text) => JSON.parse(text));
      const heights = new Set([String(value.block_height), ...bins.map(({ reserve_x }) => reserve_x)]);
      assert.equal(heights.size, 1, `a torn reading: ${[...heights]}`);
      seen.add(value.block_height);
    }
    return readings;
  });
  for (let height = 1001; height <= 1040; height += 1) await post(height);
  reading = false;
  const readings = await reader;
  assert.ok(readings > 20 && seen.size > 5, `${readings} readings of ${seen.size} blocks`);
});
