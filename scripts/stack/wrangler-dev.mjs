// `wrangler dev`: the Worker under workerd, rebuilt when its sources change.
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeModules, root } from '../paths.mjs';
import { Service } from '../process/service.mjs';
import { modernNode, withPackagedCommands } from '../tools/npm-packages.mjs';
import { DEV_VARS } from './dev-vars.mjs';

/**
 * @param {object} options
 * @param {number} options.port
 * @param {Record<string, string>} options.vars they win over .dev.vars and wrangler.toml
 * @param {(line: string) => void} [options.onLine]
 */
export async function startWranglerDev({ port, vars, onLine }) {
  // The token goes through a file only we can read: arguments are seen by every user of the machine.
  const folder = await mkdtemp(join(tmpdir(), 'dlmm-start-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const varsFile = join(folder, 'vars.env');
  await writeFile(varsFile, Object.entries(vars).map(([name, value]) => `${name}="${value}"\n`).join(''), { mode: 0o600 });

  const files = [DEV_VARS, varsFile].filter((file) => existsSync(file));
  return Service.start({
    name: 'wrangler dev',
    command: await modernNode(),
    args: [
      join(nodeModules, 'wrangler', 'bin', 'wrangler.js'),
      ...['dev', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'],
      ...files.flatMap((file) => ['--env-file', file]),
      '--show-interactive-dev-session=false',
    ],
    cwd: root,
    env: {
      ...withPackagedCommands(),
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_SEND_ERROR_REPORTS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_WRITE_LOGS: 'false',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      FORCE_COLOR: '0',
    },
    ready: (line) => line.includes(`Ready on http://127.0.0.1:${port}`),
    readyMs: 120_000,
    onLine,
  });
}
