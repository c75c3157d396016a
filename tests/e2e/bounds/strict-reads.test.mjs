// What strict requests hold while keys without a value are looked at: 12 MB of reads an isolate, and no more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProxy } from '../faults/proxy.mjs';
import { eventually } from '../worker/market.mjs';
import { parallel, startWideMarket } from './wide-market.mjs';

const MAX_HELD_BYTES = 12_000_000;
/** What a key of a read is taken to hold. */
const BYTES_OF_A_KEY = 500;
const trade = (more) => ({ token_in: 'A', token_out: 'B', amount_in: 1, ...more });

test('strict requests beyond 12 MB of reads are told to come again, usual ones are answered, and all is given back', async () => {
  // Redis is to be as slow as the test wants.
  const market = await startWideMarket(parallel(64), { REDIS_SOCKET_TIMEOUT: '60' }, startProxy);
  const { gateway: proxy, quote, redis, worker } = market;
  // Nothing stands under an active bin: a strict answer waits for the look at it.
  await redis.command('DEL', 'bin:P00:500');
  const held = [];
  proxy.everything(async ({ request, forward, send }) => {
    if (request.command === 'TYPE') await new Promise((release) => held.push(release));
    await send(await forward());
  });
  for (let n = 0; n < 2; n += 1) assert.equal((await quote(trade())).status, 200);
  // The look behind the usual answer.
  await eventually(async () => (held.length > 0 ? true : undefined));
  const waiting = [];
  // How far one reads is learnt from those before it, so each is asked for what it holds.
  const bytesRead = () => proxy.reads.at(-1).keys.length * BYTES_OF_A_KEY;
  let bytes = 0;
  do {
    waiting.push(quote(trade({ strict: true })));
    await eventually(async () => (held.length > waiting.length ? true : undefined));
    bytes += bytesRead();
  } while (bytes + bytesRead() <= MAX_HELD_BYTES);
  assert.ok(waiting.length >= 2 && waiting.length <= 200, `${waiting.length} requests`);
  const beyond = await worker.fetch('/quote', { method: 'POST', body: JSON.stringify(trade({ strict: true })) });
  const { error } = await beyond.json();
  assert.deepEqual([beyond.status, beyond.headers.get('retry-after'), error.code, error.details], [429, '1', 'RATE_LIMITED', { retry_after: 1 }]);
  assert.equal((await quote(trade())).status, 200, 'a usual request holds nothing');
  proxy.heal();
  held.forEach((release) => release());
  assert.deepEqual((await Promise.all(waiting)).map(({ status }) => status), Array(waiting.length).fill(200));
  assert.equal((await quote(trade({ strict: true }))).status, 200);
});
