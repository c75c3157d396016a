// Worst-case requests, one after another: what the isolate takes stays bounded, and so does every answer.
// DLMM_BOUNDS_REQUESTS=1000 sends more than the 40 of `npm test`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metric } from '../worker/reads.mjs';
import { batch, parallel, startWideMarket } from './wide-market.mjs';

const REQUESTS = Number(process.env.DLMM_BOUNDS_REQUESTS ?? 40);
const MAX_MEMORY = 48_000_000;
const MAX_ANSWER = 4_000_000;

const trade = (amount_in, more) => ({ token_in: 'A', token_out: 'B', amount_in, allow_partial: true, ...more });
const many = (count, each) => Array.from({ length: count }, (_, n) => each(n));
const some = (first, count) => many(count, (n) => `P${String(first + n).padStart(2, '0')}`);

/** Each is sent in turn; the largest of everything that a request can ask for is among them. */
const WORST = [
  ['a quote that ends in every pool', ({ ask }) => ask(trade(1e9, { max_bins: 1001 }))],
  ['with any number of routes and its state', ({ ask }) => ask(trade(1e9, { max_splits: 0, include_state: true }))],
  ['and the losing candidates', ({ ask }) => ask(trade(3e8, { max_splits: 0, explain: true, include_steps: false }))],
  ['whole pools with their state', ({ ask }) => ask(trade(1e9, { pools: some(0, 9), max_bins: 1001, include_state: true, include_steps: false }))],
  ['a refusal', ({ ask }) => ask(trade(1e12, { allow_partial: false, max_bins: 1001 }))],
  ['100 quotes with state', ({ worker }) => batch(worker, many(100, (n) => trade(1 + n, { include_state: true })))],
  ['100 quotes with shared state', ({ worker }) => batch(worker, many(100, (n) => trade(1 + n, { include_state: true })), { share_state: true })],
  ['100 quotes, some huge', ({ worker }) => batch(worker, many(100, (n) => trade(n < 2 ? 1e9 : 1 + n, { explain: n === 50, include_state: n % 2 === 0 })))],
  ['100 quotes over other pools each', ({ worker }) => batch(worker, many(100, (n) => trade(1e3, { pools: some(n % 60, 5), include_state: n % 3 === 0 })))],
  ['a snapshot of too much', ({ get }) => get('/snapshot')],
  ['a snapshot of nearly as much as there may be', ({ get }) => get(`/snapshot?pools=${some(0, 40).join(',')}`, 10_000_000)],
  ['a list of routes', ({ get }) => get('/routes?token_in=A&token_out=B&max_hops=4')],
];

test('wasm memory stays below 48 MB and answers below 4 MB', async (t) => {
  const market = await startWideMarket(parallel(64));
  const bounded = async (response, most = MAX_ANSWER) => {
    const { byteLength } = await response.arrayBuffer();
    assert.ok(byteLength <= most, `${byteLength} bytes`);
    assert.ok(response.status < 500, `${response.status}`);
    return byteLength;
  };
  const means = {
    worker: market.worker,
    ask: async (request) => bounded(await market.worker.fetch('/quote', { method: 'POST', body: JSON.stringify(request) })),
    get: async (path, most) => bounded(await market.worker.fetch(path), most),
  };
  const highest = new Map();
  for (let n = 0; n < REQUESTS; n += 1) {
    const [what, send] = WORST[n % WORST.length];
    const answer = await send(means);
    if (typeof answer === 'object') {
      assert.equal(answer.status, 200, what);
      assert.ok(answer.bytes <= MAX_ANSWER, `${what}: ${answer.bytes} bytes`);
    }
    const bytes = await metric(market.worker, 'dlmm_wasm_memory_bytes');
    highest.set(what, bytes);
    assert.ok(bytes < MAX_MEMORY, `${bytes} bytes after ${n + 1} requests, the last: ${what}`);
  }
  for (const [what, bytes] of highest) t.diagnostic(`${(bytes / 1e6).toFixed(1)} MB after ${what}`);
  const health = await (await market.worker.fetch('/health')).json();
  assert.equal(health.wasm_memory_bytes, await metric(market.worker, 'dlmm_wasm_memory_bytes'));
});

test('what does not fit into an answer is refused by its place, and the rest is answered', async () => {
  const market = await startWideMarket(parallel(64));
  await market.quote(trade(1));
  const { status, bytes, body } = await batch(market.worker, many(100, (n) => trade(1 + n, { include_state: n % 2 === 0 })));
  assert.equal(status, 200);
  assert.ok(bytes <= MAX_ANSWER && bytes > MAX_ANSWER / 2, `${bytes}`);
  const refused = body.answers.flatMap(({ error }, index) => (error ? [[error.code, error.details.index - index, error.details.limit]] : []));
  assert.ok(refused.length > 20 && refused.length < 50, `${refused.length}`);
  assert.deepEqual(new Set(refused.map(String)), new Set([`ANSWER_TOO_LARGE,0,${MAX_ANSWER}`]));
  assert.ok(body.answers.every(({ success }, index) => success || index % 2 === 0), 'those without state are all there');
  // 20 whole pools have some 6 MB.
  const whole = { amount_in: 1e9, max_bins: 1001, pools: some(0, 20), include_state: true, include_steps: false };
  const single = await market.quote(trade(1, whole));
  if (single.body.success) assert.ok(JSON.stringify(single.body).length <= MAX_ANSWER);
  else assert.deepEqual([single.status, single.body.error.code, single.body.error.details], [422, 'ANSWER_TOO_LARGE', { limit: MAX_ANSWER }]);
});
