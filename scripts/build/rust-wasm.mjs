// A crate as a wasm file with its bindings: cargo, then wasm-bindgen.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root, workerTargetDir } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { WORKER_TARGET } from '../tools/rust.mjs';

/** The macros of wasm-bindgen then make promises with js-sys, as `worker` expects. cargo does not track it. */
export const WORKER_ENV = { WASM_BINDGEN_USE_JS_SYS: '1' };

/**
 * Crates that a quick build compiles together, whichever is asked for: they share what they stand on, in the profile
 * `quick` of Cargo.toml.
 */
const TOGETHER = ['dlmm-worker', 'dlmm-web'];

/**
 * Builds `crate` and puts the wasm file and its bindings into `out`, which holds nothing else then.
 *
 * @param {object} options
 * @param {string} options.crate
 * @param {boolean} [options.quick] for this machine only
 * @param {string} options.profile of cargo, unless it is quick
 * @param {string[]} [options.features]
 * @param {string} options.targetDir cargo's output folder, unless it is quick
 * @param {Record<string, string>} [options.env] for cargo, unless it is quick
 * @param {Promise<{ wasmBindgen: string }>} options.tools may still be on their way while cargo runs
 * @param {string[]} options.flags of wasm-bindgen
 * @param {string} options.out
 * @param {(line: string) => void} report
 */
export async function buildRustWasm({ crate, quick = false, profile, features = [], targetDir, env, tools, flags, out }, report) {
  const cargo = quick ? { crates: TOGETHER, profile: 'quick', targetDir: workerTargetDir, env: WORKER_ENV } : { crates: [crate], profile, targetDir, env };
  const crates = cargo.crates.flatMap((name) => ['-p', name]);
  const args = ['build', '--lib', ...crates, '--profile', cargo.profile, '--target', WORKER_TARGET, '--target-dir', cargo.targetDir];
  if (features.length > 0) args.push('--features', features.join(','));
  const compiled = run('cargo', args, { cwd: root, env: cargo.env, onLine: report, label: `cargo build of ${crate} as wasm` });
  const [{ wasmBindgen }] = await Promise.all([tools, compiled]);
  report('wasm-bindgen');
  const wasm = join(cargo.targetDir, WORKER_TARGET, cargo.profile, `${crate.replaceAll('-', '_')}.wasm`);
  await rm(out, { recursive: true, force: true });
  // A backtrace of the tool itself would push its message out of sight.
  await run(wasmBindgen, [wasm, '--out-dir', out, ...flags], { env: { RUST_BACKTRACE: '0' }, onLine: report, label: `wasm-bindgen of ${crate}` });
}
