// Installs what building, testing and running need and this machine lacks. A second run only looks.
import { pathToFileURL } from 'node:url';
import { endOnSignals } from './process/groups.mjs';
import { ensureChromium } from './tools/chromium.mjs';
import { ensureWasmBindgen, ensureWasmPack } from './tools/cargo-tool.mjs';
import { ensureNpmPackages } from './tools/npm-packages.mjs';
import { BARE_TARGET, ensureLinters, ensureRust, WORKER_TARGET } from './tools/rust.mjs';
import { ensureRedisServer } from './tools/redis-server.mjs';
import { explain, say } from './terminal/steps.mjs';

let buildTools;

/** What `npm run build:worker` needs, and `npm start`; looked for once. */
export const ensureBuildTools = () => (buildTools ??= findBuildTools());

async function findBuildTools() {
  await ensureRust([WORKER_TARGET]);
  // One waits for the network, the other for the processors.
  const [wasmBindgen] = await Promise.all([ensureWasmBindgen(), ensureNpmPackages()]);
  return { wasmBindgen };
}

/** What `npm run build:web` needs. */
export const ensurePackageTools = async () => ({ ...(await ensureBuildTools()), wasmPack: await ensureWasmPack() });

/** What `npm test` needs. */
export async function ensureAllTools() {
  await ensureRust([WORKER_TARGET, BARE_TARGET]);
  await ensureLinters();
  await ensurePackageTools();
  await ensureRedisServer();
  await ensureChromium();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  endOnSignals();
  try {
    await ensureAllTools();
    say('All tools are there.');
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
