// Programs that the system's own package manager has: Redis, Prometheus.
import { findCommand } from '../process/find-command.mjs';
import { run } from '../process/run.mjs';
import { step, Unusable } from '../terminal/steps.mjs';

/** Makes sure that `redis-server` and `redis-cli` are on `PATH`, installing them where that needs no password. */
export async function ensureRedisServer() {
  await ensurePackage({ commands: ['redis-server', 'redis-cli'], debian: 'redis-server', brew: 'redis' });
}

/** Makes sure that `prometheus` and `promtool` are on `PATH`, installing them where that needs no password. */
export async function ensurePrometheus() {
  await ensurePackage({ commands: ['prometheus', 'promtool'], debian: 'prometheus', brew: 'prometheus' });
}

async function ensurePackage({ commands, debian, brew }) {
  if (await present(commands)) return;
  const installer = await findInstaller(debian, brew);
  if (installer === undefined) throw new Unusable(howToInstall(commands[0], debian, brew));
  await step(commands[0], async (report) => {
    for (const [command, ...args] of installer) {
      await run(command, args, { env: { DEBIAN_FRONTEND: 'noninteractive' }, onLine: report });
    }
  });
  if (!(await present(commands))) throw new Unusable(howToInstall(commands[0], debian, brew));
}

async function present(commands) {
  const found = await Promise.all(commands.map(findCommand));
  return found.every((path) => path !== undefined);
}

async function findInstaller(debian, brew) {
  if (process.platform === 'darwin' && (await findCommand('brew'))) return [['brew', 'install', brew]];
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

function howToInstall(name, debian, brew) {
  const how = process.platform === 'darwin' ? `brew install ${brew}` : `sudo apt-get install ${debian}`;
  return `${name} was not found. Install it (for example: ${how}) and run the command again.`;
}
