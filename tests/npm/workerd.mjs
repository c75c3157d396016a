// A Worker that a consumer of the package has built, under workerd.
import { join } from 'node:path';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { whenDone } from '../e2e/stack/cleanup.mjs';

/** Starts `worker.js` of a folder, with the wasm beside it; gives its URL. */
export function startBuilt(folder) {
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    cf: false,
    log: new Log(LogLevel.ERROR),
    modules: true,
    modulesRoot: folder,
    scriptPath: join(folder, 'worker.js'),
    modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'], fallthrough: true }],
    compatibilityDate: '2026-07-01',
  });
  whenDone(() => miniflare.dispose());
  return miniflare.ready;
}
