// GET /snapshot: a copy of Redis that quotes the same, each pool of one moment, with a tag that tells when it changed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../../scripts/paths.mjs';
import { startWorker, upstashVars } from '../stack/index.mjs';
import { assertRefused, bendValue, dlmm, startMarket } from './market.mjs';
import { assertSameOffline } from './offline.mjs';
import { randomRequests } from './random-requests.mjs';

const KEYS_OF_A_POOL = 1_002;
const SAMPLE_POOLS = ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25'];
const SAMPLE_TOKENS = { BTC: 8, SOL: 9, USDC: 6 };

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlmm-snapshot-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const ids = ({ pools }) => pools.map(({ pool_id }) => pool_id);
/** Compared as text but for the time: JSON.parse would hide a digit that got lost. */
const timeless = (text) => text.trimEnd().replace(/"taken_at":"[^"]+"/, '"taken_at":""');

async function get(worker, query = '', headers = {}) {
  const response = await worker.fetch(`/snapshot${query}`, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}

/** Writes a network of many pools as a snapshot file. */
async function networkFile() {
  const { cases } = JSON.parse(readFileSync(join(root, 'tests/vectors/routing/networks.json'), 'utf8'));
  const { snapshot } = cases.toSorted((a, b) => b.snapshot.pools.length - a.snapshot.pools.length)[0];
  const file = join(folder, 'network.json');
  await writeFile(file, JSON.stringify(snapshot));
  return { file, snapshot };
}

describe('of the sample', () => {
  let market;
  before(async () => {
    market = await startMarket();
  });
  const snapshot = (query, headers) => get(market.worker, query, headers);

  test('is what `dlmm snapshot` writes of the same Redis', async () => {
    const started = Date.now();
    const { status, headers, text, body } = await snapshot();
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'application/json');
    assert.equal(headers.get('cache-control'), 'no-cache');
    assert.equal(headers.get('x-dlmm-source'), 'redis');
    assert.match(headers.get('etag'), /^W\/"[0-9a-f]{32}"$/);
    assert.match(headers.get('x-request-id'), /^[0-9a-f]{32}$/);
    assert.equal(headers.get('access-control-expose-headers'), 'etag, x-dlmm-block-height, x-dlmm-heartbeat, x-dlmm-source, x-request-id');
    assert.equal(timeless(text), timeless(await dlmm(['snapshot', '--redis', market.redis.url])));
    const takenAt = Date.parse(body.taken_at);
    assert.ok(takenAt >= started - 1 && takenAt <= Date.now() + 1, body.taken_at);
    assert.deepEqual(ids(body), SAMPLE_POOLS);
    assert.equal(body.pools[0].bins.find(({ bin_id }) => bin_id === 500).y_amount, '100000000.0');
  });

  test('quotes as the Worker does', async (t) => {
    const file = join(folder, 'sample.json');
    await writeFile(file, (await snapshot()).text);
    const requests = randomRequests(4, 100, SAMPLE_TOKENS, SAMPLE_POOLS);
    const seen = await assertSameOffline(market.worker, file, requests, 'the sample');
    t.diagnostic([...seen].map(([kind, count]) => `${count} ${kind}`).join(', '));
    assert.ok((seen.get('multi_bin') ?? 0) > 5);
  });

  test('has a tag that holds until a value changes', async () => {
    const first = await snapshot();
    const again = await snapshot();
    const tag = first.headers.get('etag');
    assert.equal(again.headers.get('etag'), tag);
    // Weak, strong (as a proxy may make it), in a list, or any.
    for (const known of [tag, tag.slice(2), `"other", ${tag}`, '*']) {
      const kept = await snapshot('', { 'if-none-match': known });
      assert.deepEqual([kept.status, kept.text], [304, ''], known);
      assert.equal(kept.headers.get('etag'), tag);
      assert.equal(kept.headers.get('cache-control'), 'no-cache');
      assert.match(kept.headers.get('x-request-id'), /^[0-9a-f]{32}$/);
    }
    assert.equal((await snapshot('', { 'if-none-match': '"other"' })).status, 200);
    assert.notEqual((await snapshot('?pools=SOL-USDC-25')).headers.get('etag'), tag);

    const stored = await market.redis.command('GET', 'bin:BTC-USDC-25:450');
    await bendValue(market.redis, 'bin:BTC-USDC-25:450', (bin) => (bin.y_amount += 1));
    const changed = await snapshot('', { 'if-none-match': tag });
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.get('etag'), tag);
    await market.redis.command('SET', 'bin:BTC-USDC-25:450', stored);
    assert.equal((await snapshot('', { 'if-none-match': tag })).status, 304);
  });

  test('HEAD tells tag and length, and no more', async () => {
    const { text, headers } = await snapshot();
    const head = await market.worker.fetch('/snapshot', { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
    assert.equal(head.headers.get('etag'), headers.get('etag'));
    assert.equal(Number(head.headers.get('content-length')), Buffer.byteLength(text));
    const known = { 'if-none-match': headers.get('etag') };
    assert.equal((await market.worker.fetch('/snapshot', { method: 'HEAD', headers: known })).status, 304);
  });

  test('a page of another origin may send the tag it knows', async () => {
    const headers = { origin: 'https://app.example', 'access-control-request-headers': 'if-none-match' };
    const preflight = await market.worker.fetch('/snapshot', { method: 'OPTIONS', headers });
    assert.equal(preflight.headers.get('allow'), 'GET, HEAD, OPTIONS');
    assert.match(preflight.headers.get('access-control-allow-headers'), /\bif-none-match\b/);
    const post = await market.worker.fetch('/snapshot', { method: 'POST' });
    assertRefused({ status: post.status, body: await post.json() }, 'METHOD_NOT_ALLOWED', 405);
  });

  test('holds the pools that were named, whose tokens have the decimals of all', async () => {
    const { redis } = market;
    const two = await snapshot('?pools=SOL-USDC-25,BTC-USDC-50,SOL-USDC-25');
    assert.deepEqual(ids(two.body), ['BTC-USDC-50', 'SOL-USDC-25']);
    const one = await snapshot('?pools=SOL-USDC-25');
    assert.deepEqual(Object.keys(one.body.tokens), ['SOL', 'USDC']);
    const command = await dlmm(['snapshot', '--pools', 'SOL-USDC-25', '--redis', redis.url]);
    assert.equal(timeless(one.text), timeless(command));
  });

  test('refuses what is no list of pools that are there', async () => {
    const { pool_id } = assertRefused(await snapshot('?pools=SOL-USDC-25,NONE'), 'UNKNOWN_POOL', 404);
    assert.equal(pool_id, 'NONE');
    const many = Array.from({ length: 101 }, (_, n) => `P${n}`).join();
    for (const [query, field] of [
      ['?pools=', 'pools'],
      ['?pools=a:b', 'pools'],
      [`?pools=${many}`, 'pools'],
      ['?pools=SOL-USDC-25&pools=', 'pools'],
      ['?limit=0', 'limit'],
      ['?pools=SOL-USDC-25&limit=1', 'limit'],
      ['?token_in=BTC', 'token_out'],
    ]) {
      assert.deepEqual(assertRefused(await snapshot(query), 'INVALID_REQUEST', 400), { field }, query);
    }
  });
});

describe('of many pools', () => {
  let market;
  let network;
  before(async () => {
    network = await networkFile();
    market = await startMarket({ snapshot: network.file, vars: { MAX_KEYS_PER_QUOTE: '50000' } });
  });

  /** The reads that carried bins while the work ran. */
  async function readsDuring(work) {
    const monitor = await market.redis.monitor();
    await work();
    const reads = (await monitor.commands()).filter(({ args }) => args.some((key) => key.startsWith('bin:')));
    monitor.stop();
    return reads.map(({ name, args }) => ({ name, args }));
  }

  test('equals the command line and quotes as the Worker does', async (t) => {
    const { text, body } = await get(market.worker);
    assert.equal(body.pools.length, network.snapshot.pools.length);
    assert.equal(timeless(text), timeless(await dlmm(['snapshot', '--redis', market.redis.url])));
    const file = join(folder, 'copy.json');
    await writeFile(file, text);
    const tokens = Object.entries(network.snapshot.tokens).map(([symbol, { decimals }]) => [symbol, decimals]);
    const requests = randomRequests(5, 60, Object.fromEntries(tokens), ids(network.snapshot));
    const seen = await assertSameOffline(market.worker, file, requests, 'the network');
    t.diagnostic([...seen].map(([kind, count]) => `${count} ${kind}`).join(', '));
  });

  test('no pool is ever split over two reads, and a small budget of keys means more reads', async () => {
    const pools = network.snapshot.pools.length;
    for (const [maxKeys, together] of [['10000', 9], ['2500', 2], ['2', 1]]) {
      const worker = await startWorker({ vars: { ...market.vars, MAX_KEYS_PER_QUOTE: maxKeys } });
      let answer;
      const commands = await readsDuring(async () => {
        answer = await get(worker);
      });
      assert.equal(answer.body.pools.length, pools);
      const [reads, counts] = ['MGET', 'EXISTS'].map((wanted) => commands.filter(({ name }) => name === wanted));
      assert.equal(reads.length, Math.ceil(pools / together), `${maxKeys} keys`);
      // Beside each read its keys are counted: more than gave a text would mean one of another type.
      assert.deepEqual(counts.map(({ args }) => args), reads.map(({ args }) => args));
      assert.equal(commands.length, 2 * reads.length);
      const copied = [];
      for (const { args } of reads) {
        assert.ok(args.length <= together * KEYS_OF_A_POOL);
        for (let at = 0; at < args.length; at += KEYS_OF_A_POOL) {
          const [value, ...bins] = args.slice(at, at + KEYS_OF_A_POOL);
          const id = value.replace(/^pool:/, '');
          assert.deepEqual(bins, Array.from({ length: 1_001 }, (_, bin) => `bin:${id}:${bin}`));
          copied.push(id);
        }
      }
      assert.deepEqual(copied, ids(answer.body));
      await worker.stop();
    }
  });
});

test('each pool is of one moment while a producer writes', async () => {
  const market = await startMarket({ vars: { MAX_KEYS_PER_QUOTE: '1002' } });
  const { redis } = market;
  const bins = [449, 480, 500, 520, 550];
  const values = new Map();
  for (const id of SAMPLE_POOLS) {
    for (const key of [`pool:${id}`, ...bins.map((bin) => `bin:${id}:${bin}`)]) {
      const stored = await redis.command('GET', key);
      values.set(key, JSON.parse(stored ?? (await redis.command('GET', `bin:${id}:450`)).replace('"bin_id":450', '"bin_id":449')));
    }
  }
  let round = 0;
  let writing = true;
  const producer = redis.session(async (client) => {
    while (writing) {
      round += 1;
      const multi = client.multi();
      for (const [key, value] of values) multi.set(key, JSON.stringify({ ...value, round }));
      await multi.exec();
    }
  });
  const rounds = new Set();
  try {
    for (let n = 0; n < 15; n += 1) {
      const { status, body } = await get(market.worker);
      assert.equal(status, 200);
      for (const pool of body.pools) {
        const seen = pool.bins.filter(({ round: written }) => written !== undefined);
        assert.equal(seen.length, bins.length);
        for (const bin of seen) assert.equal(bin.round, pool.round, `${pool.pool_id}:${bin.bin_id}`);
        rounds.add(pool.round);
      }
    }
  } finally {
    writing = false;
    await producer;
  }
  assert.ok(rounds.size > 1, 'the producer wrote in between');
});

test('names what it leaves out, whether it broke before or after the Worker first looked', async () => {
  const market = await startMarket();
  const { redis, worker } = market;
  assert.equal('skipped' in (await get(worker)).body, false);
  await redis.command('SET', 'bin:BTC-USDC-25:480', '{"bin_id":480');
  await redis.command('SET', 'pool:BTC-USDC-50', 'pool');
  const fresh = await startWorker({ vars: market.vars });
  for (const asked of [worker, fresh]) {
    const { status, text, body } = await get(asked);
    assert.equal(status, 200);
    assert.deepEqual(ids(body), ['SOL-USDC-25']);
    assert.deepEqual(body.skipped.map(({ key }) => key), ['bin:BTC-USDC-25:480', 'pool:BTC-USDC-50']);
    assert.match(body.skipped[0].reason, /^not a bin value: .* the text ends/);
    assert.equal(timeless(text), timeless(await dlmm(['snapshot', '--redis', redis.url])));
    const listed = await (await asked.fetch('/pools')).json();
    assert.deepEqual([ids(listed), listed.total], [['BTC-USDC-25', 'SOL-USDC-25'], 3]);
    // The bin too, which the snapshot has met.
    assert.deepEqual(listed.skipped.map(({ key }) => key), ['pool:BTC-USDC-50', 'bin:BTC-USDC-25:480']);
  }
  // It quotes all the same, and named alone it is an empty copy that says why.
  const file = join(folder, 'skipped.json');
  await writeFile(file, (await get(fresh)).text);
  // The older one knows of which pair BTC-USDC-50 was, so it need not name it here.
  await assertSameOffline(fresh, file, [{ token_in: 'SOL', token_out: 'USDC', amount_in: '5' }], 'what is left');
  const alone = await get(fresh, '?pools=BTC-USDC-50');
  assert.deepEqual([alone.status, ids(alone.body), alone.body.skipped.length], [200, [], 1]);
  const tag = alone.headers.get('etag');
  await redis.command('SET', 'pool:BTC-USDC-50', '{}');
  assert.equal((await get(fresh, '?pools=BTC-USDC-50', { 'if-none-match': tag })).status, 200);
});

test('more bytes or pools than one answer may hold are refused with the limit', async () => {
  const market = await startMarket({ vars: { MAX_SNAPSHOT_BYTES: '40000' } });
  const { redis, worker } = market;
  assert.deepEqual(assertRefused(await get(worker), 'INVALID_REQUEST', 400), { field: 'pools', limit: 40_000, unit: 'bytes' });
  const { status, text } = await get(worker, '?pools=SOL-USDC-25');
  assert.equal(status, 200);
  assert.ok(text.length < 40_000);
  // The stored values fit, but the document does not: fees, decimals and quotes are added to them.
  const exact = await startWorker({ vars: { ...market.vars, MAX_SNAPSHOT_BYTES: String(text.length - 1) } });
  assert.equal(assertRefused(await get(exact, '?pools=SOL-USDC-25'), 'INVALID_REQUEST', 400).limit, text.length - 1);

  const pool = JSON.parse(await redis.command('GET', 'pool:SOL-USDC-25'));
  const more = Array.from({ length: 358 }, (_, n) => `P${n}`);
  await redis.transaction(more.flatMap((pool_id) => [
    ['SET', `pool:${pool_id}`, JSON.stringify({ ...pool, pool_id })],
    ['SADD', 'pools', pool_id],
  ]));
  const fresh = await startWorker({ vars: market.vars });
  assert.deepEqual(assertRefused(await get(fresh), 'INVALID_REQUEST', 400), { field: 'pools', limit: 360, unit: 'pools' });
  assert.deepEqual(ids((await get(fresh, '?pools=P0,P357')).body), ['P0', 'P357']);
});

test('pools that cannot be listed are not passed off as all', async () => {
  const market = await startMarket({
    prepare: async (redis) => {
      await redis.command('DEL', 'pools');
      await redis.command('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '+@read', '-scan', '-keys', '+@connection');
      return redis.urlFor('reader', 'secret');
    },
  });
  const { key } = assertRefused(await get(market.worker), 'STATE_INVALID', 502);
  assert.equal(key, 'pools');
  assert.deepEqual(ids((await get(market.worker, '?pools=SOL-USDC-25')).body), ['SOL-USDC-25']);
});

test('a Redis that is gone is an error, or the sample where that is switched on, by name', async () => {
  const vars = { REDIS_SOCKET_TIMEOUT: '2', REDIS_MAX_RETRIES: '0' };
  const market = await startMarket({ vars });
  const standIn = await startWorker({ vars: { ...market.vars, REDIS_FALLBACK_TO_MOCK: 'true' } });
  const alone = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' } });
  assert.equal((await get(market.worker)).status, 200);
  assert.equal((await get(standIn)).headers.get('x-dlmm-source'), 'redis');
  await market.redis.stop();
  assertRefused(await get(market.worker), 'REDIS_UNAVAILABLE', 503);
  assert.equal((await get(market.worker)).headers.get('etag'), null);
  for (const worker of [standIn, alone]) {
    const { status, headers, text, body } = await get(worker);
    assert.equal(status, 200);
    assert.equal(headers.get('x-dlmm-source'), 'sample');
    assert.equal(body.source, 'sample');
    assert.deepEqual(ids(body), SAMPLE_POOLS);
    assert.deepEqual(ids((await get(worker, '?pools=BTC-USDC-25')).body), ['BTC-USDC-25']);
    assertRefused(await get(worker, '?pools=NONE'), 'UNKNOWN_POOL', 404);
    const file = join(folder, 'stand-in.json');
    await writeFile(file, text);
    const quote = JSON.parse(await dlmm(['quote', '--snapshot', file, '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1', '--json']));
    assert.equal(quote.amount_out, 99900);
  }
});
