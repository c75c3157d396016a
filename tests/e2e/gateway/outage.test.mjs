// Redis gone, frozen, back, or never there: the gateway answers promptly and recovers by itself.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startRedis } from '../stack/index.mjs';
import { logged, startFront, startPair } from './rest.mjs';

const forms = [
  ['/', { body: ['SET', 'k', 'v'] }],
  [
    '/pipeline',
    {
      body: [
        ['SET', 'k', 'v'],
        ['GET', 'k'],
      ],
    },
  ],
  [
    '/multi-exec',
    {
      body: [
        ['SET', 'k', 'v'],
        ['GET', 'k'],
      ],
    },
  ],
  ['/get/k', {}],
];

// Against hanging; far above what an answer takes.
const guard = { timeout: 60_000 };

test('answers 503 in JSON while Redis is killed and works with the first request after it is back', guard, async () => {
  const { redis, call } = await startPair();
  for (const [path, options] of forms) {
    assert.equal((await call(path, options)).status, 200);
    await redis.kill();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { status, json } = await call(path, options);
      assert.deepEqual([status, json], [503, { error: 'ERR the gateway has no connection to Redis' }], path);
    }
    await redis.restart();
    assert.equal((await call(path, options)).status, 200, `${path} after the restart`);
  }
});

test('notices a restart that happened between two requests', guard, async () => {
  const { redis, call } = await startPair();
  assert.equal((await call('/set/k/v')).status, 200);
  await redis.kill();
  await redis.restart();
  assert.equal((await call('/set/k/w')).status, 200);
  assert.equal((await call('/get/k')).json.result, 'w');
});

test('answers every request that was waiting when Redis died', guard, async () => {
  const { redis, call } = await startPair();
  redis.pause();
  const waiting = Array.from({ length: 100 }, (_, at) => call(...forms[at % forms.length]));
  // Lets them reach the gateway before Redis dies; the outcome is the same if some come later.
  await sleep(200);
  await redis.kill();
  for (const { status, json } of await Promise.all(waiting)) {
    assert.equal(status, 503);
    assert.match(json.error, /^ERR /);
  }
});

test('gives up on a frozen Redis with 504, and uses it again when it moves', guard, async () => {
  const { redis, call } = await startPair();
  await call('/set/k/v');
  redis.pause();
  const first = await call('/get/k');
  assert.deepEqual([first.status, first.json], [504, { error: 'ERR Redis did not answer in time' }]);
  // The next ones open a new connection and find that nobody answers on it.
  assert.equal((await call('/get/k')).status, 503);
  assert.equal((await call('/multi-exec', { body: [['GET', 'k']] })).status, 503);
  redis.resume();
  assert.equal((await call('/get/k')).json.result, 'v');
});

test('lets a crowd share one failed attempt to connect', guard, async (t) => {
  // Accepts and stays silent, so that each attempt runs into the time limit.
  const sockets = [];
  const silent = createServer((socket) => sockets.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  t.after(() => {
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });
  await once(silent, 'listening');
  const { call } = await startFront(`redis://127.0.0.1:${silent.address().port}`);
  const before = sockets.length;
  const answers = await Promise.all(Array.from({ length: 100 }, () => call('/get/k')));
  assert.ok(answers.every(({ status }) => status === 503));
  assert.ok(sockets.length - before < 20, `${sockets.length - before} attempts for 100 requests`);
});

test('starts without Redis, says so once, and connects when it comes', guard, async () => {
  const port = await freePort();
  const { gateway, call } = await startFront(`redis://:secret-password@127.0.0.1:${port}`);
  assert.equal((await call('/ping')).status, 503);
  assert.equal((await call('/ping')).status, 503);
  await startRedis({ port, password: 'secret-password' });
  assert.equal((await call('/ping')).json.result, 'PONG');
  await logged(gateway, /connected to Redis at 127\.0\.0\.1/);
  assert.equal(gateway.log.filter((line) => line.includes(`cannot connect to Redis at 127.0.0.1:${port}`)).length, 1);
  assert.doesNotMatch(gateway.log.join('\n'), /secret-password/);
});

test('treats a refused login as no connection and logs the reason, never the password', guard, async () => {
  const { port } = await startRedis({ password: 'right-password' });
  for (const [login, reason] of [
    [':wrong-password@', /refused the user or password/],
    ['', /wants a password/],
  ]) {
    const { gateway, call } = await startFront(`redis://${login}127.0.0.1:${port}`);
    assert.equal((await call('/get/k')).status, 503);
    await logged(gateway, reason);
    assert.doesNotMatch(gateway.log.join('\n'), /wrong-password|right-password/);
  }
});

test('says so when what listens there is not Redis', guard, async (t) => {
  const web = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  t.after(() => web.close());
  await once(web.listen(0, '127.0.0.1'), 'listening');
  const { gateway, call } = await startFront(`redis://127.0.0.1:${web.address().port}`);
  assert.equal((await call('/get/k')).status, 503);
  await logged(gateway, /does not answer as Redis does/);
});
