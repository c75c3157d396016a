// What stands on what, the hashes say: blocks whose heights say nothing, over a real Redis.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockHash, blocksOf, groupsOf, newBlock, readRecording } from '../../../scripts/chain/recording.mjs';
import { startRedis } from '../stack/index.mjs';
import { contents, startFollower } from './follower.mjs';

const recording = readRecording();
const groups = groupsOf(recording);
/** Fewer than there are blocks, so that old ones are forgotten all the time. */
const KEEP = 6;
const flags = ['--from-genesis', '--allow-unverified', '--keep-blocks', String(KEEP)];

const HEIGHTS = {
  'all have one height': () => 500,
  'fall from block to block': (at) => 1_000 - at,
  'go up and down': (at) => 500 + ((at * 7) % 5),
};

for (const [name, heightAt] of Object.entries(HEIGHTS)) {
  test(`forks of blocks whose heights ${name} lose no block`, async () => {
    const blocks = blocksOf(recording).slice(0, 50).map((block, at) => ({ ...block, block_height: heightAt(at) }));
    const straight = await startRedis();
    await (await startFollower({ redis: straight, recording, flags })).take(...blocks);

    const redis = await startRedis();
    const follower = await startFollower({ redis, recording, flags });
    const tip = () => redis.command('HGET', 'metadata', 'index_block_hash');
    for (const [at, block] of blocks.entries()) {
      await follower.take(block);
      assert.equal(await tip(), block.index_block_hash);
      assert.deepEqual((await follower.post(block)).body, { success: true, repeated: true }, 'the tip is known');
      if (at % 4 !== 3) continue;
      // Another branch from as far back as can be undone, of the same heights and as long; and back again.
      const depth = 1 + ((at / 4) | 0) % KEEP;
      const from = at - depth;
      if (from < 0) continue;
      let parent = blocks[from].index_block_hash;
      for (let n = 1; n <= depth; n += 1) {
        const hash = blockHash(from + n, `${name} ${at}`);
        // Some prints create a pool a second time: those blocks have none.
        const transactions = groups[(at + n) % groups.length].transactions.filter(({ events }) => events.every(({ value }) => value?.action !== 'create-pool'));
        const fork = newBlock({ height: heightAt(from + n), hash, parent, transactions });
        const { status, body } = await follower.post(fork);
        if (status !== 200) {
          assert.equal(body.error.code, 'EVENT_INVALID', JSON.stringify(body));
          break;
        }
        parent = hash;
        assert.equal(await tip(), hash);
      }
      if (at % 48 === 3) {
        await follower.kill();
        await follower.launch();
      }
      await follower.take(block);
      assert.equal(await tip(), block.index_block_hash);
    }
    assert.deepEqual(await contents(redis), await contents(straight));
    const known = (await redis.command('HKEYS', `follower:${recording.core}`)).filter((field) => field.startsWith('block:'));
    assert.ok(known.length <= 3 * KEEP + 3, `${known.length} blocks are known`);
  });
}
