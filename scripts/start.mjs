// `npm start`: Redis, gateway, sample data and the Worker on this machine, until Ctrl-C.
//
//   PORT            where the Worker listens on 127.0.0.1 (8787)
//   REDIS_URL       use this Redis instead of starting one; it is filled only if it is empty
//   DLMM_NO_REDIS   1: start without Redis, on the bundled sample state
//   REPLAY          1: show recorded events of the real contracts instead of the sample, a block a second
//   SIMULATE        1: move the market as well, with random swaps (REDIS_UPDATE_INTERVAL seconds apart, 5)
import { randomBytes } from 'node:crypto';
import { buildSite } from './build-site.mjs';
import { buildWorker } from './build-worker.mjs';
import { root } from './paths.mjs';
import { run } from './process/run.mjs';
import { isOn } from './process/switches.mjs';
import { clientKey } from './stack/dev-vars.mjs';
import { firstQuote, QUOTE_REQUEST } from './stack/first-quote.mjs';
import { freePortAfter, isFree } from './stack/free-port.mjs';
import { dlmmBin, Gateway } from './stack/gateway.mjs';
import { LocalStack } from './stack/local-stack.mjs';
import { RedisServer } from './stack/redis.mjs';
import { REPLAYED_REQUEST, startReplay } from './stack/replay.mjs';
import { simulate } from './stack/simulate.mjs';
import { startWranglerDev } from './stack/wrangler-dev.mjs';
import { explain, paint, say, step, Unusable } from './terminal/steps.mjs';
import { ensureBuildTools } from './tools.mjs';
import { ensureRedisServer } from './tools/redis-server.mjs';

const SWITCHES = ['DLMM_NO_REDIS', 'REPLAY', 'SIMULATE'];
const stack = new LocalStack();
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt.abort());
const interrupted = new Promise((resolve) => interrupt.signal.addEventListener('abort', () => resolve('interrupted')));

// The programs of the stack do not keep this one alive: this timer does. An npm that was killed cannot pass a
// signal on, so its end counts as one.
const npm = process.env.npm_lifecycle_event === 'start' ? process.ppid : undefined;
setInterval(() => npm !== undefined && process.ppid !== npm && interrupt.abort(), 1000);

let up = false;
/** The recording that is shown, if one is. */
let replay;
try {
  const outcome = await Promise.race([bringUp(), stack.death, interrupted]);
  if (outcome === 'up') up = true;
  const end = up ? await Promise.race([stack.death, interrupted]) : outcome;
  if (end !== 'interrupted') throw unexpectedEnd(end);
} catch (error) {
  if (!interrupt.signal.aborted) {
    explain(error);
    process.exitCode = 1;
  }
}
say();
say('Stopping.');
await stack.stop();
process.exit();

async function bringUp() {
  SWITCHES.forEach((name) => isOn(name));
  const port = await chosenPort();
  const source = await chooseRedis();
  // Side by side: one waits for the network or a linker while the other compiles.
  const [vars] = await Promise.all([source === undefined ? sampleVars() : serveRedis(source), buildPages()]);
  interrupt.signal.throwIfAborted();

  const url = `http://127.0.0.1:${port}`;
  await step('wrangler dev', async (report) => {
    const onLine = (line) => (up ? say(paint('dim', line)) : report(line));
    stack.add('wrangler dev', await startWranglerDev({ port, vars, onLine }));
  });
  if (isOn('SIMULATE') && source !== undefined) await startSimulation(source);
  const anyData = source?.foreign === true || isOn('REPLAY');
  const request = replay === undefined ? QUOTE_REQUEST : REPLAYED_REQUEST;
  const key = clientKey();
  const answer = await step('first quote', (report) => firstQuote({ url, request, key, anyData, signal: interrupt.signal, report }));
  if (replay !== undefined) stack.add('dlmm replay', await replay.goOn());
  announce(url, source, { request, key, answer });
  return 'up';
}

/** What wrangler serves. Its own `[build]` then finds nothing to do. */
async function buildPages() {
  await buildWorker({ quick: true });
  await buildSite({ quick: true });
}

async function chosenPort() {
  const port = Number(process.env.PORT || 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Unusable('PORT must be a number from 1 to 65535.');
  if (await isFree(port)) return port;
  const another = await freePortAfter(port);
  throw new Unusable(`Port ${port} of 127.0.0.1 is in use. Stop what listens there, or choose another: PORT=${another} npm start`);
}

/** Gives the Redis to use, started if it is ours, or `undefined` where there is none. */
async function chooseRedis() {
  if (isOn('DLMM_NO_REDIS')) return undefined;
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, foreign: true };
  try {
    await ensureRedisServer();
    const redis = await step('Redis', () => RedisServer.start());
    stack.add('redis-server', redis);
    return { url: redis.url, port: redis.port };
  } catch (error) {
    interrupt.signal.throwIfAborted();
    say(`No Redis: ${error.message}`);
    return undefined;
  }
}

/** Starts the gateway in front of Redis, fills Redis if it is empty, and gives the Worker's variables. */
async function serveRedis({ url: redisUrl }) {
  const cargo = (report) =>
    run('cargo', ['build', '-p', 'dlmm-cli'], { cwd: root, onLine: report, signal: interrupt.signal, label: 'cargo build' });
  // wasm-bindgen first, which the Worker will wait for: two builds in cargo's folder take turns.
  await ensureBuildTools();
  if (!process.env.DLMM_BIN) await step('dlmm command', cargo);
  const token = randomBytes(24).toString('hex');
  const gateway = await step('gateway', () => Gateway.start({ redisUrl, token }));
  stack.add('dlmm gateway', gateway);
  if (isOn('REPLAY')) {
    replay = await step('recorded blocks', () => startReplay({ redisUrl, onLine: (line) => up && say(paint('dim', line)) }));
    stack.add('dlmm follow', replay.follower);
    return { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: token, STACKS_ROUTER: replay.router };
  }
  const dlmm = await dlmmBin();
  await step('sample data, if Redis is empty', (report) =>
    run(dlmm, ['seed', '--if-empty'], {
      // In the environment, because the URL may hold a password.
      env: { REDIS_URL: redisUrl },
      onLine: report,
      signal: interrupt.signal,
      label: 'dlmm seed',
    }),
  );
  return {
    UPSTASH_REDIS_REST_URL: gateway.url,
    UPSTASH_REDIS_REST_TOKEN: token,
  };
}

/** Moves the market; each swap is a line of our output. */
async function startSimulation({ url: redisUrl }) {
  const simulation = await step('simulation', () =>
    simulate({ redisUrl, onLine: (line) => up && say(paint('dim', line)) }),
  );
  stack.add('dlmm simulate', simulation);
}

/** Blank ones too: .dev.vars may name a Redis, and this run must not use it. */
function sampleVars() {
  return { UPSTASH_REDIS_REST_URL: '', UPSTASH_REDIS_REST_TOKEN: '', REDIS_FALLBACK_TO_MOCK: 'true' };
}

function announce(url, source, { request, key, answer }) {
  say();
  say(`  Playground     ${paint('bold', url)}`);
  say(`  API reference  ${url}/docs`);
  say();
  // The key itself is a secret: what is shown here is pasted into chats.
  const withKey = key === undefined ? '' : ' -H "x-api-key: $KEY"';
  say(`  curl -s ${url}/quote -H 'content-type: application/json'${withKey} -d '${request}'`);
  say();
  if (key !== undefined) say('  Requests need a key, one of API_KEYS in .dev.vars; the playground asks for it.');
  if (source === undefined) {
    say('  There is no Redis: every answer comes from the bundled sample state ("source":"sample").');
  } else if (source.foreign) {
    say('  Answers come from the Redis of REDIS_URL.');
    if (answer.success !== true) say(`  Its data answers the line above with ${answer.error.code}; name tokens that it holds.`);
  } else {
    say(`  Answers come from Redis. Look inside, or change a value and ask again: redis-cli -p ${source.port}`);
  }
  say('  Ctrl-C stops everything.');
  say();
}

function unexpectedEnd({ name, how, log }) {
  return Object.assign(new Unusable(`${name} ended unexpectedly (${how}).`), { tail: log.slice(-30) });
}
