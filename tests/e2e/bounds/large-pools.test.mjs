// Pools that do not fit one reply together are read in parts; one that does not fit by itself is left out by name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeStreams, openStream } from '../worker/event-stream.mjs';
import { eventually } from '../worker/market.mjs';
import { startWideMarket, wholePool } from './wide-market.mjs';

const LARGE = Array.from({ length: 9 }, (_, n) => `L${n}`);
const HUGE = 'M';

let market;
before(async () => {
  market = await startWideMarket({});
  await market.redis.session(async (client) => {
    for (const id of [...LARGE, HUGE]) {
      const beside = 'x'.repeat(id === HUGE ? 14_000 : 1_600);
      const values = [...wholePool(id, 'A', 'B')].map(([key, text]) => [key, key.startsWith('bin:') ? JSON.stringify({ ...JSON.parse(text), beside }) : text]);
      // One command of 14 MB takes its time.
      for (let at = 0; at < values.length; at += 250) await client.sendCommand(['MSET', ...values.slice(at, at + 250).flat()]);
      await client.sendCommand(['SADD', 'pools', id]);
    }
  });
});
after(closeStreams);

const get = async (path) => {
  const response = await market.worker.fetch(path);
  return { status: response.status, body: await response.json() };
};

/** The reason for which the huge pool is left out, once it is read whole. */
function assertNamed({ key, reason }) {
  assert.match(key, /^bin:M:\d+$/);
  assert.match(reason, /^its pool holds 14\d{6} bytes, too many for a reply$/);
}

test('every page of a snapshot has what fits, and names what no reply holds', async () => {
  const [ids, skipped] = [[], []];
  for (let after = ''; after !== undefined; ) {
    const { status, body } = await get(`/snapshot?limit=300${after}`);
    assert.equal(status, 200, JSON.stringify(body).slice(0, 300));
    ids.push(...body.pools.map(({ pool_id }) => pool_id));
    skipped.push(...(body.skipped ?? []));
    after = body.next && `&after=${body.next}`;
  }
  assert.deepEqual(ids, LARGE);
  assert.equal(skipped.length, 1);
  assertNamed(skipped[0]);
});

test('a copy of chosen pools, and one pool alone', async () => {
  const chosen = await get(`/snapshot?pools=${LARGE.slice(0, 4).join(',')},${HUGE}`);
  assert.equal(chosen.status, 200, JSON.stringify(chosen.body).slice(0, 300));
  assert.deepEqual(chosen.body.pools.map(({ pool_id }) => pool_id), LARGE.slice(0, 4));
  assertNamed(chosen.body.skipped[0]);
  const alone = await get(`/pools/${LARGE[0]}`);
  assert.deepEqual([alone.status, alone.body.bins.length], [200, 1001]);
  const huge = await get(`/pools/${HUGE}`);
  assert.deepEqual([huge.status, huge.body.error.code], [502, 'STATE_INVALID']);
  assertNamed(huge.body.error.details);
});

test('a stream of changes begins with what fits, and goes on', async () => {
  const stream = await openStream(market.worker, `/changes?pools=${LARGE.slice(0, 4).join(',')},${HUGE}`);
  const [{ event, data }] = await eventually(() => (stream.events.length > 0 ? stream.events : undefined));
  assert.equal(event, 'snapshot');
  assert.deepEqual(data.pools.map(({ pool_id }) => pool_id), LARGE.slice(0, 4));
  assertNamed(data.skipped[0]);
  const key = `bin:${LARGE[2]}:500`;
  await market.redis.command('SET', key, (await market.redis.command('GET', key)).replace('x'.repeat(100), 'y'));
  const told = await eventually(() => stream.events.find((one) => one.event === 'changes' && key in one.data.keys));
  assert.deepEqual(Object.keys(told.data.keys), [key]);
});
