// Programs for Node that a bundler puts into one file: the package must not look for a file of its own at run time.
import assert from 'node:assert/strict';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';
import { ONE_BTC_GIVES } from '../npm/sample.mjs';
import { application, LIVE_MODULE, LIVE_SCRIPT, MODULE, printed, SCRIPT } from './app.mjs';

let folder;
before(async () => {
  folder = await application({ 'module.mjs': MODULE, 'script.cjs': SCRIPT, 'live.mjs': LIVE_MODULE, 'live.cjs': LIVE_SCRIPT });
});

/** Runs what a bundler wrote, with the package gone. */
async function quotes(file) {
  const installed = join(folder, 'node_modules', 'dlmm-quote');
  await rename(installed, `${installed}-gone`);
  try {
    assert.equal(await printed(folder, file), ONE_BTC_GIVES);
  } finally {
    await rename(`${installed}-gone`, installed);
  }
}

for (const [entry, format, ending] of [
  ['module.mjs', 'esm', 'mjs'],
  ['module.mjs', 'cjs', 'cjs'],
  ['script.cjs', 'cjs', 'cjs'],
  ['live.mjs', 'esm', 'mjs'],
  ['live.mjs', 'cjs', 'cjs'],
  ['live.cjs', 'cjs', 'cjs'],
]) {
  test(`esbuild for Node, ${entry} as ${format}`, async () => {
    const outfile = join(folder, `esbuild-${entry}.${ending}`);
    const { warnings } = await esbuild({ absWorkingDir: folder, entryPoints: [entry], bundle: true, platform: 'node', format, outfile, logLevel: 'silent' });
    assert.deepEqual(warnings, []);
    await quotes(outfile);
  });
}

for (const format of ['es', 'cjs']) {
  test(`Rollup, ${format}`, async () => {
    const complaints = [];
    const bundle = await rollup({
      input: join(folder, 'module.mjs'),
      external: [/^node:/],
      plugins: [nodeResolve({ exportConditions: ['node'] })],
      onwarn: ({ message }) => complaints.push(message),
    });
    const file = join(folder, `rollup.${format === 'es' ? 'mjs' : 'cjs'}`);
    await bundle.write({ file, format });
    assert.deepEqual(complaints, []);
    await quotes(file);
  });
}

test('Vite for a server', async () => {
  const config = { configFile: false, logLevel: 'silent', root: folder, ssr: { noExternal: true } };
  await vite({ ...config, build: { ssr: 'module.mjs', outDir: 'vite' } });
  const [file] = await readdir(join(folder, 'vite'));
  await quotes(join('vite', file));
});

for (const [entry, target] of [
  ['module.mjs', 'node20'],
  ['script.cjs', 'node20'],
  ['module.mjs', 'electron-renderer'],
  ['module.mjs', 'electron-main'],
  ['live.mjs', 'node20'],
  ['live.cjs', 'node20'],
]) {
  test(`webpack, ${entry} for ${target}`, async () => {
    const filename = `webpack-${target}-${entry}.cjs`;
    const stats = await new Promise((resolve, reject) => {
      const options = { context: folder, mode: 'production', target, entry: `./${entry}`, output: { path: folder, filename }, performance: false };
      webpack(options, (error, stats) => (error ? reject(error) : resolve(stats)));
    });
    assert.deepEqual(stats.toJson({ errors: true, warnings: true, all: false }), { errors: [], warnings: [] });
    await quotes(filename);
  });
}
