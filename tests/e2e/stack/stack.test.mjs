// The parts that the other tests stand on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@redis/client';
import { startGateway, startRedis, startWorker, upstashVars } from './index.mjs';
import { parse } from './monitor.mjs';
import { hasEnded, isRunning } from './processes.mjs';

const accepts = async (port) => {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

test('redis keeps its port over a restart and loses its data', async () => {
  const redis = await startRedis();
  const { port } = redis;
  await redis.command('SET', 'k', 'v');
  assert.equal(await redis.command('GET', 'k'), 'v');
  await redis.restart();
  assert.equal(redis.port, port);
  assert.equal(await redis.command('GET', 'k'), null);
});

test('a stopped and a killed redis are gone, and come back', async () => {
  const redis = await startRedis();
  for (const end of ['stop', 'kill']) {
    const { pid } = redis;
    await redis[end]();
    assert.equal(isRunning(pid), false);
    assert.equal(await accepts(redis.port), false);
    await redis.restart();
    assert.equal(await redis.command('PING'), 'PONG');
  }
});

test('a paused redis accepts and does not answer until it is resumed', async () => {
  const redis = await startRedis();
  redis.pause();
  const reply = redis.command('PING');
  const first = await Promise.race([reply, sleep(300, 'nothing')]);
  assert.equal(first, 'nothing');
  redis.resume();
  assert.equal(await reply, 'PONG');
});

test('redis asks for its password', async () => {
  const redis = await startRedis({ password: 'open sesame' });
  assert.equal(await redis.command('PING'), 'PONG');
  const client = createClient({ url: `redis://127.0.0.1:${redis.port}`, RESP: 2 });
  await client.connect();
  await assert.rejects(client.get('k'), /NOAUTH/);
  client.destroy();
});

test('redis obeys an ACL file', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'dlmm-acl-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const aclfile = join(dir, 'users.acl');
  writeFileSync(aclfile, 'user default on nopass ~* &* +@all\nuser reader on >pw ~* resetchannels -@all +get\n');
  const redis = await startRedis({ aclfile });
  await redis.command('SET', 'k', 'v');
  const client = createClient({ url: redis.urlFor('reader', 'pw'), RESP: 2 });
  await client.connect();
  assert.equal(await client.get('k'), 'v');
  await assert.rejects(client.set('k', 'w'), /NOPERM/);
  client.destroy();
});

test('the monitor sees every command before the call and none of its own', async () => {
  const redis = await startRedis();
  const monitor = await redis.monitor();
  for (let i = 0; i < 20; i += 1) await redis.command('SET', `k ${i}`, `quote " and \\ and \n and é`);
  const sets = (await monitor.commands()).filter(({ name }) => name === 'SET');
  assert.equal(sets.length, 20);
  assert.deepEqual(sets[19].args, ['k 19', 'quote " and \\ and \n and é']);
  await monitor.clear();
  assert.deepEqual(await monitor.commands(), []);
});

test('a MONITOR line of an inner command is read too', () => {
  const { name, args } = parse('1.5 [0 lua] "get" "a\\x00b" ""');
  assert.deepEqual([name, args], ['GET', ['a\0b', '']]);
});

test('the gateway serves the redis it was given, with the token it was given', async () => {
  const redis = await startRedis();
  await redis.command('SET', 'k', 'v');
  const gateway = await startGateway({ redisUrl: redis.url, token: 'secret-token' });
  const ask = (token) =>
    fetch(gateway.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '["GET","k"]',
    });
  assert.deepEqual(await (await ask('secret-token')).json(), { result: 'v' });
  assert.equal((await ask('another')).status, 401);
  await gateway.restart();
  assert.deepEqual(await (await ask('secret-token')).json(), { result: 'v' });
});

test('the built Worker answers over HTTP and its log can be read', async () => {
  const worker = await startWorker({ vars: upstashVars({ url: 'http://127.0.0.1:1', token: 't' }) });
  const answer = await worker.fetch('/');
  assert.ok(answer.status > 0);
  await answer.text();
  await worker.stop();
  await assert.rejects(worker.fetch('/'));
});

test('nothing outlives a test file that fails, cannot be loaded or is interrupted', async () => {
  const script = fileURLToPath(new URL('leaky.fixture.mjs', import.meta.url));
  for (const how of ['fail', 'exit', 'SIGTERM', 'load']) {
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
    const { stdout, status } = spawnSync(process.execPath, [script, how], { env, encoding: 'utf8', timeout: 60_000 });
    const pids = [...stdout.matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid));
    assert.equal(pids.length, 2, stdout);
    assert.notEqual(status, 0, how);
    for (const pid of pids) assert.equal(await hasEnded(pid), true, `${how}: ${pid}`);
  }
});
