// What strict requests hold while keys without a value are looked at: 10 MB of reads an isolate, and no more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProxy } from '../faults/proxy.mjs';
import { eventually } from '../worker/market.mjs';
import { parallel, startWideMarket } from './wide-market.mjs';

const MAX_HELD_BYTES = 10_000_000;
/** What a key of a read is taken to hold, decoded. */
const BYTES_OF_A_KEY = 120;
const trade = (more) => ({ token_in: 'A', token_out: 'B', amount_in: 1, ...more });

test('strict requests beyond 10 MB of reads wait before they read, usual ones are answered, and all is given back', async () => {
  // Redis is to be as slow as the test wants.
  const market = await startWideMarket(parallel(64), { REDIS_SOCKET_TIMEOUT: '60' }, startProxy);
  const { gateway: proxy, quote, redis } = market;
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
  assert.ok(waiting.length >= 2 && waiting.length <= 500, `${waiting.length} requests`);
  // The last ones may read less than those before, so that a few more find room; not so many.
  const before = proxy.reads.length;
  const beyond = Array.from({ length: 40 }, () => quote(trade({ strict: true })));
  for (let n = 0; n < 5; n += 1) assert.equal((await quote(trade())).status, 200, 'a usual request holds nothing');
  assert.ok(proxy.reads.length - before < 40, `${proxy.reads.length - before} reads: most of them have not even read`);
  proxy.heal();
  held.forEach((release) => release());
  assert.deepEqual((await Promise.all(waiting)).map(({ status }) => status), Array(waiting.length).fill(200));
  assert.deepEqual(new Set((await Promise.all(beyond)).map(({ status }) => status)), new Set([200]));
  assert.equal((await quote(trade({ strict: true }))).status, 200);
});
