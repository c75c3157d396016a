import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../paths.mjs';
import { importCircles } from './import-circles.mjs';

/** Declarations import each other by the names of the code that they describe, which is made only when it is built. */
const OURS = ['scripts/**/*.mjs', 'tests/**/*.{mjs,js}', 'web/js/**/*.js', 'web/{playground,docs}/**/*.{ts,mjs,js}'];

test('no files of ours import each other in a circle', async () => {
  const { files, circles, lost } = await importCircles(OURS, root);
  assert.ok(files > 200, `${files} files`);
  assert.deepEqual(circles, []);
  assert.deepEqual(lost, []);
});

test('a circle and an import that leads nowhere are found', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-circles-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name, text) => writeFileSync(join(folder, name), text);
  write('a.mjs', "import { b } from './b.mjs';\nexport const a = () => b;\n");
  write('b.mjs', "export * from './c.mjs';\nexport const b = 1;\n");
  write('c.mjs', "export const later = () => import('./a.mjs');\n");
  write('d.mjs', "import './gone.mjs';\nimport './a.mjs';\n");
  const { circles, lost } = await importCircles(['*.mjs'], folder);
  assert.deepEqual(circles, [['a.mjs', 'b.mjs', 'c.mjs']]);
  assert.deepEqual(lost, ['d.mjs: ./gone.mjs']);
});
