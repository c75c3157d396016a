// The packed tarball, installed into an empty project as a user would.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packWeb } from '../../scripts/pack-web.mjs';
import { run } from '../../scripts/process/run.mjs';
import { modernNode } from '../../scripts/tools/npm-packages.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';

/** A folder that is gone when the tests of the file are over. */
export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'dlmm-packaging-'));
  whenDone(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Packs the package and gives the path of the tarball. */
export async function packed() {
  return packWeb(await temporaryFolder());
}

/**
 * Installs the tarball into an empty project, without a network.
 *
 * @param {Record<string, string>} files what to write into the project, by path
 * @returns {Promise<{folder: string, node: (...args: string[]) => Promise<string>}>}
 */
export async function project(files = {}) {
  const folder = await temporaryFolder();
  const tarball = await packed();
  await writeFile(join(folder, 'package.json'), '{"name":"consumer","private":true}');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], { cwd: folder });
  await write(folder, files);
  const program = await modernNode();
  return { folder, node: async (...args) => (await run(program, args, { cwd: folder })).trim() };
}

/** Writes files below a folder. */
export async function write(folder, files) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
