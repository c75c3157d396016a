import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../web/playground/quote/history.ts';
import { wayText } from '../../web/playground/words/way.ts';

test('the last minutes are kept by change, and another trade begins anew', () => {
  const history = new History();
  for (const [at, amount] of [[0, 5], [1000, 5], [2000, 6], [9000, undefined], [10_000, 7]]) history.note('a', amount, at);
  assert.deepEqual(history.since(0).map(({ amount }) => amount), [5, 6, undefined, 7]);
  // What held when the span began is its first part.
  assert.deepEqual(history.since(5000).map(({ at }) => at), [2000, 9000, 10_000]);
  history.note('b', 1, 11_000);
  assert.deepEqual(history.since(0), [{ at: 11_000, amount: 1 }]);
  for (let at = 0; at < 5000; at += 1) history.note('c', at, at);
  assert.ok(history.since(0).length <= 600);
});

test('the state of the connection is said, and how long nobody was heard', () => {
  assert.deepEqual(wayText({ state: 'live', ageMs: 5 }), ['live', 'Live: changes come by themselves.']);
  assert.match(wayText({ state: 'stale', ageMs: 61_000 })[1], /^Catching up: .* last heard 1 min ago\.$/);
  assert.match(wayText({ state: 'offline', ageMs: 12_000 })[1], /^Not connected: .* last heard 12 s ago\.$/);
  assert.doesNotMatch(wayText({ state: 'offline', ageMs: Number.POSITIVE_INFINITY })[1], /heard/);
  assert.equal(wayText(undefined)[1], 'Connecting …');
});
