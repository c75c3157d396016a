// A real Prometheus and its promtool, from the system's own packages.
import { findCommand } from '../process/find-command.mjs';
import { ensureProgram } from './system-package.mjs';

/** Makes sure that `prometheus` and `promtool` are on `PATH`, installing them where that needs no password. */
export const ensurePrometheus = () =>
  ensureProgram({
    name: 'prometheus',
    present: async () => (await findCommand('prometheus')) !== undefined && (await findCommand('promtool')) !== undefined,
    debian: 'prometheus',
    brew: 'prometheus',
    how: process.platform === 'darwin' ? 'brew install prometheus' : 'sudo apt-get install prometheus',
  });
