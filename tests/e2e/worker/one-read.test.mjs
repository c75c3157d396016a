// One MGET a quote, and beside it only the topology check: counted by Redis itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ONE_BTC, eventually, startMarket } from './market.mjs';

const QUOTES = 50;
const TTL_MS = 2_000;
/** What one check may ask, in one request: the counters. */
const CHECK = new Set(['SCARD', 'HMGET', 'DBSIZE']);

async function countCommands({ redis, quote }) {
  assert.equal((await quote(ONE_BTC)).status, 200);
  const monitor = await redis.monitor();
  // The check that completes the first listing runs after the first answer.
  await eventually(async () => {
    const before = (await monitor.commands()).length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return (await monitor.commands()).length === before ? true : undefined;
  });
  await monitor.clear();
  const started = Date.now();
  for (let n = 0; n < QUOTES; n += 1) {
    const { status } = await quote({ ...ONE_BTC, amount_in: String(1 + n * 10), pools: ['BTC-USDC-25'] });
    assert.equal(status, 200);
  }
  const elapsed = Date.now() - started;
  await new Promise((resolve) => setTimeout(resolve, 300));
  const commands = await monitor.commands();
  return { commands, windows: Math.ceil(elapsed / TTL_MS) + 1 };
}

function assertOneReadEach({ commands, windows }) {
  const reads = commands.filter(({ name }) => name === 'MGET');
  assert.equal(reads.length, QUOTES);
  for (const { args } of reads) {
    // Pool and bins travel together, so they are of one moment.
    assert.equal(args[0], 'pool:BTC-USDC-25');
    assert.ok(args.includes('bin:BTC-USDC-25:500'));
  }
  const others = commands.filter(({ name }) => name !== 'MGET');
  assert.deepEqual(others.filter(({ name }) => !CHECK.has(name)), [], 'nothing but checks beside the reads');
  for (const name of CHECK) {
    const count = others.filter((command) => command.name === name).length;
    assert.ok(count <= windows, `${count} times ${name} in ${windows} windows`);
  }
}

test('50 quotes of one pool are 50 MGETs', async () => {
  assertOneReadEach(await countCommands(await startMarket()));
});

test('the same for a user that may not SCAN or KEYS, on data without the pools set', async () => {
  const market = await startMarket({
    prepare: async (redis) => {
      await redis.command('DEL', 'pools');
      await redis.command('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '+@read', '-scan', '-keys', '+@connection');
      const url = new URL(redis.url);
      url.username = 'reader';
      url.password = 'secret';
      return url.toString();
    },
  });
  assertOneReadEach(await countCommands(market));
  // Found by walking from the two tokens; a pool of other tokens is found when it is asked for.
  assert.equal((await market.quote({ token_in: 'SOL', token_out: 'BTC', amount_in: 1 })).status, 200);
});

test('a usual quote reads less than 40 kB', async () => {
  const { worker, quote } = await startMarket({ vars: { LOG_LEVEL: 'debug' } });
  await quote(ONE_BTC);
  await quote(ONE_BTC);
  const lines = await eventually(async () => {
    const found = worker.logs().filter((line) => line.includes('"event":"request"'));
    return found.length >= 2 ? found.map((line) => JSON.parse(line)) : undefined;
  });
  const last = lines.at(-1);
  assert.deepEqual([last.redis_requests, last.redis_commands], [1, 1]);
  assert.ok(last.redis_bytes < 40_000, `${last.redis_bytes} bytes`);
});
