// A quote with its state can be computed anew by anyone, and no digit of it can be changed unseen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engine, oneBtc, QuoteEngine, refused, resolveInputs, snapshot, verify } from './market.mjs';

const quote = () => engine().quote(oneBtc({ token_out: 'SOL', include_state: true, explain: true }));

test('accepts its own quotes, as objects and as text', () => {
  const market = engine();
  const answer = quote();
  assert.match(answer.digest, /^sha256:[0-9a-f]{64}$/);
  for (const given of [answer, JSON.stringify(answer), { ...answer, request_id: 'mine' }]) {
    assert.deepEqual(verify(given), { equal: true, digest_matches: true, differences: [] });
    assert.equal(market.verify(given).equal, true);
  }
});

test('names what differs', () => {
  const answer = quote();
  answer.steps[0].amount_out_atomic = '1';
  const { equal, digest_matches, differences } = verify(answer);
  assert.deepEqual([equal, digest_matches], [false, false]);
  assert.deepEqual(differences, [{ path: 'steps[0].amount_out_atomic', given: '"1"', computed: '"100000000"' }]);
});

test('refuses one with any single digit of an amount changed', () => {
  const text = JSON.stringify(quote());
  const places = [...text.matchAll(/_atomic":"(\d+)"/g)].flatMap(({ index, 0: all, 1: digits }) =>
    Array.from(digits, (_, at) => index + all.length - 1 - digits.length + at),
  );
  assert.ok(places.length > 50);
  for (const at of places) {
    const bent = `${text.slice(0, at)}${(Number(text[at]) + 1) % 10}${text.slice(at + 1)}`;
    assert.equal(verify(bent).equal, false, text.slice(at - 40, at + 1));
  }
});

/** A quote that a liar made of another state: sound in itself. */
function lie(bend, options) {
  const state = snapshot();
  bend(state);
  const answer = QuoteEngine.fromSnapshot(state, options).quote(oneBtc({ include_state: true }));
  assert.equal(verify(answer).equal, true);
  return answer;
}

test('compares with what the caller knows: his request, his snapshot, the fee default', () => {
  const own = { request: oneBtc(), snapshot: snapshot() };
  const answer = lie(() => {});
  assert.deepEqual(verify(answer, own), { equal: true, digest_matches: true, differences: [], moved: [] });
  assert.deepEqual(verify(answer, { request: oneBtc() }), { equal: true, digest_matches: true, differences: [] });
  assert.equal(engine().verify(answer, own).equal, true);
  const told = (answer, more) => verify(answer, { ...own, ...more }).differences.map(({ path }) => path);
  assert.deepEqual(told(lie(({ pools }) => pools.push({ ...pools[0], pool_id: 'MADE-UP' }))), ['pool:MADE-UP']);
  assert.deepEqual(told(lie(({ pools }) => pools[0].bins.shift())), ['bin:BTC-USDC:499']);
  assert.deepEqual(told(lie(({ pools }) => (pools[0].bins[1].price = '99'))), ['bin:BTC-USDC:500']);
  assert.deepEqual(told(lie(({ pools }) => (pools[0].x_provider_fee = 7))), ['pool:BTC-USDC']);
  assert.deepEqual(told(lie(({ tokens }) => (tokens.BTC.decimals = 9))), ['input.decimals.BTC.decimals']);
  assert.deepEqual(told(answer, { request: oneBtc({ slippage_bps: 49 }) }), ['input.request.slippage_bps']);
  assert.deepEqual(told(answer, { defaultFeeBps: 9 }), ['input.default_fee_bps']);
  const more = snapshot();
  more.pools.push({ ...more.pools[0], pool_id: 'BETTER' });
  assert.deepEqual(told(answer, { snapshot: more }), ['pool:BETTER']);
});

/** One pool with contracts, 20 minutes after the last beat of its producer. */
function planned(router) {
  const owner = 'SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7';
  const contracts = { pool_contract: `${owner}.pool`, token_x_contract: `${owner}.x`, token_y_contract: `${owner}.y`, token_x_asset: `${owner}.x::x`, token_y_asset: `${owner}.y::y` };
  const bins = [499, 500].map((bin_id) => ({ pool_id: 'P', bin_id, reserve_x: bin_id === 500 ? '5000000' : '0', reserve_y: '5000000', price_e8: '100000000' }));
  const pool = { pool_id: 'P', token_x: 'A', token_y: 'B', active_bin_id: 500, status: 'active', bin_step: 25, last_updated: '2026-01-01T00:00:00Z', x_provider_fee: 10, y_provider_fee: 10, ...contracts, bins };
  const state = { format: 'dlmm-snapshot/1', taken_at: '2026-01-01T00:30:00Z', heartbeat_ms: String(Date.parse('2026-01-01T00:10:00Z')), tokens: { A: { decimals: 6 }, B: { decimals: 6 } }, pools: [pool] };
  const request = { token_in: 'A', token_out: 'B', amount_in_atomic: '1000000', include_state: true, plan: { sender: owner } };
  const market = QuoteEngine.fromSnapshot(state, { router });
  return { state, request, market, answer: market.quote(request) };
}

test("a plan for a stranger's router is told, and not proven where nobody says which one is right", () => {
  const [known, stranger] = ['SP1PFR4V08H1RAZXREBGFFQ59WB739XM8VVGTFSEA', 'SP000000000000000000002Q6VF78'].map((owner) => `${owner}.dlmm-swap-router-v-1-1`);
  const truth = planned(known);
  const { answer, request } = planned(stranger);
  assert.deepEqual([truth.answer.plan.proven, answer.plan.proven], [true, false]);
  const paths = (found, of = 'differences') => found[of]?.map(({ path }) => path);
  for (const own of [{ router: known }, { router: known, snapshot: truth.state, request }, { router: '' }]) assert.deepEqual(paths(verify(answer, own)), ['input.router']);
  assert.deepEqual(paths(truth.market.verify(answer)), ['input.router']);
  assert.equal(truth.market.verify(truth.answer, { snapshot: truth.state, request }).equal, true);
  for (const own of [{}, { snapshot: truth.state, request }]) {
    const found = verify(answer, own);
    assert.deepEqual([found.equal, paths(found, 'unproven')], [true, ['input.router']]);
  }
  assert.equal(refused(() => verify(answer, { router: 5 }), 'INVALID_REQUEST').field, 'router');
});

test("heartbeat, warning age and the share of the work are not taken from the answer", () => {
  const { state, answer, market } = planned('SP1PFR4V08H1RAZXREBGFFQ59WB739XM8VVGTFSEA.dlmm-swap-router-v-1-1');
  const told = (bend, own) => {
    const bent = structuredClone(answer);
    bend(bent);
    return market.verify(bent, { snapshot: state, ...own }).differences.map(({ path }) => path);
  };
  assert.deepEqual(told(() => {}), []);
  const hushed = (bent) => ((bent.warnings = []), (bent.state.warn_age_ms = null));
  assert.deepEqual(told(hushed), ['state.warn_age_ms']);
  assert.deepEqual(told(hushed, { warnStateAgeMs: 0 }), []);
  const young = (bent) => ((bent.warnings = []), (bent.state.heartbeat_ms = String(Date.parse('2026-01-01T00:30:00Z'))), bent.state.pools.forEach((pool) => (pool.age_ms = 0)));
  assert.deepEqual(told(young), ['state.heartbeat_ms']);
  assert.throws(() => told((bent) => (bent.input.work_share = 400)), { code: 'INVALID_REQUEST' });
  assert.ok(told((bent) => (bent.input.work_share = 3), { batch: 12 }).includes('input.work_share'));
  assert.deepEqual(told((bent) => (bent.input.work_share = 3), { batch: 36 }), []);
  assert.equal(refused(() => verify(answer, { batch: 101 }), 'INVALID_REQUEST').field, 'batch');
});

test('a pool that was written since is told apart from one that was changed', () => {
  const later = snapshot();
  later.taken_at = '2026-01-01T00:02:00Z';
  later.pools[0].last_updated = '2026-01-01T00:01:30Z';
  later.pools[0].bins[1].x_amount = '9';
  const { equal, digest_matches, differences, moved } = verify(lie(() => {}), { snapshot: later });
  assert.deepEqual([equal, digest_matches, differences], [false, true, []]);
  assert.deepEqual(moved.map(({ path }) => path), ['pool:BTC-USDC']);
});

test('refuses what it does not know of the caller', () => {
  const answer = lie(() => {});
  const field = (own) => refused(() => verify(answer, own), 'INVALID_REQUEST').field;
  assert.equal(field({ redis: 'x' }), 'redis');
  assert.equal(field({ request: { token_in: 5 } }), 'token_in');
  assert.throws(() => verify(answer, { request: {} }), { message: 'token_in is missing, in the request to compare with' });
  assert.equal(field({ defaultFeeBps: -1 }), 'defaultFeeBps');
  assert.equal(field(null), 'options');
  refused(() => verify(answer, { snapshot: '{}' }), 'SNAPSHOT_INVALID');
});

test('a byte order mark in front of a text is passed over', () => {
  const [bytes, text] = [new TextEncoder().encode(`\ufeff${JSON.stringify(snapshot())}`), `\ufeff${JSON.stringify(snapshot())}`];
  for (const marked of [text, bytes, bytes.buffer]) {
    assert.equal(QuoteEngine.fromSnapshot(marked).quote(oneBtc()).amount_out, '100.0');
  }
  assert.equal(verify(`\ufeff${JSON.stringify(quote())}`).equal, true);
  refused(() => QuoteEngine.fromSnapshot(`\ufeff${text}`), 'SNAPSHOT_INVALID');
});

test('says what it cannot check', () => {
  const field = (given) => refused(() => verify(given), 'INVALID_REQUEST').field;
  assert.equal(field(undefined), 'quote');
  assert.equal(field('{'), 'quote');
  assert.equal(field(engine().quote(oneBtc())), 'input');
  assert.equal(field({ success: false }), 'success');
});

test('of a batch, and of an answer that was taken out of one, it says what to check instead', () => {
  const { input, ...answer } = quote();
  const { pools, ...rest } = input;
  const alone = { ...answer, input_ref: { ...rest, pools: pools.map((_, at) => at), state: 0 } };
  const batch = { answers: [alone], states: [{ pools }] };
  for (const [given, message] of [
    [batch, 'success is missing: this is a batch; check each quote that resolveInputs(batch) gives'],
    [alone, 'input stands in the batch of this answer (share_state): check the quote that resolveInputs(batch) gives'],
    // These have nothing to do with a batch.
    [{ success: false }, 'success is not true: only a quote can be verified, not an error'],
    [{ ...answer, input: undefined }, 'input is missing: ask for the quote with include_state'],
  ]) {
    for (const one of [given, JSON.stringify(given), `\ufeff${JSON.stringify(given)}`]) assert.throws(() => verify(one), { code: 'INVALID_REQUEST', message });
  }
  assert.equal(verify(resolveInputs(batch)[0]).equal, true);
});

test('answers of a batch get back the state that was written once', () => {
  const { input, ...answer } = quote();
  const { pools, ...rest } = input;
  const other = { success: false, error: { code: 'NO_ROUTE' } };
  const places = pools.map((_, at) => pools.length - 1 - at);
  const batch = { answers: [other, { ...answer, input_ref: { ...rest, pools: places, state: 1 } }], states: [{ pools: [] }, { pools: pools.toReversed() }] };
  const resolved = resolveInputs(JSON.parse(JSON.stringify(batch)));
  assert.deepEqual(resolved, [other, quote()].map((one, at) => ({ ...one, ...(at === 1 && { digest: answer.digest }) })));
  assert.equal(verify(resolved[1]).equal, true);
  for (const mark of ['', '\ufeff']) assert.deepEqual(resolveInputs(mark + JSON.stringify(batch)), resolved);
  assert.deepEqual(resolveInputs({ answers: [null, 7] }), [null, 7]);
  for (const bent of ['{', 'null', { answers: [{ input_ref: null }] }, { answers: [{ input_ref: { pools: 7 } }] }, {}, null, { answers: 1 }, { ...batch, states: [] }, { ...batch, states: [{ pools: [] }, { pools: [] }] }]) {
    assert.equal(refused(() => resolveInputs(bent), 'INVALID_REQUEST').field, 'batch');
  }
});
