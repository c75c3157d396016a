// The package's types are those of the answers: real ones compile under them, and one field more or less does not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { nodeModules, root, webPackage } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { modernNode } from '../../scripts/tools/npm-packages.mjs';
import { parseExact } from '../../web/js/client/exact-json.js';
import { QuoteEngine, oneBtc, snapshot } from './market.mjs';
import { temporaryFolder, write } from './package.mjs';

const TYPES = 'import type { ErrorCode, ExactInFields, ExactOutFields, Health, Pair, Pools, PoolWithBins, QuoteFailure, Routes, Token } from';

let folder;
before(async () => {
  folder = await temporaryFolder();
});

/** Compiles values as literals of their types, so that a field that no type has is an error, too. Gives what is wrong. */
async function faults(typed) {
  const lines = typed.map(([type, value], at) => `export const answer${at}: ${type} = ${JSON.stringify(value)};`);
  const options = { strict: true, noEmit: true, target: 'es2022', lib: ['es2022'], types: [], module: 'nodenext', moduleResolution: 'nodenext' };
  await write(folder, {
    'answers.mts': `${TYPES} '${join(webPackage, 'types', 'client.js')}';\n${lines.join('\n')}\n`,
    'tsconfig.json': JSON.stringify({ compilerOptions: options, files: ['answers.mts'] }),
  });
  const tsc = join(nodeModules, 'typescript', 'bin', 'tsc');
  return run(await modernNode(), [tsc, '-p', folder], { cwd: folder, label: 'tsc' }).then(() => '', ({ tail }) => tail.join('\n'));
}

describe('answers of the engine', () => {
  const { rows } = JSON.parse(readFileSync(join(root, 'tests/vectors/chain/plans.json'), 'utf8'));
  let typed;
  before(() => {
    typed = [...ofTheMarket(), ...rows.slice(0, 4).map(withPlan)];
  });

  test('compile', async () => {
    assert.ok(typed.length > 10);
    assert.equal(await faults(typed), '');
  });

  test('would not with a field more, less, or of another type', async () => {
    const bent = (edit) => {
      const value = structuredClone({ ...typed[0][1] });
      edit(value);
      return faults([[typed[0][0], value]]);
    };
    assert.match(await bent((quote) => (quote.steps[0].extra = 1)), /extra/);
    assert.match(await bent((quote) => delete quote.state.block_height), /block_height/);
    assert.match(await bent((quote) => (quote.fees[0].total = 1)), /TS2322/);
  });
});

test('answers of a service compile: the examples of its description, read as the client reads them', async () => {
  const { paths, components } = parseExact(readFileSync(join(root, 'docs', 'openapi.json'), 'utf8'));
  const valuesOf = (response) => Object.values(response.content?.['application/json']?.examples ?? {}).map(({ value }) => value);
  const answers = (path, method = 'get') => valuesOf(paths[path][method].responses[200]);
  const refusals = Object.values(components.responses).flatMap(valuesOf);
  const typed = [
    ...[...answers('/quote'), ...answers('/quote', 'post')].map(quoteType),
    ...answers('/pools').map((value) => ['Pools', value]),
    ...answers('/pools/{id}').map((value) => ['PoolWithBins', value]),
    ...answers('/routes').map((value) => ['Routes', value]),
    ...answers('/tokens').flatMap(({ tokens }) => tokens.map((value) => ['Token', value])),
    ...answers('/pairs').flatMap(({ pairs }) => pairs.map((value) => ['Pair', value])),
    ...refusals.map((value) => ['QuoteFailure', value]),
  ];
  // Its numbers stay numbers.
  const health = JSON.parse(readFileSync(join(root, 'docs', 'openapi.json'), 'utf8')).paths['/health'].get.responses[200];
  typed.push(...valuesOf(health).map((value) => ['Health', value]));
  assert.ok(typed.length > 25, String(typed.length));
  assert.equal(await faults(typed), '');
});

/** Quotes, refusals and listings over a market with a pool that cannot be read and one that says little. */
function ofTheMarket() {
  const market = snapshot();
  market.pools.push({ pool_id: 'ODD', token_x: 'ODD', token_y: 'USDC', active_bin_id: 500, status: 'active', bins: [{ bin_id: 500, x_amount: '1', y_amount: '1', price: '1' }] });
  market.pools.push({ pool_id: 'BROKEN', token_x: 'BTC', token_y: 'USDC', active_bin_id: 'x', status: 'active', bins: [] });
  const held = QuoteEngine.fromSnapshot(market);
  const requests = [
    oneBtc(),
    oneBtc({ explain: true, include_state: true, amount_in: 12 }),
    oneBtc({ include_steps: false, max_age_ms: 3_600_000, pools: ['BTC-USDC'], include_state: true }),
    oneBtc({ amount_in: 1_000, allow_partial: true, max_splits: 1 }),
    { token_in: 'SOL', token_out: 'BTC', amount_out: '0.5', explain: true, include_state: true },
    { token_in: 'ODD', token_out: 'USDC', amount_in: 1 },
    ...[{ token_out: 'DOGE' }, { token_out: 'BTC' }, { amount_in: 1_000 }, { max_age_ms: 0 }, { max_bins: 1, amount_in: 15 }, { pools: ['NONE'] }].map(oneBtc),
  ];
  return [
    ...held.quotes(requests).map((answer) => (answer.success ? quoteType(answer) : ['QuoteFailure', answer])),
    ['Pools', held.pools()],
    ...['BTC-USDC', 'ODD'].map((id) => ['PoolWithBins', held.pool(id)]),
    ['Routes', held.routes('BTC', 'SOL')],
  ];
}

/** A recorded call, quoted anew. */
function withPlan({ pools, contract, request, sender }) {
  const bins = (pool) => pool.bins.map(([bin_id, reserve_x, reserve_y, price_e8]) => ({ pool_id: pool.pool_id, bin_id, reserve_x, reserve_y, price_e8 }));
  const whole = pools.map((pool) => ({ ...pool, bins: bins(pool) }));
  const held = QuoteEngine.fromSnapshot({ format: 'dlmm-snapshot/1', taken_at: '2026-01-01T00:00:00Z', tokens: {}, pools: whole }, { router: contract });
  return quoteType(held.quote({ ...request, plan: { sender }, include_state: true }));
}

const quoteType = (quote) => [quote.mode === 'exact_in' ? 'ExactInFields' : 'ExactOutFields', quote];
