// A crate as a wasm file with its bindings: cargo, then wasm-bindgen.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { WORKER_TARGET } from '../tools/rust.mjs';

/**
 * Builds `crate` and puts the wasm file and its bindings into `out`, which holds nothing else then.
 *
 * @param {object} options
 * @param {string} options.crate
 * @param {string} options.profile of cargo
 * @param {string[]} [options.features]
 * @param {string} options.targetDir cargo's output folder
 * @param {Record<string, string>} [options.env] for cargo
 * @param {string} options.wasmBindgen the program
 * @param {string[]} options.flags of wasm-bindgen
 * @param {string} options.out
 * @param {(line: string) => void} report
 */
export async function buildRustWasm({ crate, profile, features = [], targetDir, env, wasmBindgen, flags, out }, report) {
  const args = ['build', '--lib', '-p', crate, '--profile', profile, '--target', WORKER_TARGET, '--target-dir', targetDir];
  if (features.length > 0) args.push('--features', features.join(','));
  await run('cargo', args, { cwd: root, env, onLine: report, label: `cargo build of ${crate} as wasm` });
  report('wasm-bindgen');
  const wasm = join(targetDir, WORKER_TARGET, profile, `${crate.replaceAll('-', '_')}.wasm`);
  await rm(out, { recursive: true, force: true });
  // A backtrace of the tool itself would push its message out of sight.
  await run(wasmBindgen, [wasm, '--out-dir', out, ...flags], { env: { RUST_BACKTRACE: '0' }, onLine: report, label: `wasm-bindgen of ${crate}` });
}
