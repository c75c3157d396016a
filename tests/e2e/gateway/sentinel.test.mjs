// A Redis that fails over: a real primary, two replicas and three sentinels, and the primary killed under load.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { freePort, startWorker, upstashVars } from '../stack/index.mjs';
import { NAME, primaryOf, replicated, startFailover, until } from '../stack/sentinel.mjs';
import { TOKEN, startFront } from './rest.mjs';

const run = promisify(execFile);
// Against hanging; far above what a failover takes.
const guard = { timeout: 600_000 };

const dlmm = async (args, env = {}) => run(await dlmmBin(), args, { env: { ...process.env, ...env } });

/** Writes one key after another until it is told to end; what became of each, in order. */
function writer(call, name) {
  const outcomes = [];
  let ended = false;
  const done = (async () => {
    for (let n = 0; !ended; n += 1) {
      const [path, body] = n % 2 === 0 ? ['/', ['SET', `${name}:${n}`, String(n)]] : ['/multi-exec', [['SET', `${name}:${n}`, String(n)], ['GET', `${name}:${n}`]]];
      const began = Date.now();
      const { status, json } = await call(path, { body });
      outcomes.push({ key: `${name}:${n}`, status, json, began, at: Date.now() });
    }
  })();
  return { outcomes, end: () => ((ended = true), done) };
}

/** Every refusal says what it is; there is no third thing beside an answer and one of these. */
const NAMED = [
  [503, /^ERR the gateway has no connection to Redis$/],
  [504, /^ERR Redis did not answer in time$/],
  [400, /^READONLY /],
];

/** Waits until the sentinels have made a replica of it. They close its connections meanwhile, ours too. */
const isReplica = (server) => until(async () => (await server.command('INFO', 'replication').catch(() => '')).includes('role:slave'));

test('the primary is killed under load: each command is answered or refused by name, and soon answered again', guard, async (t) => {
  const failover = await startFailover({ password: 'data-password' });
  await dlmm(['seed', '--redis', failover.url]);
  const { gateway, call } = await startFront(failover.url);
  const worker = await startWorker({ vars: upstashVars({ url: gateway.url, token: TOKEN }) });
  const ask = async () => (await worker.fetch('/quote?token_in=BTC&token_out=USDC&amount_in=1')).json();
  assert.equal((await ask()).amount_out, 99900.0);
  const writers = Array.from({ length: 8 }, (_, n) => writer(call, `w${n}`));
  await until(() => writers.every(({ outcomes }) => outcomes.length > 50));
  assert.ok(writers.every(({ outcomes }) => outcomes.every(({ status }) => status === 200)));
  // What was answered up to here is on every replica, so no failover may lose it.
  const answered = writers.flatMap(({ outcomes }) => outcomes).map(({ key }) => key);
  await replicated(failover.primary, failover.replicas);
  const killed = Date.now();
  await failover.primary.kill();
  const gone = Date.now();
  // Only the new primary can answer what was asked from now on. One whose command waited for it was refused nothing.
  const firstAfter = ({ outcomes }) => outcomes.find(({ status, began }) => status === 200 && began > gone);
  try {
    await until(() => writers.every(firstAfter));
  } finally {
    await Promise.allSettled(writers.map((one) => one.end()));
  }

  const outcomes = writers.flatMap((one) => one.outcomes);
  const refused = outcomes.filter(({ status }) => status !== 200);
  for (const { status, json } of refused) {
    assert.ok(NAMED.some(([expected, text]) => status === expected && text.test(json.error)), `${status} ${JSON.stringify(json)}`);
  }
  const primary = await primaryOf(failover);
  assert.notEqual(primary.port, failover.primary.port);
  const kept = await primary.command('MGET', ...answered);
  assert.deepEqual(answered.filter((_, at) => kept[at] === null), []);
  // What was answered after the failover is there too, and only there.
  const last = outcomes.filter(({ status }) => status === 200).at(-1);
  assert.equal(await primary.command('GET', last.key), last.key.split(':')[1]);
  const again = Math.max(...writers.map((one) => firstAfter(one).at));
  t.diagnostic(`answered again after ${again - killed} ms; ${refused.length} of ${outcomes.length} commands were refused`);
  await until(async () => (await ask()).amount_out === 99900.0);
  await until(() => gateway.log.some((line) => line.includes('connected to Redis')));
  assert.doesNotMatch(gateway.log.join('\n'), /data-password/);
  // Commands too, and the old primary that comes back is a replica to everybody.
  await failover.primary.restart();
  await isReplica(failover.primary);
  const { stdout } = await dlmm(['status', '--redis', failover.url, '--json']);
  assert.equal(JSON.parse(stdout).counts.pools, 3);
  assert.equal((await call('/set/after/the-failover')).status, 200);
  assert.equal(await primary.command('GET', 'after'), 'the-failover');
});

test('a frozen primary is left for the new one, and is no primary when it moves again', guard, async () => {
  const failover = await startFailover();
  const { call } = await startFront(failover.url);
  assert.equal((await call('/set/k/before')).status, 200);
  await replicated(failover.primary, failover.replicas);
  failover.primary.pause();
  await until(async () => (await primaryOf(failover)).port !== failover.primary.port);
  await until(async () => (await call('/set/k/after')).status === 200);
  failover.primary.resume();
  const primary = await primaryOf(failover);
  assert.equal(await primary.command('GET', 'k'), 'after');
  await isReplica(failover.primary);
  for (let n = 0; n < 20; n += 1) assert.equal((await call(`/set/k/${n}`)).status, 200);
  assert.equal(await primary.command('GET', 'k'), '19');
});

test('a simulation goes on over a failover', guard, async () => {
  const failover = await startFailover();
  await dlmm(['seed', '--redis', failover.url]);
  const simulating = dlmm(['simulate', '--redis', failover.url, '--allow-remote', '--interval', '0.05', '--updates', '100', '--json']);
  const swapped = async (server) => Number(await server.command('HGET', 'metadata', 'heartbeat_ms'));
  await until(async () => (await swapped(failover.primary)) > 0);
  const killed = Date.now();
  await failover.primary.kill();
  const { stdout } = await simulating;
  const primary = await primaryOf(failover);
  assert.notEqual(primary.port, failover.primary.port);
  // It took its heartbeat along, but not what it swapped.
  const pools = await Promise.all((await primary.command('SMEMBERS', 'pools')).map((id) => primary.command('GET', `pool:${id}`)));
  assert.ok(pools.some((pool) => Date.parse(JSON.parse(pool).last_updated) > killed));
  assert.match(stdout, /"swaps"/);
  const { stdout: verdict } = await dlmm(['verify', '--redis', failover.url]);
  assert.match(verdict, /^0 errors/);
});

test('sentinels with a password of their own, some of them gone, and what is said where none helps', guard, async () => {
  const failover = await startFailover({ password: 'data-password', sentinelPassword: 'sentinel-password' });
  const env = { REDIS_SENTINEL_PASSWORD: 'sentinel-password' };
  await dlmm(['seed', '--redis', failover.url], env);
  const status = (url, more = env) => dlmm(['status', '--redis', url, '--json'], more).then(({ stdout }) => JSON.parse(stdout), ({ stderr }) => stderr);
  // One is gone and nobody listens at another address; one answer is enough.
  await failover.sentinels[0].stop();
  await failover.sentinels[1].stop();
  assert.equal((await status(failover.url)).counts.pools, 3);
  const told = [
    [failover.url, {}, /REDIS_SENTINEL_PASSWORD is its password/],
    [failover.url.replace(`/${NAME}`, '/another'), env, /knows no primary called another/],
    [failover.url.replace('data-password', 'wrong'), env, /refused the user or password/],
    [`redis+sentinel://127.0.0.1:${failover.primary.port}/${NAME}`, {}, /does not answer as a sentinel does|refuses the login/],
    [`redis+sentinel://127.0.0.1:${await freePort()}/${NAME}`, {}, /cannot be reached/],
  ];
  for (const [url, more, expected] of told) {
    const text = await status(url, more);
    assert.match(text, expected);
    assert.doesNotMatch(text, /data-password|sentinel-password|wrong@/);
  }
});
