import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { root } from '../paths.mjs';

/** Gives one hash of the names and contents of `inputs`, those below `except` left out; paths are relative to the root. */
export async function fingerprint(inputs, except = []) {
  const hash = createHash('sha256');
  for (const input of inputs) await add(join(root, input));
  return hash.digest('hex');

  async function add(path) {
    if (except.includes(relative(root, path))) return;
    if ((await stat(path)).isDirectory()) {
      for (const name of (await readdir(path)).sort()) await add(join(path, name));
      return;
    }
    const content = await readFile(path);
    hash.update(`${relative(root, path)}\0${content.length}\0`).update(content);
  }
}
