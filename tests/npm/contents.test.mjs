// What is in the tarball, how large it is, and what must not be in it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fileSize, shownSize } from '../../scripts/build/file-size.mjs';
import { root } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { packed, temporaryFolder } from './package.mjs';

/** Bytes of the wasm file, compressed with gzip, at most. It may only be lowered without a reason written down in docs/adr/0006. */
const WASM_BUDGET = 215_100;

/** The same of `dlmm-quote/client` as a page loads it, without the engine. */
const CLIENT_BUDGET = 12_000;

let folder;
let files;
before(async () => {
  const tarball = await packed();
  folder = join(await temporaryFolder(), 'package');
  files = (await run('tar', ['-tzf', tarball])).trim().split('\n').map((path) => path.replace('package/', '')).sort();
  await run('tar', ['-xzf', tarball, '-C', join(folder, '..')]);
});

test('holds these files and no others', () => {
  const types = ['answers', 'client', 'engine', 'error-details', 'errors', 'http', 'index', 'numbers', 'quote', 'react', 'request', 'slim'];
  const expected = [
    ...['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'package.json', 'dlmm_quote_bg.wasm'],
    ...['client.cjs', 'client.js', 'client-core.cjs', 'client-core.js', 'client-slim.cjs', 'client-slim.js', 'client-workerd.js', 'react.cjs', 'react.js'],
    ...['core.cjs', 'core.js', 'index.cjs', 'index.js', 'slim.cjs', 'slim.js', 'workerd.js'],
    ...types.flatMap((name) => [`types/${name}.d.ts`, `types/${name}.d.cts`]),
  ];
  assert.deepEqual(files, expected.sort());
});

test('the wasm file keeps to its budget', async (t) => {
  const size = await fileSize(join(folder, 'dlmm_quote_bg.wasm'));
  t.diagnostic(shownSize(size));
  assert.ok(size.gzip <= WASM_BUDGET, `${size.gzip} bytes with gzip, ${WASM_BUDGET} are allowed`);
});

test('the main file is hardly larger on the wire than the wasm file in it', async (t) => {
  const [main, wasm] = await Promise.all(['index.js', 'dlmm_quote_bg.wasm'].map((name) => fileSize(join(folder, name))));
  t.diagnostic(shownSize(main));
  assert.ok(main.gzip < wasm.gzip * 1.05, `${main.gzip} against ${wasm.gzip}`);
});

test('the client keeps to its budget, and loads the engine only when a live one is wanted', async (t) => {
  const { build } = await import('esbuild');
  const app = join(folder, 'app.js');
  await writeFile(app, `import { QuoteClient } from './client.js'; new QuoteClient({ url: '/' });`);
  const { outputFiles } = await build({ entryPoints: [app], bundle: true, minify: true, splitting: true, format: 'esm', outdir: join(folder, 'out'), write: false, metafile: false, logLevel: 'silent' });
  const first = outputFiles.find(({ path }) => path.endsWith('/app.js'));
  // What the first file imports at once comes with it.
  const loaded = [first, ...outputFiles.filter(({ path }) => new RegExp(`from"\\./${basename(path)}"|import"\\./${basename(path)}"`).test(first.text))];
  const gzip = loaded.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  t.diagnostic(`${loaded.map(({ path }) => basename(path)).join(' and ')}: ${gzip} bytes with gzip`);
  assert.ok(gzip <= CLIENT_BUDGET, `${gzip} bytes with gzip, ${CLIENT_BUDGET} are allowed`);
});

test('has the version of the workspace', async () => {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const [, ofWorkspace] = (await readFile(join(root, 'Cargo.toml'), 'utf8')).match(/\[workspace\.package\]\nversion = "(.+)"/);
  assert.equal(version, ofWorkspace);
});

test('names no folder of the machine that built it', async () => {
  for (const file of files) {
    const text = await readFile(join(folder, file), 'latin1');
    for (const place of [homedir(), root]) assert.ok(!text.includes(`${place}/`), `${file} names ${place}`);
  }
});
