// A pool that comes to be left out while a client follows it: the client is told, and quotes say so.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { QuoteEngine } from '../../../web/pkg/index.js';
import { startMarket } from '../worker/market.mjs';
import { closeStreams, openStream } from '../worker/event-stream.mjs';

const POOL = 'BTC-USDC-25';
const KEY = `bin:${POOL}:499`;
const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: 1 };

after(closeStreams);

test('a bin that is no text any more is no bin that is gone: a snapshot names it, and another one when it is mended', async () => {
  const { redis, worker } = await startMarket({ vars: { STREAM_POLL_MS: '200' } });
  const stream = await openStream(worker, '/changes?token_in=BTC&token_out=USDC');
  const quote = ({ event, data }) => {
    assert.equal(event, 'snapshot');
    const { state, warnings } = QuoteEngine.fromSnapshot(data).quote(REQUEST);
    return [state.pools.map(({ pool_id }) => pool_id), warnings.map(({ code, key }) => `${code} ${key}`)];
  };
  assert.deepEqual(quote(await stream.next()), [[POOL], []]);
  const text = await redis.command('GET', KEY);
  await redis.transaction([['DEL', KEY], ['HSET', KEY, 'field', '1']]);
  assert.deepEqual(quote(await stream.next(() => true, 1)), [['BTC-USDC-50'], [`POOL_SKIPPED ${KEY}`]]);
  await redis.transaction([['DEL', KEY], ['SET', KEY, text]]);
  // A poll of what is known does not see it; one in ten looks at everything.
  assert.deepEqual(quote(await stream.next(() => true, 2)), [[POOL], []]);
});
