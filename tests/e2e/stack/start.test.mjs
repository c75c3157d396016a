// `npm start`, as a newcomer sees it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../../scripts/paths.mjs';
import { CommandFailed } from '../../../scripts/process/run.mjs';
import { Service } from '../../../scripts/process/service.mjs';
import { isFree } from '../../../scripts/stack/free-port.mjs';
import { QUOTE_REQUEST } from '../../../scripts/stack/first-quote.mjs';
import { whenDone } from './cleanup.mjs';
import { freePort, startRedis } from './index.mjs';
import { eventually } from '../worker/market.mjs';
import { hasEnded } from './processes.mjs';

const LAST_LINE = 'Ctrl-C stops everything.';

async function start(env) {
  const port = await freePort();
  const output = [];
  const service = await Service.start({
    name: 'npm start',
    command: process.execPath,
    args: [join(root, 'scripts', 'start.mjs')],
    env: { REDIS_URL: undefined, DLMM_NO_REDIS: undefined, SIMULATE: undefined, PORT: String(port), ...env },
    ready: (line) => line.includes(LAST_LINE),
    readyMs: 280_000,
    onLine: (line) => output.push(line),
  });
  whenDone(() => service.stop());
  return { service, port, url: `http://127.0.0.1:${port}`, output, family: descendants(service.pid) };
}

async function quote(url, body = QUOTE_REQUEST) {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${url}/quote`, { method: 'POST', headers, body })).json();
}

function descendants(ancestor) {
  const lines = spawnSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' }).stdout.trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const below = (pid) => pairs.filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)]);
  return below(ancestor);
}

async function assertNothingIsLeft({ port, family }, foldersBefore) {
  for (const pid of family) assert.ok(await hasEnded(pid), `process ${pid} is still running`);
  assert.ok(await isFree(port));
  assert.deepEqual(temporaryFolders().filter((name) => !foldersBefore.includes(name)), []);
}

/** Only those of `npm start`'s own wrangler: other test files start Redis servers at the same time. */
const temporaryFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('dlmm-start-'));

test('quotes from a Redis of its own and stops all of it on SIGTERM', async () => {
  const foldersBefore = temporaryFolders();
  const stack = await start({});
  assert.ok(stack.family.length >= 4, 'Redis, gateway, wrangler and workerd');

  const answer = await quote(stack.url);
  assert.equal(answer.success, true);
  assert.equal(answer.amount_out, 99900);
  assert.equal(answer.state.source, 'redis');

  const shown = stack.output.filter((line) => line.includes('http://')).map((line) => line.trim());
  assert.deepEqual(shown.slice(0, 2), [`Playground     ${stack.url}`, `API reference  ${stack.url}/docs`]);
  assert.deepEqual(shown.slice(2).map((line) => line.split(' ')[0]), ['curl']);

  process.kill(stack.service.pid, 'SIGTERM');
  assert.equal((await stack.service.ended).how, 'exit code 0');
  await assertNothingIsLeft(stack, foldersBefore);
});

test('SIMULATE=1 moves the market', async () => {
  const foldersBefore = temporaryFolders();
  const stack = await start({ SIMULATE: '1', REDIS_UPDATE_INTERVAL: '0.05' });
  const readAt = async () => (await quote(stack.url)).state.pools[0].last_updated;
  const before = await readAt();
  await eventually(async () => ((await readAt()) > before ? true : undefined));
  await stack.service.stop();
  await assertNothingIsLeft(stack, foldersBefore);
});

test('REPLAY=1 shows the recorded market, and a line for a quote of its own tokens', async () => {
  const stack = await start({ REPLAY: '1' });
  const [, request] = stack.output.join('\n').match(/-d '(.*)'/);
  const answer = await quote(stack.url, request);
  assert.deepEqual([answer.success, answer.token_in, answer.state?.source], [true, 'MBTC', 'redis'], JSON.stringify(answer));
  // The tokens, and who may sign a plan, as docs/following.md tells them.
  const sender = 'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM';
  const planned = await quote(stack.url, JSON.stringify({ ...JSON.parse(request), plan: { sender } }));
  assert.ok(planned.success && planned.plan, JSON.stringify(planned));
  await stack.service.stop();
});

test('answers from the sample state where there is no Redis, says so, and stops on SIGINT', async () => {
  const foldersBefore = temporaryFolders();
  const stack = await start({ DLMM_NO_REDIS: 'yes' });
  assert.equal((await quote(stack.url)).state.source, 'sample');
  assert.ok(stack.output.some((line) => line.includes('bundled sample state')));
  process.kill(stack.service.pid, 'SIGINT');
  assert.equal((await stack.service.ended).how, 'exit code 0');
  await assertNothingIsLeft(stack, foldersBefore);
});

test('fills the Redis of REDIS_URL when it is empty, leaves it running and never prints its password', async () => {
  const redis = await startRedis({ password: 'hunter2' });
  const stack = await start({ REDIS_URL: redis.url });
  assert.equal((await quote(stack.url)).state.source, 'redis');
  await stack.service.stop();
  assert.ok((await redis.command('DBSIZE')) > 300);
  assert.ok(!stack.output.join('\n').includes('hunter2'));
});

test('keeps the data of a Redis that is not empty', async () => {
  const redis = await startRedis();
  await redis.command('SET', 'pool:MINE', '{}');
  const stack = await start({ REDIS_URL: redis.url });
  assert.equal((await quote(stack.url)).error.code, 'STATE_INVALID');
  assert.equal(await redis.command('DBSIZE'), 1);
  await stack.service.stop();
});

test('says which part ended, shows its log and stops the rest', async () => {
  const foldersBefore = temporaryFolders();
  const stack = await start({});
  const [, port] = stack.output.join('\n').match(/redis-cli -p (\d+)/);
  spawnSync('redis-cli', ['-p', port, 'SHUTDOWN', 'NOSAVE']);
  assert.equal((await stack.service.ended).how, 'exit code 1');
  assert.match(stack.output.join('\n'), /Ready to accept connections[^]*redis-server ended unexpectedly/);
  await assertNothingIsLeft(stack, foldersBefore);
});

test('names the port that is in use and how to choose another', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  let offered;
  await assert.rejects(start({ PORT: String(port) }), (error) => {
    assert.ok(error instanceof CommandFailed);
    [, offered] = error.tail.join('\n').match(/is in use.*PORT=(\d+) npm start/);
    return true;
  });
  assert.ok(Number(offered) > port, offered);
});

test('a switch that is neither on nor off is refused before anything starts', async () => {
  for (const name of ['DLMM_NO_REDIS', 'SIMULATE', 'REPLAY']) {
    await assert.rejects(start({ [name]: 'maybe' }), (error) => {
      assert.ok(error instanceof CommandFailed);
      assert.match(error.tail.join('\n'), new RegExp(`${name} is "maybe": 1 turns it on`));
      return true;
    });
  }
});
