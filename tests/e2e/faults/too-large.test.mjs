// Values that no reply carries: their pool is left out and named, and the rest is quoted.
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { assertRefused, bendValue, dlmm, eventually } from '../worker/market.mjs';
import { dlmm as run } from '../cli/dlmm.mjs';
import { assertHeldNow, startFaultyMarket } from './market.mjs';
import { answer } from './spoil.mjs';

const POOL = 'BTC-USDC-25';
const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: 1.0 };
/** More than both pools hold: it reads all bins of one side. */
const DEEP = { ...REQUEST, amount_in: 100_000, allow_partial: true };
const BYTES = 20 * 1024 * 1024;
const REASON = `holds ${BYTES} bytes, too many for a reply`;

let market;
before(async () => {
  // A big value takes its time through a gateway that is not optimised.
  market = await startFaultyMarket();
});
beforeEach(async () => {
  await market.redis.command('FLUSHALL');
  await dlmm(['seed', '--redis', market.redis.url]);
  market.proxy.heal();
});

/** Puts 20 MB in the place of a value; gives the value. */
async function bloat(key) {
  const text = await market.redis.command('GET', key);
  await market.redis.command('SET', key, 'x'.repeat(BYTES));
  return text;
}
const skippedOf = ({ body }) => body.warnings.filter(({ code }) => code === 'POOL_SKIPPED');

test('a bin of 20 MB leaves its pool out of the very quote that met it, and of those that follow without a look each', async () => {
  const worker = await market.start();
  await worker.quote(REQUEST);
  const key = `bin:${POOL}:499`;
  const text = await bloat(key);
  const skipped = [{ code: 'POOL_SKIPPED', key, reason: REASON }];
  const first = await worker.quote(REQUEST);
  assert.equal(first.status, 200, JSON.stringify(first.body).slice(0, 300));
  assert.deepEqual([skippedOf(first), first.body.state.pools[0].pool_id], [skipped, 'BTC-USDC-50']);
  market.proxy.requests.length = 0;
  const started = Date.now();
  for (let n = 0; n < 20; n += 1) assert.deepEqual(skippedOf(await worker.quote(REQUEST)), skipped);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const lengths = market.proxy.requests.filter(({ command }) => command === 'STRLEN');
  assert.ok(lengths.length <= Math.ceil((Date.now() - started) / 2_000) + 1, `${lengths.length} looks`);
  for (const { commands } of lengths) assert.equal(commands, 1, 'a look is at that key alone');
  assert.ok(market.proxy.reads.every(({ keys }) => !keys.includes(key)), 'and it is not read');
  const details = assertRefused(await worker.quote({ ...REQUEST, strict: true }), 'STATE_INVALID', 502);
  assert.deepEqual(details, { key, reason: REASON });
  await market.redis.command('SET', key, text);
  const body = await eventually(async () => {
    const again = await worker.quote(REQUEST);
    return skippedOf(again).length === 0 ? again.body : undefined;
  });
  assert.equal(body.state.pools[0].pool_id, POOL);
});

test('the answer without it can be checked, and what it rests on is what Redis holds', async () => {
  const worker = await market.start();
  await bloat(`bin:${POOL}:499`);
  const { body } = await worker.quote({ ...REQUEST, include_state: true });
  assert.equal(body.input.pools[0].left_out.reason, REASON);
  const { stdout, status } = await run(['verify-quote', '-'], { input: JSON.stringify(body) });
  assert.deepEqual([status, stdout.trim()], [0, 'equal']);
  body.input.pools.shift();
  await assertHeldNow(market.redis, body);
});

test('where no other pool is left it is STATE_INVALID, and says why', async () => {
  const worker = await market.start();
  await bloat(`bin:${POOL}:499`);
  const details = assertRefused(await worker.quote({ ...REQUEST, pools: [POOL] }), 'STATE_INVALID', 502);
  assert.deepEqual(details, { key: `bin:${POOL}:499`, reason: REASON });
});

test('a pool value of 20 MB does not keep the others from being listed', async () => {
  const known = await market.start();
  await known.quote(REQUEST);
  const text = await bloat(`pool:${POOL}`);
  const fresh = await market.start();
  for (const worker of [known, fresh]) {
    const { status, body } = await worker.quote(REQUEST);
    assert.deepEqual([status, body.state?.pools[0].pool_id], [200, 'BTC-USDC-50'], JSON.stringify(body).slice(0, 300));
  }
  assert.deepEqual(skippedOf(await known.quote(REQUEST)), [{ code: 'POOL_SKIPPED', key: `pool:${POOL}`, reason: REASON }]);
  const health = await (await fresh.fetch('/health')).json();
  assert.deepEqual([health.status, health.left_out], ['ok', { count: 1, first: [{ key: `pool:${POOL}`, reason: REASON }] }]);
  await market.redis.command('SET', `pool:${POOL}`, text);
  for (const worker of [known, fresh]) {
    await eventually(async () => ((await worker.quote(REQUEST)).body.state.pools[0].pool_id === POOL ? true : undefined));
  }
});

test('/pools, /pools/{id}, /snapshot and the terminal name it', async () => {
  const worker = await market.start();
  const json = async (path) => (await worker.fetch(path)).json();
  const key = `bin:${POOL}:500`;
  await bloat(key);
  await bloat('pool:SOL-USDC-25');
  const expected = [{ key, reason: REASON }, { key: 'pool:SOL-USDC-25', reason: REASON }];
  const byKey = (list) => list.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  assert.deepEqual(byKey((await json('/pools')).skipped), expected);
  const snapshot = await json('/snapshot');
  // With the pair where the value tells it, so that offline quotes of that pair can say so.
  const inSnapshot = [{ ...expected[0], pool_id: POOL, token_x: 'BTC', token_y: 'USDC' }, expected[1]];
  assert.deepEqual([byKey(snapshot.skipped), snapshot.pools.map(({ pool_id }) => pool_id)], [inSnapshot, ['BTC-USDC-50']]);
  for (const id of [POOL, 'SOL-USDC-25']) {
    const response = await worker.fetch(`/pools/${id}`);
    assertRefused({ status: response.status, body: await response.json() }, 'STATE_INVALID', 502);
  }
  const { redis } = market;
  const quote = await run(['quote', '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1', '--json'], { redis });
  // Nobody can tell which tokens the other one has, so it concerns this quote too.
  const skipped = expected.map((one) => ({ code: 'POOL_SKIPPED', ...one }));
  assert.deepEqual(byKey(JSON.parse(quote.stdout).warnings.filter(({ code }) => code === 'POOL_SKIPPED')), skipped);
  const verify = JSON.parse((await run(['verify', '--json'], { redis })).stdout);
  assert.ok(verify.findings.some((found) => found.level === 'error' && found.key === key && found.problem === REASON));
});

test('many values that do not fit together: the largest pools are left out until the others fit, and nothing loops', async () => {
  const [worker, other] = [await market.start(), await market.start()];
  // Its like is read in one read from then on, as wide as values of this length let.
  for (const one of [worker, worker, other, other]) assert.equal((await one.quote(DEEP)).status, 200);
  const sentence = 'ERR max request size exceeded. Limit: 5242880 bytes, Actual: 6277695 bytes. See https://upstash.com';
  const tooMuch = answer(400, JSON.stringify({ error: sentence }));
  const reads = () => market.proxy.reads.length;
  // Where what Redis holds would fit, the reply came from elsewhere: no pool is to blame.
  market.proxy.nextReads(tooMuch);
  market.proxy.requests.length = 0;
  assertRefused(await worker.quote(DEEP), 'UPSTREAM_INVALID', 502);
  assert.equal(reads(), 1);
  for (const [id, bytes] of [[POOL, 60_000], ['BTC-USDC-50', 50_000]]) {
    for (let bin = 450; bin <= 500; bin += 1) await bendValue(market.redis, `bin:${id}:${bin}`, (value) => (value.note = 'x'.repeat(bytes)));
  }
  market.proxy.nextReads(tooMuch);
  market.proxy.requests.length = 0;
  const { status, body } = await worker.quote(DEEP);
  assert.equal(status, 200, JSON.stringify(body).slice(0, 300));
  const [{ key, reason }] = skippedOf({ body });
  assert.match(key, new RegExp(`^bin:${POOL}:`));
  assert.match(reason, /^its pool holds \d+ bytes, too many for a reply with those of other pools$/);
  assert.equal(reads(), 2);
  market.proxy.everyRead(tooMuch);
  market.proxy.requests.length = 0;
  assertRefused(await other.quote(DEEP), 'UPSTREAM_INVALID', 502);
  assert.equal(reads(), 2);
});
