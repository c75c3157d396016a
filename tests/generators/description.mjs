// The description, a running Worker that it describes, and a folder in which a generator writes a client of it.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { modernNode } from '../../scripts/tools/npm-packages.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';
import { startMarket } from '../e2e/worker/market.mjs';

const HERE = join(root, 'tests/generators');

export const DESCRIPTION = join(root, 'docs/openapi.json');

/** The installed command `name`. */
export const command = (name) => join(HERE, 'node_modules', '.bin', name);

export const ADMIN_TOKEN = 'operator-token-0123456789';

/** Starts a Worker over the sample market and gives its address. */
export const startEdge = async () => (await startMarket({ vars: { ADMIN_TOKEN } })).worker.url;

/** A folder whose modules find the packages of this one; gone when the tests of the file are over. */
export async function workplace() {
  await mkdir(join(HERE, 'clients'), { recursive: true });
  const folder = await mkdtemp(join(HERE, 'clients', 'client-'));
  whenDone(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Checks a TypeScript program under `strict`, runs it, and gives the lines it prints. */
export async function compiledAndRun(folder, file, url) {
  const options = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022', '--module', 'nodenext', '--allowImportingTsExtensions', '--lib', 'es2022,dom,dom.iterable'];
  await run(command('tsc'), [...options, file], { cwd: folder });
  const program = await run(await modernNode(), ['--experimental-transform-types', '--no-warnings', file], { cwd: folder, env: { EDGE: url } });
  return program.trim().split('\n');
}
