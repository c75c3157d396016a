// Calls of a client: what goes over, what comes back digit by digit, and what a refusal becomes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DlmmError, QuoteClient } from '../../../web/pkg/client.js';
import { DlmmError as EngineError, verify } from '../../../web/pkg/index.js';
import { engine, oneBtc } from '../market.mjs';
import { startService, until } from './scripted-service.mjs';

const asNumbers = (answer) => JSON.stringify(answer).replace(/"(-?\d+\.\d+)"/g, '$1');
const clientOf = ({ url }) => new QuoteClient({ url });
const refusedAs = (code, details) => (error) => {
  assert.ok(error instanceof DlmmError && error instanceof EngineError && error instanceof Error, String(error));
  assert.deepEqual([error.code, details ?? error.details], [code, error.details]);
  return true;
};

test('a quote over HTTP is the quote of the engine, digit by digit, with its bigints', async () => {
  const local = engine().quote(oneBtc({ amount_in: '0.12345678', include_state: true }));
  const service = await startService({ '/quote': (call) => call.json(asNumbers(local)) });
  const quote = await clientOf(service).quote(oneBtc({ amount_in: undefined, amount_in_atomic: 12_345_678n, plan: null }));
  assert.deepEqual(quote, local);
  assert.deepEqual([quote.amountIn, quote.amountOut, quote.minimumReceived, quote.amountUnfilled], [12_345_678n, 12_345_678n, 12_283_949n, 0n]);
  assert.equal(JSON.stringify(quote), JSON.stringify(local));
  assert.equal(verify(quote).equal, true);
  assert.deepEqual(service.calls.map(({ method, body }) => [method, body]), [['POST', '{"token_in":"BTC","token_out":"USDC","amount_in_atomic":"12345678","plan":null}']]);
});

test('digits beyond a float and digits inside of texts stay what they are', async () => {
  const answer = '{"success":true,"mode":"exact_out","amount_in":1.000000000000000000000001,"amount_in_atomic":"7","note":"a \\" 1.50, [0.1]","effective_price":1e-7,"bins_used":3,"price_impact_ppm":-5}';
  const service = await startService({ '/quote': (call) => call.json(answer) });
  const quote = await clientOf(service).quote(oneBtc());
  assert.deepEqual({ ...quote }, { success: true, mode: 'exact_out', amount_in: '1.000000000000000000000001', amount_in_atomic: '7', note: 'a " 1.50, [0.1]', effective_price: '1e-7', bins_used: 3, price_impact_ppm: -5 });
});

test('the key goes into a header and into no address', async () => {
  const service = await startService({ '/tokens': (call) => call.json({ tokens: [] }), '/changes': (call) => call.refuse(401, 'UNAUTHORIZED'), '/quote/stream': (call) => call.refuse(401, 'UNAUTHORIZED') });
  const client = new QuoteClient({ url: `${service.url}/`, apiKey: 'secret-key' });
  await client.tokens();
  await assert.rejects(client.liveEngine({ pools: ['P'] }), refusedAs('UNAUTHORIZED'));
  await assert.rejects(client.stream(oneBtc()).next(), refusedAs('UNAUTHORIZED'));
  assert.equal(service.calls.length, 3);
  for (const { headers, path, query } of service.calls) {
    assert.equal(headers['x-api-key'], 'secret-key');
    assert.ok(!`${path}?${query}`.includes('secret'));
  }
});

test('lists, routes and health come as they are, pools page after page', async () => {
  const pools = Array.from({ length: 3 }, (_, at) => ({ pool_id: `P${at}`, active_bin_price: 1.5 }));
  const service = await startService({
    '/tokens': (call) => call.json({ tokens: [{ symbol: 'BTC' }] }),
    '/pairs': (call) => call.json({ pairs: [{ token_x: 'BTC' }] }),
    '/pools': (call) => {
      const from = call.query.has('after') ? Number(call.query.get('after').slice(1)) + 1 : 0;
      call.json({ pools: pools.slice(from, from + 2), next: from + 2 < pools.length ? `P${from + 1}` : null });
    },
    '/pools/P%2F1': (call) => call.json({ pool_id: 'P/1' }),
    '/routes': (call) => call.json({ token_in: call.query.get('token_in'), max_hops: Number(call.query.get('max_hops')) }),
    '/health': (call) => call.json({ status: 'down', topology: { route_hit_rate: 0.4 } }, { status: 503 }),
    '/quotes': (call) => call.json({ answers: JSON.parse(call.body).requests.map(() => ({ success: true, mode: 'exact_in', amount_in_atomic: '5' })) }),
  });
  const client = clientOf(service);
  assert.deepEqual([await client.tokens(), await client.pairs()], [[{ symbol: 'BTC' }], [{ token_x: 'BTC' }]]);
  assert.deepEqual((await client.pools()).map(({ pool_id, active_bin_price }) => [pool_id, active_bin_price]), [['P0', '1.5'], ['P1', '1.5'], ['P2', '1.5']]);
  assert.deepEqual(await client.pool('P/1'), { pool_id: 'P/1' });
  assert.deepEqual(await client.routes('BTC', 'USDC', { max_hops: 2 }), { token_in: 'BTC', max_hops: 2 });
  assert.deepEqual(await client.health(), { status: 'down', topology: { route_hit_rate: 0.4 } });
  assert.deepEqual((await client.quotes([oneBtc(), oneBtc()])).map(({ amountIn }) => amountIn), [5n, 5n]);
});

test('a call is made again when the service says when, and no sooner', async () => {
  const service = await startService();
  const at = [];
  service.answers['/tokens'] = (call) => {
    at.push(performance.now());
    if (at.length === 1) call.refuse(429, 'RATE_LIMITED', { retry_after: 1 });
    else if (at.length === 2) call.json('busy', { status: 503, headers: { 'retry-after': '0' } });
    else call.json({ tokens: ['there'] });
  };
  assert.deepEqual(await clientOf(service).tokens(), ['there']);
  assert.ok(at[1] - at[0] >= 990, at.join());
  // A third refusal, one that takes too long, and one that says nothing of when are the caller's.
  for (const [answer, code, details] of [
    [(call) => call.refuse(503, 'REDIS_UNAVAILABLE', { attempts: 0, retry_after_ms: 1 }), 'REDIS_UNAVAILABLE', { attempts: 0, retry_after_ms: 1 }],
    [(call) => call.refuse(429, 'RATE_LIMITED', {}, { 'retry-after': '3600' }), 'RATE_LIMITED', { retry_after: 3600 }],
    [(call) => call.refuse(503, 'STALE_STATE', { pool_id: 'P' }), 'STALE_STATE', { pool_id: 'P' }],
  ]) {
    const before = service.calls.length;
    service.answers['/tokens'] = answer;
    await assert.rejects(clientOf(service).tokens(), refusedAs(code, details));
    assert.equal(service.calls.length - before, code === 'REDIS_UNAVAILABLE' ? 3 : 1);
  }
});

test('what is no answer of a quote service is told apart from one that does not come', async () => {
  const service = await startService({
    '/tokens': (call) => call.json('<html>gateway</html>', { status: 502 }),
    '/pairs': (call) => call.json('{"pairs":['),
    '/routes': (call) => call.destroy(),
    '/pools': () => undefined,
  });
  const client = new QuoteClient({ url: service.url, timeoutMs: 100 });
  await assert.rejects(client.tokens(), refusedAs('ANSWER_INVALID', { path: '/tokens', status: 502, reason: '<html>gateway</html>' }));
  await assert.rejects(client.pairs(), refusedAs('ANSWER_INVALID', { path: '/pairs', status: 200, reason: '{"pairs":[' }));
  await assert.rejects(client.routes('A', 'B'), refusedAs('SERVICE_UNREACHABLE'));
  await assert.rejects(client.pools(), refusedAs('SERVICE_UNREACHABLE', { path: '/pools', reason: 'no answer within 100 ms' }));
  await service.stop();
  await assert.rejects(client.tokens(), refusedAs('SERVICE_UNREACHABLE'));
});

test('an abort is an AbortError, before a call, during it, and while it waits to be made again', async () => {
  const service = await startService({ '/tokens': () => undefined, '/pairs': (call) => call.refuse(429, 'RATE_LIMITED', { retry_after: 5 }), '/quote': () => undefined });
  const client = clientOf(service);
  for (const name of ['tokens', 'pairs']) {
    const controller = new AbortController();
    const rejected = assert.rejects(client[name]({ signal: controller.signal }), { name: 'AbortError' });
    await until(() => service.of(`/${name}`).length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error('of the caller'));
    await rejected;
  }
  await assert.rejects(client.tokens({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  await assert.rejects(client.quote(oneBtc(), { signal: AbortSignal.timeout(0) }), { name: 'AbortError' });
});

test('an option of a call that is misspelt or of another kind is refused, and nothing is asked', async () => {
  const service = await startService({});
  const client = clientOf(service);
  const names = (field) => (error) => refusedAs('INVALID_REQUEST')(error) && error.details.field === field;
  const args = { quote: [oneBtc()], quotes: [[oneBtc()]], pool: ['P'], routes: ['BTC', 'USDC'], tokens: [], pairs: [], pools: [], health: [] };
  for (const [call, given] of Object.entries(args)) {
    await assert.rejects(client[call](...given, { sginal: 1 }), names('sginal'), call);
    await assert.rejects(client[call](...given, null), names('options'), call);
    await assert.rejects(client[call](...given, { signal: 5_000 }), names('signal'), call);
  }
  await assert.rejects(client.routes('BTC', 'USDC', { max_hop: 1 }), names('max_hop'));
  assert.throws(() => client.stream(oneBtc(), { onstate: () => {} }), names('onstate'));
  assert.throws(() => client.stream(oneBtc(), { onState: 'live' }), names('onState'));
  assert.throws(() => client.stream(oneBtc(), { signal: {} }), names('signal'));
  assert.equal(service.calls.length, 0);
});

test('a client wants an address, and options that it knows', () => {
  for (const [options, field] of [
    [undefined, 'options'],
    [new Map([['url', 'https://quotes.example']]), 'options'],
    [{}, 'url'],
    [{ url: 'ftp://quotes.example' }, 'url'],
    [{ url: 'https://user:secret@quotes.example' }, 'url'],
    [{ url: 'https://quotes.example', key: 'secret' }, 'key'],
    [{ url: 'https://quotes.example', apiKey: 5 }, 'apiKey'],
    [{ url: 'https://quotes.example', timeoutMs: 0 }, 'timeoutMs'],
    [{ url: 'https://quotes.example', timeoutMs: true }, 'timeoutMs'],
    [{ url: 'https://quotes.example', streams: 'false' }, 'streams'],
    [{ url: 'https://quotes.example', fetch: null }, 'fetch'],
  ]) {
    assert.throws(() => new QuoteClient(options), (error) => refusedAs('INVALID_REQUEST')(error) && error.details.field === field, field);
  }
});

test('a fetch of the caller is used, as a function', async () => {
  const client = new QuoteClient({
    url: 'https://quotes.example/base/',
    async fetch(url, { headers }) {
      assert.equal(this, undefined);
      assert.deepEqual([url, headers], ['https://quotes.example/base/tokens', {}]);
      return new Response('{"tokens":[]}');
    },
  });
  assert.deepEqual(await client.tokens(), []);
});
