// The wallet example and the hook in a real Chromium with React 18; the tests of every run have it with React 19.
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { version } from 'react';
import { build as vite } from 'vite';
import { root } from '../../scripts/paths.mjs';
import { startMovingMarket } from '../npm/client/moving-market.mjs';
import { serve, startBrowser } from '../npm/site.mjs';
import { application } from './app.mjs';

test('a quote moves, and is told to be old when the service is gone', async () => {
  assert.match(version, /^18\./);
  const folder = await application();
  await cp(join(root, 'examples/wallet/src'), join(folder, 'src'), { recursive: true });
  await cp(join(root, 'examples/wallet/index.html'), join(folder, 'index.html'));
  await vite({ root: folder, configFile: false, logLevel: 'silent', build: { outDir: 'dist' } });
  const market = await startMovingMarket();
  market.service.answers['/tokens'] = (call) => call.json({ tokens: [{ symbol: 'BTC' }, { symbol: 'USDC' }] });
  const page = await (await startBrowser()).newPage();
  await page.goto(`${await serve(join(folder, 'dist'))}/index.html?service=${market.service.url}`);
  const shows = (text) => page.getByText(text).first().waitFor();
  await shows('100.0 USDC');
  await shows('Live');
  market.move(200);
  await shows('200.0 USDC');
  await market.service.stop();
  await shows(/^Offline, last confirmed/);
  await market.service.start();
  await shows('Live');
});
