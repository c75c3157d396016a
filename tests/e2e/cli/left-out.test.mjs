// Ids and symbols that cannot be used: named wherever pools are listed, in the terminal and by the Worker.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { assertRefused, eventually } from '../worker/market.mjs';
import { dlmm, succeed } from './dlmm.mjs';

const LONG = `${'a'.repeat(119)}-USDC-100`;
const TOO_LONG = `${LONG}x`;
const SYMBOL = 'T'.repeat(128);
const UNFIT = 'its id must be 1 to 128 characters of A-Z a-z 0-9 . _ -';
const HALF = String.raw`pool:\ud800`;
const pool = (pool_id, fields = {}) =>
  JSON.stringify({ pool_id, token_x: SYMBOL, token_y: 'USDC', active_bin_id: 500, status: 'active', token_x_decimals: 6, token_y_decimals: 6, last_updated: new Date().toISOString(), ...fields });
const bin = JSON.stringify({ bin_id: 500, reserve_x: '1000000000', reserve_y: '1000000000', price_e8: '100000000' });
const REQUEST = { token_in: SYMBOL, token_out: 'USDC', amount_in: 1 };

let redis;
let worker;
before(async () => {
  redis = await startRedis();
  await succeed(['seed'], { redis });
  await redis.transaction([
    ['SET', `pool:${LONG}`, pool(LONG)],
    ['SET', `bin:${LONG}:500`, bin],
    ['SADD', 'pools', LONG, TOO_LONG, 'in the\u001b[2Jset'],
    ['SET', `pool:${TOO_LONG}`, pool(TOO_LONG)],
    ['SET', 'pool:alone and odd', pool('alone and odd')],
    ['SET', 'pool:OTHER', pool('ANOTHER')],
    ['SET', 'pool:TOKENS', pool('TOKENS', { token_x: 'T'.repeat(129) })],
    ['SET', 'tokens:BTC', JSON.stringify(['BTC-USDC-25', 'BTC-USDC-50', 'of a token!'])],
    // Half of a surrogate pair spoils its own name, and not the list.
    ['SET', 'tokens:SOL', JSON.stringify(['SOL-USDC-25', '\ud800'])],
    ['SET', 'pairs:BTC:USDC', JSON.stringify({ pools: ['BTC-USDC-25', 'BTC-USDC-50', 'of a pair!'] })],
  ]);
  const gateway = await startGateway({ redisUrl: redis.url });
  worker = await startWorker({ vars: upstashVars(gateway) });
});

const KEYS = ['pool:OTHER', 'pool:TOKENS', `pool:${TOO_LONG}`, 'pool:alone and odd', String.raw`pool:in the\u{1b}[2Jset`, 'pool:of a token!', 'pool:of a pair!', HALF];
const json = async (path, init) => (await worker.fetch(path, init)).json();
const quote = async (request) => {
  const response = await worker.fetch('/quote', { method: 'POST', body: JSON.stringify(request) });
  return { status: response.status, body: await response.json() };
};
/** The Worker has found all of them once a scan has completed its list. */
const complete = () => eventually(async () => ((await json('/health')).left_out.count === KEYS.length ? true : undefined));

test('ids and symbols of 128 characters are quoted like any other', async () => {
  const { status, body } = await quote(REQUEST);
  assert.deepEqual([status, body.routes?.[0].hops[0].pool_id], [200, LONG], JSON.stringify(body));
  assert.equal((await quote({ ...REQUEST, pools: [LONG] })).status, 200);
  for (const path of [`/pools/${LONG}`, `/snapshot?pools=${LONG}`, `/routes?token_in=${SYMBOL}&token_out=USDC`]) {
    assert.equal((await worker.fetch(path)).status, 200, path);
  }
  const told = await dlmm(['quote', '--token-in', SYMBOL, '--token-out', 'USDC', '--amount-in', '1', '--json'], { redis });
  assert.equal(JSON.parse(told.stdout).amount_out, body.amount_out);
  assertRefused(await quote({ ...REQUEST, token_in: `${SYMBOL}T` }), 'INVALID_REQUEST', 400);
});

test('whatever is left out is in /pools, /snapshot and /health, with the reason', async () => {
  await complete();
  const { skipped, skipped_more, total } = await json('/pools');
  const byKey = (list) => Object.fromEntries(list.map(({ key, reason }) => [key, reason]));
  assert.deepEqual(Object.keys(byKey(skipped)).sort(), KEYS.toSorted());
  assert.deepEqual([skipped_more, total], [undefined, 6]);
  const told = byKey(skipped);
  assert.equal(told[`pool:${TOO_LONG}`], `${UNFIT}, named by pools`);
  assert.equal(told['pool:alone and odd'], UNFIT);
  assert.equal(told['pool:OTHER'], 'pool_id is ANOTHER');
  assert.equal(told[HALF], 'its id holds a lone surrogate, named by tokens:SOL');
  assert.equal(told['pool:TOKENS'], 'token_x must be 1 to 128 characters of A-Z a-z 0-9 . _ -');
  assert.deepEqual(byKey((await json('/snapshot')).skipped), told);
  const { left_out } = await json('/health');
  assert.deepEqual([left_out.count, left_out.first.length], [KEYS.length, 5]);
});

test('the lists are bounded and say how many more there are', async () => {
  const names = Array.from({ length: 1_500 }, (_, n) => `bad ${String(n).padStart(4, '0')}`);
  await redis.command('SADD', 'pools', ...names);
  await eventually(async () => ((await json('/health')).left_out.count === KEYS.length + 1_500 ? true : undefined));
  for (const path of ['/pools', '/snapshot']) {
    const { skipped, skipped_more } = await json(path);
    assert.ok(skipped.length >= 100 && skipped.length <= 102, `${skipped.length}`);
    assert.equal(skipped.length + skipped_more, KEYS.length + 1_500, path);
  }
  assert.ok((await json('/health')).left_out.first.length === 5);
  const status = await succeed(['status'], { redis });
  assert.match(status, /^1,\d{3} more are left out; `dlmm verify` names 1,000 of all$/m);
  const verify = JSON.parse((await dlmm(['verify', '--json'], { redis })).stdout);
  assert.ok(verify.findings.length < 1_100);
  const [more] = verify.findings.flatMap(({ level, problem }) => (level === 'error' ? (problem.match(/^(\d+) more are left out$/)?.slice(1) ?? []) : []));
  const errors = verify.findings.filter(({ level }) => level === 'error');
  assert.equal(verify.errors, errors.length - 1 + Number(more), 'each counts, named or not');
  assert.equal(verify.errors, KEYS.length + 1_500);
  await redis.command('SREM', 'pools', ...names);
  await complete();
});

test('dlmm verify has an error for each, and status names them; no terminal obeys a name', async () => {
  const lists = [`pool:of a token!: ${UNFIT}, named by tokens:BTC`, `pool:of a pair!: ${UNFIT}, named by pairs:BTC:USDC`, `${HALF}: its id holds a lone surrogate, named by tokens:SOL`];
  const verify = await dlmm(['verify', '--json'], { redis });
  assert.equal(verify.status, 1);
  const errors = JSON.parse(verify.stdout).findings.filter(({ level }) => level === 'error');
  for (const key of KEYS) assert.ok(errors.some((found) => found.key === key), key);
  assert.ok(!verify.stdout.includes('tokens:SOL: '), 'the list is one');
  for (const line of lists) assert.ok(errors.some(({ key, problem }) => `${key}: ${problem}` === line), line);
  const status = await succeed(['status'], { redis });
  assert.match(status, /pool:aaa+-USDC-100x is left out: its id must be 1 to 128/);
  const plain = await dlmm(['verify'], { redis });
  const stderr = (await dlmm(['snapshot'], { redis })).stderr;
  assert.match(stderr, /pool:alone and odd is left out/);
  for (const text of [status, plain.stdout, stderr]) assert.ok(!text.includes('\u001b'), JSON.stringify(text));
});
