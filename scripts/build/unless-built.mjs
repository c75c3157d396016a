// A build that is skipped while nothing that goes into it has changed.
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { targetDir } from '../paths.mjs';
import { withLock } from '../process/lock.mjs';
import { fingerprint } from '../tools/fingerprint.mjs';

/**
 * Runs `build` unless what is there was built from the same inputs; one process at a time.
 *
 * @param {object} options
 * @param {string} options.name of the lock
 * @param {string} options.product a file that the build leaves behind
 * @param {string} options.stamp where to note what was built
 * @param {string[]} options.inputs everything that decides what comes out, relative to the root
 * @param {string[]} [options.except] what below them does not
 * @param {string} options.kind how it is built
 * @param {string[]} [options.servedBy] further kinds that serve as well
 * @param {() => Promise<void>} options.build
 */
export async function unlessBuilt({ name, product, stamp, inputs, except = [], kind, servedBy = [], build }) {
  await withLock(join(targetDir, `${name}.lock`), async () => {
    const hash = await fingerprint(inputs, except);
    const present = await readFile(stamp, 'utf8').catch(() => undefined);
    if ([kind, ...servedBy].some((one) => present === `${hash} ${one}`) && existsSync(product)) return;
    await rm(stamp, { force: true });
    await build();
    await writeFile(stamp, `${hash} ${kind}`);
  });
}
