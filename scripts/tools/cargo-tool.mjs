// Commands built from crates, kept in a per-user folder under their name and version.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root, toolCache } from '../paths.mjs';
import { isExecutable } from '../process/find-command.mjs';
import { withLock } from '../process/lock.mjs';
import { run } from '../process/run.mjs';
import { step, Unusable } from '../terminal/steps.mjs';

/** Builds and runs the fuzz targets under libFuzzer. */
const CARGO_FUZZ = { crate: 'cargo-fuzz', version: '0.13.2', bin: 'cargo-fuzz' };

const STAGING = '.staging-';
const toolArtifacts = join(toolCache, 'target');
const installLock = join(toolCache, 'install.lock');

/** Gives the path of `cargo-fuzz`, built if need be. */
export const ensureCargoFuzz = () => process.env.CARGO_FUZZ_BIN || ensure(CARGO_FUZZ);

/** Gives the path of `wasm-bindgen`, which must have exactly the version of the library in Cargo.lock. */
export async function ensureWasmBindgen() {
  if (process.env.WASM_BINDGEN_BIN) return process.env.WASM_BINDGEN_BIN;
  const version = await lockedVersion('wasm-bindgen');
  return ensure({ crate: 'wasm-bindgen-cli', version, bin: 'wasm-bindgen' });
}

async function lockedVersion(crate) {
  const lock = await readFile(join(root, 'Cargo.lock'), 'utf8');
  const version = lock.match(new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`))?.[1];
  if (version === undefined) throw new Unusable(`Cargo.lock does not name ${crate}; run cargo metadata and try again.`);
  return version;
}

async function ensure({ crate, version, bin }) {
  const home = join(toolCache, `${crate}-${version}`);
  const path = join(home, 'bin', bin);
  if (await isExecutable(path)) return path;

  await step(`${crate} ${version}`, (report) =>
    withLock(
      installLock,
      async () => {
        if (!(await isExecutable(path))) await install({ crate, version, home }, report);
      },
      report,
    ),
  );
  return path;
}

/** Deletes what cargo kept for building the next tool. It is large, and the tools are seldom built again. */
export async function dropToolArtifacts() {
  if (!existsSync(toolArtifacts)) return;
  await withLock(installLock, () => rm(toolArtifacts, { recursive: true, force: true }));
}

async function install({ crate, version, home }, report) {
  await mkdir(toolCache, { recursive: true });
  // The lock is held, so what is staged here was left by an installation that was killed.
  for (const name of await readdir(toolCache)) {
    if (name.startsWith(STAGING)) await rm(join(toolCache, name), { recursive: true, force: true });
  }
  const staging = await mkdtemp(join(toolCache, STAGING));
  try {
    // Their own lock files are not asked for (`--locked`): they age and may name releases that were withdrawn.
    const args = ['install', crate, '--version', `=${version}`, '--root', staging, '--debug'];
    await run('cargo', args, {
      cwd: root,
      // A build without optimisation takes a third of the time and is fast enough for what the tools do.
      env: {
        CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR || toolArtifacts,
        CARGO_PROFILE_DEV_DEBUG: '0',
        CARGO_TERM_PROGRESS_WHEN: 'never',
      },
      onLine: report,
      label: `cargo install ${crate}`,
    });
    await rm(home, { recursive: true, force: true });
    await rename(staging, home);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
