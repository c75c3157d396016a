// Every failure is a DlmmError with the code and the facts that HTTP gives.
import { inspect } from 'node:util';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { DlmmError, engine, oneBtc, QuoteEngine, refused, snapshot } from './market.mjs';

test('each refusal of a request has its code and details', () => {
  const market = engine();
  const quote = (more, code) => refused(() => market.quote(oneBtc(more)), code);
  assert.deepEqual(quote({ token_out: 'BTC' }, 'SAME_TOKEN'), { token: 'BTC' });
  assert.deepEqual(quote({ token_out: 'DOGE' }, 'UNKNOWN_TOKEN'), { token: 'DOGE' });
  assert.deepEqual(quote({ pools: ['NOPE'] }, 'UNKNOWN_POOL'), { pool_id: 'NOPE' });
  assert.deepEqual(quote({ token_out: 'SOL', direct_only: true }, 'NO_ROUTE'), { token_in: 'BTC', token_out: 'SOL', max_hops: 1 });
  assert.deepEqual(quote({ amount_in: 21n }, 'INSUFFICIENT_LIQUIDITY'), { requested: '2100000000', fillable: '2000000000' });
  assert.deepEqual(quote({ amount_in: 15n, max_bins: 1 }, 'TOO_MANY_BINS'), { needed: 2, allowed: 1 });
  assert.deepEqual(quote({ token_in: 'SOL', token_out: 'BTC', amount_in: undefined, amount_in_atomic: 1n }, 'AMOUNT_TOO_SMALL'), {});
  assert.deepEqual(quote({ amount_in: 10n ** 40n }, 'AMOUNT_OVERFLOW'), { field: 'amount_in' });
  assert.deepEqual(quote({ max_age_ms: 59_999 }, 'STALE_STATE'), { pool_id: 'BTC-USDC', age_ms: 60_000, max_age_ms: 59_999, block_height: null, min_block_height: null });
  market.applyUpdate({ 'bin:BTC-USDC:500': 'nonsense' });
  assert.equal(quote({}, 'STATE_INVALID').key, 'bin:BTC-USDC:500');
});

test('a refusal tells whole tokens, and the names that were perhaps meant', () => {
  const market = engine();
  const said = (use) => {
    try {
      return assert.fail(JSON.stringify(use()));
    } catch (error) {
      return error.message;
    }
  };
  assert.equal(said(() => market.quote(oneBtc({ amount_in: 2100n }))), 'the pools take 20 BTC of 2,100 BTC');
  assert.equal(said(() => market.quote(oneBtc({ token_in: 'btc' }))), 'no pool holds the token btc; did you mean BTC?');
  assert.equal(said(() => market.pool('BTC-USCD')), 'there is no pool BTC-USCD; did you mean BTC-USDC?');
  assert.equal(said(() => market.routes('BTC', 'DOGE')), 'no pool holds the token DOGE');
});

test('pools and routes are refused as over HTTP', () => {
  const market = engine();
  assert.deepEqual(refused(() => market.pool('NOPE'), 'UNKNOWN_POOL'), { pool_id: 'NOPE' });
  assert.deepEqual(refused(() => market.pool('a:b'), 'INVALID_REQUEST'), { field: 'pool_id' });
  assert.deepEqual(refused(() => market.pool(), 'INVALID_REQUEST'), { field: 'pool_id' });
  assert.deepEqual(refused(() => market.routes('BTC', 'DOGE'), 'UNKNOWN_TOKEN'), { token: 'DOGE' });
  assert.deepEqual(refused(() => market.routes('BTC', 'BTC'), 'SAME_TOKEN'), { token: 'BTC' });
  assert.deepEqual(refused(() => market.routes('B:C', 'BTC'), 'INVALID_REQUEST'), { field: 'token_in' });
  assert.deepEqual(refused(() => market.routes('BTC'), 'INVALID_REQUEST'), { field: 'token_out' });
  for (const max_hops of [0, 5, 1.5, NaN, '2']) {
    assert.deepEqual(refused(() => market.routes('BTC', 'SOL', { max_hops }), 'INVALID_REQUEST'), { field: 'max_hops' });
  }
  assert.deepEqual(refused(() => market.routes('BTC', 'SOL', { max_hop: 1 }), 'INVALID_REQUEST'), { field: 'max_hop' });
  assert.deepEqual(refused(() => market.applyUpdate({}, { takenat: 1 }), 'INVALID_REQUEST'), { field: 'takenat' });
});

test('an engine that was freed says so, and freeing it again does nothing', () => {
  const market = engine();
  market.free();
  market.free();
  for (const use of ['quote', 'quotes', 'routes', 'pools', 'pool', 'applyUpdate']) {
    const args = { quotes: [[oneBtc()]], routes: ['BTC', 'SOL'], pool: ['BTC-USDC'], applyUpdate: [{}], quote: [oneBtc()] }[use] ?? [];
    refused(() => market[use](...args), 'ENGINE_FREED');
  }
  refused(() => market.takenAt, 'ENGINE_FREED');
  const disposed = engine();
  disposed[Symbol.dispose]();
  refused(() => disposed.pools(), 'ENGINE_FREED');
  assert.equal(engine().quote(oneBtc()).amount_out, '100.0');
});

test('an engine is made by fromSnapshot only', () => {
  refused(() => new QuoteEngine(), 'INVALID_REQUEST');
});

test('consoles show classes by their documented names', () => {
  const error = new DlmmError('SAME_TOKEN', 'twice');
  assert.deepEqual([error.constructor.name, error.name, QuoteEngine.name], ['DlmmError', 'DlmmError', 'QuoteEngine']);
  assert.match(inspect(error), /^DlmmError: twice\n/);
});

test('an error writes itself as HTTP does', () => {
  const error = new DlmmError('SAME_TOKEN', 'twice', { token: 'A' });
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    success: false,
    error: { code: 'SAME_TOKEN', message: 'twice', details: { token: 'A' } },
    request_id: null,
  });
});

test('fromUrl reads a snapshot from a server, or says why it got none', async (t) => {
  const server = createServer((request, response) => {
    if (request.url === '/snapshot') return response.end(JSON.stringify(snapshot()));
    if (request.url === '/html') return response.end('<html>');
    return response.writeHead(503).end('{"success":false}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = (path) => new URL(path, `http://127.0.0.1:${server.address().port}`);
  const market = await QuoteEngine.fromUrl(url('/snapshot'), { defaultFeeBps: 5, init: { headers: { accept: 'application/json' } } });
  let fetched = 0;
  const inherited = Object.create({ fetch: (...args) => (fetched += 1, fetch(...args)) }, { init: { value: null, enumerable: true } });
  await QuoteEngine.fromUrl(url('/snapshot'), inherited);
  assert.equal(fetched, 1, 'a method of a class serves as well');
  assert.equal(market.quote(oneBtc()).amount_out, '100.0');
  const failure = (...args) => QuoteEngine.fromUrl(...args).then(assert.fail, ({ code, details }) => ({ code, ...details }));
  const down = await failure(url('/down'));
  assert.deepEqual(down, { code: 'SNAPSHOT_UNAVAILABLE', url: String(url('/down')), status: 503, reason: '{"success":false}' });
  assert.equal((await failure(url('/html'))).code, 'SNAPSHOT_INVALID');
  // What cannot be used is refused before anything is fetched.
  const never = () => assert.fail('it was fetched');
  for (const [options, field] of [
    [{ fetch: 'no function' }, 'fetch'],
    [{ fetch: never, init: 'no object' }, 'init'],
    [{ fetch: never, defaultFee: 1 }, 'defaultFee'],
    [{ fetch: never, router: 5 }, 'router'],
    [null, 'options'],
  ]) {
    assert.deepEqual(await failure(url('/snapshot'), options), { code: 'INVALID_REQUEST', field });
  }
  const unreachable = await failure('x', { fetch: () => Promise.reject(new TypeError('fetch failed')) });
  assert.deepEqual(unreachable, { code: 'SNAPSHOT_UNAVAILABLE', url: 'x', status: null, reason: 'fetch failed' });
});

test('an answer is bounded as over HTTP', () => {
  const bins = Array.from({ length: 1001 }, (_, bin_id) => ({ bin_id, reserve_x: '0', reserve_y: '1000', price_e8: '100000000' }));
  const pools = Array.from({ length: 12 }, (_, n) => ({
    ...{ pool_id: `P${n}`, token_x: 'X', token_y: 'Y', active_bin_id: 1000, status: 'active', bins },
  }));
  const market = QuoteEngine.fromSnapshot({ format: 'dlmm-snapshot/1', taken_at: 0, tokens: {}, pools });
  const request = { token_in: 'X', token_out: 'Y', amount_in_atomic: 13_000_000n, max_bins: 1001, max_splits: 0, allow_partial: true };
  assert.deepEqual(refused(() => market.quote(request), 'ANSWER_TOO_LARGE'), { limit: 4_000_000 });
  assert.equal(market.quote({ ...request, include_steps: false }).bins_used, 12_012);
});
