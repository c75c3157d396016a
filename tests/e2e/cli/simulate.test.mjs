// `dlmm simulate`: swaps as on chain, written pool by pool at one moment.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startRedis } from '../stack/index.mjs';
import { change, dlmm, json, succeed, temporaryFolder } from './dlmm.mjs';

const POOLS = ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25'];

async function seeded(...args) {
  const redis = await startRedis();
  await succeed(['seed', ...args], { redis });
  return redis;
}

async function simulate(redis, args) {
  const lines = (await succeed(['simulate', '--json', '--interval', '0.001', ...args], { redis })).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

const read = async (redis, key) => JSON.parse(await redis.command('GET', key));

/** Smallest units of a human amount whose token has this many decimals. */
function units(text, decimals) {
  const [whole, fraction = ''] = String(text).split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0').slice(0, decimals));
}

test('every swap is what a quote of the state before it says', async () => {
  const redis = await seeded();
  const folder = temporaryFolder();
  for (let n = 0; n < 8; n += 1) {
    const file = join(folder, `${n}.json`);
    await succeed(['snapshot', '--out', file], { redis });
    const before = JSON.parse(readFileSync(file, 'utf8'));
    const events = await simulate(redis, ['--updates', '1', '--seed', String(n)]);
    const swaps = events.filter(({ event }) => event === 'swap');
    assert.deepEqual(swaps.map(({ pool_id }) => pool_id), POOLS);
    for (const swap of swaps) {
      const pool = before.pools.find(({ pool_id }) => pool_id === swap.pool_id);
      const [token_in, token_out] = swap.x_for_y ? [pool.token_x, pool.token_y] : [pool.token_y, pool.token_x];
      const flags = ['--token-in', token_in, '--token-out', token_out, '--amount-in-atomic', swap.amount_in_atomic, '--pools', swap.pool_id];
      const { amount_out_atomic, routes } = await json(['quote', '--snapshot', file, '--json', ...flags]);
      assert.equal(swap.amount_out_atomic, amount_out_atomic);
      assert.equal(swap.active_bin_after, routes[0].hops[0].active_bin_after);
      const after = await read(redis, `pool:${swap.pool_id}`);
      assert.equal(after.active_bin_id, swap.active_bin_after);
      assert.ok(after.last_updated > pool.last_updated);
    }
  }
});

test('no unit is made or lost, and active bins move', async () => {
  const redis = await seeded();
  const decimals = { BTC: 8, SOL: 9, USDC: 6 };
  const held = async () => {
    const sums = {};
    for (const id of POOLS) {
      const { token_x, token_y } = await read(redis, `pool:${id}`);
      for (let bin = 450; bin <= 550; bin += 1) {
        const { x_amount, y_amount } = JSON.parse((await redis.command('GET', `bin:${id}:${bin}`)).replace(/"([xy]_amount)":([\d.]+)/g, '"$1":"$2"'));
        sums[`${id} x`] = (sums[`${id} x`] ?? 0n) + units(x_amount, decimals[token_x]);
        sums[`${id} y`] = (sums[`${id} y`] ?? 0n) + units(y_amount, decimals[token_y]);
      }
    }
    return sums;
  };
  const before = await held();
  const events = await simulate(redis, ['--updates', '40', '--seed', '7']);
  for (const { event, pool_id, x_for_y, amount_in_atomic, amount_out_atomic } of events) {
    if (event !== 'swap') continue;
    const [side_in, side_out] = x_for_y ? ['x', 'y'] : ['y', 'x'];
    before[`${pool_id} ${side_in}`] += BigInt(amount_in_atomic);
    before[`${pool_id} ${side_out}`] -= BigInt(amount_out_atomic);
  }
  assert.deepEqual(await held(), before, 'the sample has no protocol fee, so all of the input stays');
  const end = events.at(-1);
  assert.deepEqual([end.event, end.updates, end.swaps, end.errors], ['end', 40, 120, 0]);
  const moved = new Set(events.filter(({ event }) => event === 'swap').map(({ active_bin_after }) => active_bin_after));
  assert.ok(moved.size > 5, `${[...moved]}`);
  const flags = [];
  for (let bin = 450; bin <= 550; bin += 1) if ((await read(redis, `bin:SOL-USDC-25:${bin}`)).is_active) flags.push(bin);
  assert.deepEqual(flags, [(await read(redis, 'pool:SOL-USDC-25')).active_bin_id]);
});

test('the same seed on the same data gives the same swaps', async () => {
  const swaps = async (seed) => {
    const events = await simulate(await seeded(), ['--updates', '5', '--seed', seed]);
    return events.filter(({ event }) => event === 'swap').map(({ at, ...swap }) => swap);
  };
  const first = await swaps('11');
  assert.deepEqual(await swaps('11'), first);
  assert.notDeepEqual(await swaps('12'), first);
});

test('pools come, pause and go, lists and counters follow, and the end puts all of it right', async () => {
  const redis = await seeded();
  const events = await simulate(redis, ['--updates', '120', '--seed', '5', '--churn']);
  const kinds = new Set(events.map(({ event }) => event));
  for (const kind of ['pool_added', 'pool_removed', 'pool_paused', 'pool_resumed']) assert.ok(kinds.has(kind), `${kind} in ${[...kinds]}`);
  const survey = await json(['status', '--json'], { redis });
  assert.deepEqual(survey.pools.map(({ pool_id, status }) => [pool_id, status]), POOLS.map((id) => [id, 'active']));
  const complete = { unseen: false, missing: [], stale: [], unreadable: [] };
  assert.deepEqual([survey.indexes.pools_set, survey.indexes.pairs, survey.indexes.tokens], [complete, complete, complete]);
  assert.equal(survey.indexes.metadata.total_pools.stored, '3');
});

test('no two runs make pools of the same id, so each takes away only its own, also where they run at once', async () => {
  const churning = (seed) => ['--updates', '60', '--seed', String(seed), '--churn'];
  const added = (events) => events.filter(({ event }) => event === 'pool_added').map(({ pool_id }) => pool_id);
  // The same seed on the same data: whatever else they do is the same.
  const [one, other] = await Promise.all([0, 1].map(async () => added(await simulate(await seeded(), churning(5)))));
  assert.ok(one.length > 0 && other.length > 0);
  assert.deepEqual(one.filter((id) => other.includes(id)), []);

  const redis = await seeded();
  const ends = await Promise.all([5, 6, 7].map(async (seed) => (await simulate(redis, churning(seed))).at(-1)));
  for (const end of ends) assert.deepEqual([end.event, end.left], ['end', { added: [], paused: [] }]);
  const verdict = await json(['verify', '--json'], { redis });
  assert.deepEqual([verdict.pools, verdict.bins, verdict.findings], [3, 303, []]);
  const { pools } = await json(['status', '--json'], { redis });
  assert.deepEqual(pools.map(({ pool_id, status }) => [pool_id, status]), POOLS.map((id) => [id, 'active']));
});

test('a simulation takes its heartbeat along, says so, and leaves one that may be a producer\'s', async () => {
  const redis = await seeded();
  const beat = () => redis.command('HGET', 'metadata', 'heartbeat_ms');
  const run = (...args) => succeed(['simulate', '--interval', '0.001', '--updates', '1', ...args], { redis });
  const end = async () => (await simulate(redis, ['--updates', '1'])).at(-1).heartbeat;
  assert.match(await run(), /\nmetadata\.heartbeat_ms is removed: nobody renews it now\n$/);
  assert.deepEqual([await beat(), await end(), await beat()], [null, 'removed', null]);
  // Until Ctrl-C or SIGTERM; one that is killed leaves it, as a producer that has died does.
  for (const [signal, stays] of [['SIGINT', false], ['SIGTERM', false], ['SIGKILL', true]]) {
    const child = spawn(await dlmmBin(), ['simulate', '--interval', '0.001'], { env: { ...process.env, REDIS_URL: redis.url } });
    await once(child.stdout, 'data');
    child.stdout.resume();
    child.kill(signal);
    await once(child, 'close');
    assert.equal((await beat()) !== null, stays, signal);
  }
  assert.match(await run(), /\nmetadata\.heartbeat_ms stays: .* \(STATE_OLD\) from a minute on, until `HDEL metadata heartbeat_ms`\n$/);
  const written = await beat();
  assert.deepEqual([await end(), (await beat()) > written], ['stays', true]);
});

test('every round moves the heartbeat, swaps or not, and a swap moves it in its own transaction', async () => {
  const redis = await seeded();
  const monitor = await redis.monitor();
  const beats = async () => (await monitor.commands()).filter(({ name, args }) => name === 'HSET' && args.includes('heartbeat_ms'));
  const began = Date.now();
  await simulate(redis, ['--updates', '2', '--seed', '3']);
  const commands = await monitor.commands();
  // One a round, and one with each of its three swaps.
  assert.equal((await beats()).length, 2 * (1 + POOLS.length));
  const transactions = { swaps: 0, rounds: 0 };
  for (const [at, { name }] of commands.entries()) {
    if (name !== 'MULTI') continue;
    const inside = commands.slice(at, at + commands.slice(at).findIndex((command) => command.name === 'EXEC'));
    // The last one takes the heartbeat along.
    if (inside.some(({ name }) => name === 'HDEL')) continue;
    assert.ok(inside.some(({ name, args }) => name === 'HSET' && args.includes('heartbeat_ms')));
    // In the same step: what it writes over may be another's.
    assert.ok(inside.some(({ name, args }) => name === 'HGET' && args.includes('heartbeat_ms')));
    transactions[inside.some((command) => command.name === 'MSET') ? 'swaps' : 'rounds'] += 1;
  }
  assert.deepEqual(transactions, { swaps: 2 * POOLS.length, rounds: 2 });
  const heartbeat = Number((await beats()).at(-1).args.at(-1));
  assert.ok(heartbeat >= began && heartbeat <= Date.now(), `${heartbeat}`);

  for (const id of POOLS) await change(redis, `pool:${id}`, (pool) => (pool.status = 'paused'));
  await monitor.clear();
  assert.deepEqual((await simulate(redis, ['--updates', '3'])).filter(({ event }) => event === 'swap'), []);
  assert.equal((await beats()).length, 3, 'nothing moved, and somebody watched');
});

test('Ctrl-C ends it after the update, with the sums', async () => {
  const redis = await seeded();
  const child = spawn(await dlmmBin(), ['simulate', '--json', '--interval', '0.05'], { env: { REDIS_URL: redis.url }, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = [];
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line));
    if (lines.length === 6) child.kill('SIGINT');
  }
  assert.deepEqual(await closed, [0, null]);
  const end = lines.at(-1);
  assert.equal(end.event, 'end');
  assert.equal(end.swaps, lines.length - 1);
});

test('goes on after Redis was away, and counts what went wrong', async () => {
  const redis = await seeded();
  const child = spawn(await dlmmBin(), ['simulate', '--json', '--interval', '0.05'], { env: { REDIS_URL: redis.url }, stdio: ['ignore', 'pipe', 'inherit'] });
  let cut = false;
  let failed = false;
  let stopped = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, errors } = JSON.parse(line);
    if (event === 'swap' && !cut) {
      cut = true;
      await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    }
    failed ||= event === 'error';
    if (event === 'swap' && failed && !stopped) stopped = child.kill('SIGINT');
    if (event === 'end') assert.ok(errors >= 1);
  }
  assert.ok(failed);
});

/** Starts a simulation and calls `onEvent(event, child)` for each of its events; gives how it ended, with the last one. */
async function running(redis, args, onEvent) {
  const child = spawn(await dlmmBin(), ['simulate', '--json', ...args], { env: { REDIS_URL: redis.url }, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const stderr = text(child.stderr);
  let last;
  for await (const line of createInterface({ input: child.stdout })) {
    last = JSON.parse(line);
    await onEvent(last, child);
  }
  const [status] = await closed;
  return { status, stderr: await stderr, end: last };
}

/** Calls `then` once, as soon as churn has a pool added and a pool paused; the sets of them follow what comes after. */
function onceChurned(then) {
  const added = new Set();
  const paused = new Set();
  let called = false;
  return async ({ event, pool_id }, child) => {
    if (event === 'pool_added') added.add(pool_id);
    if (event === 'pool_removed') added.delete(pool_id);
    if (event === 'pool_paused') paused.add(pool_id);
    if (event === 'pool_resumed' || event === 'pool_removed') paused.delete(pool_id);
    if (called || added.size === 0 || paused.size === 0) return;
    called = true;
    await then(child, { added, paused });
  };
}

const CHURN = ['--churn', '--seed', '5', '--interval', '0.1'];

test('the end undoes churn over a new connection where the last update broke the old one', async () => {
  const redis = await seeded();
  const { status, end } = await running(redis, CHURN, onceChurned(async (child) => {
    // The update that is running, or the next one, waits at its first write; then it has no connection.
    await redis.command('CLIENT', 'PAUSE', '60000', 'WRITE');
    child.kill('SIGINT');
    await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await redis.command('CLIENT', 'UNPAUSE');
  }));
  const survey = await json(['status', '--json'], { redis });
  assert.deepEqual(survey.pools.map(({ pool_id, status }) => [pool_id, status]), POOLS.map((id) => [id, 'active']));
  assert.deepEqual([status, end.event, end.heartbeat, end.left], [0, 'end', 'removed', { added: [], paused: [] }]);
  assert.equal(await redis.command('HGET', 'metadata', 'heartbeat_ms'), null);
});

test('what the end cannot undo is told by name, and the exit code is 1', async () => {
  const redis = await seeded();
  let churned;
  const { status, end, stderr } = await running(redis, CHURN, onceChurned(async (child, pools) => {
    churned = pools;
    await redis.stop();
    child.kill('SIGINT');
  }));
  assert.deepEqual([status, end.event, end.heartbeat], [1, 'end', 'not_removed']);
  for (const [left, word] of [['added', 'was added and may still be there'], ['paused', 'was paused and may still be']]) {
    for (const id of churned[left]) {
      assert.ok(end.left[left].includes(id), `${id} in ${end.left[left]}`);
      assert.ok(stderr.includes(`${id} ${word}`), stderr);
    }
  }
  assert.match(stderr, /the end could not undo everything: .*metadata\.heartbeat_ms may still be there/);
});

test('the end finds nothing to undo where somebody has taken all of it away', async () => {
  for (const takeAway of [
    (redis) => redis.command('FLUSHALL'),
    // Its own pools are then the last ones.
    (redis) => redis.transaction(POOLS.flatMap((id) => [['DEL', `pool:${id}`], ['SREM', 'pools', id]])),
  ]) {
    const redis = await seeded();
    const { status, end, stderr } = await running(redis, CHURN, onceChurned(async (child) => {
      await takeAway(redis);
      child.kill('SIGINT');
    }));
    assert.deepEqual([status, stderr, end.event, end.left], [0, '', 'end', { added: [], paused: [] }]);
    assert.deepEqual(await redis.command('SMEMBERS', 'pools'), []);
    assert.deepEqual(await redis.command('KEYS', 'pool:*'), []);
  }
});

test('a heartbeat stays where a producer wrote one in between, and is untouched where none was written', async () => {
  const redis = await seeded();
  const beat = (name, ...words) => redis.command(name, 'metadata', 'heartbeat_ms', ...words);
  let swaps = 0;
  let stopped = false;
  const { end } = await running(redis, ['--interval', '0.05'], async ({ event }, child) => {
    if (event !== 'swap') return;
    swaps += 1;
    if (swaps === 1) await beat('HSET', '1');
    // It has been written over, so nothing is left of it.
    else if (!stopped && (await beat('HGET')) !== '1') stopped = child.kill('SIGINT');
  });
  assert.equal(end.heartbeat, 'stays');
  assert.ok(Number(await beat('HGET')) > 1);

  await redis.command('DEL', 'metadata');
  await redis.command('SET', 'metadata', 'no hash');
  const refused = (await simulate(redis, ['--updates', '2'])).at(-1);
  assert.deepEqual([refused.heartbeat, refused.errors], ['untouched', 2]);
});

test('a second Ctrl-C or SIGTERM does not wait for an end that Redis holds up', async () => {
  const redis = await seeded();
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    let swaps = 0;
    let again;
    const { status, end, stderr } = await running(redis, ['--interval', '600'], async ({ event }, child) => {
      if (event !== 'swap' || ++swaps < POOLS.length) return;
      await redis.command('CLIENT', 'PAUSE', '60000', 'WRITE');
      // Two that come together are one to the system.
      again = setInterval(() => child.kill(signal), 20);
    });
    clearInterval(again);
    await redis.command('CLIENT', 'UNPAUSE');
    assert.deepEqual([status, end.event, end.heartbeat], [code, 'end', 'not_removed']);
    assert.match(stderr, /interrupted a second time, so the end was not finished: metadata\.heartbeat_ms may still be there/);
    await redis.command('HDEL', 'metadata', 'heartbeat_ms');
  }
});

test('refuses a Redis without pools, and one on another machine', async () => {
  const empty = await startRedis();
  const none = await dlmm(['simulate', '--updates', '1'], { redis: empty });
  assert.equal(none.status, 1);
  assert.match(none.stderr, /there are no pools to trade in; `dlmm seed` writes three/);
  const far = await dlmm(['simulate', '--updates', '1'], { env: { REDIS_URL: 'redis://redis.example:6379' } });
  assert.equal(far.status, 2);
  assert.match(far.stderr, /redis\.example:6379 is not this machine/);
  const odd = await dlmm(['simulate', '--interval', '0'], { redis: empty });
  assert.equal(odd.status, 2);
});
