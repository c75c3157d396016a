// Builds the npm package into web/pkg: wasm-pack and wasm-opt make the wasm file and its glue, esbuild the files of each environment.
//
// When nothing that goes into the build has changed since the last one only the sizes are printed.
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { fileSize, shownSize } from './build/file-size.mjs';
import { unlessBuilt } from './build/unless-built.mjs';
import { buildGlue, WASM } from './build/wasm-glue.mjs';
import { root, webPackage } from './paths.mjs';
import { endOnSignals } from './process/groups.mjs';
import { explain, say, step } from './terminal/steps.mjs';
import { ensureBuildTools, ensurePackageTools } from './tools.mjs';

const web = join(root, 'web');

/** Everything that decides what comes out, relative to the root. */
const INPUTS = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'package-lock.json', 'core', 'web', 'scripts/build-web.mjs', 'scripts/build', 'tests/npm/panic.entry.js'];

const NOT_INPUTS = ['web/build', 'web/pkg', 'web/site', 'web/playground', 'web/docs', 'core/tests', 'core/benches'];

const CLIENT_BANNER = { js: '// Server-sent events by eventsource-parser (MIT), copyright (c) Espen Hovlandsdal.' };

/** Files of the package that are copied as they are. */
const COPIES = {
  'web/package.json': 'package.json',
  'web/README.md': 'README.md',
  'LICENSE-MIT': 'LICENSE-MIT',
  'LICENSE-APACHE': 'LICENSE-APACHE',
  'web/js/entry/workerd.js': 'workerd.js',
};

/**
 * Builds the package unless the last build is still right.
 *
 * `panics` adds the function that panics on purpose; such a package is for one test and goes elsewhere. A `quick` one is
 * for this machine only, hardly optimised; a real one that is there already serves as well.
 */
export async function buildWeb({ panics = false, quick = false } = {}) {
  const kind = panics ? 'panics' : quick ? 'quick' : 'package';
  const tools = await (quick ? ensureBuildTools() : ensurePackageTools());
  const out = panics ? join(web, 'build', 'panics') : webPackage;
  await unlessBuilt({
    name: 'build-web',
    product: join(out, panics ? 'panic.cjs' : 'index.js'),
    stamp: join(out, '.fingerprint'),
    inputs: INPUTS,
    except: NOT_INPUTS,
    kind,
    servedBy: quick ? ['package'] : [],
    build: () => step(panics ? 'npm package that panics' : 'npm package', (report) => build(tools, kind, out, report)),
  });
  return out;
}

/** Prints how large the package's two large files are. */
export async function saySizes() {
  for (const file of [WASM, 'index.js']) say(`web/pkg/${file}: ${shownSize(await fileSize(join(webPackage, file)))}`);
}

async function build(tools, kind, out, report) {
  const glue = await buildGlue(tools, kind, report);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const wasm = await readFile(join(glue, WASM));
  await writeFile(join(out, WASM), wasm);
  for (const [from, to] of Object.entries(COPIES)) await copyFile(join(root, from), join(out, to));
  await copyTypes(out);
  await bundle(join(glue, 'dlmm_quote.js'), wasm, out, kind === 'panics', report);
}

/** TypeScript wants declarations of their own for `require`. */
async function copyTypes(out) {
  await mkdir(join(out, 'types'));
  for (const name of await readdir(join(web, 'types'))) {
    const text = await readFile(join(web, 'types', name), 'utf8');
    await writeFile(join(out, 'types', name), text);
    await writeFile(join(out, 'types', name.replace('.d.ts', '.d.cts')), text.replaceAll(/ from '(.+)\.js';/g, " from '$1.cjs';"));
  }
}

/** One file for what several entries share, which they load from beside them. */
function beside(ending) {
  const files = /^\.\/(core|index|slim|workerd|client-core)\.js$/;
  return { name: 'beside', setup: (build) => build.onResolve({ filter: files }, ({ path }) => ({ path: path.replace(/js$/, ending), external: true })) };
}

async function bundle(glue, wasm, out, panics, report) {
  report('esbuild');
  // Not at the top: the packages may only just have been installed.
  const { build: esbuild } = await import('esbuild');
  const deflated = { length: wasm.length, data: deflateRawSync(wasm, { level: 9 }).toString('base64') };
  const resolveWasm = {
    name: 'wasm',
    setup(build) {
      build.onResolve({ filter: /^#wasm$/ }, () => ({ path: glue }));
      build.onResolve({ filter: /^#wasm-deflated$/ }, () => ({ path: 'deflated', namespace: 'wasm' }));
      // What the bindings say in UTF-8 goes the package's own way, so that they load where there is no TextDecoder.
      build.onLoad({ filter: /dlmm_quote\.js$/ }, async ({ path }) => ({
        contents: `import { TextDecoder, TextEncoder } from ${JSON.stringify(join(web, 'js', 'text-coding.js'))};\n${await readFile(path, 'utf8')}`,
        loader: 'js',
      }));
      build.onLoad({ filter: /.*/, namespace: 'wasm' }, () => ({ contents: JSON.stringify(deflated), loader: 'json' }));
    },
  };
  const options = {
    bundle: true,
    legalComments: 'inline',
    target: 'es2022',
    logLevel: 'silent',
    plugins: [resolveWasm],
    // The glue's guess where the wasm file lies: init() demands to be told, and bundlers would follow the guess.
    define: { 'import.meta.url': 'undefined' },
  };
  if (panics) {
    const test = { entryPoints: [join(root, 'tests/npm/panic.entry.js')], outfile: join(out, 'panic.cjs') };
    await esbuild({ ...options, ...test, format: 'cjs', platform: 'node' });
    return;
  }
  const entry = (name) => join(web, 'js', 'entry', name);
  const banner = { js: '// Decompression by fflate (MIT), copyright (c) 2026 Arjun Barrett.' };
  for (const [format, ending] of [['esm', 'js'], ['cjs', 'cjs']]) {
    const plugins = [beside(ending), resolveWasm];
    await esbuild({ ...options, entryPoints: [entry('core.js')], format, outfile: join(out, `core.${ending}`), banner });
    await esbuild({ ...options, entryPoints: [entry('index.js')], format, outfile: join(out, `index.${ending}`), minify: true, banner, plugins });
    await esbuild({ ...options, entryPoints: [entry('slim.js')], format, outfile: join(out, `slim.${ending}`), plugins });
    await esbuild({ ...options, entryPoints: [entry('client-core.js')], format, outfile: join(out, `client-core.${ending}`), minify: true, banner: CLIENT_BANNER });
    await esbuild({ ...options, entryPoints: [entry('react.js')], format, outfile: join(out, `react.${ending}`), external: ['react'] });
    // Programs that load scripts with `require` may have no `import()`: some that run tests have none.
    const supported = format === 'cjs' ? { 'dynamic-import': false } : {};
    for (const name of ['client', 'client-slim', ...(format === 'esm' ? ['client-workerd'] : [])]) {
      await esbuild({ ...options, entryPoints: [entry(`${name}.js`)], format, outfile: join(out, `${name}.${ending}`), plugins, supported });
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  endOnSignals();
  try {
    await buildWeb();
    await saySizes();
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
