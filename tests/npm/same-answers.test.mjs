// The command line, and the package in Node, Chromium and workerd, answer 500 random requests alike.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { build as esbuild } from 'esbuild';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { root } from '../../scripts/paths.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';
import { dlmm } from '../e2e/worker/market.mjs';
import { randomRequests } from '../e2e/worker/random-requests.mjs';
import { project, write } from './package.mjs';
import { sampleSnapshot } from './sample.mjs';
import { serve, startBrowser } from './site.mjs';

const ANSWERS = `
import { QuoteEngine } from 'dlmm-quote';
export const answers = (snapshot, requests) => QuoteEngine.fromSnapshot(snapshot).quotes(requests);
`;

let consumer;
let ask;
before(async () => {
  consumer = await project({
    'answers.mjs': ANSWERS,
    'node.mjs': `
      import { readFileSync } from 'node:fs';
      import { answers } from './answers.mjs';
      const { snapshot, requests } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
      console.log(JSON.stringify(answers(snapshot, requests)));`,
    'browser.html': `<!doctype html><link rel="icon" href="data:,"><script type="module">
      import { answers } from './bundle.js';
      window.answers = answers;</script>`,
    'worker.mjs': `
      import { answers } from './answers.mjs';
      export default {
        async fetch(request) {
          const { snapshot, requests } = await request.json();
          return Response.json(answers(snapshot, requests));
        },
      };`,
  });
  const bundle = { absWorkingDir: consumer.folder, bundle: true, format: 'esm', logLevel: 'silent' };
  await esbuild({ ...bundle, entryPoints: ['answers.mjs'], outfile: 'bundle.js' });
  const out = join(consumer.folder, 'out');
  await esbuild({ ...bundle, entryPoints: ['worker.mjs'], outdir: out, conditions: ['workerd'], loader: { '.wasm': 'copy' } });
  const page = await (await startBrowser()).newPage();
  await page.goto(`${await serve(consumer.folder)}/browser.html`);
  await page.waitForFunction(() => window.answers !== undefined);
  const worker = await startWorker(out);
  ask = {
    Node: async (input) => {
      const file = join(consumer.folder, 'input.json');
      await writeFile(file, JSON.stringify(input));
      return JSON.parse(await consumer.node('node.mjs', file));
    },
    Chromium: ({ snapshot, requests }) => page.evaluate(([text, list]) => window.answers(text, list), [snapshot, requests]),
    workerd: async (input) => (await fetch(worker, { method: 'POST', body: JSON.stringify(input) })).json(),
  };
});

async function startWorker(out) {
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    cf: false,
    log: new Log(LogLevel.ERROR),
    modules: true,
    modulesRoot: out,
    scriptPath: join(out, 'worker.js'),
    modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'], fallthrough: true }],
    compatibilityDate: '2026-07-01',
  });
  whenDone(() => miniflare.dispose());
  return miniflare.ready;
}

/** The same each run, so that a check of one commit means the same everywhere; `DLMM_TEST_SEED` tries others. */
const SEED = Number(process.env.DLMM_TEST_SEED ?? 20_261_124);

/**
 * Reads the command line's JSON with every number that has a fraction as its text, which is what the package gives.
 * A human amount always has one, a count never.
 */
const withTexts = (line) => JSON.parse(line.replaceAll(/(?<=":)-?\d+\.\d+(?=[,}])/g, '"$&"'));

/** Turns every fourth request around: the same amount is to come out. */
const someExactOut = (requests) =>
  requests.map(({ amount_in, amount_in_atomic, ...rest }, index) => {
    if (index % 4 !== 0) return { amount_in, amount_in_atomic, ...rest };
    return { amount_out: amount_in, amount_out_atomic: amount_in_atomic, ...rest };
  });

async function compare(name, snapshot, requests) {
  const folder = consumer.folder;
  await write(folder, { [`${name}.json`]: snapshot, [`${name}.jsonl`]: requests.map((request) => `${JSON.stringify(request)}\n`).join('') });
  const printed = await dlmm(['quote', '--snapshot', join(folder, `${name}.json`), '--requests', join(folder, `${name}.jsonl`)]);
  const expected = printed.trimEnd().split('\n').map(withTexts);
  assert.equal(expected.length, requests.length);
  for (const [where, answersOf] of Object.entries(ask)) {
    const answers = await answersOf({ snapshot, requests });
    for (const [index, request] of requests.entries()) {
      assert.deepEqual(answers[index], expected[index], `${where}, seed ${SEED}, request ${index}: ${JSON.stringify(request)}`);
    }
  }
  const kinds = new Map();
  for (const { success, mode, route_type, error } of expected) {
    const kind = success ? `${mode} ${route_type}` : error.code;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return kinds;
}

const summary = (kinds) => [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');

test('200 random requests over the sample', async (t) => {
  const pools = ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25'];
  const requests = someExactOut(randomRequests(SEED, 200, { BTC: 8, SOL: 9, USDC: 6 }, pools));
  const kinds = await compare('sample', await sampleSnapshot(), requests);
  t.diagnostic(summary(kinds));
  for (const kind of ['exact_in multi_bin', 'exact_in multi_pair', 'exact_out multi_bin']) assert.ok(kinds.get(kind) > 0, kind);
});

test('300 random requests over the recorded networks', async (t) => {
  const { cases } = JSON.parse(await readFile(join(root, 'tests/vectors/routing/networks.json'), 'utf8'));
  const each = Math.ceil(300 / cases.length);
  const all = new Map();
  for (const [index, { snapshot }] of cases.entries()) {
    const tokens = Object.fromEntries(Object.entries(snapshot.tokens).map(([symbol, { decimals }]) => [symbol, decimals]));
    const pools = snapshot.pools.map(({ pool_id }) => pool_id);
    const requests = someExactOut(randomRequests(SEED + index, each, tokens, pools));
    const kinds = await compare(`network-${index}`, JSON.stringify(snapshot), requests);
    for (const [kind, count] of kinds) all.set(kind, (all.get(kind) ?? 0) + count);
  }
  t.diagnostic(summary(all));
});
