// The code of docs/live.md compiles as strict TypeScript, and runs as it stands there, on the oldest Node and on a new one.
//
// `DLMM_NODES` names further programs to run it with, separated by spaces.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { QuoteEngine } from '../../../web/pkg/index.js';
import { nodeModules, root } from '../../../scripts/paths.mjs';
import { run } from '../../../scripts/process/run.mjs';
import { modernNode } from '../../../scripts/tools/npm-packages.mjs';
import { project, write } from '../package.mjs';
import { sampleSnapshot } from '../sample.mjs';
import { startService } from './scripted-service.mjs';

const require = createRequire(import.meta.url);
/** Versions of TypeScript: that of this project, and the older one that tools of tests/bundlers bring along, where they are installed. */
const COMPILERS = [join(nodeModules, 'typescript', 'bin', 'tsc'), resolved('../../bundlers/node_modules/typescript/bin/tsc')].filter(Boolean);
/** What each snippet prints. */
const PRINTS = ['99900.0 99400500000n', '99900000000n live', 'stale\nlive\n99900.0 live'];

let consumer;
let snippets;
let url;
before(async () => {
  const page = await readFile(join(root, 'docs/live.md'), 'utf8');
  snippets = [...page.matchAll(/```(tsx?)\n([^]*?)```/g)].map(([, kind, code]) => ({ kind, code }));
  const snapshot = await sampleSnapshot();
  const engine = QuoteEngine.fromSnapshot(snapshot);
  const quote = (request) => JSON.stringify(engine.quote(request)).replace(/"(\d+\.\d+)"/g, '$1');
  const service = await startService({
    '/quote': (call) => call.json(quote(JSON.parse(call.body))),
    '/quote/stream': (call) => call.open().event('quote', quote(Object.fromEntries(call.query)), 1),
    '/changes': (call) => call.open().event('snapshot', snapshot, 1),
  });
  url = service.url;
  consumer = await project(Object.fromEntries(snippets.map(({ kind, code }, at) => [`snippet${at}.${kind === 'tsx' ? 'tsx' : 'mts'}`, code])));
});

for (const compiler of COMPILERS) {
  test(`compiles with ${compiler.includes('bundlers') ? 'TypeScript 5.9' : 'the newest TypeScript'}`, async () => {
    const compilerOptions = {
      ...{ strict: true, noEmit: true, target: 'es2022', lib: ['es2022', 'dom'], types: [], module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx' },
      paths: { react: [join(nodeModules, '@types/react')], 'react/*': [join(nodeModules, '@types/react/*')] },
    };
    const files = snippets.map(({ kind }, at) => `snippet${at}.${kind === 'tsx' ? 'tsx' : 'mts'}`);
    assert.equal(files.length, PRINTS.length + 1);
    await write(consumer.folder, { 'tsconfig.json': JSON.stringify({ compilerOptions, files }) });
    assert.equal(await run(process.execPath, [compiler, '-p', '.'], { cwd: consumer.folder, label: 'tsc' }), '');
  });
}

for (const node of [process.execPath, ...(process.env.DLMM_NODES ?? '').split(' ').filter(Boolean), undefined]) {
  test(`runs with ${node ?? 'the Node of this project'}`, async () => {
    for (const [at, prints] of PRINTS.entries()) {
      const file = `snippet${at}.mjs`;
      // Nothing in it is a type.
      await write(consumer.folder, { [file]: snippets[at].code.replaceAll('https://quotes.example', url) });
      assert.equal((await run(node ?? (await modernNode()), [file], { cwd: consumer.folder })).trim(), prints, file);
    }
  });
}

function resolved(path) {
  try {
    return require.resolve(path);
  } catch {
    return undefined;
  }
}
