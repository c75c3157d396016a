// The wallet example in a real Chromium, as Vite builds it with the packed package: its quote moves with the market, says so when
// the network is cut, and is live again when it is back.
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { build as vite } from 'vite';
import { root } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { withPackagedCommands } from '../../scripts/tools/npm-packages.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';
import { publish, withPrice } from '../e2e/worker/event-stream.mjs';
import { bendValue, startMarket } from '../e2e/worker/market.mjs';
import { packed } from '../npm/package.mjs';
import { serve } from '../npm/site.mjs';
import { assertQuiet, openPage, startBrowser } from './browser.mjs';

const BIN = 'bin:BTC-USDC-25:500';
/** What a page says of requests that failed: here they are to fail. */
const NETWORK = /net::ERR_|Failed to load resource/;

/** The example with the package and the versions of this project, below the project so that its modules find React. */
async function example() {
  await mkdir(join(root, 'build'), { recursive: true });
  const folder = await mkdtemp(join(root, 'build', 'wallet-'));
  whenDone(() => rm(folder, { recursive: true, force: true }));
  await cp(join(root, 'examples/wallet'), folder, { recursive: true });
  const installed = join(folder, 'node_modules', 'dlmm-quote');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', await packed(), '-C', installed, '--strip-components', '1']);
  return folder;
}

/** A way to a server that can be cut: connections break, new ones are refused. */
async function wayTo(url) {
  const sockets = new Set();
  const server = createServer((socket) => {
    const there = connect(Number(new URL(url).port), '127.0.0.1');
    for (const end of [socket, there]) sockets.add(end.on('error', () => undefined).on('close', () => sockets.delete(end)));
    socket.pipe(there).pipe(socket);
    socket.on('close', () => there.destroy());
    there.on('close', () => socket.destroy());
  });
  const listen = (port) => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address();
  const cut = () =>
    new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    });
  whenDone(cut);
  return { url: `http://127.0.0.1:${port}`, cut, mend: () => listen(port) };
}

let market;
let way;
let site;
let browser;
before(async () => {
  const folder = await example();
  await run('tsc', ['-p', folder], { cwd: folder, env: withPackagedCommands(), label: 'tsc' });
  await vite({ root: folder, configFile: false, logLevel: 'silent', build: { outDir: 'dist' } });
  market = await startMarket();
  // Only one pool, so that each of its prices is in the answer.
  await bendValue(market.redis, 'pool:BTC-USDC-50', (pool) => (pool.status = 'paused'));
  way = await wayTo(market.worker.url);
  site = await serve(join(folder, 'dist'));
  browser = await startBrowser();
});

const setPrice = async (price) => publish(market.redis, ['BTC-USDC-25'], [await withPrice(market.redis, BIN, price)]);
const amountOut = (page, amount) => page.locator('[data-field=amount-out]', { hasText: new RegExp(`^${amount.replace('.', '\\.')} USDC$`) }).waitFor();
const says = (page, words) => page.getByRole('status').filter({ hasText: words }).waitFor();
const canSwap = (page) => page.getByRole('button', { name: 'Swap' }).isEnabled();

test('a quote follows the market, and a form that changes gets its own', async () => {
  await setPrice(100_000);
  const page = await openPage(browser, `${site}/index.html?service=${way.url}`);
  await says(page, 'Live');
  await amountOut(page, '99900.0');
  assert.equal(await canSwap(page), true);
  await setPrice(90_000);
  await amountOut(page, '89910.0');
  await page.getByLabel('You pay', { exact: true }).fill('2');
  await amountOut(page, '179820.0');
  await page.getByLabel('You pay', { exact: true }).fill('100000000');
  await page.getByRole('alert').waitFor();
  assert.equal(await canSwap(page), false);
  await page.getByLabel('You pay', { exact: true }).fill('no amount');
  await says(page, 'Enter an amount');
  assert.equal(await page.getByRole('alert').count(), 0);
  assertQuiet(page);
});

test('the device goes offline and comes back', async () => {
  await setPrice(100_000);
  const page = await openPage(browser, `${site}/index.html?service=${way.url}`);
  await amountOut(page, '99900.0');
  await page.context().setOffline(true);
  await says(page, /^Offline, last confirmed \d+ s ago/);
  assert.equal(await canSwap(page), false);
  await setPrice(80_000);
  await page.context().setOffline(false);
  await amountOut(page, '79920.0');
  await says(page, 'Live');
  assert.equal(await canSwap(page), true);
  assertQuiet(page, NETWORK);
});

test('the way to the service is cut and mended', async () => {
  await setPrice(100_000);
  const page = await openPage(browser, `${site}/index.html?service=${way.url}`);
  await amountOut(page, '99900.0');
  await way.cut();
  await says(page, /^Offline, last confirmed \d+ s ago/);
  assert.equal(await canSwap(page), false);
  // The age grows before the reader's eyes.
  await says(page, /last confirmed [2-9] s ago/);
  await setPrice(70_000);
  await way.mend();
  await amountOut(page, '69930.0');
  await says(page, 'Live');
  assertQuiet(page, NETWORK);
});

test('a service that is down when the page opens is asked for its tokens again', async () => {
  await setPrice(100_000);
  await way.cut();
  const page = await openPage(browser, `${site}/index.html?service=${way.url}`);
  await says(page, /^Offline/);
  const option = page.getByLabel('Token you get').locator('option', { hasText: 'USDC' });
  assert.equal(await option.count(), 0);
  await way.mend();
  await option.waitFor({ state: 'attached' });
  await says(page, 'Live');
  await amountOut(page, '99900.0');
  assertQuiet(page, NETWORK);
});
