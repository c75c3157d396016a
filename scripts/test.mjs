// `npm test`: every check of this repository, in the order in which a mistake is cheapest to find.
//
//   npm test -- --list              names of the steps
//   npm test -- --only core,e2e     only these, and what they stand on
//   npm test -- --keep-going        all of them, even after one has failed
//   npm test -- --only nightly      what takes too long, or downloads too much, for every run
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSite } from './build-site.mjs';
import { checkBudgets } from './budgets.mjs';
import { buildWeb, saySizes } from './build-web.mjs';
import { buildPanickingWorker, buildWorker } from './build-worker.mjs';
import { checkLayout } from './layout.mjs';
import { root } from './paths.mjs';
import { endOnSignals } from './process/groups.mjs';
import { elapsed, explain, paint, say, step, Unusable } from './terminal/steps.mjs';
import { check, suite, testCounts } from './test/commands.mjs';
import { buildAllTests, rustTests } from './test/rust-tests.mjs';
import { ensureAllTools } from './tools.mjs';
import { checkSupplyChain } from './test/supply-chain.mjs';
import { ensurePackagesOf, modernNode, withPackagedCommands } from './tools/npm-packages.mjs';
import { ensurePrometheus } from './tools/prometheus.mjs';
import { ensureOpenapiPythonClient, ensureSchemathesis } from './tools/python-tool.mjs';
import { BARE_TARGET, WORKER_TARGET } from './tools/rust.mjs';

const DENY_WARNINGS = ['--', '-D', 'warnings'];
/** Where there is no std, a look at the code fails already. */
const coreFor = (target, ...flags) => ['check', '-p', 'dlmm-core', '--target', target, ...flags];

const STEPS = [
  { name: 'tools', run: ensureAllTools },
  { name: 'fmt', run: () => check('cargo', ['fmt', '--all', '--check']) },
  { name: 'layout', run: () => step('layout', checkLayout) },
  { name: 'scripts', run: () => nodeTests('scripts/**/*.test.mjs') },
  { name: 'clippy', run: () => check('cargo', ['clippy', '--workspace', '--all-targets', ...DENY_WARNINGS]) },
  {
    name: 'supply-chain',
    run: async () => {
      await nodeTests('tests/supply-chain/**/*.test.mjs');
      await checkSupplyChain();
    },
  },
  {
    name: 'clippy-worker',
    run: () => check('cargo', ['clippy', '-p', 'dlmm-worker', '--target', WORKER_TARGET, ...DENY_WARNINGS]),
  },
  {
    name: 'clippy-web',
    run: () => check('cargo', ['clippy', '-p', 'dlmm-web', '--target', WORKER_TARGET, ...DENY_WARNINGS]),
  },
  {
    name: 'features',
    run: () => check('cargo', ['clippy', '-p', 'dlmm-core', '--no-default-features', ...DENY_WARNINGS]),
  },
  {
    name: 'no-std',
    run: async () => {
      await check('cargo', coreFor(BARE_TARGET, '--no-default-features'));
      await check('cargo', coreFor(BARE_TARGET));
    },
  },
  {
    name: 'docs',
    run: async () => {
      await nodeTests('tests/docs/**/*.test.mjs');
      await check('cargo', ['doc', '--no-deps', '-p', 'dlmm-core'], { RUSTDOCFLAGS: '-Dwarnings' });
    },
  },
  { name: 'build-tests', run: buildAllTests },
  { name: 'core', run: () => rustTests(['dlmm-core'], { examples: ['core/src'] }) },
  { name: 'bench', run: () => rustTests(['dlmm-bench'], { flags: ['--lib'] }) },
  { name: 'worker-host', run: () => rustTests(['dlmm-worker']) },
  { name: 'web-host', run: () => rustTests(['dlmm-web']) },
  { name: 'cli', run: () => rustTests(['dlmm-cli']) },
  { name: 'fuzz', run: () => rustTests(['dlmm-model', 'dlmm-fuzz'], { examples: ['fuzz/model/src'] }) },
  // As `npm start` builds it: with the tests it would have other features, and its tests would wait for all of it again.
  { name: 'build-cli', run: () => check('cargo', ['build', '-p', 'dlmm-cli']) },
  {
    name: 'build-worker',
    ahead: true,
    run: async () => {
      await buildWorker();
      await buildPanickingWorker();
    },
  },
  {
    name: 'build-web',
    ahead: true,
    run: async () => {
      await buildWeb();
      await saySizes();
      await buildWeb({ panics: true });
    },
  },
  { name: 'budgets', needs: ['build-worker', 'build-web'], run: () => checkBudgets() },
  { name: 'npm', needs: ['build-cli', 'build-web'], run: () => nodeTests('tests/npm/**/*.test.mjs') },
  { name: 'build-site', run: () => buildSite() },
  { name: 'site', needs: ['build-site'], run: testSite },
  { name: 'dry-run', needs: ['build-worker', 'build-site'], run: dryRun },
  {
    name: 'e2e',
    needs: ['build-cli', 'build-worker', 'build-site'],
    run: () => nodeTests('tests/e2e/**/*.test.mjs'),
  },
  {
    name: 'api',
    needs: ['build-cli', 'build-worker'],
    run: async () => {
      // Only this step needs Python, so a machine without it loses only this step.
      await ensureSchemathesis();
      await nodeTests('tests/api/**/*.test.mjs');
    },
  },
  {
    name: 'browser',
    needs: ['build-cli', 'build-worker', 'build-site'],
    // A browser computes all the time that a page is open.
    run: () => nodeTestsAtOnce(availableParallelism(), 'tests/browser/**/*.test.mjs'),
  },
  {
    name: 'ops',
    needs: ['build-cli', 'build-worker'],
    run: async () => {
      // Only this step needs it, so a machine that cannot have it loses only this step.
      await ensurePrometheus();
      await nodeTests('tests/ops/**/*.test.mjs');
    },
  },
  {
    name: 'nightly',
    onlyByName: true,
    needs: ['build-cli', 'build-worker', 'build-web'],
    run: async () => {
      process.env.DLMM_SLOW_TESTS = '1';
      await nodeTests('tests/e2e/worker/gone-clients.test.mjs');
      await testsWithTools('tests/bundlers');
      await testsWithTools('tests/bundlers/nightly');
      await ensureOpenapiPythonClient();
      await testsWithTools('tests/generators');
    },
  },
];

/** Tests with tools that only they need, in versions of their own. */
async function testsWithTools(folder) {
  await step(`tools of ${folder}`, (report) => ensurePackagesOf(join(root, folder), report));
  await nodeTests(`${folder}/*.test.mjs`);
}

async function dryRun() {
  const node = await modernNode();
  for (const environment of ['', 'staging', 'production']) {
    const args = ['node_modules/wrangler/bin/wrangler.js', 'deploy', '--dry-run', '--env', environment];
    await check(node, args, { ...withPackagedCommands(), CLOUDFLARE_API_TOKEN: '' });
  }
}

/** The types of the pages against those of the package, then what needs no browser. */
async function testSite() {
  for (const project of ['web/playground', 'web/playground/offline', 'web/docs']) await check('tsc', ['-p', project], withPackagedCommands());
  await nodeTests('tests/site/**/*.test.mjs');
}

/** More files at once than processors: most of their time is spent waiting, for servers to start, limits to pass, events to come. */
const AT_ONCE = availableParallelism() + 1;

const nodeTests = (...files) => nodeTestsAtOnce(AT_ONCE, ...files);

async function nodeTestsAtOnce(atOnce, ...files) {
  const args = ['--test', `--test-concurrency=${atOnce}`, '--test-reporter=spec', '--test-timeout=300000', ...files];
  await suite(await modernNode(), args, withPackagedCommands());
}

function chosenSteps(only) {
  if (only === undefined) return STEPS.filter(({ onlyByName }) => !onlyByName);
  const names = new Set(['tools', ...only.split(',').map((name) => name.trim())]);
  for (const name of names) {
    const found = STEPS.find((one) => one.name === name);
    if (found === undefined) throw new Unusable(`There is no step ${name}; see npm test -- --list.`);
    found.needs?.forEach((needed) => names.add(needed));
  }
  return STEPS.filter(({ name }) => names.has(name));
}

/** What need not have passed before builds begin ahead. */
const QUICK = new Set(['tools', 'fmt', 'layout', 'scripts']);

/**
 * Begins builds of chosen steps, one after another, beside the steps before them: the linker uses one processor, and the
 * tests of the other crates the rest.
 */
function beginAhead(steps) {
  const begun = new Map();
  let last = Promise.resolve();
  for (const { name, run } of steps.filter(({ ahead }) => ahead)) {
    last = last.then(run);
    begun.set(name, last);
    // Told when its turn comes.
    last.catch(() => {});
  }
  return begun;
}

async function runSteps(steps, keepGoing) {
  const outcomes = [];
  let begun;
  for (const { name, run } of steps) {
    if (!QUICK.has(name)) begun ??= beginAhead(steps);
    const began = Date.now();
    say(paint('bold', `\n=== ${name}`));
    let error;
    try {
      await (begun?.get(name) ?? run());
    } catch (thrown) {
      error = thrown;
      explain(error);
    }
    outcomes.push({ name, ok: error === undefined, ms: Date.now() - began });
    if (error !== undefined && !keepGoing) break;
  }
  return outcomes;
}

function summarise(steps, outcomes) {
  say(paint('bold', '\n=== summary'));
  for (const { name } of steps) {
    const outcome = outcomes.find((one) => one.name === name);
    const mark = outcome === undefined ? paint('dim', '-') : outcome.ok ? paint('green', '✓') : paint('red', '✗');
    say(`${mark} ${name.padEnd(14)} ${outcome === undefined ? 'not run' : elapsed(outcome.ms)}`);
  }
  say(`\n${elapsed(outcomes.reduce((sum, { ms }) => sum + ms, 0))}`);
  const { passed, failed, skipped } = testCounts();
  const brokenSteps = outcomes.filter(({ ok }) => !ok).length;
  // CI reads this form. A step that failed without a failing test (a warning, a build) counts as one.
  say(`${passed} passed, ${Math.max(failed, brokenSteps)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
}

endOnSignals();
process.chdir(root);
// What it would make faster is the next build after a change, and in CI there is none.
if (process.env.CI) process.env.CARGO_INCREMENTAL ??= '0';
try {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, list: { type: 'boolean' }, 'keep-going': { type: 'boolean' } },
  });
  if (values.list) {
    for (const { name } of STEPS) say(name);
  } else {
    const steps = chosenSteps(values.only);
    const outcomes = await runSteps(steps, values['keep-going']);
    summarise(steps, outcomes);
    // A build that was begun ahead of a failure ends with this process.
    if (outcomes.some(({ ok }) => !ok)) process.exit(1);
  }
} catch (error) {
  explain(error.code?.startsWith('ERR_PARSE_ARGS') ? new Unusable(error.message) : error);
  process.exitCode = 1;
}
