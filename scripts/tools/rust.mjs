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

/** What formatting and linting need, each with the program that shows that it is installed. */
const COMPONENTS = { rustfmt: 'rustfmt', clippy: 'cargo-clippy' };

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
    if (!(await exists(join(sysroot, 'lib', 'rustlib', target, 'lib')))) await addWithRustup('target', target);
  }
}

/** Makes sure that `cargo fmt` and `cargo clippy` work. */
export async function ensureLinters() {
  const sysroot = await rustSysroot();
  for (const [component, program] of Object.entries(COMPONENTS)) {
    if (!(await exists(join(sysroot, 'bin', program)))) await addWithRustup('component', component);
  }
}

async function addWithRustup(kind, name) {
  if ((await findCommand('rustup')) === undefined) {
    throw new Unusable(
      `Rust lacks the ${kind} ${name}, and rustup, which would add it, was not found. Install it with the package ` +
        'manager your Rust came from, or install Rust with rustup.',
    );
  }
  const label = `rustup ${kind} add ${name}`;
  await step(label, (report) => run('rustup', [kind, 'add', name], { cwd: root, onLine: report, label }));
}

/** Gives the folder of the tool chain that rust-toolchain.toml names, installing that tool chain where rustup may. */
async function rustSysroot() {
  const ask = () => run('rustc', ['--print', 'sysroot'], { cwd: root, label: 'rustc' });
  const answer = await ask().catch(async (error) => {
    if ((await findCommand('rustup')) === undefined) throw error;
    const [, channel] = (await readFile(join(root, 'rust-toolchain.toml'), 'utf8')).match(/channel = "(.+)"/) ?? [];
    const components = Object.keys(COMPONENTS).flatMap((name) => ['--component', name]);
    await step(`Rust ${channel}`, (report) =>
      run('rustup', ['toolchain', 'install', channel, '--profile', 'minimal', ...components], { onLine: report }),
    );
    return ask();
  });
  return answer.trim();
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
