// What a stranger does wrong: a number below zero, a Redis without pools, a file of something else, a pipe that closes early.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { freePort, startRedis } from '../stack/index.mjs';
import { dlmm, succeed, temporaryFolder } from './dlmm.mjs';

const CORE = 'SP1PFR4V08H1RAZXREBGFFQ59WB739XM8VVGTFSEA.dlmm-core-v-1-1';

test('a number below zero is told by the value that it cannot be', async () => {
  for (const [args, option] of [
    [['simulate', '--interval', '-1'], '--interval'],
    [['replay', 'blocks', '--rate', '-0.5'], '--rate'],
    [['seed', '--pools', '-3'], '--pools'],
    [['watch', 'BTC', 'USDC', '1', '--quotes', '-1'], '--quotes'],
    [['verify-quote', 'answer', '--warn-state-age-ms', '-1'], '--warn-state-age-ms'],
  ]) {
    const { status, stderr } = await dlmm(args);
    assert.equal(status, 2, stderr);
    assert.ok(stderr.startsWith(`error: invalid value '${args.at(-1)}' for '${option} <`), stderr);
  }
  // What takes no value does not take one that is negative.
  assert.match((await dlmm(['status', '--json', '-1'])).stderr, /unexpected argument '-1'/);
});

test('whoever asks a Redis without pools is told so', async () => {
  const redis = await startRedis();
  const hint = /\nThis database holds no pools: `dlmm seed` writes three\. .*redis:\/\/host:6379\/1\.\n$/;
  for (const command of ['quote', 'watch']) {
    const { status, stderr } = await dlmm([command, 'BTC', 'USDC', '1'], { redis });
    assert.equal(status, 1);
    assert.match(stderr, hint);
  }
  await succeed(['seed'], { redis });
  const { stderr } = await dlmm(['quote', 'DOGE', 'USDC', '1'], { redis });
  assert.equal(stderr, 'dlmm: no pool holds the token DOGE (UNKNOWN_TOKEN)\n');
  assert.match((await dlmm(['quote', 'BTC', 'USDC', '1'], { redis: `${redis.url}/3` })).stderr, hint);
});

test('a Redis without TLS is told from one that is busy', async () => {
  const redis = await startRedis();
  const { status, stderr } = await dlmm(['status'], { redis: redis.url.replace('redis:', 'rediss:') });
  assert.equal(status, 1);
  assert.match(stderr, /did not accept a connection within 5000 ms with TLS \(rediss:\/\/\); does it speak TLS\?\n/);
});

test('a file of something else is told by what should be in it', async () => {
  const folder = temporaryFolder();
  const file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [text, other] = [file('text', '\nhello\n'), file('other.json', '{"a":1}\n')];
  const to = ['--to', `http://127.0.0.1:${await freePort()}`];
  const posted = await dlmm(['replay', text, ...to]);
  assert.deepEqual([posted.status, posted.stderr], [1, `dlmm: ${text}, line 2: a block is a JSON object on a line of its own\n`]);
  const tokens = await dlmm(['follow', '--core', CORE, '--tokens', other, '--file', other]);
  assert.equal(tokens.status, 1);
  assert.ok(tokens.stderr.includes('expected a token as {"symbol": "BTC", "decimals": 8}'), tokens.stderr);
  // A follower that is not there is told at once, not when the last attempt has failed.
  const unheard = await dlmm(['replay', other, ...to, '--attempts', '2']);
  assert.equal(unheard.status, 1);
  assert.match(unheard.stderr, /^dlmm: http:\/\/127\.0\.0\.1:\d+\/new_block does not answer \(.*refused.*\); it is tried 2 times\n/);
});

test('a pipe that closes early ends every command without a word', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const bin = await dlmmBin();
  const calls = ['status', 'status --json', 'status --watch', 'quote BTC USDC 1', 'quote BTC USDC 1 --json', 'verify', 'snapshot', 'man', 'simulate --interval 0.01'];
  calls.push('watch BTC USDC 1', 'watch BTC USDC 1 --json', 'seed --force', '--help', ...['bash', 'zsh', 'fish'].map((shell) => `completions ${shell}`));
  for (const call of calls) {
    // Closed before anything is written, so that it does not depend on who is faster.
    const script = `exec 3> >(exec <&-); wait $!; "$0" ${call} >&3`;
    const { status, signal, stderr } = spawnSync('bash', ['--norc', '-c', script, bin], { env: { REDIS_URL: redis.url, PATH: process.env.PATH }, encoding: 'utf8', timeout: 60_000 });
    assert.deepEqual([call, signal, stderr], [call, null, '']);
    assert.ok(status === 1 || (call === '--help' && status === 0), `${call} ended with ${status}`);
  }
});
