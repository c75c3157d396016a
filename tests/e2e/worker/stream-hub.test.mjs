// A Durable Object that fans one subscription out to all streams.
import assert from 'node:assert/strict';
import { afterEach, before, describe, test } from 'node:test';
import { startGateway, startWorker } from '../stack/index.mjs';
import { closeStreams, heard, metric, openStream, publish, withPrice } from './event-stream.mjs';
import { eventually, startMarket } from './market.mjs';

const OTHER = 'bin:SOL-USDC-25:500';

afterEach(closeStreams);

describe('with a hub', () => {
  let market;
  let worker;
  before(async () => {
    market = await startMarket();
    worker = await startWorker({ vars: { ...market.vars, STREAM_POLL_MS: '60000' }, bound: { durableObjects: { STREAM_HUB: 'StreamHub' } } });
  });

  const subscribers = async () => (await market.redis.command('PUBSUB', 'NUMSUB', 'dlmm:changes'))[1];

  test('all streams share one subscription to Redis, which ends with the last of them', async () => {
    const { redis } = market;
    const streams = await Promise.all([1, 2, 3, 4].map((amount) => openStream(worker, `/quote/stream?token_in=SOL&token_out=USDC&amount_in=${amount}`)));
    await Promise.all(streams.map((stream) => stream.next()));
    await heard(worker, redis);
    assert.deepEqual([await metric(worker, 'dlmm_stream_subscriptions'), await subscribers()], [4, 1]);
    const seq = await publish(redis, ['SOL-USDC-25'], [await withPrice(redis, OTHER, 150)]);
    for (const stream of streams) assert.equal((await stream.next(() => true, 1)).id, seq);
    streams.forEach((stream) => stream.close());
    let price = 151;
    await eventually(async () => {
      await publish(redis, ['SOL-USDC-25'], [await withPrice(redis, OTHER, (price += 1))]);
      return (await subscribers()) + (await metric(worker, 'dlmm_streams')) === 0 ? true : undefined;
    }, 30_000);
  });

  test('a subscription that breaks is made anew for all of them', async () => {
    const { redis, gateway } = market;
    const streams = await Promise.all([1, 2].map((amount) => openStream(worker, `/quote/stream?token_in=SOL&token_out=USDC&amount_in=${amount}`)));
    await Promise.all(streams.map((stream) => stream.next()));
    await heard(worker, redis);
    await gateway.stop();
    await eventually(async () => ((await metric(worker, 'dlmm_stream_subscriptions')) === 0 ? true : undefined));
    await redis.command('SET', ...(await withPrice(redis, OTHER, 111)));
    await startGateway({ redisUrl: redis.url, token: gateway.token, port: Number(new URL(gateway.url).port) });
    // No poll comes for a minute: what was missed is seen as soon as the subscription stands again, long before a comment.
    const began = Date.now();
    for (const stream of streams) await stream.next(({ data }) => Number(data.steps?.[0].price) === 111);
    // A look when the old one broke may tell it before the new one stands.
    await eventually(async () => ((await subscribers()) === 1 ? true : undefined));
    console.log(`# heard again ${Date.now() - began} ms after the gateway was back`);
  });
});
