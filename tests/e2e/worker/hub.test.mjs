// The hub's own patience, with a clock that does not wait: what becomes of a subscription that the database never answers, or that dies without a word.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

globalThis.IdentityTransformStream ??= TransformStream;
const { StreamHub } = await import('../../../worker/js/hub.js');

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const listen = (hub) => hub.fetch(new Request('https://hub/', { method: 'POST', headers: { 'x-upstream': 'https://database/', authorization: 'Bearer x' } }));

/** A few turns of the event loop: all that waits for nothing else is done then. */
async function settled() {
  for (let at = 0; at < 10; at += 1) await turn();
}

/** A database that is asked; `answer` gets the signal that ends the question. */
function database(answer) {
  mock.method(globalThis, 'fetch', async (_, { signal }) => answer(signal));
}

const aborted = (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('a database that does not answer is given up after 10 s, and asked again by the next stream', async () => {
  database(aborted);
  const hub = new StreamHub();
  const first = listen(hub);
  await settled();
  mock.timers.tick(10_000);
  assert.equal((await first).status, 502);
  database(() => new Response('no', { status: 403 }));
  assert.equal((await listen(hub)).status, 403);
});

test('a subscription that is silent for 45 s is ended, one that shows that it lives is not', async () => {
  let upstream;
  database((signal) => {
    const body = new ReadableStream({
      start: (controller) => {
        upstream = controller;
        signal.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    return new Response(body, { status: 200 });
  });
  const hub = new StreamHub();
  const heard = [];
  let ended = false;
  const { body } = await listen(hub);
  (async () => {
    for await (const bytes of body) heard.push(new TextDecoder().decode(bytes));
    ended = true;
  })();
  const bytes = new TextEncoder().encode(':\n\n');
  for (let at = 0; at < 10; at += 1) {
    await settled();
    mock.timers.tick(40_000);
    upstream.enqueue(bytes);
  }
  await settled();
  assert.deepEqual([ended, heard.length], [false, 11]);
  mock.timers.tick(44_999);
  await settled();
  assert.equal(ended, false);
  mock.timers.tick(1);
  await settled();
  assert.equal(ended, true, 'its streams subscribe again');
});
