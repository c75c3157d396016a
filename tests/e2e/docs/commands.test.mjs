// The commands of the documentation do what the pages say, one page after another against a fresh sample.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../../scripts/paths.mjs';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { temporaryFolder } from '../cli/dlmm.mjs';
import { startRedis } from '../stack/index.mjs';
import { startMarket } from '../worker/market.mjs';
import { commandsOf, isShown, PAGES } from './console.mjs';

/** Runs a command as in a shell of the reader, in a folder with `target/debug/dlmm` and `dlmm` on the path. */
async function run(command, { folder, env }) {
  const child = spawn('bash', ['-c', command], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return stdout + stderr;
}

for (const [page, least] of PAGES) {
  test(`the commands of ${page} print what it shows`, { timeout: 120_000 }, async () => {
    const shown = commandsOf(join(root, page)).filter(({ reason }) => reason === undefined);
    assert.ok(shown.length >= least, `only ${shown.length} commands`);
    const [market, other] = await Promise.all([startMarket(), startRedis()]);
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'target/debug'), { recursive: true });
    symlinkSync(await dlmmBin(), join(folder, 'target/debug/dlmm'));
    const env = { PATH: `${join(folder, 'target/debug')}:${process.env.PATH}`, REDIS_URL: market.redis.url };
    const here = (command) =>
      command
        .replace(/http:\/\/127\.0\.0\.1:\d+/g, market.worker.url)
        .replace(/redis-cli -p \d+/g, `redis-cli -p ${market.redis.port}`)
        .replace(/redis:\/\/127\.0\.0\.1:(6390|17379)/g, other.url)
        .replace(/redis:\/\/127\.0\.0\.1:(44095|6379)/g, market.redis.url);
    for (const { command, output } of shown) {
      let given = await run(here(command), { folder, env });
      // What the Worker knows of Redis may be two seconds old; commands that only ask may ask again.
      for (let tries = 0; tries < 6 && command.startsWith('curl') && !isShown(given, output); tries += 1) {
        await sleep(500);
        given = await run(here(command), { folder, env });
      }
      if (!isShown(given, output)) assert.equal(given, output, command);
    }
  });
}

test('what is not run still names commands and options that there are', async () => {
  const bin = await dlmmBin();
  const helps = new Map();
  const helpOf = (name) => helps.get(name) ?? helps.set(name, execFileSync(bin, [name, '--help'], { encoding: 'utf8' })).get(name);
  let looked = 0;
  for (const page of globSync(['*.md', 'docs/*.md', 'cli/README.md'], { cwd: root }).filter((page) => page !== 'CHANGELOG.md')) {
    for (const { command } of commandsOf(join(root, page))) {
      for (const [, name, rest] of command.matchAll(/(?:^|[|&;(] *|\/)dlmm ([a-z-]+)([^|;&]*)/g)) {
        for (const [option] of rest.replace(/'[^']*'/g, '').matchAll(/(?<![\w-])--[a-z][a-z-]*/g)) {
          assert.ok(new RegExp(`${option}[ =\\[\\n]`).test(helpOf(name)), `${page}: dlmm ${name} has no ${option}`);
          looked += 1;
        }
      }
    }
  }
  assert.ok(looked > 20, `only ${looked} options`);
});
