// Takes the pictures of README.md and docs/playground.md: `npm run screenshots`, with the Worker and the site built.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/paths.mjs';
import { startMarket } from '../e2e/worker/market.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';
import { pictureMarket } from './picture-market.mjs';
import { takenBins, waitForVerdict } from './playground.mjs';

const PICTURES = [
  { name: 'playground.png', viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { name: 'playground-phone.png', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  { name: 'playground-charts.png', viewport: { width: 1100, height: 900 }, colorScheme: 'dark', part: '#liquidity', query: '?token_in=BTC&token_out=USDC&amount_in=3' },
];
const TRADE = '?token_in=BTC&token_out=SOL&amount_in=6';
const MOST_BYTES = 200_000;

const folder = await mkdtemp(join(tmpdir(), 'dlmm-pictures-'));
const snapshot = join(folder, 'market.json');
await writeFile(snapshot, pictureMarket());
const { worker } = await startMarket({ site: true, snapshot });
await rm(folder, { recursive: true });
const browser = await startBrowser();

for (const { name, part, query = TRADE, ...options } of PICTURES) {
  test(name, async () => {
    const page = await openPage(browser, `${worker.url}/${query}`, options);
    await waitForVerdict(page, 'equal');
    await takenBins(page, 'BTC-USDC-10');
    await page.locator('#way[data-way=live]').waitFor();
    await page.locator('#depth canvas').waitFor();
    const path = join(root, 'docs', 'images', name);
    await mkdir(join(root, 'docs', 'images'), { recursive: true });
    await (part === undefined ? page : page.locator(part)).screenshot({ path });
    assert.ok((await stat(path)).size < MOST_BYTES);
    assertQuiet(page);
  });
}
