// Whatever a program hands to the package: an answer or a DlmmError, never a trap, and the next quote is right.
//
//   FAST_CHECK_RUNS=100000 FAST_CHECK_SEED=7 node --test tests/npm/random.test.mjs      more, and others
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DlmmError, engine, oneBtc, QuoteEngine, refused, snapshot, verify } from './market.mjs';

const numRuns = Number(process.env.FAST_CHECK_RUNS ?? 1_000);
const seed = Number(process.env.FAST_CHECK_SEED ?? 20_261_124);
// Nothing of an instance can be trusted after a trap, so a finding is shown as it came and not made smaller.
const check = (property, share = 1) => fc.assert(property, { numRuns: Math.ceil(numRuns * share), seed, endOnFailure: true });

/** Runs `work`; a refusal is fine as long as it is one. INTERNAL is what a trap becomes. */
function answerOrRefusal(work) {
  try {
    return work();
  } catch (error) {
    assert.ok(error instanceof DlmmError, `${error?.stack ?? error}`);
    assert.notEqual(error.code, 'INTERNAL', error.message);
    assert.ok(error.message.length > 0);
    return undefined;
  }
}

const stillRight = () => assert.equal(engine().quote(oneBtc()).amount_out, '100.0');

/** Any value of JavaScript that runs no code of its own. */
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

/** Numbers and texts at which readers of amounts, ids and times change their mind. */
const edges = fc.constantFrom(
  ...[0, -0, -1, 1.5, 1e-7, 1e21, 2 ** 53, NaN, Infinity, null, undefined, true, [], {}],
  ...['', '0', '-1', '1e999', '1e-999', '.5', '5.', '+1', ' 1', '1001', 'active', 'é', '\ud800', 'A'.repeat(65)],
  ...['340282366920938463463374607431768211456', '253402300800000', '9999-12-31T23:59:59Z', 1n, -1n, 2n ** 130n],
);
const value = fc.oneof({ weight: 3, arbitrary: edges }, fc.jsonValue(), anything);

/** Every place inside an object, as a list of keys. */
function places(object, at = []) {
  if (object === null || typeof object !== 'object') return [at];
  return [at, ...Object.keys(object).flatMap((key) => places(object[key], [...at, key]))];
}

function changed(object, place, replacement) {
  if (place.length === 0) return replacement;
  const copy = Array.isArray(object) ? [...object] : { ...object };
  const [key, ...rest] = place;
  copy[key] = changed(object?.[key], rest, replacement);
  return copy;
}

/** The object with up to three of its places changed. */
const mutant = (object) =>
  fc
    .array(fc.tuple(fc.constantFrom(...places(object)), value), { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce((now, [place, replacement]) => changed(now, place, replacement), object));

test('any value handed to any function is answered or refused', () => {
  check(
    fc.property(anything, anything, fc.string(), (one, other, text) => {
      const market = engine();
      answerOrRefusal(() => QuoteEngine.fromSnapshot(one));
      answerOrRefusal(() => QuoteEngine.fromSnapshot(snapshot(), other));
      answerOrRefusal(() => market.quote(one));
      answerOrRefusal(() => market.quotes(one));
      answerOrRefusal(() => market.quotes([one, oneBtc()]));
      answerOrRefusal(() => market.applyUpdate(one));
      answerOrRefusal(() => market.applyUpdate({ 'pool:BTC-USDC': other, [text]: one }));
      answerOrRefusal(() => market.routes(text, 'USDC', { max_hops: one }));
      answerOrRefusal(() => market.routes(one, other));
      answerOrRefusal(() => market.pool(text));
      answerOrRefusal(() => market.pool(one));
      answerOrRefusal(() => verify(one));
      answerOrRefusal(() => verify(text));
      answerOrRefusal(() => market.quote(oneBtc()));
      market.free();
    }),
    0.3,
  );
  stillRight();
});

test('what once broke the engine is refused', () => {
  const own = {};
  own.own = own;
  for (const [work, field] of [
    [() => QuoteEngine.fromSnapshot(snapshot(), [undefined]), 'options'],
    [() => verify({ toJSON: () => undefined }), 'quote'],
    [() => verify(own), 'quote'],
    [() => verify({ amount_in: 1n }), 'quote'],
    [() => engine().applyUpdate({}, { takenAt: 8.64e15 }), 'takenAt'],
  ]) {
    assert.deepEqual(refused(work, 'INVALID_REQUEST'), { field });
  }
  stillRight();
});

test('a snapshot that is changed anywhere is quoted from or refused', () => {
  check(
    fc.property(mutant(snapshot()), fc.boolean(), (document, asText) => {
      const source = asText ? (answerOrText(document) ?? document) : document;
      const market = answerOrRefusal(() => QuoteEngine.fromSnapshot(source));
      if (market === undefined) return;
      answerOrRefusal(() => market.quote(oneBtc({ allow_partial: true, explain: true })));
      answerOrRefusal(() => market.quote({ token_in: 'USDC', token_out: 'SOL', amount_out: '1' }));
      answerOrRefusal(() => market.pools());
      answerOrRefusal(() => market.pool('BTC-USDC'));
      market.free();
    }),
  );
  stillRight();
});

/** JSON text of a document that has any. */
function answerOrText(document) {
  try {
    return JSON.stringify(document);
  } catch {
    return undefined;
  }
}

test('a request that is changed anywhere is answered or refused', () => {
  const market = engine();
  const full = { ...oneBtc(), slippage_bps: 50, max_hops: 3, max_splits: 4, max_bins: 270, direct_only: false };
  const lists = { pools: ['BTC-USDC', 'SOL-USDC'], exclude_pools: ['NONE'], via: ['USDC'], max_age_ms: 5, strict: true };
  check(
    fc.property(mutant({ ...full, ...lists, allow_partial: true, include_state: true, explain: true }), (request) => {
      answerOrRefusal(() => market.quote(request));
    }),
  );
  assert.equal(market.quote(oneBtc()).amount_out, '100.0');
});

test('updates that are changed anywhere are taken or refused, and the pool can be mended', () => {
  const { bins, ...pool } = snapshot().pools[0];
  const sound = { 'pool:BTC-USDC': pool, 'bin:BTC-USDC:499': bins[0], 'bin:BTC-USDC:500': bins[1] };
  const market = engine();
  check(
    fc.property(mutant(sound), (values) => {
      answerOrRefusal(() => market.applyUpdate(values));
      answerOrRefusal(() => market.quote(oneBtc({ allow_partial: true })));
      market.applyUpdate(sound);
      assert.equal(market.quote(oneBtc()).amount_out, '100.0');
    }),
  );
});

test('a quote that is changed anywhere verifies only if nothing that counts was changed', () => {
  const quote = engine().quote(oneBtc({ include_state: true }));
  assert.equal(verify(quote).equal, true);
  check(
    fc.property(mutant(quote), (given) => {
      const verification = answerOrRefusal(() => verify(given));
      if (verification?.equal) assert.ok(isSame(JSON.parse(JSON.stringify(given)), quote), 'a change went unseen');
    }),
  );
  stillRight();
});

/** Whether two documents differ at most in how a number is written, and in what is not compared. */
function isSame(given, quote) {
  if (quote !== null && typeof quote === 'object') {
    const names = [...Object.keys(quote), ...Object.keys(given ?? {})];
    return names.every((name) => ['request_id', 'source'].includes(name) || isSame(given?.[name], quote[name]));
  }
  if (given === quote) return true;
  const isNumber = typeof given === 'number' || (typeof given === 'string' && /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(given));
  return isNumber && typeof quote === 'string' && /^\d+\.\d+$/.test(quote) && Number(given) === Number(quote);
}
