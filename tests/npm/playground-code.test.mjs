// The code that the playground gives away: it compiles as strict TypeScript without what Node 20 lacks, and runs on every Node here.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { nodeModules } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { modernNode } from '../../scripts/tools/npm-packages.mjs';
import { DEFAULTS, requestOf } from '../../web/playground/trade/trade.ts';
import { typescriptOf } from '../../web/playground/words/snippets.ts';
import { whenDone } from '../e2e/stack/cleanup.mjs';
import { project, write } from './package.mjs';
import { sampleSnapshot } from './sample.mjs';

const TRADES = {
  exact_in: { amount: '1' },
  exact_out: { mode: 'exact_out', amount: '1000', slippage_bps: '100' },
  limited: { amount: '0.5', max_hops: '2', max_splits: '2', max_bins: '100', via: 'SOL', exclude_pools: 'no-such', strict: true, allow_partial: true },
};
const GIVES = { exact_in: '1.0 99900.0 99400.5', exact_out: '0.01001001 1000.0', limited: '0.5 49950.0' };

let consumer;
let files;
before(async () => {
  const snapshot = await sampleSnapshot();
  const server = createServer((_, response) => response.end(snapshot));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(() => server.close());
  const origin = `http://127.0.0.1:${server.address().port}`;
  consumer = await project();
  const code = ([name, trade]) => [`${name}.mts`, typescriptOf(origin, requestOf({ ...DEFAULTS, token_in: 'BTC', token_out: 'USDC', ...trade }), '/snapshot')];
  files = Object.fromEntries(Object.entries(TRADES).map(code));
  // No type says where it came from, so plain JavaScript is the same text.
  await write(consumer.folder, { ...files, ...Object.fromEntries(Object.entries(files).map(([name, text]) => [name.replace('.mts', '.mjs'), text])) });
});

test('it compiles under strict, for a runtime without what came after Node 20', async () => {
  const compilerOptions = { strict: true, noEmit: true, target: 'es2022', lib: ['es2022'], types: [], module: 'nodenext', moduleResolution: 'nodenext' };
  await write(consumer.folder, {
    'console.d.ts': 'declare const console: { log(...values: unknown[]): void };\n',
    'tsconfig.json': JSON.stringify({ compilerOptions, files: ['console.d.ts', ...Object.keys(files)] }),
  });
  assert.equal(await run(await modernNode(), [join(nodeModules, 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json'], { cwd: consumer.folder, label: 'tsc' }), '');
  for (const [name, text] of Object.entries(files)) assert.doesNotMatch(text, /\busing\b/, name);
});

test('it runs, and prints what the page shows', async () => {
  // npm starts tests with the Node of the machine or a packaged one; both are tried where they differ.
  const programs = new Set([process.execPath, await modernNode(), ...(process.env.DLMM_NODES ?? '').split(':').filter(Boolean)]);
  for (const program of programs) {
    for (const [name, wanted] of Object.entries(GIVES)) {
      const printed = await run(program, [`${name}.mjs`], { cwd: consumer.folder, label: name });
      assert.ok(printed.trim().startsWith(wanted), `${name} with ${program}: ${printed}`);
    }
  }
});
