// Long fuzzing runs.
//
//   npm run fuzz                                          ten minutes of each target, then the differential run
//   npm run fuzz -- --minutes 1 --target snapshot,reply   only these
//   npm run fuzz -- --target differential --swaps 50000000
//
// New inputs are kept in target/fuzz-corpus; a finding ends the run and says where its input is.
import { mkdir, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { root, targetDir } from './paths.mjs';
import { findCommand } from './process/find-command.mjs';
import { endOnSignals } from './process/groups.mjs';
import { CommandFailed, run } from './process/run.mjs';
import { explain, paint, say, step, Unusable } from './terminal/steps.mjs';
import { ensureCargoFuzz } from './tools/cargo-tool.mjs';
import { ensureRust } from './tools/rust.mjs';

const DIFFERENTIAL = 'differential';
/** An input that takes longer is a finding, and so is one that needs more memory. */
const LIMITS = ['-timeout=20', '-rss_limit_mb=2048', '-max_len=32768'];
/** The sanitizers look for faults of unsafe code, of which the engine has none, and need a nightly compiler. */
const BUILD = ['--sanitizer', 'none', '--features', 'libfuzzer'];
/** Whole-program optimisation would undo the instrumentation. */
const BUILD_ENV = { CARGO_PROFILE_RELEASE_LTO: 'off' };

async function allTargets() {
  const files = await readdir(join(root, 'fuzz', 'fuzz_targets'));
  return files.map((file) => file.replace(/\.rs$/, '')).sort();
}

async function build(cargoFuzz) {
  const args = ['fuzz', 'build', ...BUILD];
  await step('build of the targets', (report) => run(cargoFuzz, args, { cwd: root, env: BUILD_ENV, onLine: report }));
}

/** Fuzzes one target and gives how many inputs it ran. */
async function fuzz(cargoFuzz, target, minutes) {
  const found = join(targetDir, 'fuzz-corpus', target);
  await mkdir(found, { recursive: true });
  let executed = 0;
  let input;
  const onLine = (line, report) => {
    executed = Number(line.match(/^stat::number_of_executed_units:\s*(\d+)/)?.[1] ?? line.match(/^#(\d+)\s/)?.[1] ?? executed);
    input ??= line.match(/Test unit written to (.+)$/)?.[1];
    report(line);
  };
  const options = [`-max_total_time=${Math.ceil(minutes * 60)}`, '-print_final_stats=1', ...LIMITS, `-dict=${join(root, 'fuzz', 'json.dict')}`];
  const args = ['fuzz', 'run', ...BUILD, target, found, join(root, 'fuzz', 'corpus', target), '--', ...options];
  try {
    await step(`${target}, ${minutes} min`, (report) =>
      run(cargoFuzz, args, { cwd: root, env: BUILD_ENV, onLine: (line) => onLine(line, report) }),
    );
  } catch (error) {
    if (input === undefined) throw error;
    say(paint('red', `${target}: a finding after ${executed} inputs. Its input is ${relative(root, input)}`));
    say(`Run it again: cargo fuzz run ${BUILD.join(' ')} ${target} ${relative(root, input)}`);
    throw error;
  }
  return executed;
}

async function differential(swaps) {
  const args = ['run', '--profile', 'fuzz', '-p', 'dlmm-fuzz', '--example', DIFFERENTIAL, '--', '--swaps', String(swaps), '--seed', String(seed())];
  const output = await step(`${swaps} swaps against the model`, (report) => run('cargo', args, { cwd: root, onLine: report }));
  say(output.trim().split('\n').at(-1));
}

/** Another one each day, so that runs do not all try the same. */
const seed = () => Math.floor(Date.now() / 86_400_000);

endOnSignals();
try {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '10' }, target: { type: 'string' }, swaps: { type: 'string', default: '10000000' } },
  });
  const [minutes, swaps] = [Number(values.minutes), Number(values.swaps)];
  if (!(minutes > 0) || !Number.isInteger(swaps) || swaps < 1) throw new Unusable('--minutes and --swaps must be numbers above zero.');
  const known = [...(await allTargets()), DIFFERENTIAL];
  const wanted = values.target?.split(',').map((name) => name.trim()) ?? known;
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Unusable(`There is no target ${unknown}. Targets: ${known.join(', ')}.`);
  await ensureRust();
  const counts = [];
  const fuzzed = wanted.filter((name) => name !== DIFFERENTIAL);
  if (fuzzed.length > 0) {
    if ((await findCommand('c++')) === undefined) {
      throw new Unusable('libFuzzer is built from C++ sources, and no C++ compiler (c++) was found. Install one, for example with: apt-get install g++');
    }
    const cargoFuzz = await ensureCargoFuzz();
    await build(cargoFuzz);
    for (const target of fuzzed) counts.push([target, await fuzz(cargoFuzz, target, minutes)]);
  }
  if (wanted.includes(DIFFERENTIAL)) await differential(swaps);
  for (const [target, executed] of counts) say(`${target.padEnd(16)} ${String(executed).padStart(12)} inputs, no finding`);
} catch (error) {
  explain(error);
  process.exitCode = error instanceof CommandFailed || error instanceof Unusable ? 1 : 2;
}
