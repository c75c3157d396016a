// A node that falls silent and a Redis that is gone for a while: both are told, nothing looks fresh that is not, and nothing is
// lost. Lengths are scaled down: seconds stand for the hour and the minute.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { blocksOf, readRecording } from '../../../scripts/chain/recording.mjs';
import { json } from '../cli/dlmm.mjs';
import { whenDone } from '../stack/cleanup.mjs';
import { startRedis } from '../stack/index.mjs';
import { eventually } from '../worker/market.mjs';
import { contents, startFollower } from './follower.mjs';

const recording = readRecording();
const blocks = blocksOf(recording);
const FLAGS = ['--from-genesis', '--allow-unverified', '--max-lag', '2'];
/** What a block has when it is of this moment. */
const now = (block) => ({ ...block, block_time: Math.floor(Date.now() / 1000) });
const until = (check) => eventually(async () => ((await check()) ? true : undefined), 60_000);

test('a silent node is told by health, metrics and status, and what Redis holds grows old with it', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording, flags: FLAGS });
  const health = async () => {
    const { status, text } = await follower.get('/health');
    return { code: status, ...JSON.parse(text) };
  };
  assert.equal((await health()).status, 'waiting');
  await follower.take(...blocks.slice(0, 9).map(now));
  const taken = await health();
  assert.equal(taken.tip.block_height, blocks[8].block_height);
  await until(async () => (await health()).status === 'late');
  const late = await health();
  assert.equal(late.code, 503);
  assert.ok(late.lag_ms > 2_000);
  assert.match((await follower.get('/metrics')).text, /^dlmm_follow_lag_seconds [2-9]/m);
  const { tip } = await json(['status', '--json'], { redis });
  assert.equal(tip.block_height, blocks[8].block_height);
  assert.ok(tip.lag_ms > 2_000);
  // Nobody says of it that it is of this moment.
  const beat = Number(await redis.command('HGET', 'metadata', 'heartbeat_ms'));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal(Number(await redis.command('HGET', 'metadata', 'heartbeat_ms')), beat);
  // The blocks of the silence come, old ones first: as old as they are, until one is of this moment.
  const old = blocks[9];
  await follower.take(old);
  assert.equal(Number(await redis.command('HGET', 'metadata', 'heartbeat_ms')), old.block_time * 1_000);
  await follower.take(now(blocks[10]));
  assert.equal((await health()).status, 'ok');
  assert.ok(Date.now() - Number(await redis.command('HGET', 'metadata', 'heartbeat_ms')) < 60_000);
});

test('a Redis that is gone for a while stops blocks and not the follower; each is taken when it is back', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dlmm-redis-'));
  whenDone(() => rmSync(dir, { recursive: true }));
  const redis = await startRedis({ dir, args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const follower = await startFollower({ redis, recording });
  await follower.take(...blocks.slice(0, 10));
  await redis.kill();
  let refused = 0;
  // As a node does: the same block again until it is taken.
  const node = (async () => {
    for (const block of blocks.slice(10, 40)) {
      for (;;) {
        const { status, body } = await follower.post(block);
        if (status === 200) break;
        assert.equal(status, 503);
        assert.match(body.error.code, /^(REDIS|UPSTREAM)_/);
        refused += 1;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  })();
  await until(() => refused >= 5);
  const { status, text } = await follower.get('/health');
  assert.deepEqual([status, JSON.parse(text).status], [503, 'stopped']);
  await redis.launch();
  await node;
  const other = await startRedis();
  const straight = await startFollower({ redis: other, recording });
  await straight.take(...blocks.slice(0, 40));
  assert.deepEqual(await contents(redis), await contents(other));
});
