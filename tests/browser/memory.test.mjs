// The playground on a market that moves: what a page of hours holds is what a page of seconds holds, once garbage is collected.
//
// `DLMM_PAGE_MOVES` says for how many moves, 150 if absent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, publish, withPrice } from '../e2e/worker/event-stream.mjs';
import { bendValue, startMarket } from '../e2e/worker/market.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { waitForAmount, waitForVerdict } from './playground.mjs';

const MOVES = Number(process.env.DLMM_PAGE_MOVES ?? 150);
const BIN = 'bin:BTC-USDC-25:500';
/** The line of the last minutes has some bytes a move; what else stayed at each of them would be more than this. */
const SLACK = 500_000 + 2_500 * MOVES;

const browser = await startBrowser();

/** What the page holds once nobody's garbage is there any more. */
async function held(page) {
  const session = await page.context().newCDPSession(page);
  for (let at = 0; at < 3; at += 1) await session.send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize } = await session.send('Runtime.getHeapUsage');
  const { jsEventListeners, nodes } = await session.send('Memory.getDOMCounters');
  await session.detach();
  return { heap: usedSize, embedder: embedderHeapUsedSize ?? 0, listeners: jsEventListeners, nodes };
}

test('quotes, pictures and lines of a moving market leave nothing behind', async () => {
  const { worker, redis } = await startMarket({ site: true });
  await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
  const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=USDC&amount_in=1`);
  await waitForVerdict(page, 'equal');
  // Counted in the page: each question of a test leaves a script behind there.
  await page.evaluate(() => {
    window.drawn = 0;
    new MutationObserver(() => (window.drawn += 1)).observe(document.querySelector('#history'), { childList: true });
  });
  let price = 90_000;
  const round = async (moves) => {
    const from = await page.evaluate('window.drawn');
    await connected(redis, async (producer) => {
      do {
        for (let at = 0; at < 10; at += 1) {
          await publish(producer, ['BTC-USDC-25'], [await withPrice(redis, BIN, (price += 1))]);
          await page.waitForTimeout(40);
        }
      } while ((await page.evaluate('window.drawn')) < from + moves);
    });
    await waitForAmount(page, `${(price * 999) / 1000} USDC`);
    await waitForVerdict(page, 'equal');
    return held(page);
  };
  // What is made once, and the line of the last minutes as far as it is drawn.
  await round(50);
  const before = await round(10);
  const after = await round(MOVES);
  console.log(`# before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  assert.ok(after.heap - before.heap < SLACK, JSON.stringify({ before, after }));
  assert.ok(after.nodes < before.nodes * 2 + 200 && after.listeners < before.listeners * 2 + 50, JSON.stringify({ before, after }));
  assertQuiet(page);
});
