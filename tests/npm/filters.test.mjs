// Names of a filter that are not there are told alike by the Worker, the command line and the package.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { startGateway, startRedis, startWorker, upstashVars } from '../e2e/stack/index.mjs';
import { post } from '../e2e/worker/market.mjs';
import { storePool } from '../e2e/worker/rare-market.mjs';
import { dlmm, succeed, temporaryFolder } from '../e2e/cli/dlmm.mjs';
import { QuoteEngine, verify } from './market.mjs';

const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: '1' };
const MISSPELT = { exclude_pools: ['BTC-USDC-26'], via: ['SOLL', 'SOL'] };
const WARNINGS = [
  { code: 'FILTER_UNKNOWN', field: 'exclude_pools', name: 'BTC-USDC-26' },
  { code: 'FILTER_UNKNOWN', field: 'via', name: 'SOLL' },
];

let redis;
let worker;
before(async () => {
  redis = await startRedis();
  await succeed(['seed'], { redis });
  // What it would take has no number.
  await storePool(redis, 'BIG');
  worker = await startWorker({ vars: upstashVars(await startGateway({ redisUrl: redis.url })) });
});

/** What all three say to a request: warnings, or the refusal. */
async function askAll(request) {
  const told = ({ warnings, error }) => warnings ?? error;
  const edge = await post(worker, request);
  const { stdout } = await dlmm(['quote', '--requests', '-'], { redis, input: `${JSON.stringify(request)}\n` });
  const snapshot = await (await worker.fetch('/snapshot')).text();
  const [offline] = QuoteEngine.fromSnapshot(snapshot).quotes([request]);
  return [edge.body, JSON.parse(stdout), offline].map(told);
}

async function assertAll(request, expected) {
  assert.deepEqual(await askAll(request), Array(3).fill(expected));
}

test('answers name them, refusals name them and the filters, and names that are there are no warning', async () => {
  await assertAll({ ...REQUEST, ...MISSPELT }, WARNINGS);
  await assertAll({ ...REQUEST, exclude_pools: ['BTC-USDC-25'], via: ['SOL'] }, []);
  const connect = 'no active pools connect BTC to SOL (max_hops: 3, narrowed by via)';
  await assertAll({ ...REQUEST, token_out: 'SOL', ...MISSPELT, via: ['SOLL'] }, {
    code: 'NO_ROUTE',
    message: `${connect}; exclude_pools names BTC-USDC-26, which is not there; via names SOLL, which is not there`,
    details: { max_hops: 3, narrowed_by: ['via'], token_in: 'BTC', token_out: 'SOL', warnings: WARNINGS },
  });
});

test('over some pools of a market nobody can tell that a name is not there', async () => {
  const asked = { ...REQUEST, exclude_pools: ['SOL-USDC-25', 'BTC-USDC-26'], via: ['SOL', 'SOLL'] };
  const told = (text) => QuoteEngine.fromSnapshot(text).quote(asked).warnings.map(({ code }) => code);
  for (const query of ['?token_in=BTC&token_out=USDC', '?pools=BTC-USDC-25', '?limit=2']) {
    const text = await (await worker.fetch(`/snapshot${query}`)).text();
    assert.deepEqual(told(text), [], query);
    assert.deepEqual(told(JSON.parse(text)), [], query);
  }
  const { stdout } = await dlmm(['snapshot', '--pools', 'BTC-USDC-25'], { redis });
  assert.deepEqual(told(stdout), []);
  assert.deepEqual(told(await (await worker.fetch('/snapshot')).text()), ['FILTER_UNKNOWN', 'FILTER_UNKNOWN']);
  // It stays one, whatever is written into it.
  const engine = QuoteEngine.fromSnapshot(await (await worker.fetch('/snapshot?pools=BTC-USDC-25')).text());
  engine.applyUpdate({ 'pool:GONE': null });
  assert.deepEqual(engine.quote(asked).warnings, []);
});

test('refusals of what else is wrong name them too', async () => {
  const names = 'exclude_pools names BTC-USDC-26, which is not there; via names SOLL, which is not there';
  await assertAll({ ...REQUEST, ...MISSPELT, token_out: 'USDCC' }, {
    code: 'UNKNOWN_TOKEN',
    message: `no pool holds the token USDCC; did you mean USDC?; ${names}`,
    details: { token: 'USDCC', warnings: WARNINGS },
  });
  await assertAll({ ...REQUEST, ...MISSPELT, pools: ['NONE'] }, {
    code: 'UNKNOWN_POOL',
    message: `there is no pool NONE; ${names}`,
    details: { pool_id: 'NONE', warnings: WARNINGS },
  });
  const { code, details } = (await post(worker, { token_in: 'USDC', token_out: 'BTC', amount_in_atomic: '1', ...MISSPELT })).body.error;
  assert.deepEqual([code, details.warnings], ['AMOUNT_TOO_SMALL', WARNINGS]);
  const beyond = { token_in: 'OX', token_out: 'OY', amount_out_atomic: String(2n ** 128n - 1n), ...MISSPELT };
  await assertAll(beyond, {
    code: 'AMOUNT_OVERFLOW',
    message: `the swap exceeds the 128-bit arithmetic of the contract; ${names}`,
    details: { warnings: WARNINGS },
  });
});

test('a refusal of too much names the limits that may be why', async () => {
  const [edge, ...others] = await askAll({ ...REQUEST, amount_in: '99999999', max_bins: 5, pools: ['BTC-USDC-25'] });
  assert.deepEqual(others, [edge, edge]);
  assert.match(edge.message, /^the pools take [\d,.]+ BTC of 99,999,999 BTC, narrowed by pools, max_bins$/);
  assert.deepEqual(edge.details.narrowed_by, ['pools', 'max_bins']);
});

const file = join(temporaryFolder(), 'market.json');

test('people are told, and the answer verifies, also against Redis', async () => {
  const table = await succeed(['quote', 'BTC', 'USDC', '1', '--exclude-pools', 'BTC-USDC-26'], { redis });
  assert.match(table, /FILTER_UNKNOWN: exclude_pools names BTC-USDC-26, which is not there; did you mean BTC-USDC-25\?/);
  await succeed(['snapshot', '--out', file], { redis });
  const offline = await succeed(['quote', 'BTC', 'USDC', '1', '--via', 'SOLL', '--snapshot', file]);
  assert.match(offline, /FILTER_UNKNOWN: via names SOLL, which is not there; did you mean SOL\?/);
  const { body } = await post(worker, { ...REQUEST, ...MISSPELT, include_state: true });
  assert.deepEqual(body.input.unknown_names, WARNINGS.map(({ field, name }) => ({ field, name })));
  assert.equal(verify(body).equal, true);
  assert.equal(verify({ ...body, warnings: [] }).equal, false);
  const online = await dlmm(['verify-quote', '-', '--redis', redis.url], { input: JSON.stringify(body) });
  assert.deepEqual(online, { status: 0, stdout: 'equal\n', stderr: '' });
});
