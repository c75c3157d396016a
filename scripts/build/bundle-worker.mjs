// The Worker's JavaScript in one file: our entry, what Rust imports, and the bindings that wasm-bindgen has made.
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../paths.mjs';

const own = (name) => join(root, 'worker', 'js', name);

/** Bundles what lies in `bindings`, and writes `index.js` into `out`. */
export async function bundleWorker(bindings, out) {
  // Not at the top: the packages may only just have been installed.
  const { build: esbuild } = await import('esbuild');
  // wasm-bindgen puts the files that Rust imports into a folder with a hash of the crate in its name.
  const [snippets, ...others] = (await readdir(join(bindings, 'snippets'))).filter((name) => name.startsWith('dlmm-worker-'));
  if (snippets === undefined || others.length > 0) throw new Error('snippets/ should hold one folder of dlmm-worker');
  // Beside the bindings that it imports.
  await copyFile(own('entry.js'), join(bindings, 'entry.js'));
  const outfile = join(out, 'index.js');
  await esbuild({
    absWorkingDir: bindings,
    entryPoints: ['./entry.js'],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    external: ['./index_bg.wasm', 'cloudflare:*'],
    alias: { seam: join(bindings, 'snippets', snippets, 'js', 'seam.js'), hub: own('hub.js') },
    logLevel: 'silent',
  });
  // The bindings import the module at its source phase, which the platform does without a word for it.
  const script = await readFile(outfile, 'utf8');
  await writeFile(outfile, script.replaceAll('import source ', 'import '));
}
