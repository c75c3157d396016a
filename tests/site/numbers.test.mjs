import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, exact, fromUnits, percent, short } from '../../web/playground/words/numbers.ts';
import { parseExact } from '../../web/playground/quote/exact-json.ts';

const plain = (text) => text.replaceAll('\u202f', ' ');

test('smallest units become whole tokens, digit by digit', () => {
  assert.equal(fromUnits('1', 18), '0.000000000000000001');
  assert.equal(fromUnits('340282366920938463463374607431768211455', 18), '340282366920938463463.374607431768211455');
  assert.equal(fromUnits(99_900_000_000n, 6), '99900');
  assert.equal(fromUnits('0', 6), '0');
  assert.equal(fromUnits('7', 0), '7');
});

test('all digits of an amount stay, in groups of three', () => {
  assert.equal(plain(exact('1234567.123456789012345678')), '1 234 567.123456789012345678');
  assert.equal(plain(exact('99900.0')), '99 900');
  assert.equal(exact('0.0'), '0');
});

test('a number that is cut says so, and is cut downwards', () => {
  assert.equal(plain(short('1234.56789', 6)), '1 234.56…');
  assert.equal(short('0.000000123456789', 4), '0.0000001234…');
  assert.equal(short('0.1999', 2), '0.19…');
  assert.equal(short('12.5'), '12.5');
  assert.equal(plain(brief('157803.519999')), '157 803.51');
});

test('parts per million become per cent', () => {
  assert.deepEqual([0, 1, 1988, 1_000_000].map((ppm) => plain(percent(ppm))), ['0 %', '0.0001 %', '0.1988 %', '100 %']);
});

test('decimals of an HTTP answer stay text, and texts and counts stay what they are', () => {
  const json = '{"a":0.123456789012345678,"b":99900.0,"c":-1.5,"d":[1,2.50],"age_ms":12,"e":"1.5 and \\"2.5\\"","f":1e-7,"g":null}';
  assert.deepEqual(parseExact(json), {
    ...{ a: '0.123456789012345678', b: '99900.0', c: '-1.5', d: [1, '2.50'], age_ms: 12, e: '1.5 and "2.5"', f: '1e-7', g: null },
  });
});
