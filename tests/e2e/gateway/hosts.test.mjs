// Which pages and names may call: Host and Origin, whatever the token.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startFront, startPair, TOKEN } from './rest.mjs';

const guard = { timeout: 60_000 };
const { redis, gateway, call } = await startPair();

/** Sends a request with just these header lines, as `fetch` would not, and gives status, headers and JSON. */
async function ask(port, lines, { method = 'POST', target = '/', body = '["SET","intruder","1"]' } = {}) {
  const socket = connect(port, '127.0.0.1');
  const head = [`${method} ${target} HTTP/1.1`, ...lines, `content-length: ${body.length}`, 'connection: close'];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => (text += part));
  await once(socket, 'close');
  const [top, json] = text.split('\r\n\r\n');
  const [status, ...headers] = top.split('\r\n');
  return {
    status: Number(status.split(' ')[1]),
    headers: new Headers(headers.map((line) => line.match(/^(.+?): ?(.*)$/).slice(1))),
    json: json ? JSON.parse(json) : null,
  };
}

const bearer = `authorization: Bearer ${TOKEN}`;

test('answers to the names of the address it listens on, with its port', guard, async () => {
  const { port } = gateway;
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
    const { status, json } = await ask(port, [`host: ${host}`, bearer], { body: '["PING"]' });
    assert.deepEqual([status, json], [200, { result: 'PONG' }], host);
  }
});

test('refuses another host, none, and two, before the token and on every path', guard, async () => {
  const { port } = gateway;
  const others = [
    [`host: evil.example:${port}`],
    [`host: localhost.evil.example:${port}`],
    ['host: localhost'],
    [`host: localhost:${port + 1}`],
    [`host: 10.0.0.1:${port}`],
    [],
    [`host: localhost:${port}`, 'host: evil.example'],
  ];
  for (const lines of others) {
    for (const target of ['/', '/pipeline', '/multi-exec', '/set/intruder/1', `/set/intruder/1?_token=${TOKEN}`]) {
      const { status, json } = await ask(port, [...lines, bearer], { target });
      assert.ok([400, 403].includes(status), `${lines} ${target}: ${status}`);
      assert.match(json.error, /^ERR (this gateway does not listen on the host|a header appears twice)/);
    }
    assert.notEqual((await ask(port, lines)).status, 401, 'a wrong host is told nothing of tokens');
  }
  const target = `http://evil.example:${port}/set/intruder/1`;
  assert.equal((await ask(port, [`host: localhost:${port}`, bearer], { target })).status, 403);
  assert.equal(await redis.command('EXISTS', 'intruder'), 0);
});

test('refuses every origin, its own too, and never lets a page read', guard, async () => {
  const { port, url } = gateway;
  for (const origin of ['https://evil.example', url, 'null', '']) {
    for (const method of ['POST', 'GET', 'OPTIONS']) {
      const { status, headers, json } = await ask(port, [`host: localhost:${port}`, `origin: ${origin}`, bearer], { method });
      assert.equal(status, 403, `${method} from ${origin}`);
      assert.match(json.error, /^ERR web pages of this origin may not call/);
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
  }
  assert.equal(await redis.command('EXISTS', 'intruder'), 0);
});

test('takes hosts and origins that are allowed, and answers the questions of browsers', guard, async () => {
  const origin = 'https://app.example:8443';
  const flags = ['--allow-host', 'rest', '--allow-host', 'db.example:443', '--allow-origin', origin];
  const { gateway: open, call } = await startFront(redis.url, flags);
  const { port } = open;
  for (const host of ['rest', 'REST:80', `rest:${port}`, 'db.example:443', `localhost:${port}`]) {
    assert.equal((await ask(port, [`host: ${host}`, bearer], { body: '["PING"]' })).json.result, 'PONG', host);
  }
  for (const host of ['db.example', 'db.example:444', 'rest.evil.example']) {
    assert.equal((await ask(port, [`host: ${host}`, bearer])).status, 403, host);
  }
  const answer = await call('/ping', { headers: { origin } });
  assert.deepEqual([answer.json.result, answer.headers.get('access-control-allow-origin')], ['PONG', origin]);
  assert.match(answer.headers.get('vary'), /origin/i);
  assert.equal((await call('/ping', { headers: { origin: 'https://app.example' } })).status, 403);
  const wanted = ['access-control-request-method: POST', 'access-control-request-headers: authorization,upstash-encoding'];
  const asked = await ask(port, [`host: localhost:${port}`, `origin: ${origin}`, ...wanted], { method: 'OPTIONS', body: '' });
  assert.equal(asked.status, 200);
  assert.equal(asked.headers.get('access-control-allow-origin'), origin);
  assert.match(asked.headers.get('access-control-allow-headers'), /authorization,upstash-encoding/);
  assert.equal((await call('/ping', { method: 'DELETE', headers: { origin } })).status, 405);
});

test('goes on answering programs, which send no origin', guard, async () => {
  assert.equal((await call('/ping')).json.result, 'PONG');
});
