#!/usr/bin/env node
// esbuild as worker-build calls it, in the folder where it puts the Worker together; bundles our own entry instead of the
// one that worker-build has written there.
//
//   ESBUILD_BIN=scripts/build/bundle-worker.mjs BUNDLER=path/to/esbuild worker-build
import { copyFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { run } from '../process/run.mjs';

// Not ESBUILD_BIN, which is this very program.
const { BUNDLER } = process.env;
if (!BUNDLER) throw new Error('BUNDLER should name esbuild');

const own = (name) => fileURLToPath(new URL(`../../worker/js/${name}`, import.meta.url));

// wasm-bindgen puts the files that Rust imports into a folder with a hash of the crate in its name.
const [snippets, ...others] = (await readdir('snippets')).filter((name) => name.startsWith('dlmm-worker-'));
if (snippets === undefined || others.length > 0) throw new Error('snippets/ should hold one folder of dlmm-worker');
await copyFile(own('entry.js'), 'shim.js');
await run(BUNDLER, [...process.argv.slice(2), `--alias:seam=./snippets/${snippets}/js/seam.js`, `--alias:hub=${own('hub.js')}`], { label: 'esbuild' });
