// Starting and stopping `dlmm gateway`: options, exit codes, secrets.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startRedis } from '../stack/index.mjs';
import { callerOf, startPair, TOKEN } from './rest.mjs';

const dlmm = await dlmmBin();

/** Runs the command to its end, with nothing of our own environment. */
function run(args, env) {
  const { status, stdout, stderr } = spawnSync(dlmm, ['gateway', ...args], { encoding: 'utf8', env, timeout: 20_000 });
  return { status, stdout, stderr };
}

test('demands a token that is not empty', () => {
  const cases = [
    [[], {}],
    [[], { UPSTASH_REDIS_REST_TOKEN: '' }],
    [[], { UPSTASH_REDIS_REST_TOKEN: ' \n' }],
    [['--token', ''], {}],
  ];
  for (const [args, env] of cases) {
    const { status, stdout, stderr } = run(['--listen', '127.0.0.1:0', ...args], env);
    assert.deepEqual([status, stdout], [2, ''], JSON.stringify([args, env]));
    assert.match(stderr, /--token/);
  }
});

test('refuses wrong settings as a usage error without repeating secrets', () => {
  const tokens = { UPSTASH_REDIS_REST_TOKEN: 'rest-secret' };
  const cases = [
    [['--redis', 'http://:redis-secret@host'], {}],
    [['--redis', 'redis://:redis-secret@host:port'], {}],
    [[], { REDIS_URL: 'redis-secret' }],
    [['--redis', 'redis://redis-secret@host'], {}],
    [[], { REDIS_URL: 'redis+sentinel://redis-secret:@host/name' }],
    [[], { REDIS_PORT: 'redis-secret' }],
    [['--read-only-token', 'rest-secret'], {}],
    [['--no-such-option'], {}],
  ];
  for (const [args, env] of cases) {
    const { status, stderr } = run(args, { ...tokens, ...env });
    assert.equal(status, 2, stderr);
    assert.doesNotMatch(stderr, /redis-secret|rest-secret/);
  }
});

test('shows no setting of the environment in its help', () => {
  const env = {
    UPSTASH_REDIS_REST_TOKEN: 'secret',
    UPSTASH_REDIS_REST_READONLY_TOKEN: 'secret',
    REDIS_URL: 'redis://:secret@h',
  };
  const { status, stdout } = run(['--help'], env);
  assert.equal(status, 0);
  assert.match(stdout, /UPSTASH_REDIS_REST_TOKEN/);
  assert.doesNotMatch(stdout, /=secret|:secret/);
});

test('ends with 1 and one sentence when it cannot listen', async () => {
  const { gateway, redis } = await startPair();
  const taken = new URL(gateway.url).host;
  const { status, stdout, stderr } = run(['--listen', taken, '--redis', redis.url], {
    UPSTASH_REDIS_REST_TOKEN: TOKEN,
  });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^dlmm: cannot listen on 127\.0\.0\.1:\d+: [^\n]+\n$/);
});

/** Starts the command on a free port; resolves with its first line once that is there. */
async function serve(env) {
  const child = spawn(dlmm, ['gateway', '--listen', '127.0.0.1:0'], {
    env: { UPSTASH_REDIS_REST_TOKEN: TOKEN, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const server = { child, stdout: '', ended: once(child, 'exit') };
  process.once('exit', () => child.kill('SIGKILL'));
  child.stdout.setEncoding('utf8').on('data', (text) => (server.stdout += text));
  await once(child.stdout, 'data');
  server.url = server.stdout.trim().split(' ').at(-1);
  return server;
}

test('prints the chosen address as its one line and stops on SIGTERM and SIGINT', async () => {
  const redis = await startRedis();
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const server = await serve({ REDIS_URL: redis.url });
    assert.equal((await callerOf(server.url)('/ping')).json.result, 'PONG');
    // A caller that keeps its connection open does not hold the process.
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
    await once(idle, 'connect');
    server.child.kill(signal);
    assert.deepEqual(await server.ended, [0, null]);
    assert.match(server.stdout, /^listening on http:\/\/127\.0\.0\.1:\d+\n$/);
    idle.destroy();
  }
});

test('does not wait for good for a caller that never finishes its request', { timeout: 60_000 }, async () => {
  const server = await serve({ REDIS_URL: (await startRedis()).url });
  const caller = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
  caller.write(`POST / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 100\r\n\r\n["GET",`);
  await sleep(200);
  server.child.kill('SIGTERM');
  assert.deepEqual(await server.ended, [0, null]);
  caller.destroy();
});

test('finishes a request that is running when it is told to stop', async () => {
  const redis = await startRedis();
  const server = await serve({ REDIS_URL: redis.url });
  redis.pause();
  const running = callerOf(server.url)('/ping');
  await sleep(200);
  server.child.kill('SIGTERM');
  await sleep(200);
  redis.resume();
  assert.equal((await running).json.result, 'PONG');
  assert.deepEqual(await server.ended, [0, null]);
});

test('reads Redis from REDIS_HOST, REDIS_PORT, REDIS_DB and REDIS_PASSWORD', async () => {
  const redis = await startRedis({ password: 'pw' });
  const port = String(redis.port);
  const server = await serve({
    REDIS_URL: '',
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: port,
    REDIS_DB: '3',
    REDIS_PASSWORD: 'pw',
  });
  assert.equal((await callerOf(server.url)('/set/k/v')).json.result, 'OK');
  assert.match(await redis.command('INFO', 'keyspace'), /db3:keys=1/);
  server.child.kill();
  await server.ended;
});
