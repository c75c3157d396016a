// Exit code 2 means that a command was called wrongly, whatever is wrong with it; 1 that it failed.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort, startRedis } from '../stack/index.mjs';
import { dlmm, succeed, temporaryFolder } from './dlmm.mjs';

const QUOTE = ['quote', '--token-in', 'BTC', '--token-out', 'USDC'];
const ONE = [...QUOTE, '--amount-in', '1'];
const nobody = `redis://127.0.0.1:${await freePort()}`;

/** Calls that no state could serve. None of them gets as far as Redis. */
const WRONG = [
  ['no-such-command'],
  ...['0', '5', '9', '-1', 'x', '1.5', ''].map((hops) => [...ONE, `--max-hops=${hops}`]),
  ...['-1', '1e', 'x', '', 'NaN', '0x1'].map((amount) => [...QUOTE, `--amount-in=${amount}`]),
  ...['-1', '1.5', '340282366920938463463374607431768211456'].map((units) => [...QUOTE, `--amount-in-atomic=${units}`]),
  [...QUOTE, '--amount-out=-1'],
  [...QUOTE, '--amount-out-atomic=x'],
  [...QUOTE],
  [...ONE, '--amount-out', '1'],
  ['quote', '--token-in', 'BTC', '--amount-in', '1'],
  ['quote', '--token-in', 'B TC', '--token-out', 'USDC', '--amount-in', '1'],
  ['quote', '--token-in', 'BTC', '--token-out', 'US:DC', '--amount-in', '1'],
  ...['10001', '-1', 'x'].map((bps) => [...ONE, `--slippage-bps=${bps}`]),
  ...['-1', '300', 'x'].map((splits) => [...ONE, `--max-splits=${splits}`]),
  ...['0', '1002', 'x'].map((bins) => [...ONE, `--max-bins=${bins}`]),
  ...['-1', 'x', '1.5'].map((age) => [...ONE, `--max-age-ms=${age}`]),
  ...['direct-only', 'allow-partial', 'strict', 'explain', 'include-state', 'include-steps'].map((flag) => [...ONE, `--${flag}=maybe`]),
  ...['pools', 'exclude-pools', 'via'].flatMap((list) => ['a b', 'A,,B', ''].map((ids) => [...ONE, `--${list}=${ids}`])),
  ...['-1', '10000', 'x'].map((bps) => [...ONE, `--default-fee-bps=${bps}`]),
  ...['0', '1001', 'x'].map((pools) => [...ONE, `--max-candidate-pools=${pools}`]),
  ...['-1', 'x'].map((age) => [...ONE, `--warn-state-age-ms=${age}`]),
  ...['seed', 'simulate', 'snapshot', 'status', 'verify'].flatMap((command) => [
    [command, '--redis', 'http://h'],
    [command, '--redis', 'redis://h/x'],
    [command, '--redis', 'redis://h:port'],
    [command, '--redis', 'redis://h?x=1'],
    [command, '--redis', 'redis://user@h'],
    [command, '--redis', 'redis+sentinel://user@h/m'],
    [command, '--no-such-option'],
  ]),
  ...['0', '20001', 'x'].map((pools) => ['seed', `--pools=${pools}`]),
  ['seed', '--pools', '3', '--width', '201'],
  ['seed', '--pools', '3', '--seed', 'x'],
  ['seed', '--seed', '3'],
  ['seed', '--if-empty', '--force'],
  ['seed', '--pools', '3', '--from', 'x'],
  ...['0', '-1', 'x', '86401'].flatMap((seconds) => [
    ['simulate', `--interval=${seconds}`],
    ['status', `--watch=${seconds}`],
  ]),
  ['simulate', '--updates=-1'],
  ['simulate', '--seed=x'],
  ['simulate', '--redis', 'redis://192.0.2.1'],
  ...['a b', 'A,,B', 'x'.repeat(129)].map((ids) => ['snapshot', `--pools=${ids}`]),
  ...['nowhere', ':8079', '127.0.0.1:', '127.0.0.1:x', '127.0.0.1:65536'].map((address) => ['gateway', '--token', 't', '--listen', address]),
  ['gateway', '--token', ''],
  ['gateway', '--token', 't', '--read-only-token', 't'],
  ['gateway', '--token', 't', '--allow-origin', 'nowhere'],
  ['gateway', '--token', 't', '--allow-host', 'a/b'],
  ['gateway', '--token', 't', '--max-connections', '0'],
  ['verify-quote'],
  ['verify-quote', '-', '--default-fee-bps', '10000'],
  ['verify-quote', '-', '--max-candidate-pools', '0'],
  ['verify-quote', '-', '--service', 'nowhere'],
  ['verify-quote', '-', '--redis', 'http://h'],
];

test('whatever is wrong with how a command is called, it ends with 2', async () => {
  const ended = [];
  for (const args of WRONG) {
    const { status, stderr } = await dlmm(args, { redis: args.includes('--redis') ? undefined : nobody });
    if (status !== 2) ended.push(`${args.join(' ')}: ${status} ${stderr}`);
  }
  assert.deepEqual(ended, []);
});

test('so does a request that only a state shows to be wrong, and JSON tells the same', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  for (const [args, code] of [
    [[...QUOTE, '--amount-in', '0.000000001'], 'INVALID_REQUEST'],
    [[...QUOTE, '--amount-in', '1e35'], 'AMOUNT_OVERFLOW'],
    [['quote', '--token-in', 'BTC', '--token-out', 'BTC', '--amount-in', '1'], 'SAME_TOKEN'],
    [[...ONE, '--max-hops', '9'], 'INVALID_REQUEST'],
  ]) {
    const { status, stdout } = await dlmm([...args, '--json'], { redis });
    assert.deepEqual([status, JSON.parse(stdout).error.code], [2, code], args.join(' '));
    assert.equal((await dlmm(args, { redis })).status, 2);
  }
});

test('what is called rightly and does not come about ends with 1', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const absent = join(temporaryFolder(), 'absent');
  for (const args of [
    [...QUOTE, '--amount-in', '100000000'],
    ['quote', '--token-in', 'DOGE', '--token-out', 'USDC', '--amount-in', '1'],
    [...ONE, '--snapshot', absent],
    [...ONE, '--pools', 'NONE'],
    ['seed'],
    ['seed', '--from', absent],
    ['snapshot', '--out', join(absent, 'below')],
  ]) {
    assert.equal((await dlmm(args, { redis })).status, 1, args.join(' '));
  }
  for (const args of [ONE, ['seed'], ['status'], ['snapshot'], ['verify']]) {
    assert.equal((await dlmm(args, { redis: nobody })).status, 1, args.join(' '));
  }
  const answer = await succeed([...ONE, '--include-state', '--json'], { redis });
  for (const flags of [['--redis', nobody], ['--snapshot', absent], ['--request', absent], ['--service', 'http://127.0.0.1:1']]) {
    const { status, stdout } = await dlmm(['verify-quote', '-', ...flags], { input: answer });
    assert.deepEqual([status, stdout], [2, ''], `${flags}: 1 would say that the answer is wrong`);
  }
});
