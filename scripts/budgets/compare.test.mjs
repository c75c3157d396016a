import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedTooFar } from './compare.mjs';

test('numbers within the tolerance pass, in both directions', () => {
  assert.deepEqual(movedTooFar({ a: 1000, b: 1000 }, { a: 1030, b: 970 }, 0.03), []);
});

test('a number that grew or shrank too far is named with both values', () => {
  assert.deepEqual(movedTooFar({ a: 1000, b: 1000 }, { a: 1031, b: 969 }, 0.03), [
    'a: 1000 in the file, now 1031 (+3.1 %)',
    'b: 1000 in the file, now 969 (-3.1 %)',
  ]);
});

test('a number that only one side has is named', () => {
  assert.deepEqual(movedTooFar({ gone: 1 }, { added: 2 }, 0.03), ['added: 2, not in the file', 'gone: in the file, but not measured']);
});
