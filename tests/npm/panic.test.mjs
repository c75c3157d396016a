// A fault of the engine itself reaches the caller as a DlmmError, and nothing is answered after it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { snapshot } from './market.mjs';

test('after a panic every call of every engine throws INTERNAL', () => {
  const program = `
    const { guarded } = require(${JSON.stringify(join(root, 'web/build/panics/panic.cjs'))});
    const { QuoteEngine, DlmmError, panicOnPurpose } = guarded;
    const engine = QuoteEngine.fromSnapshot(${JSON.stringify(snapshot())});
    const request = { token_in: 'BTC', token_out: 'USDC', amount_in: 1 };
    const other = QuoteEngine.fromSnapshot(${JSON.stringify(JSON.stringify(snapshot()))});
    console.log(engine.quote(request).amount_out);
    for (const use of [panicOnPurpose, () => engine.quote(request), () => other.quotes([request]), () => QuoteEngine.fromSnapshot('{}'), () => other.free()]) {
      try {
        use();
        console.log('no error');
      } catch (error) {
        console.log(error instanceof DlmmError, error.code, error.details.reason);
      }
    }`;
  const output = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  assert.deepEqual(output.trim().split('\n'), ['100.0', ...Array(5).fill('true INTERNAL unreachable')]);
});
