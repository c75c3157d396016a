// What package-lock.json names, and a Node that is new enough for wrangler.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeModules, root } from '../paths.mjs';
import { isExecutable } from '../process/find-command.mjs';
import { withLock } from '../process/lock.mjs';
import { run } from '../process/run.mjs';
import { step, Unusable } from '../terminal/steps.mjs';

/** wrangler refuses to run on an older Node. */
const NODE_FOR_WRANGLER = [22, 12];

/** Installs the npm packages unless every one that this machine needs is there in its locked version. */
export async function ensureNpmPackages() {
  if (await matchesLock()) return;
  await step('npm packages', (report) =>
    withLock(
      join(root, 'target', 'npm-ci.lock'),
      async () => {
        if (await matchesLock()) return;
        await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, onLine: report, label: 'npm ci' });
      },
      report,
    ),
  );
}

/** Installs what another folder's package-lock.json names, unless it is there. */
export async function ensurePackagesOf(folder, report) {
  if (await matchesLock(folder)) return;
  // Programs that packages compile, or fetch, when they are installed are not needed by any of them here.
  // Not `npm ci`: it wants optional packages of other systems in the lock, which npm itself leaves out.
  await run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, onLine: report, label: 'npm install' });
}

async function matchesLock(folder = root) {
  const wanted = await packagesOf(join(folder, 'package-lock.json'));
  // npm writes this list at the end of an installation.
  const present = await packagesOf(join(folder, 'node_modules', '.package-lock.json')).catch(() => ({}));
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const isRoot = path === '';
    return isRoot || present[path]?.version === version || (optional && present[path] === undefined);
  });
}

async function packagesOf(lockFile) {
  return JSON.parse(await readFile(lockFile, 'utf8')).packages ?? {};
}

/** Gives the path of a Node that can run wrangler: the packaged one where there is one, else this one. */
export async function modernNode() {
  const packaged = join(nodeModules, '.bin', 'node');
  if (await isExecutable(packaged)) return packaged;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_FOR_WRANGLER[0] || (major === NODE_FOR_WRANGLER[0] && minor >= NODE_FOR_WRANGLER[1])) {
    return process.execPath;
  }
  throw new Unusable(
    `wrangler needs Node ${NODE_FOR_WRANGLER.join('.')} or newer; this is ${process.versions.node}, and npm has no ` +
      `newer one to install for ${process.platform} ${process.arch}. Install it from https://nodejs.org.`,
  );
}

/** Environment in which a child finds the packaged commands first, Node among them. */
export function withPackagedCommands() {
  return { PATH: `${join(nodeModules, '.bin')}:${process.env.PATH ?? ''}` };
}

/** Gives the path of wasm-opt. */
export const wasmOptBin = () => process.env.WASM_OPT_BIN || join(nodeModules, '.bin', 'wasm-opt');
