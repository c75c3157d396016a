// Instruction counts and wasm sizes against `bench/budgets.json`.
//
//   npm run budgets                 compares; the step `budgets` of npm test
//   npm run budgets -- --update     writes the file anew: commit it with the change that moved the numbers
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildBenchProgram } from './bench/core/builds.mjs';
import { hasValgrind, instructionCounts } from './bench/core/counts.mjs';
import { fileSize } from './build/file-size.mjs';
import { buildWeb } from './build-web.mjs';
import { buildWorker } from './build-worker.mjs';
import { movedTooFar, TOLERANCE } from './budgets/compare.mjs';
import { root, webPackage, workerBuild } from './paths.mjs';
import { endOnSignals } from './process/groups.mjs';
import { run } from './process/run.mjs';
import { explain, say, Unusable } from './terminal/steps.mjs';

const budgets = join(root, 'bench', 'budgets.json');

const FILES = { 'worker wasm': join(workerBuild, 'index_bg.wasm'), 'package wasm': join(webPackage, 'dlmm_quote_bg.wasm') };

/** Cases whose instructions are guarded: one of every kind of work. */
const COUNTED = ['walk/1', 'walk/50', 'walk-large/50', 'exact-out/50', 'candidates/20', 'candidates/100-names', 'route/20', 'split/at-most-4', 'split/any', 'hostile/parallel', 'hostile/four-hops-of-sixteen', 'hostile/grid', 'hostile/circles-that-gain', 'decode/pool', 'decode/101-bins', 'whole/50'];

/** Builds what is not built, and compares; throws with everything that moved. */
export async function checkBudgets({ update = false } = {}) {
  await buildWorker();
  await buildWeb();
  const committed = await readFile(budgets, 'utf8').then(JSON.parse, () => ({ counted_with: undefined, sizes: {}, counts: {} }));
  const sizes = await measuredSizes();
  const counted_with = `${(await run('rustc', ['--version'])).trim()}, ${process.platform} ${process.arch}`;
  const counts = await measuredCounts(update ? counted_with : committed.counted_with, counted_with);
  if (update) {
    // Without valgrind the counts stay as they are.
    const kept = counts === undefined ? { counted_with: committed.counted_with, counts: committed.counts } : { counted_with, counts };
    await writeFile(budgets, `${JSON.stringify({ sizes, ...kept }, null, 2)}\n`);
    return say('bench/budgets.json is written; commit it with what moved the numbers.');
  }
  const moved = movedTooFar(committed.sizes, sizes, TOLERANCE.sizes);
  if (counts !== undefined) moved.push(...movedTooFar(committed.counts, counts, TOLERANCE.counts));
  if (moved.length > 0) {
    throw new Unusable(`Different from bench/budgets.json:\n  ${moved.join('\n  ')}\nIf that is meant: npm run budgets -- --update, and commit the file.`);
  }
  say(`${Object.keys(sizes).length} sizes and ${Object.keys(counts ?? {}).length} instruction counts are as bench/budgets.json has them.`);
}

async function measuredSizes() {
  const sizes = {};
  for (const [name, file] of Object.entries(FILES)) {
    const { raw, gzip } = await fileSize(file);
    Object.assign(sizes, { [name]: raw, [`${name}, gzip`]: gzip });
  }
  return sizes;
}

/** Gives nothing, and says why, where counts would not compare. */
async function measuredCounts(wanted, present) {
  if (wanted !== present) {
    say(`counts not checked: they were taken with ${wanted ?? 'nothing'}, this is ${present}`);
    return undefined;
  }
  if ((await hasValgrind()) === undefined) {
    say('valgrind not found, counts not checked');
    return undefined;
  }
  return instructionCounts(await buildBenchProgram(), COUNTED);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  endOnSignals();
  try {
    const { values } = parseArgs({ options: { update: { type: 'boolean' } } });
    await checkBudgets(values);
  } catch (error) {
    explain(error.code?.startsWith('ERR_PARSE_ARGS') ? new Unusable(error.message) : error);
    process.exitCode = 1;
  }
}
