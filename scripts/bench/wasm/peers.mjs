// The packages measured beside this project's: installed on their own, never a dependency of it.
import { copyFile, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bytesSize } from '../../build/file-size.mjs';
import { root } from '../../paths.mjs';
import { run } from '../../process/run.mjs';
import { step } from '../../terminal/steps.mjs';

export const peers = join(root, 'scripts', 'bench', 'peers');

/** Installs them unless the very versions of their lock file are there. */
export async function ensurePeers() {
  const [lock, installed] = [join(peers, 'package-lock.json'), join(peers, 'node_modules', '.installed-lock')];
  const [wanted, present] = await Promise.all([lock, installed].map((file) => readFile(file, 'utf8').catch(() => undefined)));
  if (wanted === present) return;
  await step('packages to compare with', (report) =>
    run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: peers, onLine: report, label: 'npm ci in scripts/bench/peers' }),
  );
  await copyFile(lock, installed);
}

const NODE_ONLY = /^(node:)?(buffer|crypto|stream|util|assert|events|http|https|url|zlib|fs|path|os|net|tls|querystring|string_decoder|async_hooks|child_process|worker_threads|vm)(\/.*)?$/;

/** Stands in for what browsers lack; a user of the package would have to add real polyfills on top. */
const emptyNodeModules = {
  name: 'empty-node-modules',
  setup(building) {
    building.onResolve({ filter: NODE_ONLY }, ({ path }) => ({ path, namespace: 'empty' }));
    building.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** What a page has to load, minified and bundled, by the names of the packages. */
export async function peerSizes() {
  const orca = createRequire(join(peers, 'package.json')).resolve('@orca-so/whirlpools-core').replace('nodejs', 'browser').replace(/\.js$/, '_bg.wasm');
  const options = { bundle: true, minify: true, format: 'esm', write: false, logLevel: 'silent', platform: 'browser', mainFields: ['browser', 'module', 'main'] };
  const bundled = async (contents) => {
    const { outputFiles } = await build({ ...options, stdin: { contents, resolveDir: peers }, plugins: [emptyNodeModules] });
    return bytesSize(outputFiles[0].contents);
  };
  return {
    "Orca's wasm file": bytesSize(await readFile(orca)),
    "Meteora's SDK in one bundle, without the polyfills it needs": await bundled("export { default } from '@meteora-ag/dlmm';"),
  };
}
