// Whatever happens on the way, a live engine ends up live, with what the service holds, and says `stale` or `offline` meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuoteClient } from '../../../web/pkg/client.js';
import { oneBtc } from '../market.mjs';
import { startMovingMarket } from './moving-market.mjs';
import { QUICK, until } from './scripted-service.mjs';

const MARKET = { tokens: ['BTC', 'USDC'] };
const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));
const opened = [];
test.afterEach(() => {
  // What still follows would keep this process, and hide why a test failed.
  for (const live of opened.splice(0)) live.close();
  assert.deepEqual(unhandled, []);
});

/** A live engine, and every state it told. */
async function follow(market, { pace = {}, ...options } = {}) {
  const states = [];
  const client = new QuoteClient({ url: market.service.url, pace: { ...QUICK, ...pace }, timeoutMs: 500, ...options });
  const live = await client.liveEngine({ ...MARKET, onState: (state, { error }) => states.push([state, error?.code]) });
  opened.push(live);
  return { live, states, client };
}

const holds = (live, price) => live.quote(oneBtc()).amount_out === `${price}.0`;
const isLiveAt = (live, price) => until(() => live.state === 'live' && holds(live, price), `live at ${price}`);
const told = (states) => [...new Set(states.map(([state]) => state))];

test('the service goes and comes back', async () => {
  const market = await startMovingMarket();
  const { live, states } = await follow(market);
  await market.service.stop();
  await until(() => states.some(([state]) => state === 'offline'));
  assert.deepEqual(states.slice(0, 4), [['stale', undefined], ['live', undefined], ['stale', 'SERVICE_UNREACHABLE'], ['offline', 'SERVICE_UNREACHABLE']]);
  market.price = 250;
  market.seq += 1;
  await market.service.start();
  await isLiveAt(live, 250);
});

test('a stream breaks off in the middle of an event', async () => {
  const market = await startMovingMarket();
  const { live, states } = await follow(market);
  for (const price of [110, 120, 130]) {
    const [call] = market.streams;
    call.raw(`id: 99\nevent: changes\ndata: {"taken_at":"2026-`);
    await new Promise(setImmediate);
    call.destroy();
    await until(() => market.streams.size === 0);
    market.move(price);
    await isLiveAt(live, price);
  }
  assert.deepEqual(told(states), ['stale', 'live']);
  // Half an event is none: its id was not taken over.
  assert.ok(market.service.of('/changes').every(({ headers }) => headers['last-event-id'] !== '99'));
});

for (const [name, spoiled] of Object.entries({
  'text that is no JSON': (call) => call.event('changes', '{"taken_at":', 50),
  'a value that is none': (call) => call.event('changes', { taken_at: null, keys: { 'bin:BTC-USDC:500': 7 } }, 50),
  'a key that is none': (call) => call.event('changes', { keys: { 'tokens:BTC': '{}' } }, 50),
  'no keys at all': (call) => call.event('changes', { taken_at: '2026-01-01T00:02:00Z' }, 50),
  'a snapshot that is none': (call) => call.event('snapshot', { format: 'of another time' }, 50),
})) {
  test(`an event is garbage: ${name}`, async () => {
    const market = await startMovingMarket();
    const { live, states } = await follow(market);
    const [call] = market.streams;
    market.streams.delete(call);
    spoiled(call);
    await until(() => states.some(([state, code]) => state === 'stale' && code === 'ANSWER_INVALID'));
    market.move(140);
    await isLiveAt(live, 140);
    // Nobody knows what was in it, so the next stream begins with a snapshot.
    assert.deepEqual(market.service.of('/changes').map(({ headers }) => headers['last-event-id']), [undefined, undefined]);
    assert.deepEqual(told(states), ['stale', 'live']);
  });
}

test('Redis is gone and back: the service says so on the stream', async () => {
  const market = await startMovingMarket();
  const { live, states } = await follow(market, { quietMs: 200 });
  const refused = { success: false, error: { code: 'REDIS_UNAVAILABLE', message: 'gone', details: { attempts: 2, retry_after_ms: 5 } }, request_id: null };
  const [call] = market.streams;
  call.event('refused', refused, 2);
  await until(() => states.some(([state, code]) => state === 'stale' && code === 'REDIS_UNAVAILABLE'));
  // The stream lives, though what it tells of does not: its comments say no more than that.
  for (let at = 0; at < 6; at += 1) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    call.comment();
  }
  assert.deepEqual([live.state, live.error.code, holds(live, 100), market.service.calls.length], ['stale', 'REDIS_UNAVAILABLE', true, 1]);
  // Nothing has changed meanwhile, and the service says just that.
  call.event('changes', { ...market.change(), keys: {} }, 3);
  await isLiveAt(live, 100);
  assert.equal(market.service.calls.length, 1);
});

test('a refusal confirms nothing: the age counts on from what was heard before it', async (t) => {
  const market = await startMovingMarket();
  const { live, states } = await follow(market, { quietMs: 60_000 });
  const refused = { success: false, error: { code: 'REDIS_UNAVAILABLE', message: 'gone', details: { attempts: 2 } }, request_id: null };
  const [call] = market.streams;
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.mock.timers.tick(5_000);
  call.comment();
  await until(() => live.ageMs === 0, 'a word of the service');
  t.mock.timers.tick(6_000);
  call.event('refused', refused, 2);
  await until(() => states.some(([, error]) => error === 'REDIS_UNAVAILABLE'));
  assert.equal(live.ageMs, 6_000);
  call.event('changes', { ...market.change(), keys: {} }, 3);
  await until(() => live.state === 'live');
  assert.equal(live.ageMs, 0);
});

test('a refusal on the stream is an error only where nothing was there before it, and asking again is of no use', async () => {
  const market = await startMovingMarket();
  const refused = (code) => ({ success: false, error: { code, message: 'no', details: {} }, request_id: null });
  market.service.answers['/changes'] = (call) => call.open().event('refused', refused('UNKNOWN_TOKEN'), 1);
  await assert.rejects(follow(market), ({ code }) => code === 'UNKNOWN_TOKEN');
  market.service.answers['/changes'] = (call) => call.open().event('refused', refused('REDIS_TIMEOUT'), 1).event('snapshot', market.snapshot(), 2);
  const { live } = await follow(market);
  assert.equal(live.state, 'live');
});

test('a stream goes on where nothing was missed: the service says so', async () => {
  const market = await startMovingMarket();
  const { live, states } = await follow(market);
  const [call] = market.streams;
  call.end(20);
  await until(() => states.length === 4);
  assert.deepEqual(states, [['stale', undefined], ['live', undefined], ['stale', undefined], ['live', undefined]]);
  assert.equal(market.service.of('/snapshot').length, 0);
  assert.equal(live.id, '1');
});

/** Comes back to a stream that says no more than that it is there, and gives what can be done about it. */
async function comeBackToComments(options) {
  const market = await startMovingMarket();
  const { live } = await follow(market, options);
  const silent = [];
  market.service.answers['/changes'] = (call) => silent.push(call.open().comment());
  const [call] = market.streams;
  call.end(1);
  await until(() => silent.length === 1);
  const comment = async () => {
    silent[0].comment();
    await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { market, live, comment, event: (...event) => silent[0].event(...event) };
}

test('comments of a stream that has told nothing yet do not confirm what is here', async () => {
  const { market, live, comment, event } = await comeBackToComments({ pace: { besideMs: 3_600_000 } });
  // Redis moved on, and the service has not looked yet.
  market.price = 150;
  for (let at = 0; at < 5; at += 1) {
    await comment();
    assert.equal(live.state, 'stale');
  }
  event('of-the-future', {}, 7);
  await comment();
  assert.equal(live.state, 'stale');
  event('changes', market.change(), 8);
  await isLiveAt(live, 150);
});

test('beside a stream that tells nothing but that it is there the state is asked for, and what goes wrong there is told', async () => {
  const { market, live, comment, event } = await comeBackToComments({ pace: { besideMs: 20 }, quietMs: 60_000 });
  market.price = 160;
  await isLiveAt(live, 160);
  market.service.answers['/snapshot'] = (call) => call.refuse(502, 'REDIS_AUTH');
  await until(() => live.error?.code === 'REDIS_AUTH' && live.state === 'stale');
  await comment();
  assert.equal(live.state, 'stale');
  // For the stream nothing has changed since its last event: what was asked for in between is none of its own, so it has to begin anew.
  market.price = 100;
  market.service.answers['/changes'] = market.usual['/changes'];
  event('changes', { ...market.change(), keys: {} }, 9);
  await isLiveAt(live, 100);
  assert.deepEqual(market.service.of('/changes').map(({ headers }) => headers['last-event-id']), [undefined, '1', undefined]);
  const asked = market.service.of('/snapshot').length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(market.service.of('/snapshot').length, asked);
});

test('a reason that comes later, or changes, is told', async () => {
  const market = await startMovingMarket();
  const states = [];
  const onState = (state, { error }) => states.push([state, error?.code]);
  const tells = (code) => until(() => states.some(([state, told]) => state === 'stale' && told === code), code);
  const refused = { success: false, error: { code: 'REDIS_UNAVAILABLE', message: 'gone', details: {} }, request_id: null };
  market.service.answers['/changes'] = (call) => call.open().event('refused', refused, 1);
  const client = new QuoteClient({ url: market.service.url, pace: QUICK });
  const started = client.liveEngine({ ...MARKET, onState });
  await tells('REDIS_UNAVAILABLE');
  market.service.answers['/changes'] = (call) => call.refuse(429, 'RATE_LIMITED', { retry_after: 0 });
  for (const { response } of market.service.calls) response.destroy();
  await tells('RATE_LIMITED');
  market.service.answers['/changes'] = (call) => call.refuse(502, 'REDIS_AUTH');
  await tells('REDIS_AUTH');
  // The same reason again and again is told once.
  const asked = market.service.calls.length;
  await until(() => market.service.calls.length > asked + 2);
  assert.equal(states.filter(([, told]) => told === 'REDIS_AUTH').length, 1);
  market.service.answers['/changes'] = market.usual['/changes'];
  opened.push(await started);
  assert.deepEqual(states.at(-1), ['live', undefined]);
});

for (const [name, blocked] of Object.entries({
  'there is none': (call) => call.refuse(404, 'NOT_FOUND'),
  'something on the way answers 404': (call) => call.json('<html>', { status: 404, headers: { 'content-type': 'text/html' } }),
  'it is not acceptable': (call) => call.json('', { status: 406 }),
  'a page comes instead': (call) => call.json('<html>', { headers: { 'content-type': 'text/html' } }),
  'all are taken': (call) => call.refuse(503, 'STREAMS_FULL', { retry_after: 0 }),
  'a proxy holds back all of it': (call) => call.open(),
  'a proxy holds back even its head': () => undefined,
})) {
  test(`no stream gets through, ${name}: the state is asked for, by its tag`, async () => {
    const market = await startMovingMarket();
    market.service.answers['/changes'] = blocked;
    const { live } = await follow(market, { pace: { besideMs: 40, tickMs: 30 } });
    assert.equal(live.state, 'live');
    // A machine that stood still for ten ticks slept, for all the client knows: then it asks without the tag once.
    const tags = () => market.service.of('/snapshot').map(({ headers }) => headers['if-none-match']);
    await until(() => tags().filter((tag) => tag === 'W/"100"').length > 3);
    const [first] = market.service.of('/snapshot');
    assert.deepEqual([tags()[0], new Set(tags()), [...first.query.keys()]], [undefined, new Set([undefined, 'W/"100"']), ['token_in', 'token_out']]);
    market.move(170);
    await isLiveAt(live, 170);
    assert.equal(live.id, undefined);
    // Then they get through again, and are taken.
    market.service.answers['/changes'] = market.usual['/changes'];
    await until(() => market.streams.size === 1);
    market.move(180);
    await isLiveAt(live, 180);
    assert.notEqual(live.id, undefined);
  });
}

test('streams that go silent twice give way to asking', async () => {
  const market = await startMovingMarket();
  // A gap of ten looks would be a sleep, and no silence, so looks are far apart; streams are not tried again within this test.
  const { live, states } = await follow(market, { quietMs: 400, pace: { tickMs: 200, ticksToFirstEvent: 100, withoutStreamMs: 120_000 } });
  await until(() => market.service.of('/snapshot').length > 2);
  const streams = market.service.of('/changes').length;
  assert.equal(streams, 2);
  market.price = 190;
  market.seq += 1;
  await isLiveAt(live, 190);
  assert.deepEqual(told(states), ['stale', 'live']);
  assert.equal(market.service.of('/changes').length, streams, 'asking goes on without streams');
});

test('a tag of an earlier snapshot does not speak of what changed since', async () => {
  const market = await startMovingMarket();
  market.service.answers['/changes'] = (call) => call.refuse(503, 'STREAMS_FULL', { retry_after: 0 });
  const { live } = await follow(market);
  await until(() => market.service.of('/snapshot').length > 1);
  market.service.answers['/changes'] = market.usual['/changes'];
  await until(() => market.streams.size === 1);
  market.move(200);
  await isLiveAt(live, 200);
  // Back to the price of the snapshot, and only to be asked for.
  market.price = 100;
  market.service.answers['/changes'] = (call) => call.refuse(404, 'NOT_FOUND');
  for (const call of market.streams) call.end(1);
  await isLiveAt(live, 100);
});

test('a slow start says stale, and is live once the state is there', async () => {
  const market = await startMovingMarket();
  market.service.answers['/snapshot'] = () => undefined;
  market.service.answers['/changes'] = async (call) => {
    call.open();
    await new Promise((resolve) => setTimeout(resolve, 150));
    call.event('snapshot', market.snapshot(), 1);
  };
  const states = [];
  const client = new QuoteClient({ url: market.service.url, pace: { ...QUICK, besideMs: 20 } });
  opened.push(await client.liveEngine({ ...MARKET, onState: (state) => states.push(state) }));
  assert.deepEqual(states, ['stale', 'live']);
});

test('a service that says when to come back is not asked before', async () => {
  const market = await startMovingMarket();
  const at = [];
  market.service.answers['/changes'] = (call) => {
    at.push(performance.now());
    if (at.length === 1) call.refuse(429, 'RATE_LIMITED', { retry_after: 1 });
    else if (at.length === 2) call.refuse(503, 'REDIS_UNAVAILABLE', { attempts: 0, retry_after_ms: 400 });
    else market.usual['/changes'](call);
  };
  const { live } = await follow(market);
  assert.ok(at[1] - at[0] >= 990 && at[2] - at[1] >= 390, at.join());
});

test('what the service refuses for good is an error at the start, and a state later', async () => {
  const market = await startMovingMarket();
  const { live } = await follow(market);
  market.service.answers['/changes'] = (call) => call.refuse(401, 'UNAUTHORIZED');
  await assert.rejects(follow(market), ({ code, requestId }) => code === 'UNAUTHORIZED' && requestId === 'f'.repeat(32));
  const [call] = market.streams;
  call.end(1);
  await until(() => live.error?.code === 'UNAUTHORIZED' && live.state === 'stale');
  market.service.answers['/changes'] = market.usual['/changes'];
  await isLiveAt(live, 100);
});

test('an abort ends it in every state, and is an AbortError', async (t) => {
  const places = {
    'before it begins': { abortAt: 'start' },
    'while it connects': { answer: () => undefined, when: ({ calls }) => calls.length > 0 },
    'while it waits for the first event': { answer: (call) => call.open(), when: ({ calls }) => calls.length > 0 },
    'in the middle of an event': { answer: (call) => call.open().raw('event: snap'), when: ({ calls }) => calls.length > 0 },
    'while it waits to try again': { answer: (call) => call.refuse(429, 'RATE_LIMITED', { retry_after: 1_000 }), when: ({ calls }) => calls.length > 0 },
    'while it asks': { answer: (call) => call.refuse(404, 'NOT_FOUND'), snapshot: () => undefined, when: ({ of }) => of('/snapshot').length > 0 },
  };
  for (const [name, { abortAt, answer, snapshot, when }] of Object.entries(places)) {
    await t.test(name, async () => {
      const market = await startMovingMarket();
      if (answer) market.service.answers['/changes'] = answer;
      if (snapshot) market.service.answers['/snapshot'] = snapshot;
      const controller = new AbortController();
      if (abortAt === 'start') controller.abort('because');
      const client = new QuoteClient({ url: market.service.url, pace: QUICK });
      const started = client.liveEngine({ ...MARKET, signal: controller.signal });
      const rejected = assert.rejects(started, (error) => error.name === 'AbortError' && error.cause === 'because');
      if (when) await until(() => when(market.service));
      controller.abort('because');
      await rejected;
      await Promise.all(market.service.calls.map(({ closed }) => closed));
    });
  }
  await t.test('when it is live', async () => {
    const market = await startMovingMarket();
    const controller = new AbortController();
    const client = new QuoteClient({ url: market.service.url, pace: QUICK });
    const live = await client.liveEngine({ ...MARKET, signal: controller.signal });
    controller.abort();
    assert.throws(() => live.quote(oneBtc()), ({ code }) => code === 'ENGINE_FREED');
    await Promise.all(market.service.calls.map(({ closed }) => closed));
  });
});

test('a listener that throws stops neither the engine nor the others', async (t) => {
  const market = await startMovingMarket();
  const { live } = await follow(market);
  const thrown = [];
  t.mock.method(globalThis, 'queueMicrotask', (work) => {
    try {
      work();
    } catch (error) {
      thrown.push(error.message);
    }
  });
  const heard = [];
  live.onChange(() => {
    throw new Error('of the caller');
  });
  const stop = live.onChange(({ pools }) => heard.push(pools));
  market.move(210);
  await isLiveAt(live, 210);
  stop();
  market.move(220);
  await isLiveAt(live, 220);
  assert.deepEqual([heard, thrown], [[['BTC-USDC']], ['of the caller', 'of the caller']]);
});
