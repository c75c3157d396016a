// `dlmm verify`: names every key that is wrong, and fails where something cannot be quoted.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startRedis } from '../stack/index.mjs';
import { change, dlmm, succeed, userOf } from './dlmm.mjs';

async function seeded() {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  return redis;
}

async function verify(redis, ...args) {
  const { status, stdout } = await dlmm(['verify', '--json', ...args], { redis });
  const verdict = JSON.parse(stdout);
  return { ...verdict, status, told: verdict.findings.map(({ level, key, problem }) => `${level} ${key}: ${problem}`) };
}

test('a Redis without pools is not verified', async () => {
  const { status, told } = await verify(await startRedis());
  assert.deepEqual([status, told[0]], [1, 'error pools: no pools were found, so nothing was checked']);
});

test('pools without a single bin are an error, one pool without bins is a warning', async () => {
  const redis = await seeded();
  const remove = async (pattern) => redis.command('DEL', ...(await redis.command('KEYS', pattern)));
  await remove('bin:SOL-USDC-25:*');
  const one = await verify(redis);
  assert.equal(one.status, 0);
  assert.ok(one.told.includes('warning pool:SOL-USDC-25: has no bins, so nothing can be traded in it'), `${one.told}`);
  assert.equal((await verify(redis, '--strict')).status, 1);
  await remove('bin:*');
  const all = await verify(redis);
  const error = 'error bin:*: no pool has a bin, so nothing can be quoted: a producer writes bin:{pool}:{id} beside each pool';
  assert.deepEqual([all.status, all.errors, all.told[0]], [1, 1, error]);
});

test('finds nothing in what the seeder writes and in what a simulation leaves', async () => {
  const redis = await seeded();
  const clean = await verify(redis, '--strict');
  assert.deepEqual([clean.status, clean.told, clean.pools, clean.bins], [0, [], 3, 303]);
  await succeed(['simulate', '--interval', '0.001', '--updates', '60', '--seed', '4', '--churn'], { redis });
  const after = await verify(redis, '--strict');
  assert.deepEqual([after.status, after.told, after.pools, after.bins], [0, [], 3, 303]);
  assert.match(await succeed(['verify'], { redis }), /^0 errors, 0 warnings in 3 pools and 303 bins\n$/);
});

test('what cannot be quoted is an error, each key by its name', async () => {
  const redis = await seeded();
  await redis.command('SET', 'bin:BTC-USDC-25:480', '{');
  await change(redis, 'bin:BTC-USDC-25:481', (bin) => (bin.y_amount = -1));
  await change(redis, 'bin:BTC-USDC-50:500', (bin) => (bin.price = 0));
  await change(redis, 'pool:SOL-USDC-25', (pool) => (pool.status = 'closed'));
  await redis.command('DEL', 'bin:BTC-USDC-50:450');
  await redis.command('SADD', 'bin:BTC-USDC-50:450', 'x');
  const { status, told, errors } = await verify(redis);
  assert.equal(status, 1);
  assert.equal(errors, 5);
  const expected = [
    /^error bin:BTC-USDC-25:480: not a bin value/,
    /^error bin:BTC-USDC-25:481: y_amount is negative$/,
    /^error bin:BTC-USDC-50:450: is a set, not a string$/,
    /^error bin:BTC-USDC-50:500: price is zero$/,
    /^error pool:SOL-USDC-25: status is not active, inactive or paused$/,
  ];
  for (const [index, line] of expected.entries()) assert.match(told[index], line);
});

test('a value that is broken is told by itself: lists and counters go by its pair, and where that cannot be read they refer to it', async () => {
  const redis = await startRedis();
  const key = 'pool:SOL-USDC-25';
  for (const [field, value, problem] of [
    ['status', 7, 'status is not text'],
    ['active_bin_id', 'x', 'active_bin_id is not a decimal number'],
    ['x_provider_fee', -1, 'x_provider_fee is negative'],
    ['token_x_decimals', 99, 'token_x_decimals is not a whole number from 0 to 38'],
  ]) {
    await succeed(['seed', '--force'], { redis });
    await change(redis, key, (pool) => (pool[field] = value));
    assert.deepEqual((await verify(redis)).told, [`error ${key}: ${problem}`]);
  }
  for (const [field, value, problem] of [['token_x', 5, 'token_x is not text'], ['pool_id', 'OTHER', 'pool_id is OTHER']]) {
    await succeed(['seed', '--force'], { redis });
    await change(redis, key, (pool) => (pool[field] = value));
    const reference = 'warning tokens:USDC: names a pool that cannot be used: SOL-USDC-25, see pool:SOL-USDC-25';
    assert.deepEqual((await verify(redis)).told, [`error ${key}: ${problem}`, 'warning metadata: total_tokens is 3, but 2 were counted', reference]);
    // Whoever counts it anew counts as this does.
    await succeed(['seed', '--pools', '1', '--seed', '5', '--width', '0'], { redis });
    assert.ok(!(await verify(redis)).told.some((told) => told.includes('metadata')));
    await redis.command('FLUSHALL');
  }
});

test('contradictions, lists and counters are warnings', async () => {
  const redis = await seeded();
  await change(redis, 'bin:BTC-USDC-25:510', (bin) => (bin.y_amount = 5));
  await change(redis, 'bin:BTC-USDC-50:499', (bin) => (bin.is_active = true));
  await change(redis, 'bin:SOL-USDC-25:520', (bin) => (bin.price = 1));
  await redis.command('SET', 'bin:GONE:500', '{}');
  await redis.command('SET', 'bin:SOL-USDC-25:1001', '{}');
  await redis.command('SREM', 'pools', 'SOL-USDC-25');
  await redis.command('SET', 'tokens:BTC', '["BTC-USDC-25","OLD"]');
  await redis.command('HSET', 'metadata', 'total_bins', '5');
  const { status, told, errors } = await verify(redis);
  assert.deepEqual([status, errors], [0, 0]);
  assert.deepEqual(told, [
    'warning bin:BTC-USDC-25:510: the bin holds a token on the wrong side of the active bin',
    'warning bin:BTC-USDC-50:499: is_active contradicts active_bin_id of the pool',
    'warning bin:GONE:500: belongs to no pool',
    'warning bin:SOL-USDC-25:1001: does not end with a bin id from 0 to 1000',
    'warning bin:SOL-USDC-25:520: the price is below that of a lower bin',
    'warning metadata: total_bins is 5, but 303 were counted',
    'warning pools: lacks the pool SOL-USDC-25',
    'warning tokens:BTC: lacks the pool BTC-USDC-50',
    'warning tokens:BTC: names a pool that does not belong there: OLD',
  ]);
  assert.equal((await verify(redis, '--strict')).status, 1);
});

test('pools that disagree on decimals are errors, and name both keys', async () => {
  const redis = await seeded();
  await change(redis, 'pool:BTC-USDC-25', (pool) => (pool.token_x_decimals = 8));
  await change(redis, 'pool:BTC-USDC-50', (pool) => (pool.token_x_decimals = 9));
  const { status, told } = await verify(redis);
  assert.equal(status, 1);
  assert.deepEqual(told.map((line) => line.split(':').slice(0, 2).join(':')), ['error pool:BTC-USDC-25', 'error pool:BTC-USDC-50']);
  assert.match(told[0], /8 decimals in pool:BTC-USDC-25 and 9 in pool:BTC-USDC-50/);
});

test('says what a user may not see', async () => {
  const redis = await seeded();
  const url = await userOf(redis, '+@read', '-scan', '-keys', '+@connection');
  const verdict = await verify(url);
  assert.equal(verdict.status, 0);
  assert.ok(verdict.unseen.some((what) => what.startsWith('bins of no pool')), `${verdict.unseen}`);
});

test('status --watch shows it again until Ctrl-C', async () => {
  const redis = await seeded();
  const child = spawn(await dlmmBin(), ['status', '--json', '--watch', '0.05'], { env: { REDIS_URL: redis.url }, stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const seen = [];
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(JSON.parse(line).counts.bins);
    if (seen.length === 1) await redis.command('DEL', 'bin:SOL-USDC-25:450');
    if (seen.includes(302)) child.kill('SIGINT');
  }
  assert.deepEqual(await closed, [0, null]);
  assert.deepEqual([seen[0], seen.at(-1)], [303, 302]);
});

test('a value that no reply to the service carries is an error, status names it, and its pool is not quoted', async () => {
  const redis = await seeded();
  const pad = async (key) => redis.command('SET', key, (await redis.command('GET', key)) + ' '.repeat(11 * 1024 * 1024));
  await pad('pool:BTC-USDC-25');
  await pad('bin:SOL-USDC-25:500');
  const { status, told } = await verify(redis);
  assert.equal(status, 1);
  assert.equal(told.length, 2, told.join('\n'));
  assert.match(told[0], /^error bin:SOL-USDC-25:500: holds 11\d{6} bytes, too many for a reply$/);
  assert.match(told[1], /^error pool:BTC-USDC-25: holds 11\d{6} bytes, too many for a reply$/);
  assert.match(await succeed(['status'], { redis }), /^pool:BTC-USDC-25 is left out: holds 11\d{6} bytes, too many for a reply$/m);
  const quote = JSON.parse(await succeed(['quote', 'BTC', 'USDC', '1', '--json'], { redis }));
  assert.deepEqual(quote.routes.flatMap(({ hops }) => hops.map(({ pool_id }) => pool_id)), ['BTC-USDC-50']);
  assert.deepEqual(quote.warnings.map(({ code, key }) => [code, key]), [['POOL_SKIPPED', 'pool:BTC-USDC-25']]);
});

test('a block that is no height is a warning, of a pool and of the metadata', async () => {
  const redis = await seeded();
  await change(redis, 'pool:BTC-USDC-25', (pool) => (pool.block_height = 'abc'));
  await redis.command('HSET', 'metadata', 'block_height', '-1');
  const { told } = await verify(redis);
  assert.deepEqual(told, ['metadata', 'pool:BTC-USDC-25'].map((key) => `warning ${key}: block_height is not the height of a block`));
});
