// What somebody has set for `wrangler dev` in .dev.vars: it holds for `npm start` as well.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as util from 'node:util';
import { root } from '../paths.mjs';

/** Where wrangler looks for it. */
export const DEV_VARS = join(root, '.dev.vars');

/** A key that the service takes, where it asks for one. Node before 20.12 cannot read the file: then none is known. */
export function clientKey(file = DEV_VARS) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const keys = util.parseEnv?.(text).API_KEYS ?? '';
  return keys.split(',').map((key) => key.trim()).find((key) => key !== '');
}
