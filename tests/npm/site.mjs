// A folder served on a free port of 127.0.0.1, and pages of it in a real Chromium.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { whenDone } from '../e2e/stack/cleanup.mjs';

export { startBrowser } from '../browser/browser.mjs';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Serves the files below `folder`. */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    try {
      const content = await readFile(join(folder, path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(() => new Promise((resolve) => server.close(resolve) && server.closeAllConnections()));
  return `http://127.0.0.1:${server.address().port}`;
}

/**
 * Opens a page and gives the first line that it writes to the console; whatever it complains of fails.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 */
export async function firstLine(browser, url) {
  const page = await browser.newPage();
  try {
    return await new Promise((resolve, reject) => {
      page.on('console', (message) => (message.type() === 'error' ? reject(new Error(message.text())) : resolve(message.text())));
      page.on('pageerror', reject);
      page.goto(url).catch(reject);
    });
  } finally {
    await page.close();
  }
}
