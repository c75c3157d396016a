import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from './lock.mjs';

const folderFor = (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-lock-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
};

test('lets one in at a time', async (t) => {
  const path = join(folderFor(t), 'lock');
  let inside = 0;
  const work = () =>
    withLock(path, async () => {
      inside += 1;
      assert.equal(inside, 1);
      await sleep(20);
      inside -= 1;
    });
  await Promise.all([work(), work(), work()]);
  assert.equal(existsSync(path), false);
});

test('is given back when the work fails', async (t) => {
  const path = join(folderFor(t), 'lock');
  await assert.rejects(withLock(path, () => Promise.reject(new Error('on purpose'))), /on purpose/);
  assert.equal(await withLock(path, () => 'free'), 'free');
});

test('takes over what a killed process has left, and only that', async (t) => {
  const path = join(folderFor(t), 'lock');
  writeFileSync(path, '');
  const waits = [];
  const done = withLock(path, () => 'mine', (text) => waits.push(text));
  await sleep(100);
  assert.equal(waits.length, 1, 'a lock that was touched just now is respected');
  const anHourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(path, anHourAgo, anHourAgo);
  assert.equal(await done, 'mine');
});
