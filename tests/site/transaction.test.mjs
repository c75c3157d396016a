import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callCode, conditionText, driftText, holdsText } from '../../web/playground/words/transaction.ts';

const PLAN = {
  contract: 'SP1.router',
  function: 'swap-multi',
  args_hex: ['0x0b00', '0x0100'],
  post_condition_mode: 'deny',
  post_conditions: [
    { principal: 'SP2', asset: 'STX', condition: 'sent_at_most', amount: '5' },
    { principal: 'SP1.pool', asset: 'SP1.usd::usd-token', condition: 'sent_at_least', amount: '4' },
  ],
  mode: 'explicit',
  holds: 'unchanged_state',
  proven: false,
};

test('conditions are told from the side of who signs', () => {
  const told = PLAN.post_conditions.map((condition) => conditionText(condition, 'SP2'));
  assert.deepEqual(told, ['You send at most 5 micro-STX.', 'pool sends at least 4 units of usd-token.']);
});

test('what a plan holds for, and that its router was not run, is said', () => {
  assert.match(holdsText(PLAN), /^Mode explicit\. .* fails if somebody trades first\. This router was not run/);
  assert.doesNotMatch(holdsText({ ...PLAN, mode: 'simple', holds: 'within_minimum', proven: true }), /not run|fails/);
  assert.equal(driftText({ bins: 1, amount_out_atomic: '7', result: 'passes' }), '1 bin worse: it gives 7 units.');
  assert.equal(driftText({ bins: 5, amount_out_atomic: '7', result: 'refused' }), '5 bins worse: it fails, and nothing is traded.');
});

test('the code carries every argument and every condition', () => {
  const code = callCode(PLAN);
  for (const hex of PLAN.args_hex) assert.ok(code.includes(`'${hex}'`));
  assert.ok(code.includes("Pc.principal('SP2').willSendLte(5n).ustx()"));
  assert.ok(code.includes("Pc.principal('SP1.pool').willSendGte(4n).ft('SP1.usd', 'usd-token')"));
  assert.ok(code.includes("postConditionMode: 'deny'"));
});
