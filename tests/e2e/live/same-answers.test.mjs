// A live engine beside a fresh snapshot, while a market moves in Redis: after each block the same answers.
//
// `DLMM_LIVE_BLOCKS` says how many blocks, 20 if absent; `DLMM_TEST_SEED` repeats a run.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { QuoteClient } from '../../../web/pkg/client.js';
import { QuoteEngine } from '../../../web/pkg/index.js';
import { publish } from '../worker/event-stream.mjs';
import { eventually, startMarket } from '../worker/market.mjs';

const BLOCKS = Number(process.env.DLMM_LIVE_BLOCKS ?? 20);
const REQUESTS = 20;
const seed = Number(process.env.DLMM_TEST_SEED ?? Date.now() % 1e9);

/** Numbers that a seed repeats (mulberry32). */
function randomOf(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomOf(seed);
const upTo = (n) => Math.floor(random() * n);
const pick = (list) => list[upTo(list.length)];

/** Texts of one block: up to 20 bins that hold more or less. */
async function block(redis, keys) {
  const texts = [];
  for (const key of new Set(Array.from({ length: 1 + upTo(20) }, () => pick(keys)))) {
    const bin = JSON.parse(await redis.command('GET', key));
    const factor = 0.5 + random();
    for (const name of ['x_amount', 'y_amount']) bin[name] = Math.round(Number(bin[name]) * factor * 1e6) / 1e6;
    for (const name of ['reserve_x', 'reserve_y', 'liquidity_shares', 'total_liquidity']) delete bin[name];
    texts.push([key, JSON.stringify(bin)]);
  }
  return texts;
}

const TOKENS = ['BTC', 'SOL', 'USDC'];

function request() {
  const token_in = pick(TOKENS);
  const token_out = pick(TOKENS.filter((token) => token !== token_in));
  const amount = (10 ** (random() * 4 - 2)).toFixed(4);
  return { token_in, token_out, [random() < 0.7 ? 'amount_in' : 'amount_out']: amount, allow_partial: random() < 0.3 };
}

/** An answer without its moment. */
const settled = (answer) => JSON.stringify(answer, (name, value) => (['request_id', 'read_at', 'age_ms', 'heartbeat_ms'].includes(name) ? undefined : value));

let market;
let keys;
before(async () => {
  market = await startMarket();
  keys = (await market.redis.command('KEYS', 'bin:*')).sort();
});

for (const [way, options] of Object.entries({ 'by a stream': {}, 'by asking': { streams: false } })) {
  describe(`a live engine, ${way}`, () => {
    let live;
    const states = [];
    before(async () => {
      const client = new QuoteClient({ url: market.worker.url, ...options });
      const pools = (await client.pools()).map(({ pool_id }) => pool_id);
      live = await client.liveEngine({ pools, onState: (state) => states.push(state) });
    });
    after(() => live?.close());

    test(`gives the answers of a fresh snapshot after each block (seed ${seed})`, async () => {
      const blocks = way === 'by asking' ? Math.min(BLOCKS, 3) : BLOCKS;
      for (let at = 0; at < blocks; at += 1) {
        const texts = await block(market.redis, keys);
        const pools = [...new Set(texts.map(([key]) => key.split(':')[1]))];
        await publish(market.redis, pools, texts);
        const snapshot = await (await market.worker.fetch('/snapshot')).text();
        const fresh = QuoteEngine.fromSnapshot(snapshot);
        const requests = Array.from({ length: REQUESTS }, request);
        const wanted = fresh.quotes(requests).map(settled);
        fresh.free();
        await eventually(async () => {
          const given = live.quotes(requests).map(settled);
          return given.every((answer, index) => answer === wanted[index]) ? true : undefined;
        }, 15_000).catch(() => assert.deepEqual(live.quotes(requests).map(settled), wanted, `block ${at}`));
      }
      assert.deepEqual([...new Set(states)], ['stale', 'live']);
      assert.equal(live.state, 'live');
    });
  });
}
