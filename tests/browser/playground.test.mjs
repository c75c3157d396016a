// The playground against the running Worker and a real Redis.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bendValue, startMarket } from '../e2e/worker/market.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { pixelsOf, readQuote, takenBins, waitForAmount, waitForVerdict } from './playground.mjs';

const browser = await startBrowser();
const ONE_BTC = '?token_in=BTC&token_out=USDC&amount_in=1';

test('a first visit shows a quote that edge and browser agree on', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, worker.url);
  assert.deepEqual(await readQuote(page), { amount: '99900 USDC', bound: '99400.5 USDC' });
  await waitForVerdict(page, 'equal');
  assert.equal(await page.locator('#check .mark').textContent(), 'Checked in your browser: identical');
  const places = await page.locator('.place').allTextContents();
  assert.match(places[0], /^Edge\d+.*ms/);
  assert.match(places[1], /^This browser[\d.]+ (ms|µs)/);
  assert.equal(new URL(page.url()).search, ONE_BTC);
  assertQuiet(page);
});

test('the quote follows Redis, and so does the snapshot in the browser', async () => {
  const { worker, redis } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await waitForAmount(page, '99900 USDC');
  await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
  await bendValue(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.price = 90000.0));
  // Nobody clicks: the page asks again by itself.
  await waitForAmount(page, '89910 USDC');
  await waitForVerdict(page, 'equal');
  assert.match(await page.locator('.notice[data-code=STATE_SUSPECT]').textContent(), /bin:BTC-USDC-25:500/);
  assertQuiet(page);
});

test('each pool has a chart with bars, the active bin, and the bins that the trade takes', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/?token_in=SOL&token_out=USDC&amount_in=2500`);
  assert.deepEqual(await takenBins(page, 'SOL-USDC-25'), [498, 499, 500]);
  const figure = page.locator('#liquidity figure');
  assert.equal(await figure.count(), 1);
  assert.ok(Number(await figure.getAttribute('data-bars')) > 40);
  assert.match(await figure.locator('.moves').textContent(), /active bin moves from 500 to 498/);
  for (const colour of ['bar-x', 'bar-y', 'taken', 'taken-wash', 'ink']) {
    assert.ok((await pixelsOf(page, 'SOL-USDC-25', colour)) > 20, `the chart has something in ${colour}`);
  }
  const [empty, used] = [await page.locator('#route [data-pool]').count(), await page.locator('#route svg').getAttribute('aria-label')];
  assert.equal(empty, 1);
  assert.equal(used, 'Route: 100\u202f% from SOL through SOL-USDC-25 to USDC.');
  assertQuiet(page);
});

test('a chart is read with the arrow keys', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/?token_in=SOL&token_out=USDC&amount_in=2500`);
  await takenBins(page, 'SOL-USDC-25');
  const plot = page.locator('#liquidity .plot');
  await plot.focus();
  await page.keyboard.press('End');
  const readout = page.locator('#liquidity .readout');
  const last = await readout.textContent();
  await page.keyboard.press('ArrowLeft');
  assert.match(last, /^Bin \d+ at [\d.\u202f]+: [\d.\u202f]+ SOL, 0 USDC\.$/);
  assert.notEqual(await readout.textContent(), last);
});

test('the depth curve is computed in the browser, near the trade and as far as the pools reach', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/?token_in=SOL&token_out=USDC&amount_in=2500`);
  const plot = page.locator('#depth .plot');
  await plot.waitFor();
  const label = () => plot.getAttribute('aria-label');
  assert.match(await label(), /up to 5\u202f000 SOL/);
  await page.getByRole('radio', { name: 'Whole depth' }).check();
  await page.waitForFunction(() => /up to 35\u202f685 SOL/.test(document.querySelector('#depth .plot').getAttribute('aria-label')));
  assert.match(await page.locator('#depth .depth-top').textContent(), /the pools can take up to 35\u202f684\.826077664 SOL/);
  assertQuiet(page);
});

test('exact out, limits and slippage make the request that the snippets show', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await readQuote(page);
  await page.getByLabel('You receive').fill('1000');
  await page.getByRole('button', { name: '1 %', exact: true }).click();
  await page.locator('#limits summary').click();
  await page.getByLabel('Hops, at most').selectOption('1');
  await waitForAmount(page, '0.01001001 BTC', '0.01011012 BTC');
  // One hop gives the same amounts: the snippets tell that the quote on screen is of the request with it.
  await page.locator('#code code', { hasText: '"max_hops":1' }).waitFor();
  await waitForVerdict(page, 'equal');
  assert.equal(await page.getByLabel('You pay').inputValue(), '0.01001001');
  const [curl, typescript, link] = await page.locator('#code code').allTextContents();
  assert.match(curl, /-d '\{"token_in":"BTC","token_out":"USDC","amount_out":"1000","slippage_bps":100,"max_hops":1\}'$/);
  assert.match(typescript, /amount_out: '1000',\n {2}slippage_bps: 100,\n {2}max_hops: 1,\n/);
  // The link is the page's own address, and its query is one that the API takes.
  assert.equal(link, page.url());
  const answer = await (await fetch(link.replace('/?', '/quote?'))).json();
  assert.equal(answer.amount_in_atomic, '1001001');
  assertQuiet(page);
});

test('what an address asks for beyond the form is asked for, kept and told', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}&strict=true&max_reads=55&foo=1`);
  await waitForAmount(page, '99900 USDC');
  await waitForVerdict(page, 'equal');
  const note = page.locator('#address-note');
  assert.equal(await note.textContent(), 'Also asked for, from the address: max_reads 55. Not used of the address: foo.');
  assert.equal(await page.locator('#limits-note').textContent(), '2 changed');
  assert.equal(new URL(page.url()).search, `${ONE_BTC}&strict=true&max_reads=55`);
  assert.match((await page.locator('#code code').allTextContents())[0], /"strict":true,"max_reads":55\}'$/);
  await page.locator('#limits summary').click();
  const fields = await page.locator('#limits').locator('input, select').all();
  assert.ok(fields.length >= 7);
  for (const field of fields) assert.ok(await field.isVisible(), await field.evaluate((input) => input.outerHTML));
  await page.getByRole('button', { name: 'Back to the defaults' }).click();
  await page.waitForFunction((query) => location.search === query, ONE_BTC);
  assert.equal(await note.textContent(), '');
  // No block is known here, so one that is asked for at least is refused, as the API refuses it.
  await page.goto(`${worker.url}/${ONE_BTC}&min_block_height=7`);
  await page.locator('#result', { hasText: /too old|block/i }).waitFor();
  assert.equal(new URL(page.url()).search, `${ONE_BTC}&min_block_height=7`);
});

test('an edge that could not read all bins is not said to have other settings or another version', async () => {
  const { worker } = await startMarket({ site: true, vars: { MAX_KEYS_PER_QUOTE: '40' } });
  const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=USDC&amount_in=30000&allow_partial=true`);
  const verdict = page.locator('#check-body .verdict', { hasText: 'Not comparable: the edge read less' });
  await verdict.waitFor();
  assert.match(await verdict.textContent(), /KEYS_LIMITED/);
  assert.doesNotMatch(await verdict.textContent(), /settings|version/);
});

test('the answer of the edge is verified in the browser', async () => {
  const { worker } = await startMarket({ site: true });
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await waitForVerdict(page, 'equal');
  await page.getByRole('button', { name: 'Verify the edge' }).click();
  await page.getByText('every digit is the same. sha256:').waitFor();
  assertQuiet(page);
});
