import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisLabels } from '../../web/playground/words/axis.ts';
import { inverseOf, priceWays } from '../../web/playground/words/price.ts';

const plain = (text) => text?.replaceAll('\u202f', ' ');

test('the inverse of a price keeps twelve digits or more, however small or large', () => {
  assert.equal(inverseOf('0.00000999'), '100100.1001001001');
  assert.equal(inverseOf('4'), '0.25');
  assert.equal(inverseOf('100000.0'), '0.00001');
  assert.equal(inverseOf('340282366920938463463374607431768211455'), '0.000000000000000000000000000000000000002938735877055');
  for (const none of ['0', '0.000', '1e5', 'x']) assert.equal(inverseOf(none), undefined, none);
});

test('a price reads both ways, the larger number first until it is turned', () => {
  const { first, second } = priceWays('0.00000999', 'USDC', 'BTC', false);
  assert.deepEqual([plain(first), plain(second)], ['1 BTC = 100 100.1… USDC', '1 USDC = 0.00000999 BTC']);
  assert.equal(priceWays('0.00000999', 'USDC', 'BTC', true).first, second);
  assert.equal(plain(priceWays('200.5', 'SOL', 'USDC', false).first), '1 SOL = 200.5 USDC');
});

test('values of an axis are told apart, and are numbers that people read', () => {
  assert.deepEqual(axisLabels([0, 0.0005, 0.001]), ['0', '0.0005', '0.001']);
  assert.deepEqual(axisLabels([101_000, 101_500, 102_000]), ['101K', '101.5K', '102K']);
  assert.deepEqual(axisLabels([0, 50, 1500]), ['0', '50', '1500']);
  const near = [1.000001, 1.000002, 1.000003];
  assert.equal(new Set(axisLabels(near)).size, 3);
  assert.deepEqual(axisLabels([]), []);
});
