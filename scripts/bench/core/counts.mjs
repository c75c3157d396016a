// How many instructions a case takes, by callgrind: a number that does not drift with what else the machine does.
import { run } from '../../process/run.mjs';

/** Whether valgrind is on this machine. */
export const hasValgrind = () =>
  run('valgrind', ['--version']).then(
    (version) => version.trim(),
    () => undefined,
  );

/** Instructions of one run of each case by its name; `undefined` without valgrind. */
export async function instructionCounts(program, names) {
  if ((await hasValgrind()) === undefined) return undefined;
  const counts = {};
  for (const name of names) counts[name] = await countOf(program, name);
  return counts;
}

async function countOf(program, name) {
  const args = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--collect-atstart=no', '--toggle-collect=dlmm_bench::counted*', program, 'count', name];
  let collected;
  const onLine = (line) => (collected = line.match(/ Collected : (\d+)/)?.[1] ?? collected);
  await run('valgrind', args, { env: { RUST_BACKTRACE: '0' }, onLine, label: 'valgrind' });
  if (!(Number(collected) > 0)) throw new Error(`callgrind saw nothing of ${name}`);
  return Number(collected);
}
