import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testsIn } from './rust-tests.mjs';

test('programs that run tests are told apart from the rest that cargo builds, each with its package', () => {
  const told = (id, test, executable) => ({ reason: 'compiler-artifact', package_id: id, manifest_path: '/repo/core/Cargo.toml', profile: { test }, executable });
  const lines = [
    { reason: 'build-script-executed', package_id: 'registry+https://example.org#serde@1.0.0' },
    told('registry+https://example.org#serde@1.0.0', false, null),
    told('path+file:///repo/core#dlmm-core@0.1.0', false, null),
    told('path+file:///repo/core#dlmm-core@0.1.0', true, '/repo/target/debug/deps/dlmm_core-1'),
    told('path+file:///repo/core#dlmm-core@0.1.0', true, '/repo/target/debug/deps/quotes-1'),
    told('path+file:///repo/dlmm-model#0.1.0', true, '/repo/target/debug/deps/dlmm_model-1'),
    told('path+file:///repo/cli#dlmm-cli@0.1.0', false, '/repo/target/debug/dlmm'),
    { reason: 'build-finished', success: true },
  ];
  const output = `warning: not JSON\n${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
  assert.deepEqual(
    testsIn(output).map(({ name, folder, executable }) => [name, folder, executable.split('/').at(-1)]),
    [
      ['dlmm-core', '/repo/core', 'dlmm_core-1'],
      ['dlmm-core', '/repo/core', 'quotes-1'],
      ['dlmm-model', '/repo/core', 'dlmm_model-1'],
    ],
  );
});
