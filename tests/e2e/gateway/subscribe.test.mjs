// SUBSCRIBE over REST: the official client hears what is published, and each step of seed and simulate is told whole.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Redis } from '@upstash/redis';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { READ_ONLY_TOKEN, TOKEN, startPair } from './rest.mjs';

const run = promisify(execFile);
const CHANNEL = 'dlmm:changes';
// Against hanging only.
const guard = { timeout: 60_000 };

const dlmm = async (...args) => run(await dlmmBin(), args);

/** Listens with the official client; resolves once the subscription stands. */
async function listen(gateway, token, channel) {
  const client = new Redis({ url: gateway.url, token, enableTelemetry: false, retry: false });
  const subscriber = client.subscribe(channel);
  const heard = [];
  const waiting = [];
  subscriber.on('message', ({ message }) => (heard.push(message), waiting.splice(0).forEach((go) => go())));
  await new Promise((resolve, reject) => {
    subscriber.on('subscribe', resolve);
    subscriber.on('error', reject);
  });
  /** Waits for a message that is so, and gives it. */
  const hears = async (check) => {
    for (let at = 0; ; at += 1) {
      while (heard.length <= at) await new Promise((resolve) => waiting.push(resolve));
      if (check(heard[at])) return heard[at];
    }
  };
  return { heard, hears, end: () => subscriber.unsubscribe() };
}

test('the official client hears messages in order, and a token only what it may', guard, async () => {
  const { redis, gateway, call } = await startPair();
  const all = await listen(gateway, TOKEN, 'news');
  for (let n = 0; n < 100; n += 1) await call('/', { body: ['PUBLISH', 'news', JSON.stringify({ n, text: 'a,b,c é' })] });
  await all.hears(({ n }) => n === 99);
  assert.deepEqual(all.heard, Array.from({ length: 100 }, (_, n) => ({ n, text: 'a,b,c é' })));
  const changes = await listen(gateway, READ_ONLY_TOKEN, CHANNEL);
  await redis.command('PUBLISH', CHANNEL, '{"seq":1}');
  assert.deepEqual(await changes.hears(() => true), { seq: 1 });
  await assert.rejects(listen(gateway, READ_ONLY_TOKEN, 'news'), /NOPERM/);
  await assert.rejects(listen(gateway, 'no-token-at-all', CHANNEL), /WRONGPASS/);
  // Without the header it is a command that no shared connection runs.
  assert.deepEqual((await call(`/subscribe/${CHANNEL}`)).json, { error: "ERR Command is not available: 'SUBSCRIBE'" });
  await Promise.all([all.end(), changes.end()]);
  // Nobody is left who listens.
  for (const channel of ['news', CHANNEL]) {
    while ((await redis.command('PUBSUB', 'NUMSUB', channel))[1] !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test('a stream begins at once, ends with Redis, and does not hold up a gateway that stops', guard, async () => {
  const { redis, gateway } = await startPair();
  const headers = { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' };
  const subscribe = () => fetch(`${gateway.url}/subscribe/news`, { method: 'POST', headers });
  const read = async (response) => {
    let text = '';
    for await (const chunk of response.body) text += Buffer.from(chunk).toString();
    return text;
  };
  const first = await subscribe();
  assert.deepEqual([first.status, first.headers.get('content-type')], [200, 'text/event-stream']);
  await redis.kill();
  assert.equal(await read(first), 'data: subscribe,news,1\n\n');
  assert.equal((await subscribe()).status, 503);
  await redis.restart();
  const second = await subscribe();
  const began = Date.now();
  await gateway.stop();
  assert.equal(await read(second), 'data: subscribe,news,1\n\n');
  // The grace for requests under way is six seconds; a stream uses none of it.
  assert.ok(Date.now() - began < 5_000);
});

test('seed and simulate tell each step: what was written is in the message, and what it says is in Redis', guard, async () => {
  const { redis, gateway } = await startPair();
  const changes = await listen(gateway, READ_ONLY_TOKEN, CHANNEL);
  await dlmm('seed', '--redis', redis.url);
  await changes.hears(({ seq }) => seq === 3);
  assert.deepEqual(changes.heard.map(({ seq, pools }) => [seq, ...pools]), [[1, 'BTC-USDC-25'], [2, 'BTC-USDC-50'], [3, 'SOL-USDC-25']]);
  for (const { keys, block_height, taken_at, pools } of changes.heard) {
    assert.deepEqual([block_height, Number.isFinite(Date.parse(taken_at))], [null, true]);
    const names = Object.keys(keys);
    assert.equal(names.length, 1 + 1001);
    assert.ok(names.every((name) => name.split(':')[1] === pools[0]));
    assert.deepEqual(await redis.command('MGET', ...names), names.map((name) => keys[name]));
  }
  const copy = new Map(changes.heard.flatMap(({ keys }) => Object.entries(keys)));
  await dlmm('simulate', '--redis', redis.url, '--interval', '0.001', '--updates', '20', '--seed', '7', '--churn');
  const last = Number(await redis.command('HGET', 'metadata', 'seq'));
  await changes.hears(({ seq }) => seq === last);
  assert.deepEqual(changes.heard.map(({ seq }) => seq), Array.from({ length: last }, (_, at) => at + 1));
  // Whoever only listens has what is in Redis, but the lists.
  for (const { keys } of changes.heard) for (const [key, text] of Object.entries(keys)) copy.set(key, text);
  const names = (await redis.command('KEYS', '*')).filter((key) => /^(pool|bin):/.test(key)).sort();
  const told = [...copy].filter(([, text]) => text !== null).map(([key]) => key).sort();
  assert.deepEqual(told, names);
  for (const key of names) assert.equal(copy.get(key), await redis.command('GET', key));
  await changes.end();
});

test('a market that is too large for a message is told by its pools', guard, async () => {
  const { redis, gateway } = await startPair();
  const changes = await listen(gateway, READ_ONLY_TOKEN, CHANNEL);
  await dlmm('seed', '--redis', redis.url, '--pools', '20');
  const { seq, pools, keys } = await changes.hears(() => true);
  assert.deepEqual([seq, pools.length, keys], [1, 20, undefined]);
  await changes.end();
});
