// The built Worker under the real workerd.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { panickingWorkerBuild, root, siteDir, workerBuild } from '../../../scripts/paths.mjs';
import { whenDone } from './cleanup.mjs';

/**
 * Starts the Worker in a fresh isolate: nothing that another one has seen is known to it.
 *
 * @param {object} [options]
 * @param {Record<string, string>} [options.vars] variables and secrets; nothing is taken from wrangler.toml
 * @param {number} [options.port] a free one if absent
 * @param {object} [options.bound] further bindings, as options of Miniflare
 * @param {object[]} [options.beside] Workers that these bindings lead to
 * @param {string} [options.front] source of a Worker in front, which reaches this one as its service `QUOTE`
 * @param {boolean} [options.panics] the build that has paths which panic on purpose
 * @param {string} [options.spoiled] source that spoils what the platform gives, for faults that it cannot be made to have
 * @param {boolean} [options.site] serves the playground and the API reference too, as `[assets]` of wrangler.toml says
 */
export async function startWorker({ vars = {}, port = 0, bound = {}, beside = [], front, panics = false, spoiled, site = false } = {}) {
  const folder = panics ? panickingWorkerBuild : workerBuild;
  const scriptPath = join(folder, 'index.js');
  if (!existsSync(scriptPath)) throw new Error('The Worker is not built; run: npm run build:worker');
  if (site && !existsSync(join(siteDir, 'index.html'))) throw new Error('The site is not built; run: npm run build:site');
  const logs = [];
  const main = {
    ...(spoiled === undefined ? { modules: true, scriptPath } : { modules: around(scriptPath, spoiled) }),
    modulesRoot: folder,
    modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'], fallthrough: true }],
    compatibilityDate: wranglerSetting('compatibility_date'),
    compatibilityFlags: wranglerSetting('compatibility_flags'),
    bindings: vars,
    assets: site ? assetOptions() : undefined,
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
    // The first one gets the requests.
    ...(front === undefined && beside.length === 0 ? main : { workers: [...inFront(front), { name: 'dlmm-quote', ...main }, ...beside] }),
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

function inFront(script) {
  if (script === undefined) return [];
  return [{ name: 'front', modules: true, script, compatibilityDate: wranglerSetting('compatibility_date'), serviceBindings: { QUOTE: 'dlmm-quote' } }];
}

/** The Worker's modules behind one that runs first what it is given. */
function around(scriptPath, source) {
  const folder = dirname(scriptPath);
  const contents = `${source}\nexport * from './index.js';\nexport { default } from './index.js';\n`;
  return [
    { type: 'ESModule', path: join(folder, 'spoiled.js'), contents },
    { type: 'ESModule', path: scriptPath },
    { type: 'CompiledWasm', path: join(folder, 'index_bg.wasm') },
  ];
}

function assetOptions() {
  const [html_handling, not_found_handling] = ['html_handling', 'not_found_handling'].map(wranglerSetting);
  return {
    directory: siteDir,
    // Files first, as on Cloudflare; miniflare alone would take the Worker to be absent.
    routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: false },
    assetConfig: { html_handling, not_found_handling },
  };
}

/** What stands behind a name in wrangler.toml; texts and lists look there as they do in JSON. */
function wranglerSetting(name) {
  const [, text] = readFileSync(join(root, 'wrangler.toml'), 'utf8').match(new RegExp(`^${name} = (.+)$`, 'm'));
  return JSON.parse(text);
}
