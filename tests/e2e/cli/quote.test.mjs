// `dlmm quote`: one request, from Redis and from a snapshot.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, startRedis } from '../stack/index.mjs';
import { batch, change, dlmm, json, networks, succeed, temporaryFolder, userOf } from './dlmm.mjs';

const folder = temporaryFolder();
const flags = (tokenIn, tokenOut, amount) => ['--token-in', tokenIn, '--token-out', tokenOut, '--amount-in', amount];
const BTC_USDC = ['quote', ...flags('BTC', 'USDC', '1.0')];

async function seeded() {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  return redis;
}

/** Asks for JSON and gives the error of it; the exit code must be 1, or another one that is said. */
async function refusal(args, options, exit = 1) {
  const { status, stdout, stderr } = await dlmm([...args, '--json'], options);
  const body = JSON.parse(stdout);
  assert.deepEqual([status, body.success, body.request_id, stderr], [exit, false, null, ''], stdout);
  return body.error;
}

test('1 BTC gives 99900 USDC', async () => {
  const redis = await seeded();
  const text = await succeed([...BTC_USDC, '--json'], { redis });
  assert.match(text, /^\{"success":true,"mode":"exact_in",.*"amount_out":99900\.0,"amount_out_atomic":"99900000000",/);
  const answer = JSON.parse(text);
  assert.deepEqual([answer.route_type, answer.state.source, answer.warnings], ['multi_bin', 'redis', []]);
  assert.ok(answer.state.pools[0].age_ms >= 0);

  const table = await succeed(BTC_USDC, { redis });
  assert.match(table, /^1\.0 BTC -> 99,900\.0 USDC\n/);
  assert.match(table, /minimum received +99,400\.5 USDC\n/);
  assert.match(table, /│ +1 ┆ BTC-USDC-25 ┆ 500 ┆ 1\.0 BTC ┆ +0\.001 ┆ 99,900\.0 USDC ┆ 100,000\.0 │/);
});

test('goes over two pools where none has both tokens, and shows every hop', async () => {
  const redis = await seeded();
  const quote = ['quote', ...flags('BTC', 'SOL', '1')];
  const answer = await json([...quote, '--json'], { redis });
  assert.equal(answer.route_type, 'multi_pair');
  assert.deepEqual(answer.routes[0].hops.map(({ pool_id }) => pool_id), ['BTC-USDC-25', 'SOL-USDC-25']);
  assert.match(await succeed(quote, { redis }), /BTC -\[BTC-USDC-25\]-> USDC -\[SOL-USDC-25\]-> SOL/);
  assert.equal((await refusal([...quote, '--direct-only'], { redis })).code, 'NO_ROUTE');
});

test('passes every option on', async () => {
  const redis = await seeded();
  const ask = (...more) => json([...BTC_USDC, ...more, '--json'], { redis });
  assert.equal((await ask('--slippage-bps', '100')).minimum_received, 98901);
  const pool = async (...more) => (await ask(...more)).steps[0].pool_id;
  assert.equal(await pool('--pools', 'BTC-USDC-50'), 'BTC-USDC-50');
  assert.equal(await pool('--exclude-pools', 'BTC-USDC-25'), 'BTC-USDC-50');
  const atomic = ['quote', '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in-atomic', '100000000', '--json'];
  assert.equal((await json(atomic, { redis })).amount_out_atomic, '99900000000');
  const part = await json(['quote', ...flags('BTC', 'USDC', '1e6'), '--allow-partial', '--max-bins', '2', '--max-splits', '1', '--json'], { redis });
  assert.deepEqual([part.bins_used, part.warnings[0].code], [2, 'PARTIAL_FILL']);
  const code = async (...more) => (await refusal([...BTC_USDC, ...more], { redis })).code;
  assert.equal(await code('--max-age-ms', '0'), 'STALE_STATE');
  assert.equal(await code('--pools', 'NONE'), 'UNKNOWN_POOL');
  const limited = await ask('--max-candidate-pools', '1');
  assert.deepEqual(limited.warnings, [{ code: 'CANDIDATES_LIMITED', pools: 1 }]);
  assert.equal((await ask('--default-fee-bps', '30')).fees[0].total, 0.003);
  const settings = { DEFAULT_FEE_BPS: '30', MAX_CANDIDATE_POOLS: '' };
  assert.equal((await json([...BTC_USDC, '--json'], { redis, env: settings })).fees[0].total, 0.003);
});

test('shows what is stored now', async () => {
  const redis = await seeded();
  const out = async () => (await json([...BTC_USDC, '--json', '--pools', 'BTC-USDC-25'], { redis })).amount_out;
  assert.equal(await out(), 99900);
  await change(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.price = 90000));
  assert.equal(await out(), 89910);
  await change(redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 499));
  assert.equal(await out(), 99650.872817);
});

test('a quote is a listing, one MGET of the candidates with all their bins, and a look at those without a text', async () => {
  const redis = await seeded();
  const monitor = await redis.monitor();
  await succeed(['quote', ...flags('SOL', 'USDC', '1')], { redis });
  const names = (await monitor.commands()).map(({ name, args }) => `${name} ${args.length}`);
  const asked = names.filter((line) => !/^(HELLO|AUTH|CLIENT|SELECT|PING) /.test(line));
  assert.deepEqual(asked, ['SMEMBERS 1', 'DBSIZE 0', 'SCAN 5', 'MGET 3', 'HMGET 3', 'MGET 1002', 'EXISTS 900']);
});

test('finds pools that the set leaves out', async () => {
  const redis = await seeded();
  await redis.command('SREM', 'pools', 'SOL-USDC-25');
  const ask = (options) => json(['quote', ...flags('SOL', 'USDC', '1'), '--json'], options);
  assert.equal((await ask({ redis })).amount_out, 199.8);
  await redis.command('DEL', 'pools');
  assert.equal((await ask({ redis })).amount_out, 199.8);
});

test('a user who may not SCAN quotes from the set, and is told where there is none', async () => {
  const redis = await seeded();
  const reader = await userOf(redis, '+mget', '+smembers');
  assert.equal((await json([...BTC_USDC, '--json'], { redis: reader })).amount_out, 99900);
  await redis.command('DEL', 'pools');
  const error = await refusal(BTC_USDC, { redis: reader });
  assert.equal(error.code, 'REDIS_AUTH');
  assert.match(error.message, /may not SCAN/);
});

test('gives the same from a snapshot as from Redis', async () => {
  const redis = await seeded();
  const file = join(folder, 'sample.json');
  await succeed(['snapshot', '--out', file], { redis });
  const { state: online, ...fromRedis } = await json([...BTC_USDC, '--json'], { redis });
  const { state: offline, ...fromFile } = await json([...BTC_USDC, '--snapshot', file, '--json']);
  assert.deepEqual(fromFile, fromRedis);
  assert.deepEqual([online.source, offline.source], ['redis', 'snapshot']);
});

test('gives the same from a snapshot as from Redis, in networks of many tokens', async () => {
  const redis = await startRedis();
  // A small generator of its own: the requests are the same in every run.
  let seed = 7;
  const random = (below) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % below;
  let succeeded = 0;
  for (const network of networks().slice(0, 4)) {
    const file = join(folder, 'network.json');
    writeFileSync(file, JSON.stringify(network));
    await redis.command('FLUSHALL');
    await succeed(['seed', '--from', file], { redis });
    const tokens = Object.keys(network.tokens);
    const requests = Array.from({ length: 50 }, () => ({
      token_in: tokens[random(tokens.length)],
      token_out: tokens[random(tokens.length)],
      amount_in_atomic: String(1 + random(10) * 10 ** random(16)),
      max_hops: 1 + random(4),
      max_bins: 1 + random(60),
      allow_partial: random(2) === 0,
    }));
    const online = await batch(requests, [], { redis });
    const offline = await batch(requests, ['--snapshot', file]);
    for (const [at, { state, ...answer }] of online.entries()) {
      const { state: ofFile, ...other } = offline[at];
      assert.deepEqual(answer, other, JSON.stringify(requests[at]));
      if (answer.success) succeeded += 1;
    }
  }
  assert.ok(succeeded > 40, `${succeeded} of 200 quotes succeeded`);
});

test('names the stored value at fault', async () => {
  const redis = await seeded();
  await redis.command('SET', 'bin:BTC-USDC-25:500', '{broken');
  const skipped = await json([...BTC_USDC, '--json'], { redis });
  assert.equal(skipped.steps[0].pool_id, 'BTC-USDC-50');
  assert.deepEqual([skipped.warnings[0].code, skipped.warnings[0].key], ['POOL_SKIPPED', 'bin:BTC-USDC-25:500']);
  assert.match(await succeed(BTC_USDC, { redis }), /\nwarning: POOL_SKIPPED: bin:BTC-USDC-25:500 is left out: not a bin/);
  assert.equal((await refusal([...BTC_USDC, '--strict'], { redis })).code, 'STATE_INVALID');

  await change(redis, 'bin:BTC-USDC-50:500', (bin) => (bin.pool_id = 'ANOTHER'));
  const { code, details } = await refusal(BTC_USDC, { redis });
  assert.deepEqual([code, details.key], ['STATE_INVALID', 'bin:BTC-USDC-25:500']);
  const said = await dlmm(BTC_USDC, { redis });
  assert.deepEqual([said.status, said.stdout], [1, '']);
  assert.match(said.stderr, /^dlmm: the stored value bin:BTC-USDC-25:500 cannot be used: .* \(STATE_INVALID\)\n$/);
});

test('names a pool value that cannot even be listed', async () => {
  const redis = await seeded();
  await redis.command('SET', 'pool:BTC-USDC-25', '[]');
  await change(redis, 'pool:BTC-USDC-50', (pool) => (pool.pool_id = 'ANOTHER'));
  const { status, stderr } = await dlmm(BTC_USDC, { redis });
  assert.equal(status, 1);
  assert.match(stderr, /^dlmm: pool:BTC-USDC-25 is left out: not a pool value/);
  assert.match(stderr, /\ndlmm: pool:BTC-USDC-50 is left out: pool_id is ANOTHER\n/);
  assert.match(stderr, /\ndlmm: the stored value pool:BTC-USDC-25 cannot be used: not a pool value: .* \(STATE_INVALID\)\n$/);
});

test('says in one sentence what is wrong with a request', async () => {
  const redis = await seeded();
  const cases = [
    [[], 'INVALID_REQUEST', 'token_in'],
    [['--token-in', 'BTC'], 'INVALID_REQUEST', 'token_out'],
    [['--token-in', 'BTC', '--token-out', 'USDC'], 'INVALID_REQUEST', 'amount_in'],
    [flags('BTC', 'USDC', '-1'), 'INVALID_REQUEST', 'amount_in'],
    [flags('BTC', 'USDC', 'NaN'), 'INVALID_REQUEST', 'amount_in'],
    [flags('BTC', 'USDC', '0.000000001'), 'INVALID_REQUEST', 'amount_in'],
    [flags('B:C', 'USDC', '1'), 'INVALID_REQUEST', 'token_in'],
    [[...flags('BTC', 'USDC', '1'), '--amount-in-atomic', '1'], 'INVALID_REQUEST', 'amount_in_atomic'],
    [[...flags('BTC', 'USDC', '1'), '--max-hops', '9'], 'INVALID_REQUEST', 'max_hops'],
    [[...flags('BTC', 'USDC', '1'), '--strict=maybe'], 'INVALID_REQUEST', 'strict'],
    [[...flags('BTC', 'USDC', '1'), '--via', ''], 'INVALID_REQUEST', 'via'],
    [flags('BTC', 'BTC', '1'), 'SAME_TOKEN'],
    [flags('BTC', 'DOGE', '1'), 'UNKNOWN_TOKEN'],
    [flags('BTC', 'USDC', '1e400'), 'AMOUNT_OVERFLOW', 'amount_in'],
    [flags('BTC', 'USDC', '1e9'), 'INSUFFICIENT_LIQUIDITY'],
    [[...flags('BTC', 'USDC', '2e3'), '--max-bins', '1', '--max-splits', '1'], 'TOO_MANY_BINS'],
    [flags('USDC', 'BTC', '0.000001'), 'AMOUNT_TOO_SMALL'],
  ];
  for (const [args, code, field] of cases) {
    const exit = ['INVALID_REQUEST', 'SAME_TOKEN', 'AMOUNT_OVERFLOW'].includes(code) ? 2 : 1;
    const error = await refusal(['quote', ...args], { redis }, exit);
    assert.deepEqual([error.code, error.details.field], [code, field], args.join(' '));
    const { status, stdout, stderr } = await dlmm(['quote', ...args], { redis });
    assert.deepEqual([status, stdout], [exit, ''], args.join(' '));
    const usage = exit === 2 ? "\\n\\nUsage: dlmm quote .*\\n\\nFor more, try 'dlmm quote --help'\\." : '';
    assert.match(stderr, new RegExp(`^dlmm: [^\\n]+ \\(${code}\\)${usage}\\n$`));
  }
});

test('tells wrong options from failed quotes by the exit code', async () => {
  const wrong = [
    ['--no-such-option'],
    ['--amount-inn', '1'],
    ['--default-fee-bps', '10000'],
    ['--max-candidate-pools', '0'],
    ['--snapshot', 'a', '--redis', 'redis://127.0.0.1'],
    ['--redis', 'http://:secret@host'],
    ['--requests', '-', '--token-in', 'BTC'],
    ['--requests', '-', '--json'],
  ];
  for (const args of wrong) {
    const { status, stdout, stderr } = await dlmm(['quote', ...args]);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.doesNotMatch(stderr, /secret/);
  }
  // A database in the environment does not contradict a file on the command line.
  const { status, stderr } = await dlmm([...BTC_USDC, '--snapshot', join(folder, 'absent')], { redis: 'redis://h' });
  assert.equal(status, 1);
  assert.match(stderr, /^dlmm: cannot read .*absent: No such file/);
});

test('says why Redis cannot be used, and no secret', async () => {
  const locked = await startRedis({ password: 'open sesame' });
  const nobody = `redis://127.0.0.1:${await freePort()}`;
  const mistaken = `redis://:sesame@127.0.0.1:${locked.port}`;
  for (const [redis, code] of [
    [nobody, 'REDIS_UNAVAILABLE'],
    [mistaken, 'REDIS_AUTH'],
    [`redis://127.0.0.1:${locked.port}`, 'REDIS_AUTH'],
    [await userOf(locked, '+smembers'), 'REDIS_AUTH'],
  ]) {
    const error = await refusal(BTC_USDC, { redis });
    assert.equal(error.code, code);
    const { status, stderr } = await dlmm(BTC_USDC, { redis });
    assert.equal(status, 1);
    const hint = redis === nobody ? '\\nWhich Redis: --redis URL or the setting REDIS_URL, else localhost:6379; .*' : '';
    assert.match(stderr, new RegExp(`^dlmm: [^\\n]+ \\(${code}\\)${hint}\\n$`));
    assert.doesNotMatch(stderr, /sesame|redis:\/\//);
  }
  for (const command of ['status', 'snapshot', 'seed']) {
    const { status, stdout, stderr } = await dlmm([command], { redis: mistaken });
    assert.deepEqual([status, stdout], [1, ''], command);
    assert.match(stderr, /^dlmm: Redis at 127\.0\.0\.1:\d+ refused the user or password\n$/);
  }
});

test('counts the age of a snapshot from when it was taken', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const snapshot = await json(['snapshot'], { redis });
  const shifted = (taken_at) => {
    const file = join(folder, 'shifted.json');
    writeFileSync(file, JSON.stringify({ ...snapshot, taken_at }));
    return json([...BTC_USDC, '--snapshot', file, '--json']);
  };
  const updated = snapshot.pools[0].last_updated;
  const { state } = await shifted(new Date(Date.parse(updated) + 5_000).toISOString());
  assert.equal(state.pools[0].age_ms, 5_000);
  const timeless = (await shifted('some day')).state;
  assert.ok(Math.abs(Date.parse(timeless.read_at) - Date.now()) < 60_000);
  const { status, stderr } = await dlmm([...BTC_USDC, '--snapshot', fileURLToPath(import.meta.url)]);
  assert.equal(status, 1);
  assert.match(stderr, /^dlmm: [^\n]*: not a dlmm-snapshot\/1 snapshot: [^\n]+\n$/);
});
