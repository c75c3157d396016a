// A real redis-server, from the system's own packages.
import { findCommand } from '../process/find-command.mjs';
import { run } from '../process/run.mjs';
import { step, Unusable } from '../terminal/steps.mjs';

/** Makes sure that `redis-server` and `redis-cli` are on `PATH`, installing them where that needs no password. */
export async function ensureRedisServer() {
  if (await present()) return;
  const installer = await findInstaller();
  if (installer === undefined) throw new Unusable(howToInstall());
  await step('redis-server', async (report) => {
    for (const [command, ...args] of installer) {
      await run(command, args, { env: { DEBIAN_FRONTEND: 'noninteractive' }, onLine: report });
    }
  });
  if (!(await present())) throw new Unusable(howToInstall());
}

async function present() {
  return (await findCommand('redis-server')) !== undefined && (await findCommand('redis-cli')) !== undefined;
}

async function findInstaller() {
  if (process.platform === 'darwin' && (await findCommand('brew'))) return [['brew', 'install', 'redis']];
  if ((await findCommand('apt-get')) === undefined) return undefined;
  const asRoot = process.getuid?.() === 0 ? [] : await passwordlessSudo();
  if (asRoot === undefined) return undefined;
  return [
    [...asRoot, 'apt-get', 'update', '-qq'],
    [...asRoot, 'apt-get', 'install', '-y', '--no-install-recommends', 'redis-server'],
  ];
}

async function passwordlessSudo() {
  if ((await findCommand('sudo')) === undefined) return undefined;
  return run('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n'],
    () => undefined,
  );
}

function howToInstall() {
  const how = process.platform === 'darwin' ? 'brew install redis' : 'sudo apt-get install redis-server';
  return `redis-server was not found. Install it (for example: ${how}) and run the command again.`;
}
