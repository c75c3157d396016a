// Generated requests against the Worker over a real Redis: no fault of the server, and no answer that is not described.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMarket } from '../e2e/worker/market.mjs';
import { judge } from './schemathesis.mjs';

const apiKey = 'key-of-the-spring-0001';
const adminToken = 'operator-token-0123456789';
/** Requests an operation draws. `DLMM_API_EXAMPLES` asks for a longer run. */
const EXAMPLES = Number(process.env.DLMM_API_EXAMPLES || 60);

const { worker, redis } = await startMarket({ vars: { API_KEYS: apiKey, ADMIN_TOKEN: adminToken, REDIS_SOCKET_TIMEOUT: '20', REDIS_MAX_RETRIES: '0' } });

test('every answer is one that the description gives', async (t) => {
  const cases = await judge({ url: worker.url, examples: EXAMPLES, apiKey, adminToken });
  t.diagnostic(`${cases} requests`);
  assert.ok(cases > 1_000, `only ${cases} requests`);
});

test('so it is while Redis is gone', async (t) => {
  await redis.stop();
  const cases = await judge({ url: worker.url, examples: Math.ceil(EXAMPLES / 10), apiKey, adminToken, without: ['no_fault_of_the_service', 'ignored_auth'] });
  t.diagnostic(`${cases} requests`);
  assert.ok(cases > 300, `only ${cases} requests`);
});
