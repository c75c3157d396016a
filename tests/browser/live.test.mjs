// The page that moves with the market: changes come by themselves, are seen, and the state of the connection stands in words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bendValue, startMarket } from '../e2e/worker/market.mjs';
import { assertAccessible } from './axe.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { readQuote, waitForAmount, waitForVerdict } from './playground.mjs';

const browser = await startBrowser();
const ONE_BTC = '?token_in=BTC&token_out=USDC&amount_in=1';
const isLive = (page) => page.locator('#way[data-way=live]', { hasText: 'Live: changes come by themselves.' }).waitFor();
const setPrice = (redis, price) => bendValue(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.price = price));

async function startOnePool() {
  const market = await startMarket({ site: true });
  await bendValue(market.redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
  return market;
}

test('a change comes by the stream, flashes, and is checked in the browser without another question', async () => {
  const { worker, redis } = await startOnePool();
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await waitForAmount(page, '99900 USDC');
  await waitForVerdict(page, 'equal');
  await isLive(page);
  const asked = [];
  page.on('request', (request) => request.method() === 'POST' && asked.push(request.url()));
  await page.evaluate(() => {
    window.flashes = [];
    addEventListener('animationstart', ({ animationName }) => window.flashes.push(animationName));
  });
  await setPrice(redis, 90000.0);
  await waitForAmount(page, '89910 USDC');
  await waitForVerdict(page, 'equal');
  await setPrice(redis, 95000.0);
  await waitForAmount(page, '94905 USDC');
  await waitForVerdict(page, 'equal');
  await page.waitForFunction(() => window.flashes.includes('rose') && window.flashes.includes('fell'));
  assert.deepEqual(asked, []);
  // The line of the last minutes has both.
  const line = page.locator('#history svg');
  await page.locator('#history figcaption', { hasText: /^2 changes in .* between 89\u202f910 and 99\u202f900 USDC$/ }).waitFor();
  assert.match(await line.getAttribute('aria-label'), /^The last minutes: 2 changes/);
  await assertAccessible(page);
  assertQuiet(page);
});

test('however fast the market moves, the two are compared on the same state', async () => {
  const { worker, redis } = await startOnePool();
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await waitForAmount(page, '99900 USDC');
  await waitForVerdict(page, 'equal');
  await isLive(page);
  await page.evaluate(() => {
    window.verdicts = new Set();
    const look = () => window.verdicts.add(document.querySelector('#check-body .verdict').dataset.verdict);
    new MutationObserver(look).observe(document.querySelector('#check'), { subtree: true, childList: true, attributes: true });
  });
  for (let move = 1; move <= 40; move += 1) {
    await setPrice(redis, 90000 + move);
    await page.waitForTimeout(60);
  }
  await waitForAmount(page, '89949.96 USDC');
  await waitForVerdict(page, 'equal');
  assert.equal(await page.evaluate(() => window.verdicts.has('differs')), false);
});

test('who wants less motion has none', async () => {
  const { worker, redis } = await startOnePool();
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`, { reducedMotion: 'reduce' });
  await waitForAmount(page, '99900 USDC');
  await isLive(page);
  await setPrice(redis, 90000.0);
  // Found and measured in one step, since the mark goes away again.
  const animation = await page.waitForFunction(() => {
    const fallen = document.querySelector('.figure dd.fell');
    return fallen === null ? undefined : getComputedStyle(fallen).animationName;
  });
  assert.equal(await animation.jsonValue(), 'none');
});

test('an edge that goes and comes back is said to, and what happened meanwhile is there', async () => {
  const { worker, redis } = await startOnePool();
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await readQuote(page);
  await isLive(page);
  await page.context().setOffline(true);
  await page.locator('#way[data-way=offline]', { hasText: 'Not connected: trying again.' }).waitFor();
  await setPrice(redis, 90000.0);
  await page.context().setOffline(false);
  await isLive(page);
  await waitForAmount(page, '89910 USDC');
  await waitForVerdict(page, 'equal');
});

test('by hand nothing is asked until somebody asks', async () => {
  const { worker, redis } = await startOnePool();
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await readQuote(page);
  await isLive(page);
  await page.locator('#interval').selectOption('by hand');
  await page.locator('#way', { hasText: 'By hand' }).waitFor();
  await setPrice(redis, 90000.0);
  await page.waitForTimeout(2500);
  assert.equal((await readQuote(page)).amount, '99900 USDC');
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await waitForAmount(page, '89910 USDC');
  await page.locator('#interval').selectOption('live');
  await isLive(page);
  await setPrice(redis, 95000.0);
  await waitForAmount(page, '94905 USDC');
});

test('where no stream gets through the page says that it asks', async () => {
  const { worker, redis } = await startOnePool();
  const page = await openPage(browser, 'about:blank');
  await page.route('**/quote/stream?*', (route) => route.fulfill({ status: 404, contentType: 'text/html', body: 'no such page' }));
  await page.goto(`${worker.url}/${ONE_BTC}`);
  await waitForAmount(page, '99900 USDC');
  await page.locator('#way[data-way=live]', { hasText: 'Live: this page asks every two seconds.' }).waitFor();
  await setPrice(redis, 90000.0);
  await waitForAmount(page, '89910 USDC');
});

test('what the edge refuses for good is not said to be on its way, and is followed once it is mended', async () => {
  const { worker } = await startOnePool();
  const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=USDC&amount_in=1&max_bins=many`);
  await page.locator('.refusal[data-code=INVALID_REQUEST]').waitFor();
  await page.locator('#way', { hasText: 'Not followed: the edge refuses this request.' }).waitFor();
  await page.getByRole('button', { name: 'Back to the defaults' }).click();
  await isLive(page);
});
