// An engine that follows a service: it holds what the service holds, and says so where it cannot know.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { DlmmError, QuoteClient } from '../../../web/pkg/client.js';
import { oneBtc } from '../market.mjs';
import { startMovingMarket } from './moving-market.mjs';
import { QUICK, until } from './scripted-service.mjs';

const MARKET = { tokens: ['BTC', 'USDC'] };

const clientOf = (market) => new QuoteClient({ url: market.service.url, pace: QUICK });
const opened = [];
// What still follows would keep this process, and hide why a test failed.
test.afterEach(() => opened.splice(0).forEach((live) => live.close()));

async function follow(market, options = {}) {
  const live = await clientOf(market).liveEngine({ ...MARKET, ...options });
  opened.push(live);
  return live;
}

const code = (wanted) => (error) => error instanceof DlmmError && error.code === wanted;
const price = (live) => live.quote(oneBtc()).amount_out;

test('follows changes from the first snapshot on, and ends its stream when it is closed', async () => {
  const market = await startMovingMarket();
  const heard = [];
  const live = await follow(market, { onState: (state) => heard.push(state), onChange: ({ pools }) => heard.push(pools) });
  const [call] = market.service.calls;
  assert.deepEqual([live.state, live.id, call.headers.accept, [...call.query]], ['live', '1', 'text/event-stream', [['token_in', 'BTC'], ['token_out', 'USDC']]]);
  assert.equal(live.quote(oneBtc()).amountOut, 100_000_000n);
  market.move(200);
  await until(() => live.id === '2');
  assert.equal(price(live), '200.0');
  assert.deepEqual(heard, ['stale', 'live', undefined, ['BTC-USDC']]);
  assert.equal(market.service.calls.length, 1);
  live.close();
  await call.closed;
  assert.throws(() => price(live), code('ENGINE_FREED'));
  assert.equal(live.state, 'offline');
});

test('goes on where it was after the service has ended a stream, and waits as the service says', async () => {
  const market = await startMovingMarket();
  const states = [];
  const live = await follow(market, { onState: (state) => states.push(state) });
  for (const next of [2, 3, 4]) {
    const [call] = market.streams;
    call.end(120);
    // A change in between is in no stream.
    await until(() => market.streams.size === 0);
    market.move(100 * next);
    await until(() => live.state === 'live' && price(live) === `${100 * next}.0`);
  }
  assert.deepEqual(market.service.of('/changes').map(({ headers }) => headers['last-event-id']), [undefined, '1', '2', '3']);
  assert.deepEqual(states, ['stale', 'live', 'stale', 'live', 'stale', 'live', 'stale', 'live']);
});

test('the age of the state in an answer moves on with the clock', async (t) => {
  const market = await startMovingMarket();
  const live = await follow(market);
  const [before] = live.quote(oneBtc()).state.pools;
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.mock.timers.tick(20_000);
  const [after] = live.quote(oneBtc()).state.pools;
  assert.ok(after.age_ms - before.age_ms >= 20_000 && after.age_ms - before.age_ms < 30_000, `${before.age_ms} ${after.age_ms}`);
  assert.throws(() => live.quote(oneBtc({ max_age_ms: after.age_ms - 1_000 })), code('STALE_STATE'));
});

test('state that nobody confirms is stale at once for whoever looks, and refused where a limit says so', async (t) => {
  const market = await startMovingMarket();
  const live = await follow(market, { maxAgeMs: 60_000 });
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  assert.equal(live.state, 'live');
  // The machine slept, and no timer has run yet.
  t.mock.timers.tick(40_000);
  assert.equal(live.state, 'stale');
  assert.ok(live.ageMs >= 40_000);
  assert.equal(price(live), '100.0');
  t.mock.timers.tick(30_000);
  assert.throws(() => price(live), (error) => code('NOT_LIVE')(error) && error.details.age_ms >= 70_000 && error.details.max_age_ms === 60_000 && error.details.state === 'stale');
  // A clock that was set back: nobody knows how long it has been.
  t.mock.timers.setTime(Date.now() - 3_600_000);
  assert.throws(() => price(live), (error) => code('NOT_LIVE')(error) && error.details.age_ms === null);
  assert.equal(live.state, 'stale');
});

test('after a sleep it comes back by itself, with what it missed', async (t) => {
  const market = await startMovingMarket();
  const live = await follow(market);
  const [call] = market.streams;
  // The connection is dead, though nobody has said so.
  market.streams.delete(call);
  market.move(300);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_600_000 });
  await until(() => live.state === 'live' && live.id === '2');
  assert.equal(price(live), '300.0');
  assert.equal(market.service.of('/snapshot').length, 0);
});

test('what lay here while the machine slept confirms nothing, and is asked for again', async (t) => {
  const market = await startMovingMarket();
  // No timer looks at the stream before what lay here is read.
  const client = new QuoteClient({ url: market.service.url, pace: { ...QUICK, tickMs: 3_600_000 } });
  const live = await client.liveEngine(MARKET);
  opened.push(live);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_600_000 });
  const [call] = market.streams;
  call.comment();
  await until(() => market.service.of('/changes').length === 2);
  assert.equal(market.service.of('/changes')[1].headers['last-event-id'], '1');
  await until(() => live.state === 'live');
  // Nor does an answer, where no stream gets through.
  market.service.answers['/changes'] = (call) => call.refuse(404, 'NOT_FOUND');
  const states = [];
  market.service.answers['/snapshot'] = (call) => {
    if (states.length === 0) t.mock.timers.setTime(Date.now() + 3_600_000);
    states.push(live.state);
    market.usual['/snapshot'](call);
  };
  for (const stream of market.streams) stream.end(1);
  await until(() => states.length > 2);
  assert.deepEqual(states.slice(0, 3), ['stale', 'stale', 'live']);
});

test('comments confirm the state, other events and unknown fields do no harm', async () => {
  const market = await startMovingMarket();
  const live = await follow(market);
  const [call] = market.streams;
  call.comment().raw('event: of-the-future\ndata: {}\n\nid: 9\nfield: x\n\n').comment();
  market.move(200);
  await until(() => price(live) === '200.0');
  assert.equal(live.state, 'live');
  assert.equal(market.service.calls.length, 1);
});

test('an event in many pieces, with any line end, is one event', async () => {
  const market = await startMovingMarket();
  market.service.answers['/changes'] = async (call) => {
    call.open();
    for (const piece of `id: 5\r\nevent: snapshot\r\ndata: ${JSON.stringify(market.snapshot())}\r\n\r\n`.match(/[^]{1,50}/g)) {
      call.raw(piece);
      await new Promise(setImmediate);
    }
  };
  const live = await follow(market);
  assert.deepEqual([live.id, price(live)], ['5', '100.0']);
});

test('answers to one request come as often as they change', async () => {
  const market = await startMovingMarket();
  const live = await follow(market);
  const answers = live.stream(oneBtc({ amount_in: undefined, amount_out: 150 }));
  const next = async () => (await answers.next()).value;
  assert.equal((await next()).requestedOut, 150_000_000n);
  market.move(10);
  // 10 BTC at 10 and 10 at 50 is enough still, at another price.
  assert.notEqual((await next()).amountIn, 150_000_000n);
  const waiting = answers.next();
  live.close();
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

/** What a stream has told so far: amounts, and codes of refusals. */
function read(answers) {
  const told = [];
  (async () => {
    for await (const answer of answers) told.push(answer.success ? answer.amount_out : answer.error.code);
  })();
  return told;
}

test('state that was too old comes back by the word alone that the producer lives', async () => {
  const market = await startMovingMarket();
  const live = await follow(market);
  const told = read(live.stream(oneBtc({ max_age_ms: 30_000 })));
  await until(() => told.length === 1);
  const [call] = market.streams;
  call.event('changes', { taken_at: '2026-01-01T00:02:00Z', keys: {}, heartbeat_ms: String(Date.parse('2026-01-01T00:02:00Z')) }, 2);
  await until(() => told.length === 2);
  assert.deepEqual(told, ['STALE_STATE', '100.0']);
});

for (const [name, confirm] of Object.entries({
  'an event without a change': (call, market) => call.event('changes', { ...market.change(), keys: {} }, 2),
  'a comment': (call) => call.comment(),
})) {
  test(`a quote that nobody confirms in time is refused, until ${name} does`, async (t) => {
    const market = await startMovingMarket();
    const live = await follow(market, { maxAgeMs: 30_000 });
    const told = read(live.stream(oneBtc()));
    await until(() => told.length === 1);
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    t.mock.timers.tick(31_000);
    // Whoever begins now is refused at once.
    const later = read(live.stream(oneBtc()));
    await until(() => later.length === 1);
    await until(() => told.length === 2);
    const [call] = market.streams;
    confirm(call, market);
    await until(() => told.length === 3 && later.length === 2);
    assert.deepEqual([told, later], [['100.0', 'NOT_LIVE', '100.0'], ['NOT_LIVE', '100.0']]);
  });
}

test('an answer that only the time has changed is told once', async () => {
  const market = await startMovingMarket();
  const live = await follow(market);
  const all = [{ include_state: true }, { max_age_ms: 1_000 }].map((more) => read(live.stream(oneBtc(more))));
  const [call] = market.streams;
  for (market.seq = 2; market.seq < 10; market.seq += 1) {
    call.event('changes', { ...market.change(), keys: {} }, market.seq);
    await until(() => live.id === String(market.seq));
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  market.move(200);
  await until(() => all[0].length > 1);
  assert.deepEqual(all, [['100.0', '200.0'], ['STALE_STATE']]);
});

test('options that are none, and what does not name a market, are refused', async () => {
  const market = await startMovingMarket();
  const client = clientOf(market);
  for (const [options, field] of [
    [{}, 'tokens'],
    [{ ...MARKET, pools: ['P'] }, 'tokens'],
    [{ tokens: ['BTC'] }, 'tokens'],
    [{ pools: [] }, 'pools'],
    [{ ...MARKET, maxAge: 5 }, 'maxAge'],
    [{ ...MARKET, maxAgeMs: '5' }, 'maxAgeMs'],
    [{ ...MARKET, engine: { fee: 5 } }, 'fee'],
    [{ ...MARKET, engine: { router: 'foo' } }, 'router'],
    [{ ...MARKET, engine: null }, 'engine'],
    [new Map(Object.entries(MARKET)), 'options'],
    [{ ...MARKET, signal: 5 }, 'signal'],
    [{ ...MARKET, onState: 'live' }, 'onState'],
    [{ ...MARKET, onChange: {} }, 'onChange'],
  ]) {
    await assert.rejects(client.liveEngine(options), (error) => code('INVALID_REQUEST')(error) && error.details.field === field, field);
  }
  const live = await follow(market);
  for (const [call, field] of [
    [() => live.stream(oneBtc(), { sginal: 1 }), 'sginal'],
    [() => live.stream(oneBtc(), { signal: 1 }), 'signal'],
    [() => live.stream(oneBtc(), { onState: 1 }), 'onState'],
    [() => live.onState(null), 'onState'],
    [() => live.onChange('all'), 'onChange'],
  ]) {
    assert.throws(call, (error) => code('INVALID_REQUEST')(error) && error.details.field === field, field);
  }
});

test('a refusal of its options leaves nothing on the signal of the caller', async () => {
  const client = clientOf(await startMovingMarket());
  const { signal } = new AbortController();
  await assert.rejects(client.liveEngine({ ...MARKET, signal, engine: { fee: 5 } }), code('INVALID_REQUEST'));
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});
