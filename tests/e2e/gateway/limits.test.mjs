// What a caller may cost: connections, time, commands, bytes. Each limit is answered, and nobody else is hurt.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startPair, TOKEN } from './rest.mjs';

const guard = { timeout: 120_000 };

/** Opens a connection, sends the text, and collects what comes back; `closed` is there once the other side is done. */
function half(port, text) {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  // Closed is closed, whether with a word or by a reset.
  const line = { socket, text: '', closed: new Promise((resolve) => socket.once('close', resolve)) };
  socket.setEncoding('utf8').on('data', (part) => (line.text += part));
  socket.write(text);
  return line;
}

const json = (line) => JSON.parse(line.text.split('\r\n\r\n')[1]);

test('half-open connections are answered and closed in time, and an idle one is closed without a word', guard, async () => {
  const { gateway, call } = await startPair({}, ['--header-timeout', '1']);
  const halves = Array.from({ length: 300 }, () => half(gateway.port, `POST / HTTP/1.1\r\nhost: localhost:${gateway.port}\r\n`));
  // A header every now and then does not buy more time.
  const drops = setInterval(() => halves.forEach(({ socket }) => socket.write('x: y\r\n')), 100);
  const silent = half(gateway.port, '');
  const kept = half(gateway.port, `GET /ping HTTP/1.1\r\nhost: localhost:${gateway.port}\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`);
  assert.equal((await call('/ping')).json.result, 'PONG');
  await Promise.all([...halves, silent, kept].map(({ closed }) => closed));
  clearInterval(drops);
  for (const one of halves) {
    assert.match(one.text, /^HTTP\/1\.1 408 /);
    assert.match(json(one).error, /^ERR the request headers did not arrive in time/);
  }
  assert.equal(silent.text, '');
  assert.equal(kept.text.match(/HTTP\/1\.1/g).length, 1, kept.text);
  // On a connection of its own: the one of the first call is idle, and may be closing just now.
  const last = half(gateway.port, `GET /ping HTTP/1.1\r\nhost: localhost:${gateway.port}\r\nconnection: close\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`);
  await last.closed;
  assert.equal(json(last).result, 'PONG');
});

test('a connection too many is told so at once, and others take its place when they go', guard, async () => {
  const { gateway, call } = await startPair({}, ['--max-connections', '3']);
  const head = `POST / HTTP/1.1\r\nhost: localhost:${gateway.port}\r\nexpect: 100-continue\r\ncontent-length: 100\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`;
  const held = Array.from({ length: 3 }, () => half(gateway.port, head));
  // Told to go on: their requests have begun.
  await Promise.all(held.map(({ socket }) => once(socket, 'data')));
  const refused = half(gateway.port, `GET /ping HTTP/1.1\r\nhost: localhost:${gateway.port}\r\n\r\n`);
  await refused.closed;
  assert.match(refused.text, /^HTTP\/1\.1 503 [^]*retry-after: 1/);
  assert.deepEqual(json(refused), { error: 'ERR max concurrent connections exceeded' });
  held[0].socket.destroy();
  for (;;) {
    const { status, json } = await call('/ping');
    if (status === 200) break;
    assert.deepEqual([status, json], [503, { error: 'ERR max concurrent connections exceeded' }]);
  }
  held.forEach(({ socket }) => socket.destroy());
});

test('connections without a request give way to those that have one', guard, async () => {
  const { gateway, call } = await startPair({}, ['--max-connections', '50', '--header-timeout', '60']);
  const halves = Array.from({ length: 300 }, () => half(gateway.port, 'POST / HTTP/1.1\r\n'));
  await Promise.all(halves.map(({ socket }) => once(socket, 'connect')));
  for (let calls = 0; calls < 20; calls += 1) assert.equal((await call('/ping')).json.result, 'PONG');
  assert.deepEqual((await Promise.all(Array.from({ length: 30 }, () => call('/ping')))).map(({ status }) => status), Array(30).fill(200));
  await Promise.all(halves.slice(0, 200).map(({ closed }) => closed));
  halves.forEach(({ socket }) => socket.destroy());
});

test('a body that does not come is given up with 408', guard, async () => {
  const { gateway, call } = await startPair({}, ['--body-timeout', '1']);
  for (const token of [TOKEN, 'wrong']) {
    const head = `POST / HTTP/1.1\r\nhost: localhost:${gateway.port}\r\nauthorization: Bearer ${token}\r\n`;
    const slow = half(gateway.port, `${head}content-length: 100\r\n\r\n["GET",`);
    await slow.closed;
    assert.match(slow.text, token === TOKEN ? /^HTTP\/1\.1 408 / : /^HTTP\/1\.1 401 /);
    assert.match(json(slow).error, token === TOKEN ? /^ERR the request body did not arrive in time/ : /^WRONGPASS/);
  }
  assert.equal((await call('/ping')).json.result, 'PONG');
});

test('a caller that does not read its answer is given up, and its memory is free again', guard, async () => {
  const { gateway, redis, call } = await startPair({}, ['--body-timeout', '1', '--max-in-flight', '30000000']);
  await redis.command('SET', 'big', 'x'.repeat(9_000_000));
  const head = `GET /get/big HTTP/1.1\r\nhost: localhost:${gateway.port}\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`;
  const deaf = Array.from({ length: 4 }, () => half(gateway.port, head));
  deaf.forEach(({ socket }) => socket.pause());
  for (;;) {
    const { status, text, json } = await call('/get/big');
    if (status === 200) {
      assert.equal(text.length, '{"result":""}'.length + 9_000_000);
      break;
    }
    assert.deepEqual([status, json.error.slice(0, 35)], [503, 'ERR max bytes in flight exceeded. L']);
  }
  deaf.forEach(({ socket }) => socket.destroy());
});

test('a pipeline or transaction of too many commands is refused whole, with both numbers', guard, async () => {
  const { redis, call } = await startPair();
  const body = (commands) => Array.from({ length: commands }, () => ['INCR', 'n']);
  for (const path of ['/pipeline', '/multi-exec']) {
    const { status, json } = await call(path, { body: body(1_001) });
    assert.equal(status, 413);
    assert.equal(json.error, 'ERR max commands per request exceeded. Limit: 1000 commands, Actual: 1001 commands.');
  }
  assert.equal(await redis.command('EXISTS', 'n'), 0);
  assert.equal((await call('/pipeline', { body: body(1_000) })).json.at(-1).result, 1_000);
  const few = await startPair({}, ['--max-commands', '2', '--max-body', '2000']);
  assert.equal((await few.call('/pipeline', { body: body(2) })).status, 200);
  assert.equal((await few.call('/pipeline', { body: body(3) })).status, 413);
  assert.equal((await few.call('/', { body: ['SET', 'k', 'x'.repeat(2_000)] })).status, 413);
});

/** Highest memory of a process so far, in MB. */
const peak = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+) kB/)[1]) / 1024;

/** A body just below the largest one, of as many items as fit in. */
const filled = (item, size = 9_000_000) => `[${Array.from({ length: Math.floor(size / (item.length + 1)) }, () => item).join(',')}]`;

test('many large requests at once stay within the memory they may have', { ...guard, skip: process.platform !== 'linux' }, async () => {
  const { gateway, redis, call } = await startPair();
  await redis.command('SET', 'k', 'x'.repeat(100_000));
  const before = peak(gateway.pid);
  const bodies = [
    ['/pipeline', filled('["PING"]')],
    ['/multi-exec', filled('["PING"]')],
    ['/pipeline', `[${filled('1').replace('[', '["MGET",')}]`],
    ['/', filled('1').replace('[', '["MGET",')],
    ['/', filled('"k"', 4_000).replace('[', '["MGET",')],
    ['/', JSON.stringify(['SET', 'big', 'x'.repeat(9_000_000)])],
    ['/pipeline', JSON.stringify([['SET', 'big', '\n'.repeat(4_500_000)], ['GET', 'big']])],
  ];
  for (const [path, body] of bodies) {
    const answers = await Promise.all(Array.from({ length: 6 }, () => call(path, { body })));
    for (const { status, json } of answers) {
      assert.ok([200, 400, 413, 503].includes(status), `${path} ${body.slice(0, 30)}: ${status} ${JSON.stringify(json).slice(0, 200)}`);
      if (status !== 200) assert.match(json.error, /^ERR max /);
    }
    assert.equal((await call('/ping')).json.result, 'PONG');
  }
  const grown = peak(gateway.pid) - before;
  assert.ok(grown < 400, `${grown} MB`);
});

test('a reply that is too large is refused alone, and what shares the connection is not hurt', guard, async () => {
  const { redis, call } = await startPair({}, ['--max-reply', '4194304']);
  await redis.command('MSET', 'k', 'x'.repeat(2_000_000), 'big', 'x'.repeat(5_000_000), 'small', 'v');
  const error = 'ERR max request size exceeded. The reply has more than 4194304 bytes.';
  assert.deepEqual((await call('/get/k')).json.result.length, 2_000_000);
  for (const words of [['GET', 'big'], ['MGET', 'k', 'k', 'k', 'small'], ['EVAL', "return {1, {redis.call('GET', 'big')}}", '0'], ['EVAL', 'local t = {} for i = 1, 70000 do t[i] = i end return t', '0']]) {
    const { status, json } = await call('/', { body: words });
    assert.deepEqual([status, json], [400, { error }], words[0]);
    const body = [['GET', 'small'], words, ['GET', 'small']];
    const [first, large, last] = (await call('/pipeline', { body })).json;
    assert.deepEqual([first, large, last], [{ result: 'v' }, { error }, { result: 'v' }]);
  }
  const transaction = await call('/multi-exec', { body: [['GET', 'k'], ['GET', 'big'], ['GET', 'small']] });
  assert.deepEqual([transaction.status, transaction.json.slice(1)], [200, [{ error }, { result: 'v' }]]);
  const mixed = await Promise.all(Array.from({ length: 60 }, (_, at) => call(at % 2 ? '/get/big' : '/get/small')));
  mixed.forEach(({ json }, at) => assert.deepEqual(json, at % 2 ? { error } : { result: 'v' }));
});

test('a request over a refused one finds all memory free again', guard, async () => {
  const { call } = await startPair({}, ['--max-in-flight', '4000000', '--max-body', '3000000']);
  const bodies = ['["SET","k","', '[["PING"],["SET","k",[]],"', '["SET","k",null,"'].map((start) => `${start}${'x'.repeat(1_200_000)}"]`);
  for (let round = 0; round < 10; round += 1) {
    for (const body of bodies) await call(body.startsWith('[[') ? '/pipeline' : '/', { body });
    await call('/pipeline', { body: '[["PING"],', token: 'wrong' });
    assert.equal((await call('/', { body: bodies[0] })).status, 200, `round ${round}`);
  }
  const { status, json } = await call('/', { body: ['SET', 'k', 'x'.repeat(2_000_000)] });
  assert.equal(status, 413);
  assert.match(json.error, /^ERR max request size exceeded\. The request and its answer need more than 4000000 bytes/);
});

test('limits and names that make no sense are refused at the start', guard, async () => {
  const env = { UPSTASH_REDIS_REST_TOKEN: TOKEN };
  for (const flags of [
    ['--max-connections', '0'],
    ['--header-timeout', '0'],
    ['--max-body', '10'],
    ['--max-reply', '1000000'],
    ['--max-in-flight', 'much'],
    ['--allow-host', 'https://rest'],
    ['--allow-host', ''],
    ['--allow-origin', 'app.example'],
    ['--allow-origin', 'https://app.example/'],
    ['--allow-origin', 'https://App.example'],
    ['--allow-origin', '*'],
  ]) {
    const { status, stderr } = spawnSync(await dlmmBin(), ['gateway', '--listen', '127.0.0.1:0', ...flags], { env, encoding: 'utf8', timeout: 20_000 });
    assert.equal(status, 2, `${flags}`);
    assert.ok(stderr.includes(flags[0]), stderr);
  }
});

test('headers without end are refused', guard, async () => {
  const { gateway, call } = await startPair();
  const refused = await new Promise((resolve) => {
    const asking = request({ port: gateway.port, host: '127.0.0.1', path: `/get/${'x'.repeat(100_000)}` }, resolve);
    asking.on('error', resolve).end();
  });
  assert.ok([414, 431].includes(refused.statusCode), refused.message ?? refused.statusCode);
  assert.equal((await call('/ping')).json.result, 'PONG');
});
