// How things grow with the number of pools: real Redis, the gateway, the Worker under workerd alone.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { buildWorker } from '../build-worker.mjs';
import { targetDir } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { Gateway } from '../stack/gateway.mjs';
import { RedisServer } from '../stack/redis.mjs';
import { step } from '../terminal/steps.mjs';
import { bundled, ENGINE, Workerd } from './edge/workerd.mjs';
import { count, kB, time, times } from './report.mjs';
import { median, takeTurns } from './turns.mjs';

const SIZES = [3, 100, 1_000, 10_000];
/** Bins on either side of the active one: keys enough to fill Redis, few enough to write them in seconds. */
const WIDTH = 20;
const COLD_STARTS = 5;
const QUOTES = 20;
const MB = 1e6;

/** One pool, found among all of them; then everything that may take part. */
const REQUESTS = {
  one: { token_in: 'T0000', token_out: 'USDC', amount_in: '10', pools: ['T0000-USDC-00000'] },
  pair: { token_in: 'T0000', token_out: 'USDC', amount_in: '10', direct_only: true },
  open: { token_in: 'T0000', token_out: 'USDC', amount_in: '10' },
};

export async function scale() {
  await buildWorker();
  await step('dlmm', (report) => run('cargo', ['build', '-p', 'dlmm-cli'], { onLine: report, label: 'cargo build -p dlmm-cli' }));
  const running = [];
  const keep = (one) => (running.push(one), one);
  try {
    const markets = {};
    for (const pools of SIZES) markets[pools] = await step(`${pools} pools`, () => market(pools, keep));
    const cold = {};
    const plain = await bundled('plain-fetch');
    for (const pools of SIZES) cold[pools] = await coldStarts(markets[pools], plain);
    const warm = {};
    for (const kind of Object.keys(REQUESTS)) warm[kind] = await takeTurns(Object.fromEntries(SIZES.map((pools) => [pools, () => quotes(markets[pools].worker, kind)])));
    const used = {};
    for (const pools of SIZES) used[pools] = await (await fetch(`${markets[pools].worker.url}/health`)).json();
    const read = {};
    for (const pools of SIZES) read[pools] = await bytesRead(markets[pools].worker, 'open');
    return report({ cold, warm, used, read });
  } finally {
    for (const one of running.reverse()) await one.stop();
  }
}

async function market(pools, keep) {
  const redis = keep(await RedisServer.start());
  await run(join(targetDir, 'debug', 'dlmm'), ['seed', '--pools', String(pools), '--width', String(WIDTH), '--redis', redis.url]);
  const token = randomBytes(16).toString('hex');
  const gateway = keep(await Gateway.start({ redisUrl: redis.url, token }));
  const vars = { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: token, LOG_LEVEL: 'error' };
  return { vars, worker: keep(await Workerd.start(`scale-${pools}`, ENGINE, vars)) };
}

async function post({ url }, kind) {
  const began = performance.now();
  const response = await fetch(`${url}/quote`, { method: 'POST', body: JSON.stringify(REQUESTS[kind]), headers: { 'content-type': 'application/json' } });
  const answer = await response.json();
  if (!response.ok) throw new Error(`no quote: ${JSON.stringify(answer)}`);
  return { ns: (performance.now() - began) * 1e6, answer };
}

async function ask(worker, kind) {
  const asked = await post(worker, kind);
  if (!asked.answer.success) throw new Error(`no quote: ${JSON.stringify(asked.answer.error)}`);
  return asked;
}

/**
 * The first answer of a workerd that has served nothing, and what it says of its own load of the pools. In turns with it
 * the same of (d), which is told the keys that a quote needs and lists no pools. It knows one direction, so it may find
 * nothing to take.
 */
async function coldStarts({ worker: warm, vars }, plain) {
  const { answer } = await ask(warm, 'one');
  const [pool] = REQUESTS.one.pools;
  const COMMAND = JSON.stringify(['MGET', `pool:${pool}`, ...answer.steps.map(({ bin_id }) => `bin:${pool}:${bin_id}`)]);
  const taken = { first: [], load: [], plain: [] };
  for (let start = 0; start < COLD_STARTS; start += 1) {
    await fresh(ENGINE, vars, async (worker) => {
      taken.first.push((await ask(worker, 'one')).ns);
      const { topology } = await (await fetch(`${worker.url}/health`)).json();
      taken.load.push(topology.last_build_ms * 1e6);
    });
    await fresh(plain, { ...vars, COMMAND }, async (worker) => taken.plain.push((await post(worker, 'one')).ns));
  }
  return Object.fromEntries(Object.entries(taken).map(([name, times]) => [name, median(times)]));
}

async function fresh(code, vars, use) {
  const worker = await Workerd.start('cold', code, vars);
  try {
    await use(worker);
  } finally {
    await worker.stop();
  }
}

async function quotes(worker, kind) {
  const taken = [];
  for (let asked = 0; asked < QUOTES; asked += 1) taken.push((await ask(worker, kind)).ns);
  return median(taken);
}

/** What one quote reads from Redis, by the Worker's own counter. */
async function bytesRead(worker, kind) {
  const received = async () => Number((await (await fetch(`${worker.url}/metrics`)).text()).match(/^dlmm_redis_received_bytes_total (\d+)$/m)[1]);
  const before = await received();
  await ask(worker, kind);
  return (await received()) - before;
}

function report({ cold, warm, used, read }) {
  const [least, most] = [SIZES[0], SIZES.at(-1)];
  const memory = (pools) => used[pools].wasm_memory_bytes;
  const beside = (what, taken, limit) => {
    const ratio = taken[most] / taken[least];
    return { what, ours: time(taken[most]), beside: time(taken[least]), ratio: `${times(ratio)} the time`, goal: `≤ ${limit}×`, met: ratio <= limit };
  };
  const holds = memory(most) - memory(least);
  return {
    rows: [
      beside('warm quote with 10 000 pools, beside 3: from the same one pool', warm.one, 1.5),
      beside('warm quote with 10 000 pools, beside 3: all routes', warm.open, 2),
      { what: 'bytes read for all routes over 64 pools', ours: kB(read[most]), goal: `≤ ${kB(60_000)}`, met: read[most] <= 60_000 },
      ...[least, most].map((pools) => {
        const { first, plain } = cold[pools];
        return { what: `first answer of a fresh isolate, ${count(pools)} pools, beside (d) plain fetch`, ours: time(first), beside: time(plain), ratio: `${times(first / plain)} the time` };
      }),
      { what: 'list of 10 000 pools loaded', ours: time(cold[most].load), goal: '≤ 2 s', met: cold[most].load <= 2e9 },
      { what: 'memory of the isolate for 10 000 pools, above that for 3', ours: kB(holds), goal: '< 40 MB', met: holds < 40 * MB },
    ],
    tables: {
      growth: {
        head: ['', ...SIZES.map((pools) => `${count(pools)} pools`)],
        rows: [
          ['first answer of a fresh workerd', ...SIZES.map((pools) => time(cold[pools].first))],
          ['the same of (d) plain fetch, JavaScript floats', ...SIZES.map((pools) => time(cold[pools].plain))],
          ['of ours the list of pools', ...SIZES.map((pools) => time(cold[pools].load))],
          ['warm quote, one pool', ...SIZES.map((pools) => time(warm.one[pools]))],
          ['warm quote, all pools of the pair', ...SIZES.map((pools) => time(warm.pair[pools]))],
          ['warm quote, all routes', ...SIZES.map((pools) => time(warm.open[pools]))],
          ['which reads', ...SIZES.map((pools) => kB(read[pools]))],
          ['wasm memory after all that', ...SIZES.map((pools) => kB(memory(pools)))],
          ['kept routes', ...SIZES.map((pools) => kB(used[pools].topology.route_bytes))],
        ],
      },
    },
  };
}
