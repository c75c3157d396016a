// The Rust tool chain: cargo itself and the targets this workspace builds for.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { findCommand } from '../process/find-command.mjs';
import { run } from '../process/run.mjs';
import { step, Unusable } from '../terminal/steps.mjs';

export const WORKER_TARGET = 'wasm32-unknown-unknown';
/** A target without std: building core for it proves that core is `no_std`. */
export const BARE_TARGET = 'thumbv7em-none-eabi';

/** Makes sure that cargo is there and can build for `targets`. */
export async function ensureRust(targets = []) {
  if ((await findCommand('cargo')) === undefined) {
    throw new Unusable(
      'cargo was not found. Install Rust from https://rustup.rs (or your system\'s rustup package), open a new ' +
        'terminal and run the command again.',
    );
  }
  const sysroot = await rustSysroot();
  for (const target of targets) {
    if (await isInstalled(sysroot, target)) continue;
    if ((await findCommand('rustup')) === undefined) {
      throw new Unusable(
        `Rust has no ${target} target, and rustup, which would add it, was not found. Install that target with the ` +
          'package manager your Rust came from, or install Rust with rustup.',
      );
    }
    await step(`Rust target ${target}`, (report) =>
      run('rustup', ['target', 'add', target], { cwd: root, onLine: report, label: `rustup target add ${target}` }),
    );
  }
}

/** Gives the folder of the tool chain that rust-toolchain.toml names, installing that tool chain where rustup may. */
async function rustSysroot() {
  const ask = () => run('rustc', ['--print', 'sysroot'], { cwd: root, label: 'rustc' });
  const answer = await ask().catch(async (error) => {
    if ((await findCommand('rustup')) === undefined) throw error;
    const [, channel] = (await readFile(join(root, 'rust-toolchain.toml'), 'utf8')).match(/channel = "(.+)"/) ?? [];
    const components = ['rustfmt', 'clippy'].flatMap((name) => ['--component', name]);
    await step(`Rust ${channel}`, (report) =>
      run('rustup', ['toolchain', 'install', channel, '--profile', 'minimal', ...components], { onLine: report }),
    );
    return ask();
  });
  return answer.trim();
}

async function isInstalled(sysroot, target) {
  return access(join(sysroot, 'lib', 'rustlib', target, 'lib')).then(
    () => true,
    () => false,
  );
}
