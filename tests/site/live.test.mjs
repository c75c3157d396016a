import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agree, Recent } from '../../web/playground/quote/agreement.ts';
import { History } from '../../web/playground/quote/history.ts';
import { wayText } from '../../web/playground/words/way.ts';
import { DEFAULTS } from '../../web/playground/trade/trade.ts';

test('the last minutes are kept by change, and another trade begins anew', () => {
  const history = new History();
  for (const [at, amount] of [[0, 5], [1000, 5], [2000, 6], [9000, undefined], [10_000, 7]]) history.note('a', amount, at);
  assert.deepEqual(history.since(0).map(({ amount }) => amount), [5, 6, undefined, 7]);
  // What held when the span began is its first part.
  assert.deepEqual(history.since(5000).map(({ at }) => at), [2000, 9000, 10_000]);
  history.note('b', 1, 11_000);
  assert.deepEqual(history.since(0), [{ at: 11_000, amount: 1 }]);
  // Waiting for the first answer is no change.
  history.begin('b');
  assert.equal(history.since(0).length, 1);
  history.begin('d');
  assert.deepEqual(history.since(0), []);
  for (let at = 0; at < 5000; at += 1) history.note('c', at, at);
  assert.ok(history.since(0).length <= 600);
});

test('the state of the connection is said, and how long nobody was heard by now', () => {
  const NOW = 1_000_000;
  const said = (state, silentMs, askedMs) => wayText({ state, heardAt: silentMs === undefined ? undefined : NOW - silentMs, askedAt: () => askedMs && NOW - askedMs }, NOW);
  assert.deepEqual(said('live', 5), ['live', 'Live: changes come by themselves.']);
  assert.match(said('stale', 61_000)[1], /^Catching up: .* last heard 1 min ago\.$/);
  assert.match(said('offline', 12_000)[1], /^Not connected: .* last heard 12 s ago\.$/);
  assert.doesNotMatch(said('offline', undefined)[1], /heard/);
  // A clock that was set back knows nothing.
  assert.doesNotMatch(said('offline', -60_000)[1], /heard/);
  assert.equal(wayText(undefined)[1], 'Connecting …');
  // The same way, told again later.
  const way = { state: 'offline', heardAt: NOW, askedAt: () => undefined };
  assert.match(wayText(way, NOW + 36_000)[1], /36 s ago/);
  assert.match(wayText(way, NOW + 90_000)[1], /1 min ago/);
});

test('what is asked for does not come by itself, and what is refused is not on its way', () => {
  const NOW = 1_000_000;
  const live = (askedMs) => wayText({ state: 'live', heardAt: NOW, askedAt: () => NOW - askedMs }, NOW);
  assert.deepEqual(live(2000), ['live', 'Live: this page asks every two seconds.']);
  // Asked beside a stream that was slow to begin.
  assert.deepEqual(live(20_000), ['live', 'Live: changes come by themselves.']);
  assert.deepEqual(wayText({ state: 'refused', heardAt: undefined, askedAt: () => undefined }), ['', 'Not followed: the edge refuses this request.']);
});

const answer = (amount) => ({ kind: 'quote', quote: { amount_out_atomic: String(amount), warnings: [], state: {} } });
const TRADE = { ...DEFAULTS, token_in: 'X', token_out: 'Y' };
/** A browser that holds these states one after the other, and moves on when it is waited for. */
function browserWith(amounts, { live = true } = {}) {
  let at = 0;
  let refreshed = 0;
  return {
    ask: () => answer(amounts[at]),
    isLive: () => live,
    nextChange: async () => live && at + 1 < amounts.length && Boolean((at += 1)),
    refresh: async () => ((at = amounts.length - 1), (refreshed += 1), { ok: true, changed: true }),
    get version() {
      return String(at);
    },
    get refreshed() {
      return refreshed;
    },
  };
}
const { signal } = new AbortController();

test('an answer of the edge is compared with the state that it is of, whichever of the two is ahead', async () => {
  const behind = browserWith([5, 6, 7, 8]);
  assert.deepEqual(await agree(answer(7), TRADE, behind, new Recent(), signal), { browser: answer(7), moved: undefined });
  const recent = new Recent();
  for (const amount of [5, 6]) recent.keep(answer(amount));
  assert.deepEqual((await agree(answer(5), TRADE, browserWith([8]), recent, signal)).browser, answer(5));
  // Forgotten with the trade, and with time.
  recent.clear();
  recent.keep(answer(5), performance.now() - 60_000);
  recent.keep(answer(6));
  assert.deepEqual((await agree(answer(5), TRADE, browserWith([8]), recent, signal)).browser, answer(8));
});

test('what the edge was asked beyond the trade is asked here too', async () => {
  const asked = [];
  const local = { ...browserWith([7]), ask: (request) => (asked.push(request), answer(7)) };
  const request = { token_in: 'X', plan: { sender: 'SP' } };
  await agree(answer(7), TRADE, local, new Recent(), signal, request);
  assert.deepEqual(asked, [request]);
});

test('where they never agree that is said, with whether the state moved meanwhile', async () => {
  assert.deepEqual(await agree(answer(1), TRADE, browserWith([5]), new Recent(), signal), { browser: answer(5), moved: false });
  assert.deepEqual(await agree(answer(1), TRADE, browserWith([5, 6]), new Recent(), signal), { browser: answer(6), moved: true });
});

test('what is not followed is fetched, once', async () => {
  const local = browserWith([5, 6], { live: false });
  assert.deepEqual((await agree(answer(6), TRADE, local, new Recent(), signal)).browser, answer(6));
  assert.equal(local.refreshed, 1);
});
