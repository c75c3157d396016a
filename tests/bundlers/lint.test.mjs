// What package linters say of the tarball.
import { test } from 'node:test';
import { run } from '../../scripts/process/run.mjs';
import { packed } from '../npm/package.mjs';
import { command } from './app.mjs';

test('publint has nothing to say', async () => {
  await run(command('publint'), ['--strict', await packed()]);
});

test('the types are right however a package is resolved', async () => {
  // Exports of a wasm file and of package.json have no types. TypeScript's resolution of 2012 knows no exports: the main entry has
  // types for it, the others do not.
  await run(command('attw'), [await packed(), '--entrypoints', '.', 'slim', 'client', 'client/slim', 'react', '--profile', 'node16', '--no-color']);
});
