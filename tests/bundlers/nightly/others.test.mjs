// Bun and Deno as runtimes and as builders, Parcel and tsup.
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { run } from '../../../scripts/process/run.mjs';
import { ONE_BTC_GIVES } from '../../npm/sample.mjs';
import { startMovingMarket } from '../../npm/client/moving-market.mjs';
import { firstLine, serve, startBrowser } from '../../npm/site.mjs';
import { application, command, FOLLOWER, MODULE, NIGHTLY, PAGE, printed, SCRIPT } from '../app.mjs';

let folder;
before(async () => {
  folder = await application({ 'module.mjs': MODULE, 'script.cjs': SCRIPT, 'follower.mjs': FOLLOWER, 'tsup.config.mjs': `export default { noExternal: ['dlmm-quote'] };` }, NIGHTLY);
  // Its package puts the program into place when it is installed, where npm lets it.
  await run(process.execPath, [join(NIGHTLY, 'node_modules/bun/install.js')], { cwd: join(NIGHTLY, 'node_modules/bun') });
});

const tool = async (name, ...args) => (await run(command(name, NIGHTLY), args, { cwd: folder })).trim();

/** Runs `work` with the package gone. */
async function alone(work) {
  const installed = join(folder, 'node_modules', 'dlmm-quote');
  await rename(installed, `${installed}-gone`);
  try {
    assert.equal(await work(), ONE_BTC_GIVES);
  } finally {
    await rename(`${installed}-gone`, installed);
  }
}

for (const file of ['module.mjs', 'script.cjs']) {
  test(`Bun runs ${file}`, async () => {
    assert.equal(await tool('bun', 'run', file), ONE_BTC_GIVES);
  });
}

test('Bun builds for Node', async () => {
  await tool('bun', 'build', 'module.mjs', '--target', 'node', '--outfile', 'bun.mjs');
  await alone(() => printed(folder, 'bun.mjs'));
});

test('Bun compiles a program', async () => {
  await tool('bun', 'build', '--compile', 'module.mjs', '--outfile', 'compiled');
  await alone(async () => (await run(join(folder, 'compiled'), [], { cwd: folder })).trim());
});

test('Deno runs a module', async () => {
  assert.equal(await tool('deno', 'run', '--no-remote', '--allow-read', 'module.mjs'), ONE_BTC_GIVES);
});

for (const [name, ...args] of [['bun', 'run'], ['deno', 'run', '--no-remote', '--allow-read', '--allow-net']]) {
  test(`${name} follows a service`, async () => {
    const market = await startMovingMarket();
    const moves = setInterval(() => market.streams.size > 0 && market.price === 100 && market.move(200), 50);
    try {
      assert.equal(await tool(name, ...args, 'follower.mjs', market.service.url), 'live 2 200.0\n200000000n\nAbortError');
    } finally {
      clearInterval(moves);
    }
    assert.ok(market.service.calls.every(({ headers }) => headers['x-api-key'] === 'key'));
  });
}

test('tsup builds for Node', async () => {
  await tool('tsup', 'module.mjs', '--format', 'esm,cjs', '--out-dir', 'tsup');
  for (const file of ['tsup/module.mjs', 'tsup/module.js']) await alone(() => printed(folder, file));
});

test('Parcel builds a page', async () => {
  const page = await application({ 'page.mjs': PAGE, 'index.html': '<!doctype html><link rel="icon" href="data:,"><title>application</title><script type="module" src="./page.mjs"></script>' }, NIGHTLY);
  await run(command('parcel', NIGHTLY), ['build', 'index.html', '--no-cache', '--dist-dir', 'dist'], { cwd: page });
  await rename(join(page, 'snapshot.json'), join(page, 'dist', 'snapshot.json'));
  assert.equal(await firstLine(await startBrowser(), `${await serve(join(page, 'dist'))}/index.html`), ONE_BTC_GIVES);
});
