// The pictures: they stay when something goes wrong, they can be clicked, and what is straight is drawn straight.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMarket } from '../e2e/worker/market.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { takenBins } from './playground.mjs';

const browser = await startBrowser();
const { worker } = await startMarket({ site: true });
const SOL = '?token_in=SOL&token_out=USDC&amount_in=2500';
const open = (query, options) => openPage(browser, `${worker.url}/${query}`, options);
const REFUSED = /status of 4\d\d/;
/** Where the cards stand. */
const tops = (page) => page.evaluate(() => [...document.querySelectorAll('.answers > .card')].map((card) => Math.round(card.getBoundingClientRect().top + scrollY)));
/** Where they stand once all of the page has come: twice the same, half a second apart. */
async function settledTops(page) {
  for (let last = await tops(page); ; ) {
    await page.waitForTimeout(500);
    const now = await tops(page);
    if (now.join() === last.join()) return now;
    last = now;
  }
}

for (const width of [390, 1280]) {
  test(`a refusal and a slip of the pen move nothing on a screen of ${width} pixels, and the pictures stay`, async () => {
    const page = await open(SOL, { viewport: { width, height: 800 } });
    await takenBins(page, 'SOL-USDC-25');
    await page.locator('#depth canvas').waitFor();
    await page.locator('#check .mark.equal').waitFor();
    const before = await settledTops(page);
    for (const amount of ['100000', 'abc', '']) {
      await page.getByLabel('You pay').fill(amount);
      await page.locator('#route.past').waitFor();
      if (amount === '100000') await page.locator('.refusal').waitFor();
      const after = await tops(page);
      // On a phone the form stands above: a line in it may push, but the cards keep their heights.
      const shift = after[0] - before[0];
      assert.deepEqual(after.map((top) => top - shift), before, `“${amount}”`);
      assert.ok(width < 900 || shift === 0);
      for (const picture of ['#route svg', '#liquidity canvas', '#depth canvas']) assert.equal(await page.locator(picture).count(), 1, picture);
      assert.match(await page.locator('#route .past-line').textContent(), /of the last quote, 2\u202f500 SOL/);
    }
    await page.getByLabel('You pay').fill('2500');
    await page.locator('#route:not(.past)').waitFor();
    assert.deepEqual(await tops(page), before);
    assertQuiet(page, REFUSED);
  });
}

test('a first visit that is refused has the pools and the whole depth all the same', async () => {
  const page = await open('?token_in=SOL&token_out=USDC&amount_in=100000');
  await page.locator('.refusal').waitFor();
  await page.locator('#liquidity figure[data-pool="SOL-USDC-25"] canvas').waitFor();
  await page.waitForFunction(() => /up to 35\u202f685 SOL/.test(document.querySelector('#depth .plot')?.getAttribute('aria-label')));
});

test('all pools that the trade could use are there, and those that it does not use are told apart', async () => {
  const page = await open('?token_in=BTC&token_out=USDC&amount_in=1');
  // The pictures come after the figures.
  assert.deepEqual(await takenBins(page, 'BTC-USDC-25'), [500]);
  assert.equal(await page.locator('#liquidity figure').count(), 1);
  await page.locator('#liquidity label', { hasText: 'All pools' }).click();
  await page.locator('#liquidity figure[data-pool="BTC-USDC-50"]').waitFor();
  assert.match(await page.locator('#liquidity figure[data-pool="BTC-USDC-50"] .moves').textContent(), /active bin 500$/);
  assert.equal(await page.locator('#liquidity figure[data-pool="BTC-USDC-50"]').getAttribute('data-taken'), '');
});

test('a click on a bin, or Enter, makes the trade as large as reaches it', async () => {
  const page = await open('?token_in=SOL&token_out=USDC&amount_in=1');
  assert.deepEqual(await takenBins(page, 'SOL-USDC-25'), [500]);
  const plot = page.locator('#liquidity .plot');
  const reached = (bins) => page.waitForFunction((wanted) => document.querySelector('#liquidity figure').dataset.taken === wanted, bins);
  /** Bins that are drawn, which depends on the trade, and where one of them is among them. */
  const drawn = async (id) => {
    const ids = await page.locator('#liquidity tbody th').allTextContents();
    return { at: ids.findIndex((text) => text.startsWith(String(id))), count: ids.length };
  };
  await plot.focus();
  await page.keyboard.press('Home');
  const { at: steps } = await drawn(498);
  for (let step = 0; step < steps; step += 1) await page.keyboard.press('ArrowRight');
  assert.match(await plot.getAttribute('aria-valuetext'), /^Bin 498 at /);
  await page.keyboard.press('Enter');
  await reached('498 499 500');
  const over = plot.locator('.u-over');
  // Each bin has the same room, with 0.6 of it beyond the first and the last.
  const place = async (id) => {
    const [{ width, height }, { at, count }] = [await over.boundingBox(), await drawn(id)];
    return { x: (width * (at + 0.6)) / (count + 0.2), y: height / 2 };
  };
  await over.click({ position: await place(496) });
  await reached('496 497 498 499 500');
  // Bins on the other side are not what this trade takes from.
  await over.click({ position: await place(503) });
  await page.locator('#liquidity .readout', { hasText: 'No amount of SOL reaches bin 503' }).waitFor();
  assertQuiet(page);
});

test('a click on the depth curve, or Enter, sets the amount', async () => {
  const page = await open(SOL);
  const plot = page.locator('#depth .plot');
  await plot.locator('canvas').waitFor();
  await plot.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#amount-in').value === '5000');
  const over = plot.locator('.u-over');
  await page.waitForFunction(() => /up to 10\u202f000 SOL/.test(document.querySelector('#depth .plot').getAttribute('aria-label')));
  const { width, height } = await over.boundingBox();
  await over.click({ position: { x: width / 2, y: height / 2 } });
  await page.waitForFunction(() => document.querySelector('#amount-in').value === '5000');
  await over.click({ position: { x: width / 4, y: height / 2 } });
  await page.waitForFunction(() => document.querySelector('#amount-in').value === '2500');
});

test('at a constant price the curve is straight', async () => {
  const page = await open('?token_in=USDC&token_out=BTC&amount_in=100', { deviceScaleFactor: 1 });
  await page.locator('#depth canvas').waitFor();
  const middles = await page.evaluate(() => {
    const probe = document.createElement('span');
    probe.style.color = 'var(--curve)';
    document.body.append(probe);
    const wanted = getComputedStyle(probe).color.match(/\d+/g).map(Number);
    probe.remove();
    const canvas = document.querySelector('#depth canvas');
    const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const columns = [];
    for (let x = 0; x < width; x += 1) {
      let [sum, weight] = [0, 0];
      for (let y = 0; y < height; y += 1) {
        const at = (y * width + x) * 4;
        // How much of the pixel the line covers: blue against what is no line at all.
        const isLine = data[at + 3] > 0 && Math.abs(data[at] - wanted[0]) < 60 && Math.abs(data[at + 2] - wanted[2]) < 60;
        const part = isLine ? data[at + 3] / 255 : 0;
        sum += part * y;
        weight += part;
      }
      if (weight > 1) columns.push([x, sum / weight]);
    }
    return columns;
  });
  assert.ok(middles.length > 300, `${middles.length} columns`);
  const mean = (pick) => middles.reduce((sum, point) => sum + pick(point), 0) / middles.length;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  const slope = middles.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / middles.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  const off = middles.map(([a, b]) => Math.abs(b - (y + slope * (a - x)))).sort((a, b) => a - b);
  assert.ok(off[Math.floor(off.length * 0.98)] < 0.35, `${off.at(-1)} pixels off the line`);
});

test('no label of a chart is cut', async () => {
  // Tiny and huge amounts, on a phone.
  for (const query of ['?token_in=USDC&token_out=BTC&amount_in=0.5', '?token_in=SOL&token_out=USDC&amount_in=30000']) {
    const page = await open(query, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1 });
    await page.locator('#depth canvas').waitFor();
    await page.locator('#liquidity canvas').first().waitFor();
    const inked = await page.evaluate(() =>
      [...document.querySelectorAll('.plot canvas')].map((canvas) => {
        const edge = (x) => canvas.getContext('2d').getImageData(x, 0, 1, canvas.height).data.some((part) => part > 0);
        return [edge(0), edge(canvas.width - 1)];
      }),
    );
    // What is cut touches the border of its canvas.
    assert.ok(inked.length >= 2);
    assert.deepEqual(inked, inked.map(() => [false, false]), query);
  }
});
