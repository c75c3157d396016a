// The examples of web/README.md and of the project's README.md run, as they stand there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileSize, shownSize } from '../../scripts/build/file-size.mjs';
import { nodeModules, root } from '../../scripts/paths.mjs';
import { run } from '../../scripts/process/run.mjs';
import { modernNode } from '../../scripts/tools/npm-packages.mjs';
import { whenDone } from '../e2e/stack/cleanup.mjs';
import { project, write } from './package.mjs';
import { ONE_BTC_GIVES, sampleSnapshot } from './sample.mjs';

let examples;
let consumer;
let url;
before(async () => {
  const pages = await Promise.all(['web/README.md', 'README.md'].map((page) => readFile(join(root, page), 'utf8')));
  examples = pages.flatMap((page) => [...page.matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code));
  const snapshot = await sampleSnapshot();
  consumer = await project({ 'snapshot.json': snapshot });
  const quote = await consumer.node('--input-type=module', '-e', `
    import { readFileSync } from 'node:fs';
    import { QuoteEngine } from 'dlmm-quote';
    const engine = QuoteEngine.fromSnapshot(readFileSync('snapshot.json'));
    console.log(JSON.stringify(engine.quote({ token_in: 'BTC', token_out: 'USDC', amount_in: 1, include_state: true })));`);
  const wasm = await readFile(join(consumer.folder, 'node_modules/dlmm-quote/dlmm_quote_bg.wasm'));
  const server = createServer((request, response) => {
    if (request.url.endsWith('.wasm')) return response.setHeader('content-type', 'application/wasm').end(wasm);
    if (request.url.startsWith('/changes')) {
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`id: 1\nevent: snapshot\ndata: ${snapshot.trim()}\n\n`);
    }
    return response.end(request.url.startsWith('/snapshot') ? snapshot : quote);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(() => server.close());
  url = `http://127.0.0.1:${server.address().port}/`;
});

async function runExample(marker, { prelude = '', end = '' } = {}) {
  const code = examples.find((example) => example.includes(marker));
  assert.ok(code, marker);
  const here = code.replaceAll(/https:\/\/(quotes|cdn)\.example\/|http:\/\/127\.0\.0\.1:8787\//g, url);
  await write(consumer.folder, { 'example.mjs': `${prelude}\n${here}\n${end}` });
  return consumer.node('example.mjs');
}

/** What examples take for given, by words of theirs, and with which types. */
const GIVEN = {
  'engine.takenAt': `
    import type { QuoteRequest } from 'dlmm-quote';
    declare const text: string;
    declare const [poolValue, binValue]: [string, { bin_id: number }];
    declare const [request, another]: [QuoteRequest, QuoteRequest];`,
  'trusted.text()': `
    import { verify } from 'dlmm-quote';
    declare const [answer, trusted]: [string, Response];`,
};

test('all examples compile as strict TypeScript', async () => {
  const files = {};
  for (const [at, code] of examples.entries()) {
    const given = Object.entries(GIVEN).filter(([words]) => code.includes(words)).map(([, declared]) => declared);
    files[`example${at}.mts`] = [...given, code, 'export {};'].join('\n');
  }
  const compilerOptions = { strict: true, noEmit: true, target: 'es2022', lib: ['esnext', 'dom'], types: [], module: 'nodenext' };
  await write(consumer.folder, { ...files, 'tsconfig.json': JSON.stringify({ compilerOptions, files: Object.keys(files) }) });
  const tsc = join(nodeModules, 'typescript', 'bin', 'tsc');
  assert.equal(await run(await modernNode(), [tsc, '-p', '.'], { cwd: consumer.folder, label: 'tsc' }), '');
});

test('the first example', async () => {
  assert.equal(await runExample('fromUrl'), ONE_BTC_GIVES);
});

test('the example of the project', async () => {
  const said = await runExample('127.0.0.1:8787');
  const [, shown] = examples.find((example) => example.includes('127.0.0.1:8787')).match(/console\.log\(.*\/\/ (.+)$/m);
  assert.equal(said, shown);
});

test('the example of a live engine', async () => {
  assert.equal(await runExample('liveEngine'), '99900.0 99400500000n live');
});

test('the slim example', async () => {
  const end = `const engine = await QuoteEngine.fromUrl('${url}snapshot'); console.log(engine.pools().total);`;
  assert.equal(await runExample('dlmm-quote/slim', { end }), '3');
});

test('the tour', async () => {
  const prelude = `
    import { readFileSync } from 'node:fs';
    const text = readFileSync('snapshot.json', 'utf8');
    const [{ bins, ...poolValue }] = JSON.parse(text).pools;
    const binValue = bins.find(({ bin_id }) => bin_id === 500);
    const request = { token_in: 'BTC', token_out: 'USDC', amount_in: '1' };
    const another = { ...request, token_out: 'SOL' };`;
  assert.equal(await runExample('engine.takenAt', { prelude }), 'DOGE');
});

test('the sizes are those of the package', async () => {
  const readme = await readFile(join(root, 'web/README.md'), 'utf8');
  for (const file of ['dlmm_quote_bg.wasm', 'index.js']) {
    const [, raw, gzip] = readme.match(new RegExp(`\\| \`${file}\` \\| (\\d+) kB \\| (\\d+) kB \\|`));
    const size = await fileSize(join(consumer.folder, 'node_modules/dlmm-quote', file));
    assert.ok(Math.abs(size.raw / 1000 - raw) < raw * 0.03 && Math.abs(size.gzip / 1000 - gzip) < gzip * 0.03, `${file}: ${shownSize(size)}`);
  }
});

test('the check of a quote against what the caller knows', async () => {
  const prelude = `
    import { verify } from 'dlmm-quote';
    const [answer, trusted] = [await (await fetch('${url}quote')).text(), await fetch('${url}snapshot')];`;
  assert.equal(await runExample('trusted.text()', { prelude, end: 'console.log(equal, differences.length, moved.length);' }), 'true 0 0');
});

test('the check of a quote', async () => {
  assert.equal(await runExample('verify(', { end: 'console.log(equal, differences.length);' }), 'true 0');
});

