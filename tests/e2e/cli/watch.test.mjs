// `dlmm watch`: a quote that moves with the market, told in lines or on one line of a terminal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { blocksOf, readRecording } from '../../../scripts/chain/recording.mjs';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startFollower } from '../follow/follower.mjs';
import { whenDone } from '../stack/cleanup.mjs';
import { startRedis } from '../stack/index.mjs';
import { change, dlmm, json, succeed, userOf } from './dlmm.mjs';
import { onTerminal } from './terminal.mjs';

const TRADE = ['BTC', 'USDC', '1', '--include-steps=false'];

/** Waits for what a condition gives, with patience for a slow machine. */
async function until(what, condition) {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20)) {
    const found = await condition();
    if (found) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Starts `dlmm watch`; its lines are read as they come. */
async function watch(redis, args = TRADE) {
  const child = spawn(await dlmmBin(), ['watch', ...args], { env: { REDIS_URL: redis.url ?? redis }, stdio: ['ignore', 'pipe', 'pipe'] });
  const events = [];
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (piece) => (stderr += piece));
  const ended = once(child, 'close');
  whenDone(() => child.kill('SIGKILL'));
  const of = (event) => events.filter((one) => one.event === event);
  return {
    events,
    of,
    quotes: () => of('quote').map(({ answer }) => answer),
    connected: (word) => until(word, () => events.findLast(({ event }) => event === 'connection')?.connection === word),
    async end(signal = 'SIGINT') {
      child.kill(signal);
      const [status] = await ended;
      return { status, stderr };
    },
  };
}

const seeded = async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  return redis;
};

/** What of an answer is not about its moment. */
const settled = ({ state, ...answer }) => ({ ...answer, bins: state.pools.map(({ pool_id, active_bin_id, last_updated }) => [pool_id, active_bin_id, last_updated]) });

test('every move of the market is a quote, and the last is a fresh one', async () => {
  const redis = await seeded();
  const watched = await watch(redis);
  await watched.connected('live');
  await succeed(['simulate', '--updates', '15', '--interval', '0.05', '--seed', '7'], { redis });
  const fresh = await json(['quote', ...TRADE, '--json'], { redis });
  await until('the last quote', () => watched.quotes().at(-1).amount_out_atomic === fresh.amount_out_atomic && watched.quotes().length > 5);
  assert.deepEqual(settled(watched.quotes().at(-1)), settled(fresh));
  const [first, ...moved] = watched.of('quote');
  assert.deepEqual(first.changed, []);
  // Told by the channel: those that a look each second finds have no name.
  assert.ok(moved.filter(({ changed }) => changed.length > 0).length > moved.length / 2);
  assert.ok(moved.every(({ changed }) => !changed.includes('SOL-USDC-25') || changed.length > 1));
  const amounts = watched.quotes().map((answer) => JSON.stringify(settled(answer)));
  assert.ok(amounts.every((amount, at) => amount !== amounts[at - 1]), 'no quote is told twice');
  assert.deepEqual(await watched.end(), { status: 0, stderr: '' });
});

test('blocks of the chain move it, and a quote knows its block', async () => {
  const redis = await startRedis();
  const recording = readRecording();
  const follower = await startFollower({ redis, recording });
  const blocks = blocksOf(recording).slice(0, 40);
  await follower.take(...blocks.slice(0, 20));
  const { pools } = await json(['status', '--json'], { redis });
  const { token_x, token_y } = pools.find(({ status, bins }) => status === 'active' && bins > 0);
  const watched = await watch(redis, [token_x, token_y, '--amount-in-atomic', '100000', '--allow-partial', '--include-steps=false']);
  await watched.connected('live');
  await follower.take(...blocks.slice(20));
  const fresh = await json(['quote', token_x, token_y, '--amount-in-atomic', '100000', '--allow-partial', '--include-steps=false', '--json'], { redis });
  await until('the last move', () => watched.quotes().at(-1)?.amount_out_atomic === fresh.amount_out_atomic);
  const heights = watched.quotes().map(({ state }) => state.block_height);
  assert.ok(heights.every((height) => height >= blocks[19].block_height && height <= blocks.at(-1).block_height), `${heights}`);
  assert.deepEqual(heights, heights.toSorted((a, b) => a - b));
  const amounts = watched.quotes().map((answer) => JSON.stringify(settled(answer)));
  assert.ok(amounts.every((amount, at) => amount !== amounts[at - 1]), 'no quote is told twice');
  assert.equal((await watched.end('SIGTERM')).status, 0);
});

/** Says on behalf of a producer when its heart beat last, and after which block. */
const beat = (redis, ago_ms, ...more) => redis.command('HSET', 'metadata', 'heartbeat_ms', Date.now() - ago_ms, ...more);

/** Has it look until what is stored now has become a quote, or has been found to be none. */
async function looked(redis) {
  const calls = async () => Number((await redis.command('INFO', 'commandstats')).match(/cmdstat_mget:calls=(\d+)/)[1]);
  const before = await calls();
  // One that is under way may have read before; the next but one comes after what the next has told.
  await until('three looks', async () => {
    await redis.command('PUBLISH', 'dlmm:changes', '{"pools":[]}');
    return (await calls()) > before + 2;
  });
}

/** Pools that nobody has written for two minutes. */
async function aged(redis) {
  for (const id of ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']) {
    await change(redis, `pool:${id}`, (value) => (value.last_updated = new Date(Date.now() - 120_000).toISOString()));
  }
}

test('that the state is old is told once, and that it is so no longer; a heartbeat and a block are no quotes', async () => {
  const redis = await seeded();
  await aged(redis);
  await beat(redis, 0, 'block_height', 7);
  const watched = await watch(redis);
  await watched.connected('live');
  const old = () => watched.quotes().map(({ warnings }) => warnings.some(({ code }) => code === 'STATE_OLD'));
  await until('the first quote', () => watched.quotes().length === 1);
  await beat(redis, 0, 'block_height', 8);
  await looked(redis);
  await beat(redis, 90_000, 'block_height', 9);
  await looked(redis);
  await until('the warning', () => old().at(-1));
  await beat(redis, 100_000);
  await looked(redis);
  await beat(redis, 0, 'block_height', 10);
  await looked(redis);
  await until('the end of it', () => !old().at(-1));
  await beat(redis, 0, 'block_height', 11);
  await looked(redis);
  await change(redis, 'pool:BTC-USDC-25', (value) => (value.status = 'paused'));
  await looked(redis);
  await until('a quote of the other pool', () => watched.quotes().at(-1).state.pools[0].pool_id === 'BTC-USDC-50');
  assert.deepEqual(old(), [false, true, false, false]);
  assert.deepEqual(watched.of('connection').map(({ connection }) => connection), ['live']);
  assert.equal((await watched.end()).status, 0);
});

test('a Redis that is busy for a while does not end the subscription', async () => {
  const redis = await seeded();
  await redis.command('CONFIG', 'SET', 'busy-reply-threshold', '10');
  const watched = await watch(redis);
  await watched.connected('live');
  const script = redis.command('EVAL', 'while true do end', '0').catch((error) => error.message);
  await watched.connected('gone');
  assert.match(watched.of('connection').at(-1).reason, /a script keeps it busy \(BUSY\)/);
  await redis.command('SCRIPT', 'KILL');
  assert.match(await script, /killed/);
  await until('an answer', () => watched.of('connection').at(-1).connection !== 'gone');
  await watched.connected('live');
  await succeed(['simulate', '--updates', '3', '--interval', '0.05', '--seed', '7'], { redis });
  await until('a quote that was told', () => watched.of('quote').some(({ changed }) => changed.length > 0));
  assert.deepEqual(watched.of('connection').map(({ connection }) => connection), ['live', 'gone', 'live']);
  assert.equal((await watched.end()).status, 0);
});

test('Redis may go and come back', async () => {
  const redis = await seeded();
  const watched = await watch(redis);
  await watched.connected('live');
  await redis.stop();
  await watched.connected('gone');
  assert.match(watched.events.at(-1).reason, /cannot connect to Redis|broke/);
  const again = await startRedis({ port: redis.port });
  await watched.connected('live');
  // It came back empty: that is a refusal, and no old quote.
  await until('the refusal', () => watched.of('refused').at(-1)?.answer.error.code === 'UNKNOWN_TOKEN');
  const before = watched.quotes().length;
  await succeed(['seed'], { redis: again });
  await until('a quote', () => watched.quotes().length > before);
  assert.equal((await watched.end()).status, 0);
});

test('while a quote is refused every look lists the pools, whatever messages come', async () => {
  const redis = await seeded();
  const watched = await watch(redis, ['SOL', 'USDC', '1', '--include-steps=false']);
  await until('a quote', () => watched.of('quote').length);
  await watched.connected('live');
  const value = await redis.command('GET', 'pool:SOL-USDC-25');
  await redis.command('SET', 'pool:SOL-USDC-25', value.replace('"SOL"', '"XYZ"'));
  const changed = () => redis.command('PUBLISH', 'dlmm:changes', JSON.stringify({ pools: ['SOL-USDC-25'] }));
  await until('the refusal', async () => (await changed(), watched.of('refused').length));
  const monitor = await redis.monitor();
  const listings = async () => (await monitor.commands()).filter(({ name }) => name === 'SMEMBERS').length;
  await until('lists', async () => (await listings()) >= 2);
  await redis.command('SET', 'pool:SOL-USDC-25', value);
  const before = watched.of('quote').length;
  await until('a quote again', () => watched.of('quote').length > before);
  assert.equal((await watched.end()).status, 0);
});

test('whoever may not subscribe asks every second, and sees changes that nobody tells', async () => {
  const redis = await seeded();
  const watched = await watch(await userOf(redis, '+@read', '+@connection'));
  await until('the reason', () => watched.of('connection').find(({ connection, reason }) => connection === 'polling' && /may not SUBSCRIBE/.test(reason)));
  const paused = async (pool) => change(redis, `pool:${pool}`, (value) => (value.status = 'paused'));
  await paused('BTC-USDC-25');
  await until('the other pool', () => watched.quotes().at(-1).state.pools[0].pool_id === 'BTC-USDC-50');
  await paused('BTC-USDC-50');
  await until('the refusal', () => watched.of('refused').at(-1)?.answer.error.code === 'NO_ROUTE');
  assert.equal((await watched.end()).status, 0);
});

/** What Ctrl-C left: the line of the trade, or of the refusal, and the warnings below it. */
function lastWords(lines) {
  const head = lines.findLastIndex((line) => !line.startsWith('warning: '));
  return lines.slice(head).join('\n').replace(/^\^?C?/, '');
}

test('one line of a terminal moves, and Ctrl-C leaves the last quote', async () => {
  const redis = await seeded();
  const terminal = onTerminal([await dlmmBin(), 'watch', 'BTC', 'USDC', '100'], { env: { REDIS_URL: redis.url } });
  let shown = '';
  terminal.child.stdout.on('data', (piece) => (shown += piece));
  await until('the first quote', () => /first quote \| live/.test(shown));
  await succeed(['simulate', '--updates', '5', '--interval', '0.1', '--seed', '3'], { redis });
  await until('a change', () => /USDC \| [+-][\d,.]+ \([+-][\d.]+ %\) \| live \| \d+ m?s old /.test(shown));
  terminal.child.stdin.write('\x03');
  const { status, lines } = await terminal.result();
  assert.equal(status, 0);
  assert.match(lines.at(-1), /^\^?C?100\.0 BTC -> [\d,.]+ USDC$/);
  const fresh = await succeed(['quote', 'BTC', 'USDC', '100'], { redis });
  assert.ok(lines.at(-1).endsWith(fresh.split('\n')[0]), lines.at(-1));
});

test('a line says that the state is old, and Ctrl-C leaves no quote without saying what is wrong about it', async () => {
  const redis = await seeded();
  await aged(redis);
  await beat(redis, 0);
  /** The last line, after `what` is seen. */
  const leave = async (what, change) => {
    const terminal = onTerminal([await dlmmBin(), 'watch', 'BTC', 'USDC', '1'], { env: { REDIS_URL: redis.url } });
    let shown = '';
    terminal.child.stdout.on('data', (piece) => (shown += piece));
    await until('the first quote', () => /first quote \| live/.test(shown));
    await change();
    await until(what, () => what.test(shown));
    terminal.child.stdin.write('\x03');
    const { status, lines } = await terminal.result();
    assert.equal(status, 0);
    return lastWords(lines);
  };
  assert.match(await leave(/\| live \| STATE_OLD, 1 min old \|/, () => beat(redis, 90_000)), /^1\.0 BTC -> [\d,.]+ USDC\nwarning: STATE_OLD: BTC-USDC-(25|50) is \d+ min old$/);
  await beat(redis, 0);
  const pause = async () => {
    for (const id of ['BTC-USDC-25', 'BTC-USDC-50']) await change(redis, `pool:${id}`, (value) => (value.status = 'paused'));
  };
  assert.match(await leave(/\(NO_ROUTE\)/, pause), /\(NO_ROUTE\) \| live$/);
  await succeed(['seed', '--force'], { redis });
  assert.match(await leave(/may be old: /, () => redis.stop()), /^1\.0 BTC -> [\d,.]+ USDC \| may be old: .*(connect|broke).* \| .* old$/);
});

test('a line tells what is not filled and how much else is wrong, and Ctrl-C leaves every warning as a quote tells it', async () => {
  const redis = await seeded();
  await redis.command('SET', 'bin:BTC-USDC-25:500', 'no bin');
  const args = ['BTC', 'USDC', '1000000', '--allow-partial', '--exclude-pools', 'NO-SUCH-POOL', '--via', 'DOGE'];
  const [trade, ...more] = (await succeed(['quote', ...args], { redis })).trimEnd().split('\n');
  const warnings = more.filter((line) => line.startsWith('warning: '));
  assert.deepEqual(warnings.map((line) => line.split(': ')[1]), ['POOL_SKIPPED', 'FILTER_UNKNOWN', 'FILTER_UNKNOWN', 'PARTIAL_FILL']);
  const terminal = onTerminal([await dlmmBin(), 'watch', ...args], { env: { REDIS_URL: redis.url } });
  let shown = '';
  terminal.child.stdout.on('data', (piece) => (shown += piece));
  await until('what is wrong', () => / BTC -> [\d,.]+ USDC \| 96\.2565 % not filled, 3 warnings \|/.test(shown));
  terminal.child.stdin.write('\x03');
  const { status, lines } = await terminal.result();
  assert.equal(status, 0);
  assert.equal(lastWords(lines), [trade, ...warnings].join('\n'));
});

test('what cannot be watched is refused at once', async () => {
  const redis = await seeded();
  const refused = async (...args) => {
    const { status, stderr } = await dlmm(['watch', ...args], { redis });
    return `${status}: ${stderr}`;
  };
  assert.match(await refused('BTC', 'USDC'), /^2: dlmm: amount_in is missing .*\(INVALID_REQUEST\)\n\nUsage: dlmm watch .*\n\nFor more, try 'dlmm watch --help'\.\n$/);
  assert.match(await refused('btc', 'USDC', '1'), /^1: .*did you mean BTC\? \(UNKNOWN_TOKEN\)\n$/);
  assert.match(await refused('BTC', 'USDC', '1', '--redis', 'redis://127.0.0.1:1'), /^1: .*\(REDIS_UNAVAILABLE\)\nWhich Redis: .*\n$/);
  const { status, stdout } = await dlmm(['watch', 'BTC', 'USDC', '1', '--quotes', '1'], { redis });
  assert.deepEqual([status, JSON.parse(stdout.split('\n')[0]).answer.amount_out_atomic], [0, '99900000000']);
});
