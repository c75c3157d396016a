// The hook in a real Chromium: what it shows is of the request and the client beside it, and confirmed by whoever follows it now.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { build as esbuild } from 'esbuild';
import { root } from '../../../scripts/paths.mjs';
import { assertQuiet, openPage, startBrowser } from '../../browser/browser.mjs';
import { temporaryFolder, write } from '../package.mjs';
import { serve } from '../site.mjs';
import { startMovingMarket } from './moving-market.mjs';
import { QUICK } from './scripted-service.mjs';

/** Longer than any test: what is asked for after so long is not asked for. */
const NEVER = 3_600_000;
const NOTHING = { amount: undefined, refusal: undefined, error: undefined, state: 'stale', confirmed: false, known: [] };
/** What a page says of requests that are refused: here they are to be. */
const NETWORK = /net::ERR_|Failed to load resource/;

let site;
let browser;
before(async () => {
  const folder = await temporaryFolder();
  const entryPoints = [join(root, 'tests/npm/client/hook.entry.js')];
  await esbuild({ entryPoints, bundle: true, format: 'esm', target: 'es2022', outfile: join(folder, 'hook.js'), define: { 'process.env.NODE_ENV': '"development"' }, logLevel: 'silent' });
  await write(folder, { 'index.html': '<!doctype html><link rel="icon" href="data:,"><div id="root"></div><script type="module" src="/hook.js"></script>' });
  site = await serve(folder);
  browser = await startBrowser();
});

/** A page with two clients of one market, `first` and `second`. */
async function open(t, { pace = {}, ...options } = {}) {
  const market = await startMovingMarket();
  const page = await openPage(browser, `${site}/index.html`);
  t.after(() => page.context().close());
  await page.waitForFunction('window.show !== undefined');
  await page.evaluate((given) => Object.assign(window, { first: new window.QuoteClient(given), second: new window.QuoteClient(given) }), {
    url: market.service.url,
    pace: { ...QUICK, ...pace },
    ...options,
  });
  const show = (props) => page.evaluate(`window.show(${props})`);
  const shows = (fields) => page.waitForFunction((wanted) => Object.entries(wanted).every(([name, value]) => window.shown.at(-1)?.[name] === value), fields);
  return { market, page, show, shows };
}

for (const [name, props] of Object.entries({
  'there is no client any more': '{ client: undefined }',
  'the client is null': '{ client: null }',
  'another client is to be asked': `{ client: second, settleMs: ${NEVER} }`,
  'another request is to be asked': `{ client: first, settleMs: ${NEVER}, request: { token_in: 'BTC', token_out: 'USDC', amount_in: '2' } }`,
  'there is no request any more': '{ client: first, request: null }',
})) {
  test(`a quote is gone at once where ${name}`, async (t) => {
    const { page, show, shows } = await open(t);
    await show('{ client: first, settleMs: 0 }');
    await shows({ amount: '100.0', state: 'live' });
    for (const seen of await show(props)) assert.deepEqual(seen, NOTHING);
    assertQuiet(page);
  });
}

for (const [name, between] of Object.entries({
  'there was no request': '{ client: first, request: null }',
  'there was no client': '{ client: undefined }',
  'it was hidden': "{ client: first, settleMs: 0, mode: 'hidden' }",
})) {
  test(`a quote is not back before it is asked for anew where ${name} in between`, async (t) => {
    const { market, page, show, shows } = await open(t);
    await show('{ client: first, settleMs: 0 }');
    await shows({ amount: '100.0', state: 'live' });
    await show(between);
    market.move(250);
    const seen = await show(`{ client: first, settleMs: ${NEVER} }`);
    assert.ok(seen.length > 0);
    for (const one of seen) assert.deepEqual(one, NOTHING);
    await show('{ client: first, settleMs: 0 }');
    await shows({ amount: '250.0', state: 'live' });
    assertQuiet(page);
  });
}

test('why there is no quote yet is told, and what ended it stays told', async (t) => {
  const { market, page, show, shows } = await open(t);
  market.service.answers['/quote/stream'] = (call) => call.refuse(429, 'RATE_LIMITED', { retry_after: 1_000 });
  await show('{ client: first, settleMs: 0 }');
  await shows({ state: 'stale', error: 'RATE_LIMITED', confirmed: false });
  market.service.answers['/quote/stream'] = (call) => call.refuse(400, 'INVALID_REQUEST', { field: 'amount_in' });
  await show('{ client: second, settleMs: 0 }');
  await shows({ state: 'offline', error: 'INVALID_REQUEST' });
  // The clock that shows the age anew goes on.
  const count = await page.evaluate('window.shown.length');
  await page.waitForFunction((before) => window.shown.length > before, count);
  await shows({ state: 'offline', error: 'INVALID_REQUEST' });
  assertQuiet(page, NETWORK);
});

test('a silence that a comment ends is shown no longer than it lasts', async (t) => {
  const { market, show, shows } = await open(t, { quietMs: 300, pace: { tickMs: NEVER } });
  await show('{ client: first, settleMs: 0 }');
  await shows({ amount: '100.0', state: 'live' });
  await shows({ amount: '100.0', state: 'stale' });
  const [call] = market.quoteStreams;
  const comments = setInterval(() => call.comment(), 20);
  t.after(() => clearInterval(comments));
  await shows({ amount: '100.0', state: 'live' });
});

test('with a live engine the quote follows its state, and is old once that is closed', async (t) => {
  const { market, page, show, shows } = await open(t);
  // While it is loading there is none.
  for (const seen of await show('{ client: window.live }')) assert.deepEqual(seen, NOTHING);
  await page.evaluate(async () => Object.assign(window, { live: await window.first.liveEngine({ tokens: ['BTC', 'USDC'] }) }));
  await show('{ client: live, settleMs: 0 }');
  await shows({ amount: '100.0', state: 'live' });
  market.move(300);
  await shows({ amount: '300.0', state: 'live' });
  await show("{ client: live, settleMs: 0, request: { token_in: 'BTC', token_out: 'USDC', amount_in: '1000' } }");
  await shows({ amount: undefined, refusal: 'INSUFFICIENT_LIQUIDITY', state: 'live' });
  await show('{ client: live, settleMs: 0 }');
  await shows({ amount: '300.0', state: 'live' });
  await market.service.stop();
  await shows({ amount: '300.0', state: 'offline', error: 'SERVICE_UNREACHABLE' });
  market.price = 400;
  market.seq += 1;
  await market.service.start();
  await shows({ amount: '400.0', state: 'live', error: undefined });
  await page.evaluate(() => window.live.close());
  await shows({ amount: '400.0', state: 'offline' });
  assertQuiet(page, NETWORK);
});

test('options that cannot be used are told in place of a quote', async (t) => {
  const { market, page, show } = await open(t);
  for (const options of ['client: first, settle: 0', "client: 'first'", "client: first, settleMs: 'soon'"]) {
    const seen = await show(`{ ${options} }`);
    assert.deepEqual(seen.at(-1), { ...NOTHING, error: 'INVALID_REQUEST' }, options);
  }
  assert.equal(market.service.calls.length, 0);
  assertQuiet(page);
});
