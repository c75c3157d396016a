// Clients that go while nothing happens: where the platform tells of it, all that was begun for them ends without waiting for something to be written.
//
// A closed connection that may still be read from (a FIN alone) is none of these: workerd tells of it with the next write, a comment at the latest. That
// takes a quarter of a minute, so it is tried where DLMM_SLOW_TESTS is set.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, test } from 'node:test';
import { startWorker } from '../stack/index.mjs';
import { closeStreams, metric, openStream } from './event-stream.mjs';
import { eventually, startMarket } from './market.mjs';

const QUOTE = '/quote/stream?token_in=BTC&token_out=USDC&amount_in=1';
const CHANGES = '/changes?token_in=BTC&token_out=USDC';

afterEach(closeStreams);

/** A client that has its first event and can be gone at once. */
async function rawStream(worker, path) {
  const { hostname, port } = new URL(worker.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  let text = '';
  await new Promise((resolve) => {
    socket.on('data', (bytes) => {
      text += bytes;
      if (/\nevent: [^]*\n\n/.test(text)) resolve();
    });
  });
  return socket;
}

for (const [name, bound] of Object.entries({ 'without a hub': undefined, 'with a hub': { durableObjects: { STREAM_HUB: 'StreamHub' } } })) {
  test(`a quiet client that is gone is noticed before the next comment, ${name}`, async () => {
    const market = await startMarket({ vars: { STREAM_POLL_MS: '60000' } });
    const worker = bound === undefined ? market.worker : await startWorker({ vars: market.vars, bound });
    const subscribers = async () => (await market.redis.command('PUBSUB', 'NUMSUB', 'dlmm:changes'))[1];
    const counts = async () => [await metric(worker, 'dlmm_streams'), await metric(worker, 'dlmm_stream_subscriptions'), await subscribers()];
    const all = (wanted) => eventually(async () => (String(await counts()) === String(wanted) ? true : undefined), 14_000);
    // It stays, and its comment would come before those of the others.
    const staying = await openStream(worker, QUOTE);
    await staying.next();
    const going = await Promise.all([QUOTE, CHANGES, QUOTE].map((path) => rawStream(worker, path)));
    await all([4, 4, bound === undefined ? 4 : 1]);
    going.forEach((socket) => socket.resetAndDestroy());
    await all([1, 1, 1]);
    assert.equal(staying.comments, 0, 'nothing was written in between');
  });
}

test('a quiet client that only closed its end is noticed with the next comment', { skip: !process.env.DLMM_SLOW_TESTS }, async () => {
  const { worker } = await startMarket({ vars: { STREAM_POLL_MS: '60000' } });
  const streams = (wanted) => eventually(async () => ((await metric(worker, 'dlmm_streams')) === wanted ? true : undefined), 60_000);
  const going = await Promise.all([QUOTE, CHANGES].map((path) => rawStream(worker, path)));
  const staying = await openStream(worker, QUOTE);
  await staying.next();
  await streams(3);
  going.forEach((socket) => socket.destroy());
  await streams(1);
});
