import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { alikeTogether } from './order-functions.mjs';

/** Functions of a few shapes, each at some distance from the next of its shape, and different in a byte or two. */
function functions(shapes, times) {
  const bodies = [];
  for (let at = 0; at < shapes.length * times; at += 1) {
    const body = Buffer.from(shapes[at % shapes.length]);
    body[7] = at;
    bodies.push(body);
  }
  return bodies;
}

test('functions that are alike come one behind the other, and none is lost', () => {
  const shapes = Array.from({ length: 60 }, () => randomBytes(1_000));
  const bodies = functions(shapes, 5);
  const order = alikeTogether(bodies);
  assert.deepEqual([...order].sort((a, b) => a - b), [...bodies.keys()]);
  for (let at = 0; at < order.length; at += 5) {
    assert.equal(new Set(order.slice(at, at + 5).map((index) => index % shapes.length)).size, 1, `from ${at}`);
  }
  const packed = (list) => gzipSync(Buffer.concat(list), { level: 9 }).length;
  assert.ok(packed(order.map((index) => bodies[index])) < packed(bodies) / 3);
});

test('an order is the same every time', () => {
  const bodies = functions([randomBytes(200), randomBytes(100), Buffer.alloc(50)], 20);
  assert.deepEqual(alikeTogether(bodies), alikeTogether(bodies));
});

test('functions too short to compare are kept', () => {
  assert.deepEqual(alikeTogether([Buffer.from([1]), Buffer.alloc(0), Buffer.from([1, 2])]).sort(), [0, 1, 2]);
});
