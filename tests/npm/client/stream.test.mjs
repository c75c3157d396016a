// The answers to one request: each once, the newest to who reads slowly, and an end that is one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuoteClient } from '../../../web/pkg/client.js';
import { oneBtc } from '../market.mjs';
import { startMovingMarket } from './moving-market.mjs';
import { QUICK, until } from './scripted-service.mjs';

const clientOf = (market, pace = {}) => new QuoteClient({ url: market.service.url, pace: { ...QUICK, ...pace } });
const nextAmount = async (answers) => (await answers.next()).value.amount_out;

test('each answer comes once, with its bigints, for as long as somebody reads', async () => {
  const market = await startMovingMarket();
  const amounts = [];
  for await (const quote of clientOf(market).stream(oneBtc({ via: ['A', 'B'], plan: { sender: 'S', mode: 'auto' }, amount_in: undefined, amount_in_atomic: 5n, max_hops: null }))) {
    amounts.push(quote.amountOut);
    if (amounts.length === 3) break;
    market.move(100 * (amounts.length + 1));
  }
  assert.deepEqual(amounts, [100_000_000n, 200_000_000n, 300_000_000n]);
  const [call] = market.service.calls;
  assert.deepEqual(Object.fromEntries(call.query), { token_in: 'BTC', token_out: 'USDC', via: 'A,B', plan_sender: 'S', plan_mode: 'auto', amount_in_atomic: '5' });
  await call.closed;
});

test('nothing is asked before the first answer is wanted', async () => {
  const market = await startMovingMarket();
  const answers = clientOf(market).stream(oneBtc());
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(market.service.calls.length, 0);
  assert.deepEqual(await answers.return(), { done: true, value: undefined });
  assert.deepEqual(await answers.next(), { done: true, value: undefined });
  assert.equal(market.service.calls.length, 0);
});

test('who reads slowly gets the newest answer, and two who ask at once get one after the other', async () => {
  const market = await startMovingMarket();
  const answers = clientOf(market).stream(oneBtc());
  assert.equal(await nextAmount(answers), '100.0');
  for (const price of [110, 120, 130]) market.move(price);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await nextAmount(answers), '130.0');
  const both = [nextAmount(answers), nextAmount(answers)];
  await new Promise((resolve) => setTimeout(resolve, 20));
  market.move(140);
  await both[0];
  market.move(150);
  assert.deepEqual(await Promise.all(both), ['140.0', '150.0']);
  await answers.return();
});

test('a refusal of the market is an answer, one of the service is a state', async () => {
  const market = await startMovingMarket();
  const states = [];
  const answers = clientOf(market).stream(oneBtc(), { onState: (state, { error }) => states.push([state, error?.code]) });
  await answers.next();
  const [call] = market.quoteStreams;
  const refused = (code, details) => ({ success: false, error: { code, message: 'no', details }, request_id: null });
  call.event('refused', refused('INSUFFICIENT_LIQUIDITY', { requested: '5', fillable: '4' }), 2);
  const { value } = await answers.next();
  assert.deepEqual([value.success, value.error.code, value.error.details.fillable, answers.state], [false, 'INSUFFICIENT_LIQUIDITY', '4', 'live']);
  call.event('refused', refused('REDIS_UNAVAILABLE', {}), 3);
  assert.equal((await answers.next()).value.error.code, 'REDIS_UNAVAILABLE');
  assert.deepEqual([answers.state, answers.error.code], ['stale', 'REDIS_UNAVAILABLE']);
  market.move(120);
  assert.deepEqual([await nextAmount(answers), answers.state], ['120.0', 'live']);
  assert.deepEqual(states, [['stale', undefined], ['live', undefined], ['stale', 'REDIS_UNAVAILABLE'], ['live', undefined]]);
  await answers.return();
});

test('a stream that ended and came back says nothing twice', async () => {
  const market = await startMovingMarket();
  const answers = clientOf(market).stream(oneBtc());
  assert.equal(await nextAmount(answers), '100.0');
  for (const call of market.quoteStreams) call.end(1);
  await until(() => market.service.calls.length === 2 && market.quoteStreams.size === 1);
  market.move(160);
  assert.equal(await nextAmount(answers), '160.0');
  assert.equal(market.service.calls[1].headers['last-event-id'], '1');
  await answers.return();
});

test('where no stream gets through the quote is asked for, and told when it changes', async () => {
  const market = await startMovingMarket();
  market.service.answers['/quote/stream'] = (call) => call.refuse(404, 'NOT_FOUND');
  const answers = clientOf(market).stream(oneBtc());
  assert.equal(await nextAmount(answers), '100.0');
  await until(() => market.service.of('/quote').length > 3);
  market.move(170);
  assert.equal(await nextAmount(answers), '170.0');
  market.service.answers['/quote'] = (call) => call.refuse(404, 'NO_ROUTE', { token_in: 'BTC' });
  assert.equal((await answers.next()).value.error.code, 'NO_ROUTE');
  market.service.answers['/quote'] = (call) => call.refuse(502, 'REDIS_AUTH');
  await until(() => answers.state === 'stale');
  assert.equal(answers.error.code, 'REDIS_AUTH');
  await answers.return();
});

test('a refusal that differs in its words alone is told once', async () => {
  const market = await startMovingMarket();
  let age = 0;
  const old = () => ({ success: false, error: { code: 'STALE_STATE', message: `${(age += 1)} ms old`, details: { age_ms: age, max_age_ms: 0 } }, request_id: null });
  market.service.answers['/quote/stream'] = (call) => call.refuse(404, 'NOT_FOUND');
  market.service.answers['/quote'] = (call) => call.json(old(), { status: 503 });
  const answers = clientOf(market).stream(oneBtc());
  assert.equal((await answers.next()).value.error.code, 'STALE_STATE');
  const next = answers.next();
  await until(() => market.service.of('/quote').length > 4);
  market.service.answers['/quote'] = market.usual['/quote'];
  assert.equal((await next).value.success, true);
  await answers.return();
});

test('a stream that ended says why', async () => {
  const market = await startMovingMarket();
  market.service.answers['/quote/stream'] = (call) => call.refuse(400, 'INVALID_REQUEST', { field: 'amount_in' });
  const answers = clientOf(market).stream(oneBtc());
  await assert.rejects(answers.next());
  assert.deepEqual([answers.state, answers.error?.code], ['offline', 'INVALID_REQUEST']);
});

test('an abort ends it with an AbortError, whoever waits; so does a refusal for good', async () => {
  const market = await startMovingMarket();
  const controller = new AbortController();
  const answers = clientOf(market).stream(oneBtc(), { signal: controller.signal });
  await answers.next();
  const waiting = assert.rejects(answers.next(), { name: 'AbortError' });
  controller.abort('because');
  await waiting;
  assert.deepEqual([await answers.next(), answers.state], [{ done: true, value: undefined }, 'offline']);
  await until(() => market.quoteStreams.size === 0);
  await assert.rejects(clientOf(market).stream(oneBtc(), { signal: AbortSignal.abort() }).next(), { name: 'AbortError' });
  market.service.answers['/quote/stream'] = (call) => call.refuse(400, 'INVALID_REQUEST', { field: 'amount_in' });
  const refused = clientOf(market).stream(oneBtc());
  await assert.rejects(refused.next(), ({ code, details }) => code === 'INVALID_REQUEST' && details.field === 'amount_in');
  assert.deepEqual(await refused.next(), { done: true, value: undefined });
});

test('an abort while nobody waits is told to who asks next, and is no unhandled rejection', async (t) => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const market = await startMovingMarket();
  const controller = new AbortController();
  const answers = clientOf(market).stream(oneBtc(), { signal: controller.signal });
  await answers.next();
  controller.abort();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await assert.rejects(answers.next(), { name: 'AbortError' });
  assert.deepEqual(unhandled, []);
});
