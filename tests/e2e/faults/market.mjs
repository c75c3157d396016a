// A seeded Redis, a gateway, a proxy that spoils, and a Worker behind it.
import assert from 'node:assert/strict';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { ONE_BTC, assertRefused, dlmm } from '../worker/market.mjs';
import { Ledger } from './ledger.mjs';
import { startProxy } from './proxy.mjs';

/** What 1 BTC gives in the sample. */
export const ONE_BTC_GIVES = 99900.0;

const ADMIN_TOKEN = 'an-operator-of-tests';
/** Longer than anything takes that is not meant to run into it. */
const PATIENT_MS = 30_000;
/** For cases that run into it, so that its end is all there is to wait for. */
const HASTY_MS = 2_000;
/** A busy machine may be slow to run anything at all. */
const SLACK_MS = 10_000;

const deadline = (ms) => ({ REDIS_SOCKET_TIMEOUT: String(ms / 1_000) });
export const PATIENT = deadline(PATIENT_MS);
export const HASTY = deadline(HASTY_MS);

/** Short waits between tries. */
const VARS = { ...PATIENT, REDIS_BACKOFF_FACTOR: '0.1', ADMIN_TOKEN };

/** Starts all of it; `vars` are further settings of the Worker, `redis` options of redis-server. `start` starts another Worker. */
export async function startFaultyMarket({ vars = {}, redis: redisOptions } = {}) {
  const redis = await startRedis(redisOptions);
  await dlmm(['seed', '--redis', redis.url]);
  const proxy = await startProxy(await startGateway({ redisUrl: redis.url }));
  const ledger = new Ledger(proxy);
  const start = async (further = {}, options = {}) => {
    const worker = await startWorker({ vars: { ...upstashVars(proxy), ...VARS, ...vars, ...further }, ...options });
    return { ...worker, quote: (request, init) => ledger.quote(worker, request, init) };
  };
  return { redis, proxy, ledger, start, worker: await start() };
}

/** Makes the isolate forget its pools, so that the next request lists them. */
export async function forget(worker) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  assert.equal((await worker.fetch('/admin/cache/clear', { method: 'POST', headers })).status, 200);
}

/** Demands a refusal with this code, not later than the request's own deadline allows. */
export function assertRefusedInTime(answer, code, status) {
  const details = assertRefused(answer, code, status);
  // Only silence may take the whole of a deadline; all else is known at once.
  assert.ok(answer.ms < (code === 'REDIS_TIMEOUT' ? details.deadline_ms : 0) + SLACK_MS, `${answer.ms} ms`);
  return details;
}

/** Demands the sample's quote. */
export async function assertQuotesAgain(worker) {
  const { status, body } = await worker.quote(ONE_BTC);
  assert.deepEqual([status, body.amount_out, body.warnings], [200, ONE_BTC_GIVES, []], JSON.stringify(body).slice(0, 500));
}

/** Demands that what the quote was computed from is what Redis holds now, absent bins included. */
export async function assertHeldNow(redis, { input }) {
  for (const { pool_id, value, known: [low, high], bins } of input.pools) {
    const ids = Array.from({ length: high - low + 1 }, (_, index) => low + index);
    const held = await redis.command('MGET', `pool:${pool_id}`, ...ids.map((id) => `bin:${pool_id}:${id}`));
    const given = new Map(bins);
    assert.deepEqual([value, ...ids.map((id) => given.get(id) ?? null)], held, pool_id);
  }
}
