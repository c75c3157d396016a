// An engine that follows a service: it holds what the service holds, and says so where it cannot know.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DlmmError, QuoteClient } from '../../../web/pkg/client.js';
import { engine, oneBtc, snapshot } from '../market.mjs';
import { QUICK, startService, until } from './scripted-service.mjs';

const dearer = (price) => ({ bin_id: 500, x_amount: '10', y_amount: String(price * 10), price: String(price) });
const changes = (price, more = {}) => ({ taken_at: '2026-01-01T00:02:00Z', block_height: null, keys: { 'bin:BTC-USDC:500': JSON.stringify(dearer(price)) }, ...more });

const client = (service, options = {}) => new QuoteClient({ url: service.url, pace: QUICK, ...options });
const MARKET = { tokens: ['BTC', 'USDC'] };

test('follows changes from the first snapshot on', async () => {
  let call;
  const service = await startService({ '/changes': (one) => (call = one.open().event('snapshot', snapshot(), 7)) });
  const states = [];
  const live = await client(service).liveEngine({ ...MARKET, onState: (state) => states.push(state) });
  assert.deepEqual([live.state, live.id, [...call.query]], ['live', '7', [['token_in', 'BTC'], ['token_out', 'USDC']]]);
  assert.equal(live.quote(oneBtc()).amountOut, 100_000_000n);
  call.event('changes', changes(200), 8);
  await until(() => live.id === '8');
  assert.equal(live.quote(oneBtc()).amount_out, '200.0');
  assert.deepEqual(states, ['live']);
  live.close();
  await call.closed;
  assert.throws(() => live.quote(oneBtc()), (error) => error instanceof DlmmError && error.code === 'ENGINE_FREED');
});
