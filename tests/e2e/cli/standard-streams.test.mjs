// `-` in the place of a file is standard input or output, for every option that takes one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startRedis } from '../stack/index.mjs';
import { dlmm, succeed, temporaryFolder } from './dlmm.mjs';

const QUOTE = ['quote', '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1', '--include-state', '--json'];
const REQUEST = '{"token_in":"BTC","token_out":"USDC","amount_in":1,"include_state":true}';

test('a snapshot goes to standard output, and leaves no file of that name', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const folder = temporaryFolder();
  // `dlmm` of the helpers runs in this project's folder; a stray file must not end up there.
  const options = { cwd: folder, env: { REDIS_URL: redis.url }, encoding: 'utf8' };
  const { status, stdout, stderr } = spawnSync(await dlmmBin(), ['snapshot', '--out', '-'], options);
  assert.deepEqual([status, stderr, readdirSync(folder)], [0, '', []]);
  assert.equal(JSON.parse(stdout).pools.length, 3);
  assert.ok(stdout.endsWith('}\n'));
});

test('a snapshot comes in from standard input: to quote, to seed, to verify against', async () => {
  const [first, second] = [await startRedis(), await startRedis()];
  await succeed(['seed'], { redis: first });
  const snapshot = await succeed(['snapshot'], { redis: first });
  assert.equal(await succeed(['seed', '--from', '-'], { redis: second, input: snapshot }), 'wrote 3 pools with 303 bins\n');
  const answer = await succeed([...QUOTE, '--snapshot', '-'], { input: snapshot });
  assert.equal(JSON.parse(answer).amount_out_atomic, '99900000000');
  const folder = temporaryFolder();
  const file = join(folder, 'answer.json');
  writeFileSync(file, answer);
  assert.equal(await succeed(['verify-quote', file, '--snapshot', '-'], { input: snapshot }), 'equal\n');
  assert.equal(await succeed(['verify-quote', file, '--request', '-'], { input: REQUEST }), 'equal\n');
});

test('what is wrong on standard input is told of it, not of a file', async () => {
  const seed = await dlmm(['seed', '--from', '-', '--redis', 'redis://127.0.0.1:1'], { input: '{' });
  assert.equal(seed.status, 1);
  assert.match(seed.stderr, /^dlmm: standard input: not a dlmm-snapshot\/1 snapshot: /);
});

test('standard input is read once', async () => {
  const twice = [[...QUOTE.slice(0, 1), '--snapshot', '-', '--requests', '-'], ['verify-quote', '-', '--request', '-'], ['verify-quote', '-', '--snapshot', '-']];
  for (const args of twice) {
    const { status, stderr } = await dlmm(args, { input: REQUEST });
    assert.deepEqual([status, stderr.split('\n')[0]], [2, 'dlmm: only one of these files can be standard input (-)'], args.join(' '));
  }
});
