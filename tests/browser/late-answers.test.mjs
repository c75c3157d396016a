// An edge that takes its time: what it answers belongs to what was asked, not to what is on screen by then.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromUnits } from '../../web/playground/words/numbers.ts';
import { asked, router, rows, snapshotOf } from '../e2e/worker/recorded-plans.mjs';
import { bendValue, startMarket } from '../e2e/worker/market.mjs';
import { openPage, startBrowser } from './browser.mjs';
import { chooseToken, readQuote, waitForAmount, waitForVerdict } from './playground.mjs';

const browser = await startBrowser();
const ONE_BTC = '?token_in=BTC&token_out=USDC&amount_in=1';

/** Holds back the calls of `/quote` that `isHeld` says until `release` is called; gives the latter, and how many are held. */
async function holdBack(page, isHeld) {
  const held = [];
  let isOpen = false;
  await page.route('**/quote', async (route) => {
    if (!isOpen && isHeld(route.request().postDataJSON())) await new Promise((resolve) => held.push(resolve));
    await route.continue().catch(() => undefined);
  });
  return {
    first: () => page.waitForRequest((request) => request.url().endsWith('/quote') && isHeld(request.postDataJSON())),
    release: () => {
      isOpen = true;
      for (const go of held.splice(0)) go();
    },
  };
}

test('a transaction that comes late is not shown beside the quote of another amount', async () => {
  const row = rows.find(({ kind }) => kind === 'simple');
  const folder = await mkdtemp(join(tmpdir(), 'dlmm-late-plan-'));
  const { worker } = await startMarket({ site: true, snapshot: await snapshotOf(row, folder, 'plan'), vars: { STACKS_ROUTER: router } });
  await rm(folder, { recursive: true });
  const { plan, pools, amount_in_atomic, ...request } = asked(row);
  const [pool] = row.pools;
  const decimals = pool[request.token_in === pool.token_x ? 'token_x_decimals' : 'token_y_decimals'];
  const amount = fromUnits(amount_in_atomic, decimals);
  const page = await openPage(browser, `${worker.url}/?${new URLSearchParams({ ...request, amount_in: amount, pools: pools.join() })}`);
  await readQuote(page);
  await page.locator('#interval').selectOption('by hand');
  const edge = await holdBack(page, (body) => body.plan !== undefined);
  await page.getByLabel('Who will sign').fill(plan.sender);
  const first = edge.first();
  await page.getByRole('button', { name: 'Prepare' }).click();
  await first;
  await page.getByRole('button', { name: '25 %', exact: true }).click();
  await page.waitForFunction((before) => document.querySelector('#amount-in').value !== before, amount);
  const late = page.waitForResponse((response) => response.request().postDataJSON()?.plan !== undefined);
  edge.release();
  await (await late).finished();
  // The browser knows the router by now, and makes the transaction of what is on screen.
  await page.locator('#transaction-body .mark', { hasText: 'Made in your browser' }).waitFor();
  const code = await page.getByRole('region', { name: 'As JSON' }).locator('code').textContent();
  assert.notDeepEqual(JSON.parse(code).args_hex, row.args_hex);
  // Another signer has another transaction, when he asks for it.
  await page.getByLabel('Who will sign').fill('SP');
  await page.locator('#transaction-body', { hasText: 'There is no transaction for the trade on screen.' }).waitFor();
  await page.getByLabel('Who will sign').fill(plan.sender);
  await page.getByRole('button', { name: 'Prepare' }).click();
  await page.locator('#transaction-body .mark.equal').waitFor();
  // No trade, no transaction.
  await page.getByLabel('You pay').fill('');
  await page.locator('#transaction-body', { hasText: 'There is no transaction for the trade on screen.' }).waitFor();
});

test('Max of one token is not written into the trade of another', async () => {
  const { worker } = await startMarket({ site: true, vars: { MAX_SNAPSHOT_BYTES: '1000' } });
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await waitForAmount(page, '99900 USDC');
  const edge = await holdBack(page, (body) => body.allow_partial === true);
  const first = edge.first();
  await page.getByRole('button', { name: 'Max' }).click();
  await first;
  await chooseToken(page, 'Token in', 'SOL');
  await waitForAmount(page, '199.8 USDC');
  const answered = page.waitForResponse((response) => response.request().postDataJSON()?.allow_partial === true);
  edge.release();
  await (await answered).finished();
  // Long enough for what it would have set off: a second question, an amount, a quote.
  await page.waitForTimeout(1500);
  assert.equal(await page.getByLabel('You pay').inputValue(), '1');
  assert.equal((await readQuote(page)).amount, '199.8 USDC');
});

test('while the edge alone can answer, nothing of the trade before stands for this one', async () => {
  const { worker } = await startMarket({ site: true, vars: { MAX_SNAPSHOT_BYTES: '1000' } });
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await waitForAmount(page, '99900 USDC');
  await page.locator('#way[data-way=live]').waitFor();
  // Neither a call nor a stream, and no engine in the browser that follows the pair.
  const edge = await holdBack(page, () => true);
  await page.route(/\/(changes|quote\/stream)\?/, () => undefined);
  const first = edge.first();
  await chooseToken(page, 'Token out', 'SOL');
  await first;
  await page.locator('#result', { hasText: 'Asking the edge' }).waitFor();
  assert.equal(await page.getByLabel('You receive').inputValue(), '');
  assert.equal(await page.locator('#result-body > .top').count(), 0);
  assert.equal(await page.locator('#way').getAttribute('data-way'), '');
  // What USDC came to must not become an amount of SOL.
  await page.getByRole('radio', { name: 'Exact out' }).check();
  assert.equal(await page.getByLabel('You receive').inputValue(), '');
  await page.getByText('Enter an amount.').first().waitFor();
  await page.getByRole('radio', { name: 'Exact in' }).check();
  await page.getByLabel('You pay').fill('1');
  edge.release();
  await page.waitForFunction(() => document.querySelector('#result-body > .top .figure small')?.textContent === 'SOL');
  assert.notEqual(await page.getByLabel('You receive').inputValue(), '');
});

test('what was offered for a trade is gone with it', async () => {
  const { worker } = await startMarket({ site: true, vars: { MAX_SNAPSHOT_BYTES: '1000' } });
  const page = await openPage(browser, `${worker.url}/?token_in=SOL&token_out=USDC&amount_in=100000`);
  await page.getByRole('button', { name: /^Use 35/ }).waitFor();
  await page.route(/\/(changes|quote\/stream)\?/, () => undefined);
  const edge = await holdBack(page, () => true);
  const first = edge.first();
  await chooseToken(page, 'Token in', 'BTC');
  await first;
  await page.locator('#result', { hasText: 'Asking the edge' }).waitFor();
  assert.equal(await page.getByRole('button', { name: /^Use 35/ }).count(), 0);
  edge.release();
});

test('a link in smallest units quotes no other amount, and yields to what is typed', async () => {
  const { worker } = await startMarket({ site: true, vars: { MAX_SNAPSHOT_BYTES: '1000' } });
  /** A page that cannot read the tokens, and with them the decimals, before it is let; and the amounts that it asked for. */
  const open = async () => {
    const page = await openPage(browser, 'about:blank');
    const amounts = new Set();
    let isOpen = false;
    await page.route('**/tokens', (route) => (isOpen ? route.continue() : route.fulfill({ status: 503, body: '{"success":false,"error":{"message":"later"}}' })));
    page.on('request', (request) => {
      const asked = request.url().endsWith('/quote') ? request.postDataJSON() : Object.fromEntries(new URL(request.url()).searchParams);
      if (/\/quote/.test(request.url())) amounts.add(asked.amount_in);
    });
    await page.goto(`${worker.url}/?token_in=BTC&token_out=USDC&amount_in_atomic=25000000`);
    await page.getByText('The link gives the amount in smallest units of BTC').first().waitFor();
    return { page, amounts, letIn: () => (isOpen = true) };
  };
  const first = await open();
  assert.match(first.page.url(), /amount_in_atomic=25000000/);
  first.letIn();
  await waitForAmount(first.page, '24975 USDC');
  await first.page.locator('#way[data-way=live]').waitFor();
  assert.deepEqual([...first.amounts], ['0.25']);

  const other = await open();
  await other.page.getByLabel('You pay').fill('2');
  await waitForAmount(other.page, '199800 USDC');
  const listed = other.page.waitForResponse((response) => response.url().endsWith('/tokens') && response.ok());
  other.letIn();
  await (await listed).finished();
  await other.page.waitForTimeout(500);
  assert.equal(await other.page.getByLabel('You pay').inputValue(), '2');
  assert.deepEqual([...other.amounts], ['2']);
});

test('an answer that comes while the amount is being typed is not shown for it', async () => {
  const { worker, redis } = await startMarket({ site: true });
  await bendValue(redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
  const page = await openPage(browser, 'about:blank');
  await page.clock.install();
  await page.goto(`${worker.url}/${ONE_BTC}`);
  await waitForAmount(page, '99900 USDC');
  await waitForVerdict(page, 'equal');
  await page.locator('#interval').selectOption('by hand');
  await bendValue(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.price = 90000.0));
  const edge = await holdBack(page, () => true);
  const first = edge.first();
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await first;
  // Typing does not settle while the clock stands still.
  await page.clock.pauseAt(Date.now() + 5000);
  await page.getByLabel('You pay').fill('10');
  edge.release();
  await page.waitForTimeout(1500);
  assert.equal((await readQuote(page)).amount, '99900 USDC');
  await page.clock.resume();
  await waitForAmount(page, '899100 USDC');
});
