// The image is built from some folders of the repository; cargo reads none of them unless all that its workspace names are there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';

const lines = (name) => readFileSync(join(root, name), 'utf8').split('\n');

/** Whether `path` is one of `folders` or below one. */
const within = (folders, path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

test('every crate of the workspace is copied into the image, and let into the context that it is built from', async () => {
  const { packages } = JSON.parse(await run('cargo', ['metadata', '--no-deps', '--format-version', '1', '--offline'], { cwd: root }));
  const crates = packages.map(({ manifest_path: manifest }) => relative(root, join(manifest, '..')));
  assert.ok(crates.length > 5, `${crates}`);
  const copied = lines('Dockerfile').flatMap((line) => line.match(/^COPY (?!--)(.+) \S+$/)?.[1].split(' ') ?? []);
  const letIn = lines('.dockerignore').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const left = lines('.dockerignore').filter((line) => /^[\w./-]+$/.test(line));
  assert.deepEqual(crates.filter((crate) => !within(copied, crate)), [], 'copied');
  assert.deepEqual(crates.filter((crate) => !within(letIn, crate) || within(left, crate)), [], 'let in');
});
