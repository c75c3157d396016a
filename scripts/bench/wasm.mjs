// The npm package in Node and in Chromium, with and without the way between JavaScript and wasm, beside Orca's and Meteora's.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileSize } from '../build/file-size.mjs';
import { buildWeb } from '../build-web.mjs';
import { root, webPackage } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { modernNode } from '../tools/npm-packages.mjs';
import { leastInput, readPool } from './core/bigint-walk.mjs';
import { buildBenchProgram, buildInside, writeMarket } from './core/builds.mjs';
import { insideOf } from './core/inside.mjs';
import { BenchProgram } from './program.mjs';
import { kB, time, times } from './report.mjs';
import { takeTurns, timed } from './turns.mjs';
import { WASM_DEPTHS } from './wasm/cases.mjs';
import { BenchPage } from './wasm/page.mjs';
import { ensurePeers, peers, peerSizes } from './wasm/peers.mjs';

const RESERVE = 1_000_000_000n;

export async function wasm() {
  await buildWeb();
  await ensurePeers();
  const program = await buildBenchProgram();
  const names = (await run(program, ['list'])).trim().split('\n');
  const module = await buildInside('web');
  const ladder = await writeMarket(program, 'ladder');
  const snapshot = await readFile(ladder, 'utf8');
  const pool = readPool(JSON.parse(snapshot).pools[0]);
  const amounts = Object.fromEntries(WASM_DEPTHS.map((depth) => [depth, String(leastInput(pool, true, (RESERVE * BigInt(2 * depth - 1)) / 2n))]));
  const amountsFile = `${ladder}.amounts`;
  await writeFile(amountsFile, JSON.stringify(amounts));

  const node = await modernNode();
  const script = (path) => join(root, 'scripts', 'bench', path);
  const ours = new BenchProgram(node, [script('wasm/serve-package.mjs'), ladder, amountsFile]);
  const meteora = new BenchProgram(node, [script('peers/meteora.cjs')]);
  const orca = new BenchProgram(node, [script('peers/orca.mjs')]);
  const inside = await insideOf(await readFile(module), timed);
  const page = await BenchPage.open({ snapshot, amounts, inside: module });
  try {
    const shortens = (await page.cases).some((name) => name.startsWith('short/'));
    const ns = (from, name) => async () => (await from.measure(name)).ns;
    const quotes = {};
    for (const depth of WASM_DEPTHS) {
      const whole = names.indexOf(`whole/${depth}`);
      quotes[depth] = await takeTurns({
        full: ns(ours, `quote/${depth}`),
        ...(shortens ? { short: ns(ours, `short/${depth}`), shortPage: () => page.measure(`short/${depth}`) } : {}),
        inside: () => inside(whole, 25).ns,
        page: () => page.measure(`quote/${depth}`),
        insidePage: () => page.measure(whole),
        orca: ns(orca, `quote/${depth}`),
        meteora: ns(meteora, `quote/${depth}`),
      });
    }
    const start = (path) => async () => Number(await run(node, [script('wasm/start.mjs'), pathToFileURL(path).href]));
    const starts = await takeTurns({
      ours: start(join(webPackage, 'index.js')),
      orca: start(createRequire(join(peers, 'package.json')).resolve('@orca-so/whirlpools-core')),
    });
    return report(quotes, shortens, { ...starts, page: page.startNs }, await sizes());
  } finally {
    [ours, meteora, orca].forEach((one) => one.stop());
    await page.close();
  }
}

async function sizes() {
  const file = (name) => fileSize(join(webPackage, name));
  return {
    '`dlmm_quote_bg.wasm`': await file('dlmm_quote_bg.wasm'),
    '`index.js`, with the wasm in it': await file('index.js'),
    '`slim.js`, without': await file('slim.js'),
    ...(await peerSizes()),
  };
}

function report(quotes, shortens, starts, all) {
  const beside = (what, own, other, least) => {
    const ratio = other / own;
    return { what, ours: time(own), beside: time(other), ratio: `${times(ratio)} as fast`, goal: `≥ ${least}×`, met: ratio >= least };
  };
  const fifty = quotes[50];
  const wasmFile = all['`dlmm_quote_bg.wasm`'];
  const kinds = [['with every step', 'full', 5], ...(shortens ? [['without steps', 'short', 20]] : [])];
  const rows = kinds.flatMap(([kind, who, least]) => [
    beside(`quote through 50 bins, ${kind}, Node, beside Meteora's SDK`, fifty[who], fifty.meteora, least),
    beside(`quote through 50 bins, ${kind}, Node, beside Orca's wasm`, fifty[who], fifty.orca, 1),
  ]);
  rows.push({ what: 'package: wasm file, gzip', ours: kB(wasmFile.gzip), beside: kB(all["Orca's wasm file"].gzip), ratio: `${times(wasmFile.gzip / all["Orca's wasm file"].gzip)} the size`, goal: '< 120 kB', met: wasmFile.gzip < 120_000 });
  const line = (name, who) => [name, ...WASM_DEPTHS.map((depth) => time(quotes[depth][who]))];
  return {
    rows,
    tables: {
      quotes: {
        head: ['quote through', ...WASM_DEPTHS.map((depth) => `${depth} bins or ticks`)],
        rows: [
          line('`engine.quote`, Node', 'full'),
          ...(shortens ? [line('`engine.quote` with `include_steps: false`, Node', 'short')] : []),
          line('the same work inside wasm, text to text, Node', 'inside'),
          line('`engine.quote`, Chromium', 'page'),
          ...(shortens ? [line('`engine.quote` with `include_steps: false`, Chromium', 'shortPage')] : []),
          line('the same work inside wasm, text to text, Chromium', 'insidePage'),
          line('Orca `swapQuoteByInputToken`, Node', 'orca'),
          line('Meteora `swapQuote`, Node', 'meteora'),
        ],
      },
      start: {
        head: ['from import to the first call', 'time'],
        rows: [
          ['`dlmm-quote`, fresh Node', time(starts.ours)],
          ['Orca, fresh Node', time(starts.orca)],
          ['`dlmm-quote`, page in Chromium (once)', time(starts.page)],
        ],
      },
      sizes: { head: ['file', 'as it is', 'gzip', 'brotli'], rows: Object.entries(all).map(([name, { raw, gzip, brotli }]) => [name, kB(raw), kB(gzip), kB(brotli)]) },
    },
  };
}
