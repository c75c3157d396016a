// Quotes while the market moves: never torn, never refused for a reason of ours.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { simulate } from '../../../scripts/stack/simulate.mjs';
import { whenDone } from '../stack/cleanup.mjs';
import { dlmm, post, startMarket } from './market.mjs';
import { random } from './random-requests.mjs';

const CLIENTS = 5;
/** How long; a minute (`DLMM_SIMULATE_SECONDS=60`) was tried by hand. */
const SECONDS = Number(process.env.DLMM_SIMULATE_SECONDS ?? 12);

/** A trade of any pair and size that the sample can fill, most of them through several bins or pools. */
function anyTrade(next) {
  const [token_in, token_out, most] = [
    ['BTC', 'USDC', 3_000],
    ['USDC', 'BTC', 3e8],
    ['SOL', 'USDC', 5_000],
    ['BTC', 'SOL', 5],
  ][Math.floor(next() * 4)];
  return { token_in, token_out, amount_in: (next() * most + 0.01).toFixed(2), max_splits: Math.floor(next() * 4), include_state: true };
}

test(`${CLIENTS} clients quote while every pool is swapped in ten times a second`, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dlmm-simulated-'));
  whenDone(() => rm(folder, { recursive: true, force: true }));
  const { redis, worker } = await startMarket();
  const events = [];
  const onLine = (line) => line.startsWith('{') && events.push(JSON.parse(line));
  const simulation = await simulate({ redisUrl: redis.url, args: ['--interval', '0.1', '--seed', '1', '--json'], onLine });
  whenDone(() => simulation.stop());

  const end = Date.now() + SECONDS * 1000;
  const answers = [];
  const client = async (seed) => {
    const next = random(seed);
    while (Date.now() < end) {
      const request = anyTrade(next);
      const { status, body } = await post(worker, request);
      assert.ok(status < 500, `${status} ${JSON.stringify(body).slice(0, 300)}`);
      if (body.success) answers.push(body);
      else assert.ok(['INSUFFICIENT_LIQUIDITY', 'AMOUNT_TOO_SMALL'].includes(body.error.code), body.error.code);
      await sleep(20);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, seed) => client(seed + 1)));
  await simulation.stop();

  // A read of two moments would hold an active bin of one and reserves of another.
  assert.ok(answers.length > CLIENTS, 'there were quotes');
  const warnings = answers.flatMap((answer) => answer.warnings).filter(({ code }) => code !== 'SPLITS_LIMITED');
  assert.deepEqual(warnings, []);
  const file = join(folder, 'answers.jsonl');
  await writeFile(file, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
  const verdicts = (await dlmm(['verify-quote', file])).trimEnd().split('\n');
  t.diagnostic(`${answers.length} quotes, ${events.filter(({ event }) => event === 'swap').length} swaps; ${verdicts.at(-1)}`);

  const bins = new Set(answers.flatMap(({ state }) => state.pools.map(({ pool_id, active_bin_id }) => `${pool_id} ${active_bin_id}`)));
  assert.ok(bins.size > 6, `active bins moved: ${bins.size} were seen`);
  assert.deepEqual(events.filter(({ event }) => event === 'error'), []);
  assert.match(await dlmm(['verify', '--strict', '--redis', redis.url]), /^0 errors, 0 warnings in 3 pools and 303 bins\n$/);
});
