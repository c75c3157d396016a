// Sixteen clients at once, each with the worst that it can ask for: the memory of wasm never shrinks, so its worst moment decides.
// DLMM_CROWD_REQUESTS=1000 sends more than the 60 of `npm test`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metric } from '../worker/reads.mjs';
import { startWideMarket, wholePool } from './wide-market.mjs';

const REQUESTS = Number(process.env.DLMM_CROWD_REQUESTS ?? 60);
const CLIENTS = 16;
const MAX_MEMORY = 48_000_000;
const POOLS = 64;

const many = (count, each) => Array.from({ length: count }, (_, n) => each(n));
const trade = (amount_in, more) => ({ token_in: 'A', token_out: 'B', amount_in, allow_partial: true, ...more });
const post = (worker, path, body) => worker.fetch(path, { method: 'POST', body: JSON.stringify(body) });

/** What clients ask for in turn, of pools with these ids. */
const worst = (ids) => [
  (worker) => post(worker, '/quote', trade(1e9, { max_bins: 1001, include_state: true })),
  (worker, k) => post(worker, '/quotes', { requests: many(100, (n) => trade(1 + n + k, { include_state: true, explain: true })) }),
  (worker) => worker.fetch('/snapshot?limit=360'),
  (worker) => post(worker, '/quotes', { requests: many(100, (n) => trade(1e7 * (n + 1), { include_state: true, max_bins: 1001 })), share_state: true }),
  (worker) => post(worker, '/quote', { ...trade(undefined), amount_out: 1e10, max_bins: 1001, max_splits: 0, explain: true }),
  (worker) => worker.fetch(`/pools/${ids[0]}`),
  (worker) => worker.fetch(`/snapshot?pools=${ids.slice(0, 20).join(',')}`),
  (worker) => post(worker, '/quote', trade(1e9, { max_bins: 1001, strict: true, max_splits: 0 })),
  (worker) => firstEvent(worker, `/changes?pools=${ids.slice(0, 9).join(',')}`),
  (worker, k) => post(worker, '/quotes', { requests: many(100, (n) => trade(1e3, { strict: true, include_state: n % 2 === 0, pools: many(9, (j) => ids[(n + j + k) % POOLS]) })) }),
];

/** A stream that is read as far as its first event. */
async function firstEvent(worker, path) {
  const controller = new AbortController();
  const response = await worker.fetch(path, { signal: controller.signal });
  if (response.status === 200) {
    let last = '';
    for await (const bytes of response.body) {
      last = (last + new TextDecoder().decode(bytes)).slice(-2);
      if (last === '\n\n') break;
    }
    controller.abort();
    return new Response('{}');
  }
  return response;
}

/** 64 pools of one pair, all bins full, each bin with so much beside its usual fields. */
async function startMarket({ beside, idLength = 3 }) {
  const ids = many(POOLS, (n) => `P${String(n).padStart(2, '0')}`.padEnd(idLength, 'x'));
  const market = await startWideMarket({});
  await market.redis.session(async (client) => {
    for (const [n, id] of ids.entries()) {
      const values = [...wholePool(id, 'A', 'B', { price: 100 + n / 50 })];
      const texts = values.map(([key, text]) => [key, key.startsWith('bin:') ? JSON.stringify({ ...JSON.parse(text), ...beside }) : text]);
      await client.sendCommand(['MSET', ...texts.flat()]);
      await client.sendCommand(['SADD', 'pools', id]);
    }
  });
  return { ...market, ids };
}

/** Has the crowd ask; gives what became of each request, and the highest memory. */
async function crowd({ worker, ids }) {
  const kinds = worst(ids);
  // It has seen its market before, as an isolate that many ask has.
  await (await post(worker, '/quote', trade(1e3))).text();
  const outcomes = [];
  let asked = 0;
  const client = async () => {
    while (asked < REQUESTS) {
      const k = asked;
      asked += 1;
      const response = await kinds[k % kinds.length](worker, k);
      const text = await response.text();
      const code = response.status === 200 ? undefined : JSON.parse(text).error.code;
      outcomes.push({ kind: k % kinds.length, status: response.status, code, busy: text.split('"code":"RATE_LIMITED"').length - 1 });
    }
  };
  await Promise.all(many(CLIENTS, client));
  return { outcomes, memory: await metric(worker, 'dlmm_wasm_memory_bytes') };
}

const limits = { timeout: 600_000 };

test('memory stays below 48 MB, and whoever has to wait for it is answered', limits, async (t) => {
  const market = await startMarket({});
  const { outcomes, memory } = await crowd(market);
  t.diagnostic(`${(memory / 1e6).toFixed(1)} MB after ${outcomes.length} requests of ${CLIENTS} clients at once`);
  assert.deepEqual(outcomes.filter(({ status, busy }) => status !== 200 || busy > 0), []);
  assert.ok(memory < MAX_MEMORY, `${memory} bytes`);
});

test('so it does where each bin holds 5 kB and every id is as long as may be', limits, async (t) => {
  const market = await startMarket({ beside: { note: '\u0001"'.repeat(600) }, idLength: 128 });
  const { outcomes, memory } = await crowd(market);
  t.diagnostic(`${(memory / 1e6).toFixed(1)} MB after ${outcomes.length} requests of ${CLIENTS} clients at once`);
  // Some are too large for an answer by what they ask for.
  const faults = outcomes.filter(({ status, code, busy }) => ![undefined, 'ANSWER_TOO_LARGE', 'INVALID_REQUEST'].includes(code) || status >= 500 || busy > 0);
  assert.deepEqual(faults, []);
  assert.ok(memory < MAX_MEMORY, `${memory} bytes`);
});
