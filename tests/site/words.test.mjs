import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { changesIn } from '../../web/playground/words/changes.ts';
import { explainRefusal } from '../../web/playground/words/refusals.ts';
import { explainWarning } from '../../web/playground/words/warnings.ts';
import { sourceOf } from '../../web/playground/words/source.ts';
import { verdictOf } from '../../web/playground/words/verdict.ts';
import { DEFAULTS } from '../../web/playground/trade/trade.ts';

const { schemas } = JSON.parse(await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')).components;
const TRADE = { ...DEFAULTS, token_in: 'BTC', token_out: 'USDC' };
const explain = (code, details, trade = TRADE) => explainRefusal({ code, message: 'as it is', details }, trade, () => 6);

test('every code that a quote can be refused with has a sentence of its own', () => {
  const general = schemas.ErrorCode.enum.filter((code) => explain(code, { max_hops: 3 }).title === 'There is no quote.');
  // The page asks one path, one way, with a small body.
  assert.deepEqual(general.sort(), ['BODY_TOO_LARGE', 'METHOD_NOT_ALLOWED', 'NOT_FOUND']);
});

test('a name that is nearly right is asked for', () => {
  const text = (code, message, details) => explainRefusal({ code, message, details }, TRADE, () => 6).text;
  const token = text('UNKNOWN_TOKEN', 'no pool holds the token btc; did you mean BTC?', { token: 'btc' });
  assert.equal(token, 'Did you mean BTC? Check the symbol, capitals included, or choose a token from the list.');
  const filtered = 'no pool holds the token btc; did you mean BTC?; via names SOLL, which is not there';
  assert.equal(text('UNKNOWN_TOKEN', filtered, { token: 'btc' }), token);
  const pool = text('UNKNOWN_POOL', 'there is no pool BTC-USDC; did you mean BTC-USDC-25 or BTC-USDC-50?', { pool_id: 'BTC-USDC' });
  assert.ok(pool.startsWith('Did you mean BTC-USDC-25 or BTC-USDC-50? Check the id'), pool);
  assert.ok(text('UNKNOWN_TOKEN', 'no pool holds the token DOGE', { token: 'DOGE' }).startsWith('Check the symbol'));
});

test('every warning has a sentence of its own', () => {
  const codes = schemas.Warning.oneOf.map(({ $ref }) => schemas[$ref.split('/').at(-1)].properties.code.const);
  assert.ok(codes.length >= 10);
  const quote = { mode: 'exact_in', token_in: 'BTC', token_out: 'USDC', unfilled: '1.5' };
  for (const code of codes) assert.ok(!explainWarning({ code }, quote).includes(code), code);
  assert.equal(explainWarning({ code: 'NEW_ONE' }, quote), 'The engine warns: NEW_ONE.');
});

test('too little liquidity offers what fills, on the side that is fixed', () => {
  const details = { requested: '9000000', fillable: '1234567' };
  const [use, part] = explain('INSUFFICIENT_LIQUIDITY', details).ways;
  assert.deepEqual(use, { label: 'Use 1.234567 BTC', change: { amount: '1.234567' } });
  assert.deepEqual(part.change, { allow_partial: true });
  assert.equal(explain('INSUFFICIENT_LIQUIDITY', details, { ...TRADE, mode: 'exact_out' }).ways[0].label, 'Use 1.234567 USDC');
  assert.deepEqual(explain('INSUFFICIENT_LIQUIDITY', { requested: '1', fillable: '0' }).ways, []);
});

test('a way out is offered only where it leads out', () => {
  assert.deepEqual(explain('NO_ROUTE', { max_hops: 4 }).ways, []);
  const filtered = explain('NO_ROUTE', { max_hops: 4 }, { ...TRADE, via: 'SOL' }).ways;
  assert.deepEqual(filtered.map(({ change }) => change.via), ['']);
  const labels = (needed) => explain('TOO_MANY_BINS', { needed, allowed: 2 }).ways.map(({ label }) => label);
  assert.deepEqual(labels(7), ['Allow 7 bins', 'Take the part that fits']);
  assert.deepEqual(labels(null), ['Take the part that fits']);
  assert.deepEqual(labels(4000), ['Take the part that fits']);
});

test('that Redis moved is claimed only where the edge has another snapshot', () => {
  const [edge, browser] = ['501', '500'].map((amount) => ({ kind: 'quote', ms: 1, quote: { amount_out_atomic: amount } }));
  const comparison = { fields: 9, differences: [{ path: 'amount_out_atomic', edge: '501', browser: '500' }] };
  const text = (moved) => verdictOf(edge, browser, comparison, moved)[2];
  assert.match(text(true), /Redis moved after the snapshot was taken/);
  assert.match(text(false), /Redis has not moved .* settings or the versions/);
  assert.match(text(undefined), /Whether Redis moved .* is not known/);
});

test('an edge that read less than the browser holds is no case for settings or versions', () => {
  const comparison = { fields: 9, differences: [{ path: 'amount_out_atomic', edge: '500', browser: '501' }] };
  const warnings = [{ code: 'KEYS_LIMITED', keys: 10_000 }];
  const browser = { kind: 'quote', ms: 1, quote: { amount_out_atomic: '501', warnings: [] } };
  for (const edge of [{ kind: 'quote', ms: 1, quote: { warnings } }, { kind: 'refusal', ms: 1, refusal: { code: 'INSUFFICIENT_LIQUIDITY', message: 'thin', details: { warnings } } }]) {
    for (const moved of [true, false, undefined]) {
      const [look, mark, text] = verdictOf(edge, browser, comparison, moved);
      assert.deepEqual([look, mark], ['', 'Not comparable: the edge read less']);
      assert.match(text, /^1 of 9 fields differ\. The edge read fewer bins .*\(KEYS_LIMITED\)/);
      assert.doesNotMatch(text, /settings|versions/);
    }
  }
});

test('a refusal for age is no difference of the two', () => {
  const old = { kind: 'refusal', ms: 1, refusal: { code: 'STALE_STATE', message: 'too old', details: {} } };
  const quote = { kind: 'quote', ms: 1, quote: {} };
  const comparison = { fields: 9, differences: [{ path: 'code', edge: 'STALE_STATE', browser: undefined }] };
  assert.equal(verdictOf(old, quote, comparison, true)[1], 'Too old for one of them');
  assert.equal(verdictOf(quote, old, comparison, true)[1], 'Too old for one of them');
});

test('what is only asked is not said to be without anything to compare with', () => {
  const silent = { kind: 'silence', reason: 'no snapshot of these tokens yet' };
  assert.equal(verdictOf(undefined, silent, undefined, undefined)[1], 'Asking the edge …');
  assert.equal(verdictOf({ kind: 'quote' }, silent, undefined, undefined)[1], 'Edge only');
});

test('the sample is not said to be the live state of Redis', () => {
  const from = (source) => sourceOf({ kind: 'quote', ms: 1, quote: { state: { source } } });
  assert.deepEqual([from('redis'), from('sample'), sourceOf(undefined)], ['live state of Redis', 'bundled sample, not a market', 'live state of Redis']);
});

test('quotes that went and came back the same are no change', () => {
  assert.equal(changesIn('10 s', 1, [5, 5], 'USDC'), 'No change in 10 s');
  assert.equal(changesIn('10 s', 0, [5, 6], 'USDC'), 'No change in 10 s');
  assert.equal(changesIn('10 s', 1, [5, 6], 'USDC'), '1 change in 10 s: between 5 and 6 USDC');
});
