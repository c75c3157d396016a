// Plans of the package: the recorded calls, read by the chain's own library, and the wallet example over them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Cl, cvToString, deserializeCV, Pc, postConditionToHex, serializeCV } from '@stacks/transactions';
import { contractCall } from '../../examples/stacks-wallet/src/contract-call.ts';
import { inWords } from '../../examples/stacks-wallet/src/quote.ts';
import { root } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { withPackagedCommands } from '../../scripts/tools/npm-packages.mjs';
import { QuoteEngine, refused, verify } from './market.mjs';

const { rows } = JSON.parse(readFileSync(join(root, 'tests/vectors/chain/plans.json'), 'utf8'));
const MODES = { simple: 'simple', 'same-multi': 'simple', 'same-multi-strict': 'strict', 'swap-multi': 'explicit' };

function engineOf({ pools, contract }, options = { router: contract }) {
  const bins = (pool) => pool.bins.map(([bin_id, reserve_x, reserve_y, price_e8]) => ({ pool_id: pool.pool_id, bin_id, reserve_x, reserve_y, price_e8 }));
  const whole = pools.map((pool) => ({ ...pool, bins: bins(pool) }));
  return QuoteEngine.fromSnapshot({ format: 'dlmm-snapshot/1', taken_at: '2026-01-01T00:00:00Z', tokens: {}, pools: whole }, options);
}

const asked = ({ request, sender, kind }, more = {}) => ({ ...request, slippage_bps: 0, plan: { sender, mode: MODES[kind] }, ...more });

/** What the function of the contract takes, argument by argument. */
const SIGNATURES = {
  'simple-multi': ['contract', 'contract', 'contract', 'uint', 'uint'],
  'same-multi': [{ 'expected-bin-id': 'int', 'min-received': 'uint', 'pool-trait': 'contract' }, 'contract', 'contract', 'uint', 'uint', 'uint'],
  'swap-multi': [
    { amount: 'uint', 'expected-bin-id': 'int', 'min-received': 'uint', 'pool-trait': 'contract', 'x-for-y': 'bool', 'x-token-trait': 'contract', 'y-token-trait': 'contract' },
    'uint',
  ],
};

const typeOf = (value) => (value.type === 'true' || value.type === 'false' ? 'bool' : value.type);

test('arguments decode to the values of the plan, of the types that the contract takes', () => {
  for (const row of rows) {
    const { plan } = engineOf(row).quote(asked(row));
    const signature = SIGNATURES[Object.keys(SIGNATURES).find((name) => plan.function.endsWith(name))];
    assert.equal(plan.args_hex.length, signature.length);
    plan.args_hex.forEach((hex, at) => {
      const value = deserializeCV(hex);
      assert.equal(`0x${serializeCV(value).replace(/^0x/, '')}`, hex, 'one text of bytes');
      if (typeof signature[at] === 'string') return assert.equal(typeOf(value), signature[at], `${plan.function} ${at}`);
      for (const { value: entry } of value.value) {
        assert.deepEqual(Object.fromEntries(Object.entries(entry).map(([name, one]) => [name, typeOf(one)])), signature[at]);
      }
    });
  }
});

test("the wallet example's bytes are those of the plan, which are those that were run", () => {
  let equal = 0;
  for (const row of rows) {
    const quote = engineOf(row).quote(asked(row));
    const call = contractCall(quote.plan);
    assert.deepEqual(call.functionArgs.map((value) => `0x${serializeCV(value).replace(/^0x/, '')}`), quote.plan.args_hex);
    assert.deepEqual([call.contract, call.functionName, call.network, call.postConditionMode], [row.contract, row.function, 'testnet', 'deny']);
    const written = new Set(call.postConditions.map((condition) => postConditionToHex(condition)));
    const [[sender, asset, amount]] = row.post_conditions;
    const most = Pc.principal(sender).willSendLte(amount);
    assert.ok(written.has(postConditionToHex(asset === 'STX' ? most.ustx() : most.ft(asset.split('::')[0], asset.split('::')[1]))) || quote.amount_in_atomic !== amount);
    equal += Number(JSON.stringify(quote.plan.args_hex) === JSON.stringify(row.args_hex));
    assert.ok(inWords(quote).length > 4);
  }
  // All but the calls over several pools, which asked for no total.
  assert.ok(equal >= rows.filter(({ kind }) => kind !== 'same-multi').length - 1, `${equal} of ${rows.length}`);
});

test('a verifiable quote covers its plan: a changed one is found', () => {
  const [row] = rows;
  const quote = engineOf(row).quote(asked(row, { include_state: true }));
  assert.equal(verify(quote).equal, true);
  const forged = structuredClone(quote);
  forged.plan.args_hex[4] = `0x01${'0'.repeat(32)}`;
  const found = verify(forged);
  assert.deepEqual([found.equal, found.digest_matches, found.differences.map(({ path }) => path)], [false, false, ['plan.args_hex[4]']]);
  const elsewhere = structuredClone(quote);
  elsewhere.input.router = row.contract.replace('v-1-1', 'v-1-2');
  assert.equal(verify(elsewhere).equal, false);
});

test('what has no plan says why', () => {
  const [row] = rows;
  const { reason, what } = refused(() => engineOf(row, {}).quote(asked(row)), 'PLAN_UNAVAILABLE');
  assert.deepEqual([reason, what], ['no router', 'no router contract is set: STACKS_ROUTER of a service, router of an engine']);
  const small = refused(() => engineOf(row).quote(asked(row, { max_reads: 55 })), 'PLAN_TOO_LARGE');
  assert.deepEqual([small.limit, small.bins_that_fit], [55, 1]);
  assert.deepEqual(refused(() => engineOf(row).quote(asked(row, { plan: { sender: 'bob' } })), 'INVALID_REQUEST'), { field: 'plan.sender' });
  const { plan } = engineOf(row).quote(asked(row, { plan: undefined }));
  assert.equal(plan, undefined);
  assert.equal(cvToString(Cl.uint(1)), 'u1');
});

test('the wallet example compiles', async () => {
  await run('tsc', ['-p', 'examples/stacks-wallet'], { cwd: root, env: withPackagedCommands() });
});
