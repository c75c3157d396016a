// What is written from docs/openapi.json says what it says. `UPDATE_DOCS=1 node --test tests/docs/shapes.test.mjs` writes it anew.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { FILES } from '../../scripts/shapes/files.mjs';

for (const [name, write] of Object.entries(FILES)) {
  test(`${name} is as docs/openapi.json describes answers`, () => {
    const file = join(root, name);
    const held = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const wanted = write(held);
    if (process.env.UPDATE_DOCS) return writeFileSync(file, wanted);
    const differs = wanted.split('\n').findIndex((line, at) => line !== held.split('\n')[at]);
    assert.ok(held === wanted, `line ${differs + 1} must be: ${wanted.split('\n')[differs]}\nUPDATE_DOCS=1 node --test tests/docs/shapes.test.mjs`);
  });
}
