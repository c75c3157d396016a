// Every command that a page shows is run by tests/e2e/docs, or says why not; and what it names is there.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { commandsOf, PAGES } from '../e2e/docs/console.mjs';

const pages = globSync(['*.md', 'docs/*.md', '{cli,core,web}/README.md'], { cwd: root });
const read = (...path) => readFileSync(join(root, ...path), 'utf8');

test('every block of commands is run, or says why not', () => {
  const run = PAGES.map(([page]) => page);
  const silent = pages.filter((page) => !run.includes(page)).flatMap((page) =>
    commandsOf(join(root, page)).filter(({ reason }) => reason === undefined).map(({ command }) => `${page}: ${command}`));
  assert.deepEqual(silent, []);
});

test('commands stand in blocks that are looked at', () => {
  for (const page of pages) assert.doesNotMatch(read(page), /^ *```(sh|bash|shell)$/m, `${page}: write \`\`\`console, and $ in front of a command`);
});

test('the scripts, steps and tools that commands name are there', () => {
  const { scripts, devDependencies } = JSON.parse(read('package.json'));
  const steps = [...read('scripts', 'test.mjs').matchAll(/^ *(?:\{ )?name: '([\w-]+)'/gm)].map(([, name]) => name);
  let looked = 0;
  for (const page of pages) {
    for (const { command } of commandsOf(join(root, page))) {
      for (const [, name] of command.matchAll(/npm run ([\w:]+)/g)) assert.ok(scripts[name], `${page}: npm run ${name}`);
      for (const [, name] of command.matchAll(/npx ([\w-]+)/g)) assert.ok(devDependencies[name], `${page}: npx ${name}`);
      for (const [, names] of command.matchAll(/npm test -- --only ([\w,-]+)/g)) {
        for (const name of names.split(',')) assert.ok(steps.includes(name), `${page}: the step ${name}`);
      }
      looked += 1;
    }
  }
  assert.ok(looked > 80, `only ${looked} commands`);
});
