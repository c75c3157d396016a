// The API reference.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMarket } from '../e2e/worker/market.mjs';
import { assertAccessible } from './axe.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';

const browser = await startBrowser();
const { worker } = await startMarket({ site: true });

test('every operation of the description is on the page, and nothing comes from elsewhere', async () => {
  const description = await (await worker.fetch('/openapi.json')).json();
  const operations = Object.entries(description.paths).flatMap(([path, item]) =>
    ['get', 'post'].filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const hosts = new Set();
  const page = await openPage(browser, `${worker.url}/docs`);
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  await page.reload();
  await page.locator('.opblock').first().waitFor();
  const shown = await page.locator('.opblock-summary').evaluateAll((rows) =>
    rows.map((row) => `${row.querySelector('.opblock-summary-method').textContent} ${row.querySelector('.opblock-summary-path').dataset.path}`),
  );
  assert.deepEqual(shown.sort(), operations.sort());
  assert.deepEqual([...hosts], [new URL(worker.url).host]);
  assertQuiet(page);
});

test('an operation opens with the keyboard and quotes from this edge', async () => {
  const page = await openPage(browser, `${worker.url}/docs`);
  const operation = page.locator('.opblock', { has: page.locator('[data-path="/tokens"]') });
  await operation.locator('.opblock-summary-control').focus();
  await page.keyboard.press('Enter');
  await operation.getByRole('button', { name: 'Try it out' }).press('Enter');
  await operation.getByRole('button', { name: 'Execute' }).press('Enter');
  await operation.locator('.live-responses-table', { hasText: '"symbol": "BTC"' }).waitFor();
  assertQuiet(page);
});

test('the first press on every call answers', async () => {
  const page = await openPage(browser, `${worker.url}/docs`);
  await page.locator('.opblock').first().waitFor();
  const operations = await page.locator('.opblock').all();
  for (const operation of operations) {
    const name = (await operation.locator('.opblock-summary').innerText()).replace(/\s+/g, ' ');
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const status = await operation.locator('.live-responses-table tbody .response-col_status').first().innerText();
    // An operator's call needs the operator's token; where no keys are set there are no tickets.
    assert.match(status, /\/admin\/|\/stream\/ticket/.test(name) ? /^(401|404)/ : /^200/, name);
    await operation.locator('.opblock-summary-control').click();
  }
});

test('the page has a light and a dark theme', async () => {
  const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await openPage(browser, `${worker.url}/docs`, { colorScheme: 'light' });
  const dark = await openPage(browser, `${worker.url}/docs`, { colorScheme: 'dark' });
  assert.notEqual(await ground(light), await ground(dark));
  assert.equal(await dark.evaluate(() => document.documentElement.classList.contains('dark-mode')), true);
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing in the ${colorScheme} reference, opened as far as it goes`, async () => {
    const page = await openPage(browser, `${worker.url}/docs`, { colorScheme });
    await page.locator('.opblock').first().waitFor();
    for (const path of ['/quote', '/snapshot']) {
      const operation = page.locator('.opblock', { has: page.locator(`[data-path="${path}"]`) }).first();
      await operation.locator('.opblock-summary-control').click();
      await operation.locator('.responses-table').first().waitFor();
    }
    await page.locator('.models-control').click();
    await assertAccessible(page, { advice: false });
  });
}
