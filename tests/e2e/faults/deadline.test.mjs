// One deadline for all that a request asks of Redis, and no work for a client that has gone.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { ONE_BTC, eventually } from '../worker/market.mjs';
import { HASTY, assertQuotesAgain, assertRefusedInTime, forget, startFaultyMarket } from './market.mjs';
import * as spoil from './spoil.mjs';

let market;
before(async () => {
  market = await startFaultyMarket();
});

test('listing, reads and tries share one deadline', async () => {
  const { proxy, start } = market;
  const worker = await start(HASTY);
  await assertQuotesAgain(worker);
  await forget(worker);
  // Each step alone is well within the deadline of 2 s; together they are far beyond it.
  const slowly = spoil.delay(700);
  proxy.everything(async (exchange) => {
    if (exchange.request.keys.some((key) => key.startsWith('bin:'))) await new Promise((resolve) => setTimeout(resolve, 700)).then(() => exchange.send({ status: 503, headers: {}, body: Buffer.from('') }));
    else await slowly(exchange);
  });
  const began = Date.now();
  const answer = await worker.quote(ONE_BTC);
  proxy.heal();
  assert.ok(['REDIS_TIMEOUT', 'REDIS_UNAVAILABLE'].includes(answer.body.error.code), answer.body.error.code);
  assertRefusedInTime(answer, answer.body.error.code, answer.status);
  // Four slow tries of the read alone would take longer than this.
  assert.ok(Date.now() - began < 2_000 + 10_000);
  assert.ok(Number(/redis;dur=([\d.]+)/.exec(answer.headers.get('server-timing'))[1]) < 2_000 + 1_000);
});

test('a silent Redis is asked once, and the connection is closed at the deadline', async () => {
  const { proxy, start } = market;
  const worker = await start(HASTY);
  await assertQuotesAgain(worker);
  const before = proxy.reads.length;
  proxy.everyRead(spoil.drop);
  assertRefusedInTime(await worker.quote(ONE_BTC), 'REDIS_TIMEOUT', 504);
  assert.equal(proxy.reads.length - before, 1);
  await proxy.reads.at(-1).closed;
  proxy.heal();
});

/** Asks, and goes away once the proxy has the read; tells when the Worker has closed its connection to Redis. */
async function askAndGo({ proxy, worker }, fault) {
  const before = proxy.reads.length;
  const leaving = new AbortController();
  proxy.everyRead(async (exchange) => {
    exchange.request.closed = once(exchange.response, 'close');
    await fault(exchange, leaving);
  });
  await assert.rejects(worker.fetch('/quote', { method: 'POST', body: JSON.stringify(ONE_BTC), signal: leaving.signal }), { name: 'AbortError' });
  await proxy.reads.at(-1).closed;
  return proxy.reads.length - before;
}

test('a client that goes ends the call that is under way', async () => {
  const { proxy, start } = market;
  // The deadline is far away, so only the client's going can close the connection.
  const worker = await start({ REDIS_SOCKET_TIMEOUT: '60' });
  await assertQuotesAgain(worker);
  const reads = await askAndGo({ proxy, worker }, (_, leaving) => leaving.abort());
  assert.equal(reads, 1);
  proxy.heal();
  await assertQuotesAgain(worker);
  const line = await eventually(() => worker.logs().find((text) => text.includes('"status":499')));
  assert.deepEqual([JSON.parse(line).level, JSON.parse(line).code], ['info', null], 'it is no fault of ours');
});

test('a client that goes is no reason to try again', async () => {
  const { proxy, start } = market;
  const worker = await start({ REDIS_SOCKET_TIMEOUT: '60', REDIS_MAX_RETRIES: '10', REDIS_BACKOFF_FACTOR: '10' });
  await assertQuotesAgain(worker);
  // The fault would be tried again, ten times over seconds; the client goes during the waits.
  let tries = 0;
  const reads = await askAndGo({ proxy, worker }, async ({ response }, leaving) => {
    tries += 1;
    response.writeHead(503).end();
    if (tries === 2) leaving.abort();
  });
  const line = await eventually(() => worker.logs().find((text) => text.includes('"status":499')), 30_000);
  assert.equal(JSON.parse(line).redis_requests, reads);
  assert.equal(proxy.reads.length - reads, proxy.reads.length - tries);
  proxy.heal();
  await assertQuotesAgain(worker);
});

test('every quote of these cases is what its state gives', (t) => market.ledger.settle(t, 4));
