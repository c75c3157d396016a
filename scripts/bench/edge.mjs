// The Worker under workerd beside five others, over a Redis that answers after a constant time.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buildWorker } from '../build-worker.mjs';
import { root, targetDir } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { Service } from '../process/service.mjs';
import { Gateway } from '../stack/gateway.mjs';
import { RedisServer } from '../stack/redis.mjs';
import { step } from '../terminal/steps.mjs';
import { modernNode } from '../tools/npm-packages.mjs';
import { load } from './edge/load.mjs';
import { bundled, ENGINE, Workerd } from './edge/workerd.mjs';
import { kB, time, times } from './report.mjs';
import { median } from './turns.mjs';
import { ensurePeers } from './wasm/peers.mjs';

const LATENCY_MS = 1;
const ROUNDS = 5;
const LOAD = { connections: 32, seconds: 2 };
/** One pool, three bins. */
const BODY = JSON.stringify({ token_in: 'SOL', token_out: 'USDC', amount_in: '2500' });
/** Refused before Redis is asked: what it costs is what every request costs. */
const WRONG = JSON.stringify({ token_in: 'SOL', token_out: 'USDC', amount_in: 'many' });
const OURS = '(e) this engine, exact';
const REFUSED = '(e) this engine, a request that it refuses with 400';

const WORKERS = [
  ['(a) a constant', 'constant'],
  ['(b) one fetch of the same size, a constant', 'fetch'],
  ['(c) `@upstash/redis`, JavaScript floats', 'upstash-client'],
  ['(d) plain fetch, JavaScript floats', 'plain-fetch'],
  ['(f) all that the platform does for a quote of ours, in JavaScript, no arithmetic', 'platform-work'],
];

export async function edge() {
  await buildWorker();
  await ensurePeers();
  await step('dlmm', (report) => run('cargo', ['build', '-p', 'dlmm-cli'], { onLine: report, label: 'cargo build -p dlmm-cli' }));
  const running = [];
  const keep = (one) => (running.push(one), one);
  try {
    const redis = keep(await RedisServer.start());
    await run(join(targetDir, 'debug', 'dlmm'), ['seed', '--redis', redis.url]);
    const token = randomBytes(16).toString('hex');
    const gateway = keep(await Gateway.start({ redisUrl: redis.url, token }));
    const stub = keep(await startStub(gateway.url));
    const vars = { UPSTASH_REDIS_REST_URL: stub.url, UPSTASH_REDIS_REST_TOKEN: token };
    const engine = keep(await Workerd.start('engine', ENGINE, { ...vars, LOG_LEVEL: 'error' }));
    const [usual, command] = await usualQuote(engine, stub);
    const contenders = { [OURS]: engine };
    for (const [label, name] of WORKERS) {
      contenders[label] = keep(await Workerd.start(name, await bundled(name), { ...vars, COMMAND: command }));
    }
    await assertSameAnswer(engine, contenders);
    const loads = Object.entries(contenders).map(([label, worker]) => ({ label, worker, body: BODY, status: 200 }));
    return report(await takeLoad([...loads, { label: REFUSED, worker: engine, body: WRONG, status: 400 }]), usual);
  } finally {
    for (const one of running.reverse()) await one.stop();
  }
}

async function startStub(gateway) {
  let port;
  const service = await Service.start({
    name: 'the stub',
    command: await modernNode(),
    args: [join(root, 'scripts/bench/edge/stub.mjs'), gateway, String(LATENCY_MS)],
    ready: (line) => (port = Number(line)) > 0,
  });
  const url = `http://127.0.0.1:${port}`;
  return { url, asked: async () => (await fetch(url)).json(), stop: () => service.stop() };
}

const ask = async ({ url }) => (await fetch(`${url}/quote`, { method: 'POST', body: BODY, headers: { 'content-type': 'application/json' } })).json();

/** What a quote asks of Redis once the isolate knows the pools, and the command that it sends. */
async function usualQuote(engine, stub) {
  await ask(engine);
  // The check that follows the first answer in the background must be over.
  for (let quiet = 0; quiet < 3; ) {
    quiet = (await stub.asked()).requests === 0 ? quiet + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await ask(engine);
  // The clock has moved past the time for which the pools are trusted only by now and then: take the quote's own request.
  const { requests, commands, bytes, body } = await stub.asked();
  if (!body.startsWith('["MGET"')) throw new Error(`the last thing a quote asked is ${body.slice(0, 80)}`);
  return [{ requests, commands, bytes, keys: JSON.parse(body).length - 1 }, body];
}

async function assertSameAnswer(engine, contenders) {
  const { amount_out: exact } = await ask(engine);
  for (const [label, worker] of Object.entries(contenders)) {
    const { amount_out } = await ask(worker);
    if (Math.abs(amount_out - exact) > 1e-6 * exact) throw new Error(`${label} answers ${amount_out}, the engine ${exact}`);
  }
}

async function takeLoad(loads) {
  const taken = Object.fromEntries(loads.map(({ label }) => [label, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { label, worker, body, status } of loads) {
      const seconds = round === 0 ? 1 : LOAD.seconds;
      const one = await load({ url: `${worker.url}/quote`, pid: worker.pid, body, status, ...LOAD, seconds });
      if (round > 0) taken[label].push(one);
    }
  }
  const middle = (rounds) => Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, median(rounds.map((one) => one[name]))]));
  return Object.fromEntries(Object.entries(taken).map(([label, rounds]) => [label, middle(rounds)]));
}

function report(taken, usual) {
  const ours = taken[OURS];
  const perSecond = (one) => `${Math.round(one.perSecond)}/s`;
  const beside = (what, label, least) => {
    const other = taken[label];
    const ratio = ours.perSecond / other.perSecond;
    return { what, ours: perSecond(ours), beside: perSecond(other), ratio: times(ratio), goal: `≥ ${least}×`, met: ratio >= least };
  };
  const [[a], [b], [c], [d], [f]] = WORKERS;
  const costs = (what, one, other, most) => {
    const ratio = one / other;
    return { what, ours: time(one * 1e6), beside: time(other * 1e6), ratio: `${times(ratio)} the time`, ...(most && { goal: `≤ ${most}×`, met: ratio <= most }) };
  };
  const atMost = (what, number, limit, shown = String) => ({ what, ours: shown(number), goal: `≤ ${shown(limit)}`, met: number <= limit });
  const order = [...WORKERS.map(([label]) => label), OURS, REFUSED];
  return {
    rows: [
      beside('quotes a second, beside (b) one fetch and a constant', b, 0.65),
      beside('quotes a second, beside (c) `@upstash/redis`', c, 1.2),
      beside('quotes a second, beside (d) plain fetch', d, 0.85),
      costs('CPU of a quote, beside (d) plain fetch', ours.cpu, taken[d].cpu, 1.2),
      costs('CPU of a quote, beside (f) the platform work alone', ours.cpu, taken[f].cpu),
      costs('CPU of a request that is refused before Redis, beside (a) a constant', taken[REFUSED].cpu, taken[a].cpu, 1.4),
      costs('p99 of a quote, beside (d) plain fetch', ours.p99, taken[d].p99, 1),
      atMost('HTTP requests of a usual quote', usual.requests, 1),
      atMost('Redis commands of a usual quote', usual.commands, 2),
      atMost('bytes read for a usual quote', usual.bytes, 3_500, kB),
    ],
    tables: {
      load: {
        head: ['Worker', 'requests a second', 'beside (b)', 'p50', 'p99', 'CPU a request'],
        rows: order.map((label) => {
          const one = taken[label];
          return [label, String(Math.round(one.perSecond)), times(one.perSecond / taken[b].perSecond), time(one.p50 * 1e6), time(one.p99 * 1e6), Number.isNaN(one.cpu) ? '-' : time(one.cpu * 1e6)];
        }),
      },
      usual: {
        head: ['a usual quote', ''],
        rows: [
          ['HTTP requests', String(usual.requests)],
          ['Redis commands', String(usual.commands)],
          ['keys in the MGET', String(usual.keys)],
          ['bytes of the reply', kB(usual.bytes)],
        ],
      },
    },
  };
}
