// A real redis-server, from the system's own packages.
import { findCommand } from '../process/find-command.mjs';
import { ensureProgram } from './system-package.mjs';

/** Makes sure that `redis-server` and `redis-cli` are on `PATH`, installing them where that needs no password. */
export const ensureRedisServer = () =>
  ensureProgram({
    name: 'redis-server',
    present: async () => (await findCommand('redis-server')) !== undefined && (await findCommand('redis-cli')) !== undefined,
    debian: 'redis-server',
    brew: 'redis',
    how: process.platform === 'darwin' ? 'brew install redis' : 'sudo apt-get install redis-server',
  });
