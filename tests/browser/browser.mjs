// A real Chromium for one test file, and pages whose every complaint fails the test.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { chromiumBin } from '../../scripts/tools/chromium.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';

const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** Starts Chromium; it ends with the tests of the file. */
export async function startBrowser() {
  const browser = await chromium.launch({ executablePath: await chromiumBin(), args: ARGUMENTS });
  whenDone(() => browser.close());
  return browser;
}

/**
 * Opens a page in a profile of its own.
 *
 * `page.complaints` collects errors of the console and of scripts. A failed request is not a complaint by itself: tests stop the edge.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.complaints = [];
  page.on('console', (message) => message.type() === 'error' && page.complaints.push(message.text()));
  page.on('pageerror', (error) => page.complaints.push(String(error.stack)));
  await page.goto(url);
  return page;
}

/** Demands that the page had nothing to complain about, apart from what `expected` matches. */
export function assertQuiet(page, expected = /(?!)/) {
  assert.deepEqual(page.complaints.filter((text) => !expected.test(text)), []);
}
