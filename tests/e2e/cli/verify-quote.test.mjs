// `dlmm quote --include-state` and `dlmm verify-quote`: quotes that can be computed anew from what they carry.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../../scripts/paths.mjs';
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

test('the same state and request have the same digest, whenever they are quoted', async () => {
  const redis = await seeded();
  const answers = [JSON.parse(await succeed(FLAGS, { redis })), JSON.parse(await succeed(FLAGS, { redis }))];
  assert.equal(answers[0].digest, answers[1].digest);
  await change(redis, 'bin:SOL-USDC-25:470', (bin) => (bin.total_liquidity = 1));
  assert.notEqual(JSON.parse(await succeed(FLAGS, { redis })).digest, answers[0].digest);
});

test('the digest is what the program in the documentation computes', async () => {
  const guide = readFileSync(join(root, 'docs/http.md'), 'utf8');
  const [, program] = guide.match(/<!-- digest\.mjs -->\n```js\n(.*?)```\n<!-- \/digest\.mjs -->/s);
  const path = file('digest.mjs', program);
  const redis = await seeded();
  await change(redis, 'pool:SOL-USDC-25', (pool) => (pool.note = '"\\ \t \u0001 \u007f é \u2028 😀'));
  const large = ['quote', '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1e6', '--allow-partial', '--include-state', '--json'];
  for (const flags of [FLAGS, [...FLAGS, '--explain'], large]) {
    const answer = await succeed(flags, { redis });
    const { stdout, stderr } = spawnSync(process.execPath, [path], { input: answer, encoding: 'utf8' });
    assert.deepEqual([stdout, stderr], [`${JSON.parse(answer).digest}\n`, '']);
  }
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
    ['{"success":true,"success":true}', 'quote cannot be read: success appears twice (INVALID_REQUEST)'],
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

test('an answer that was taken out of its batch is told to be one, and the whole batch is wanted', async () => {
  const { input, ...answer } = JSON.parse(await succeed(FLAGS, { redis: await seeded() }));
  const { pools, ...rest } = input;
  const alone = { ...answer, input_ref: { ...rest, pools: pools.map((_, at) => at), state: 0 } };
  assert.deepEqual(await verify(JSON.stringify(alone)), {
    status: 2,
    stdout: '',
    stderr: 'dlmm: this is one answer of a batch with share_state (it has input_ref): its state stands in that batch, so give the whole batch\n',
  });
  assert.deepEqual(await verify(JSON.stringify({ answers: [alone], states: [{ pools }] })), { status: 0, stdout: 'equal\n', stderr: '' });
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
});
