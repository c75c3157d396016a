// The chain's own JavaScript library reads the recorded values as our core does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cvToHex, hexToCV } from '@stacks/transactions';
import { readRecording } from '../../../scripts/chain/recording.mjs';

test('every recorded value is one that the chain has, in the one form that it has', () => {
  const values = readRecording().transactions.flatMap(({ events }) => events.map(({ raw_value }) => raw_value));
  assert.equal(values.length, 1089);
  for (const raw of values) assert.equal(`0x${cvToHex(hexToCV(raw)).replace(/^0x/, '')}`, raw);
});
