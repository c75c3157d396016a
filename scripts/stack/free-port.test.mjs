import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onPort } from './free-port.mjs';

const inUse = Object.assign(new Error('it ended'), { tail: ['bind: Address already in use'] });

/** A start that fails so many times before it gives its port. */
function failing(times, fault) {
  const tried = [];
  const start = async (port) => {
    tried.push(port);
    if (tried.length <= times) throw fault;
    return port;
  };
  return { start, tried };
}

test('a server whose free port was taken meanwhile gets another one', async () => {
  const { start, tried } = failing(2, inUse);
  assert.equal(await onPort(undefined, start), tried[2]);
  assert.equal(tried.length, 3);
});

test('it is not looked for for ever', async () => {
  const { start, tried } = failing(9, inUse);
  await assert.rejects(onPort(undefined, start), inUse);
  assert.equal(tried.length, 3);
});

test('a port that was wanted is not replaced, and another failure is told at once', async () => {
  const wanted = failing(1, inUse);
  await assert.rejects(onPort(4711, wanted.start), inUse);
  assert.deepEqual(wanted.tried, [4711]);
  const other = failing(1, new Error('no such file'));
  await assert.rejects(onPort(undefined, other.start), /no such file/);
  assert.equal(other.tried.length, 1);
});
