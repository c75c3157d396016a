// One deadline for all that a request asks of Redis, and no work for a client that has gone.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { before, test } from 'node:test';
import { whenDone } from '../stack/cleanup.mjs';
import { ONE_BTC, eventually } from '../worker/market.mjs';
import { HASTY, assertQuotesAgain, assertRefusedInTime, forget, startFaultyMarket } from './market.mjs';
import * as spoil from './spoil.mjs';

let market;
before(async () => {
  market = await startFaultyMarket();
});

/** A Worker with a short deadline that has answered once. */
async function startHasty() {
  const worker = await market.start(HASTY);
  await assertQuotesAgain(worker);
  return worker;
}

test('listing the pools and reading them share one deadline', async () => {
  const { proxy } = market;
  const worker = await startHasty();
  await forget(worker);
  const before = proxy.requests.length;
  // Each request alone is well within the deadline of 2 s.
  proxy.everything(spoil.delay(900));
  assertRefusedInTime(await worker.quote(ONE_BTC), 'REDIS_TIMEOUT', 504);
  proxy.heal();
  assert.ok(proxy.requests.length - before >= 2);
});

test('all tries of a read share one deadline', async () => {
  const { proxy } = market;
  const worker = await startHasty();
  const before = proxy.reads.length;
  proxy.everyRead(async ({ response }) => {
    await new Promise((resolve) => setTimeout(resolve, 900));
    response.writeHead(503).end();
  });
  const answer = await worker.quote(ONE_BTC);
  proxy.heal();
  // Which of the two depends on whether the time runs out in a try or between two.
  const { code } = answer.body.error;
  assertRefusedInTime(answer, code, code === 'REDIS_TIMEOUT' ? 504 : 503);
  assert.ok(['REDIS_TIMEOUT', 'REDIS_UNAVAILABLE'].includes(code), code);
  assert.ok(proxy.reads.length - before <= 3, 'the fourth try would have begun after it');
});

test('a silent Redis is asked once, and the connection is closed at the deadline', async () => {
  const { proxy } = market;
  const worker = await startHasty();
  const before = proxy.reads.length;
  proxy.everyRead(spoil.drop);
  assertRefusedInTime(await worker.quote(ONE_BTC), 'REDIS_TIMEOUT', 504);
  assert.equal(proxy.reads.length - before, 1);
  await proxy.reads.at(-1).closed;
  proxy.heal();
});

/**
 * A client that goes when it is told to: it asks the place `LEAVE` first, and leaves when that answers.
 *
 * It is a Worker itself, because workerd alone, without Cloudflare's servers before it, does not notice that a client
 * has closed its connection until it writes to it.
 */
const frontThatLeaves = (leave) => `export default {
  async fetch(request, env) {
    if (!request.headers.has('x-leaving')) return env.QUOTE.fetch(request);
    const leaving = new AbortController();
    fetch('${leave}').then(() => leaving.abort());
    try {
      return await env.QUOTE.fetch(request, { signal: leaving.signal });
    } catch (error) {
      return new Response(error.name, { status: 299 });
    }
  },
};`;

/** Starts a Worker whose client can leave, with a deadline so far away that only its going can end a call. */
async function startLeaving(vars = {}) {
  let leave;
  const told = new Promise((resolve) => (leave = resolve));
  const server = createServer((_, response) => told.then(() => response.end())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  whenDone(() => server.close());
  const front = frontThatLeaves(`http://127.0.0.1:${server.address().port}`);
  const worker = await market.start({ REDIS_SOCKET_TIMEOUT: '60', ...vars }, { front });
  await assertQuotesAgain(worker);
  const askAndLeave = async () => {
    const response = await worker.fetch('/quote?token_in=BTC&token_out=USDC&amount_in=1', { headers: { 'x-leaving': '1' } });
    assert.deepEqual([response.status, await response.text()], [299, 'AbortError']);
    const line = await eventually(() => worker.logs().find((text) => text.includes('"status":499')), 30_000);
    return JSON.parse(line);
  };
  return { worker, leave, askAndLeave };
}

test('a client that goes ends the call that is under way', async () => {
  const { proxy } = market;
  const { worker, leave, askAndLeave } = await startLeaving();
  const before = proxy.reads.length;
  let closed;
  proxy.everyRead(({ response }) => {
    closed = once(response, 'close');
    leave();
  });
  const { level, code, redis_requests } = await askAndLeave();
  await closed;
  assert.deepEqual([level, code, redis_requests, proxy.reads.length - before], ['info', null, 1, 1], 'no fault of ours');
  proxy.heal();
  await assertQuotesAgain(worker);
});

test('nothing is tried again for a client that has gone', async () => {
  const { proxy } = market;
  // The fault would be tried again ten times; the client goes while the Worker waits for the third try.
  const { worker, leave, askAndLeave } = await startLeaving({ REDIS_MAX_RETRIES: '10', REDIS_BACKOFF_FACTOR: '20' });
  const before = proxy.reads.length;
  proxy.everyRead(({ response }) => {
    response.writeHead(503).end();
    if (proxy.reads.length - before === 2) leave();
  });
  const { redis_requests } = await askAndLeave();
  // The line is written when the work is over, so no more can come.
  assert.equal(proxy.reads.length - before, redis_requests);
  assert.ok(redis_requests >= 2 && redis_requests < 11, `${redis_requests} tries`);
  proxy.heal();
  await assertQuotesAgain(worker);
});

test('every quote of these cases is what its state gives', (t) => market.ledger.settle(t, 4));
