// Refusals as people read them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMarket } from '../e2e/worker/market.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { chooseToken, readQuote, waitForAmount, waitForVerdict } from './playground.mjs';

/** Chromium reports every answer with an error status; these are the answers that are asked for. */
const REFUSED = /status of 4\d\d/;

const browser = await startBrowser();
const { worker, redis } = await startMarket({ site: true });
const open = (query) => openPage(browser, `${worker.url}/${query}`);
const title = (page, code) => page.locator(`.refusal[data-code=${code}] h3`).textContent();

test('an unknown token is named, and another one can be chosen', async () => {
  const page = await open('?token_in=DOGE&token_out=USDC&amount_in=1');
  assert.equal(await title(page, 'UNKNOWN_TOKEN'), 'No pool holds the token DOGE.');
  await waitForVerdict(page, 'equal');
  await chooseToken(page, 'Token in', 'BTC');
  await waitForAmount(page, '99900 USDC');
  assertQuiet(page, REFUSED);
});

test('too little liquidity offers the amount that fills, and the part that fits', async () => {
  const page = await open('?token_in=SOL&token_out=USDC&amount_in=100000');
  assert.equal(await title(page, 'INSUFFICIENT_LIQUIDITY'), 'There is too little liquidity.');
  await page.getByRole('button', { name: 'Use 35\u202f684.826077664 SOL' }).click();
  await waitForAmount(page, '6802400 USDC');
  assert.equal(await page.getByLabel('You pay').inputValue(), '35684.826077664');

  const other = await open('?token_in=SOL&token_out=USDC&amount_in=100000');
  await other.getByRole('button', { name: 'Take the part that fits' }).click();
  await waitForAmount(other, '6802400 USDC');
  assert.equal(
    await other.locator('.notice[data-code=PARTIAL_FILL]').textContent(),
    'Only a part is filled: 64\u202f315.173922336 SOL are left over.',
  );
  assertQuiet(other, REFUSED);
});

test('a route that is too long and a walk that is too far name the limit that stops them', async () => {
  const page = await open('?token_in=BTC&token_out=SOL&amount_in=1&max_hops=1');
  assert.equal(await title(page, 'NO_ROUTE'), 'No active pools connect BTC to SOL in one hop.');
  await page.getByRole('button', { name: 'Allow 4 hops' }).click();
  await readQuote(page);

  const far = await open('?token_in=SOL&token_out=USDC&amount_in=2500&max_bins=2');
  assert.equal(await title(far, 'TOO_MANY_BINS'), 'The trade needs too many bins.');
  await far.getByRole('button', { name: 'Allow 3 bins' }).click();
  await waitForAmount(far, '498506.650578 USDC');
});

test('an amount that cannot be read is explained at its field, in words that stand on the page', async () => {
  const page = await open('?token_in=BTC&token_out=USDC&amount_in=1');
  await readQuote(page);
  const pay = page.getByLabel('You pay');
  const reading = page.locator('#reading');
  await pay.fill('1e5');
  await reading.getByText('Write the number out').waitFor();
  assert.equal(await pay.getAttribute('aria-invalid'), 'true');
  await pay.fill('');
  await page.getByText('Enter an amount.').first().waitFor();
  await pay.fill('2');
  await waitForAmount(page, '199800 USDC');
  assert.equal(await pay.getAttribute('aria-invalid'), 'false');
  assertQuiet(page);
});

test('what the engine refuses is named as on the page, and more digits than a token has are cut by one press', async () => {
  const page = await open('?token_in=BTC&token_out=USDC&amount_in=1.123456789');
  assert.equal(await title(page, 'INVALID_REQUEST'), '“You pay” cannot be used as it is.');
  assert.doesNotMatch(await page.locator('#result .refusal p').first().textContent(), /amount_in/);
  await page.getByRole('button', { name: 'Use 1.12345678' }).click();
  await readQuote(page);
  const bins = await open('?token_in=BTC&token_out=USDC&amount_in=1&max_bins=many');
  assert.equal(await title(bins, 'INVALID_REQUEST'), '“Bins of one pool” cannot be used as it is.');
  assert.equal(await bins.getByLabel('Bins of one pool').getAttribute('aria-invalid'), 'true');
});

test('an edge without its Redis says so, and the browser still has its answer', async () => {
  const page = await open('?token_in=BTC&token_out=USDC&amount_in=1');
  await waitForVerdict(page, 'equal');
  await redis.stop();
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await page.locator('.refusal[data-code=REDIS_UNAVAILABLE]').waitFor();
  // The browser may be asked a moment after the edge has refused.
  await page.locator('[data-place=browser] .amount', { hasText: /99\u202f900 USDC/ }).waitFor();
});
