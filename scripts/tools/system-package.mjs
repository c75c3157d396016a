// Programs from the system's own packages, installed where that needs no password.
import { findCommand } from '../process/find-command.mjs';
import { run } from '../process/run.mjs';
import { step, Unusable } from '../terminal/steps.mjs';

/**
 * Makes sure that a program is there.
 *
 * @param {object} options
 * @param {string} options.name what it is called
 * @param {() => Promise<boolean>} options.present
 * @param {string} options.debian the Debian package
 * @param {string} [options.brew] the Homebrew formula, where there is one
 * @param {string} options.how an example of how to install it by hand on this system
 */
export async function ensureProgram({ name, present, debian, brew, how }) {
  if (await present()) return;
  const missing = new Unusable(`${name} was not found. Install it (for example: ${how}) and run the command again.`);
  const installer = await findInstaller(debian, brew);
  if (installer === undefined) throw missing;
  await step(name, async (report) => {
    for (const [command, ...args] of installer) {
      await run(command, args, { env: { DEBIAN_FRONTEND: 'noninteractive' }, onLine: report });
    }
  });
  if (!(await present())) throw missing;
}

async function findInstaller(debian, brew) {
  if (process.platform === 'darwin') {
    return brew !== undefined && (await findCommand('brew')) ? [['brew', 'install', brew]] : undefined;
  }
  if ((await findCommand('apt-get')) === undefined) return undefined;
  const asRoot = process.getuid?.() === 0 ? [] : await passwordlessSudo();
  if (asRoot === undefined) return undefined;
  return [
    [...asRoot, 'apt-get', 'update', '-qq'],
    [...asRoot, 'apt-get', 'install', '-y', '--no-install-recommends', debian],
  ];
}

async function passwordlessSudo() {
  if ((await findCommand('sudo')) === undefined) return undefined;
  return run('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n'],
    () => undefined,
  );
}
