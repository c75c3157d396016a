// `npm run pack`: builds the npm package and packs it into dlmm-quote-<version>.tgz.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildWeb } from './build-web.mjs';
import { root } from './paths.mjs';
import { endOnSignals } from './process/groups.mjs';
import { run } from './process/run.mjs';
import { explain, say } from './terminal/steps.mjs';

/** Packs the package into `folder` and gives the path of the tarball. */
export async function packWeb(folder = root) {
  const folderOfPackage = await buildWeb();
  const args = ['pack', folderOfPackage, '--pack-destination', folder, '--json', '--ignore-scripts'];
  const [{ filename }] = JSON.parse(await run('npm', args, { cwd: root, label: 'npm pack' }));
  return join(folder, filename);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  endOnSignals();
  try {
    say(await packWeb());
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
