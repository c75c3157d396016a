// A client that comes back to another isolate, as after a deployment: what it has already it is not told again.
import assert from 'node:assert/strict';
import { afterEach, before, test } from 'node:test';
import { startWorker } from '../stack/index.mjs';
import { closeStreams, openStream, publish, withPrice } from './event-stream.mjs';
import { startMarket } from './market.mjs';

const PAIR = '/changes?token_in=BTC&token_out=USDC';
const BIN = 'bin:BTC-USDC-25:500';

afterEach(closeStreams);

let market;
let other;
before(async () => {
  market = await startMarket({ vars: { STREAM_POLL_MS: '60000' } });
  other = await startWorker({ vars: market.vars });
});

/** Comes back to a Worker with the id of an event; gives the first one. */
async function comeBack(worker, lastEventId) {
  const stream = await openStream(worker, PAIR, { headers: { 'last-event-id': lastEventId } });
  return [stream, await stream.next()];
}

test('whoever has all of it goes on without a snapshot, in an isolate that never saw it', async () => {
  const { worker, redis } = market;
  const stream = await openStream(worker, PAIR);
  const snapshot = await stream.next();
  const [again, first] = await comeBack(other, snapshot.lastEventId);
  assert.deepEqual([first.event, first.data.keys, first.lastEventId], ['changes', {}, snapshot.lastEventId]);
  const changed = await withPrice(redis, BIN, 91000);
  const seq = await publish(redis, ['BTC-USDC-25'], [changed]);
  for (const [told, from] of [[stream, 1], [again, 1]]) {
    const next = await told.next(() => true, from);
    assert.deepEqual([next.id, next.data.keys], [seq, Object.fromEntries([changed])]);
  }
  assert.equal(again.events[1].lastEventId, stream.events[1].lastEventId, 'both know what the client has');
});

test('whoever missed something there, or knew other settings, gets a snapshot', async () => {
  const { worker, redis } = market;
  const stream = await openStream(worker, PAIR);
  const { lastEventId } = await stream.next();
  stream.close();
  const strange = await startWorker({ vars: { ...market.vars, DEFAULT_FEE_BPS: '77' } });
  assert.equal((await comeBack(strange, lastEventId))[1].event, 'snapshot');
  await redis.command('SET', ...(await withPrice(redis, BIN, 92000)));
  assert.equal((await comeBack(other, lastEventId))[1].event, 'snapshot');
});
