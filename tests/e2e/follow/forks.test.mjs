// Forks, repeats, gaps and restarts over a real Redis.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { blockHash, blocksOf, groupsOf, newBlock, readRecording } from '../../../scripts/chain/recording.mjs';
import { whenDone } from '../stack/cleanup.mjs';
import { startRedis } from '../stack/index.mjs';
import { contents, startFollower } from './follower.mjs';

const recording = readRecording();
const blocks = blocksOf(recording);
const groups = groupsOf(recording);

/** Small numbers that are the same for a seed. */
function randomness(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

async function straight() {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  await follower.take(...blocks);
  return contents(redis);
}

test('histories with forks end with the same bytes as the straight one', async () => {
  const expected = await straight();
  for (const seed of [1, 2, 3]) {
    const random = randomness(seed);
    const redis = await startRedis();
    const follower = await startFollower({ redis, recording });
    let forks = 0;
    for (const [at, block] of blocks.entries()) {
      if (at > 3 && random(3) === 0) {
        const from = blocks[at - 1 - random(Math.min(at - 1, 20))];
        let parent = from.index_block_hash;
        for (let n = 1; n <= 1 + random(4); n += 1) {
          const height = from.block_height + n;
          const hash = blockHash(height, `${seed} ${at} ${n}`);
          const fork = newBlock({ height, hash, parent, transactions: groups[random(groups.length)].transactions });
          const { status } = await follower.post(fork);
          // Some create a pool a second time, which no chain does.
          if (status !== 200) break;
          parent = hash;
          forks += 1;
        }
      }
      if (at > 0 && random(6) === 0) assert.equal((await follower.post(blocks[at - 1])).status, 200);
      if (at + 1 < blocks.length && random(8) === 0) {
        const { status, body } = await follower.post(blocks[at + 1]);
        assert.deepEqual([status, body.error?.code], [503, 'PARENT_UNKNOWN']);
      }
      await follower.take(block);
      if (random(30) === 0) {
        await follower.kill();
        await follower.launch();
      }
    }
    assert.ok(forks > 5, `seed ${seed}: ${forks} forks`);
    assert.deepEqual(await contents(redis), expected, `seed ${seed}`);
  }
});

test('a block that comes twice changes nothing, and one out of order is refused by name', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  await follower.take(...blocks.slice(0, 5));
  const before = await contents(redis);
  const seq = await redis.command('HGET', 'metadata', 'seq');
  const again = await follower.post(blocks[4]);
  assert.deepEqual([again.status, again.body.repeated], [200, true]);
  assert.equal((await follower.post(blocks[2])).body.repeated, true);
  const gap = await follower.post(blocks[7]);
  assert.deepEqual([gap.status, gap.body.error.code], [503, 'PARENT_UNKNOWN']);
  assert.equal(gap.body.error.details.parent, blocks[6].index_block_hash);
  assert.deepEqual(await contents(redis), before);
  assert.equal(await redis.command('HGET', 'metadata', 'seq'), seq);
  const { text, status } = await follower.get('/health');
  assert.deepEqual([status, JSON.parse(text).fault.code], [503, 'PARENT_UNKNOWN']);
  assert.match((await follower.get('/metrics')).text, /^dlmm_follow_gaps_total 1$/m);
  await follower.take(...blocks.slice(5));
  assert.deepEqual(await contents(redis), await straight());
});

test('two followers of one core exclude each other, and the second goes on where the first ended', async () => {
  const redis = await startRedis();
  const first = await startFollower({ redis, recording });
  await first.take(...blocks.slice(0, 10));
  const second = await startFollower({ redis, recording });
  const refused = await second.post(blocks[10]);
  assert.deepEqual([refused.status, refused.body.error.code], [503, 'LEASE_HELD']);
  await first.kill();
  // Within the term of the lease that the first one left behind.
  await second.take(...blocks.slice(10, 30));
  await first.launch();
  assert.equal((await first.post(blocks[30])).status, 503);
  await second.stop();
  await first.take(...blocks.slice(30));
  assert.deepEqual(await contents(redis), await straight());
});

test('while Redis is gone blocks are refused, and none is lost', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dlmm-redis-'));
  whenDone(() => rmSync(dir, { recursive: true }));
  const redis = await startRedis({ dir, args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const follower = await startFollower({ redis, recording });
  await follower.take(...blocks.slice(0, 20));
  const before = await contents(redis);
  await redis.kill();
  const { status, body } = await follower.post(blocks[20]);
  assert.deepEqual([status, body.error.code], [503, 'REDIS_UNAVAILABLE']);
  await redis.launch();
  assert.deepEqual(await contents(redis), before);
  await follower.take(...blocks.slice(20));
  assert.deepEqual(await contents(redis), await straight());
});

/** Everything in Redis as it is stored, to be put back. */
async function dump(redis) {
  return redis.session(async (client) => {
    const keys = await client.sendCommand(['KEYS', '*']);
    const load = keys.filter((key) => !key.endsWith(':lease')).map(async (key) => [key, await client.sendCommand(['DUMP', key], { typeMapping: { 36: Buffer } })]);
    return Promise.all(load);
  });
}

test('a Redis that lost its last blocks gets them again, and one that lost all is refused', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  await follower.take(...blocks.slice(0, 20));
  const older = await dump(redis);
  await follower.take(...blocks.slice(20, 30));
  await redis.session(async (client) => {
    await client.sendCommand(['FLUSHALL']);
    for (const [key, bytes] of older) await client.sendCommand(['RESTORE', key, '0', bytes]);
  });
  assert.equal(await redis.command('HGET', 'metadata', 'block_height'), String(blocks[19].block_height));
  await follower.take(...blocks.slice(30));
  assert.deepEqual(await contents(redis), await straight());
  await redis.command('FLUSHALL');
  const { status, body } = await follower.post(blocks.at(-1));
  assert.deepEqual([status, body.error.code], [503, 'RECORD_INVALID']);
  assert.deepEqual(await contents(redis), {});
});
