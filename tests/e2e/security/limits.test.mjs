// Requests that are larger, longer or deeper than any that is meant: each is refused under its code, and costs little.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ONE_BTC, assertRefused, startMarket } from '../worker/market.mjs';

/** A refusal says what is wrong; it does not send back what it was sent. */
const LONGEST_REFUSAL = 1_500;

const { worker } = await startMarket();

async function refused(method, path, { body, headers } = {}) {
  const response = await worker.fetch(path, { method, body, headers });
  const text = await response.text();
  assert.ok(text.length < LONGEST_REFUSAL, `${text.length} bytes: ${text.slice(0, 300)}`);
  return { status: response.status, body: JSON.parse(text) };
}

const invalid = (answer) => assertRefused(answer, 'INVALID_REQUEST', 400);
const quote = (change) => refused('POST', '/quote', { body: typeof change === 'string' ? change : JSON.stringify({ ...ONE_BTC, ...change }) });
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const names = (count) => Array.from({ length: count }, (_, at) => `P${at}`);

test('bodies', async () => {
  for (const [path, limit] of [['/quote', 65_536], ['/quotes', 524_288]]) {
    const answer = await refused('POST', path, { body: Buffer.alloc(limit + 1, ' ') });
    assert.deepEqual(assertRefused(answer, 'BODY_TOO_LARGE', 413), { limit });
    assert.equal(invalid(await refused('POST', path, { body: Buffer.alloc(limit, ' ') })).field, 'body');
  }
  assert.equal(invalid(await refused('POST', '/quote', { body: Buffer.from([0x7b, 0xff, 0xfe]) })).field, 'body');
});

test('queries, on every path', async () => {
  const long = 'x'.repeat(16 * 1024);
  for (const path of ['/quote', '/quotes', '/routes', '/pools', '/pools/BTC-USDC-25', '/pairs', '/tokens', '/snapshot', '/health', '/metrics']) {
    const method = path === '/quotes' ? 'POST' : 'GET';
    const details = invalid(await refused(method, `${path}?a=${long}`));
    assert.deepEqual(details, { field: 'query', limit: 16_384 }, path);
  }
  const shorter = invalid(await refused('GET', `/quote?${'a=b&'.repeat(4000)}`));
  assert.equal(shorter.field, 'a');
});

test('lists', async () => {
  for (const field of ['pools', 'exclude_pools', 'via']) {
    assert.equal(invalid(await quote({ [field]: names(101) })).field, field);
    assert.equal(invalid(await quote({ [field]: [] })).field, field);
    assert.equal(invalid(await quote({ [field]: ['A'.repeat(129)] })).field, field);
  }
  assert.equal(invalid(await refused('GET', `/snapshot?pools=${names(101)}`)).field, 'pools');
  assert.equal(invalid(await refused('GET', '/pools?limit=1001')).field, 'limit');
  const requests = Array(101).fill(ONE_BTC);
  assert.deepEqual(invalid(await refused('POST', '/quotes', { body: JSON.stringify({ requests }) })), { field: 'requests', limit: 100 });
});

test('names and digits', async () => {
  const long = 'A'.repeat(60_000);
  assert.equal(invalid(await quote({ token_in: long })).field, 'token_in');
  assert.ok(invalid(await quote(JSON.stringify({ ...ONE_BTC, [long]: 1 }))).field.length <= 64);
  assert.equal(invalid(await refused('POST', '/quotes', { body: `{"${long}":1}` })).field, long.slice(0, 64));
  assert.equal(invalid(await refused('GET', `/pools/${'A'.repeat(4_000)}`)).field, 'pool_id');
  for (const amount of ['9'.repeat(60_000), `0.${'9'.repeat(60_000)}`, `1e${'9'.repeat(60_000)}`, `1e-${'9'.repeat(5_000)}`]) {
    const { status, body } = await quote(`{"token_in":"BTC","token_out":"USDC","amount_in":${amount}}`);
    assert.ok(['INVALID_REQUEST', 'AMOUNT_OVERFLOW'].includes(body.error.code) && status < 500, body.error.code);
  }
  assertRefused(await quote({ amount_in: undefined, amount_in_atomic: '9'.repeat(60_000) }), 'AMOUNT_OVERFLOW', 422);
});

test('depth', async () => {
  const fields = { token_in: '"BTC"', token_out: '"USDC"', amount_in: '1' };
  const within = (field, json) => `{${Object.entries({ ...fields, [field]: json }).map(([name, value]) => `"${name}":${value}`)}}`;
  for (const field of ['token_in', 'amount_in', 'pools', 'strict']) {
    assert.equal(invalid(await quote(within(field, nested(127)))).field, field);
    // Deeper than anything is read, whatever field it stands in.
    assert.equal(invalid(await quote(within(field, nested(30_000)))).field, 'body');
  }
  assert.equal(invalid(await quote(nested(30_000))).field, 'body');
  assert.equal(invalid(await refused('POST', '/quotes', { body: nested(250_000) })).field, 'body');
  const { body } = await refused('POST', '/quotes', { body: `{"requests":[${nested(250_000)}]}` });
  assert.deepEqual(body.answers.map(({ error }) => error.code), ['INVALID_REQUEST']);
});

test('headers', async () => {
  for (const name of ['if-none-match', 'origin', 'authorization', 'x-api-key', 'x-other']) {
    const response = await worker.fetch('/snapshot?pools=BTC-USDC-25', { headers: { [name]: '"a",'.repeat(3_000) } });
    assert.equal(response.status, 200, name);
    await response.text();
  }
  // More than any server reads: the connection is answered with a refusal or closed, and nothing else suffers.
  const answer = await raw(`GET /tokens HTTP/1.1\r\nhost: a\r\nx-other: ${'a'.repeat(2_000_000)}\r\n\r\n`);
  assert.match(answer, /^(HTTP\/1\.1 4\d\d|$)/, answer.slice(0, 100));
});

test('and it quotes as before', async () => {
  const response = await worker.fetch('/quote', { method: 'POST', body: JSON.stringify(ONE_BTC) });
  assert.equal((await response.json()).amount_out, 99900);
});

/** What the server sends for these bytes until it closes the connection. */
function raw(bytes) {
  const { hostname, port } = new URL(worker.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    socket.on('error', () => resolve(text)).on('close', () => resolve(text));
    socket.end(bytes);
  });
}
