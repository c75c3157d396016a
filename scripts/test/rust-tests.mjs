// Tests of Rust crates: all of them compiled at once where all of them are to run, and each crate's by itself where only some are.
//
// cargo compiles a crate anew for every set of features that is asked of it, and each `cargo test -p` asks for the set of
// its own package. In one build of them all every crate is compiled once.
import { dirname } from 'node:path';
import { root } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { step } from '../terminal/steps.mjs';
import { suite } from './commands.mjs';

/** The same for whatever asks cargo about the shared build, for another selection has other features. The tool that writes bindings has no tests. */
const ALL = ['--workspace', '--exclude', 'dlmm-bindgen'];

/** For tests in documentation libraries are built whole, which these need not be: they have none. */
const NO_EXAMPLES = ['--exclude', 'dlmm-bench', '--exclude', 'dlmm-web'];

let built;

/** Compiles all tests. */
export async function buildAllTests() {
  const args = ['build', ...ALL, '--tests', '--message-format', 'json-render-diagnostics'];
  const label = 'cargo build --workspace --tests';
  built = testsIn(await step(label, (report) => run('cargo', args, { onLine: (line, stream) => stream === 'stderr' && report(line), label })));
}

/**
 * Runs the tests of some packages.
 *
 * @param {string[]} packages
 * @param {object} [options]
 * @param {string[]} [options.flags] which tests cargo compiles when it compiles them for this step alone
 * @param {string[]} [options.examples] where sources are whose documentation has examples to run
 */
export async function rustTests(packages, { flags = [], examples = [] } = {}) {
  if (built === undefined) return suite('cargo', ['test', ...packages.flatMap((name) => ['-p', name]), ...flags]);
  for (const { executable, folder } of built.filter(({ name }) => packages.includes(name))) {
    // As cargo runs them: in the folder of their package.
    await suite(executable, [], { CARGO_MANIFEST_DIR: folder }, folder);
  }
  for (const path of examples) await suite('cargo', ['test', ...ALL, ...NO_EXAMPLES, '--doc', '--', path]);
}

/** Gives the programs that cargo has told of, each with its package's name and folder. */
export function testsIn(output) {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter(({ reason, profile, executable }) => reason === 'compiler-artifact' && profile.test && executable !== null)
    .map(({ package_id: id, manifest_path: manifest, executable }) => ({ name: nameOf(id), folder: dirname(manifest), executable }));
}

/** `path+file:///…/core#dlmm-core@0.1.0`; where the folder has the package's name, it is left out: `…/dlmm-core#0.1.0`. */
function nameOf(id) {
  const [path, fragment] = id.split('#');
  return fragment.includes('@') ? fragment.split('@')[0] : path.split('/').at(-1);
}
