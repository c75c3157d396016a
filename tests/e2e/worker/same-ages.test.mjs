// The Worker, the command line over Redis, and the command line over a snapshot tell the same of the age of one state.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bendValue, dlmm, startMarket } from './market.mjs';
import { assertSame, assertSameOffline } from './offline.mjs';
import { randomRequests } from './random-requests.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const POOLS = ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25'];
const SEED = Number(process.env.DLMM_TEST_SEED ?? 20_261_123);
/** As far from every limit as a slow machine takes to ask. */
const HEARTBEATS = [
  ['none', undefined, []],
  ['alive', -1_000, []],
  ['older than the warning', -20 * MINUTE, ['STATE_OLD']],
  ['no time', 'soon', ['HEARTBEAT_INVALID']],
  ['hours ahead', 8 * HOUR, ['HEARTBEAT_INVALID']],
];

let folder;
let market;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlmm-same-ages-'));
  market = await startMarket({ vars: { ADMIN_TOKEN: 'an-operator-of-tests' } });
  // One pool an hour old, one hours ahead, one without a time.
  const times = [new Date(Date.now() - HOUR).toISOString(), Date.now() + 8 * HOUR, undefined];
  for (const [at, id] of POOLS.entries()) await bendValue(market.redis, `pool:${id}`, (pool) => (pool.last_updated = times[at]));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Random requests, most of them with a limit on age that no state here is near to. */
function requests() {
  const limits = [undefined, 5 * MINUTE, 24 * HOUR];
  return randomRequests(SEED, 60, { BTC: 8, SOL: 9, USDC: 6 }, POOLS).map((request, at) => ({ ...request, max_age_ms: limits[at % limits.length] }));
}

for (const [name, heartbeat, expected] of HEARTBEATS) {
  test(`a heartbeat: ${name}`, async () => {
    const { redis, worker } = market;
    const stored = typeof heartbeat === 'number' ? Date.now() + heartbeat : heartbeat;
    if (stored === undefined) await redis.command('HDEL', 'metadata', 'heartbeat_ms');
    else await redis.command('HSET', 'metadata', 'heartbeat_ms', String(stored));
    const headers = { authorization: 'Bearer an-operator-of-tests' };
    await worker.fetch('/admin/cache/clear', { method: 'POST', headers });
    const snapshot = join(folder, 'snapshot.json');
    await dlmm(['snapshot', '--redis', redis.url, '--out', snapshot]);
    const ofRedis = await assertSame(worker, ['--redis', redis.url], join(folder, 'requests'), requests(), name);
    const ofSnapshot = await assertSameOffline(worker, snapshot, requests(), name);
    assert.deepEqual(ofSnapshot, ofRedis);
    assert.ok((ofRedis.get('STALE_STATE') ?? 0) > 3 && (ofRedis.get('multi_bin') ?? 0) > 3, [...ofRedis].join());
    const request = JSON.stringify({ token_in: 'BTC', token_out: 'USDC', amount_in: 1, pools: [POOLS[0]] });
    const { warnings } = await (await worker.fetch('/quote', { method: 'POST', body: request })).json();
    assert.deepEqual(warnings.map(({ code }) => code), expected);
    // The package and the Worker serve the same snapshot: what its own copy says is what ours does.
    const served = await (await worker.fetch('/snapshot')).json();
    assert.equal(served.heartbeat_ms, stored === undefined ? undefined : String(stored));
  });
}
