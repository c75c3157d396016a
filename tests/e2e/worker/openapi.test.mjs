// Every answer of the Worker, refusals included, is one that docs/openapi.json describes, field by field.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createParser } from 'eventsource-parser';
import { root } from '../../../scripts/paths.mjs';
import { send, startScriptedServer } from './scripted-server.mjs';
import { startWorker, upstashVars } from '../stack/index.mjs';
import * as description from './api-description.mjs';
import { DescribedFields } from './described-fields.mjs';
import { closeStreams, openStream } from './event-stream.mjs';
import { ONE_BTC, bendValue, eventually, startMarket } from './market.mjs';
import { randomRequests } from './random-requests.mjs';
import { PLAN_REQUESTS, RARE_REQUESTS, storePool, storeRarePools } from './rare-market.mjs';
import { asked, router, rows, snapshotOf } from './recorded-plans.mjs';

/** What the description says and no answer here shows, and why. */
const UNMET = {
  'InternalError.code: never there': 'only a fault of the Worker itself would be answered with it',
  'InternalError.details: never there': 'as its code',
  'InternalError.message: never there': 'as its code',
  'AnswerTooLargeError.details.index: always there, but not required': 'one quote of 4 MB takes minutes here; tests/e2e/bounds has one',
  'ClarityValue.optional: never there': 'no function of a router that is known takes one',
  'Health.breaker.state: never probing': 'lasts for one call; a test of the breaker sees it',
  'QuoteFields.effective_price: never null': 'only of an answer that takes nothing, and bins take something for all that they give',
  'SearchLimitedWarning.limit: never pushes': 'takes a network of its own; tests of core see it',
  'Source: never snapshot': 'quotes made offline, never by the service; tests/npm/typed-answers.test.mjs has some',
};

const COLUMNS = 'application/vnd.dlmm.snapshot-columns+json';

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlmm-openapi-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** What the answers so far have shown of the document. */
const seen = { operations: new Set(), fields: new DescribedFields(description.answerSchemas()) };

/** Sends a request and demands an answer that is described. */
async function ask(worker, method, path, { body, headers } = {}) {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await worker.fetch(path, { method, body: sent, headers });
  const text = await response.text();
  description.assertDescribed(method, path, response, text);
  if (response.ok) seen.operations.add(`${method} ${description.templateOf(path)}`);
  const type = response.headers.get('content-type')?.split(';')[0];
  const answer = type?.endsWith('json') && text !== '' ? JSON.parse(text) : {};
  if (answer.success === false) seen.fields.meet(description.named('Error'), answer);
  else if (answer.answers !== undefined) seen.fields.meet(description.named('BatchAnswer'), answer);
  else if (type === 'text/event-stream') for (const { event, data } of eventsIn(text)) seen.fields.meet(description.assertEvent(path, event, JSON.parse(data)), JSON.parse(data));
  else if (answer.status === 'down') seen.fields.meet(description.named('Health'), answer);
  else if (response.status === 200 && type?.endsWith('json') && text !== '') seen.fields.meet(description.schemaOfAnswer(method, path, type), answer);
  return { status: response.status, headers: response.headers, body: answer };
}

function eventsIn(text) {
  const events = [];
  createParser({ onEvent: (event) => events.push(event) }).feed(text);
  return events;
}

/** A POST /quote; one that is answered was a described request, too. */
async function quote(worker, request) {
  const answer = await ask(worker, 'POST', '/quote', { body: request });
  if (answer.status === 200) description.assertRequestDescribed('/quote', request);
  return answer;
}

const asQuery = (request) => `/quote?${new URLSearchParams(Object.entries(request).map(([name, value]) => [name, String(value)]))}`;

describe('over the sample', () => {
  let market;
  before(async () => {
    market = await startMarket();
  });

  test('quotes, by body and by query', async () => {
    const requests = randomRequests(6, 120, { BTC: 8, SOL: 9, USDC: 6 }, ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']);
    for (const [index, request] of requests.entries()) {
      if (index % 3 === 0) request.explain = true;
      if (index % 5 === 0) request.include_state = true;
      const { status } = await quote(market.worker, request);
      assert.equal((await ask(market.worker, 'GET', asQuery(request))).status, status);
    }
    await quote(market.worker, { token_in: 'SOL', token_out: 'BTC', amount_out: 0.5, explain: true });
    await quote(market.worker, { token_in: 'SOL', token_out: 'BTC', amount_out: 0.5, exclude_pools: ['NONE'], via: ['USDC', 'NONE'], include_state: true });
    await quote(market.worker, { token_in: 'SOL', token_out: 'BTC', amount_out_atomic: '50000000', include_state: true });
  });

  test('refusals of every kind', async () => {
    const { worker } = market;
    for (const body of ['', '[]', '{"token_in":"BTC"', { ...ONE_BTC, gas: 1 }, { ...ONE_BTC, amount_in: 'NaN' }]) await quote(worker, body);
    for (const change of [
      { amount_in: '0.123456789' },
      { amount_in: '1e400' },
      { token_out: 'BTC' },
      { token_out: 'DOGE' },
      { pools: ['NONE'] },
      { token_out: 'SOL', max_hops: 1 },
      { amount_in: '100000000' },
      { token_out: 'SOL', pools: ['BTC-USDC-25'], exclude_pools: ['NONE'], via: ['NONE'] },
      { amount_in: '100000000', pools: ['BTC-USDC-25'], exclude_pools: ['NONE'], via: ['NONE'], max_hops: 1, max_splits: 1, max_reads: 5000 },
      { amount_in: '100000000', max_bins: 2 },
      { token_in: 'SOL', amount_in: '2500', max_bins: 2 },
      { max_age_ms: 0 },
      { token_out: 'DOGE', exclude_pools: ['NONE'] },
      { pools: ['NONE'], exclude_pools: ['NONE'] },
      { max_age_ms: 0, exclude_pools: ['NONE'] },
    ]) {
      await quote(worker, { ...ONE_BTC, ...change });
    }
    for (const filter of [{}, { exclude_pools: ['NONE'] }]) await quote(worker, { token_in: 'USDC', token_out: 'BTC', amount_in_atomic: '1', ...filter });
    await ask(worker, 'POST', '/quote?amount_in=1', { body: ONE_BTC });
    await ask(worker, 'POST', '/quote', { body: ' '.repeat(70_000) });
    await ask(worker, 'GET', '/nothing');
    await ask(worker, 'PUT', '/quote');
    await ask(worker, 'GET', '/quotes');
    await ask(worker, 'DELETE', '/pools/BTC-USDC-25');
  });

  test('batches', async () => {
    const { worker } = market;
    const requests = [ONE_BTC, { ...ONE_BTC, token_out: 'DOGE' }, { token_in: 'SOL', token_out: 'BTC', amount_out: 1, explain: true }];
    await ask(worker, 'POST', '/quotes', { body: { requests } });
    description.assertRequestDescribed('/quotes', { requests });
    const shared = { requests: [{ ...ONE_BTC, include_state: true }, ONE_BTC], share_state: true };
    const { body } = await ask(worker, 'POST', '/quotes', { body: shared });
    assert.deepEqual([body.states.length, body.answers.map((answer) => 'input_ref' in answer)], [1, [true, false]]);
    description.assertRequestDescribed('/quotes', shared);
    // Their states have more than an answer may have.
    await ask(worker, 'POST', '/quotes', { body: { requests: Array(100).fill({ token_in: 'SOL', token_out: 'BTC', amount_in: 100_000, allow_partial: true, include_state: true }) } });
    for (const body of ['', '{}', { requests: [] }, { requests: 7 }, { requests: [ONE_BTC], more: 1 }]) {
      assert.equal((await ask(worker, 'POST', '/quotes', { body })).status, 400);
    }
    assert.equal((await ask(worker, 'POST', '/quotes', { body: { requests: Array(101).fill(ONE_BTC) } })).status, 400);
    await ask(worker, 'POST', '/quotes', { body: ' '.repeat(600_000) });
  });

  test('listings, routes, snapshots, health', async () => {
    for (const path of [
      '/pools', '/pools?limit=1', '/pools?limit=2&after=BTC-USDC-25', '/pools?limit=0', '/pools?after=a:b', '/pools?x=1', '/pools?limit=1&limit=2',
      '/pools/BTC-USDC-25', '/pools/NONE', '/pools/a%3Ab', '/pools/BTC-USDC-25?x=1',
      '/pairs', '/tokens', '/health', '/metrics',
      '/routes?token_in=BTC&token_out=SOL', '/routes?token_in=BTC&token_out=USDC&max_hops=1', '/routes?token_in=BTC',
      '/routes?token_in=BTC&token_out=BTC', '/routes?token_in=BTC&token_out=DOGE', '/routes?token_in=BTC&token_out=SOL&max_hops=1',
      '/snapshot', '/snapshot?pools=SOL-USDC-25', '/snapshot?pools=NONE', '/snapshot?pools=', '/snapshot?x=1',
    ]) {
      await ask(market.worker, 'GET', path);
    }
    const { headers } = await ask(market.worker, 'GET', '/snapshot');
    const again = await ask(market.worker, 'GET', '/snapshot', { headers: { 'if-none-match': headers.get('etag') } });
    assert.equal(again.status, 304);
  });
});

test('over pools that few markets have, old state, heartbeats, and plans that there are not', async () => {
  const { redis, vars } = await startMarket({ prepare: storeRarePools, vars: { STACKS_ROUTER: router } });
  const worker = await startWorker({ vars: { ...vars, WARN_STATE_AGE_MS: '1' } });
  const codes = async (request) => (await quote(worker, request)).body.warnings.map(({ code }) => code);
  await redis.command('HSET', 'metadata', 'heartbeat_ms', 'soon');
  await ask(worker, 'GET', '/health');
  assert.deepEqual(await codes({ ...ONE_BTC, include_state: true }), ['STATE_OLD', 'HEARTBEAT_INVALID']);
  for (const path of ['/health', '/snapshot', '/pools', '/routes?token_in=AX&token_out=AY', '/tokens']) await ask(worker, 'GET', path);

  await redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now()), 'block_height', '7');
  const strict = await startWorker({ vars: { ...vars, ENVIRONMENT: 'staging', MAX_STATE_AGE_MS: '3600000' } });
  for (const request of [...RARE_REQUESTS, ...PLAN_REQUESTS, ...PLAN_REQUESTS.map((one) => ({ ...one, exclude_pools: ['NONE'] }))]) await quote(strict, request);
  await quote(worker, RARE_REQUESTS.at(-1));
  for (const headers of [{}, { accept: COLUMNS }]) await ask(strict, 'GET', '/snapshot', { headers });
  await ask(strict, 'GET', '/health');

  await redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now() + 3_600_000));
  const ahead = await startWorker({ vars: { ...vars, ENVIRONMENT: 'production', STACKS_ROUTER: `${router}-9` } });
  for (const request of [ONE_BTC, PLAN_REQUESTS[0]]) await quote(ahead, request);
  await ask(ahead, 'GET', '/health');

  // A pool that has gone since the pools were listed, before it is listed anew. Each of the two has a try of its own:
  // whichever meets the gap first makes the Worker list anew, and the other would come too late.
  const routesText = async () => JSON.stringify((await ask(worker, 'GET', '/routes?token_in=AX&token_out=AY')).body);
  const afterItWent = async (met) => {
    for (let tries = 0, found = false; tries < 20 && !found; tries += 1) {
      await storePool(redis, 'TWO');
      await eventually(async () => ((await routesText()).includes('"pool_id":"TWO"') ? true : undefined));
      await redis.command('DEL', 'pool:TWO');
      found = await met();
    }
  };
  await afterItWent(async () => {
    const { body } = await quote(worker, { ...RARE_REQUESTS[4], include_state: true });
    return body.input?.pools.some(({ value }) => value === null) === true;
  });
  await afterItWent(async () => (await routesText()).includes('"status":null'));

  // More pools than a snapshot has room for.
  const pool = await redis.command('GET', 'pool:ONE');
  await redis.command('MSET', ...Array.from({ length: 361 }, (_, n) => [`pool:N${n}`, pool.replace('"ONE"', `"N${n}"`)]).flat());
  await redis.command('SADD', 'pools', ...Array.from({ length: 361 }, (_, n) => `N${n}`));
  await ask(await startWorker({ vars: { ...vars, STACKS_ROUTER: '' } }), 'GET', '/snapshot');
});

test('over state that is broken, contradicts itself, or leaves much open', async () => {
  const { redis, worker } = await startMarket();
  await bendValue(redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 507));
  await bendValue(redis, 'bin:SOL-USDC-25:498', (bin) => (bin.price = 150.0));
  await bendValue(redis, 'pool:BTC-USDC-50', (pool) => delete pool.last_updated);
  await bendValue(redis, 'pool:SOL-USDC-25', (pool) => (pool.last_updated = Date.now() + 3_600_000));
  const pool = JSON.parse(await redis.command('GET', 'pool:BTC-USDC-50'));
  const bin = JSON.parse(await redis.command('GET', 'bin:BTC-USDC-50:500'));
  for (const [pool_id, change] of [['BROKEN', { x_provider_fee: 10_000 }], ['ODD', { token_x: 'ODD' }], ['PAUSED', { status: 'paused' }]]) {
    await redis.command('SET', `pool:${pool_id}`, JSON.stringify({ ...pool, pool_id, ...change, bin_step: null, created_at: undefined }));
    await redis.command('SET', `bin:${pool_id}:500`, JSON.stringify({ ...bin, pool_id }));
  }
  await redis.command('SET', 'pool:NOTHING', 'x');
  for (const request of [
    { ...ONE_BTC, explain: true, include_state: true },
    { ...ONE_BTC, pools: ['BTC-USDC-25'], amount_in: 500 },
    { ...ONE_BTC, strict: true },
    { ...ONE_BTC, strict: true, exclude_pools: ['NONE'] },
    { ...ONE_BTC, pools: ['BTC-USDC-50'], explain: true },
    { ...ONE_BTC, pools: ['BTC-USDC-50'], max_age_ms: 5 },
    { ...ONE_BTC, pools: ['BTC-USDC-50', 'BROKEN'], amount_in: 10, max_bins: 1 },
    { token_in: 'ODD', token_out: 'USDC', amount_in: 1, include_state: true },
    { token_in: 'SOL', token_out: 'USDC', amount_in: 100_000, allow_partial: true, explain: true },
    { token_in: 'SOL', token_out: 'USDC', amount_in: 5_000, allow_partial: true, max_bins: 2, explain: true },
    { ...ONE_BTC, amount_in: 5_000, max_splits: 1, explain: true },
  ]) {
    await quote(worker, request);
    await quote(worker, request);
  }
  for (const path of ['/pools', '/pools/BROKEN', '/pools/ODD', '/pools/NOTHING', '/tokens', '/snapshot', '/routes?token_in=BTC&token_out=USDC']) {
    await ask(worker, 'GET', path);
  }
  // A key of another type, and more names that are none than are told.
  await redis.transaction([['DEL', 'bin:BTC-USDC-50:500'], ['HSET', 'bin:BTC-USDC-50:500', 'a', '1']]);
  await redis.command('SADD', 'pools', ...Array.from({ length: 120 }, (_, n) => `no id ${n}`));
  const { body } = await eventually(async () => {
    const answer = await quote(worker, { ...ONE_BTC, include_state: true });
    return answer.body.input?.pools.some(({ left_out }) => left_out !== undefined) ? answer : undefined;
  });
  assert.ok(body.warnings.some(({ code, key }) => code === 'POOL_SKIPPED' && key === 'bin:BTC-USDC-50:500'));
  await eventually(async () => ((await ask(worker, 'GET', '/health')).body.left_out.count > 120 ? true : undefined));
  for (const path of ['/pools', '/snapshot']) assert.ok((await ask(worker, 'GET', path)).body.skipped_more >= 20, path);
  await ask(worker, 'GET', '/snapshot', { headers: { accept: COLUMNS } });
});

test('over many pools, where limits are met', async () => {
  const { cases } = JSON.parse(readFileSync(join(root, 'tests/vectors/routing/networks.json'), 'utf8'));
  const { snapshot } = cases.toSorted((a, b) => b.snapshot.pools.length - a.snapshot.pools.length)[0];
  const file = join(folder, 'network.json');
  await writeFile(file, JSON.stringify(snapshot));
  const market = await startMarket({ snapshot: file, vars: { MAX_CANDIDATE_POOLS: '3', MAX_KEYS_PER_QUOTE: '90' } });
  const tokens = Object.fromEntries(Object.entries(snapshot.tokens).map(([symbol, { decimals }]) => [symbol, decimals]));
  const requests = randomRequests(8, 60, tokens, snapshot.pools.map(({ pool_id }) => pool_id));
  for (const request of requests) await quote(market.worker, { ...request, explain: true, max_splits: 1, allow_partial: true, include_state: true });
  for (const request of requests) await quote(market.worker, { ...request, max_bins: 1 });
  const wide = await startWorker({ vars: { ...market.vars, MAX_CANDIDATE_POOLS: '64', MAX_KEYS_PER_QUOTE: '50000', MAX_SNAPSHOT_BYTES: '1000' } });
  for (const request of requests) await quote(wide, { ...request, explain: true });
  for (const request of requests) await quote(wide, { ...request, max_reads: 55 });
  await ask(wide, 'GET', '/snapshot');
});

test('while Redis is away, odd, slow or shut, and with settings that cannot be used', async () => {
  const patience = { REDIS_SOCKET_TIMEOUT: '2', REDIS_MAX_RETRIES: '0' };
  const market = await startMarket({ vars: patience });
  const odd = await startScriptedServer((_, response) => send(response, 200, '{"result":"not what was asked for"}'));
  const slow = await startScriptedServer(() => {});
  const saying = (words) => startScriptedServer((_, response) => send(response, 400, JSON.stringify({ error: words })));
  const stranger = await saying("ERR unknown command 'SMEMBERS'");
  let word = 'CROSSSLOT';
  const node = await startScriptedServer((_, response) => send(response, 400, JSON.stringify({ error: `${word} and more` })));
  const workers = [
    await startWorker({ vars: { ...market.vars, UPSTASH_REDIS_REST_TOKEN: 'wrong' } }),
    await startWorker({ vars: { ...patience, ...upstashVars(odd) } }),
    await startWorker({ vars: { ...patience, ...upstashVars(stranger) } }),
    await startWorker({ vars: { ...patience, ...upstashVars(node) } }),
    await startWorker({ vars: { ...patience, ...upstashVars(slow), REDIS_SOCKET_TIMEOUT: '0.2' } }),
    await startWorker({ vars: { ...market.vars, REDIS_FALLBACK_TO_MOCK: 'true' } }),
    await startWorker({ vars: {} }),
    market.worker,
  ];
  const clustered = workers[3];
  for (word of ['MOVED', 'ASK', 'CLUSTERDOWN', 'TRYAGAIN', 'CROSSSLOT']) await quote(clustered, ONE_BTC);
  await market.redis.stop();
  for (const worker of workers) {
    await quote(worker, ONE_BTC);
    await ask(worker, 'POST', '/quotes', { body: { requests: [ONE_BTC, { ...ONE_BTC, explain: true }] } });
    for (const path of ['/pools', '/pools/BTC-USDC-25', '/pairs', '/tokens', '/routes?token_in=BTC&token_out=USDC', '/snapshot', '/health', '/metrics']) {
      await ask(worker, 'GET', path);
    }
    await ask(worker, 'GET', '/snapshot', { headers: { accept: COLUMNS } });
  }
});

test("operator's calls and clients that ask too often", async () => {
  const path = '/admin/cache/clear';
  const limited = { ratelimits: { RATE_LIMITER: { namespace_id: '1', simple: { limit: 1, period: 10 } } } };
  const open = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' }, bound: limited });
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true', ADMIN_TOKEN: 'operator-token-0123456789' } });
  const headers = { authorization: 'Bearer operator-token-0123456789' };
  assert.equal((await ask(open, 'POST', path, { headers })).status, 404);
  assert.equal((await ask(worker, 'POST', path)).status, 401);
  assert.equal((await ask(worker, 'GET', path)).status, 401);
  assert.equal((await ask(worker, 'GET', path, { headers })).status, 405);
  assert.equal((await ask(worker, 'POST', path, { headers })).status, 200);
  // No Redis is set.
  await ask(worker, 'GET', '/health');
  // A period may end in between, so ask until one is refused.
  for (const one of ['/tokens', '/pairs', '/pools', '/pools/BTC-USDC-25', '/snapshot', '/routes?token_in=BTC&token_out=USDC', asQuery(ONE_BTC)]) {
    let status;
    for (let n = 0; n < 5 && status !== 429; n += 1) ({ status } = await ask(open, 'GET', one, { headers: { 'cf-connecting-ip': one.slice(0, 12) } }));
    assert.equal(status, 429, one);
  }
});

test('events of streams', async () => {
  const { worker, redis } = await startMarket({ vars: { STREAM_POLL_MS: '100' } });
  const paths = [asQuery({ ...ONE_BTC, pools: 'BTC-USDC-25' }).replace('/quote', '/quote/stream'), '/changes?pools=BTC-USDC-25'];
  const [quotes, changes] = await Promise.all(paths.map((path) => openStream(worker, path)));
  const next = async (stream, work) => {
    const { length } = stream.events;
    await work();
    await eventually(() => (stream.events.length > length ? true : undefined), 30_000);
  };
  await eventually(() => (quotes.events.length > 0 && changes.events.length > 0 ? true : undefined), 30_000);
  await next(changes, () => bendValue(redis, 'bin:BTC-USDC-25:500', (bin) => (bin.y_amount = 5_000)));
  await next(changes, () => redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now()), 'block_height', '8'));
  await next(changes, () => redis.command('DEL', 'bin:BTC-USDC-25:470'));
  await bendValue(redis, 'pool:BTC-USDC-25', (pool) => (pool.status = 'paused'));
  await eventually(() => (quotes.events.some(({ event }) => event === 'refused') ? true : undefined), 30_000);
  closeStreams();
  [quotes, changes].forEach(({ events }, at) => events.forEach(({ event, data }) => seen.fields.meet(description.assertEvent(paths[at], event, data), data)));
});

test('streams, tickets for them, and snapshots in parts', async () => {
  const key = 'a-key-of-sixteen-characters';
  const { worker } = await startMarket({ vars: { API_KEYS: key, STREAM_MAX_SECONDS: '1', MAX_STREAMS: '1' } });
  const headers = { 'x-api-key': key };
  const paths = [asQuery(ONE_BTC).replace('/quote', '/quote/stream'), '/changes?pools=BTC-USDC-25'];
  for (const path of [...paths, '/changes?token_in=BTC&token_out=SOL']) {
    const [one, other] = await Promise.all([ask(worker, 'GET', path, { headers }), ask(worker, 'GET', path, { headers })]);
    assert.deepEqual([one.status, other.status].toSorted(), [200, 503]);
  }
  for (const path of ['/changes', '/changes?pools=a:b', '/quote/stream?token_in=BTC']) assert.equal((await ask(worker, 'GET', path, { headers })).status, 400);
  assert.equal((await ask(worker, 'GET', paths[0])).status, 401);
  for (const path of paths) assert.equal((await ask(worker, 'POST', '/stream/ticket', { headers, body: { path } })).status, 200);
  assert.equal((await ask(worker, 'POST', '/stream/ticket', { headers, body: { path: '/quote' } })).status, 400);
  assert.equal((await ask(worker, 'POST', '/stream/ticket', { headers, body: ' '.repeat(30_000) })).status, 413);
  const columns = { accept: COLUMNS };
  for (const more of [{}, columns]) {
    for (const path of ['/snapshot?limit=2', '/snapshot?limit=1&after=BTC-USDC-25', '/snapshot?token_in=BTC&token_out=USDC', '/snapshot?limit=0', '/snapshot?token_in=BTC']) {
      await ask(worker, 'GET', path, { headers: { ...headers, ...more } });
    }
  }
});

test('plans, and why there is none', async () => {
  const row = rows.find(({ kind }) => kind === 'simple');
  const { worker, redis, vars } = await startMarket({ snapshot: await snapshotOf(row, folder, 'plan'), vars: { STACKS_ROUTER: router } });
  const request = { ...asked(row), include_state: true };
  assert.equal((await quote(worker, request)).status, 200);
  await bendValue(redis, `pool:${row.pools[0].pool_id}`, (pool) => (pool.fee_exempt = [row.sender]));
  assert.equal((await quote(worker, request)).status, 200);
  assert.equal((await quote(worker, { ...request, max_reads: 55 })).status, 422);
  await ask(worker, 'GET', '/health');
  assert.equal((await quote(await startWorker({ vars: { ...vars, STACKS_ROUTER: '' } }), request)).status, 422);
  const elsewhere = { ...request.plan, sender: 'SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7' };
  assert.equal((await quote(worker, { ...request, plan: elsewhere })).status, 422);
});

test('all of the document was met', () => {
  assert.deepEqual(description.operations.filter((one) => !seen.operations.has(one)), []);
  // Whoever adds a field adds a request here that shows it, or says in UNMET why none can.
  assert.deepEqual([...seen.fields.unmet()].sort(), Object.keys(UNMET).sort());
});
