import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Follower } from '../../web/playground/quote/follower.ts';
import { scopeOf } from '../../web/playground/state/scope.ts';

const PART = { token_in: 'X', token_out: 'Y', pools: '' };
const OTHER = { ...PART, token_out: 'Z' };

/** Engines that begin when they are told to: the starts so far, each with what decides it. */
function starts() {
  const all = [];
  const start = (part, router, signal) => new Promise((resolve, reject) => all.push({ part, router, signal, resolve, reject }));
  return { all, follower: new Follower(start, (live) => live) };
}
const engine = () => ({ state: 'live', ageMs: 5, closed: false, onChange(listener) { this.change = listener; }, close() { this.closed = true; } });
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('what could not be followed is tried again when it is wanted again', async () => {
  const { all, follower } = starts();
  follower.follow(PART, undefined, () => undefined);
  follower.follow(PART, undefined, () => undefined);
  assert.equal(all.length, 1);
  // Refused, as without a key.
  all[0].resolve(undefined);
  await settle();
  follower.follow(PART, undefined, () => undefined);
  assert.equal(all.length, 2);
  all[1].resolve(engine());
  await settle();
  assert.ok(follower.isLive(scopeOf(PART)));
  follower.follow(PART, undefined, () => undefined);
  assert.equal(all.length, 2);
});

test('with another router the same is followed on, and tells its changes', async () => {
  const { all, follower } = starts();
  // Nothing is followed yet, so nothing begins.
  follower.useRouter('SP.r');
  assert.equal(all.length, 0);
  let changes = 0;
  follower.follow(PART, undefined, () => (changes += 1));
  const [before, after] = [engine(), engine()];
  all[0].resolve(before);
  await settle();
  follower.useRouter('SP.r');
  assert.deepEqual([all[1]?.router, all[1]?.part], ['SP.r', PART]);
  all[1].resolve(after);
  await settle();
  assert.ok(before.closed && follower.isLive(scopeOf(PART)));
  const told = changes;
  after.change();
  assert.equal(changes, told + 1);
});

test('a start that ends late leaves alone what took its place', async () => {
  const { all, follower } = starts();
  follower.follow(PART, undefined, () => undefined);
  follower.follow(OTHER, undefined, () => undefined);
  const [late, other] = [engine(), engine()];
  all[1].resolve(other);
  all[0].resolve(late);
  await settle();
  assert.ok(late.closed && !other.closed && follower.isLive(scopeOf(OTHER)));
  follower.follow(PART, undefined, () => undefined);
  follower.follow(OTHER, undefined, () => undefined);
  all[2].resolve(undefined);
  await settle();
  assert.equal(all[3].signal.aborted, false);
});
