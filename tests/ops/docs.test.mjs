// The pages lead where they say, and the runbook leaves no error code out.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { anchorsOf, linksOf } from './markdown.mjs';

const pages = ['*.md', 'docs/**/*.md'].flatMap((pattern) => globSync(pattern, { cwd: root })).map((page) => join(root, page));

test('the runbook has a section for each error code, and for no other', () => {
  const source = readFileSync(join(root, 'worker', 'src', 'error.rs'), 'utf8');
  const [table] = source.match(/const fn row[\s\S]*?\n {4}\}/);
  const codes = [...table.matchAll(/\("([A-Z_]+)", \d{3}\)/g)].map(([, code]) => code);
  assert.ok(codes.length >= 22);
  const [, runbook] = readFileSync(join(root, 'docs', 'operations.md'), 'utf8').split('\n## Runbook: error codes\n');
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
  assert.ok(looked > 30, `only ${looked} links`);
});

test('every script, setting file and command of operations.md is there', () => {
  const page = readFileSync(join(root, 'docs', 'operations.md'), 'utf8');
  const files = [...page.matchAll(/`((?:ops|docs)\/[\w./-]+|compose\.yaml|Dockerfile|wrangler\.toml)`/g)].map(([, file]) => file);
  assert.ok(files.length >= 6);
  for (const file of files) assert.ok(existsSync(join(root, file)), file);
});
