import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clientKey } from './dev-vars.mjs';

test('a key is taken from the file, and none where it sets none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dlmm-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, '.dev.vars');
  assert.equal(clientKey(file), undefined, 'there is no file');
  for (const [text, key] of [
    ['API_KEYS=first-key-of-sixteen,another-key-of-sixteen\n', 'first-key-of-sixteen'],
    ['LOG_LEVEL=debug\nAPI_KEYS="quoted-key-of-sixteen" # a note\n', 'quoted-key-of-sixteen'],
    ['API_KEYS=\n', undefined],
    ['# API_KEYS=not-set-at-all-here\nADMIN_TOKEN=sixteen-characters\n', undefined],
  ]) {
    await writeFile(file, text);
    assert.equal(clientKey(file), key, text);
  }
});
