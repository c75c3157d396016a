// Which JavaScript and TypeScript files use which.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Gives the graph of these files. An import of types alone is none: nothing of it is left when the code runs. */
export function jsFilesOf(files) {
  return new Map(files.map((file) => [file, new Set(importsOf(readFileSync(file, 'utf8')).map((path) => join(dirname(file), path)).map(withEnding).filter((used) => files.includes(used)))]));
}

function importsOf(code) {
  const from = /^\s*(?:import|export)\s+(?!type\b)[^;'"]*?\bfrom\s*['"](\.[^'"]+)['"]|^\s*import\s*['"](\.[^'"]+)['"]/gm;
  return [...code.matchAll(from)].map(([, named, whole]) => named ?? whole);
}

const withEnding = (path) => [path, `${path}.ts`, `${path}.js`, path.replace(/\.js$/, '.ts')].find((one) => existsSync(one) && /\.\w+$/.test(one)) ?? path;
