// The site for keyboards, screen readers and small screens, in both themes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMarket } from '../e2e/worker/market.mjs';
import { assertAccessible } from './axe.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { readQuote, takenBins, waitForAmount, waitForVerdict } from './playground.mjs';

const browser = await startBrowser();
const { worker } = await startMarket({ site: true });
const TRADE = '?token_in=BTC&token_out=SOL&amount_in=12';

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing in the ${colorScheme} theme`, async () => {
    const page = await openPage(browser, `${worker.url}/${TRADE}`, { colorScheme });
    await waitForVerdict(page, 'equal');
    await takenBins(page, 'SOL-USDC-25');
    await page.locator('#depth canvas').waitFor();
    for (const details of await page.locator('details > summary').all()) await details.click();
    await assertAccessible(page);

    await page.goto(`${worker.url}/?token_in=SOL&token_out=USDC&amount_in=100000`);
    await page.locator('.refusal').waitFor();
    await assertAccessible(page);
    // An open list, a caution, and pictures of an earlier quote.
    await page.goto(`${worker.url}/?token_in=SOL&token_out=USDC&amount_in=10&slippage_bps=5000`);
    await page.locator('[data-code=HIGH_SLIPPAGE]').waitFor();
    await page.getByRole('combobox', { name: 'Token in' }).click();
    await page.getByRole('option', { name: 'BTC' }).waitFor();
    await assertAccessible(page);
    await page.getByLabel('You pay').fill('1,500');
    await page.locator('#route.past').waitFor();
    await assertAccessible(page);
    await page.goto(`${worker.url}/?token_in=SOL&token_out=USDC&amount_in=100000&allow_partial=true`);
    await page.locator('.notice').first().waitFor();
    await assertAccessible(page);
  });
}

test('the whole trade is made with the keyboard', async () => {
  const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=USDC&amount_in=1`);
  await readQuote(page);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  await press('Tab');
  assert.equal(await focused(), 'Skip to the quote');
  // Past the page's head to the side that is fixed, then the amount.
  for (let tabs = 0; (await focused()) !== 'amount-in'; tabs += 1) {
    assert.ok(tabs < 10, 'the amount is near the top');
    await press('Tab');
  }
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('2');
  await waitForAmount(page, '199800 USDC');
  await press('Tab');
  assert.equal(await focused(), 'token-in');
  await page.keyboard.type('so');
  await press('Enter');
  await waitForAmount(page, '399.6 USDC');
  // Past the parts of what fills.
  for (let tabs = 0; (await focused()) !== 'turn'; tabs += 1) {
    assert.ok(tabs < 6, 'turning is after the side');
    await press('Tab');
  }
  await press('Enter');
  await page.waitForFunction(() => document.querySelector('#token-in').value === 'USDC');
  // What has the focus can be seen.
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
  assertQuiet(page);
});

test('the result is announced once, in a sentence', async () => {
  const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=USDC&amount_in=1`);
  await readQuote(page);
  const live = page.locator('#announce');
  assert.equal(await live.getAttribute('aria-live'), 'polite');
  assert.equal(await live.textContent(), '1 BTC gives 99\u202f900 USDC.');
});

test('a theme that is chosen stays chosen', async () => {
  const page = await openPage(browser, worker.url);
  await readQuote(page);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  const button = page.getByRole('button', { name: 'Theme' });
  await button.click();
  await button.click();
  assert.match(await button.textContent(), /Theme: dark$/);
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  assert.equal(await ground(), dark);
});

for (const width of [320, 390, 768, 1280]) {
  test(`nothing is wider than a screen of ${width} pixels`, async () => {
    const page = await openPage(browser, `${worker.url}/${TRADE}`, { viewport: { width, height: 800 } });
    await takenBins(page, 'SOL-USDC-25');
    await page.locator('#limits summary').click();
    const { content, screen } = await page.evaluate(() => ({ content: document.documentElement.scrollWidth, screen: innerWidth }));
    assert.ok(content <= screen, `${content} in ${screen}`);
  });
}
