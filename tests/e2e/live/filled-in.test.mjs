// What a snapshot fills in is what its service knows: the default fee, and decimals that nobody states.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuoteClient } from '../../../web/pkg/client.js';
import { QuoteEngine } from '../../../web/pkg/index.js';
import { bendValue, eventually, startMarket } from '../worker/market.mjs';

const REQUEST = { token_in: 'SOL', token_out: 'USDC', amount_in: '1' };

test('a pool that states no fees has those of the service before and after it changes', async (t) => {
  const { redis, worker, quote } = await startMarket({ vars: { DEFAULT_FEE_BPS: '30', STREAM_POLL_MS: '200' } });
  const live = await new QuoteClient({ url: worker.url }).liveEngine({ tokens: ['SOL', 'USDC'] });
  t.after(() => live.close());
  const before = (await quote(REQUEST)).body;
  assert.equal(live.quote(REQUEST).amountOut, BigInt(before.amount_out_atomic));
  let changed = false;
  live.onChange(() => (changed = true));
  await bendValue(redis, 'pool:SOL-USDC-25', (pool) => {
    assert.ok(!Object.keys(pool).some((name) => name.endsWith('_fee')), 'it states none');
    pool.last_updated = new Date().toISOString();
  });
  await eventually(() => changed || undefined);
  assert.equal((await quote(REQUEST)).body.amount_out_atomic, before.amount_out_atomic);
  assert.equal(live.quote(REQUEST).amountOut, BigInt(before.amount_out_atomic));
});

test('decimals that are assumed stay an assumption until a pool states them', async (t) => {
  const pool = (pool_id, fields) => JSON.stringify({ pool_id, token_x: 'FOO', token_y: 'USDC', active_bin_id: 500, status: 'active', last_updated: new Date().toISOString(), ...fields });
  const bin = JSON.stringify({ bin_id: 500, x_amount: '1000', y_amount: '1000', price: '1' });
  const prepare = async (redis) => {
    await redis.command('MSET', 'pool:F1', pool('F1'), 'bin:F1:500', bin, 'pool:F2', pool('F2'), 'bin:F2:500', bin);
    await redis.command('SADD', 'pools', 'F1', 'F2');
  };
  const { redis, worker, quote } = await startMarket({ prepare, vars: { STREAM_POLL_MS: '200' } });
  const request = { token_in: 'FOO', token_out: 'USDC', amount_in: '1' };
  const assumed = ({ warnings }) => warnings.filter(({ code }) => code === 'DECIMALS_ASSUMED').map(({ token }) => token);
  assert.deepEqual(assumed((await quote(request)).body), ['FOO']);
  const snapshot = await (await worker.fetch('/snapshot?token_in=FOO&token_out=USDC')).json();
  assert.deepEqual(snapshot.tokens, { FOO: { decimals: 18, decimals_from: 'assumed' }, USDC: { decimals: 6 } });
  assert.deepEqual(assumed(QuoteEngine.fromSnapshot(snapshot).quote(request)), ['FOO']);
  const live = await new QuoteClient({ url: worker.url }).liveEngine({ tokens: ['FOO', 'USDC'] });
  t.after(() => live.close());
  await redis.transaction([['SET', 'pool:F1', pool('F1', { token_x_decimals: 6 })], ['HINCRBY', 'metadata', 'data_version', '1']]);
  const stated = async (ask) => eventually(async () => ((await ask()).amount_in_atomic === '1000000' ? true : undefined));
  await stated(async () => (await quote(request)).body);
  await stated(() => {
    const answer = live.quote(request);
    return { ...answer, amount_in_atomic: String(answer.amountIn) };
  });
  assert.deepEqual(assumed(live.quote(request)), []);
});
