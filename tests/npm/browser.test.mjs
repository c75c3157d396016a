// The package in a real Chromium: without a bundler, and bundled by esbuild and Vite with their defaults.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { project, write } from './package.mjs';
import { ONE_BTC_GIVES, quoteOneBtc, sampleSnapshot } from './sample.mjs';
import { firstLine, serve, startBrowser } from './site.mjs';

const page = (head) => `<!doctype html><link rel="icon" href="data:,"><title>consumer</title>${head}`;
const APP = quoteOneBtc(`
  import { QuoteEngine } from 'dlmm-quote';
  const engine = await QuoteEngine.fromUrl('/snapshot.json');`);
// Old bundler targets know no await outside of functions, so a user may have to do without.
const CLASSIC = `
  import { QuoteEngine } from 'dlmm-quote';
  fetch('/snapshot.json').then((response) => response.text()).then((text) => {
    const engine = QuoteEngine.fromSnapshot(text);
    ${quoteOneBtc('')}
  });`;

let consumer;
let url;
let browser;
before(async () => {
  consumer = await project({
    'snapshot.json': await sampleSnapshot(),
    'app.js': APP,
    'classic.js': CLASSIC,
    'plain.html': page(`<script type="module">${APP.replace("'dlmm-quote'", "'./node_modules/dlmm-quote/index.js'")}</script>`),
    'slim.html': page(`<script type="module">${quoteOneBtc(`
      import { init, QuoteEngine } from './node_modules/dlmm-quote/slim.js';
      await init('./node_modules/dlmm-quote/dlmm_quote_bg.wasm');
      const engine = await QuoteEngine.fromUrl('/snapshot.json');`)}</script>`),
  });
  url = await serve(consumer.folder);
  browser = await startBrowser();
});

test('quotes from a plain module script', async () => {
  assert.equal(await firstLine(browser, `${url}/plain.html`), ONE_BTC_GIVES);
});

test('quotes from a plain module script that loads the wasm file itself', async () => {
  assert.equal(await firstLine(browser, `${url}/slim.html`), ONE_BTC_GIVES);
});

for (const [name, options] of [
  ['as a module', { entry: 'app.js', format: 'esm', type: 'module' }],
  ['as a classic script', { entry: 'classic.js', format: 'iife', type: 'text/javascript' }],
]) {
  test(`quotes when esbuild bundles it ${name}`, async () => {
    const { entry, format, type } = options;
    const outfile = join(consumer.folder, `esbuild-${entry}`);
    const { warnings } = await esbuild({ absWorkingDir: consumer.folder, entryPoints: [entry], bundle: true, format, outfile, logLevel: 'silent' });
    assert.deepEqual(warnings, []);
    await write(consumer.folder, { [`${entry}.html`]: page(`<script type="${type}" src="/esbuild-${entry}"></script>`) });
    assert.equal(await firstLine(browser, `${url}/${entry}.html`), ONE_BTC_GIVES);
  });
}

test('quotes when Vite builds it', async () => {
  await write(consumer.folder, { 'index.html': page('<script type="module" src="/app.js"></script>') });
  const complaints = [];
  await vite({
    root: consumer.folder,
    configFile: false,
    logLevel: 'silent',
    build: { outDir: 'dist', copyPublicDir: false, rollupOptions: { onwarn: (warning) => complaints.push(warning.message) } },
  });
  assert.deepEqual(complaints, []);
  const dist = join(consumer.folder, 'dist');
  await write(dist, { 'snapshot.json': await sampleSnapshot() });
  assert.equal(await firstLine(browser, `${await serve(dist)}/index.html`), ONE_BTC_GIVES);
});
