<<<<<<< HEAD
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
    /^error pool:SOL-USDC-25: status is none of active, inactive, paused$/,
  ];
  for (const [index, line] of expected.entries()) assert.match(told[index], line);
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
    'warning metadata: total_bins is 5, counted were 303',
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
=======
// `dlmm quote --include-state` and `dlmm verify-quote`: quotes that can be computed anew from what they carry.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRedis } from '../stack/index.mjs';
import { randomRequests } from '../worker/random-requests.mjs';
import { change, dlmm, networks, succeed, temporaryFolder } from './dlmm.mjs';

const folder = temporaryFolder();
const FLAGS = ['quote', '--token-in', 'BTC', '--token-out', 'SOL', '--amount-in', '1.5', '--include-state', '--json'];

async function seeded(snapshot) {
  const redis = await startRedis();
  const from = snapshot === undefined ? [] : ['--from', file('seed.json', JSON.stringify(snapshot))];
  await succeed(['seed', ...from], { redis });
  return redis;
}

function file(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const verify = (input) => dlmm(['verify-quote', '-'], { input });

test('a quote from Redis and one from a snapshot are equal, however they were written', async () => {
  const redis = await seeded();
  const snapshot = join(folder, 'snapshot.json');
  await succeed(['snapshot', '--out', snapshot], { redis });
  for (const answer of [await succeed(FLAGS, { redis }), await succeed([...FLAGS, '--snapshot', snapshot])]) {
    const value = JSON.parse(answer);
    assert.equal(value.input.format, 'dlmm-input/1');
    assert.match(value.digest, /^sha256:[0-9a-f]{64}$/);
    const reversed = Object.fromEntries(Object.entries(value).reverse());
    for (const text of [answer, JSON.stringify(value), JSON.stringify(value, null, 2), JSON.stringify(reversed)]) {
      assert.deepEqual(await verify(text), { status: 0, stdout: 'equal\n', stderr: '' });
    }
    assert.equal(await succeed(['verify-quote', file('answer.json', answer)]), 'equal\n');
  }
});

test('the same state and request have the same digest, whenever and wherever they are quoted', async () => {
  const redis = await seeded();
  const answers = [JSON.parse(await succeed(FLAGS, { redis })), JSON.parse(await succeed(FLAGS, { redis }))];
  assert.equal(answers[0].digest, answers[1].digest);
  await change(redis, 'bin:SOL-USDC-25:470', (bin) => (bin.total_liquidity = 1));
  assert.notEqual(JSON.parse(await succeed(FLAGS, { redis })).digest, answers[0].digest);
});

test('without include_state an answer carries neither input nor digest', async () => {
  const answer = JSON.parse(await succeed(FLAGS.filter((flag) => flag !== '--include-state'), { redis: await seeded() }));
  assert.deepEqual([answer.success, answer.input, answer.digest], [true, undefined, undefined]);
});

test('the table names the digest', async () => {
  const redis = await seeded();
  const { digest } = JSON.parse(await succeed(FLAGS, { redis }));
  const table = await succeed(FLAGS.filter((flag) => flag !== '--json'), { redis });
  assert.ok(table.includes(digest), table);
});

test('what was changed is named, and ends with 1', async () => {
  const answer = await succeed(FLAGS, { redis: await seeded() });
  const { amount_out_atomic } = JSON.parse(answer);
  const more = String(BigInt(amount_out_atomic) + 1n);
  const { status, stdout, stderr } = await verify(answer.replace(`"amount_out_atomic":"${amount_out_atomic}"`, `"amount_out_atomic":"${more}"`));
  assert.deepEqual([status, stderr], [1, '']);
  assert.equal(stdout, `different\n  amount_out_atomic: given "${more}", computed "${amount_out_atomic}"\n  digest: not that of this answer\n`);

  const forged = await verify(answer.replace(/"digest":"sha256:./, '"digest":"sha256:g'));
  assert.deepEqual(forged, { status: 1, stdout: 'different\n  digest: not that of this answer\n', stderr: '' });
});

test('what is no quote with its input ends with 2 and says why', async () => {
  const redis = await seeded();
  const plain = await succeed(FLAGS.filter((flag) => flag !== '--include-state'), { redis });
  const { stdout: refusal } = await dlmm([...FLAGS, '--max-hops', '1'], { redis });
  for (const [input, reason] of [
    ['', 'there is no answer to check'],
    ['nonsense', 'this is not JSON: expected ident at line 1 column 2'],
    [plain, 'input is missing: ask for the quote with include_state (INVALID_REQUEST)'],
    [refusal, 'success is not true: only a quote can be verified, not an error (INVALID_REQUEST)'],
    ['{"success":true,"success":true}', 'quote cannot be read: success is there twice (INVALID_REQUEST)'],
  ]) {
    assert.deepEqual(await verify(input), { status: 2, stdout: '', stderr: `dlmm: ${reason}\n` });
  }
  const { status, stderr } = await dlmm(['verify-quote', join(folder, 'absent')]);
  assert.equal(status, 2);
  assert.match(stderr, /^dlmm: cannot read .*absent: No such file/);
  const bytes = join(folder, 'bytes');
  writeFileSync(bytes, Buffer.from([0x7b, 0xff]));
  assert.equal((await dlmm(['verify-quote', bytes])).stderr, `dlmm: ${bytes} is not UTF-8\n`);
});

test('several answers in one file are told apart', async () => {
  const answer = await succeed(FLAGS, { redis: await seeded() });
  const bent = answer.replace('"route_type":"multi_pair"', '"route_type":"multi_pool"');
  const { status, stdout, stderr } = await verify(`${answer}${bent}{"success":false}\n`);
  assert.equal(status, 2);
  assert.equal(stderr, 'dlmm: 3: success is not true: only a quote can be verified, not an error (INVALID_REQUEST)\n');
  const lines = stdout.split('\n');
  assert.deepEqual([lines[0], lines[1]], ['1: equal', '2: different']);
  assert.equal(lines.at(-2), '3 answers: 1 equal, 1 different, 1 not checked');
});

/** Quotes random requests and gives the answers that are quotes, as JavaScript reads and writes them. */
async function answers(redis, tokens, pools, seed) {
  const requests = randomRequests(seed, 80, tokens, pools).map((request) => ({ ...request, include_state: true }));
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const lines = (await succeed(['quote', '--requests', '-'], { redis, input })).trimEnd().split('\n');
  return lines.filter((line) => JSON.parse(line).success).flatMap((line) => [line, JSON.stringify(JSON.parse(line))]);
}

test('random quotes are equal, over the sample, over state that is bent, and over a network', async () => {
  const seed = Number(process.env.DLMM_TEST_SEED ?? 20_261_124);
  const redis = await seeded();
  const sample = [{ BTC: 8, SOL: 9, USDC: 6 }, ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']];
  const quotes = await answers(redis, ...sample, seed);
  await change(redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 507));
  await change(redis, 'bin:SOL-USDC-25:498', (bin) => (bin.price = 150.5));
  await redis.command('SET', 'bin:BTC-USDC-50:520', '{"bin_id":520,"é\\ud83d\\ude00":');
  quotes.push(...(await answers(redis, ...sample, seed + 1)));
  const [network] = networks().toSorted((a, b) => b.pools.length - a.pools.length);
  const decimals = Object.fromEntries(Object.entries(network.tokens).map(([symbol, token]) => [symbol, token.decimals]));
  quotes.push(...(await answers(await seeded(network), decimals, network.pools.map(({ pool_id }) => pool_id), seed + 2)));
  assert.ok(quotes.length > 150, `${quotes.length} quotes`);
  const output = await succeed(['verify-quote', '-'], { input: quotes.join('\n') });
  assert.equal(output.trimEnd().split('\n').at(-1), `${quotes.length} answers: ${quotes.length} equal, 0 different, 0 not checked`);
>>>>>>> 6e8c1ba (feat(cli): quote --include-state, and verify-quote that computes an answer anew)
});
