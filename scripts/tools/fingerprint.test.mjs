import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { root } from '../paths.mjs';
import { fingerprint } from './fingerprint.mjs';

test('changes with every name and content, and with nothing below what is left out', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-fingerprint-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const input = relative(root, folder);
  const take = () => fingerprint([input], [`${input}/build`]);
  mkdirSync(join(folder, 'src'));
  mkdirSync(join(folder, 'build'));
  writeFileSync(join(folder, 'src', 'lib.rs'), 'one');

  const first = await take();
  assert.equal(await take(), first);
  writeFileSync(join(folder, 'build', 'out.wasm'), 'ignored');
  assert.equal(await take(), first);
  writeFileSync(join(folder, 'src', 'lib.rs'), 'two');
  const second = await take();
  assert.notEqual(second, first);
  renameSync(join(folder, 'src', 'lib.rs'), join(folder, 'src', 'main.rs'));
  const third = await take();
  assert.notEqual(third, second);
  writeFileSync(join(folder, 'src', 'empty.rs'), '');
  assert.notEqual(await take(), third);
});
