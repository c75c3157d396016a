// The same quotes in Chromium.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root, webPackage } from '../../paths.mjs';
import { chromiumBin } from '../../tools/chromium.mjs';

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A page that has the package and the bare module, from a server on the loopback. */
export class BenchPage {
  #browser;
  #server;
  #page;

  static async open({ snapshot, amounts, inside }) {
    const page = new BenchPage();
    page.#browser = await chromium.launch({ executablePath: await chromiumBin(), args: ARGUMENTS });
    page.#page = await page.#browser.newPage();
    const bench = (name) => join(root, 'scripts', 'bench', name);
    const files = {
      '/': ['text/html', Buffer.from('<!doctype html><title>bench</title>')],
      '/index.js': ['text/javascript', await readFile(join(webPackage, 'index.js'))],
      '/core.js': ['text/javascript', await readFile(join(webPackage, 'core.js'))],
      '/slim.js': ['text/javascript', await readFile(join(webPackage, 'slim.js'))],
      '/inside.wasm': ['application/wasm', await readFile(inside)],
    };
    for (const [path, file] of [['/turns.mjs', 'turns.mjs'], ['/inside.mjs', 'core/inside.mjs'], ['/cases.mjs', 'wasm/cases.mjs']]) {
      files[path] = ['text/javascript', await readFile(bench(file))];
    }
    page.#server = createServer(({ url }, response) => {
      const [type, body] = files[url] ?? ['text/plain', ''];
      response.writeHead(url in files ? 200 : 404, { 'content-type': type }).end(body);
    }).listen(0, '127.0.0.1');
    await once(page.#server, 'listening');
    try {
      await page.#page.goto(`http://127.0.0.1:${page.#server.address().port}/`);
      page.startNs = await page.#page.evaluate(prepare, { snapshot, amounts });
    } catch (error) {
      await page.close();
      throw error;
    }
    return page;
  }

  /** Nanoseconds of a quote by its name, or of a case of the bare module by its index. */
  async measure(which) {
    return this.#page.evaluate((one) => window.measure(one), which);
  }

  get cases() {
    return this.#page.evaluate(() => Object.keys(window.quotes));
  }

  async close() {
    await this.#browser.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Runs in the page; gives how long the package took until it could be used. */
async function prepare({ snapshot, amounts }) {
  const began = performance.now();
  const { QuoteEngine } = await import('/index.js');
  QuoteEngine.fromSnapshot('{"format":"dlmm-snapshot/1","taken_at":"","tokens":{},"pools":[]}');
  const started = performance.now() - began;
  const [{ timed }, { insideOf }, { quoteCases }] = await Promise.all(['/turns.mjs', '/inside.mjs', '/cases.mjs'].map((path) => import(path)));
  window.quotes = quoteCases(QuoteEngine, snapshot, amounts);
  const inside = await insideOf(await (await fetch('/inside.wasm')).arrayBuffer(), timed);
  window.measure = (which) => (typeof which === 'number' ? inside(which, 25).ns : timed(window.quotes[which], 25).ns);
  return started * 1e6;
}
