// Files that import each other in a circle: each of them can only be understood, and loaded, together with the others.
import { parseCircular, parseDependencyTree } from 'dpdm';

/** What is not ours, or made from what is. */
const NOT_OURS = /node_modules|\/web\/(pkg|site)\//;

/**
 * Reads files by their globs and what they import, and gives the circles, each as a list of paths, and relative imports
 * that lead to no file: what stands behind them would be seen by nobody.
 */
export async function importCircles(globs, cwd) {
  const tree = await parseDependencyTree(globs, { context: cwd, cwd, exclude: NOT_OURS, extensions: ['', '.ts', '.mjs', '.js', '.d.ts'] });
  const read = Object.entries(tree).filter(([, imports]) => imports !== null);
  const lost = read.flatMap(([file, imports]) => imports.filter(({ id, request }) => id === null && /^\.\.?\/.*(?<!\.wasm)$/.test(request)).map(({ request }) => `${file}: ${request}`));
  return { files: read.length, circles: parseCircular(tree), lost };
}
