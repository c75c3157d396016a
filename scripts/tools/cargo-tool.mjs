// Commands built from crates, kept in a per-user folder under their name and version.
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root, targetDir, toolCache } from '../paths.mjs';
import { findCommand, isExecutable } from '../process/find-command.mjs';
import { withLock } from '../process/lock.mjs';
import { run } from '../process/run.mjs';
import { step, Unusable } from '../terminal/steps.mjs';
import { fingerprint } from './fingerprint.mjs';

/** Drives the build of the npm package; it takes wasm-bindgen from `PATH`. */
const WASM_PACK = { crate: 'wasm-pack', version: '0.15.1' };

/** Builds and runs the fuzz targets under libFuzzer. */
const CARGO_FUZZ = { crate: 'cargo-fuzz', version: '0.13.2' };

const STAGING = '.staging-';
const installLock = join(toolCache, 'install.lock');

/**
 * Gives the path of what writes bindings, which must have exactly the version of the library in Cargo.lock.
 *
 * A `wasm-bindgen` of that version on `PATH` is taken. Otherwise our own command around the same library is built, with
 * the command line's cargo folder: they have much in common.
 */
export async function ensureWasmBindgen() {
  if (process.env.WASM_BINDGEN_BIN) return process.env.WASM_BINDGEN_BIN;
  const version = await lockedVersion('wasm-bindgen');
  const installed = await findCommand('wasm-bindgen');
  if (installed !== undefined && (await versionOf(installed)) === version) return installed;
  const home = join(toolCache, `bindgen-${version}-${(await fingerprint(['scripts/build/bindgen'])).slice(0, 12)}`);
  const bin = 'dlmm-bindgen';
  const build = async (report) => {
    await run('cargo', ['build', '-p', bin, '--target-dir', targetDir], { cwd: root, onLine: report, label: `cargo build -p ${bin}` });
    return inStaging(async (staging) => {
      await mkdir(join(staging, 'bin'));
      // By this name it is found on PATH.
      await copyFile(join(targetDir, 'debug', bin), join(staging, 'bin', 'wasm-bindgen'));
    }, home);
  };
  return ensure({ name: `wasm-bindgen ${version}`, path: join(home, 'bin', 'wasm-bindgen'), build });
}

const versionOf = (command) =>
  run(command, ['--version']).then(
    (text) => text.trim().split(' ').at(-1),
    () => undefined,
  );

/** Gives the path of `wasm-pack`, built if need be. */
export const ensureWasmPack = async () => process.env.WASM_PACK_BIN || fromCrate(WASM_PACK);

/** Gives the path of `cargo-fuzz`, built if need be. */
export const ensureCargoFuzz = async () => process.env.CARGO_FUZZ_BIN || fromCrate(CARGO_FUZZ);

function fromCrate({ crate, version }) {
  const home = join(toolCache, `${crate}-${version}`);
  return ensure({ name: `${crate} ${version}`, path: join(home, 'bin', crate), build: (report) => install({ crate, version, home }, report) });
}

async function lockedVersion(crate) {
  const lock = await readFile(join(root, 'Cargo.lock'), 'utf8');
  const version = lock.match(new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`))?.[1];
  if (version === undefined) throw new Unusable(`Cargo.lock does not name ${crate}; run cargo metadata and try again.`);
  return version;
}

/** Builds what should be at `path`, unless it is there. */
async function ensure({ name, path, build }) {
  if (await isExecutable(path)) return path;
  await step(name, (report) =>
    withLock(
      installLock,
      async () => {
        if (!(await isExecutable(path))) await build(report);
      },
      report,
    ),
  );
  return path;
}

/** Lets `fill` fill a folder, and makes it `home`. */
async function inStaging(fill, home) {
  await mkdir(toolCache, { recursive: true });
  // The lock is held, so what is staged here was left by an installation that was killed.
  for (const name of await readdir(toolCache)) {
    if (name.startsWith(STAGING)) await rm(join(toolCache, name), { recursive: true, force: true });
  }
  const staging = await mkdtemp(join(toolCache, STAGING));
  try {
    await fill(staging);
    await rm(home, { recursive: true, force: true });
    await rename(staging, home);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function install({ crate, version, home }, report) {
  return inStaging(async (staging) => {
    const target = join(staging, 'target');
    // Its own lock file is not asked for (`--locked`): it ages and may name releases that were withdrawn.
    const args = ['install', crate, '--version', `=${version}`, '--root', staging, '--debug', '--target-dir', target];
    // A build without optimisation takes a third of the time and is fast enough for what the tool does.
    const env = { CARGO_PROFILE_DEV_DEBUG: '0', CARGO_TERM_PROGRESS_WHEN: 'never' };
    await run('cargo', args, { cwd: root, env, onLine: report, label: `cargo install ${crate}` });
    await rm(target, { recursive: true, force: true });
  }, home);
}
