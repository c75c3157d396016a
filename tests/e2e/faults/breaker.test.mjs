// The breaker: after calls in a row that found no Redis it answers at once, and one probe finds out when to go on.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ONE_BTC, assertRefused, eventually } from '../worker/market.mjs';
import { assertQuotesAgain, startFaultyMarket } from './market.mjs';
import * as spoil from './spoil.mjs';

const FAULTS = 3;
const OFTEN = { REDIS_BREAKER_FAULTS: String(FAULTS), REDIS_MAX_RETRIES: '0' };
const DOWN = spoil.answer(503, '');

let market;
before(async () => {
  market = await startFaultyMarket();
});

/** A Worker that has met as many faults as it takes. */
async function startOpen(coolDown) {
  const { proxy, start } = market;
  const worker = await start({ ...OFTEN, REDIS_BREAKER_COOL_DOWN: coolDown });
  await assertQuotesAgain(worker);
  proxy.everything(DOWN);
  await eventually(async () => {
    const { body } = await worker.quote(ONE_BTC);
    assert.equal(body.error.code, 'REDIS_UNAVAILABLE');
    return (await told(worker)).breaker.opened > 0 ? true : undefined;
  });
  return worker;
}

const told = async (worker) => (await worker.fetch('/health')).json();

async function metric(worker, name) {
  const text = await (await worker.fetch('/metrics')).text();
  return Number(text.split('\n').find((line) => line.startsWith(`${name} `)).slice(name.length + 1));
}

test('while it is open nothing is asked, and the client is told when to come back', async () => {
  const { proxy } = market;
  const worker = await startOpen('60');
  const before = proxy.requests.length;
  // Even of a Redis that is well again.
  proxy.heal();
  for (let round = 0; round < 3; round += 1) {
    const answer = await worker.quote(ONE_BTC);
    const { attempts, retry_after_ms } = assertRefused(answer, 'REDIS_UNAVAILABLE', 503);
    assert.equal(attempts, 0);
    assert.ok(retry_after_ms >= 1 && retry_after_ms <= 60_000, `${retry_after_ms}`);
    assert.equal(answer.headers.get('retry-after'), String(Math.ceil(retry_after_ms / 1_000)));
  }
  const health = await told(worker);
  assert.deepEqual([health.status, health.problems, health.redis.reachable], ['down', ['REDIS_UNAVAILABLE'], false]);
  assert.deepEqual([health.breaker.state, health.breaker.faults, health.breaker.opened], ['open', FAULTS, 1]);
  assert.ok(health.breaker.refused >= 4);
  assert.equal(await metric(worker, 'dlmm_redis_breaker_open'), 1);
  assert.equal(await metric(worker, 'dlmm_redis_breaker_opened_total'), 1);
  assert.ok((await metric(worker, 'dlmm_redis_breaker_refused_total')) >= 4);
  assert.equal(proxy.requests.length, before);
});

test('one probe goes out at a time, nobody waits for it, and a good one closes', async () => {
  const { proxy } = market;
  const worker = await startOpen('0.2');
  let release;
  const released = new Promise((resolve) => (release = resolve));
  proxy.heal();
  const before = proxy.reads.length;
  proxy.everyRead(async ({ forward, send }) => {
    await released;
    send(await forward());
  });
  // Whichever comes first after the cool-down is the probe; it hangs, and the others are told so at once.
  const probes = [];
  await eventually(async () => {
    const asked = worker.quote(ONE_BTC);
    const outcome = await Promise.race([asked.then(({ body }) => body.error?.details.attempts), reached(proxy, before).then(() => 'hangs')]);
    if (outcome === 'hangs') probes.push(asked);
    return outcome === 'hangs' ? true : undefined;
  });
  for (let round = 0; round < 5; round += 1) {
    const { attempts } = assertRefused(await worker.quote(ONE_BTC), 'REDIS_UNAVAILABLE', 503);
    assert.equal(attempts, 0);
  }
  assert.equal(proxy.reads.length - before, 1);
  release();
  assert.equal((await probes[0]).status, 200);
  proxy.heal();
  await assertQuotesAgain(worker);
  assert.deepEqual([(await told(worker)).breaker.state, await metric(worker, 'dlmm_redis_breaker_open')], ['closed', 0]);
});

async function reached(proxy, before) {
  await eventually(() => (proxy.reads.length > before ? true : undefined));
}

test('a failed probe keeps it open, and it is one try', async () => {
  const { proxy } = market;
  const worker = await startOpen('0.2');
  const before = proxy.requests.length;
  const { attempts } = await eventually(async () => {
    const { body } = await worker.quote(ONE_BTC);
    return body.error.details.attempts > 0 ? body.error.details : undefined;
  });
  assert.equal(attempts, 1);
  assert.ok(proxy.requests.length > before);
  assert.equal((await told(worker)).breaker.opened, 1, 'it did not close in between');
  proxy.heal();
  await eventually(async () => ((await worker.quote(ONE_BTC)).status === 200 ? true : undefined));
});

test('refusals by Redis do not open it, and 0 switches it off', async () => {
  const { proxy, start } = market;
  for (const [vars, fault, code] of [
    [OFTEN, spoil.answer(401, ''), 'REDIS_AUTH'],
    [{ ...OFTEN, REDIS_BREAKER_FAULTS: '0' }, DOWN, 'REDIS_UNAVAILABLE'],
  ]) {
    const worker = await start(vars);
    await assertQuotesAgain(worker);
    proxy.everyRead(fault);
    const before = proxy.reads.length;
    for (let round = 0; round < 10; round += 1) assert.equal((await worker.quote(ONE_BTC)).body.error.code, code);
    assert.equal(proxy.reads.length - before, 10);
    proxy.heal();
    await assertQuotesAgain(worker);
    assert.deepEqual((await told(worker)).breaker, { state: 'closed', faults: 0, opened: 0, refused: 0 });
  }
});

test('every quote of these cases is what its state gives', (t) => market.ledger.settle(t, 8));
