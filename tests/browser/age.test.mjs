// The age of the state on the page: amber where quotes warn, red where they are refused; and what "Redis moved" rests on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bendValue, startMarket } from '../e2e/worker/market.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { readQuote, waitForVerdict } from './playground.mjs';

const browser = await startBrowser();
const ONE_BTC = '?token_in=BTC&token_out=USDC&amount_in=1';
const MINUTE = 60_000;
const POOLS = ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25'];

const beat = (redis, at) => redis.command('HSET', 'metadata', 'heartbeat_ms', String(at));

/** A market whose pools were last written an hour ago. */
async function startQuietMarket(options) {
  const market = await startMarket({ site: true, ...options });
  for (const id of POOLS) await bendValue(market.redis, `pool:${id}`, (pool) => (pool.last_updated = new Date(Date.now() - 60 * MINUTE).toISOString()));
  return market;
}

/**
 * Waits until a part of the page is written in a colour of the style sheet. Found and measured in one step: parts are
 * written anew with each answer, and what has just left the page has no colour.
 */
const untilIn = (page, part, colour) =>
  page.waitForFunction(
    ([selector, name]) => {
      const element = document.querySelector(selector);
      if (element === null) return false;
      const probe = document.createElement('span');
      probe.style.color = `var(--${name})`;
      document.body.append(probe);
      const wanted = getComputedStyle(probe).color;
      probe.remove();
      return getComputedStyle(element).color === wanted;
    },
    [part, colour],
  );

test('old state is amber, here and at the edge alike', async () => {
  const { worker, redis } = await startQuietMarket();
  await beat(redis, Date.now() - 5 * MINUTE);
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await readQuote(page);
  await waitForVerdict(page, 'equal');
  assert.match(await page.locator('.facts .age-old').textContent(), /^[5-9] min old/);
  await untilIn(page, '.facts .age-old', 'warn');
  assert.match(await page.locator('.notice[data-code=STATE_OLD]').textContent(), /^The state is \d min old \(BTC-USDC-25\)/);
  assertQuiet(page);
});

test('what the edge calls old is called so, also where the browser by itself would not', async () => {
  const { worker, redis } = await startQuietMarket({ vars: { WARN_STATE_AGE_MS: '10000' } });
  await beat(redis, Date.now() - 30_000);
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await readQuote(page);
  await waitForVerdict(page, 'equal');
  await page.locator('#way[data-way=live]').waitFor();
  // Ages are written anew meanwhile, and the warning with them.
  const notice = page.locator('.notice[data-code=STATE_OLD]');
  const first = await notice.textContent();
  assert.match(first, /^The state is \d\d s old \(BTC-USDC-25\)/);
  await page.waitForFunction((before) => ![before, undefined].includes(document.querySelector('.notice[data-code=STATE_OLD]')?.textContent), first);
  assert.equal(await page.locator('.facts .age-old').count(), 1);
  assertQuiet(page);
});

test('the sample is said to be the sample, not old; what somebody has touched since is old', async () => {
  const { worker, redis } = await startQuietMarket();
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await page.locator('.notice.calm[data-code=SAMPLE_DATA]').waitFor();
  assert.deepEqual([await page.locator('.notice').count(), await page.locator('.age-old').count()], [1, 0]);
  // In both, or the quote goes through the one that is as it was.
  for (const id of ['BTC-USDC-25', 'BTC-USDC-50']) await bendValue(redis, `bin:${id}:500`, (bin) => (bin.y_amount = 99_999_999));
  await page.locator('.notice[data-code=OLD_STATE]').waitFor();
  assert.equal(await page.locator('.facts .age-old').count(), 1);
  assertQuiet(page);
});

test('refused for its age it is red', async () => {
  const { worker, redis } = await startQuietMarket({ vars: { ENVIRONMENT: 'staging' } });
  await beat(redis, Date.now() - 5 * MINUTE);
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  const refusal = page.locator('.refusal.age-refused[data-code=STALE_STATE]');
  await refusal.waitFor();
  await untilIn(page, '.refusal.age-refused', 'bad');
  assert.match(await refusal.textContent(), /BTC-USDC-25 is [5-9] min old; the limit is 120000 ms/);
  await page.getByText('Too old for one of them').waitFor();
  assertQuiet(page, /503/);
});

test('a quiet pool stays young in the browser too, as long as the edge says that the producer lives', async () => {
  const { worker, redis } = await startQuietMarket();
  // Nearly old when the snapshot is taken, and the snapshot stays the same from then on.
  await beat(redis, Date.now() - 54_000);
  const page = await openPage(browser, `${worker.url}/${ONE_BTC}`);
  await readQuote(page);
  await waitForVerdict(page, 'equal');
  const confirmed = page.waitForResponse((response) => response.url().endsWith('/snapshot') && response.status() === 304 && Number(response.headers()['x-dlmm-heartbeat']) > Date.now() - 30_000, { timeout: 30_000 });
  const beats = setInterval(() => void beat(redis, Date.now()), 200);
  try {
    await confirmed;
    await page.waitForTimeout(8_000);
  } finally {
    clearInterval(beats);
  }
  await worker.stop();
  await page.locator('#offline').waitFor();
  assert.deepEqual(await page.locator('.notice').allTextContents(), []);
  assert.match(await page.locator('.facts').textContent(), /from the snapshot/);
  assert.equal(await page.locator('.age-old').count(), 0);
});

test('that Redis moved is said only where it did', async () => {
  const { worker, redis } = await startMarket({ site: true, vars: { MAX_CANDIDATE_POOLS: '1' } });
  await redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now()));
  const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=USDC&amount_in=2000`);
  await page.locator('#way[data-way=live]').waitFor();
  // The edge looks at one pool; without what the edge follows, the browser looks at both of the snapshot.
  await page.locator('#interval').selectOption('by hand');
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await waitForVerdict(page, 'differs');
  assert.match(await page.locator('#check-body .verdict').first().textContent(), /Redis has not moved since the snapshot was taken/);
  // Both values of every field are in sight: nothing of the table is cut off.
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const [shown, whole] = await page.locator('#check .scroll').evaluate(({ clientWidth, scrollWidth }) => [clientWidth, scrollWidth]);
    assert.ok(whole <= shown, `${whole} in ${shown} at ${width}`);
  }
  assertQuiet(page);
});
