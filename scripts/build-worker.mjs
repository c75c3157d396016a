// Builds the Worker into worker/build: cargo, wasm-bindgen, wasm-opt, esbuild, driven by worker-build.
//
// wrangler calls this too (`[build]` in wrangler.toml), for dev and for deploy. When nothing that goes into the
// build has changed since the last one it only prints the sizes. For dev wasm-opt is left out: it takes longer
// than everything else of a rebuild.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileSize, shownSize } from './build/file-size.mjs';
import { orderFunctions } from './build/order-functions.mjs';
import { unlessBuilt } from './build/unless-built.mjs';
import { panickingWorkerBuild, root, workerBuild, workerTargetDir } from './paths.mjs';
import { endOnSignals } from './process/groups.mjs';
import { run } from './process/run.mjs';
import { explain, say, step } from './terminal/steps.mjs';
import { ensureBuildTools } from './tools.mjs';
import { esbuildBin, wasmOptBin, withPackagedCommands } from './tools/npm-packages.mjs';

const wasmFile = join(workerBuild, 'index_bg.wasm');

/** Cargo's profile, see Cargo.toml. */
const PROFILE = ['--profile', 'worker'];

/** What the package is made smaller with, see web/Cargo.toml. */
const SMALL = ['-Oz', '--one-caller-inline-max-function-size=10', '--low-memory-unused', '--skip-pass=local-cse'];

/** Everything that decides what comes out, relative to the root. */
const INPUTS = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'package-lock.json', 'core', 'worker', 'scripts/build-worker.mjs', 'scripts/build'];

const NOT_INPUTS = ['worker/build', 'worker/tests', 'worker/examples', 'core/tests', 'core/benches'];

/**
 * Builds the Worker unless the last build is still right.
 *
 * A `quick` build is not optimised by wasm-opt; an optimised one that is there already serves as well.
 */
export async function buildWorker({ quick = false } = {}) {
  const tools = await ensureBuildTools();
  await unlessBuilt({
    name: 'build-worker',
    product: wasmFile,
    stamp: join(workerBuild, '.fingerprint'),
    inputs: INPUTS,
    except: NOT_INPUTS,
    kind: quick ? 'quick' : 'optimised',
    servedBy: ['optimised'],
    build: () => step('Worker build', (report) => build(tools, quick, report)),
  });
  say(`worker/build/index_bg.wasm: ${shownSize(await fileSize(wasmFile))}`);
}

/**
 * Builds the Worker that panics on purpose, unless it is there. It shares what cargo has built of everything else.
 */
export async function buildPanickingWorker() {
  const tools = await ensureBuildTools();
  const flags = [...PROFILE, '--no-opt', '--out-dir', panickingWorkerBuild, '--', '--features', 'panic-on-purpose'];
  await unlessBuilt({
    name: 'build-worker',
    product: join(panickingWorkerBuild, 'index.js'),
    stamp: join(panickingWorkerBuild, '.fingerprint'),
    inputs: INPUTS,
    except: NOT_INPUTS,
    kind: 'panics',
    build: () => step('Worker that panics', (report) => runWorkerBuild(tools, flags, report)),
  });
}

async function build(tools, quick, report) {
  await runWorkerBuild(tools, quick ? [...PROFILE, '--no-opt'] : PROFILE, report);
  if (quick) return;
  // worker-build keeps the name section whatever it is told; only a stack trace of a panic would use it.
  report('wasm-opt -Oz');
  await run(wasmOptBin(), [wasmFile, ...SMALL, '--strip-debug', '-o', wasmFile], { env: withPackagedCommands(), label: 'wasm-opt -Oz' });
  report('functions that are alike next to each other');
  await orderFunctions(wasmFile, report);
}

function runWorkerBuild({ workerBuild: program, wasmBindgen }, flags, report) {
  const env = {
    ...withPackagedCommands(),
    CARGO_TARGET_DIR: workerTargetDir,
    WASM_BINDGEN_BIN: wasmBindgen,
    WASM_OPT_BIN: wasmOptBin(),
    ESBUILD_BIN: join(root, 'scripts', 'build', 'bundle-worker.mjs'),
    BUNDLER: esbuildBin(),
    // A backtrace of the tools themselves would push the compiler's message out of sight.
    RUST_BACKTRACE: '0',
  };
  return run(program, flags, { cwd: join(root, 'worker'), env, onLine: report, label: 'worker-build' });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  endOnSignals();
  try {
    // wrangler says what it builds for.
    await buildWorker({ quick: process.env.WRANGLER_COMMAND === 'dev' });
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
