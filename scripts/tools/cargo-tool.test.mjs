import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { root } from '../paths.mjs';
import { run } from '../process/run.mjs';
import { fingerprint } from './fingerprint.mjs';

const [, version] = readFileSync(join(root, 'Cargo.lock'), 'utf8').match(/name = "wasm-bindgen"\nversion = "(.+)"/);

/** A program that says `says`. */
function program(path, says) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho ${says}\n`, { mode: 0o755 });
  return path;
}

test('a wasm-bindgen on PATH is taken if its version is that of the library, and only then', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dlmm-bindgen-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const hash = (await fingerprint(['scripts/build/bindgen'])).slice(0, 12);
  const built = program(join(folder, 'cache', 'dlmm-tools', `bindgen-${version}-${hash}`, 'bin', 'wasm-bindgen'), 'ours');
  const installed = join(folder, 'bin', 'wasm-bindgen');
  const env = { PATH: `${dirname(installed)}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'cache'), WASM_BINDGEN_BIN: '' };
  const code = `import { ensureWasmBindgen } from '${join(root, 'scripts/tools/cargo-tool.mjs')}'; console.log(await ensureWasmBindgen());`;
  const taken = async () => (await run(process.execPath, ['--input-type=module', '-e', code], { env })).trim();

  program(installed, `wasm-bindgen ${version}`);
  assert.equal(await taken(), installed);
  program(installed, 'wasm-bindgen 0.2.1');
  assert.equal(await taken(), built);
  rmSync(installed);
  assert.equal(await taken(), built);
});
