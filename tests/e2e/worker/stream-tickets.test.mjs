// Tickets: leave to open one stream, for those who can send no key.
import assert from 'node:assert/strict';
import { afterEach, before, describe, test } from 'node:test';
import { closeStreams, openStream } from './event-stream.mjs';
import { startMarket } from './market.mjs';

const QUOTE = '/quote/stream?token_in=BTC&token_out=USDC&amount_in=1';

afterEach(closeStreams);

describe('with keys', () => {
  const KEY = 'a-key-of-sixteen-characters';
  let market;
  before(async () => {
    market = await startMarket({ vars: { API_KEYS: KEY } });
  });

  const ticket = async (path, headers = { 'x-api-key': KEY }) => {
    const response = await market.worker.fetch('/stream/ticket', { method: 'POST', headers, body: JSON.stringify({ path }) });
    return { status: response.status, ...(await response.json()) };
  };

  test('a ticket opens the stream it was given for, and no other', async () => {
    const { worker } = market;
    assert.equal((await worker.fetch(QUOTE)).status, 401);
    assert.equal((await ticket(QUOTE, {})).status, 401);
    const given = await ticket(QUOTE);
    assert.equal(given.status, 200, JSON.stringify(given));
    assert.ok(!given.path.includes(KEY));
    const stream = await openStream(worker, given.path);
    assert.equal((await stream.next()).event, 'quote');
    stream.close();
    const [expires, code] = given.ticket.split('.');
    for (const path of [
      given.path.replace('amount_in=1', 'amount_in=2'),
      `/changes?pools=BTC-USDC-25&ticket=${given.ticket}`,
      given.path.replace('/stream', ''),
      `${QUOTE}&ticket=${Number(expires) + 1}.${code}`,
      `${QUOTE}&ticket=${Number(expires) - 120}.${code}`,
      `${given.path}&ticket=${given.ticket}`,
    ]) {
      assert.equal((await worker.fetch(path)).status, 401, path);
    }
    const other = await openStream(worker, QUOTE, { headers: { authorization: `Bearer ${KEY}` } });
    assert.equal((await other.next()).event, 'quote');
    other.close();
  });

  test('the body may have a byte order mark in front, and is told about as elsewhere', async () => {
    const send = async (body) => {
      const response = await market.worker.fetch('/stream/ticket', { method: 'POST', headers: { 'x-api-key': KEY }, body });
      return { status: response.status, ...(await response.json()) };
    };
    const body = JSON.stringify({ path: QUOTE });
    assert.equal((await send(`\ufeff${body}`)).status, 200);
    for (const [text, told] of [
      [`\ufeff\ufeff${body}`, /expected value at line 1 column 1$/],
      [Buffer.from([0x22, 0xff, 0x22]), /^the request body is not UTF-8$/],
      [String.raw`{"path":"\udc00"}`, /: lone surrogate in hex escape at line 1 column \d+$/],
      ['{"unexpected end of hex escape":1}', /: unknown field `unexpected end of hex escape`, expected `path`/],
    ]) {
      const { status, error } = await send(text);
      assert.deepEqual([status, error.code, error.details.field], [400, 'INVALID_REQUEST', 'body']);
      assert.match(error.message, told);
    }
  });

  test('a ticket is for streams alone', async () => {
    for (const path of ['/quote?token_in=BTC', '/pools', 'https://elsewhere.example/changes', '']) {
      const { status, error } = await ticket(path);
      assert.deepEqual([status, error.details.field], [400, 'path'], path);
    }
  });
});
