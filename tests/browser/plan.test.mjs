// The transaction of a quote: made at the edge and in the browser alike, and without the edge in the browser.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromUnits } from '../../web/playground/words/numbers.ts';
import { asked, router, rows, snapshotOf } from '../e2e/worker/recorded-plans.mjs';
import { startMarket } from '../e2e/worker/market.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { readQuote, waitForVerdict } from './playground.mjs';

const browser = await startBrowser();

test('edge and browser make the same transaction, and the browser goes on when the edge is gone', async () => {
  const row = rows.find(({ kind }) => kind === 'simple');
  const folder = await mkdtemp(join(tmpdir(), 'dlmm-plan-page-'));
  const { worker } = await startMarket({ site: true, snapshot: await snapshotOf(row, folder, 'plan'), vars: { STACKS_ROUTER: router } });
  await rm(folder, { recursive: true });
  const { plan, pools, amount_in_atomic, ...request } = asked(row);
  const [pool] = row.pools;
  const decimals = pool[request.token_in === pool.token_x ? 'token_x_decimals' : 'token_y_decimals'];
  const page = await openPage(browser, `${worker.url}/?${new URLSearchParams({ ...request, amount_in: fromUnits(amount_in_atomic, decimals), pools: pools.join() })}`);
  await readQuote(page);
  await waitForVerdict(page, 'equal');
  await page.getByLabel('Who will sign').fill(plan.sender);
  await page.getByLabel('How').selectOption('simple');
  await page.getByRole('button', { name: 'Prepare' }).click();
  await page.locator('#transaction-body .mark.equal').waitFor();
  const code = () => page.getByRole('region', { name: 'As JSON' }).locator('code').textContent();
  assert.deepEqual(JSON.parse(await code()).args_hex, row.args_hex);
  assertQuiet(page);
  // Another amount has another transaction, at once.
  await page.getByRole('button', { name: '25 %', exact: true }).click();
  await page.waitForFunction((before) => ![...document.querySelectorAll('#transaction-body pre code')].some((element) => element.textContent.includes(before)), row.args_hex.at(-1));
  await page.locator('#transaction-body .mark', { hasText: 'Made in your browser' }).waitFor();
  // And without the edge.
  await worker.stop();
  await page.getByRole('button', { name: '50 %', exact: true }).click();
  await page.locator('#offline', { hasText: 'The edge is not reachable' }).waitFor();
  await page.getByRole('button', { name: 'Prepare' }).click();
  await page.locator('#transaction-body .mark', { hasText: 'Made in your browser' }).waitFor();
  assert.equal(JSON.parse(await code()).function, row.function);
});
