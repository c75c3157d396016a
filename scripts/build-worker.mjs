// Builds the Worker into worker/build: cargo, wasm-bindgen, esbuild, wasm-opt.
//
// wrangler calls this too (`[build]` in wrangler.toml), for dev and for deploy. When nothing that goes into the
// build has changed since the last one it only prints the sizes. For dev it is quick: hardly optimised, and its size
// concerns nobody.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleWorker } from './build/bundle-worker.mjs';
import { fileSize, shownSize } from './build/file-size.mjs';
import { orderFunctions } from './build/order-functions.mjs';
import { buildRustWasm, WORKER_ENV } from './build/rust-wasm.mjs';
import { unlessBuilt } from './build/unless-built.mjs';
import { panickingWorkerBuild, workerBuild, workerTargetDir } from './paths.mjs';
import { endOnSignals } from './process/groups.mjs';
import { run } from './process/run.mjs';
import { explain, say, step } from './terminal/steps.mjs';
import { ensureBuildTools } from './tools.mjs';
import { wasmOptBin, withPackagedCommands } from './tools/npm-packages.mjs';
import { ensureRust, WORKER_TARGET } from './tools/rust.mjs';

const WASM = 'index_bg.wasm';

const wasmFile = join(workerBuild, WASM);

/** What rustc uses without being asked, and exceptions, in which wasm-bindgen wraps calls. */
const FEATURES = ['mutable-globals', 'sign-ext', 'nontrapping-float-to-int', 'bulk-memory', 'multivalue', 'reference-types', 'exception-handling'];

/**
 * What the package is made smaller with, see build/wasm-glue.mjs. Functions that are called from one place are taken in there up to a
 * larger size: V8 optimises a function once it has executed so many bytes of it, a large one after fewer requests (ADR 41).
 */
const SMALL = ['-Oz', '--one-caller-inline-max-function-size=60', '--low-memory-unused', '--skip-pass=local-cse'];

/** Everything that decides what comes out, relative to the root. */
const INPUTS = ['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'package-lock.json', 'core', 'worker', 'scripts/build-worker.mjs', 'scripts/build'];

const NOT_INPUTS = ['worker/build', 'worker/tests', 'worker/examples', 'core/tests', 'core/benches'];

/**
 * Builds the Worker unless the last build is still right.
 *
 * A `quick` build is for this machine only: hardly optimised, and compiled together with the npm package. An optimised
 * one that is there already serves as well.
 */
export async function buildWorker({ quick = false } = {}) {
  await ensureRust([WORKER_TARGET]);
  // Compiling need not wait for them; where they are waited for it is told what went wrong.
  const tools = ensureBuildTools();
  tools.catch(() => {});
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
  await tools;
  // Compressing it to count takes seconds.
  if (!quick) say(`worker/build/index_bg.wasm: ${shownSize(await fileSize(wasmFile))}`);
}

/**
 * Builds the Worker that panics on purpose, unless it is there. It shares what cargo has built of everything else.
 */
export async function buildPanickingWorker() {
  const tools = ensureBuildTools();
  await unlessBuilt({
    name: 'build-worker',
    product: join(panickingWorkerBuild, 'index.js'),
    stamp: join(panickingWorkerBuild, '.fingerprint'),
    inputs: INPUTS,
    except: NOT_INPUTS,
    kind: 'panics',
    build: () =>
      step('Worker that panics', async (report) => {
        const staging = await buildBindings(tools, { features: ['panic-on-purpose'] }, report);
        await bundleWorker(staging, panickingWorkerBuild);
        await copyFile(join(staging, WASM), join(panickingWorkerBuild, WASM));
      }),
  });
}

async function build(tools, quick, report) {
  const staging = await buildBindings(tools, { quick }, report);
  await bundleWorker(staging, workerBuild);
  if (quick) return copyFile(join(staging, WASM), wasmFile);
  report('wasm-opt');
  // Features by name: those that the platform has, whatever else binaryen comes to know.
  const args = [...SMALL, ...FEATURES.map((feature) => `--enable-${feature}`), '--strip-debug'];
  await run(wasmOptBin(), [join(staging, WASM), '-o', wasmFile, ...args], { env: withPackagedCommands(), label: 'wasm-opt' });
  report('functions that are alike next to each other');
  await orderFunctions(wasmFile, report);
}

/** The wasm file and its bindings, beside what cargo builds. */
async function buildBindings(tools, { quick = false, features = [] }, report) {
  const out = join(workerTargetDir, features.length > 0 ? `bindings-${features.join('-')}` : 'bindings');
  await buildRustWasm(
    {
      crate: 'dlmm-worker',
      quick,
      profile: 'worker',
      features,
      targetDir: workerTargetDir,
      env: WORKER_ENV,
      tools,
      // What an instance that panicked is replaced with.
      flags: ['--target', 'module', '--no-typescript', '--out-name', 'index', '--experimental-reset-state-function', '--force-enable-abort-handler'],
      out,
    },
    report,
  );
  return out;
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
