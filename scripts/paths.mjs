// Where things are. Every script works from any directory.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
export const nodeModules = join(root, 'node_modules');

/** Cargo's output folder for host builds; `CARGO_TARGET_DIR` moves it as it does for cargo itself. */
export const targetDir = resolve(root, process.env.CARGO_TARGET_DIR || 'target');

/**
 * Cargo's output folder for the Worker alone. It is built with `WASM_BINDGEN_USE_JS_SYS`, which changes what
 * the macros produce but which cargo does not track, so its artifacts must not mix with those of a plain build.
 */
export const workerTargetDir = join(targetDir, 'worker');

export const workerBuild = join(root, 'worker', 'build');

/** The Worker with paths that panic on purpose, for one test. */
export const panickingWorkerBuild = join(targetDir, 'worker-panics');

/** Cargo's output folder for the npm package, whose profile is its own. */
export const webTargetDir = join(targetDir, 'web');

/** The npm package as it is packed. */
export const webPackage = join(root, 'web', 'pkg');

/** Per-user folder of built tools, shared by all clones. */
export const toolCache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dlmm-tools');

/** What the Worker serves besides its API: the playground and the API reference. */
export const siteDir = join(root, 'web', 'site');
