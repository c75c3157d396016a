// What the most expensive requests cost the Worker under workerd, by the time its threads compute: the bounds of one
// request are 50 ms for search and writing of a quote, and 1 s for those of a batch.
import { buildWorker } from '../build-worker.mjs';
import { run } from '../process/run.mjs';
import { step } from '../terminal/steps.mjs';
import { buildBenchProgram, writeMarket } from './core/builds.mjs';
import { batches, KINDS, nothing, onlyReads, singles } from './hostile/shapes.mjs';
import { HostileWorker } from './hostile/worker.mjs';
import { kB, time } from './report.mjs';
import { median } from './turns.mjs';

/** The network whose quotes need next to no search over one route, so that reading can be told from the rest. */
const PLAIN = 'parallel';
/** How often each request is asked, and before that without counting: V8 makes code anew that runs often. */
const ROUNDS = 5;
const WARM_UP = 3;
/** Quotes between two that only read, so that both meet the machine in all its moods. */
const BETWEEN = 4;
/** The dearest of a network are asked again, in turns, until none of them has had fewer than this: the machine has moods of many seconds. */
const DEAREST = { singles: 6, batches: 2 };
const ROUNDS_OF_DEAREST = 20;
const BOUNDS_MS = { singles: 50, batches: 1_000 };

export async function hostile() {
  const program = await buildBenchProgram();
  await buildWorker();
  await step('dlmm', (report) => run('cargo', ['build', '-p', 'dlmm-cli'], { onLine: report, label: 'cargo build -p dlmm-cli' }));
  const networks = (await run(program, ['hostile'])).trim().split('\n').map((line) => line.split('|'));
  const start = async (name) => {
    const snapshot = await writeMarket(program, name);
    const all = await step(`${name}: Redis, gateway, workerd`, () => HostileWorker.start(`hostile-${name.replaceAll(/\W+/g, '-')}`, snapshot));
    await step(`${name}: warm-up`, () => warmUp(all, tokensOf(name)));
    return all;
  };
  const tokensOf = (wanted) => networks.find(([name]) => name === wanted).slice(1);
  const found = {};
  const readings = [];
  const plain = await start(PLAIN);
  try {
    const read = async () => {
      readings.push(await readingOf(plain, tokensOf(PLAIN)));
      return readings.at(-1);
    };
    for (const [name, ...tokens] of networks) {
      const all = name === PLAIN ? plain : await start(name);
      try {
        found[name] = {
          singles: await step(`${name}: single quotes`, () => worstByKind(all, singles(tokens), DEAREST.singles, read)),
          batches: await step(`${name}: batches`, () => worstByKind(all, batches(tokens), DEAREST.batches, read)),
        };
      } finally {
        if (all !== plain) await all.stop();
      }
    }
  } finally {
    await plain.stop();
  }
  return report(found, readings);
}

/** What is compiled when it is first used must not count. */
async function warmUp(all, tokens) {
  for (let round = 0; round < WARM_UP; round += 1) for (const request of singles(tokens)) await all.ask(request);
}

/** What it costs at this moment to read nothing, and to read all bins. */
async function readingOf(plain, tokens) {
  return { without: await plain.measure(nothing(tokens)), reads: await plain.measure(onlyReads(tokens)) };
}

/**
 * What reading costs: a fixed part, and one by the bytes that Redis sends. The least of all turns, as for requests: what else runs
 * on the machine takes caches and half a core away, and so only ever adds. With more turns than a request has, it is none too much.
 */
function leastOf(readings) {
  const [without, reads] = ['without', 'reads'].map((name) => Math.min(...readings.map((reading) => reading[name].ms)));
  const { without: nothingRead, reads: all } = readings[0];
  return { fixedMs: without, msPerByte: (reads - without) / (all.bytes - nothingRead.bytes) };
}

/** The request of each kind whose search and writing cost the most, by the least of its turns. */
async function worstByKind(all, requests, dearest, read) {
  const taken = requests.map(() => []);
  const readings = [];
  const ask = async (asked) => {
    for (const [n, index] of asked.entries()) {
      if (n % BETWEEN === 0) readings.push(await read());
      taken[index].push(await all.measure(requests[index]));
    }
  };
  const everyone = [...requests.keys()];
  for (let round = 0; round < ROUNDS; round += 1) await ask(everyone);
  for (;;) {
    const costs = costsOf(taken, readings);
    const first = everyone.toSorted((a, b) => costs[b].rest - costs[a].rest).slice(0, dearest);
    const seldom = first.filter((index) => taken[index].length < ROUNDS_OF_DEAREST);
    if (seldom.length === 0) return worstOf(requests, costs);
    await ask(seldom);
  }
}

/** What each request costs beside reading: its cheapest turn, and the median of all. */
function costsOf(taken, readings) {
  const { fixedMs, msPerByte } = leastOf(readings);
  return taken.map((turns) => {
    const rests = turns.map(({ ms, bytes, written }) => ({ ms, written, rest: Math.max(0, ms - fixedMs - bytes * msPerByte) }));
    const least = rests.reduce((a, b) => (b.rest < a.rest ? b : a));
    return { ...least, usual: median(rests.map(({ rest }) => rest)) };
  });
}

function worstOf(requests, costs) {
  const worst = {};
  for (const [n, { kind }] of requests.entries()) if (costs[n].rest >= (worst[kind]?.rest ?? 0)) worst[kind] = costs[n];
  return worst;
}

const shown = (ms) => time(ms * 1e6);

function report(found, readings) {
  const { fixedMs, msPerByte } = leastOf(readings);
  const names = Object.keys(found);
  const of = (what, kind) => names.map((name) => ({ name, kind, ...found[name][what][kind] }));
  const worst = (what) => KINDS[what].flatMap((kind) => of(what, kind)).reduce((a, b) => (b.rest > a.rest ? b : a));
  const bound = (label, what) => {
    const { name, kind, rest, ms, usual } = worst(what);
    return { what: `${label}: ${name}, ${kind}`, ours: shown(rest), beside: `${shown(ms)} with reading; ${shown(usual)} the median turn`, goal: `≤ ${shown(BOUNDS_MS[what])}`, met: rest <= BOUNDS_MS[what] };
  };
  const table = (what, head) => ({ head: [head, ...names], rows: KINDS[what].map((kind) => [kind, ...of(what, kind).map(({ rest, ms }) => `${shown(rest)} of ${shown(ms)}`)]) });
  return {
    rows: [bound('search and writing of a quote', 'singles'), bound('search and writing of a batch', 'batches')],
    tables: {
      singles: table('singles', 'a quote'),
      batches: table('batches', 'a batch'),
      reading: {
        head: ['reading', 'CPU'],
        rows: [
          ['a request without bins', shown(fixedMs)],
          ['each megabyte that Redis sends', shown(msPerByte * 1e6)],
          ['the longest answer of a quote', kB(Math.max(...KINDS.singles.flatMap((kind) => of('singles', kind).map(({ written }) => written))))],
        ],
      },
    },
  };
}
