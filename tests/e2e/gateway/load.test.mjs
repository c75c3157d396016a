// Large replies and many callers at once.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Redis } from '@upstash/redis';
import { startPair, TOKEN } from './rest.mjs';

const { redis, gateway, call } = await startPair();
beforeEach(() => redis.command('FLUSHALL'));

async function connectionsSoFar() {
  return Number(/total_connections_received:(\d+)/.exec(await redis.command('INFO', 'stats'))[1]);
}

/** Values of different lengths with text that needs care: 4 MB for 10 000 keys. */
const value = (at) => `${at} 🫶 '${'x'.repeat(300 + (at % 200))}'\n`;

for (const responseEncoding of ['base64', false]) {
  test(`reads 10 000 keys with one MGET (responseEncoding ${responseEncoding})`, async () => {
    const options = {
      enableTelemetry: false,
      enableAutoPipelining: false,
      automaticDeserialization: false,
      retry: false,
    };
    const db = new Redis({ url: gateway.url, token: TOKEN, responseEncoding, ...options });
    const keys = Array.from({ length: 10_000 }, (_, at) => `bin:BTC-USDC-25:${at}`);
    for (let from = 0; from < keys.length; from += 1_000) {
      await db.mset(Object.fromEntries(keys.slice(from, from + 1_000).map((key, at) => [key, value(from + at)])));
    }
    await redis.command('DEL', keys[4_999]);
    const values = await db.mget(...keys);
    assert.equal(values.length, 10_000);
    values.forEach((text, at) => assert.equal(text, at === 4_999 ? null : value(at)));
  });
}

test('runs 1 000 commands in one pipeline in order', async () => {
  const body = Array.from({ length: 1_000 }, (_, at) => (at % 10 === 9 ? ['LPUSH', 'n', 'x'] : ['INCR', 'n']));
  const { json } = await call('/pipeline', { body });
  let count = 0;
  json.forEach((item, at) => {
    if (at % 10 === 9) assert.match(item.error, /^WRONGTYPE/);
    else assert.deepEqual(item, { result: (count += 1) });
  });
});

test('keeps 400 concurrent transactions whole and apart', async () => {
  const body = (at) => [
    ['INCR', 'a'],
    ['RPUSH', 'log', `${at}`],
    ['LPUSH', 'a', 'x'],
    ['RPUSH', 'log', `${at}`],
    ['INCR', 'b'],
  ];
  const answers = await Promise.all(Array.from({ length: 400 }, (_, at) => call('/multi-exec', { body: body(at) })));
  for (const { status, json } of answers) {
    assert.equal(status, 200);
    // Both counters move together only if no other transaction came in between.
    assert.equal(json[0].result, json[4].result);
    assert.match(json[2].error, /^WRONGTYPE/);
  }
  assert.deepEqual(
    answers.map(({ json }) => json[0].result).sort((x, y) => x - y),
    Array.from({ length: 400 }, (_, at) => at + 1),
  );
  const log = await redis.command('LRANGE', 'log', 0, -1);
  for (let at = 0; at < log.length; at += 2) assert.equal(log[at], log[at + 1]);
});

test('keeps concurrent commands, pipelines and transactions apart', async () => {
  const jobs = Array.from({ length: 600 }, async (_, at) => {
    const words = [
      ['SET', `k${at}`, `${at}`],
      ['GET', `k${at}`],
    ];
    if (at % 3 === 0) {
      await call('/', { body: words[0] });
      assert.equal((await call('/', { body: words[1] })).json.result, `${at}`);
    } else {
      const { json } = await call(at % 3 === 1 ? '/pipeline' : '/multi-exec', { body: words });
      assert.deepEqual(json, [{ result: 'OK' }, { result: `${at}` }]);
    }
  });
  await Promise.all(jobs);
});

test("uses one connection for all commands and pipelines, and gives transactions' ones back", async () => {
  await call('/ping');
  const before = await connectionsSoFar();
  await Promise.all(
    Array.from({ length: 300 }, (_, at) =>
      at % 2 ? call('/', { body: ['INCR', 'n'] }) : call('/pipeline', { body: [['INCR', 'n']] }),
    ),
  );
  // The one more is that of the question.
  assert.equal((await connectionsSoFar()) - before, 1);
  await Promise.all(Array.from({ length: 50 }, () => call('/multi-exec', { body: [['INCR', 'n']] })));
  const openNow = async () => Number(/connected_clients:(\d+)/.exec(await redis.command('INFO', 'clients'))[1]);
  // The gateway's and that of the question; Redis may need a moment to see the others close.
  while ((await openNow()) > 2) await new Promise((resolve) => setTimeout(resolve, 20));
});
