// Pages that webpack builds, in a real Chromium. Those of esbuild and Vite are tried in tests/npm.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import webpack from 'webpack';
import { ONE_BTC_GIVES } from '../npm/sample.mjs';
import { firstLine, serve, startBrowser } from '../npm/site.mjs';
import { application, PAGE } from './app.mjs';

for (const target of ['web', 'webworker']) {
  test(`webpack for ${target}`, async () => {
    const head = target === 'web' ? '<script src="/bundle.js"></script>' : `<script>new Worker('/bundle.js')</script>`;
    const folder = await application({ 'page.mjs': PAGE, 'index.html': `<!doctype html><link rel="icon" href="data:,"><title>application</title>${head}` });
    const options = { context: folder, mode: 'production', target, entry: './page.mjs', output: { path: folder, filename: 'bundle.js' }, performance: false };
    const stats = await new Promise((resolve, reject) => webpack(options, (error, stats) => (error ? reject(error) : resolve(stats))));
    assert.deepEqual(stats.toJson({ errors: true, warnings: true, all: false }), { errors: [], warnings: [] });
    assert.equal(await firstLine(await startBrowser(), `${await serve(folder)}/index.html`), ONE_BTC_GIVES);
  });
}
