// The page under its policy, and before an edge that asks for a key.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMarket } from '../e2e/worker/market.mjs';
import { assertAccessible } from './axe.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { readQuote, waitForAmount, waitForVerdict } from './playground.mjs';

const KEY = 'key-of-the-spring-0001';
/** Chromium reports every answer with an error status. */
const REFUSED = /status of 401/;

const browser = await startBrowser();

/** Counts what the policy stops from now on. */
const watchPolicy = (page) =>
  page.addInitScript(() => {
    window.stopped = [];
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => window.stopped.push(`${violatedDirective} ${blockedURI}`));
  });

test('neither page breaks its own policy, and both work', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, 'about:blank');
  await watchPolicy(page);
  await page.goto(`${worker.url}/?token_in=BTC&token_out=USDC&amount_in=1`);
  await readQuote(page);
  await waitForVerdict(page, 'equal');
  assert.deepEqual(await page.evaluate('stopped'), []);
  await page.goto(`${worker.url}/docs`);
  await page.locator('.opblock').first().waitFor();
  assert.deepEqual(await page.evaluate('stopped'), []);
  assertQuiet(page);
});

test('a script that finds its way into the page does not run, does not call out, and no page frames this one', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, 'about:blank');
  await watchPolicy(page);
  await page.goto(worker.url);
  await readQuote(page);
  const called = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    const text = document.createElement('div');
    text.innerHTML = '<img src="/missing" onerror="window.ran = true">';
    document.body.append(text);
    return fetch('http://127.0.0.1:9/').then(() => 'called', () => 'stopped');
  });
  await page.waitForFunction(() => window.stopped.length >= 3);
  assert.equal(called, 'stopped');
  assert.equal(await page.evaluate('window.ran'), undefined);
  const directives = new Set((await page.evaluate('stopped')).map((text) => text.split(' ')[0]));
  for (const directive of ['script-src-elem', 'script-src-attr', 'connect-src']) assert.ok(directives.has(directive), directive);

  const other = await openPage(browser, 'about:blank');
  await other.setContent(`<iframe src="${worker.url}/"></iframe>`);
  await other.waitForFunction(() => frames.length === 1);
  await assert.rejects(other.frames()[1].waitForSelector('#trade', { timeout: 3_000 }));
});

test('an edge with keys is opened with one, which stays in the tab', async () => {
  const { worker } = await startMarket({ site: true, vars: { API_KEYS: KEY } });
  const page = await openPage(browser, worker.url);
  const field = page.locator('#key-text');
  await page.locator('#key-line', { hasText: 'asks for an API key' }).waitFor();
  await assertAccessible(page);
  await field.fill('key-of-the-winter-0009');
  await page.getByRole('button', { name: 'Use this key' }).click();
  await page.locator('#key-line', { hasText: 'does not know this key' }).waitFor();
  assert.equal(await field.inputValue(), '');
  await field.fill(KEY);
  await page.getByRole('button', { name: 'Use this key' }).click();
  await waitForAmount(page, '99900 USDC');
  await waitForVerdict(page, 'equal');
  assert.equal(await page.locator('#key').isVisible(), false);
  // With the key the browser follows the edge, as if it had always had it.
  await page.locator('[data-place=browser]', { hasText: 'follows the edge, change by change' }).waitFor();
  await page.reload();
  await waitForAmount(page, '99900 USDC');
  await waitForVerdict(page, 'equal');
  const stored = await page.evaluate(() => [{ ...localStorage }, document.cookie, location.href, document.documentElement.outerHTML].map((text) => JSON.stringify(text)).join());
  assert.ok(!stored.includes(KEY));
  assert.equal(await page.evaluate(() => sessionStorage.getItem('dlmm-api-key')), KEY);
  assertQuiet(page, REFUSED);

  const elsewhere = await page.context().newPage();
  await elsewhere.goto(worker.url);
  await elsewhere.locator('#key-line', { hasText: 'asks for an API key' }).waitFor();
});
