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
];
const MOST_BYTES = 200_000;

const folder = await mkdtemp(join(tmpdir(), 'dlmm-pictures-'));
const snapshot = join(folder, 'market.json');
await writeFile(snapshot, pictureMarket());
const { worker } = await startMarket({ site: true, snapshot });
await rm(folder, { recursive: true });
const browser = await startBrowser();

for (const { name, ...options } of PICTURES) {
  test(name, async () => {
    const page = await openPage(browser, `${worker.url}/?token_in=BTC&token_out=SOL&amount_in=6`, options);
    await waitForVerdict(page, 'equal');
    await takenBins(page, 'BTC-SOL-50');
    await page.locator('#depth canvas').waitFor();
    const path = join(root, 'docs', 'images', name);
    await mkdir(join(root, 'docs', 'images'), { recursive: true });
    await page.screenshot({ path });
    assert.ok((await stat(path)).size < MOST_BYTES);
    assertQuiet(page);
  });
}
