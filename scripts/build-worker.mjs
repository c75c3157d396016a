// Builds the Worker into worker/build: cargo, wasm-bindgen, wasm-opt, esbuild, driven by worker-build.
//
// wrangler calls this too (`[build]` in wrangler.toml), for dev and for deploy. When nothing that goes into the
// build has changed since the last one it only prints the sizes.
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { root, targetDir, workerBuild, workerTargetDir } from './paths.mjs';
import { endOnSignals } from './process/groups.mjs';
import { withLock } from './process/lock.mjs';
import { run } from './process/run.mjs';
import { explain, say, step } from './terminal/steps.mjs';
import { ensureBuildTools } from './tools.mjs';
import { esbuildBin, wasmOptBin, withPackagedCommands } from './tools/npm-packages.mjs';
import { fingerprint } from './tools/fingerprint.mjs';

const wasmFile = join(workerBuild, 'index_bg.wasm');
const fingerprintFile = join(workerBuild, '.fingerprint');

/** Everything that decides what comes out, relative to the root. */
const INPUTS = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'package-lock.json', 'core', 'worker', 'scripts/build-worker.mjs'];

const NOT_INPUTS = ['worker/build', 'worker/tests', 'worker/examples', 'core/tests', 'core/benches'];

/** Builds the Worker unless the last build is still right. */
export async function buildWorker() {
  const tools = await ensureBuildTools();
  await withLock(join(targetDir, 'build-worker.lock'), async () => {
    const inputs = await fingerprint(INPUTS, NOT_INPUTS);
    if (inputs === (await readFile(fingerprintFile, 'utf8').catch(() => undefined)) && existsSync(wasmFile)) return;
    await rm(fingerprintFile, { force: true });
    await step('Worker build', (report) => build(tools, report));
    await writeFile(fingerprintFile, inputs);
  });
  say(`worker/build/index_bg.wasm: ${await sizes()}`);
}

async function build({ workerBuild: program, wasmBindgen }, report) {
  const env = {
    ...withPackagedCommands(),
    CARGO_TARGET_DIR: workerTargetDir,
    WASM_BINDGEN_BIN: wasmBindgen,
    WASM_OPT_BIN: wasmOptBin(),
    ESBUILD_BIN: esbuildBin(),
    // A backtrace of the tools themselves would push the compiler's message out of sight.
    RUST_BACKTRACE: '0',
  };
  await run(program, ['--release'], { cwd: join(root, 'worker'), env, onLine: report, label: 'worker-build' });
  // worker-build keeps the name section whatever it is told; only a stack trace of a panic would use it.
  report('wasm-opt --strip-debug');
  await run(wasmOptBin(), [wasmFile, '--strip-debug', '-o', wasmFile], { env, label: 'wasm-opt --strip-debug' });
}

async function sizes() {
  const wasm = await readFile(wasmFile);
  const kib = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`;
  return `${kib(wasm.length)}, ${kib(gzipSync(wasm, { level: 9 }).length)} gzip`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  endOnSignals();
  try {
    await buildWorker();
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
