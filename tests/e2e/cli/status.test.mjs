// `dlmm status`: what it counts, what it finds missing, and what it cannot see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRedis } from '../stack/index.mjs';
import { change, json, succeed, userOf } from './dlmm.mjs';

const status = (options) => json(['status', '--json'], options);
const COMPLETE = { unseen: false, missing: [], stale: [], unreadable: [] };

test('shows seeded pools as a table and as JSON', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const table = await succeed(['status'], { redis });
  assert.match(table, /Redis +127\.0\.0\.1:\d+, version \d+\.\d+/);
  assert.match(table, /counted +3 pools, 3 tokens, 303 bins/);
  assert.match(table, /memory +[\d.]+ [KMG]iB/);
  assert.match(table, /│ SOL-USDC-25 ┆ SOL\/USDC ┆ active ┆ +500 ┆ +101 ┆ +\d+ m?s │/);
  for (const index of ['pools set', 'pairs lists', 'tokens lists', 'metadata']) {
    assert.match(table, new RegExp(`${index} +complete`));
  }
  assert.doesNotMatch(table, / \n/);

  const survey = await status({ redis });
  assert.equal(survey.address, `127.0.0.1:${redis.port}`);
  assert.deepEqual(survey.counts, { pools: 3, tokens: 3, bins: 303 });
  assert.equal(survey.server.keys, 313);
  assert.ok(survey.server.used_memory_bytes > 100_000);
  assert.deepEqual(survey.unseen, []);
  const [pool] = survey.pools;
  assert.deepEqual(
    [pool.pool_id, pool.token_x, pool.token_y, pool.status, pool.active_bin_id, pool.bins, pool.fault],
    ['BTC-USDC-25', 'BTC', 'USDC', 'active', 500, 101, null],
  );
  for (const index of ['pools_set', 'pairs', 'tokens']) assert.deepEqual(survey.indexes[index], COMPLETE);
  assert.deepEqual(survey.indexes.metadata.total_bins, { stored: '303', counted: 303 });
});

test('tells ages apart', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const ago = (ms) => new Date(Date.now() - ms).toISOString();
  await change(redis, 'pool:BTC-USDC-50', (pool) => (pool.last_updated = ago(3 * 86_400_000)));
  await change(redis, 'pool:SOL-USDC-25', (pool) => (pool.last_updated = 'yesterday'));
  const { pools, newest_age_ms, oldest_age_ms } = await status({ redis });
  assert.deepEqual([pools[2].last_updated, pools[2].age_ms], ['yesterday', null]);
  assert.equal(pools[1].age_ms, oldest_age_ms);
  assert.ok(newest_age_ms < 60_000 && oldest_age_ms >= 3 * 86_400_000);
  assert.match(await succeed(['status'], { redis }), /age +newest .*, oldest 3 d/);
});

test('tells the heartbeat, and ages as quotes tell them', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const hour = 3_600_000;
  await change(redis, 'pool:BTC-USDC-50', (pool) => (pool.last_updated = new Date(Date.now() - hour).toISOString()));
  await change(redis, 'pool:SOL-USDC-25', (pool) => (pool.last_updated = Date.now() + 8 * hour));
  const told = async (heartbeat) => {
    if (heartbeat !== undefined) await redis.command('HSET', 'metadata', 'heartbeat_ms', String(heartbeat));
    const { heartbeat: row, oldest_age_ms, pools } = await status({ redis });
    const table = await succeed(['status'], { redis });
    assert.deepEqual([pools[2].age_ms, pools[2].ahead_ms > 7 * hour], [null, true]);
    assert.match(table, /SOL-USDC-25 .* 7 h ahead/);
    return { row, oldest_age_ms, line: table.match(/heartbeat +(.*\S)/)[1] };
  };
  const none = await told();
  assert.deepEqual([none.row, none.line], [null, 'none']);
  assert.ok(none.oldest_age_ms >= hour);
  const alive = await told(Date.now() - 500);
  assert.ok(alive.row.age_ms >= 500 && alive.oldest_age_ms < 60_000);
  assert.match(alive.line, /^\d+ m?s ago$/);
  const ahead = await told(Date.now() + 8 * hour);
  assert.deepEqual([ahead.row.age_ms, ahead.row.ahead_ms > 7 * hour, ahead.line], [null, true, '7 h ahead, so it does not count']);
  assert.ok(ahead.oldest_age_ms >= hour);
  const odd = await told('soon');
  assert.deepEqual([odd.row, odd.line], [{ heartbeat_ms: 'soon', age_ms: null, ahead_ms: null }, 'no time: soon']);
  const checked = await json(['verify', '--json'], { redis });
  assert.deepEqual(checked.findings.map(({ key }) => key), ['metadata', 'pool:SOL-USDC-25']);
  // Whoever may not see it is told of none, as the Worker is.
  const url = await userOf(redis, '+@all', '-hmget');
  assert.equal((await json(['status', '--json', '--redis', url])).heartbeat, null);
});

test('compares every list and counter with what is there', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  await redis.transaction([
    ['SREM', 'pools', 'SOL-USDC-25'],
    ['SADD', 'pools', 'GONE'],
    ['SET', 'pairs:BTC:USDC', '["BTC-USDC-25","SOL-USDC-25"]'],
    ['DEL', 'pairs:SOL:USDC'],
    ['SET', 'tokens:BTC', 'broken'],
    ['HSET', 'metadata', 'total_bins', '7'],
    ['HDEL', 'metadata', 'total_tokens'],
    ['DEL', 'bin:BTC-USDC-25:450'],
  ]);
  const { counts, indexes } = await status({ redis });
  assert.deepEqual(counts, { pools: 3, tokens: 3, bins: 302 });
  assert.deepEqual(indexes.pools_set, { ...COMPLETE, missing: ['pools: SOL-USDC-25'], stale: ['pools: GONE'] });
  assert.deepEqual(indexes.pairs, {
    ...COMPLETE,
    missing: ['pairs:BTC:USDC: BTC-USDC-50', 'pairs:SOL:USDC: SOL-USDC-25'],
    stale: ['pairs:BTC:USDC: SOL-USDC-25'],
  });
  assert.deepEqual(indexes.tokens, { ...COMPLETE, unreadable: ['tokens:BTC'] });
  assert.deepEqual(indexes.metadata.total_bins, { stored: '7', counted: 302 });
  assert.deepEqual(indexes.metadata.total_tokens, { stored: null, counted: 3 });
  const table = await succeed(['status'], { redis });
  assert.match(table, /pools set +missing pools: SOL-USDC-25; stale pools: GONE/);
  assert.match(table, /metadata +total_tokens is absent, counted 3; total_bins is 7, counted 302/);
});

test('names pools that cannot be read, and counts them', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  await redis.command('SET', 'pool:BTC-USDC-25', '{"pool_id"');
  await change(redis, 'pool:BTC-USDC-50', (pool) => (pool.pool_id = 'ANOTHER'));
  const { pools, counts } = await status({ redis });
  assert.match(pools[0].fault, /^not a pool value: .* the text ends/);
  assert.deepEqual([pools[1].fault, pools[1].status, pools[1].bins], ['pool_id is ANOTHER', null, 101]);
  assert.deepEqual(counts, { pools: 3, tokens: 2, bins: 303 });
  const table = await succeed(['status'], { redis });
  assert.match(table, /BTC-USDC-25 ┆ \? +┆ unreadable/);
  assert.match(table, /\npool:BTC-USDC-50 cannot be quoted: pool_id is ANOTHER/);
});

test('an empty Redis is no failure', async () => {
  const redis = await startRedis();
  assert.deepEqual((await status({ redis })).counts, { pools: 0, tokens: 0, bins: 0 });
  const table = await succeed(['status'], { redis });
  assert.match(table, /metadata +absent/);
  assert.match(table, /no pools to show/);
});

test('serves users who may not SCAN from the pools set, and says what they cannot see', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const reader = await userOf(redis, '+@read', '+@connection', '-scan', '-keys');
  const limited = await status({ redis: reader });
  assert.deepEqual(limited.counts, { pools: 3, tokens: 3, bins: 303 });
  assert.equal(limited.server.redis_version, null);
  assert.deepEqual(limited.unseen, [
    'version and memory of Redis: this user may not run INFO',
    'pools that the pools set leaves out: this user may not SCAN',
  ]);

  // Without the set there is nothing to go by; that is said, not shown as an empty Redis.
  await redis.command('DEL', 'pools');
  const blind = await status({ redis: reader });
  assert.equal(blind.counts.pools, 0);
  assert.match(blind.unseen[1], /^which pools there are: the pools set is absent/);
  assert.match(await succeed(['status'], { redis: reader }), /\ncannot see which pools there are: /);
  assert.equal((await status({ redis })).counts.pools, 3);
});

test('gets by with MGET and SMEMBERS alone', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const survey = await status({ redis: await userOf(redis, '+mget', '+smembers') });
  assert.deepEqual(survey.counts, { pools: 3, tokens: 3, bins: null });
  assert.deepEqual([survey.server.keys, survey.indexes.metadata.unseen], [null, true]);
  assert.equal(survey.unseen.length, 4);
});
