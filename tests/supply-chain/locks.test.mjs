// Every package that is taken in is named with its version and its hash, and the lists are in step with what asks for them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const CRATES_IO = 'registry+https://github.com/rust-lang/crates.io-index';

test('Cargo.lock is in step with every Cargo.toml', async () => {
  const metadata = JSON.parse(await run('cargo', ['metadata', '--locked', '--format-version', '1'], { cwd: root }));
  assert.ok(metadata.packages.length > 50);
});

test('every crate is of this workspace or of crates.io, with its hash', () => {
  const crates = read('Cargo.lock').split('[[package]]').slice(1);
  const own = [];
  for (const crate of crates) {
    const name = crate.match(/^name = "(.+)"$/m)[1];
    const source = crate.match(/^source = "(.+)"$/m)?.[1];
    if (source === undefined) own.push(name);
    else assert.deepEqual([source, /^checksum = "[0-9a-f]{64}"$/m.test(crate)], [CRATES_IO, true], name);
  }
  assert.deepEqual(own.sort(), ['dlmm-bench', 'dlmm-bindgen', 'dlmm-cli', 'dlmm-core', 'dlmm-fuzz', 'dlmm-model', 'dlmm-web', 'dlmm-worker']);
});

test('package.json asks for one version each, and package-lock.json is in step with it', async () => {
  const { dependencies = {}, devDependencies, optionalDependencies } = JSON.parse(read('package.json'));
  const asked = { ...dependencies, ...devDependencies, ...optionalDependencies };
  for (const [name, version] of Object.entries(asked)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
  const lock = JSON.parse(read('package-lock.json')).packages;
  const { '': own, ...taken } = lock;
  assert.deepEqual({ ...own.dependencies, ...own.devDependencies, ...own.optionalDependencies }, asked);
  for (const [name, version] of Object.entries(asked)) assert.equal(taken[`node_modules/${name}`].version, version, name);
  // npm itself compares the two before it would install anything.
  await run('npm', ['ci', '--dry-run', '--ignore-scripts', '--no-audit', '--no-fund', '--offline'], { cwd: root });
});

test('every npm package has its hash, and none names the host it came from', () => {
  const { '': own, ...taken } = JSON.parse(read('package-lock.json')).packages;
  for (const [path, { integrity, resolved, inBundle }] of Object.entries(taken)) {
    if (!inBundle) assert.match(integrity, /^sha512-/, path);
    assert.equal(resolved, undefined, path);
  }
});

test('the package that is published takes nothing in', () => {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(read('web', 'package.json'));
  assert.deepEqual([dependencies, optionalDependencies], [undefined, undefined]);
  // Whoever uses the hook has React; nobody else gets it.
  assert.deepEqual([peerDependencies, peerDependenciesMeta], [{ react: '>=18' }, { react: { optional: true } }]);
});

test('every Python package has one version', () => {
  const folder = join(root, 'scripts', 'tools', 'python');
  for (const file of readdirSync(folder)) {
    for (const line of read('scripts', 'tools', 'python', file).trim().split('\n')) assert.match(line, /^[A-Za-z0-9._-]+==[0-9][0-9a-z.]*$/, file);
  }
});
