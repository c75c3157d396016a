// Builds web/site: the playground at `/`, the API reference at `/docs`, and what both need, bundled by esbuild.
//
// Names of scripts and styles change with their content, so browsers may keep them for ever.
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildWeb } from './build-web.mjs';
import { unlessBuilt } from './build/unless-built.mjs';
import { root, siteDir, targetDir, webPackage } from './paths.mjs';
import { endOnSignals } from './process/groups.mjs';
import { explain, say, step } from './terminal/steps.mjs';

const playground = join(root, 'web', 'playground');
const docs = join(root, 'web', 'docs');
const description = join(root, 'docs', 'openapi.json');

/** The one file of web/site that is in git: wrangler wants the folder to exist before any build. */
const KEPT = '.assetsignore';

/** Everything that decides what comes out, relative to the root. */
const INPUTS = ['web/playground', 'web/docs', 'docs/openapi.json', 'web/pkg', 'package-lock.json', 'scripts/build-site.mjs'];

/** Each page: its template, and the entries named in it that are bundled. */
const PAGES = [
  { page: 'index.html', folder: playground, entries: { 'theme.ts': 'theme.ts', 'main.css': 'main.css', 'main.ts': 'main.ts' } },
  { page: 'docs.html', folder: docs, entries: { 'theme.ts': '../playground/theme.ts', 'docs.css': 'docs.css', 'docs.ts': 'docs.ts' } },
];

/** Builds the site, and the package that it quotes with, unless the last build is still right; `quick`: for this machine only. */
export async function buildSite({ quick = false } = {}) {
  await buildWeb({ quick });
  await unlessBuilt({
    name: 'build-site',
    product: join(siteDir, 'index.html'),
    // Not among the files that are served.
    stamp: join(targetDir, 'build-site.fingerprint'),
    inputs: INPUTS,
    kind: 'site',
    build: () => step('site build', build),
  });
  if (!quick) say(`web/site: ${await sizes()}`);
}

async function build() {
  await mkdir(siteDir, { recursive: true });
  for (const name of await readdir(siteDir)) {
    if (name !== KEPT) await rm(join(siteDir, name), { recursive: true });
  }
  const outputs = {};
  for (const { page, folder, entries } of PAGES) {
    outputs[page] = await bundle(Object.values(entries).map((entry) => join(folder, entry)));
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    await writeFile(join(siteDir, page), fillIn(html, folder, entries, outputs[page]));
  }
  await cp(description, join(siteDir, 'openapi.json'));
  for (const name of ['icon.svg', 'manifest.webmanifest', '_headers']) await cp(join(playground, name), join(siteDir, name));
  await bundleServiceWorker(['/', '/icon.svg', '/manifest.webmanifest', ...outputs['index.html'].files]);
}

/** Bundles entries into web/site/assets and gives where each went, and every file that was written. */
async function bundle(entryPoints) {
  const { build: esbuild } = await import('esbuild');
  const { metafile } = await esbuild({
    ...OPTIONS,
    entryPoints,
    entryNames: 'assets/[name]-[hash]',
    assetNames: 'assets/[name]-[hash]',
    outdir: siteDir,
    metafile: true,
    loader: { '.wasm': 'file' },
    // By its place: the package is built here, not installed.
    alias: Object.fromEntries(['slim', 'client/slim', 'dlmm_quote_bg.wasm'].map((name) => [`dlmm-quote/${name}`, packageFile(name)])),
    publicPath: '/',
  });
  const path = (output) => `/${relative(siteDir, join(root, output))}`;
  const places = new Map();
  for (const [output, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint !== undefined) places.set(join(root, entryPoint), path(output));
  }
  return { places, files: Object.keys(metafile.outputs).map(path) };
}

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2023',
  charset: 'utf8',
  legalComments: 'linked',
  logLevel: 'warning',
};

const packageFile = (name) => join(webPackage, name.includes('.') ? name : `${name.replace('/', '-')}.js`);

function fillIn(html, folder, entries, { places }) {
  return Object.entries(entries).reduce(
    (text, [name, source]) => text.replace(`"${name}"`, `"${places.get(join(folder, source))}"`),
    html,
  );
}

async function bundleServiceWorker(shell) {
  const { build: esbuild } = await import('esbuild');
  const hash = createHash('sha256');
  for (const path of shell) hash.update(path).update(await readFile(join(siteDir, path === '/' ? 'index.html' : path)));
  await esbuild({
    ...OPTIONS,
    format: 'iife',
    entryPoints: [join(playground, 'offline', 'service-worker.ts')],
    outfile: join(siteDir, 'service-worker.js'),
    define: { SHELL: JSON.stringify(shell), BUILD: JSON.stringify(hash.digest('hex').slice(0, 16)) },
  });
}

async function sizes() {
  const files = await readdir(join(siteDir, 'assets'));
  const gzip = async (name) => gzipSync(await readFile(join(siteDir, 'assets', name)), { level: 9 }).length;
  const kb = async (pattern) => {
    const found = await Promise.all(files.filter((name) => pattern.test(name)).map(gzip));
    return `${(found.reduce((sum, size) => sum + size, 0) / 1000).toFixed(1)} kB`;
  };
  const [page, wasm, reference] = await Promise.all([kb(/^(main|theme)-/), kb(/\.wasm$/), kb(/^docs-/)]);
  return `playground ${page} and wasm ${wasm}, API reference ${reference}, all gzip`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  endOnSignals();
  try {
    // wrangler says what it builds for.
    await buildSite({ quick: process.env.WRANGLER_COMMAND === 'dev' });
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
