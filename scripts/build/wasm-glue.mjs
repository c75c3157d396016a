// The wasm file of the npm package and its bindings, by wasm-pack. They are kept apart from the JavaScript around them, so that a change there compiles no Rust.
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, webTargetDir } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { wasmOptBin, withPackagedCommands } from '../tools/npm-packages.mjs';
import { orderFunctions } from './order-functions.mjs';
import { buildRustWasm } from './rust-wasm.mjs';
import { unlessBuilt } from './unless-built.mjs';

export const WASM = 'dlmm_quote_bg.wasm';

const web = join(root, 'web');

/** Everything that decides what comes out, relative to the root. wasm-opt is binaryen's. */
const INPUTS = [
  ...['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'core', 'web/Cargo.toml', 'web/src'],
  ...['node_modules/binaryen/package.json', 'scripts/build/wasm-glue.mjs', 'scripts/build/rust-wasm.mjs', 'scripts/build/order-functions.mjs'],
];

/**
 * A function moved into its one caller makes the file smaller but its download larger (181 and 168 kB with gzip): its local
 * variables get other numbers there, and less of it repeats. Only tiny ones are moved.
 *
 * The first kB of memory is the far end of the stack, so no address that is not null lies there. A value that is needed twice
 * is computed twice: the local variable that would keep it adds more to the download.
 */
const SMALLER = ['-Oz', '--one-caller-inline-max-function-size=10', '--low-memory-unused', '--skip-pass=local-cse', '--converge'];

const NOT_INPUTS = ['core/tests', 'core/benches'];

/** Builds them unless the last ones are still right, and gives their folder. */
export async function buildGlue(tools, kind, report) {
  const panics = kind === 'panics';
  const glue = join(web, 'build', panics ? 'glue-panics' : 'glue');
  await unlessBuilt({
    name: panics ? 'build-glue-panics' : 'build-glue',
    product: join(glue, WASM),
    stamp: join(glue, '.fingerprint'),
    inputs: INPUTS,
    except: NOT_INPUTS,
    kind,
    servedBy: kind === 'quick' ? ['package'] : [],
    build: async () => {
      await buildBindings(tools, glue, kind, report);
      // The others are not downloaded.
      if (kind !== 'package') return;
      report('wasm-opt');
      const wasm = join(glue, WASM);
      await run(wasmOptBin(), [wasm, '-o', wasm, ...SMALLER], { env: withPackagedCommands(), onLine: report, label: 'wasm-opt' });
      await orderFunctions(wasm, report);
    },
  });
  return glue;
}

/** Builds it where cargo and wasm-bindgen put it. What is for this machine only needs no wasm-pack, which takes long to compile. */
async function buildBindings(tools, glue, kind, report) {
  if (kind !== 'quick') return wasmPack(await tools, glue, kind === 'panics', report);
  const flags = ['--target', 'web', '--out-name', 'dlmm_quote'];
  await buildRustWasm({ crate: 'dlmm-web', quick: true, tools, flags, out: glue }, report);
}

async function wasmPack({ wasmPack: program, wasmBindgen }, glue, panics, report) {
  await rm(glue, { recursive: true, force: true });
  const flags = ['--mode', 'no-install', '--target', 'web', '--no-pack', '--no-gitignore', '--no-opt', '--out-dir', glue, '--out-name', 'dlmm_quote'];
  const features = panics ? ['--', '--features', 'panic-on-purpose'] : [];
  const { PATH } = withPackagedCommands();
  await run(program, ['build', web, ...flags, '--profile', 'web', ...features], {
    // It takes wasm-bindgen from PATH and downloads nothing.
    env: {
      PATH: `${dirname(wasmBindgen)}:${PATH}`,
      CARGO_TARGET_DIR: webTargetDir,
      RUST_BACKTRACE: '0',
      // Messages of panics name source files; they are to say which, not where this machine keeps them. SHA-256 is
      // needed once for a verifiable quote, so its small form will do.
      RUSTFLAGS: ['--cfg sha2_backend="soft" --cfg sha2_backend_soft="compact"', ...remapped()].join(' '),
    },
    onLine: report,
    label: 'wasm-pack',
  });
}

/** Sources of the standard library lie under the toolchain where they are installed. */
function remapped() {
  const cargo = process.env.CARGO_HOME || join(homedir(), '.cargo');
  const rustup = process.env.RUSTUP_HOME || join(homedir(), '.rustup');
  const places = [[rustup, 'rustup'], [cargo, 'cargo'], [root, '.']];
  return places.map(([place, name]) => `--remap-path-prefix=${place}=${name}`);
}
