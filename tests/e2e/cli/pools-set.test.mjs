// Others change the set of all pools, or the lists, while a command counts what is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRedis } from '../stack/index.mjs';
import { isCommand, standBetween } from './between.mjs';
import { dlmm, json, succeed } from './dlmm.mjs';

const SEEDED = ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25'];
const members = async (redis) => (await redis.command('SMEMBERS', 'pools')).sort();

/** Calls `meanwhile` whenever somebody who watches the set is about to write it. */
function whileItIsWatched(redis, meanwhile) {
  let isWatched = false;
  return standBetween(redis, async (sent) => {
    if (isWatched && isCommand(sent, 'EXEC')) await meanwhile();
    isWatched = isCommand(sent, 'WATCH', 'pools') || (isWatched && !isCommand(sent, 'EXEC'));
  });
}

/** A pool that somebody else has written, and not entered in the set yet. */
const stranger = JSON.stringify({ pool_id: 'STRANGE', token_x: 'BTC', token_y: 'USDC', active_bin_id: 500, status: 'active' });

test('a pool that somebody else enters and takes away while seed counts does not come back into the set', async () => {
  const redis = await startRedis();
  await redis.command('SET', 'pool:STRANGE', stranger);
  let times = 0;
  const between = await whileItIsWatched(redis, async () => {
    times += 1;
    if (times > 1) return;
    await redis.command('SADD', 'pools', 'STRANGE');
    await redis.transaction([['DEL', 'pool:STRANGE'], ['SREM', 'pools', 'STRANGE']]);
  });
  await succeed(['seed'], { redis: between });
  assert.equal(times, 2, 'it was tried again');
  assert.deepEqual(await members(redis), SEEDED);
});

test('where others change the set all the time it is written all the same', async () => {
  const redis = await startRedis();
  let times = 0;
  const between = await whileItIsWatched(redis, () => redis.command('SADD', 'pools', `OTHER-${(times += 1)}`));
  await succeed(['seed'], { redis: between });
  assert.ok(times >= 5, `${times}`);
  const found = await members(redis);
  for (const id of SEEDED) assert.ok(found.includes(id), `${id} in ${found}`);
});

test('a simulation stands it that others change the set while it counts', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  let times = 0;
  const between = await whileItIsWatched(redis, async () => {
    times += 1;
    // Every other time, so that each change of the simulation's is tried twice.
    if (times % 2 === 0) return;
    await redis.command('SADD', 'pools', 'PASSING');
    await redis.command('SREM', 'pools', 'PASSING');
  });
  await succeed(['simulate', '--churn', '--seed', '5', '--updates', '60', '--interval', '0.001'], { redis: between });
  assert.ok(times >= 4, `${times}`);
  assert.deepEqual(await members(redis), SEEDED);
  const verdict = await json(['verify', '--json'], { redis });
  assert.deepEqual([verdict.pools, verdict.bins, verdict.findings], [3, 303, []]);
});

/** With this seed the only update of a simulation over the sample adds a copy of BTC-USDC-25. */
const ADDS_AT_ONCE = '9';

test('a read that Redis refuses leaves no watch behind that would undo what comes after it', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  let state = 'before';
  const between = await standBetween(redis, async (sent) => {
    if (state === 'before' && isCommand(sent, 'WATCH', 'pairs:BTC:USDC')) state = 'watched';
    else if (state === 'watched') {
      state = 'refused';
      // The pool is written, its lists are not, and somebody else writes one of them. Then the end takes the pool away.
      await redis.command('SET', 'tokens:BTC', JSON.stringify(SEEDED.slice(0, 2)));
      return '-BUSY a script runs\r\n';
    }
    return undefined;
  });
  const { status, stdout } = await dlmm(['simulate', '--churn', '--seed', ADDS_AT_ONCE, '--updates', '1'], { redis: between });
  assert.deepEqual([state, status], ['refused', 0], stdout);
  assert.deepEqual(await redis.command('KEYS', '*SIM*'), []);
  assert.deepEqual(await members(redis), SEEDED);
});
