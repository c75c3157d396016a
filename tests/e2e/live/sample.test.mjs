// Changes where the bundled sample stands in for Redis: it is told as it is, nothing changes in it, and Redis is told when it is back.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { QuoteClient } from '../../../web/pkg/client.js';
import { startGateway, startWorker } from '../stack/index.mjs';
import { closeStreams, openStream, withPrice } from '../worker/event-stream.mjs';
import { ONE_BTC, bendValue, eventually, startMarket } from '../worker/market.mjs';

const FALLBACK = { REDIS_FALLBACK_TO_MOCK: 'true', STREAM_POLL_MS: '200' };
const POOL = '/changes?pools=BTC-USDC-25';
const BIN = 'bin:BTC-USDC-25:500';

afterEach(closeStreams);

const told = ({ event, data }) => [event, data.source, data.part, data.pools?.map(({ pool_id }) => pool_id)];

test('without a Redis the pools of the sample are told once, and the stream ends as any other', async () => {
  const worker = await startWorker({ vars: { ...FALLBACK, STREAM_MAX_SECONDS: '2' } });
  const paths = [POOL, '/changes?token_in=BTC&token_out=SOL', '/changes?pools=NONE', '/changes?token_in=BTC&token_out=NONE'];
  const streams = await Promise.all(paths.map((path) => openStream(worker, path)));
  const [pool, pair, unknownPool, unknownToken] = await Promise.all(streams.map((stream) => stream.next()));
  assert.deepEqual(told(pool), ['snapshot', 'sample', true, ['BTC-USDC-25']]);
  assert.deepEqual(told(pair), ['snapshot', 'sample', true, ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']]);
  for (const [{ event, data }, code] of [[unknownPool, 'UNKNOWN_POOL'], [unknownToken, 'UNKNOWN_TOKEN']]) {
    assert.deepEqual([event, data.error.code, data.source], ['refused', code, 'sample']);
  }
  for (const stream of streams) {
    await eventually(async () => stream.ended);
    // It has looked several times by then.
    assert.deepEqual([stream.ended, stream.events.length, stream.retry >= 500], ['whole', 1, true]);
  }
  const again = await openStream(worker, POOL, { headers: { 'last-event-id': pool.lastEventId } });
  assert.deepEqual(told(await again.next()), ['snapshot', 'sample', true, ['BTC-USDC-25']]);
});

test('a live engine of the package lives on it', async () => {
  const worker = await startWorker({ vars: FALLBACK });
  // It would wait for ever where it is given no pools.
  const live = await new QuoteClient({ url: worker.url }).liveEngine({ tokens: ['BTC', 'USDC'], signal: AbortSignal.timeout(20_000) });
  try {
    await eventually(async () => (live.state === 'live' ? true : undefined));
    assert.equal(live.quote(ONE_BTC).amount_out, '99900.0');
  } finally {
    live.close();
  }
});

test('a Redis that goes leaves the sample, and takes its place again when it is back', async () => {
  const { worker, redis, gateway } = await startMarket({ vars: { ...FALLBACK, REDIS_SOCKET_TIMEOUT: '1' } });
  await bendValue(redis, BIN, (bin) => (bin.price = 90000));
  const stream = await openStream(worker, POOL);
  // Only the sample is named as a source.
  assert.equal(told(await stream.next())[1], undefined);
  await gateway.stop();
  assert.deepEqual(told(await stream.next(() => true, 1)), ['snapshot', 'sample', true, ['BTC-USDC-25']]);
  // One that comes only now.
  const late = await openStream(worker, POOL);
  assert.equal(told(await late.next())[1], 'sample');
  await startGateway({ redisUrl: redis.url, token: gateway.token, port: Number(new URL(gateway.url).port) });
  for (const [one, at] of [[stream, 2], [late, 1]]) {
    const back = await one.next(() => true, at);
    assert.deepEqual(told(back), ['snapshot', undefined, true, ['BTC-USDC-25']]);
    assert.match(JSON.stringify(back.data), /90000/);
  }
  await redis.command('SET', ...(await withPrice(redis, BIN, 91000)));
  const next = await stream.next(({ event }) => event === 'changes', 3);
  assert.deepEqual(Object.keys(next.data.keys), [BIN]);
  for (const { events } of [stream, late]) assert.ok(events.every(({ id }, at) => at === 0 || id >= events[at - 1].id), 'ids only grow');
});
