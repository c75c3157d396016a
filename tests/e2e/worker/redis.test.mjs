// The client of Redis under workerd: against the real gateway and Redis, and against scripted faults.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { answerHealthy, HEALTHY, isPing, send, startScriptedServer } from './scripted-server.mjs';

/** Short waits between tries; the deadline stays long, so that a busy machine fails no test. */
const QUICK = { REDIS_BACKOFF_FACTOR: '0.1' };

/** For what never answers, so that the end of the deadline is all there is to wait for. */
const SHORT = { REDIS_SOCKET_TIMEOUT: '0.5' };

async function health(worker) {
  const answer = await worker.fetch('/health');
  return { status: answer.status, ...(await answer.json()), http: answer.status };
}

describe('with the gateway and a real Redis', () => {
  test('health counts the keys, and tells when Redis goes and comes back', async () => {
    const redis = await startRedis();
    const worker = await startWorker({
      vars: { ...upstashVars(await startGateway({ redisUrl: redis.url })), ...QUICK },
    });
    const pool = { pool_id: 'P', token_x: 'A', token_y: 'B', active_bin_id: 500, status: 'active' };
    await redis.command('MSET', 'a', '1', 'pool:P', JSON.stringify(pool));
    const up = await health(worker);
    assert.deepEqual([up.http, up.status, up.redis.reachable, up.redis.keys], [200, 'ok', true, 2]);
    assert.equal(up.environment, 'development');
    await redis.stop();
    const down = await health(worker);
    assert.deepEqual([down.http, down.status, down.redis.reachable], [503, 'down', false]);
    assert.equal(down.redis.error, 'REDIS_UNAVAILABLE');
    await redis.restart();
    assert.equal((await health(worker)).status, 'ok');
  });

  test('a Redis that hangs is given up at the deadline, and used again afterwards', async () => {
    const redis = await startRedis();
    await redis.command('SET', 'pool:P', '{"pool_id":"P","token_x":"A","token_y":"B"}');
    const gateway = await startGateway({ redisUrl: redis.url });
    const [patient, hasty] = await Promise.all(
      [QUICK, SHORT].map((settings) => startWorker({ vars: { ...upstashVars(gateway), ...settings } })),
    );
    redis.pause();
    const down = await health(hasty);
    assert.deepEqual([down.http, down.redis.error], [503, 'REDIS_TIMEOUT']);
    redis.resume();
    assert.equal((await health(patient)).status, 'ok');
  });

  test('a wrong token is REDIS_AUTH and stays out of answers and logs', async () => {
    const gateway = await startGateway({ redisUrl: (await startRedis()).url });
    const vars = { ...upstashVars({ ...gateway, url: gateway.url, token: 'hunter2' }), LOG_LEVEL: 'debug' };
    const worker = await startWorker({ vars });
    const down = await health(worker);
    assert.deepEqual([down.http, down.status, down.redis.error], [503, 'down', 'REDIS_AUTH']);
    assert.ok(!JSON.stringify(down).includes('hunter2'));
    await worker.stop();
    assert.ok(!worker.logs().join('\n').includes('hunter2'));
  });

  test('a user who may not ask for the size still finds Redis well', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'dlmm-acl-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const aclfile = join(dir, 'users.acl');
    writeFileSync(aclfile, 'user default on nopass ~* &* +@all\nuser reader on >pw ~* resetchannels -@all +ping +mget\n');
    const redis = await startRedis({ aclfile });
    const gateway = await startGateway({ redisUrl: redis.urlFor('reader', 'pw') });
    const worker = await startWorker({ vars: upstashVars(gateway) });
    const limited = await health(worker);
    assert.deepEqual([limited.status, limited.redis.reachable, limited.redis.keys], ['ok', true, null]);
  });
});

describe('with scripted faults', () => {
  /** Starts a server with this script and a Worker that uses it. */
  async function start(answer, vars = {}) {
    const redis = await startScriptedServer(answer);
    const worker = await startWorker({ vars: { ...upstashVars(redis), ...QUICK, ...vars } });
    return { redis, worker };
  }

  test('the request on the wire is what the REST API takes', async () => {
    const { redis, worker } = await start(answerHealthy);
    await health(worker);
    const [request] = redis.requests;
    assert.deepEqual([request.method, request.url], ['POST', '/pipeline']);
    assert.equal(request.headers.authorization, 'Bearer scripted-token');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.equal(request.headers['upstash-encoding'], undefined);
    assert.deepEqual(JSON.parse(request.body), [['PING'], ['DBSIZE'], ['INFO']]);
  });

  for (const [name, fault] of [
    ['HTML with status 502', (response) => send(response, 502, '<html>Bad gateway</html>', {})],
    ['plain text with status 200', (response) => send(response, 200, 'error code: 1016', {})],
    ['status 429', (response) => send(response, 429, '{"error":"slow down"}')],
    ['a broken connection', (response) => response.socket.destroy()],
    [
      'a body that breaks off',
      (response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('[{"result":', () => response.socket.destroy());
      },
    ],
  ]) {
    test(`${name} is tried again`, async () => {
      const { redis, worker } = await start((request, response, count) =>
        count < 2 ? fault(response) : answerHealthy(request, response),
      );
      assert.equal((await health(worker)).status, 'ok');
      assert.equal(redis.requests.filter(isPing).length, 3);
    });
  }

  for (const [name, fault, code] of [
    ['a quota text', (response) => send(response, 400, '{"error":"ERR max requests limit exceeded. Limit: 5"}'), 'REDIS_UNAVAILABLE'],
    ['NOPERM for the whole pipeline', (response) => send(response, 400, '{"error":"NOPERM no"}'), 'REDIS_AUTH'],
    ['an error with status 200', (response) => send(response, 200, '{"error":"WRONGPASS no"}'), 'REDIS_AUTH'],
    ['a short list', (response) => send(response, 200, '[{"result":"PONG"}]'), 'UPSTREAM_INVALID'],
    ['a wrong type', (response) => send(response, 200, '[{"result":"PONG"},{"result":"3"},{"result":""}]'), 'UPSTREAM_INVALID'],
    ['status 403 without JSON', (response) => send(response, 403, 'error code: 1003', {}), 'UPSTREAM_INVALID'],
    [
      'a body declared larger than is read',
      (response) => {
        response.writeHead(200, { 'content-length': 64 * 1024 * 1024 });
        response.write('[');
      },
      'UPSTREAM_INVALID',
    ],
    [
      'a body that does not end',
      (response) => {
        response.writeHead(200, {});
        const more = () => {
          while (!response.destroyed && response.write(' '.repeat(1 << 20)));
        };
        response.on('drain', more);
        more();
      },
      'UPSTREAM_INVALID',
    ],
  ]) {
    test(`${name} is ${code} at once`, async () => {
      const { redis, worker } = await start((_, response) => fault(response), { REDIS_SOCKET_TIMEOUT: '30' });
      const down = await health(worker);
      assert.deepEqual([down.http, down.redis.error], [503, code]);
      assert.equal(redis.requests.length, 1);
    });
  }

  for (const [name, fault] of [
    ['no answer', () => {}],
    [
      'headers without a body',
      (response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('[');
      },
    ],
    [
      'a body of unknown length that stops',
      (response) => {
        response.writeHead(200);
        response.write('[');
      },
    ],
  ]) {
    test(`${name} ends at the deadline`, async () => {
      const { redis, worker } = await start((_, response) => fault(response), SHORT);
      const down = await health(worker);
      assert.deepEqual([down.http, down.redis.error], [503, 'REDIS_TIMEOUT']);
      assert.equal(redis.requests.length, 1);
      // The isolate is unharmed and the connection free again.
      assert.equal((await health(worker)).redis.error, 'REDIS_TIMEOUT');
    });
  }

  test('what is given up at the deadline leaves nothing behind in memory', async () => {
    const { worker } = await start(() => {}, { REDIS_SOCKET_TIMEOUT: '0.01', REDIS_MAX_RETRIES: '0', REDIS_BREAKER_FAULTS: '0' });
    const giveUp = async (times) => {
      for (let left = times; left > 0; left -= 40) {
        const answers = await Promise.all(Array.from({ length: 40 }, () => health(worker)));
        assert.ok(answers.every(({ redis }) => redis.error === 'REDIS_TIMEOUT'));
      }
      return (await health(worker)).wasm_memory_bytes;
    };
    const warm = await giveUp(1_000);
    // A promise that is never settled costs 150 bytes. Memory grows by whole pages of 64 KiB.
    assert.ok((await giveUp(4_000)) - warm <= 2 * 65_536);
  });

  test('a body of unknown length is read in pieces', async () => {
    const { worker } = await start((request, response) => {
      if (!isPing(request)) return answerHealthy(request, response);
      response.writeHead(200);
      response.write(HEALTHY.slice(0, 7), () => response.end(HEALTHY.slice(7)));
    });
    assert.equal((await health(worker)).redis.keys, 3);
  });

  test('a redirect is not followed, so the token stays here', async () => {
    const elsewhere = await startScriptedServer(answerHealthy);
    const { worker } = await start((_, response) => send(response, 307, '', { location: `${elsewhere.url}/pipeline` }));
    assert.equal((await health(worker)).redis.error, 'UPSTREAM_INVALID');
    assert.equal(elsewhere.requests.length, 0);
  });

  test('debug logs name commands, counts and outcomes, never values or the token', async () => {
    const { worker } = await start(
      (request, response, count) => (count === 0 ? send(response, 503, '') : answerHealthy(request, response)),
      { LOG_LEVEL: 'debug' },
    );
    await health(worker);
    await worker.stop();
    const text = worker.logs().join('\n');
    const lines = worker.logs().map((line) => JSON.parse(line)).filter(({ event }) => event === 'redis');
    assert.deepEqual(
      lines.slice(0, 2).map(({ command, keys, attempt, outcome }) => [command, keys, attempt, outcome]),
      [
        ['PING+DBSIZE+INFO', 0, 1, 'unavailable'],
        ['PING+DBSIZE+INFO', 0, 2, 'ok'],
      ],
    );
    assert.ok(!text.includes('scripted-token') && !text.includes('PONG'), text);
  });

  test('interleaved requests do not disturb each other', async () => {
    const { worker } = await start((request, response, count) =>
      setTimeout(() => answerHealthy(request, response), count % 3 === 0 ? 100 : 5),
    );
    const answers = await Promise.all(Array.from({ length: 30 }, () => health(worker)));
    assert.deepEqual(new Set(answers.map(({ http }) => http)), new Set([200]));
    assert.equal(new Set(answers.map(({ request_id }) => request_id)).size, 30);
  });
});
