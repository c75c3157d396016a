// The REST forms as bytes on the wire: bodies, statuses, headers and texts.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { startPair } from './rest.mjs';

const { redis, call } = await startPair();
beforeEach(() => redis.command('FLUSHALL'));

test('keeps the text of numbers and booleans', async () => {
  for (const text of ['1e21', '9007199254740993', '-0.10', '1E-7', 'true']) {
    const { json } = await call('/', { body: `["SET", "n", ${text}]` });
    assert.deepEqual(json, { result: 'OK' });
    assert.equal(await redis.command('GET', 'n'), text);
  }
});

test('writes integers with all 64 bits', async () => {
  await redis.command('SET', 'n', '9223372036854775806');
  assert.equal((await call('/incr/n')).text, '{"result":9223372036854775807}');
});

test('answers bodies it cannot read with 400 and a text for each form', async () => {
  const cases = [
    ['/', '{}', 'ERR failed to parse command'],
    ['/', '["SET","k",null]', 'ERR failed to parse command'],
    ['/', '["SET","k",{"a":1}]', 'ERR failed to parse command'],
    ['/', '[]', 'ERR empty command'],
    ['/', '', 'ERR failed to parse command'],
    ['/pipeline', '["GET","k"]', 'ERR failed to parse pipeline request'],
    ['/pipeline', '[]', 'ERR empty pipeline request'],
    ['/multi-exec', '[["GET",["k"]]]', 'ERR failed to parse pipeline request'],
  ];
  for (const [path, body, error] of cases) {
    const answer = await call(path, { body, method: 'POST' });
    assert.deepEqual([answer.status, answer.json], [400, { error }], `${path} ${body}`);
    assert.equal(answer.headers.get('content-type'), 'application/json');
  }
});

test('gives the bare text of Redis with 400 for a single command that fails', async () => {
  await redis.command('SET', 'k', 'word');
  for (const words of [
    ['LPUSH', 'k', 'x'],
    ['GET'],
    ['INCR', 'k'],
    ['EVALSHA', '0'.repeat(40), '0'],
    ['NOSUCH', 'x'],
  ]) {
    const { status, json } = await call('/', { body: words });
    assert.equal(status, 400);
    await assert.rejects(redis.command(...words), ({ message }) => message === json.error);
  }
});

test('does not demand a content type and does not mind telemetry headers', async () => {
  const headers = {
    'content-type': 'text/plain;charset=UTF-8',
    'upstash-telemetry-sdk': 'x',
    'upstash-sync-token': 'unknown',
  };
  const { status, headers: given } = await call('/', { body: ['PING'], headers });
  assert.equal(status, 200);
  assert.match(given.get('upstash-sync-token'), /./);
});

test('encodes every string but OK when base64 is asked for', async () => {
  const headers = { 'upstash-encoding': 'base64' };
  const body = [
    ['SET', 'k', 'bar'],
    ['GET', 'k'],
    ['PING'],
    ['LPUSH', 'k', 'x'],
    ['MGET', 'k', 'absent'],
    ['INCR', 'n'],
  ];
  const { json } = await call('/pipeline', { body, headers });
  assert.deepEqual(json, [
    { result: 'OK' },
    { result: 'YmFy' },
    { result: 'UE9ORw==' },
    { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
    { result: ['YmFy', null] },
    { result: 1 },
  ]);
});

test('runs commands written as a path, with body and query as arguments', async () => {
  assert.equal((await call('/SET/a%2Fb/%F0%9F%AB%B6')).json.result, 'OK');
  assert.equal(await redis.command('GET', 'a/b'), '🫶');
  assert.equal((await call('/set/foo?EX=100&NX', { body: 'bar/baz?' })).json.result, 'OK');
  assert.equal(await redis.command('GET', 'foo'), 'bar/baz?');
  assert.ok((await redis.command('TTL', 'foo')) > 0);
  assert.equal((await call('/set/put', { method: 'PUT', body: 'x' })).json.result, 'OK');
  await call('/set/bytes', { body: new Uint8Array([0, 255, 10]) });
  const sameBytes = "return redis.call('GET', KEYS[1]) == string.char(0, 255, 10)";
  assert.equal(await redis.command('EVAL', sameBytes, 1, 'bytes'), 1);
  assert.equal((await call('/no/such/command')).status, 400);
  assert.equal((await call('/')).json.error, 'ERR empty command');
});

test('answers HEAD without a body and other methods with 405 and Allow', async () => {
  const head = await call('/ping', { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
  for (const method of ['DELETE', 'PATCH', 'OPTIONS']) {
    const { status, headers, json } = await call('/ping', { method });
    assert.equal(status, 405);
    assert.equal(headers.get('allow'), 'GET, HEAD, POST, PUT');
    assert.match(json.error, /^ERR method not allowed/);
  }
});

test('refuses the raw RESP2 format instead of answering in another one', async () => {
  assert.equal((await call('/ping', { headers: { 'upstash-response-format': 'json' } })).status, 200);
  assert.equal((await call('/ping', { headers: { 'upstash-response-format': 'resp2' } })).status, 400);
});

test('takes a body of almost 10 MB and answers a larger one in JSON after reading it', async () => {
  const limit = 10 * 1024 * 1024;
  const body = (size) => JSON.stringify(['SET', 'big', 'x'.repeat(size - '["SET","big",""]'.length)]);
  assert.deepEqual((await call('/', { body: body(limit) })).json, { result: 'OK' });
  for (const path of ['/', '/pipeline', '/multi-exec', '/set/big']) {
    const { status, json } = await call(path, { body: body(limit + 1) });
    assert.equal(status, 413);
    assert.equal(json.error, `ERR max request size exceeded. Limit: ${limit} bytes, Actual: ${limit + 1} bytes.`);
  }
  const far = await call('/', { body: 'x'.repeat(40_000_000) });
  assert.equal(far.status, 413);
  assert.match(far.json.error, /Actual: 40000000 bytes\.$/, 'the body was not read to its end');
});

test('refuses stateful and waiting commands, and the shared connection stays sound', async () => {
  const refused = [
    ['SUBSCRIBE', 'c'],
    ['PSUBSCRIBE', '*'],
    ['MONITOR'],
    ['WATCH', 'k'],
    ['MULTI'],
    ['EXEC'],
    ['SELECT', '1'],
    ['AUTH', 'x'],
    ['HELLO', '3'],
    ['CLIENT', 'REPLY', 'OFF'],
    ['QUIT'],
    ['RESET'],
    ['BLPOP', 'k', '0'],
    ['XREAD', 'BLOCK', '0', 'STREAMS', 'k', '$'],
    ['WAIT', '1', '0'],
    ['SCRIPT', 'DEBUG', 'YES'],
    ['SHUTDOWN'],
  ];
  await redis.command('SET', 'k', 'v');
  for (const words of refused) {
    const { status, json } = await call('/', { body: words });
    assert.equal(status, 400, words.join(' '));
    assert.equal(json.error, `ERR Command is not available: '${words[0]}'`);
  }
  const pipeline = await call('/pipeline', { body: refused.flatMap((words) => [words, ['GET', 'k']]) });
  assert.deepEqual(
    pipeline.json.filter((_, at) => at % 2 === 1),
    refused.map(() => ({ result: 'v' })),
  );
  assert.equal(
    pipeline.json.filter(({ error }) => error?.startsWith('ERR Command is not available')).length,
    refused.length,
  );
  const transaction = await call('/multi-exec', {
    body: [
      ['SET', 'k', 'w'],
      ['WATCH', 'k'],
    ],
  });
  assert.equal(transaction.status, 400);
  assert.match(transaction.json.error, /^EXECABORT .*'WATCH'/);
  assert.equal(await redis.command('GET', 'k'), 'v');
});

test('marks an empty command inside a pipeline and runs the rest', async () => {
  const { status, json } = await call('/pipeline', { body: [['SET', 'k', 'v'], [], ['GET', 'k']] });
  assert.equal(status, 200);
  assert.deepEqual(json, [{ result: 'OK' }, { error: 'ERR empty pipeline command' }, { result: 'v' }]);
});

test('discards a transaction with a command that cannot be queued, as one object with 400', async () => {
  for (const wrong of [['NOSUCH'], ['GET'], ['SET', 'k']]) {
    const { status, json } = await call('/multi-exec', { body: [['SET', 'k', 'v'], wrong] });
    assert.equal(status, 400);
    assert.match(json.error, /^EXECABORT Transaction discarded because of: ERR /);
  }
  assert.equal(await redis.command('EXISTS', 'k'), 0);
});

test('keeps serving after an error text that Redis cut inside a character', async () => {
  // Redis quotes 128 bytes of the arguments of an unknown command; here that ends inside an emoji.
  const words = ['JSON.SET', 'k', '$', `${'a'.repeat(100)}${'🫶'.repeat(20)}`];
  const { status, json } = await call('/', { body: words });
  assert.equal(status, 400);
  assert.match(json.error, /^ERR /);
  assert.equal((await call('/ping')).json.result, 'PONG');
});
