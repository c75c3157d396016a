// A seeded Redis with a gateway and a Worker in front of it, and the requests tests send to it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';

const run = promisify(execFile);

/** Runs `dlmm` with these arguments and gives what it printed. */
export async function dlmm(args, options = {}) {
  const { stdout } = await run(await dlmmBin(), args, { maxBuffer: 256 * 1024 * 1024, ...options });
  return stdout;
}

/**
 * Starts the whole of it. Its `vars` are the settings of the Worker, for another one beside it.
 *
 * @param {object} [options]
 * @param {string} [options.snapshot] file to seed from instead of the sample
 * @param {Record<string, string>} [options.vars] further settings of the Worker
 * @param {boolean} [options.site] serves the playground and the API reference too
 * @param {object} [options.redis] options of redis-server
 * @param {(redis: object) => Promise<string | undefined>} [options.prepare] runs after seeding; may give another
 *   Redis URL for the gateway, such as that of a limited user
 */
export async function startMarket({ snapshot, vars = {}, site, redis: redisOptions, prepare } = {}) {
  const redis = await startRedis(redisOptions);
  await dlmm(['seed', '--redis', redis.url, ...(snapshot ? ['--from', snapshot] : [])]);
  const redisUrl = (await prepare?.(redis)) ?? redis.url;
  const gateway = await startGateway({ redisUrl });
  const settings = { ...upstashVars(gateway), ...vars };
  const worker = await startWorker({ vars: settings, site });
  return { redis, gateway, worker, vars: settings, quote: (request) => post(worker, request) };
}

/** Sends a POST /quote; text goes out as it is. Gives status and parsed body. */
export async function post(worker, request) {
  const body = typeof request === 'string' || request === undefined ? request : JSON.stringify(request);
  const response = await worker.fetch('/quote', { method: 'POST', body });
  return { status: response.status, body: await response.json() };
}

export const ONE_BTC = { token_in: 'BTC', token_out: 'USDC', amount_in: 1.0 };

/** Demands an error answer with this code and status, and gives its details. */
export function assertRefused({ status, body }, code, expectedStatus) {
  const shown = JSON.stringify(body).slice(0, 500);
  assert.equal(body.success, false, shown);
  assert.equal(body.error.code, code, shown);
  assert.equal(status, expectedStatus, shown);
  assert.match(body.request_id, /^[0-9a-f]{32}$/);
  assert.equal('amount_out' in body, false, shown);
  return body.error.details;
}

/** Reads a stored JSON value, lets `bend` change it, and writes it back. */
export async function bendValue(redis, key, bend) {
  const value = JSON.parse(await redis.command('GET', key));
  bend(value);
  await redis.command('SET', key, JSON.stringify(value));
}

/** Waits until `check` gives something other than undefined; fails after `ms`. */
export async function eventually(check, ms = 10_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    assert.ok(Date.now() < end, `not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
