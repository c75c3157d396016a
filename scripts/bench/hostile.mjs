// What the most expensive requests cost the Worker under workerd, by the time its threads compute: the bounds of one
// request are 50 ms for search and writing of a quote, and 1 s for those of a batch.
import { buildWorker } from '../build-worker.mjs';
import { run } from '../process/run.mjs';
import { step } from '../terminal/steps.mjs';
import { buildBenchProgram, writeMarket } from './core/builds.mjs';
import { lineThrough } from './hostile/reading.mjs';
import { batches, KINDS, singles, tiny } from './hostile/shapes.mjs';
import { HostileWorker } from './hostile/worker.mjs';
import { kB, time } from './report.mjs';

/** The network whose quotes need next to no search, so that reading can be told from the rest. */
const PLAIN = 'parallel';
const POOLS_READ = [1, 8, 16, 32, 64];
const TIMES = { reading: 9, singles: 5, batches: 3 };
const BOUNDS_MS = { singles: 50, batches: 1_000 };

export async function hostile() {
  const program = await buildBenchProgram();
  await buildWorker();
  await step('dlmm', (report) => run('cargo', ['build', '-p', 'dlmm-cli'], { onLine: report, label: 'cargo build -p dlmm-cli' }));
  const networks = (await run(program, ['hostile'])).trim().split('\n').map((line) => line.split('|'));
  const found = {};
  let reading;
  for (const [name, ...tokens] of networks) {
    const snapshot = await writeMarket(program, name);
    const all = await step(`${name}: Redis, gateway, workerd`, () => HostileWorker.start(`hostile-${name.replaceAll(/\W+/g, '-')}`, snapshot));
    try {
      await step(`${name}: warm-up`, () => warmUp(all, tokens));
      if (name === PLAIN) reading = await step('reading', () => readingOf(all, tokens));
      const worst = async (requests, times) => worstByKind(all, requests, times, reading);
      found[name] = {
        singles: await step(`${name}: single quotes`, () => worst(singles(tokens), TIMES.singles)),
        batches: await step(`${name}: batches`, () => worst(batches(tokens), TIMES.batches)),
      };
    } finally {
      await all.stop();
    }
  }
  return report(found, reading);
}

/** What is compiled when it is first used must not count. */
async function warmUp(all, tokens) {
  for (let round = 0; round < 3; round += 1) for (const request of singles(tokens)) await all.ask(request);
}

async function readingOf(all, tokens) {
  const points = [];
  for (const pools of POOLS_READ) points.push(await all.measure(tiny(tokens, pools), TIMES.reading));
  return lineThrough(points);
}

/** The request of each kind whose search and writing cost the most. */
async function worstByKind(all, requests, times, { fixedMs, msPerByte }) {
  const worst = {};
  for (const { kind, ...request } of requests) {
    const { ms, bytes, written } = await all.measure(request, times);
    const rest = Math.max(0, ms - fixedMs - bytes * msPerByte);
    if (rest >= (worst[kind]?.rest ?? 0)) worst[kind] = { ms, rest, written };
  }
  return worst;
}

const shown = (ms) => time(ms * 1e6);

function report(found, { fixedMs, msPerByte }) {
  const names = Object.keys(found);
  const of = (what, kind) => names.map((name) => ({ name, kind, ...found[name][what][kind] }));
  const worst = (what) => KINDS[what].flatMap((kind) => of(what, kind)).reduce((a, b) => (b.rest > a.rest ? b : a));
  const bound = (label, what) => {
    const { name, kind, rest, ms } = worst(what);
    return { what: `${label}: ${name}, ${kind}`, ours: shown(rest), beside: `${shown(ms)} with reading`, goal: `≤ ${shown(BOUNDS_MS[what])}`, met: rest <= BOUNDS_MS[what] };
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
