// Which files of a Rust crate use which: what the compiler sees as one crate is a graph of files to its readers.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, pathsOf, usesOf, withoutTests } from './rust-code.mjs';

/** Gives the graph of a crate from its root file: a map from each file to the files it uses. */
export function filesOf(rootFile) {
  const modules = modulesFrom(rootFile);
  const graph = new Map([...modules.values()].map(({ file }) => [file, new Set()]));
  for (const module of modules.values()) {
    // A name that is only passed on is no use: a room's mod.rs declares its files and shows what is in them.
    const used = [...module.uses.filter(({ shared }) => !shared).map(({ path }) => path), ...pathsOf(module.code)];
    for (const path of used) {
      const file = fileOf(modules, absolute(module, path));
      if (file !== undefined && file !== module.file) graph.get(module.file).add(file);
    }
  }
  return graph;
}

function modulesFrom(rootFile) {
  const modules = new Map();
  const visit = (file, path, folder) => {
    const code = withoutTests(codeOf(readFileSync(file, 'utf8')));
    const children = [...code.matchAll(/\bmod\s+(\w+)\s*;/g)].map(([, name]) => name);
    modules.set(path.join('::'), { file, path, code, children, uses: usesOf(code) });
    for (const name of children) {
      const flat = join(folder, `${name}.rs`);
      visit(existsSync(flat) ? flat : join(folder, name, 'mod.rs'), [...path, name], join(folder, name));
    }
  };
  visit(rootFile, [], dirname(rootFile));
  return modules;
}

/** A path from the crate's root, if it is one of this crate. */
function absolute({ path: here, children, uses }, path) {
  const [first, ...rest] = path;
  if (first === 'crate') return rest;
  if (first === 'self') return [...here, ...rest];
  if (first === 'super') {
    const ups = path.findIndex((one) => one !== 'super');
    const up = ups === -1 ? path.length : ups;
    return up > here.length ? undefined : [...here.slice(0, here.length - up), ...path.slice(up)];
  }
  if (children.includes(first)) return [...here, ...path];
  // A module under the name that a `use` gave it.
  const known = uses.find(({ name, path: from }) => name === first && ['crate', 'super', 'self'].includes(from[0]));
  return known === undefined ? undefined : absolute({ path: here, children, uses: [] }, [...known.path, ...rest]);
}

/** The file in which what a path names is defined: re-exports are followed to where it is. */
function fileOf(modules, path, seen = 0) {
  if (path === undefined || seen > 8) return undefined;
  let length = path.length;
  while (length > 0 && !modules.has(path.slice(0, length).join('::'))) length -= 1;
  const module = modules.get(path.slice(0, length).join('::'));
  const name = path[length];
  const passedOn = module.uses.find((one) => one.shared && (one.name === name || one.name === '*') && name !== undefined);
  const from = passedOn && absolute({ ...module, uses: [] }, passedOn.name === '*' ? [...passedOn.path.slice(0, -1), name] : passedOn.path);
  return from === undefined ? module.file : (fileOf(modules, from, seen + 1) ?? module.file);
}
