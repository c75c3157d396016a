// Nothing jumps while the page loads: the room of what comes later is kept from the first picture on.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startMarket } from '../e2e/worker/market.mjs';
import { startBrowser } from './browser.mjs';
import { pictureMarket } from './picture-market.mjs';

/** What Google calls good is below 0.1 in the worst five seconds; here all that ever moves together is. */
const MOST = 0.1;
const SCREENS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  tablet: { viewport: { width: 820, height: 1180 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
const TRADES = {
  'a first visit': '',
  'a trade over several routes': '?token_in=BTC&token_out=SOL&amount_in=6',
  'an exact amount out': '?token_in=SOL&token_out=USDC&amount_out=1000',
  'a trade that is refused': '?token_in=SOL&token_out=USDC&amount_in=100000000',
};

const folder = await mkdtemp(join(tmpdir(), 'dlmm-shifts-'));
const snapshot = join(folder, 'market.json');
await writeFile(snapshot, pictureMarket());
const { worker } = await startMarket({ site: true, snapshot });
await rm(folder, { recursive: true });
const browser = await startBrowser();

/** All shifts that nobody caused by a click or a key, with what moved. */
const shiftsOf = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const found = [];
        const take = (entries) => {
          for (const { value, hadRecentInput, sources } of entries) {
            const moved = sources.map(({ node, previousRect, currentRect }) => {
              const element = node?.nodeType === 1 ? node : node?.parentElement;
              return `${element?.tagName.toLowerCase()}#${element?.id ?? ''}.${element?.className ?? ''} ${previousRect.y}+${previousRect.height} to ${currentRect.y}+${currentRect.height}`;
            });
            if (!hadRecentInput) found.push({ value, moved });
          }
        };
        const observer = new PerformanceObserver((list) => take(list.getEntries()));
        observer.observe({ type: 'layout-shift', buffered: true });
        // What happened before is told in a task of its own.
        setTimeout(() => (take(observer.takeRecords()), observer.disconnect(), resolve(found)), 200);
      }),
  );

/** Answers come one after another, each into a page that has been drawn without it: on a quick machine they would share a frame. */
async function open(query, options) {
  const context = await browser.newContext({ colorScheme: 'light', serviceWorkers: 'block', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await oneByOne(page);
  await page.goto(`${worker.url}/${query}`);
  return page;
}

async function oneByOne(page) {
  let before = Promise.resolve();
  await page.route(/\/(snapshot|tokens|quote|changes|assets\/[^?]*\.wasm)(\?|$)/, (route) => {
    before = before.then(() => drawn(page)).then(() => route.continue()).catch(() => undefined);
  });
}

const drawn = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

async function settled(page) {
  await page.locator('#check .mark.equal').waitFor();
  await page.locator('#liquidity canvas').first().waitFor();
  await page.locator('#depth canvas').waitFor();
  await drawn(page);
}

for (const [screen, options] of Object.entries(SCREENS)) {
  for (const [trade, query] of Object.entries(TRADES)) {
    test(`${trade} moves nothing while it loads on a ${screen}, and neither does the next visit`, async (t) => {
      const page = await open(query, options);
      await settled(page);
      await small(page, t);
      await page.reload();
      await settled(page);
      await small(page, t);
      await page.context().close();
    });
  }
}

/** Tells the sum, whatever it is: it grows before it is too large. */
async function small(page, t) {
  const shifts = await shiftsOf(page);
  const sum = shifts.reduce((total, { value }) => total + value, 0);
  t.diagnostic(`${sum.toFixed(3)} in all`);
  assert.ok(sum < MOST, `${sum.toFixed(3)} in all: ${JSON.stringify(shifts, null, 1)}`);
}
