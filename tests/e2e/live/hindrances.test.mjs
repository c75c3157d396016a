// What stands between a client and a market that is well: a machine that sleeps, a proxy that keeps answers to itself, a reader that is slow. The edge, Redis and the gateway are real ones.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import { createInterface } from 'node:readline';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { QuoteClient } from '../../../web/pkg/client.js';
import { whenDone } from '../stack/cleanup.mjs';
import { publish, withPrice } from '../worker/event-stream.mjs';
import { ONE_BTC, bendValue, eventually, startMarket } from '../worker/market.mjs';

const BIN = 'bin:BTC-USDC-25:500';
/** After so long without a word a client takes its stream for dead; shorter than usual, so that a sleep may be. */
const QUIET_MS = 3_000;

let market;
before(async () => {
  market = await startMarket({ vars: { STREAM_POLL_MS: '200' } });
  // Only one pool, so that each of its prices is in the answer.
  await bendValue(market.redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
});

const setPrice = async (price) => publish(market.redis, ['BTC-USDC-25'], [await withPrice(market.redis, BIN, price)]);
/** 1 BTC less the fee of 0.1 %, as an answer has it. */
const amountAt = (price) => (price * 0.999).toFixed(1);

test('a machine that sleeps never takes for live what it had before, and wakes up to what is there', async () => {
  await setPrice(100_000);
  const child = spawn(process.execPath, [new URL('sleeper.mjs', import.meta.url).pathname, market.worker.url, String(QUIET_MS)], { stdio: ['ignore', 'pipe', 'inherit'] });
  whenDone(() => child.kill('SIGKILL'));
  const seen = [];
  createInterface({ input: child.stdout }).on('line', (line) => seen.push(JSON.parse(line)));
  const isLiveAt = (price) => eventually(async () => (seen.at(-1)?.state === 'live' && seen.at(-1).amount === amountAt(price) ? true : undefined), 60_000);
  await isLiveAt(100_000);
  const before = seen.length;
  child.kill('SIGSTOP');
  await sleep(QUIET_MS + 1_000);
  await setPrice(90_000);
  child.kill('SIGCONT');
  await isLiveAt(90_000);
  const since = seen.slice(before);
  assert.ok(since.some(({ slept }) => slept), 'it slept');
  for (const look of since.filter(({ slept }) => slept)) assert.ok(look.state !== 'live' || look.amount === amountAt(90_000), JSON.stringify(look));
  child.kill();
});

/** Passes requests on to the Worker; of paths in `held` the whole answer has to be there before any of it goes on. */
async function startProxy(held) {
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url, 'http://proxy');
    const sent = request(new URL(asked.url, market.worker.url), { method: asked.method, headers: asked.headers }, (reply) => {
      const begin = () => answer.writeHead(reply.statusCode, reply.headers);
      if (!held.has(pathname)) return void reply.pipe(begin());
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk)).on('end', () => begin().end(Buffer.concat(chunks)));
    });
    sent.on('error', () => answer.destroy());
    answer.on('close', () => sent.destroy());
    asked.pipe(sent);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(() => server.closeAllConnections() ?? server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

test('a proxy that keeps streams to itself costs freshness, not truth', async () => {
  await setPrice(80_000);
  const client = new QuoteClient({ url: await startProxy(new Set(['/changes', '/quote/stream'])) });
  const live = await client.liveEngine({ tokens: ['BTC', 'USDC'] });
  whenDone(() => live.close());
  const answers = client.stream(ONE_BTC);
  whenDone(() => answers.return());
  let newest;
  (async () => {
    for await (const answer of answers) newest = answer;
  })();
  for (const price of [80_000, 70_000, 75_000]) {
    await setPrice(price);
    await eventually(async () => {
      const both = [live, answers].every(({ state }) => state === 'live') && live.quote(ONE_BTC).amount_out === amountAt(price) && newest?.amount_out === amountAt(price);
      return both ? true : undefined;
    }, 60_000);
  }
});

test('a reader that is slow gets the newest answer each time, and none twice or backwards', async () => {
  await setPrice(60_000);
  const answers = new QuoteClient({ url: market.worker.url }).stream(ONE_BTC);
  whenDone(() => answers.return());
  const read = [];
  for await (const { amount_out } of answers) {
    read.push(Number(amount_out));
    if (read.length === 1) for (let at = 1; at <= 200; at += 1) await setPrice(60_000 + at);
    if (amount_out === amountAt(60_200)) break;
    await sleep(100);
  }
  assert.deepEqual(read, [...new Set(read)].toSorted((a, b) => a - b));
  assert.ok(read.length < 50, `${read.length} answers`);
});
