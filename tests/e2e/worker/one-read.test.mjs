// One MGET a quote, and beside it only the topology check: counted by Redis itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ONE_BTC, eventually, startMarket } from './market.mjs';
import { listed } from './reads.mjs';

const QUOTES = 50;
const TTL_MS = 2_000;
/** What one check may ask, in one request: the counters, and the values of a few listed pools in turn. */
const CHECK = new Set(['SCARD', 'HMGET', 'DBSIZE', 'MGET']);
const isOfPools = ({ name, args }) => name === 'MGET' && args.every((key) => key.startsWith('pool:')) && args.length <= 8;

/** Pool and bins travel together, so they are of one moment. */
const isWhole = ({ name, args }) => name === 'MGET' && args[0] === 'pool:BTC-USDC-25' && args.includes('bin:BTC-USDC-25:500');

/** Counts all that quotes ask from when the list of pools is complete. */
async function countCommands({ redis, worker, quote }, { listings }) {
  assert.equal((await quote(ONE_BTC)).status, 200);
  await listed(worker, listings);
  const monitor = await redis.monitor();
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
  const reads = commands.filter((command) => command.name === 'MGET' && !isOfPools(command));
  assert.deepEqual(reads.filter((read) => !isWhole(read)), [], 'no list of pools, and no second read of bins');
  assert.equal(reads.length, QUOTES);
  const others = commands.filter((command) => command.name !== 'MGET' || isOfPools(command));
  assert.deepEqual(others.filter(({ name }) => !CHECK.has(name)), [], 'nothing but checks beside the reads');
  for (const name of CHECK) {
    const count = others.filter((command) => command.name === name).length;
    assert.ok(count <= windows, `${count} times ${name} in ${windows} windows`);
  }
}

test('50 quotes of one pool are 50 MGETs', async () => {
  assertOneReadEach(await countCommands(await startMarket(), { listings: 2 }));
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
  // A walk leaves nothing to complete.
  assertOneReadEach(await countCommands(market, { listings: 1 }));
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

/** The command that asks for the heartbeat alone. */
const isBeat = ({ name, args }) => name === 'HMGET' && args.join(' ') === 'metadata heartbeat_ms block_height';

/** Sends quotes to an isolate that knows the heartbeat, and gives the commands and the log lines of the quotes. */
async function quoteBeating({ redis, worker, quote }, heartbeat) {
  await redis.command('HSET', 'metadata', 'heartbeat_ms', String(heartbeat()));
  assert.equal((await quote(ONE_BTC)).status, 200);
  const lines = () => worker.logs().filter((line) => line.includes('"event":"request"')).map((line) => JSON.parse(line));
  await listed(worker, 2);
  // The lines of the requests that have asked for that come in between.
  const quoted = () => lines().filter(({ path }) => path === '/quote');
  await eventually(async () => (quoted().length > 0 ? true : undefined));
  const monitor = await redis.monitor();
  const started = Date.now();
  for (let n = 0; n < QUOTES; n += 1) {
    await redis.command('HSET', 'metadata', 'heartbeat_ms', String(heartbeat()));
    assert.equal((await quote({ ...ONE_BTC, amount_in: String(1 + n), pools: ['BTC-USDC-25'] })).status, 200);
  }
  const windows = Math.ceil((Date.now() - started) / TTL_MS) + 1;
  const commands = (await monitor.commands()).filter(({ name }) => name !== 'HSET');
  const told = await eventually(async () => (quoted().length > QUOTES ? quoted().slice(1) : undefined));
  return { commands, windows, told };
}

test('a live heartbeat costs a quote nothing: the check of the list brings it', async () => {
  const { commands, windows, told } = await quoteBeating(await startMarket(), () => Date.now());
  assert.equal(commands.filter(isWhole).length, QUOTES);
  assert.deepEqual(told.map(({ redis_requests }) => redis_requests), Array(QUOTES).fill(1));
  // When the known one has become two seconds old, the quote that finds it so brings the next.
  const beats = commands.filter(isBeat).length;
  assert.ok(beats <= windows, `${beats} in ${windows} windows`);
});

test('a dead heartbeat rides along with each quote: one request, two commands, the heartbeat first', async () => {
  const died = Date.now() - 30_000;
  const { commands, told } = await quoteBeating(await startMarket(), () => died);
  assert.deepEqual(told.map(({ redis_requests, redis_commands }) => [redis_requests, redis_commands]), Array(QUOTES).fill([1, 2]));
  const reads = commands.filter(isWhole);
  assert.equal(reads.length, QUOTES);
  assert.equal(commands.filter(isBeat).length, QUOTES);
  const order = commands.filter((command) => isBeat(command) || isWhole(command)).map(({ name }) => name);
  assert.deepEqual(order, Array(QUOTES).fill(['HMGET', 'MGET']).flat());
});

test('without a heartbeat nothing is asked for one, until the check of the list finds it', async () => {
  const market = await startMarket();
  const { commands } = await countCommands(market, { listings: 2 });
  assert.deepEqual(commands.filter(isBeat), []);
  await market.redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now()));
  const found = await eventually(async () => (await market.quote(ONE_BTC)).body.state.heartbeat_ms ?? undefined);
  assert.match(found, /^\d{13}$/);
});
