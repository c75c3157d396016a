// `dlmm verify-quote --request --snapshot --redis`: answers that are sound in themselves and yet not true.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRedis } from '../stack/index.mjs';
import { change, dlmm, succeed, temporaryFolder } from './dlmm.mjs';

const folder = temporaryFolder();
const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: '1.5' };

function file(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const own = file('request.json', JSON.stringify(REQUEST));

async function seeded() {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  return redis;
}

/** Quotes the request, or another one, from this Redis. */
async function answered(redis, more = {}, flags = []) {
  const input = `${JSON.stringify({ ...REQUEST, include_state: true, ...more })}\n`;
  return succeed(['quote', '--requests', '-', ...flags], { redis, input });
}

const against = (answer, redis, flags = []) => dlmm(['verify-quote', '-', '--request', own, '--redis', redis.url, ...flags], { input: answer });

/** Another Redis that holds the same, written long ago: who changes a value then leaves its time as it is. */
async function copyOf(redis) {
  const copy = await startRedis();
  const keys = [...(await redis.command('KEYS', 'pool:*')), ...(await redis.command('KEYS', 'bin:*'))];
  const values = await redis.command('MGET', ...keys);
  await copy.command('MSET', ...keys.flatMap((key, at) => [key, values[at]]));
  await copy.command('SADD', 'pools', ...(await redis.command('SMEMBERS', 'pools')));
  return copy;
}

/** What is told of an answer that a liar made of another state: sound in itself, different against the true one. */
async function forged(lie, flags) {
  const truth = await seeded();
  for (const id of await truth.command('SMEMBERS', 'pools')) {
    await change(truth, `pool:${id}`, (pool) => Object.assign(pool, { created_at: '2026-01-01T00:00:00Z', last_updated: '2026-01-01T00:00:00Z' }));
  }
  const liar = await copyOf(truth);
  await lie(liar);
  const answer = await answered(liar, {}, flags);
  assert.equal((await dlmm(['verify-quote', '-'], { input: answer })).stdout, 'equal\n');
  const snapshot = join(folder, 'truth.json');
  await succeed(['snapshot', '--out', snapshot], { redis: truth });
  const told = await against(answer, truth);
  assert.deepEqual([told.status, told.stderr], [1, ''], told.stdout);
  const offline = await dlmm(['verify-quote', '-', '--request', own, '--snapshot', snapshot], { input: answer });
  assert.deepEqual([offline.status, offline.stderr], [1, ''], offline.stdout);
  return [told.stdout, offline.stdout];
}

test('a true answer is equal against Redis and against a snapshot of it', async () => {
  const redis = await seeded();
  const snapshot = join(folder, 'snapshot.json');
  await succeed(['snapshot', '--out', snapshot], { redis });
  const answer = await answered(redis);
  assert.deepEqual(await against(answer, redis), { status: 0, stdout: 'equal\n', stderr: '' });
  for (const flags of [['--request', own], ['--snapshot', snapshot], ['--default-fee-bps', '10'], ['--redis', redis.url]]) {
    assert.deepEqual(await dlmm(['verify-quote', '-', ...flags], { input: answer }), { status: 0, stdout: 'equal\n', stderr: '' }, `${flags}`);
  }
});

test('a pool that was left out of the input is named', async () => {
  const told = await forged(async (redis) => {
    await redis.command('DEL', 'pool:BTC-USDC-25');
    await redis.command('SREM', 'pools', 'BTC-USDC-25');
  });
  for (const text of told) assert.match(text, /^different\n {2}pool:BTC-USDC-25: given nothing, computed /);
});

test('a bin that was left out, and one that was changed, is named', async () => {
  for (const text of await forged((redis) => redis.command('DEL', 'bin:BTC-USDC-50:499'))) {
    assert.match(text, /^different\n {2}bin:BTC-USDC-50:499: given nothing, computed /);
  }
  for (const text of await forged((redis) => change(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.price = 99_000)))) {
    assert.match(text, /^different\n {2}bin:BTC-USDC-25:500: given ".*, computed "/);
  }
});

test('another default fee, and other decimals, are named', async () => {
  const [online, offline] = await forged(() => {}, ['--default-fee-bps', '0']);
  assert.match(online, /\n {2}input\.default_fee_bps: given 0, computed 10\n/);
  assert.match(offline, /\n {2}pool:BTC-USDC-25: given /);
  for (const text of await forged(async (redis) => {
    for (const id of ['BTC-USDC-25', 'BTC-USDC-50']) await change(redis, `pool:${id}`, (pool) => (pool.token_x_decimals = 9));
  })) {
    assert.match(text, /\n {2}input\.decimals\.BTC\.decimals: given 9, computed 8\n/);
  }
});

test('an answer to another request is named field by field', async () => {
  const redis = await seeded();
  for (const [field, value, told] of [
    ['amount_in', '1.4', 'given "1.4", computed "1.5"'],
    ['slippage_bps', 100, 'given 100, computed 50'],
    ['exclude_pools', ['BTC-USDC-25'], 'given a list of 1, computed null'],
    ['max_splits', 1, 'given 1, computed 4'],
  ]) {
    const answer = await answered(redis, { [field]: value });
    const { status, stdout } = await against(answer, redis);
    assert.equal(status, 1);
    assert.ok(stdout.includes(`\n  input.request.${field}: ${told}\n`), stdout);
  }
});

test('a state that moved on since is told apart from a forged one, with an exit code of its own', async () => {
  const redis = await seeded();
  const answer = await answered(redis);
  await change(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.x_amount = 0.5));
  // Nobody said that the pool was written: that is what a forged text looks like.
  assert.equal((await against(answer, redis)).status, 1);
  await change(redis, 'pool:BTC-USDC-25', (pool) => (pool.last_updated = new Date(Date.now() + 1_000).toISOString()));
  const moved = await against(answer, redis);
  assert.deepEqual([moved.status, moved.stderr], [3, '']);
  assert.equal(moved.stdout, 'moved\n  pool:BTC-USDC-25: was written since, so that the answer cannot be compared with it\n');
  const both = await against(`${answer}${await answered(redis)}`, redis);
  assert.deepEqual([both.status, both.stdout.split('\n').at(-2)], [3, '2 answers: 1 equal, 0 different, 1 moved since, 0 not checked']);
});

test('what cannot be compared with is an error, not a verdict', async () => {
  const redis = await seeded();
  const answer = await answered(redis);
  for (const [flags, status, reason] of [
    [['--request', file('bad.json', '{"token_in":1}')], 2, /token_in/],
    [['--request', join(folder, 'absent')], 2, /cannot read/],
    [['--snapshot', file('bad-snapshot.json', '{}')], 2, /snapshot/],
    [['--snapshot', join(folder, 'absent')], 2, /cannot read/],
    [['--redis', 'redis://127.0.0.1:1'], 2, /cannot connect/],
    [['--service', 'http://127.0.0.1:1'], 2, /cannot ask/],
    [['--redis', 'redis://h?x=1'], 2, /parameter x/],
    [['--redis', redis.url, '--snapshot', own], 2, /cannot be used with/],
  ]) {
    const { status: given, stderr, stdout } = await dlmm(['verify-quote', '-', ...flags], { input: answer });
    assert.deepEqual([given, stdout], [status, ''], `${flags}: ${stderr}`);
    assert.match(stderr, reason);
  }
});
