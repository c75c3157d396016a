// A market that no snapshot holds as a whole: tokens are there, the edge quotes, and the browser checks with the pools of the pair.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dlmm, startMarket } from '../e2e/worker/market.mjs';
import { openPage, startBrowser } from './browser.mjs';
import { chooseToken, readQuote, waitForVerdict } from './playground.mjs';

/** More pools than a snapshot holds, 360. `PLAYGROUND_POOLS=2000` is the market that this page once called empty. */
const POOLS = Number(process.env.PLAYGROUND_POOLS ?? 400);

const browser = await startBrowser();
const large = (options) =>
  startMarket({
    site: true,
    prepare: async (redis) => {
      await redis.command('FLUSHALL');
      await dlmm(['seed', '--redis', redis.url, '--pools', String(POOLS), '--width', '20']);
    },
    ...options,
  });

test('a market of many pools is quoted, checked and drawn', async () => {
  const { worker } = await large();
  const page = await openPage(browser, worker.url);
  page.setDefaultTimeout(60_000);
  await readQuote(page);
  await waitForVerdict(page, 'equal');
  await page.locator('#liquidity canvas').first().waitFor();
  await page.locator('#depth canvas').waitFor();
  assert.doesNotMatch(await page.locator('body').innerText(), /no pools/i);
  await page.locator('#state-line', { hasText: /^Snapshot in this browser: the pools of this pair, \d+ of them/ }).waitFor();
  // Tokens are those of the edge, far more than this snapshot holds.
  await page.getByRole('combobox', { name: 'Token in' }).fill('T000');
  assert.ok((await page.locator('.tokens:not([hidden]) [role=option]').count()) >= 10);
  await page.keyboard.press('Escape');
  // Another pair has its own.
  await chooseToken(page, 'Token in', 'T0003');
  await page.waitForFunction(() => document.querySelector('.figure .under')?.textContent.includes('T0003'));
  await waitForVerdict(page, 'equal');
  // The code for this market names an address that answers.
  const [, address] = /fromUrl\('([^']+)'\)/.exec(await page.locator('#code code').nth(1).textContent());
  assert.equal((await fetch(address)).status, 200);
});

test('where no snapshot can be had the edge quotes on, and the page says why the browser does not', async () => {
  const { worker } = await startMarket({ site: true, vars: { MAX_SNAPSHOT_BYTES: '1000' } });
  const page = await openPage(browser, worker.url);
  assert.deepEqual(await readQuote(page), { amount: '99900 USDC', bound: '99400.5 USDC' });
  await page.locator('[data-place=browser]', { hasText: 'the snapshot would hold more than 1000 bytes' }).waitFor();
  await page.getByText('Edge only').waitFor();
  await page.getByRole('button', { name: 'Max' }).click();
  await page.waitForFunction(() => Number(document.querySelector('#amount-in').value) > 100);
  assert.doesNotMatch(await page.locator('body').innerText(), /no pools/i);
});

test('a market that cannot be read is not an empty one, and an empty one is not an error', async () => {
  const broken = await startMarket({ site: true, prepare: undefined });
  await broken.redis.stop();
  const page = await openPage(browser, broken.worker.url);
  await page.locator('#result', { hasText: 'The tokens cannot be read' }).waitFor();
  assert.doesNotMatch(await page.locator('body').innerText(), /no pools/i);

  const empty = await startMarket({ site: true, prepare: (redis) => redis.command('FLUSHALL').then(() => undefined) });
  const other = await openPage(browser, empty.worker.url);
  await other.locator('#result', { hasText: 'There are no pools yet.' }).waitFor();
});
