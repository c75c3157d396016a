// A panic costs the requests that are under way in the isolate, with status 500 and no number, and nothing after it.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { startWorker, upstashVars } from '../stack/index.mjs';
import { ONE_BTC, assertRefused, post, startMarket } from '../worker/market.mjs';

test('the platform answers 500, and the next request is served', async () => {
  const { gateway } = await startMarket();
  const worker = await startWorker({ vars: upstashVars(gateway), panics: true });
  const gives = async () => {
    const { status, body } = await post(worker, ONE_BTC);
    return [status, body.amount_out, body.state?.source];
  };
  assert.deepEqual(await gives(), [200, 99900.0, 'redis']);
  for (const path of ['/panic-on-purpose', '/panic-on-purpose/later', '/panic-on-purpose']) {
    const response = await worker.fetch(path);
    const text = await response.text();
    assert.equal(response.status, 500, text);
    assert.ok(!text.includes('"success":true'));
    for (let round = 0; round < 3; round += 1) assert.deepEqual(await gives(), [200, 99900.0, 'redis'], `after ${path}`);
  }
  assert.equal((await worker.fetch('/health')).status, 200);
  await worker.stop();
  const logs = worker.logs().join('\n');
  assert.match(logs, /panicked at .*on_purpose\.rs/, 'the log says where');
  assert.equal(logs.match(/Reinitializing Wasm application/g)?.length, 3, 'each time with a fresh instance');
});

test('requests under way when it happens get an answer or a 500, never a wrong number', async () => {
  const { gateway } = await startMarket();
  const worker = await startWorker({ vars: upstashVars(gateway), panics: true });
  assert.equal((await post(worker, ONE_BTC)).status, 200);
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, async (_, at) => {
      if (at % 10 === 5) return (await worker.fetch('/panic-on-purpose/later')).status;
      const response = await worker.fetch('/quote', { method: 'POST', body: JSON.stringify(ONE_BTC) });
      const text = await response.text();
      if (response.status === 200) assert.equal(JSON.parse(text).amount_out, 99900.0);
      return response.status;
    }),
  );
  assert.ok(outcomes.every((status) => status === 200 || status === 500), outcomes.join());
  assert.ok(outcomes.includes(500));
  assert.equal((await post(worker, ONE_BTC)).body.amount_out, 99900.0);
});

test('a request whose body was still on its way gets an answer or a 500, and the next ones are served', async () => {
  const { gateway } = await startMarket();
  const worker = await startWorker({ vars: upstashVars(gateway), panics: true });
  assert.equal((await post(worker, ONE_BTC)).status, 200);
  const body = JSON.stringify(ONE_BTC);
  const slow = Array.from({ length: 3 }, () => {
    const { promise, resolve, reject } = Promise.withResolvers();
    const sending = request(new URL('/quote', worker.url), { method: 'POST', headers: { 'content-length': body.length } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sending.on('error', reject);
    sending.write(body.slice(0, 5));
    return { sending, status: promise };
  });
  assert.equal((await worker.fetch('/panic-on-purpose')).status, 500);
  slow[0].sending.end(body.slice(5));
  const first = await slow[0].status;
  assert.equal((await post(worker, ONE_BTC)).body.amount_out, 99900.0);
  slow.slice(1).forEach(({ sending }) => sending.end(body.slice(5)));
  const others = await Promise.all(slow.slice(1).map(({ status }) => status));
  assert.ok([first, ...others].every((status) => status === 200 || status === 500), [first, ...others].join());
  assert.equal((await post(worker, ONE_BTC)).body.amount_out, 99900.0);
});

test('the Worker that is deployed has no such paths', async () => {
  const { worker } = await startMarket();
  for (const path of ['/panic-on-purpose', '/panic-on-purpose/later']) {
    const response = await worker.fetch(path);
    assertRefused({ status: response.status, body: await response.json() }, 'NOT_FOUND', 404);
  }
});
