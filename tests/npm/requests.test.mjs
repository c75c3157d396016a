// What goes in and what comes out: amounts without loss, numbers only where they are exact.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { engine, oneBtc, QuoteEngine, refused, snapshot, verify } from './market.mjs';

test('amounts are taken as bigints, strings and exact numbers, and come out as strings', () => {
  const market = engine();
  for (const amount of [
    { amount_in: 1n },
    { amount_in: 1 },
    { amount_in: '1.00' },
    { amount_in: '1e0' },
    { amount_in_atomic: 100_000_000n },
    { amount_in_atomic: '100000000' },
  ]) {
    const quote = market.quote({ token_in: 'BTC', token_out: 'USDC', ...amount });
    assert.deepEqual([quote.amount_in, quote.amount_in_atomic], ['1.0', '100000000']);
    assert.deepEqual([quote.amount_out, quote.amount_out_atomic], ['100.0', '100000000']);
    assert.deepEqual([quote.minimum_received, quote.price_impact_ppm, quote.effective_price], ['99.5', 0, '100.0']);
    assert.deepEqual([quote.steps[0].price, quote.fees[0].total, quote.state.source], ['100.0', '0.0', 'snapshot']);
    assert.deepEqual([quote.state.read_at, quote.state.pools[0].age_ms], ['2026-01-01T00:01:00.000Z', 60_000]);
  }
  const back = market.quote({ token_in: 'BTC', token_out: 'USDC', amount_out: '1500', max_bins: 2, max_age_ms: null, via: undefined });
  assert.deepEqual([back.mode, back.amount_in, back.maximum_sent, back.requested_out], ['exact_out', '20.0', '20.1', '1500.0']);
});

test('a request is answered alike whichever way it goes over, and without its steps if it says so', () => {
  const market = engine();
  const request = oneBtc({ amount_in: undefined, amount_in_atomic: 100_000_000n });
  const whole = market.quote(request);
  assert.ok(whole.steps.length > 0);
  // A Map is handed over value by value, a plain object as text.
  assert.deepEqual(market.quote(new Map(Object.entries(request))), whole);
  const { steps, ...rest } = whole;
  assert.deepEqual(market.quote({ ...request, include_steps: false }), rest);
});

test('an amount beyond what a double holds keeps every digit', () => {
  const text = JSON.stringify(snapshot()).replaceAll('"decimals":6', '"decimals":30').replaceAll('"decimals":8', '"decimals":30');
  const market = QuoteEngine.fromSnapshot(text);
  const units = 1_234_567_890_123_456_789_012_345_678_901n;
  const quote = market.quote({ token_in: 'BTC', token_out: 'USDC', amount_in_atomic: units });
  assert.deepEqual([quote.amount_in, quote.amount_out_atomic], ['1.234567890123456789012345678901', String(units * 100n)]);
});

test('a number that a float may have changed is refused by its field', () => {
  const market = engine();
  for (const amount of [0.1 + 0.2, 1 / 3, 2 ** 53 + 2, NaN, Infinity, -Infinity, 123456789.12345678]) {
    assert.deepEqual(refused(() => market.quote(oneBtc({ amount_in: amount })), 'INVALID_REQUEST'), { field: 'amount_in' });
  }
  for (const amount of [0.1, 1e-8, 5, 2 ** 53 - 1, 12345678.1234567]) {
    const quote = market.quote(oneBtc({ amount_in: amount, allow_partial: true, token_out: 'USDC' }));
    assert.equal(quote.success, true, String(amount));
  }
});

test('what cannot be handed over without a loss is named by its place', () => {
  const market = engine();
  const message = (work) => {
    try {
      work();
    } catch ({ message }) {
      return message;
    }
    return assert.fail('it was taken');
  };
  const deep = (levels) => (levels === 0 ? 'SOL' : [deep(levels - 1)]);
  assert.match(message(() => market.quote(oneBtc({ amount_in: 1 / 3 }))), /^amount_in is 0\.3+, more digits than/);
  assert.match(message(() => market.quote(oneBtc({ amount_in: NaN }))), /^amount_in is NaN, not a number$/);
  assert.match(message(() => market.quote(oneBtc({ via: ['SOL', new Date(0)] }))), /^via\[1\] is not plain data$/);
  assert.match(message(() => market.quote(oneBtc({ via: deep(17) }))), /^via(\[0\]){16} is nested too deep$/);
  assert.match(message(() => market.applyUpdate({ 'bin:BTC-USDC:500': { price: [{ low: 0.1 + 0.2 }] } })), /^bin:BTC-USDC:500\.price\[0\]\.low is 0\.30000000000000004/);
  assert.match(message(() => QuoteEngine.fromSnapshot({ pools: [, () => {}] })), /^snapshot\.pools\[1\] is not plain data$/);
  assert.match(message(() => market.quote(new Map([[1, 'BTC']]))), /^request must have names only$/);
  assert.equal(market.quote(Object.assign(Object.create(null), oneBtc())).amount_out, '100.0');
});

test('what is no request is refused by its field', () => {
  const market = engine();
  const field = (request) => refused(() => market.quote(request), 'INVALID_REQUEST').field;
  assert.equal(field(undefined), 'request');
  assert.equal(field('{"token_in":"BTC"}'), 'request');
  assert.equal(field([]), 'request');
  assert.equal(field({}), 'token_in');
  assert.equal(field(oneBtc({ gas: 1 })), 'gas');
  assert.equal(field({ ...oneBtc(), ['__proto__']: 'x' }), '__proto__');
  assert.equal(field(oneBtc({ amount_in: 1, amount_out: 1 })), 'amount_out');
  assert.equal(field(oneBtc({ amount_in: undefined, amount_in_atomic: 100 })), 'amount_in_atomic');
  assert.equal(field(oneBtc({ amount_in: -1n })), 'amount_in');
  assert.equal(field(oneBtc({ slippage_bps: 0.5 })), 'slippage_bps');
  assert.equal(field(oneBtc({ slippage_bps: '50' })), 'slippage_bps');
  assert.equal(field(oneBtc({ via: [1] })), 'via');
  assert.equal(field(oneBtc({ via: [Symbol('SOL')] })), 'via');
  assert.equal(field(oneBtc({ strict: () => true })), 'strict');
  assert.equal(field(oneBtc({ amount_in: new Date(0) })), 'amount_in');
  class Big {
    toJSON() {
      return '10';
    }
  }
  assert.equal(field(oneBtc({ amount_in: new Big() })), 'amount_in');
  const loop = [];
  loop.push(loop);
  assert.equal(field(oneBtc({ via: loop })), 'via');
  assert.equal(market.quote(new Map(Object.entries(oneBtc()))).amount_out, '100.0');
});

test('a getter that throws is the caller\'s own fault and harms nothing', () => {
  const market = engine();
  const request = { ...oneBtc(), get via() { throw new RangeError('mine'); } };
  assert.throws(() => market.quote(request), RangeError);
  assert.equal(market.quote(oneBtc()).amount_out, '100.0');
});

test('answers of many requests come in order, refusals among them', () => {
  const answers = engine().quotes([oneBtc(), oneBtc({ token_out: 'DOGE' }), null, oneBtc({ amount_in: 2n })]);
  assert.deepEqual(answers.map(({ amount_out, error }) => amount_out ?? error.code), ['100.0', 'UNKNOWN_TOKEN', 'INVALID_REQUEST', '200.0']);
  assert.deepEqual(answers[1], {
    success: false,
    error: { code: 'UNKNOWN_TOKEN', message: 'no pool holds the token DOGE', details: { token: 'DOGE' } },
    request_id: null,
  });
  assert.deepEqual(engine().quotes([]), []);
  refused(() => engine().quotes(oneBtc()), 'INVALID_REQUEST');
});

test('a snapshot is taken as text, as bytes and as an object', () => {
  const text = JSON.stringify(snapshot());
  const bytes = new TextEncoder().encode(text);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  for (const source of [text, bytes, bytes.buffer, shifted.subarray(3), new DataView(shifted.buffer, 3), shared, Buffer.from(text), snapshot()]) {
    const market = QuoteEngine.fromSnapshot(source);
    assert.equal(market.quote(oneBtc()).amount_out, '100.0');
    assert.equal(market.takenAt.toISOString(), '2026-01-01T00:01:00.000Z');
  }
});

test('what is no snapshot is refused with the reason', () => {
  const float = snapshot();
  float.pools[0].bins[0].price = 0.1 + 0.2;
  for (const [source, reason] of [
    ['', /text ends/],
    ['{"format":"dlmm-snapshot/2","taken_at":"","tokens":{},"pools":[]}', /dlmm-snapshot\/2/],
    [new Uint8Array([0xff]), /UTF-8/],
    [float, /snapshot\.pools\[0\]\.bins\[0\]\.price is 0\.30000000000000004/],
    [undefined, /neither/],
    [5, /neither/],
  ]) {
    assert.match(refused(() => QuoteEngine.fromSnapshot(source), 'SNAPSHOT_INVALID').reason, reason);
  }
});

test('options are checked', () => {
  const free = snapshot();
  for (const pool of free.pools) {
    delete pool.x_provider_fee;
    delete pool.y_provider_fee;
  }
  const market = QuoteEngine.fromSnapshot(free, { defaultFeeBps: 100 });
  assert.equal(market.quote(oneBtc()).amount_out, '99.0');
  assert.equal(QuoteEngine.fromSnapshot(free).quote(oneBtc()).amount_out, '99.9');
  assert.equal(engine({ maxCandidatePools: 1, defaultFeeBps: undefined }).quotes([{ ...oneBtc(), token_out: 'SOL' }])[0].error.code, 'NO_ROUTE');
  for (const options of [{ defaultFeeBps: 10_000 }, { defaultFeeBps: -1 }, { maxCandidatePools: 0 }, { defaultFee: 1 }, 'fast']) {
    refused(() => engine(options), 'INVALID_REQUEST');
  }
});

test('a router is the principal of a contract, or empty where there is none', () => {
  const owner = 'SP1PFR4V08H1RAZXREBGFFQ59WB739XM8VVGTFSEA';
  const answer = engine().quote(oneBtc({ include_state: true }));
  for (const router of ['foo', owner, `${owner.replace('SP1', 'SP2')}.dlmm-swap-router-v-1-1`, `${owner}.`, 5, null, true]) {
    for (const call of [() => engine({ router }), () => verify(answer, { router }), () => verify(answer, { router, snapshot: snapshot() })]) {
      assert.deepEqual(refused(call, 'INVALID_REQUEST'), { field: 'router' }, String(router));
    }
  }
  for (const router of ['', undefined]) {
    const plan = { sender: owner };
    assert.equal(refused(() => engine({ router }).quote(oneBtc({ plan })), 'PLAN_UNAVAILABLE').reason, 'no router');
  }
  for (const router of ['', `${owner}.a-router-of-tomorrow`]) {
    assert.equal(engine({ router }).verify(answer).equal, true);
    assert.equal(verify(answer, { router }).equal, true);
  }
});

test('the time of an update is a time, and not what would be one in 1970', () => {
  for (const takenAt of [null, true, false, [], [2020], {}, new Proxy(new Date(), {}), 'soon', -1, 5n]) {
    assert.deepEqual(refused(() => engine().applyUpdate({}, { takenAt }), 'INVALID_REQUEST'), { field: 'takenAt' }, inspect(takenAt));
  }
});
