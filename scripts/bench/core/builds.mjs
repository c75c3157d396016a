// Builds what measures the core, and gives where it is.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { targetDir } from '../../paths.mjs';
import { run } from '../../process/run.mjs';
import { step } from '../../terminal/steps.mjs';
import { WORKER_TARGET } from '../../tools/rust.mjs';

const wasmTarget = join(targetDir, 'bench-wasm');

/** The program of native cases. */
export async function buildBenchProgram() {
  await step('dlmm-bench', (report) => run('cargo', ['build', '--release', '-p', 'dlmm-bench', '--bins'], { onLine: report, label: 'cargo build -p dlmm-bench' }));
  return join(targetDir, 'release', 'dlmm-bench');
}

/** The cases as a wasm module; `release` builds core as the Worker's profile does, `web` as the npm package's. */
export async function buildInside(profile) {
  const args = ['build', '-p', 'dlmm-bench', '--example', 'inside', '--target', WORKER_TARGET, '--profile', profile];
  const env = { CARGO_TARGET_DIR: wasmTarget };
  await step(`bench cases in wasm, profile ${profile}`, (report) => run('cargo', args, { env, onLine: report, label: 'cargo build --example inside' }));
  return join(wasmTarget, WORKER_TARGET, profile, 'examples', 'inside.wasm');
}

/** Writes a snapshot that the bench program makes (`ladder`, `3`, `20`, `200`) and gives its path. */
export async function writeMarket(program, name) {
  const folder = join(targetDir, 'bench');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `market-${name}.json`);
  await writeFile(file, await run(program, ['market', name]));
  return file;
}
