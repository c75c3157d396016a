// Programs that run tests load the package in ways of their own.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { run } from '../../scripts/process/run.mjs';
import { ONE_BTC_GIVES } from '../npm/sample.mjs';
import { application, command } from './app.mjs';

const [GIVES] = ONE_BTC_GIVES.split(' ');
const CHECK = `
test('quotes', () => {
  const engine = QuoteEngine.fromSnapshot(readFileSync('snapshot.json', 'utf8'));
  expect(engine.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1n }).amount_out).toBe('${GIVES}');
  const refused = () => engine.quote({ token_in: 'BTC', token_out: 'NONE', amount_in: 1n });
  expect(refused).toThrow(DlmmError);
  // A name that is not ASCII passes through UTF-8 both ways.
  expect(() => engine.quote({ token_in: 'BÜC', token_out: 'USDC', amount_in: 1n })).toThrow(/token_in/);
});`;
const REQUIRES = `const { readFileSync } = require('node:fs');\nconst { DlmmError, QuoteEngine } = require('dlmm-quote');\n`;

let folder;
before(async () => {
  folder = await application({
    'jest/node.test.cjs': `/** @jest-environment node */\n${REQUIRES}${CHECK}`,
    'jest/jsdom.test.cjs': `/** @jest-environment jsdom */\nif (typeof TextDecoder !== 'undefined') throw new Error('jsdom has a TextDecoder now');\n${REQUIRES}${CHECK}`,
    'jest.config.json': JSON.stringify({ testMatch: ['**/jest/*.test.cjs'], watchman: false }),
    'vitest/module.test.mjs': `import { readFileSync } from 'node:fs';\nimport { DlmmError, QuoteEngine } from 'dlmm-quote';\nimport { expect, test } from 'vitest';\n${CHECK}`,
  });
});

for (const environment of ['node', 'jsdom']) {
  test(`Jest, ${environment}`, () => run(command('jest'), ['--ci', '--runTestsByPath', `jest/${environment}.test.cjs`], { cwd: folder }));
}

test('Vitest', async () => {
  const said = await run(command('vitest'), ['run', '--root', folder, '--dir', 'vitest', '--no-color'], { cwd: folder });
  assert.match(said, /1 passed/);
});
