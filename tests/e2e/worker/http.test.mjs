// HTTP around the handlers: paths, methods, CORS, headers.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startWorker, upstashVars } from '../stack/index.mjs';
import { answerHealthy, send, startScriptedServer } from './scripted-server.mjs';

const READ = 'GET, HEAD, OPTIONS';

describe('with any origin allowed', () => {
  let worker;
  before(async () => {
    const redis = await startScriptedServer(answerHealthy);
    worker = await startWorker({ vars: upstashVars(redis) });
  });

  test('an answer is JSON that nobody keeps, under an id of its own', async () => {
    const ids = new Set();
    for (let i = 0; i < 3; i += 1) {
      const answer = await worker.fetch('/health', { headers: { 'x-request-id': 'mine' } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.match(answer.headers.get('x-request-id'), /^[0-9a-f]{32}$/);
      const body = await answer.json();
      assert.equal(body.request_id, answer.headers.get('x-request-id'));
      ids.add(body.request_id);
    }
    assert.equal(ids.size, 3);
  });

  test('HEAD is GET without the body, and tells its length', async () => {
    const [get, head] = [await worker.fetch('/health'), await worker.fetch('/health', { method: 'HEAD' })];
    assert.equal(head.status, 200);
    assert.equal(await head.text(), '');
    assert.equal(head.headers.get('content-type'), 'application/json');
    // Times and counters are part of the body, so the length may differ by a few digits.
    assert.ok(Math.abs(Number(head.headers.get('content-length')) - (await get.text()).length) <= 20);
  });

  test('an unknown path is NOT_FOUND with every method', async () => {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD']) {
      const answer = await worker.fetch('/nothing?a=1', { method });
      assert.equal(answer.status, 404, method);
      if (method === 'HEAD') continue;
      const { code, details } = (await answer.json()).error;
      assert.deepEqual([code, details.path, details.paths.includes('/quote')], ['NOT_FOUND', '/nothing', true]);
    }
  });

  test('a wrong method is METHOD_NOT_ALLOWED and tells the right ones', async () => {
    for (const [method, path, allow] of [
      ['DELETE', '/quote', 'GET, HEAD, POST, OPTIONS'],
      ['POST', '/health', READ],
      ['PUT', '/pools', READ],
      ['PATCH', '/pools/BTC-USDC-25', READ],
    ]) {
      const answer = await worker.fetch(path, { method });
      assert.equal(answer.status, 405, path);
      assert.equal(answer.headers.get('allow'), allow);
      const body = await answer.json();
      assert.equal(body.success, false);
      assert.equal(body.error.code, 'METHOD_NOT_ALLOWED');
      assert.equal(body.request_id, answer.headers.get('x-request-id'));
    }
  });

  test('OPTIONS has no body and tells methods and origins', async () => {
    const answer = await worker.fetch('/quote', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(answer.status, 204);
    assert.equal(await answer.text(), '');
    assert.equal(answer.headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.equal(answer.headers.get('access-control-allow-methods'), 'GET, HEAD, POST, OPTIONS');
    assert.equal(answer.headers.get('access-control-allow-headers'), 'authorization, content-type, if-none-match, last-event-id, x-api-key');
    assert.equal(answer.headers.get('access-control-allow-credentials'), null);
  });

  test('every answer, errors included, may be read by any page', async () => {
    for (const path of ['/health', '/nothing']) {
      const answer = await worker.fetch(path, { headers: { origin: 'https://app.example' } });
      assert.equal(answer.headers.get('access-control-allow-origin'), '*', path);
      assert.equal(answer.headers.get('access-control-expose-headers'), 'etag, x-dlmm-block-height, x-dlmm-heartbeat, x-dlmm-source, x-request-id');
      await answer.text();
    }
  });

  test('a body that is too large is refused with its limit, however it is sent', async () => {
    // Large enough that a server which stopped reading would break the connection before its answer is read.
    const large = Buffer.alloc(6 * 1024 * 1024, ' ');
    const inPieces = () =>
      new ReadableStream({
        start(stream) {
          for (let at = 0; at < large.length; at += 65536) stream.enqueue(large.subarray(at, at + 65536));
          stream.close();
        },
      });
    for (const init of [{ body: large }, { body: inPieces(), duplex: 'half' }, { body: Buffer.alloc(65537, ' ') }]) {
      const answer = await worker.fetch('/quote', { method: 'POST', ...init });
      assert.equal(answer.status, 413);
      const { error } = await answer.json();
      assert.deepEqual([error.code, error.details], ['BODY_TOO_LARGE', { limit: 65536 }]);
    }
    const fitting = await worker.fetch('/quote', { method: 'POST', body: Buffer.alloc(65536, ' ') });
    assert.equal((await fitting.json()).error.code, 'INVALID_REQUEST');
  });

  test('each request leaves one log line, without its query', async () => {
    const answer = await worker.fetch('/nothing/here?secret=hunter2');
    await answer.text();
    const id = answer.headers.get('x-request-id');
    let lines = [];
    for (let tries = 0; tries < 100 && lines.length === 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      lines = worker.logs().filter((line) => line.includes(id));
    }
    assert.equal(lines.length, 1);
    const line = JSON.parse(lines[0]);
    assert.deepEqual(
      [line.level, line.event, line.method, line.path, line.status, line.code],
      ['info', 'request', 'GET', '/nothing/here', 404, 'NOT_FOUND'],
    );
    assert.ok(!worker.logs().join('\n').includes('hunter2'));
  });
});

test('with a list of origins only those on it may read, and caches are told', async () => {
  const worker = await startWorker({
    vars: { ...upstashVars({ url: 'http://127.0.0.1:1', token: 't' }), ALLOWED_ORIGINS: 'https://app.example' },
  });
  for (const [origin, allowed] of [
    ['https://app.example', 'https://app.example'],
    ['https://evil.example', null],
    [undefined, null],
  ]) {
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await worker.fetch('/quote', { method, headers: origin ? { origin } : {} });
      assert.equal(answer.headers.get('access-control-allow-origin'), allowed, `${method} ${origin}`);
      assert.equal(answer.headers.get('vary'), 'origin');
      await answer.text();
    }
  }
});

test('settings that cannot be used are named on every path, and their values are not', async () => {
  for (const [vars, setting] of [
    [{}, 'UPSTASH_REDIS_REST_URL'],
    [{ UPSTASH_REDIS_REST_URL: 'https://hunter2.example' }, 'UPSTASH_REDIS_REST_TOKEN'],
    [{ ...upstashVars({ url: 'rediss://hunter2', token: 't' }) }, 'UPSTASH_REDIS_REST_URL'],
    [{ REDIS_FALLBACK_TO_MOCK: 'true', ENVIRONMENT: 'production' }, 'REDIS_FALLBACK_TO_MOCK'],
  ]) {
    const worker = await startWorker({ vars });
    for (const path of ['/health', '/quote', '/nothing']) {
      const answer = await worker.fetch(path);
      const text = await answer.text();
      assert.equal(answer.status, 500);
      assert.deepEqual(JSON.parse(text).error.details, { setting });
      assert.equal(JSON.parse(text).error.code, 'CONFIG_INVALID');
      assert.ok(!text.includes('hunter2'), text);
    }
    await worker.stop();
    assert.ok(!worker.logs().join('\n').includes('hunter2'));
  }
});

test('variables of wrangler.toml may be numbers and booleans', async () => {
  const redis = await startScriptedServer((_, response) => send(response, 503, 'down', {}));
  const vars = { ...upstashVars(redis), REDIS_MAX_RETRIES: 1, REDIS_BACKOFF_FACTOR: 0, STRICT_STATE: true };
  const worker = await startWorker({ vars });
  assert.equal((await worker.fetch('/health')).status, 503);
  assert.equal(redis.requests.length, 2);
});
