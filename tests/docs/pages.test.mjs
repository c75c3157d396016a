// The pages lead where they say, the README stays short, and the runbook leaves no error code out.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { anchorsOf, linksOf } from './markdown.mjs';

const pages = ['*.md', 'docs/**/*.md', 'web/README.md'].flatMap((pattern) => globSync(pattern, { cwd: root })).map((page) => join(root, page));
const read = (...path) => readFileSync(join(root, ...path), 'utf8');

test('the README has at most 160 lines, and a door for everybody in the first screen', () => {
  const lines = read('README.md').trimEnd().split('\n');
  assert.ok(lines.length <= 160, `${lines.length} lines: what is for one kind of reader belongs into docs/`);
  const screen = lines.slice(0, 25).join('\n');
  for (const door of ['web/README.md', 'docs/http.md', 'docs/deploying.md', 'docs/redis.md']) {
    assert.ok(screen.includes(`](${door})`), door);
  }
});

test('the runbook has a section for each error code, and for no other', () => {
  const [table] = globSync('worker/src/**/*.rs', { cwd: root }).flatMap((file) => read(file).match(/const fn row[\s\S]*?\n {4}\}/) ?? []);
  const codes = [...table.matchAll(/\("([A-Z_]+)", \d{3}\)/g)].map(([, code]) => code);
  assert.ok(codes.length >= 22);
  const [, runbook] = read('docs', 'operations.md').split('\n## Runbook: error codes\n');
  assert.deepEqual([...runbook.matchAll(/^### (.+)$/gm)].map(([, title]) => title), codes);
  for (const section of runbook.split(/^### /m).slice(1)) {
    assert.match(section, /\*Cause:\*/, section.split('\n')[0]);
    assert.match(section, /\*Do:\*/, section.split('\n')[0]);
  }
});

test('every link between pages leads to a file and a heading that are there', () => {
  assert.ok(pages.length >= 8);
  let looked = 0;
  for (const page of pages) {
    for (const target of linksOf(page)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, section] = target.split('#');
      const file = path === '' ? page : resolve(dirname(page), path);
      assert.ok(existsSync(file), `${page}: ${target}`);
      if (section !== undefined && extname(file) === '.md') assert.ok(anchorsOf(file).includes(section), `${page}: ${target}`);
      looked += 1;
    }
  }
  assert.ok(looked > 100, `only ${looked} links`);
});

test('every page of docs/ can be reached from the README', () => {
  const reached = new Set([join(root, 'README.md')]);
  for (const page of reached) {
    if (extname(page) !== '.md') continue;
    for (const target of linksOf(page)) {
      const file = resolve(dirname(page), target.split('#')[0]);
      if (!/^[a-z]+:/.test(target) && existsSync(file)) reached.add(file);
    }
  }
  // The README leads to the folder of the decisions.
  const lost = pages.filter((page) => !reached.has(page) && !reached.has(dirname(page)));
  assert.deepEqual(lost, []);
});

test('every file that a page names by its path is there', () => {
  let looked = 0;
  // The records, the changelog and the page on the Python engine also speak of files that are not here, or not any more.
  for (const page of pages.filter((page) => !/\/adr\/|CHANGELOG\.md$|migration\.md$/.test(page))) {
    for (const [, file] of readFileSync(page, 'utf8').matchAll(/`((?:ops|docs|scripts|tests|bench)\/[\w./-]+\w|compose\.yaml|Dockerfile|wrangler\.toml)`/g)) {
      assert.ok(existsSync(join(root, file)), `${page}: ${file}`);
      looked += 1;
    }
  }
  assert.ok(looked > 25, `only ${looked} files`);
});

test('the rooms that DESIGN.md names are there, and no other', () => {
  for (const source of ['core/src', 'worker/src']) {
    const [, table] = read('DESIGN.md').match(new RegExp(`\\| \`${source}/\` \\|.*\\n.*\\n((?:\\|.*\\n)+)`));
    const named = [...table.matchAll(/^\| `(\w+)\/` \|/gm)].map(([, room]) => room);
    const there = readdirSync(join(root, source), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    assert.deepEqual(named.toSorted(), there.toSorted(), source);
  }
});

test('the printed dry-run names the variables of production', () => {
  const [, production] = read('wrangler.toml').match(/^\[env\.production\.vars\]\n((?:.+\n)+)/m);
  const set = [...production.matchAll(/^(\w+) = ("[^"]*")$/gm)].map(([, name, value]) => `env.${name} (${value})`);
  const printed = [...read('docs', 'deploying.md').matchAll(/^(env\.\S+ \(.*\)) +Environment Variable$/gm)].map(([, line]) => line);
  assert.ok(set.length >= 4);
  assert.deepEqual(printed, set);
});
