// Files that import each other in a circle: each of them can only be understood, and loaded, together with the others.
import { parseCircular, parseDependencyTree } from 'dpdm';

/** What is not ours, or made from what is. */
const NOT_OURS = /node_modules|\/web\/(pkg|site|build)\//;

/** Declarations name the built files that they describe. */
const DECLARES = /\.d\.ts$/;

/**
 * Reads files by their globs and what they import, and gives the circles, each as a list of paths, and relative imports
 * that lead to no file: what stands behind them would be seen by nobody.
 */
export async function importCircles(globs, cwd) {
  // Files are read at once and come in any order; a circle begins where its first file stands.
  const found = await parseDependencyTree(globs, { context: cwd, cwd, exclude: NOT_OURS, extensions: ['', '.ts', '.mjs', '.js', '.d.ts'] });
  const tree = Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
  const read = Object.entries(tree).filter(([, imports]) => imports !== null);
  const isLost = ({ id, request }) => id === null && /^\.\.?\/.*(?<!\.wasm)$/.test(request) && !NOT_OURS.test(request);
  const lost = read.filter(([file]) => !DECLARES.test(file)).flatMap(([file, imports]) => imports.filter(isLost).map(({ request }) => `${file}: ${request}`));
  return { files: read.length, circles: parseCircular(tree), lost };
}
