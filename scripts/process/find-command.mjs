import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Gives the full path of a command on `PATH`, or `undefined`. */
export async function findCommand(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** Says whether `path` is there and may be run. */
export async function isExecutable(path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
