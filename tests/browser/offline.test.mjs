// Without a network the page opens, quotes on the last snapshot, and says how old that is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMarket } from '../e2e/worker/market.mjs';
import { openPage, startBrowser } from './browser.mjs';
import { readQuote, takenBins, waitForAmount, waitForVerdict } from './playground.mjs';

const browser = await startBrowser();

/** Waits until the service worker has the page. */
const shellIsKept = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

test('a page that is open goes on when the edge is gone', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=USDC&amount_in=1`);
  await waitForVerdict(page, 'equal');
  await worker.stop();
  await page.getByLabel('You pay').fill('2');
  await waitForAmount(page, '199800 USDC');
  const banner = page.getByText('The edge is not reachable. Quotes come from your browser');
  await banner.waitFor();
  assert.match(await banner.textContent(), /from state that was last confirmed (a moment|\d+ s|\d+ min) ago/);
  assert.match(await page.locator('[data-place=edge]').textContent(), /no answer/);
});

test('a visit without a network opens the page, the charts and the last snapshot', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=USDC&amount_in=1`);
  await waitForVerdict(page, 'equal');
  await shellIsKept(page);
  await worker.stop();
  await page.goto(`${worker.url}/?token_in=SOL&token_out=USDC&amount_in=2500`);
  assert.equal((await readQuote(page)).amount, '498506.650578 USDC');
  assert.deepEqual(await takenBins(page, 'SOL-USDC-25'), [498, 499, 500]);
  await page.getByText('from state that was last confirmed').waitFor();
  // Age grows with the snapshot, not with the visit.
  assert.match(await page.locator('.facts').textContent(), /from the snapshot/);
});

test('the first visit without an edge says that there is nothing to quote from', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=USDC&amount_in=1`);
  await waitForVerdict(page, 'equal');
  await shellIsKept(page);
  await page.evaluate(() => caches.delete('dlmm-snapshot'));
  await worker.stop();
  await page.reload();
  await page.getByText('No quote: the edge is not reachable, and this browser has no snapshot yet.').first().waitFor();
});
