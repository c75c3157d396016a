// Snapshots of large markets: pages that together hold every pool once, and columns that say the same in a third of the bytes.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchSnapshot } from '../../../web/js/fetch-snapshot.js';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { dlmm } from './market.mjs';

const COLUMNS = 'application/vnd.dlmm.snapshot-columns+json';
/** As many as CI has time for; `SNAPSHOT_POOLS=2000` is the size of a large market. */
const POOLS = Number(process.env.SNAPSHOT_POOLS ?? 400);

let worker;
let redis;
before(async () => {
  redis = await startRedis();
  await dlmm(['seed', '--redis', redis.url, '--pools', String(POOLS)]);
  worker = await startWorker({ vars: upstashVars(await startGateway({ redisUrl: redis.url })) });
});

const get = async (path, headers) => {
  const response = await worker.fetch(path, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text || 'null') };
};

/** What a quote reads of a pool. */
const essence = ({ bins, ...pool }) => ({ ...pool, bins: bins.map(({ bin_id, pool_id, price_e8, reserve_x, reserve_y }) => ({ bin_id, pool_id, price_e8, reserve_x, reserve_y })) });

async function allPages(limit) {
  const pages = [];
  for (let after; ; ) {
    const { status, body } = await get(`/snapshot?limit=${limit}${after === undefined ? '' : `&after=${after}`}`);
    assert.equal(status, 200, JSON.stringify(body).slice(0, 500));
    pages.push(body);
    after = body.next;
    if (after === undefined) return pages;
    assert.equal(after, body.pools.at(-1).pool_id);
  }
}

test('pages hold every pool once, in order', async () => {
  const pages = await allPages(150);
  const ids = pages.flatMap(({ pools }) => pools.map(({ pool_id }) => pool_id));
  assert.equal(pages.length, Math.ceil(ids.length / 150));
  assert.deepEqual(ids, (await redis.command('SMEMBERS', 'pools')).toSorted());
  const { body } = await get('/snapshot');
  if (ids.length > 360) assert.equal(body.error.details.unit, 'pools', 'all at once are too many');
});

test('columns are a page of 300 pools in at most 150 kB, to the last digit', async () => {
  const { status, headers, text, body } = await get('/snapshot', { accept: COLUMNS });
  assert.deepEqual([status, headers.get('content-type'), headers.get('vary')], [200, COLUMNS, 'accept']);
  assert.deepEqual([body.format, body.pools.length, body.columns.ids.length], ['dlmm-snapshot-columns/1', 300, 300]);
  const bytes = gzipSync(text).length;
  console.log(`# 300 pools of 101 bins: ${bytes} bytes of gzip, ${gzipSync((await get('/snapshot?limit=300')).text).length} plain`);
  assert.ok(bytes <= 150_000, `${bytes} bytes`);
  const again = await worker.fetch('/snapshot', { headers: { accept: COLUMNS, 'if-none-match': headers.get('etag') } });
  assert.equal(again.status, 304);
  const plain = await worker.fetch('/snapshot?limit=300', { headers: { 'if-none-match': headers.get('etag') } });
  assert.equal(plain.status, 200, 'another form is another content');
});

test('the package puts pages together', async () => {
  const began = performance.now();
  const snapshot = JSON.parse(await fetchSnapshot(new URL('/snapshot', worker.url), {}));
  console.log(`# ${snapshot.pools.length} pools in ${Math.round(performance.now() - began)} ms`);
  const pages = await allPages(200);
  assert.deepEqual(snapshot.pools.map(essence), pages.flatMap(({ pools }) => pools.map(essence)));
  assert.deepEqual(snapshot.tokens, Object.assign({}, ...pages.map(({ tokens }) => tokens)));
  assert.deepEqual([snapshot.format, 'next' in snapshot, 'columns' in snapshot], ['dlmm-snapshot/1', false, false]);
});

test('the pools of a pair are those that a quote of it may use', async () => {
  const path = 'token_in=BTC&token_out=USDC';
  const { body } = await get(`/snapshot?${path}`);
  const routes = (await get(`/routes?${path}&max_hops=4`)).body;
  const used = new Set(routes.routes.flatMap(({ hops }) => hops.flatMap((hop) => hop.pools.map(({ pool_id }) => pool_id))));
  const held = new Set(body.pools.map(({ pool_id }) => pool_id));
  for (const id of used) assert.ok(held.has(id), `${id} of ${[...held]}`);
  assert.ok(held.size > 0 && held.size <= 64);
  const unknown = await get('/snapshot?token_in=BTC&token_out=NOPE');
  assert.deepEqual([unknown.status, unknown.body.error.code], [404, 'UNKNOWN_TOKEN']);
});

test('a page is cut where it would be too large', async () => {
  const small = await startWorker({ vars: { ...upstashVars(await startGateway({ redisUrl: redis.url })), MAX_SNAPSHOT_BYTES: '1000000' } });
  const snapshot = JSON.parse(await fetchSnapshot(new URL('/snapshot', small.url), {}));
  assert.equal(snapshot.pools.length, (await redis.command('SMEMBERS', 'pools')).length);
});
