// A quote with its state can be computed anew by anyone, and no digit of it can be changed unseen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engine, oneBtc, refused, resolveInputs, verify } from './market.mjs';

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

test('says what it cannot check', () => {
  const field = (given) => refused(() => verify(given), 'INVALID_REQUEST').field;
  assert.equal(field(undefined), 'quote');
  assert.equal(field('{'), 'quote');
  assert.equal(field(engine().quote(oneBtc())), 'input');
  assert.equal(field({ success: false }), 'success');
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
  for (const bent of [{}, null, { answers: 1 }, { ...batch, states: [] }, { ...batch, states: [{ pools: [] }, { pools: [] }] }]) {
    assert.equal(refused(() => resolveInputs(bent), 'INVALID_REQUEST').field, 'batch');
  }
});
