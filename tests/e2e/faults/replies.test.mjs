// What a quote becomes when the way to Redis or the service in front of it misbehaves: its status, its code, and
// that the next good read quotes again.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { ONE_BTC } from '../worker/market.mjs';
import { HASTY, assertQuotesAgain, assertRefusedInTime, forget, startFaultyMarket } from './market.mjs';
import * as spoil from './spoil.mjs';

const UNAVAILABLE = ['REDIS_UNAVAILABLE', 503];
const TIMEOUT = ['REDIS_TIMEOUT', 504];
const INVALID = ['UPSTREAM_INVALID', 502];
const AUTH = ['REDIS_AUTH', 502];
const HTML = '<!doctype html><title>502</title>';

/** Faults that pass: the next try is worth it. Each with what it is if it does not pass. */
const PASSING = {
  'a reset before the answer': [spoil.resetBefore, UNAVAILABLE],
  'a reset amid the body': [spoil.resetAmid, UNAVAILABLE],
  'a body of unknown length that breaks off': [spoil.breakOff, UNAVAILABLE],
  'half of the body as if it were whole': [spoil.body((text) => text.subarray(0, text.length / 2)), INVALID],
  'an empty body': [spoil.body(() => ''), INVALID],
  'HTML with status 200': [spoil.answer(200, HTML, { 'content-type': 'text/html' }), INVALID],
  'another encoding of text': [spoil.body((text) => Buffer.from(text.toString(), 'utf16le')), INVALID],
  'the whole body as base64': [spoil.body((text) => text.toString('base64')), INVALID],
};
for (const status of [429, 500, 502]) {
  PASSING[`${status} with JSON`] = [spoil.answer(status, '{"error":"ERR not now"}'), UNAVAILABLE];
  PASSING[`${status} with HTML`] = [spoil.answer(status, HTML, { 'content-type': 'text/html' }), UNAVAILABLE];
  PASSING[`${status} with nothing`] = [spoil.answer(status, ''), UNAVAILABLE];
}

/** Silence lasts as long as the request has time, so there is no other try. */
const SILENT = {
  'no answer': spoil.drop,
  'an answer after the deadline': spoil.delay(6_000),
  'a body that comes a byte a second': spoil.trickle,
};

/** Refusals, and bodies beyond what is read: another try would only meet them again. */
const FINAL = {
  '401 with JSON': [spoil.answer(401, '{"error":"WRONGPASS invalid or missing auth token"}'), AUTH],
  '401 with HTML': [spoil.answer(401, HTML), AUTH],
  '401 with nothing': [spoil.answer(401, ''), AUTH],
  'a reply without a result': [spoil.answer(200, '{}'), INVALID],
  'two results': [spoil.body((text) => `{"result":[],${text.toString().slice(1)}`), INVALID],
  'something behind the JSON': [spoil.body((text) => `${text}{}`), INVALID],
  '20 MB, declared': [spoil.tooLarge, INVALID],
  '20 MB of unknown length': [spoil.tooLargeInPieces, INVALID],
  '20 MB, compressed': [spoil.bomb, INVALID],
};

/** Lists of another shape than the values that were asked for. */
const MISSHAPEN = {
  'fewer values than asked for': (list) => list.slice(1),
  'no values': () => [],
  'more values than asked for': (list) => [...list, list[0]],
  'numbers in place of texts': (list) => list.map(() => 7),
  'objects in place of texts': (list) => list.map((text) => JSON.parse(text)),
  'one list inside the list': (list) => [...list.slice(1), [list[0]]],
  'null in place of the list': () => null,
  'a text in place of the list': () => 'OK',
};

/** Values that are read but cannot be quoted by. */
const UNUSABLE = {
  'null for every value': [spoil.values((list) => list.map(() => null)), 'NO_ROUTE', 404],
  'every value as base64': [spoil.values((list) => list.map((text) => text && Buffer.from(text).toString('base64'))), 'STATE_INVALID', 502],
  'every value cut in half': [spoil.values((list) => list.map((text) => text?.slice(0, text.length / 2))), 'STATE_INVALID', 502],
};

let market;
let hasty;
before(async () => {
  market = await startFaultyMarket();
  hasty = await market.start(HASTY);
});

/** Demands this refusal of one read that meets the fault, without another try, and the sample's quote after it. */
async function assertFinal(worker, fault, code, status) {
  const { proxy } = market;
  const before = proxy.reads.length;
  proxy.nextReads(fault);
  assertRefusedInTime(await worker.quote(ONE_BTC), code, status);
  assert.equal(proxy.reads.length - before, 1);
  await assertQuotesAgain(worker);
}

describe('faults that pass', () => {
  for (const [name, [fault, [code, status]]] of Object.entries(PASSING)) {
    test(`${name}: once is tried again, always is ${code}`, async () => {
      const { worker, proxy } = market;
      const before = proxy.reads.length;
      proxy.nextReads(fault);
      await assertQuotesAgain(worker);
      assert.equal(proxy.reads.length - before, 2);
      proxy.everyRead(fault);
      const details = assertRefusedInTime(await worker.quote(ONE_BTC), code, status);
      if (code === 'REDIS_UNAVAILABLE') assert.equal(details.attempts, 4);
      proxy.heal();
      await assertQuotesAgain(worker);
    });
  }
});

describe('faults that stay', () => {
  for (const [name, fault] of Object.entries(SILENT)) {
    test(`${name}: REDIS_TIMEOUT at the deadline`, async () => {
      await assertQuotesAgain(hasty);
      await assertFinal(hasty, fault, ...TIMEOUT);
    });
  }
  for (const [name, [fault, [code, status]]] of Object.entries(FINAL)) {
    test(`${name}: ${code} at once`, () => assertFinal(market.worker, fault, code, status));
  }
  for (const [name, bend] of Object.entries(MISSHAPEN)) {
    test(`${name}: UPSTREAM_INVALID at once`, () => assertFinal(market.worker, spoil.values(bend), ...INVALID));
  }
});

describe('what is no fault', () => {
  for (const [name, fault] of Object.entries({ 'a slow answer': spoil.delay(200), 'a reply in gzip': spoil.gzip, 'a reply in brotli': spoil.brotli })) {
    test(`${name} is quoted by as any other`, async () => {
      market.proxy.nextReads(fault);
      await assertQuotesAgain(market.worker);
    });
  }
});

describe('values that cannot be used', () => {
  for (const [name, [fault, code, status]] of Object.entries(UNUSABLE)) {
    test(`${name}: ${code}`, async () => {
      const { worker, proxy } = market;
      proxy.everyRead(fault);
      assertRefusedInTime(await worker.quote(ONE_BTC), code, status);
      proxy.heal();
      await assertQuotesAgain(worker);
    });
  }

  test('null for the bins alone is a pool without liquidity, as it would be in Redis', async () => {
    const { worker, proxy } = market;
    proxy.everyRead(spoil.values((list) => list.map((text) => (text?.includes('"bin_id"') ? null : text))));
    const { fillable } = assertRefusedInTime(await worker.quote(ONE_BTC), 'INSUFFICIENT_LIQUIDITY', 422);
    assert.equal(fillable, '0');
    proxy.heal();
    await assertQuotesAgain(worker);
  });

  test('one pool of two spoilt is left out, and the answer says so', async () => {
    const { worker, proxy } = market;
    proxy.nextReads(spoil.values((list) => list.map((text) => (text?.includes('"BTC-USDC-25"') ? text.slice(1) : text))));
    const { status, body } = await worker.quote(ONE_BTC);
    assert.equal(status, 200);
    assert.deepEqual(body.warnings.map(({ code, key }) => [code, key]), [['POOL_SKIPPED', 'pool:BTC-USDC-25']]);
    assert.deepEqual(new Set(body.steps.map(({ pool_id }) => pool_id)), new Set(['BTC-USDC-50']));
    await assertQuotesAgain(worker);
  });
});

describe('while the pools are listed', () => {
  const silent = Object.entries(SILENT).map(([name, fault]) => [name, [fault, TIMEOUT]]);
  for (const [name, [fault, [code, status]]] of [...Object.entries(PASSING), ...Object.entries(FINAL), ...silent]) {
    test(`${name}: ${code}`, async () => {
      const { proxy } = market;
      const worker = code === 'REDIS_TIMEOUT' ? hasty : market.worker;
      await forget(worker);
      proxy.everything(fault);
      assertRefusedInTime(await worker.quote(ONE_BTC), code, status);
      proxy.heal();
      await assertQuotesAgain(worker);
    });
  }
});

test('every quote of these cases is what its state gives', (t) => market.ledger.settle(t, 90));
