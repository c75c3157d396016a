// Ten thousand updates, hundreds of new snapshots and of streams leave nothing behind: neither in WebAssembly nor in JavaScript.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { oneBtc } from '../market.mjs';
import { startMovingMarket } from './moving-market.mjs';
import { QUICK, until } from './scripted-service.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

// The package keeps its memory to itself; this sees it made.
let memory;
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const instance = new Instance(...args);
  memory ??= instance.exports.memory;
  return instance;
};
const { QuoteClient } = await import('../../../web/pkg/client.js');

/** Bytes in use: of the wasm memory, and of the heap once what nobody holds is collected. */
async function used() {
  for (let at = 0; at < 3; at += 1) {
    await new Promise(setImmediate);
    collect();
  }
  return { wasm: memory.buffer.byteLength, heap: process.memoryUsage().heapUsed };
}

/** A difference that repeats itself would be far more than this. */
const SLACK = 1_500_000;

test('10,000 updates, 300 snapshots and 300 streams', async (t) => {
  const market = await startMovingMarket();
  const client = new QuoteClient({ url: market.service.url, pace: { ...QUICK, backOffMs: 1 } });
  const live = await client.liveEngine({ tokens: ['BTC', 'USDC'] });
  t.after(() => live.close());
  const controller = new AbortController();
  const round = async (updates, snapshots) => {
    const [call] = market.streams;
    for (let at = 0; at < updates; at += 1) {
      market.move(100 + (at % 50));
      if (at % 500 === 0) await until(() => live.id === String(market.seq));
    }
    await until(() => live.id === String(market.seq));
    for (let at = 0; at < snapshots; at += 1) call.event('snapshot', market.snapshot(), ++market.seq);
    await until(() => live.id === String(market.seq));
    for (let at = 0; at < snapshots; at += 1) {
      const answers = client.stream(oneBtc(), { signal: controller.signal });
      await answers.next();
      await answers.return();
      live.quote(oneBtc());
    }
    market.service.calls.splice(0);
  };
  await round(1_000, 50);
  const before = await used();
  await round(10_000, 300);
  const after = await used();
  assert.equal(after.wasm, before.wasm);
  assert.ok(after.heap - before.heap < SLACK, `${before.heap} and ${after.heap} bytes`);
  assert.equal(live.quote(oneBtc()).amount_out, `${market.price}.0`);
});
