// The official client against the gateway: what works on Upstash must work here.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { Redis } from '@upstash/redis';
import { startPair, TOKEN } from './rest.mjs';

const { redis, gateway, call } = await startPair();
beforeEach(() => redis.command('FLUSHALL'));

/** A client that keeps strings as they are, so that nothing is hidden by its JSON parsing. */
function client(options = {}) {
  return new Redis({
    url: gateway.url,
    token: TOKEN,
    enableTelemetry: false,
    retry: false,
    automaticDeserialization: false,
    ...options,
  });
}

/** Runs `work` and gives the requests that left this process meanwhile. */
async function recordRequests(work) {
  const real = globalThis.fetch;
  const requests = [];
  globalThis.fetch = async (url, options) => {
    const response = await real(url, options);
    requests.push({
      path: new URL(url).pathname,
      headers: new Headers(options.headers),
      body: JSON.parse(options.body),
      response,
    });
    return response;
  };
  try {
    await work();
  } finally {
    globalThis.fetch = real;
  }
  return requests;
}

for (const responseEncoding of ['base64', false]) {
  describe(`with responseEncoding ${responseEncoding}`, () => {
    const plain = (options) => client({ responseEncoding, enableAutoPipelining: false, ...options });

    test('answers single commands in the shapes of RESP2', async () => {
      const db = plain();
      assert.equal(await db.set('k', 'bar'), 'OK');
      assert.equal(await db.get('k'), 'bar');
      assert.equal(await db.get('absent'), null);
      assert.equal(await db.incrby('n', 41), 41);
      assert.equal(await db.ping(), 'PONG');
      assert.equal(await db.hset('h', { a: '1', b: 'x' }), 2);
      assert.deepEqual(await db.hgetall('h'), ['a', '1', 'b', 'x']);
      assert.deepEqual(await db.mget('k', 'absent', 'n'), ['bar', null, '41']);
      await db.zadd('z', { score: 1.5, member: 'm' });
      assert.deepEqual(await db.zrange('z', 0, -1, { withScores: true }), ['m', '1.5']);
      assert.deepEqual(await db.eval("return {1, {'a', {'b', 'OK'}}}", [], []), [1, ['a', ['b', 'OK']]]);
    });

    test('carries emoji, control characters and the text OK unchanged', async () => {
      const db = plain();
      for (const text of ['🫶🏽 café \u0000\u001f \u2028 "\\', 'OK', 'PONG', '', 'YmFy']) {
        await db.set('text', text);
        assert.equal(await db.get('text'), text);
        assert.equal(await redis.command('STRLEN', 'text'), Buffer.byteLength(text));
      }
    });

    test('runs an explicit pipeline in order and keeps the other results when one fails', async () => {
      const pipe = plain().pipeline();
      pipe.set('list', 'not a list').lpush('list', 'x').get('list').incr('n').get('absent');
      const outcomes = await pipe.exec({ keepErrors: true });
      assert.deepEqual(
        outcomes.map(({ result }) => result ?? null),
        ['OK', null, 'not a list', 1, null],
      );
      assert.match(outcomes[1].error, /WRONGTYPE/);
      assert.deepEqual(outcomes.filter(({ error }) => error !== undefined).length, 1);
    });

    test('runs a transaction and goes on after a failed command in it', async () => {
      const multi = plain().multi();
      multi.set('k', 'text').lpush('k', 'x').incr('n');
      const requests = await recordRequests(async () => {
        await assert.rejects(multi.exec(), /WRONGTYPE/);
      });
      assert.deepEqual(
        requests.map(({ path }) => path),
        ['/multi-exec'],
      );
      assert.equal(requests[0].response.status, 200);
      assert.equal(await redis.command('GET', 'n'), '1');
    });
  });
}

test('merges commands of one turn into one pipeline and gives each its own result', async () => {
  const db = client({ enableAutoPipelining: true });
  await redis.command('MSET', 'a', '1', 'b', '2');
  let results;
  const requests = await recordRequests(async () => {
    results = await Promise.all([db.get('a'), db.get('b'), db.get('absent')]);
  });
  assert.deepEqual(results, ['1', '2', null]);
  assert.deepEqual(
    requests.map(({ path, body }) => [path, body.length]),
    [['/pipeline', 3]],
  );
});

test('keeps the results of an automatic pipeline in which one command fails', async () => {
  const db = client({ enableAutoPipelining: true });
  await redis.command('SET', 'text', 'word');
  const outcomes = await Promise.allSettled([db.get('text'), db.hget('text', 'f'), db.strlen('text')]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.match(outcomes[1].reason.message, /WRONGTYPE/);
});

test('stores objects and numbers as the client writes them', async () => {
  const db = client({ automaticDeserialization: true });
  await db.set('object', { pool: 'BTC-USDC-25', bins: [499, 500] });
  assert.equal(await redis.command('GET', 'object'), '{"pool":"BTC-USDC-25","bins":[499,500]}');
  assert.deepEqual(await db.get('object'), { pool: 'BTC-USDC-25', bins: [499, 500] });
  await db.set('number', 1e21);
  assert.equal(await redis.command('GET', 'number'), '1e+21');
});

test('gives bytes that are not UTF-8 in base64, and U+FFFD for them without', async () => {
  await redis.command('EVAL', "return redis.call('SET', KEYS[1], string.char(0, 255, 128, 97))", 1, 'bytes');
  const base64 = await call('/get/bytes', { headers: { 'upstash-encoding': 'base64' } });
  assert.deepEqual([...Buffer.from(base64.json.result, 'base64')], [0, 255, 128, 97]);
  assert.equal(await client({ responseEncoding: false }).get('bytes'), '\u0000\ufffd\ufffda');
});

test('raises the words of Redis as errors', async () => {
  const db = client({ enableAutoPipelining: false });
  await redis.command('SET', 'text', 'word');
  await assert.rejects(db.lpush('text', 'x'), /^UpstashError: WRONGTYPE /);
  await assert.rejects(db.evalsha('0'.repeat(40), [], []), /NOSCRIPT No matching script/);
  await assert.rejects(db.incr('text'), /ERR value is not an integer/);
});

test('loads and runs scripts with the fallback from EVALSHA to EVAL', async () => {
  const script = client({ enableAutoPipelining: false }).createScript("return ARGV[1] .. '!'");
  await redis.command('SCRIPT', 'FLUSH');
  assert.equal(await script.exec([], ['hello']), 'hello!');
  assert.equal(await script.exec([], ['again']), 'again!');
});

test('gives a sync token that changes with writes and is sent back with the next request', async () => {
  const db = client({ enableAutoPipelining: false });
  const requests = await recordRequests(async () => {
    await db.get('k');
    await db.get('k');
    await db.set('k', '1');
    await db.get('k');
  });
  const given = requests.map(({ response }) => response.headers.get('upstash-sync-token'));
  assert.ok(given.every((token) => token !== null && token !== ''));
  assert.equal(given[0], given[1]);
  assert.notEqual(given[1], given[2]);
  assert.equal(given[2], given[3]);
  const sent = requests.map(({ headers }) => headers.get('upstash-sync-token'));
  assert.deepEqual(sent, ['', given[0], given[1], given[2]]);
});
