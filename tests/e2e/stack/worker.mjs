// The built Worker under the real workerd.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { root, workerBuild } from '../../../scripts/paths.mjs';
import { whenDone } from './cleanup.mjs';

const scriptPath = join(workerBuild, 'index.js');

/**
 * Starts the Worker in a fresh isolate: nothing that another one has seen is known to it.
 *
 * @param {object} [options]
 * @param {Record<string, string>} [options.vars] variables and secrets; nothing is taken from wrangler.toml
 * @param {number} [options.port] a free one if absent
 * @param {object} [options.bound] further bindings, as options of Miniflare
 * @param {object[]} [options.beside] Workers that these bindings lead to
 */
export async function startWorker({ vars = {}, port = 0, bound = {}, beside = [] } = {}) {
  if (!existsSync(scriptPath)) throw new Error('The Worker is not built; run: npm run build:worker');
  const logs = [];
  const main = {
    modules: true,
    modulesRoot: workerBuild,
    scriptPath,
    modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'], fallthrough: true }],
    compatibilityDate: compatibilityDate(),
    bindings: vars,
    ...bound,
  };
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port,
    // Miniflare would ask Cloudflare's servers where this machine is.
    cf: false,
    log: new Log(LogLevel.ERROR),
    handleRuntimeStdio: (...streams) => {
      for (const input of streams) createInterface({ input }).on('line', (line) => logs.push(line));
    },
    ...(beside.length === 0 ? main : { workers: [{ name: 'dlmm-quote', ...main }, ...beside] }),
  });
  let stopped;
  const stop = () => (stopped ??= miniflare.dispose());
  whenDone(stop);
  const url = (await miniflare.ready).origin;
  return {
    url,
    /** As the global `fetch`, with a path. */
    fetch: (path, init) => fetch(new URL(path, url), init),
    /** Lines that the Worker and workerd have written so far. */
    logs: () => [...logs],
    stop,
  };
}

function compatibilityDate() {
  const [, date] = readFileSync(join(root, 'wrangler.toml'), 'utf8').match(/^compatibility_date = "(.+)"$/m);
  return date;
}
