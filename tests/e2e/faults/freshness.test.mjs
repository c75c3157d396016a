// How old the state may be: limits of the request and of the operator, and times that are missing or ahead.
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { ONE_BTC, assertRefused, bendValue } from '../worker/market.mjs';
import { ONE_BTC_GIVES, startFaultyMarket } from './market.mjs';

const POOL = 'BTC-USDC-25';
const REQUEST = { ...ONE_BTC, pools: [POOL] };
const HOUR = 3_600_000;

let market;
/** Refuses what is older than ten minutes. */
let limited;
before(async () => {
  market = await startFaultyMarket();
  limited = await market.start({ MAX_STATE_AGE_MS: String(10 * 60_000) });
});
beforeEach(() => stamp(POOL, Date.now()));

/** Gives a pool this time, in milliseconds or as it stands; `undefined` takes it away. */
const stamp = (id, time) => bendValue(market.redis, `pool:${id}`, (pool) => (pool.last_updated = time));
const outcome = ({ body }) => [body.amount_out, body.state.pools[0].age_ms, body.warnings.map(({ code }) => code)];

test('state within the limits is quoted, with its age', async () => {
  await stamp(POOL, Date.now() - 60_000);
  for (const [worker, request] of [[market.worker, REQUEST], [market.worker, { ...REQUEST, max_age_ms: HOUR }], [limited, REQUEST]]) {
    const { status, body } = await worker.quote(request);
    assert.equal(status, 200);
    const { age_ms, last_updated } = body.state.pools[0];
    // What the answer says of its own moment decides, however long the test took to ask.
    assert.equal(age_ms, Date.parse(body.state.read_at) - Date.parse(last_updated) || Date.parse(body.state.read_at) - Number(last_updated));
    assert.ok(age_ms >= 60_000 && age_ms < HOUR);
  }
});

test('older than the request allows: STALE_STATE names the pool, its age and the limit', async () => {
  await stamp(POOL, Date.now() - HOUR);
  assert.equal((await market.worker.quote(REQUEST)).status, 200, 'without a limit any age is quoted');
  const details = assertRefused(await market.worker.quote({ ...REQUEST, max_age_ms: 60_000 }), 'STALE_STATE', 503);
  assert.deepEqual([details.pool_id, details.max_age_ms], [POOL, 60_000]);
  assert.ok(details.age_ms >= HOUR && details.age_ms < 2 * HOUR);
});

test('older than the operator allows: for every request, which can only ask for less', async () => {
  await stamp(POOL, Date.now() - HOUR);
  for (const [max_age_ms, limit] of [[undefined, 600_000], [24 * HOUR, 600_000], [1_000, 1_000]]) {
    const details = assertRefused(await limited.quote({ ...REQUEST, max_age_ms }), 'STALE_STATE', 503);
    assert.deepEqual([details.pool_id, details.max_age_ms], [POOL, limit]);
  }
});

test('only pools of the answer count, and each of them', async () => {
  const chain = { token_in: 'SOL', token_out: 'BTC', amount_in: 1, max_age_ms: 10 * 60_000 };
  await stamp('SOL-USDC-25', Date.now());
  await stamp('BTC-USDC-50', Date.now());
  assert.equal((await market.worker.quote(chain)).status, 200);
  await stamp('SOL-USDC-25', Date.now() - HOUR);
  assert.equal(assertRefused(await market.worker.quote(chain), 'STALE_STATE', 503).pool_id, 'SOL-USDC-25');
  assert.equal((await market.worker.quote({ ...REQUEST, max_age_ms: 10 * 60_000 })).status, 200);
});

test('a missing time is an unknown age: said, and refused under any limit', async () => {
  for (const time of [undefined, null, '', 'yesterday']) {
    await stamp(POOL, time);
    assert.deepEqual(outcome(await market.worker.quote(REQUEST)), [ONE_BTC_GIVES, null, ['AGE_UNKNOWN']], time);
    for (const answer of [await market.worker.quote({ ...REQUEST, max_age_ms: HOUR }), await limited.quote(REQUEST)]) {
      const details = assertRefused(answer, 'STALE_STATE', 503);
      assert.deepEqual([details.pool_id, details.age_ms], [POOL, null]);
    }
  }
});

test('a time of hours ahead is an unknown age: said, and refused under any limit', async () => {
  for (const time of [Date.now() + HOUR, new Date(Date.now() + HOUR).toISOString(), Math.floor((Date.now() + HOUR) / 1_000)]) {
    await stamp(POOL, time);
    const answer = await market.worker.quote(REQUEST);
    assert.deepEqual(outcome(answer), [ONE_BTC_GIVES, null, ['TIME_AHEAD']]);
    const [{ pool_id, ahead_ms }] = answer.body.warnings;
    assert.equal(pool_id, POOL);
    assert.ok(ahead_ms > HOUR / 2 && ahead_ms <= HOUR + 1_000, `${ahead_ms}`);
    for (const refused of [await market.worker.quote({ ...REQUEST, max_age_ms: 24 * HOUR }), await limited.quote(REQUEST)]) {
      assert.equal(assertRefused(refused, 'STALE_STATE', 503).age_ms, null);
    }
  }
});

test('a time a little ahead is what clocks differ by: age 0, under every limit', async () => {
  await stamp(POOL, Date.now() + 4_800);
  for (const answer of [await market.worker.quote(REQUEST), await limited.quote({ ...REQUEST, max_age_ms: 1 })]) {
    assert.deepEqual(outcome(answer), [ONE_BTC_GIVES, 0, ['TIME_AHEAD']]);
  }
});

test('every quote of these cases is what its state gives', (t) => market.ledger.settle(t, 15));
