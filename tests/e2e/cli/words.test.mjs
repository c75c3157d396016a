// The command line as people meet it: short calls, names that are nearly right, amounts in whole tokens, help, completion,
// manual pages.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { openSync, readFileSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startRedis } from '../stack/index.mjs';
import { dlmm, json, succeed, temporaryFolder } from './dlmm.mjs';

const seeded = async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  return redis;
};

test('tokens and amount need no names', async () => {
  const redis = await seeded();
  const atomic = async (...args) => (await json(['quote', ...args, '--json'], { redis })).amount_out_atomic;
  const named = await atomic('--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1');
  assert.equal(await atomic('BTC', 'USDC', '1'), named);
  assert.equal(await atomic('BTC', 'USDC', '--amount-in-atomic', '100000000'), named);
  const folder = temporaryFolder();
  const file = join(folder, 'market.json');
  assert.equal(await succeed(['snapshot', file], { redis }), '');
  assert.equal(await atomic('BTC', 'USDC', '1', '--snapshot', file), named);
  assert.equal(await succeed(['seed', file, '--force'], { redis }), 'wrote 3 pools with 303 bins\n');
  const twice = await dlmm(['quote', 'BTC', 'USDC', '1', '--amount-out', '5'], { redis });
  assert.deepEqual([twice.status, /cannot be used with/.test(twice.stderr)], [2, true]);
});

test('what to say so that there is a plan is told in words of this command', async () => {
  const { status, stderr } = await dlmm(['quote', 'BTC', 'USDC', '1', '--plan-sender', 'SP1PFR4V08H1RAZXREBGFFQ59WB739XM8VVGTFSEA'], { redis: await seeded() });
  assert.deepEqual([status, stderr], [1, 'dlmm: the quote has no plan: no router (no router contract is set: STACKS_ROUTER of a service, router of an engine) (PLAN_UNAVAILABLE)\nWhich router: --router SP….dlmm-swap-router-v-1-1 or the setting STACKS_ROUTER.\n']);
});

test('a name that is nearly right is met with the right one, from Redis and from a snapshot', async () => {
  const redis = await seeded();
  const file = join(temporaryFolder(), 'market.json');
  await succeed(['snapshot', file], { redis });
  for (const from of [[], ['--snapshot', file]]) {
    const said = async (...args) => (await dlmm(['quote', ...args, ...from], { redis })).stderr;
    assert.equal(await said('btc', 'USDC', '1'), 'dlmm: no pool holds the token btc; did you mean BTC? (UNKNOWN_TOKEN)\n');
    assert.equal(await said('BTC', 'DOGE', '1'), 'dlmm: no pool holds the token DOGE (UNKNOWN_TOKEN)\n');
    assert.equal(await said('BTC', 'USDC', '1', '--pools', 'BTC-USDC'), 'dlmm: there is no pool BTC-USDC; did you mean BTC-USDC-25 or BTC-USDC-50? (UNKNOWN_POOL)\n');
    assert.match(await said('BTC', 'USDC', '1', '--max-hop', '2'), /a similar argument exists: '--max-hops'/);
    assert.match(await said('BTC', 'USDC', '99999999'), /^dlmm: the pools take 73,119\.\d+ BTC of 99,999,999 BTC \(INSUFFICIENT_LIQUIDITY\)\n$/);
    assert.match(await said('BTC', 'USDC', '--amount-out', '99999999999'), /^dlmm: the pools give [\d,.]+ USDC of 99,999,999,999 USDC \(INSUFFICIENT_LIQUIDITY\)\n$/);
    // Programs get what HTTP says, in smallest units.
    const { stdout } = await dlmm(['quote', 'BTC', 'USDC', '99999999', '--json', ...from], { redis });
    assert.equal(JSON.parse(stdout).error.details.requested, '9999999900000000');
  }
});

test('a call that cannot be is answered with how it can', async () => {
  const redis = await seeded();
  const said = async (...args) => (await dlmm(args, { redis })).stderr;
  for (const [written, plain] of [['73,119.5', '73119.5'], ['1 000', '1000'], ['1,5', '1.5']]) {
    const stderr = await said('quote', 'BTC', 'USDC', written);
    assert.ok(stderr.startsWith(`dlmm: amount_in is not a decimal number; without groups, and with a point, it is ${plain} (INVALID_REQUEST)\n\nUsage: dlmm quote `), stderr);
    // Programs get what HTTP says.
    const { stdout } = await dlmm(['quote', 'BTC', 'USDC', written, '--json'], { redis });
    assert.equal(JSON.parse(stdout).error.message, 'amount_in is not a decimal number');
  }
  // The value of a flag: taken for a word too many, for the amount, or for a token.
  const one = ['--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1'];
  for (const trade of [['BTC', 'USDC', '1'], ['BTC', 'USDC'], one]) {
    const { status, stderr } = await dlmm(['quote', ...trade, '--include-steps', 'false'], { redis });
    assert.equal(status, 2);
    assert.match(stderr, /\n {2}tip: the value of a flag stands behind '=': --include-steps=false\n\nUsage: dlmm quote /);
  }
  const file = join(temporaryFolder(), 'market.json');
  assert.match(await said('snapshot', file), /^dlmm: wrote 3 pools with 303 bins, [\d,]+ bytes, to .*market\.json\n$/);
  assert.match(await said('verify-quote', file), /^dlmm: this is a snapshot, not an answer: .*--include-state --json.*--snapshot/);
  assert.match(await succeed(['--help'], { redis }), /\nExamples:\n {2}dlmm quote BTC USDC 1 /);
});

test('status shows the first 50 pools and says so', async () => {
  const redis = await startRedis();
  await succeed(['seed', '--pools', '60', '--width', '0'], { redis });
  const rows = (table) => table.match(/^│ .* ┆ active ┆/gm).length;
  const short = await succeed(['status'], { redis });
  assert.deepEqual([rows(short), /\nthe first 50 of 60 pools; --all shows every one\n/.test(short)], [50, true]);
  const whole = await succeed(['status', '--all'], { redis });
  assert.deepEqual([rows(whole), whole.includes('the first')], [60, false]);
  assert.equal((await json(['status', '--json'], { redis })).pools.length, 60);
});

test('a file that would not fit into the memory is refused by its size', async () => {
  const file = join(temporaryFolder(), 'large.json');
  openSync(file, 'w');
  truncateSync(file, 2 ** 31);
  const told = `dlmm: cannot read ${file}: at most 1,073,741,824 bytes are read, and it has 2,147,483,648 bytes\n`;
  for (const args of [['quote', 'BTC', 'USDC', '1', '--snapshot', file], ['seed', file], ['replay', file], ['verify-quote', file]]) {
    const { status, stderr } = await dlmm(args);
    assert.deepEqual([status > 0, stderr], [true, told], args[0]);
  }
});

test('bash completes commands, options and shells', async () => {
  const bin = await dlmmBin();
  const completed = (line) => {
    const words = line.split(' ');
    const script = `source <(dlmm completions bash); COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
      _dlmm dlmm '${words.at(-1)}' '${words.at(-2)}'; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { env: { PATH: `${join(bin, '..')}:${process.env.PATH}` }, encoding: 'utf8' });
    assert.equal(stderr, '');
    return stdout.trim().split('\n');
  };
  assert.deepEqual(completed('dlmm wat'), ['watch']);
  assert.deepEqual(completed('dlmm quote --max-h'), ['--max-hops']);
  assert.ok(completed('dlmm completions z').includes('zsh'));
  for (const [shell, sign] of [['zsh', /#compdef dlmm/], ['fish', /complete -c dlmm/]]) {
    assert.match(await succeed(['completions', shell]), sign);
  }
});

test('there is a manual page for every command, and man can show it', async () => {
  const folder = join(temporaryFolder(), 'man1');
  const help = await succeed(['--help']);
  const commands = [...help.matchAll(/^ {2}([a-z-]+) {2}/gm)].map(([, name]) => name).filter((name) => name !== 'help');
  assert.ok(commands.length >= 13);
  assert.equal(await succeed(['man', '--out', folder]), `wrote ${commands.length + 1} pages to ${folder}\n`);
  assert.deepEqual(readdirSync(folder).sort(), ['dlmm.1', ...commands.map((name) => `dlmm-${name}.1`)].sort());
  const page = readFileSync(join(folder, 'dlmm-quote.1'), 'utf8');
  assert.match(page, /^\.TH dlmm-quote 1/m);
  assert.match(page, /dlmm quote BTC USDC 1\n/);
  const { error, status, stdout } = spawnSync('man', ['-l', join(folder, 'dlmm-quote.1')], { encoding: 'utf8', env: { ...process.env, MANPAGER: 'cat', MANWIDTH: '80' } });
  if (error === undefined) assert.deepEqual([status, /--max-hops/.test(stdout.replace(/.\x08/g, ''))], [0, true]);
  assert.match(await succeed(['man']), /^\.TH dlmm 1/m);
  assert.equal(await succeed(['man', '--out', '-']), await succeed(['man']));
});
