// Tokens: who may do what, on every path.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from '@upstash/redis';
import { READ_ONLY_TOKEN, startFront, startPair, TOKEN } from './rest.mjs';

const { redis, gateway, call } = await startPair();

const requests = [
  ['/', { body: ['SET', 'intruder', '1'] }],
  ['/pipeline', { body: [['SET', 'intruder', '1']] }],
  ['/multi-exec', { body: [['SET', 'intruder', '1']] }],
  ['/set/intruder/1', {}],
  ['/set/intruder', { body: '1' }],
  ['/set/intruder/1', { method: 'HEAD' }],
  ['/nothing/here', {}],
  ['/subscribe/channel', { body: '' }],
  ['/pipeline', { body: '{ not json' }],
];

test('answers 401 on every path to a wrong, missing or almost right token, and runs nothing', async () => {
  for (const [path, options] of requests) {
    for (const token of [null, '', 'wrong', TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase()]) {
      const { status, json } = await call(path, { ...options, token });
      assert.equal(status, 401, `${path} with ${token}`);
      if (options.method !== 'HEAD') assert.deepEqual(json, { error: 'WRONGPASS invalid or missing auth token' });
    }
  }
  assert.equal(await redis.command('EXISTS', 'intruder'), 0);
});

test('refuses a large body without a token after reading it, not by cutting the line', async () => {
  const { status } = await call('/', { body: 'x'.repeat(9_000_000), token: 'wrong' });
  assert.equal(status, 401);
});

test('takes the token from the query, where a header does not contradict it', async () => {
  assert.equal((await call(`/ping?_token=${TOKEN}`, { token: null })).json.result, 'PONG');
  assert.equal((await call(`/?_token=${TOKEN}`, { token: null, body: ['PING'] })).json.result, 'PONG');
  assert.equal((await call(`/pipeline?_token=${TOKEN}`, { token: null, body: [['PING']] })).json[0].result, 'PONG');
  assert.equal((await call('/ping?_token=wrong', { token: null })).status, 401);
  assert.equal((await call(`/ping?_token=${TOKEN}`, { token: 'wrong' })).status, 401);
});

test('names the command in the NOPERM answer to the read-only token', async () => {
  await redis.command('SET', 'k', 'v');
  const readOnly = (path, options = {}) => call(path, { ...options, token: READ_ONLY_TOKEN });
  assert.equal((await readOnly('/get/k')).json.result, 'v');
  for (const words of [
    ['SET', 'k', 'w'],
    ['del', 'k'],
    ['SCAN', '0'],
    ['KEYS', '*'],
    ['EVAL', 'return 1', '0'],
    ['FLUSHALL'],
    ['PUBLISH', 'c', 'm'],
  ]) {
    const { status, json } = await readOnly('/', { body: words });
    assert.equal(status, 400, words[0]);
    assert.equal(json.error, `NOPERM this user has no permissions to run the '${words[0].toLowerCase()}' command`);
  }
  assert.match((await readOnly('/set/k/w')).json.error, /^NOPERM /);
  assert.equal(await redis.command('GET', 'k'), 'v');
});

test('refuses one item of a read-only pipeline, but a read-only transaction as a whole', async () => {
  await redis.command('SET', 'k', 'v');
  const body = [
    ['GET', 'k'],
    ['SET', 'k', 'w'],
    ['STRLEN', 'k'],
  ];
  const pipeline = await call('/pipeline', { token: READ_ONLY_TOKEN, body });
  assert.equal(pipeline.status, 200);
  assert.deepEqual([pipeline.json[0], pipeline.json[2]], [{ result: 'v' }, { result: 1 }]);
  assert.match(pipeline.json[1].error, /^NOPERM /);
  const transaction = await call('/multi-exec', { token: READ_ONLY_TOKEN, body });
  assert.equal(transaction.status, 400);
  assert.match(transaction.json.error, /^EXECABORT .*NOPERM/);
  assert.equal(await redis.command('GET', 'k'), 'v');
});

test('tells the official client about NOPERM and a wrong token', async () => {
  const options = { url: gateway.url, retry: false, enableTelemetry: false, enableAutoPipelining: false };
  await assert.rejects(new Redis({ ...options, token: READ_ONLY_TOKEN }).set('k', 'w'), /NOPERM/);
  await assert.rejects(new Redis({ ...options, token: 'wrong' }).get('k'), /WRONGPASS/);
});

test('passes on the NOPERM of a Redis user with few rights', async () => {
  await redis.command('ACL', 'SETUSER', 'quoter', 'on', '>pw', '~*', '+get', '+multi', '+exec');
  const limited = await startFront(redis.urlFor('quoter', 'pw'));
  await redis.command('SET', 'k', 'v');
  assert.equal((await limited.call('/get/k')).json.result, 'v');
  const refused = await limited.call('/set/k/w');
  assert.equal(refused.status, 400);
  assert.match(refused.json.error, /^NOPERM /);
  const transaction = await limited.call('/multi-exec', {
    body: [
      ['GET', 'k'],
      ['SET', 'k', 'w'],
    ],
  });
  assert.match(transaction.json.error, /^EXECABORT .*NOPERM/);
  await redis.command('ACL', 'SETUSER', 'quoter', '+set', '-multi');
  const opened = await limited.call('/multi-exec', { body: [['SET', 'k', 'w']] });
  assert.deepEqual([opened.status, opened.json.error.split(' ')[0]], [400, 'NOPERM']);
  assert.equal(await redis.command('GET', 'k'), 'v', 'nothing may run when MULTI itself is forbidden');
});
