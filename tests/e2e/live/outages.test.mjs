// Redis, the gateway and the edge go and come back, each a real one: a live engine and a stream of quotes end up live, with what is there then.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { QuoteClient } from '../../../web/pkg/client.js';
import { startRedis, startWorker } from '../stack/index.mjs';
import { publish, withPrice } from '../worker/event-stream.mjs';
import { ONE_BTC, bendValue, dlmm, eventually, startMarket } from '../worker/market.mjs';

const BIN = 'bin:BTC-USDC-25:500';
const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

let market;
let client;
let live;
let answers;
let newest;
const states = [];

/** Only one pool, so that each of its prices is in the answer. */
const onePool = (redis) => bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));

before(async () => {
  market = await startMarket({ vars: { STREAM_POLL_MS: '200' } });
  await onePool(market.redis);
  client = new QuoteClient({ url: market.worker.url, timeoutMs: 3_000 });
  live = await client.liveEngine({ tokens: ['BTC', 'USDC'], onState: (state) => states.push(state) });
  answers = client.stream(ONE_BTC);
  (async () => {
    for await (const answer of answers) newest = answer;
  })();
});

after(async () => {
  live?.close();
  await answers?.return();
  assert.deepEqual(unhandled, []);
});

const setPrice = async (price) => publish(market.redis, ['BTC-USDC-25'], [await withPrice(market.redis, BIN, price)]);

/** Both are live, and hold the price: 1 BTC less the fee of 0.1 %. */
const bothAre = (price) =>
  eventually(() => {
    const wanted = (price * 0.999).toFixed(1);
    const both = [live, answers].every(({ state }) => state === 'live') && live.quote(ONE_BTC).amount_out === wanted && newest?.amount_out === wanted;
    return Promise.resolve(both ? true : undefined);
  }, 60_000);

/** Nobody who looks takes for live what nobody can confirm. */
const bothSay = () => eventually(() => Promise.resolve([live, answers].every(({ state }) => state !== 'live') ? true : undefined), 60_000);

test('the gateway is restarted', async () => {
  await bothAre(100_000);
  await market.gateway.stop();
  await bothSay();
  await setPrice(90_000);
  await market.gateway.launch();
  await bothAre(90_000);
});

test('Redis goes, and comes back with the market of another time', async () => {
  const { port } = market.redis;
  await market.redis.stop();
  await bothSay();
  market.redis = await startRedis({ port });
  await dlmm(['seed', '--redis', market.redis.url]);
  await onePool(market.redis);
  await setPrice(80_000);
  await bothAre(80_000);
});

test('the edge is deployed anew', async () => {
  const { port } = new URL(market.worker.url);
  await market.worker.stop();
  await bothSay();
  await setPrice(70_000);
  market.worker = await startWorker({ vars: market.vars, port: Number(port) });
  await bothAre(70_000);
  assert.ok(states.includes('stale'));
});
