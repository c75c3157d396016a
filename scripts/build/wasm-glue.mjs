// The wasm file of the npm package and its bindings, by wasm-pack. They are kept apart from the JavaScript around them, so that a change there compiles no Rust.
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { root, webTargetDir } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { withPackagedCommands } from '../tools/npm-packages.mjs';
import { orderFunctions } from './order-functions.mjs';
import { unlessBuilt } from './unless-built.mjs';

export const WASM = 'dlmm_quote_bg.wasm';

const web = join(root, 'web');

/** Everything that decides what comes out, relative to the root. wasm-opt is binaryen's. */
const INPUTS = [
  ...['Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'core', 'web/Cargo.toml', 'web/src'],
  ...['node_modules/binaryen/package.json', 'scripts/build/wasm-glue.mjs', 'scripts/build/order-functions.mjs'],
];

const NOT_INPUTS = ['core/tests', 'core/benches'];

/** Builds them unless the last ones are still right, and gives their folder. */
export async function buildGlue(tools, panics, report) {
  const glue = join(web, 'build', panics ? 'glue-panics' : 'glue');
  await unlessBuilt({
    name: panics ? 'build-glue-panics' : 'build-glue',
    product: join(glue, WASM),
    stamp: join(glue, '.fingerprint'),
    inputs: INPUTS,
    except: NOT_INPUTS,
    kind: panics ? 'panics' : 'package',
    build: async () => {
      await rm(glue, { recursive: true, force: true });
      await wasmPack(tools, glue, panics, report);
      // What panics on purpose is not downloaded.
      if (!panics) await orderFunctions(join(glue, WASM), report);
    },
  });
  return glue;
}

function wasmPack({ wasmPack: program, wasmBindgen }, glue, panics, report) {
  const flags = ['--mode', 'no-install', '--target', 'web', '--no-pack', '--no-gitignore', '--out-dir', glue, '--out-name', 'dlmm_quote'];
  const kind = panics ? ['--profile', 'web', '--no-opt'] : ['--profile', 'web'];
  const features = panics ? ['--', '--features', 'panic-on-purpose'] : [];
  const { PATH } = withPackagedCommands();
  return run(program, ['build', web, ...flags, ...kind, ...features], {
    // wasm-pack takes wasm-bindgen and wasm-opt from PATH and downloads nothing.
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
