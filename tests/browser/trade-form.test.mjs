// The form as people use it: amounts as they write them, tokens by search, parts of what fills, warnings of dear terms.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMarket } from '../e2e/worker/market.mjs';
import { assertAccessible } from './axe.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { readQuote, waitForAmount } from './playground.mjs';

const browser = await startBrowser();
const { worker } = await startMarket({ site: true });
const open = (query, options) => openPage(browser, `${worker.url}/${query}`, options);
const ONE_BTC = '?token_in=BTC&token_out=USDC&amount_in=1';

test('an amount is read as it is written, and the page says how', async () => {
  const page = await open(ONE_BTC);
  await readQuote(page);
  const [pay, reading] = [page.getByLabel('You pay'), page.locator('#reading')];
  await pay.fill('1,5');
  await waitForAmount(page, '149850 USDC');
  assert.equal(await reading.textContent(), 'Read as 1.5.');
  await pay.fill('1,000.50');
  await reading.getByText('Read as 1000.50.').waitFor();
  // The link holds the amount as it was read.
  await page.waitForFunction(() => new URLSearchParams(location.search).get('amount_in') === '1000.50');
  await pay.fill('1,500');
  await reading.getByText('1,500 can be 1500 or 1.500. Which one?').waitFor();
  assert.equal(await pay.getAttribute('aria-invalid'), 'true');
  await reading.getByRole('button', { name: '1.500', exact: true }).click();
  await waitForAmount(page, '149850 USDC');
  assert.equal(await pay.inputValue(), '1.500');
  // Chosen so, it is not asked about again; typed so, the other reading is one press away.
  assert.equal(await reading.textContent(), '');
  await pay.fill('1.250');
  await reading.getByText('Read as 1.250, not 1250.').waitFor();
  await waitForAmount(page, '124875 USDC');
  await reading.getByRole('button', { name: '1250', exact: true }).click();
  await page.waitForFunction(() => new URLSearchParams(location.search).get('amount_in') === '1250');
  assert.equal(await reading.textContent(), '');
  assertQuiet(page, /status of 4\d\d/);
  // Nor does a link with such an amount lead to a refusal.
  const linked = await open('?token_in=BTC&token_out=USDC&amount_in=1%2C5');
  await waitForAmount(linked, '149850 USDC');
  assertQuiet(linked);
  // What the page writes is plain.
  const written = await open('?token_in=BTC&token_out=USDC&amount_in=1.250');
  await waitForAmount(written, '124875 USDC');
  assert.equal(await written.locator('#reading').textContent(), '');
});

test('a link in smallest units, as the API takes it, is that amount and no other', async () => {
  const page = await open('?token_in=BTC&token_out=USDC&amount_in_atomic=150000000');
  await waitForAmount(page, '149850 USDC');
  assert.equal(await page.getByLabel('You pay').inputValue(), '1.5');
});

test('a token is found by typing, and chosen with keys alone', async () => {
  const page = await open(ONE_BTC);
  await readQuote(page);
  const box = page.getByRole('combobox', { name: 'Token in' });
  const options = () => page.locator('.tokens:not([hidden]) [role=option]').allTextContents();
  const active = () => page.evaluate(() => document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.dataset.symbol);
  await box.focus();
  assert.equal(await box.getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('ArrowDown');
  assert.deepEqual(await options(), ['BTC', 'SOL', 'USDC']);
  assert.equal(await active(), 'BTC');
  await page.keyboard.press('ArrowDown');
  assert.equal(await active(), 'SOL');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await active(), 'USDC');
  await page.keyboard.press('Escape');
  assert.deepEqual([await box.getAttribute('aria-expanded'), await box.inputValue()], ['false', 'BTC']);
  await page.keyboard.type('o');
  assert.deepEqual(await options(), ['SOL']);
  await page.keyboard.press('Enter');
  await waitForAmount(page, '199.8 USDC');
  // What is no token is dropped, and the choice stays.
  await box.fill('zzz');
  await page.getByText('No token has this name.').waitFor();
  await page.getByLabel('You pay').focus();
  assert.equal(await box.inputValue(), 'SOL');
  // The other side's token turns the trade around.
  await box.fill('usdc');
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => document.querySelector('#token-out').value === 'SOL');
  assertQuiet(page);
});

test('parts of what the pools take, on the side that is fixed', async () => {
  const page = await open('?token_in=SOL&token_out=USDC&amount_in=1');
  await readQuote(page);
  await page.getByRole('button', { name: 'Max' }).click();
  await waitForAmount(page, '6802400 USDC');
  assert.equal(await page.getByLabel('You pay').inputValue(), '35684.826077664');
  await page.getByRole('button', { name: '25 %', exact: true }).click();
  await page.waitForFunction(() => document.querySelector('#amount-in').value === '8921.2');
  await page.getByRole('radio', { name: 'Exact out' }).check();
  await page.getByRole('button', { name: 'Max' }).click();
  await page.waitForFunction(() => document.querySelector('#amount-out').value === '6802400');
  await readQuote(page);
  assertQuiet(page);
});

test('the price reads both ways and can be turned, and stays turned', async () => {
  const page = await open('?token_in=USDC&token_out=BTC&amount_in=100');
  await readQuote(page);
  const line = () => page.locator('.facts .price dd').textContent().then((text) => text.replaceAll('\u202f', ''));
  assert.match(await line(), /^1 BTC = 100100\.1.* USDC ⇄1 USDC = 0\.00000999 BTC$/);
  await page.getByRole('button', { name: 'Turn the price around' }).click();
  assert.match(await line(), /^1 USDC = 0\.00000999 BTC ⇄1 BTC = /);
  await page.getByLabel('You pay').fill('200');
  await waitForAmount(page, '0.001998 BTC');
  assert.match(await line(), /^1 USDC = /);
});

test('dear terms are warned of where they are chosen and where they count', async () => {
  const page = await open(`${ONE_BTC}&slippage_bps=5000`);
  const notice = page.locator('.notice[data-code=HIGH_SLIPPAGE]');
  assert.match((await notice.textContent()).replaceAll('\u202f', ''), /50% slippage tolerance the trade may give as little as 49950 USDC/);
  assert.equal(await page.locator('#slippage-error').textContent(), 'High: bots can trade ahead of you and take what you allow.');
  await page.getByRole('button', { name: '0.5 %', exact: true }).click();
  await notice.waitFor({ state: 'detached' });
  assert.equal(await page.locator('#slippage-error').textContent(), '');
  await page.getByLabel('Slippage tolerance in per cent').fill('0,01');
  await page.getByText('Low: the trade fails').waitFor();
  await page.waitForFunction(() => new URLSearchParams(location.search).get('slippage_bps') === '1');
});

test('the ring of the amount goes around its side, on a phone too', async () => {
  const page = await open(ONE_BTC, { viewport: { width: 390, height: 844 } });
  await readQuote(page);
  const pay = page.getByLabel('You pay');
  await pay.focus();
  const rings = await pay.evaluate((input) => [input, input.closest('.side')].map((element) => getComputedStyle(element).outlineStyle));
  assert.deepEqual(rings, ['none', 'solid']);
});

test('every part of the fees is seen whole on a phone', async () => {
  const page = await open('?token_in=SOL&token_out=BTC&amount_in=1.23456789', { viewport: { width: 390, height: 844 } });
  await readQuote(page);
  const fees = page.getByRole('region', { name: 'Fees' });
  await fees.getByRole('row').nth(1).waitFor();
  const cut = await fees.evaluate((region) => {
    const { right } = region.getBoundingClientRect();
    return [...region.querySelectorAll('td')].filter((cell) => cell.getBoundingClientRect().right > right + 1 || cell.scrollWidth > cell.clientWidth).map(({ textContent }) => textContent);
  });
  assert.deepEqual(cut, []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await assertAccessible(page);
});

test('the link is copied by one press', async () => {
  const page = await open(ONE_BTC, { permissions: ['clipboard-read', 'clipboard-write'] });
  await readQuote(page);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('button', { name: 'Link copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), page.url());
});

test('an amount stands at its two places, and the answer can be read as JSON with every digit', async () => {
  const page = await open('?token_in=SOL&token_out=USDC&amount_in=2500');
  await readQuote(page);
  await page.locator('#check .mark.equal').waitFor();
  // The sentence for screen readers stands nowhere on the screen.
  await page.locator('#announce').evaluate((element) => element.remove());
  const shown = (await page.locator('body').innerText()).replaceAll('\u202f', '');
  // In the quote; the other place is the field, which is no text.
  assert.equal(shown.split('498506.650578').length - 1, 1);
  assert.equal(await page.getByLabel('You receive').inputValue(), '498506.650578');
  await page.getByText('The answer as JSON').click();
  const json = await page.locator('#json code').textContent();
  assert.match(json, /\n {2}"amount_out": 498506\.650578,\n/);
  assert.equal(JSON.parse(json).amount_out_atomic, '498506650578');
});
