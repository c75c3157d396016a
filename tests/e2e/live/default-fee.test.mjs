// A live engine charges the default fee of its service, also of a pool that has changed since it began.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuoteClient } from '../../../web/pkg/client.js';
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
