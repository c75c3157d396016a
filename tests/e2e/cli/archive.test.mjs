// The archive of this machine: what is in it, that it is the same each time, and that its command runs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { makeArchive } from '../../../scripts/release/archives.mjs';
import { versions } from '../../../scripts/release/versions.mjs';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { succeed, temporaryFolder } from './dlmm.mjs';

const tar = (...args) => execFileSync('tar', args, { encoding: 'utf8' });

test('holds the command with its pages, completions and licences', async () => {
  const out = temporaryFolder();
  const archive = await makeArchive({ bin: await dlmmBin(), out });
  const name = basename(archive, '.tar.gz');
  const [{ version }] = versions();
  assert.ok(name.startsWith(`dlmm-${version}-`), name);
  const files = tar('-tzf', archive).trim().split('\n').filter((path) => !path.endsWith('/')).map((path) => path.replace(`${name}/`, ''));
  const help = await succeed(['--help']);
  const commands = [...help.matchAll(/^ {2}([a-z-]+) {2}/gm)].map(([, command]) => command).filter((command) => command !== 'help');
  const pages = ['dlmm', ...commands.map((command) => `dlmm-${command}`)].map((page) => `man/${page}.1`);
  const others = ['CHANGELOG.md', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dlmm', 'completions/_dlmm', 'completions/dlmm.bash', 'completions/dlmm.fish'];
  assert.deepEqual(files.sort(), [...others, ...pages].sort());
  tar('-xzf', archive, '-C', out);
  assert.equal(execFileSync(join(out, name, 'dlmm'), ['--version'], { encoding: 'utf8' }), `dlmm ${version}\n`);
  assert.equal(execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: out, encoding: 'utf8' }), `${name}.tar.gz: OK\n`);
  const again = await makeArchive({ bin: await dlmmBin(), out: temporaryFolder() });
  if (process.platform === 'linux') assert.deepEqual(readFileSync(again), readFileSync(archive));
});
