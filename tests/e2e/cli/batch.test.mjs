// `dlmm quote --requests`: many requests in, as many answers out.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { whenDone } from '../stack/cleanup.mjs';
import { startRedis } from '../stack/index.mjs';
import { change, dlmm, json, succeed, temporaryFolder } from './dlmm.mjs';

const folder = temporaryFolder();
const BTC_USDC = '{"token_in":"BTC","token_out":"USDC","amount_in":1.0}';

async function seeded() {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  return redis;
}

test('an answer of the JSON form is bounded as over HTTP', async () => {
  const bins = Array.from({ length: 1001 }, (_, bin_id) => ({ bin_id, reserve_x: '0', reserve_y: '1000', price_e8: '100000000' }));
  const pools = Array.from({ length: 12 }, (_, n) => ({ pool_id: `P${n}`, token_x: 'X', token_y: 'Y', active_bin_id: 1000, status: 'active', bins }));
  const wide = join(folder, 'wide.json');
  writeFileSync(wide, JSON.stringify({ format: 'dlmm-snapshot/1', taken_at: 0, tokens: {}, pools }));
  const request = { token_in: 'X', token_out: 'Y', amount_in_atomic: '13000000', max_bins: 1001, max_splits: 0, allow_partial: true };
  const input = [request, { ...request, include_steps: false }].map((one) => JSON.stringify(one)).join('\n');
  const { stdout } = await dlmm(['quote', '--requests', '-', '--snapshot', wide], { input });
  const [refused, answered] = stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual([refused.error.code, refused.error.details], ['ANSWER_TOO_LARGE', { limit: 4_000_000 }]);
  assert.equal(answered.bins_used, 12_012);
});

test('answers line by line, in order, refusals included', async () => {
  const redis = await seeded();
  const lines = [
    BTC_USDC,
    '',
    'nonsense',
    '{"token_in":"BTC","token_out":"SOL","amount_in":"1"}\r',
    '   ',
    Buffer.from([0x7b, 0xff, 0x7d]),
    '{"token_in":"BTC","token_out":"USDC","amount_in":1,"amount_in":2}',
    '{"token_in":"BTC","token_out":"DOGE","amount_in":1}',
    '{"token_in":"BTC","token_out":"USDC","amount_in":1,"gas":1}',
    '[]',
    BTC_USDC,
  ];
  const input = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
  // The last line needs no end.
  const body = input.subarray(0, -1);
  const file = join(folder, 'requests.jsonl');
  writeFileSync(file, body);
  const snapshot = join(folder, 'snapshot.json');
  await succeed(['snapshot', '--out', snapshot], { redis });

  const expected = [99900, 'body', 499.0005, 'body', 'amount_in', 'UNKNOWN_TOKEN', 'gas', 'body', 99900];
  for (const source of [{ redis }, { env: {}, snapshot }]) {
    const from = source.snapshot === undefined ? [] : ['--snapshot', source.snapshot];
    for (const requests of ['-', file]) {
      const options = { ...source, input: requests === '-' ? body : '' };
      const { status, stdout, stderr } = await dlmm(['quote', '--requests', requests, ...from], options);
      assert.deepEqual([status, stderr], [0, '']);
      assert.ok(stdout.endsWith('\n'));
      const answers = stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
      const shown = answers.map(({ amount_out, error }) => amount_out ?? error.details.field ?? error.code);
      assert.deepEqual(shown, expected);
    }
  }
});

test('a line is the very answer of a single quote', async () => {
  const snapshot = join(folder, 'same.json');
  await succeed(['snapshot', '--out', snapshot], { redis: await seeded() });
  const from = ['--snapshot', snapshot];
  const flags = ['--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1.0', '--json'];
  assert.equal(await succeed(['quote', '--requests', '-', ...from], { input: BTC_USDC }), await succeed(['quote', ...flags, ...from]));
});

test('no requests give no answers', async () => {
  const redis = await seeded();
  for (const input of ['', '\n\n  \n']) assert.equal(await succeed(['quote', '--requests', '-'], { redis, input }), '');
  const { status, stderr } = await dlmm(['quote', '--requests', join(folder, 'absent')], { redis });
  assert.equal(status, 1);
  assert.match(stderr, /^dlmm: cannot open .*absent: No such file/);
});

/** A batch that is asked one request at a time. */
async function conversation(redis) {
  const child = spawn(await dlmmBin(), ['quote', '--requests', '-'], {
    env: { REDIS_URL: redis.url },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // Also when an assertion fails: the command would wait for more requests, and this file for the command.
  whenDone(() => child.kill('SIGKILL'));
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      return JSON.parse((await answers.next()).value);
    },
    end: async () => {
      child.stdin.end();
      assert.equal((await answers.next()).done, true);
      return new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(child.exitCode)));
    },
  };
}

test('each answer comes at once and from the state of its moment', async () => {
  const redis = await seeded();
  const talk = await conversation(redis);
  assert.equal((await talk.ask(BTC_USDC)).amount_out, 99900);
  await change(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.price = 200000));
  assert.equal((await talk.ask(BTC_USDC)).amount_out, 199800);
  // The listing knows both pools; one is gone, the other trades another pair now.
  await redis.command('DEL', 'pool:BTC-USDC-25');
  assert.equal((await talk.ask(BTC_USDC)).steps[0].pool_id, 'BTC-USDC-50');
  await change(redis, 'pool:BTC-USDC-50', (pool) => (pool.token_y = 'EURC'));
  assert.equal((await talk.ask(BTC_USDC)).error.code, 'NO_ROUTE');
  const moved = await talk.ask('{"token_in":"BTC","token_out":"EURC","amount_in":1.0}');
  assert.equal(moved.steps[0].pool_id, 'BTC-USDC-50');
  assert.deepEqual(moved.warnings, [{ code: 'DECIMALS_ASSUMED', token: 'EURC' }]);
  assert.equal(await talk.end(), 0);
});

test('outlives a Redis that goes away and comes back', async () => {
  const redis = await seeded();
  const talk = await conversation(redis);
  assert.equal((await talk.ask(BTC_USDC)).success, true);
  await redis.kill();
  for (let tries = 0; tries < 2; tries += 1) {
    const { success, error } = await talk.ask(BTC_USDC);
    assert.deepEqual([success, error.code, error.details], [false, 'REDIS_UNAVAILABLE', { attempts: 1 }]);
  }
  await redis.restart();
  await succeed(['seed'], { redis });
  assert.equal((await talk.ask(BTC_USDC)).amount_out, 99900);
  assert.equal(await talk.end(), 0);
});

test('a reader that has seen enough ends it without a complaint', async () => {
  const redis = await seeded();
  const child = spawn(await dlmmBin(), ['quote', '--requests', '-'], { env: { REDIS_URL: redis.url }, stdio: 'pipe' });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin.on('error', () => {});
  child.stdout.once('data', () => child.stdout.destroy());
  for (let n = 0; n < 2_000; n += 1) child.stdin.write(`${BTC_USDC}\n`);
  await new Promise((resolve) => child.once('close', resolve));
  assert.equal(stderr, '');
});

test('a batch is one MGET a quote over one connection', async () => {
  const redis = await seeded();
  const monitor = await redis.monitor();
  const input = `${BTC_USDC}\n`.repeat(100);
  const answers = (await succeed(['quote', '--requests', '-'], { redis, input })).trimEnd().split('\n');
  assert.equal(answers.filter((line) => JSON.parse(line).amount_out === 99900).length, 100);
  const commands = await monitor.commands();
  assert.equal(commands.filter(({ name, args }) => name === 'MGET' && args.length === 2_004).length, 100);
  assert.equal(new Set(commands.map(({ client }) => client)).size, 1);
  const { server } = await json(['status', '--json'], { redis });
  assert.equal(server.keys, 313);
});
