// One isolate, many batches: a quote that comes meanwhile does not wait for all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ONE_BTC, startMarket } from './market.mjs';

const BATCHES = 8;
/** Refusals are dear: each asks what would fill. */
const REFUSED = { token_in: 'BTC', token_out: 'USDC', amount_in: '900000', max_splits: 0 };

test('a simple quote is answered before the batches that were there before it', async () => {
  const market = await startMarket();
  await market.quote(ONE_BTC);
  const body = JSON.stringify({ requests: Array.from({ length: 100 }, (_, n) => ({ ...REFUSED, amount_in: String(900_000 + n) })) });
  const order = [];
  const arrived = (name) => async (response) => {
    order.push(name);
    return { status: response.status, body: await response.json() };
  };
  const batches = Array.from({ length: BATCHES }, () => market.worker.fetch('/quotes', { method: 'POST', body }).then(arrived('batch')));
  // The Worker has begun with them once it has read for one.
  const before = await commands(market);
  while ((await commands(market)) === before);
  const quote = await market.worker.fetch('/quote', { method: 'POST', body: JSON.stringify(ONE_BTC) }).then(arrived('quote'));
  assert.equal(quote.status, 200);
  const answers = await Promise.all(batches);
  assert.ok(order.indexOf('quote') < BATCHES - 1, order.join(' '));
  for (const { status, body: { answers: entries } } of answers) {
    assert.equal(status, 200);
    const codes = new Set(entries.map(({ error }) => error?.code));
    assert.deepEqual([...codes], ['INSUFFICIENT_LIQUIDITY'], 'and none ran out of time');
  }
});

/** How many MGETs Redis has seen. */
async function commands({ redis }) {
  const stats = await redis.command('INFO', 'commandstats');
  return Number(/cmdstat_mget:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}
