import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Unusable } from '../terminal/steps.mjs';
import { firstQuote } from './first-quote.mjs';

/** A service that answers one after the other; the headers it was asked with. */
async function service(t, ...answers) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    const [status, body] = answers.length > 1 ? answers.shift() : answers[0];
    request.resume().on('end', () => response.writeHead(status).end(JSON.stringify(body)));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close().closeAllConnections());
  const { signal } = new AbortController();
  return { asked, options: { url: `http://127.0.0.1:${server.address().port}`, signal, report: () => undefined } };
}

const refusal = (status, code, details = {}) => [status, { success: false, error: { code, message: `says ${code}`, details } }];

test('the quote is asked for until there is one, with the key of the service', async (t) => {
  const { asked, options } = await service(t, refusal(503, 'REDIS_UNAVAILABLE'), [200, { success: true }]);
  assert.deepEqual(await firstQuote({ ...options, key: 'a-key-of-sixteen-characters' }), { success: true });
  assert.deepEqual(asked.map((headers) => headers['x-api-key']), Array(2).fill('a-key-of-sixteen-characters'));
});

test('what no waiting mends is told at once, with where it is set', async (t) => {
  for (const [answer, told] of [
    [refusal(401, 'UNAUTHORIZED'), /^The Worker takes no request without one of its API_KEYS\. .*\.dev\.vars/],
    [refusal(500, 'CONFIG_INVALID', { setting: 'LOG_LEVEL' }), /^The Worker cannot use a setting: says CONFIG_INVALID\. .*\.dev\.vars or wrangler\.toml/],
  ]) {
    const { asked, options } = await service(t, answer);
    await assert.rejects(firstQuote(options), (error) => {
      assert.ok(error instanceof Unusable, String(error));
      assert.match(error.message, told);
      return true;
    });
    assert.equal(asked.length, 1);
    assert.equal(asked[0]['x-api-key'], undefined);
  }
});
