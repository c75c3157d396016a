import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAmount } from '../../web/playground/words/amount.ts';

const read = (text) => {
  const reading = readAmount(text);
  return reading.kind === 'amount' ? reading.amount : reading.kind === 'empty' ? '' : reading;
};

test('an amount is read as people write it', () => {
  const written = {
    ...{ '1': '1', '1.5': '1.5', '.5': '0.5', '1.': '1', '007': '007', '0.125': '0.125', ' 12 ': '12' },
    ...{ '1,5': '1.5', '0,125': '0.125', '1,50': '1.50', ',5': '0.5', '1,': '1', '12345,678': '12345.678' },
    ...{ '1,000.50': '1000.50', '1.000,50': '1000.50', '1,000,000': '1000000', '1.000.000': '1000000', '12,34,567.8': '1234567.8' },
    ...{ '1 000,5': '1000.5', '1\u202f000.5': '1000.5', "1'000.5": '1000.5', '1_000': '1000' },
  };
  for (const [text, amount] of Object.entries(written)) assert.equal(read(text), amount, text);
  assert.equal(read('  '), '');
});

test('how it was read is said where it is not plain', () => {
  assert.equal(readAmount('1,5').note, 'Read as 1.5.');
  assert.equal(readAmount('1,000.50').note, 'Read as 1000.50.');
  assert.equal(readAmount('1.000,50').note, 'Read as 1000.50.');
  assert.equal(readAmount('1.5').note, undefined);
  assert.equal(readAmount('1 000').note, undefined);
});

test('where a text has two readings a thousand times apart, nobody guesses', () => {
  for (const [text, meant] of [['1,500', ['1500', '1.500']], ['12,345', ['12345', '12.345']]]) {
    const { kind, meant: readings } = readAmount(text);
    assert.deepEqual([kind, readings], ['unread', meant]);
    // Each way out is one that is plain.
    for (const way of readings) assert.equal(read(way), way);
  }
});

test('a point before three digits is a point, and the other reading is beside it', () => {
  for (const [text, other] of [['1.500', '1500'], ['1.000', '1000'], ['12.345', '12345'], ['7.103', '7103']]) {
    const reading = readAmount(text);
    assert.deepEqual(reading, { kind: 'amount', amount: text, note: `Read as ${text}, not ${other}.`, other });
    assert.equal(readAmount(other).note, undefined);
  }
  for (const text of ['0.500', '1.5', '1.50', '1.5000', '1234.567', '007.500']) assert.equal(readAmount(text).other, undefined, text);
});

test('what is no amount is said in plain words', () => {
  const why = (text) => read(text).text;
  assert.match(why('-5'), /more than zero/);
  assert.match(why('1e5'), /without an e/);
  for (const text of ['abc', '$5', '1/2', '∞']) assert.match(why(text), /digits only/, text);
  for (const text of ['1,2,3', '1,0000,000', '1.2.3', '1,,5', '1.000,500,000', '1,23.456.789', '0.000.001', '0,000,001', '0,001,500', '0.001,5', '000.500.000']) assert.match(why(text), /Write it as 1234\.5/, text);
  for (const text of ['.', ',', '..']) assert.match(why(text), /number is missing/, text);
});
