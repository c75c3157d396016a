// A batch with `share_state`: the state once, and every answer verifies once it has it again.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startWorker } from '../stack/index.mjs';
import { ONE_BTC, dlmm, startMarket } from '../worker/market.mjs';
import { resolveInputs } from '../../../web/js/batch.js';
import { batch, parallel, startWideMarket } from './wide-market.mjs';

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlmm-share-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function verify(text) {
  const file = join(folder, 'batch.json');
  await writeFile(file, text);
  return dlmm(['verify-quote', file]).catch(({ stdout, stderr }) => stdout + stderr);
}

const without = ({ input, input_ref, request_id, state, ...rest }) => rest;

test('100 quotes with their state fit into one answer, and all of them verify', async () => {
  const market = await startWideMarket(parallel(64));
  const requests = Array.from({ length: 100 }, (_, n) => ({ token_in: n % 2 ? 'A' : 'B', token_out: n % 2 ? 'B' : 'A', amount_in: 1 + n, include_state: n !== 7 }));
  const shared = await batch(market.worker, requests, { share_state: true });
  assert.equal(shared.status, 200);
  const kinds = shared.body.answers.map(({ success, input, input_ref }) => [success, input === undefined, input_ref !== undefined]);
  const answered = kinds.filter(([success]) => success).length;
  assert.ok(answered >= 20, `${answered}`);
  assert.ok(kinds.every(([success, noInput, hasRef], n) => !success || (noInput && hasRef === (n !== 7))));
  assert.equal(shared.body.states.length, 1);
  const resolved = resolveInputs(shared.body);
  const some = resolved.filter(({ input }) => input !== undefined).slice(0, 5);
  assert.match(await verify(some.map((one) => JSON.stringify(one)).join('\n')), /5 answers: 5 equal/);
});

test('the command verifies such a batch as it came, and the digest is that of the whole input', async () => {
  const market = await startMarket();
  const requests = [ONE_BTC, { token_in: 'SOL', token_out: 'BTC', amount_in: 5 }, { ...ONE_BTC, amount_in: 2, explain: true }].map((request) => ({ ...request, include_state: true }));
  // From then on what they need is known, so the next two read the same.
  await batch(market.worker, requests);
  const shared = await batch(market.worker, requests, { share_state: true });
  const own = await batch(market.worker, requests);
  assert.equal(own.body.states, undefined);
  assert.match(await verify(JSON.stringify(shared.body)), /3 answers: 3 equal/);
  assert.match(await verify(JSON.stringify(own.body)), /3 answers: 3 equal/);
  assert.deepEqual(shared.body.answers.map(without), own.body.answers.map(without), 'digests included');
  assert.deepEqual(resolveInputs(shared.body).map(({ input }) => input), own.body.answers.map(({ input }) => input));
  shared.body.states[0].pools[0].bins[0][1] = shared.body.states[0].pools[0].bins[0][1].replace(/\d/, '9');
  assert.match(await verify(JSON.stringify(shared.body)), /different/);
});

test('reads apart have states apart, and the sample has them too', async () => {
  const pairs = Object.fromEntries(Array.from({ length: 4 }, (_, n) => [`Q${n}`, [`X${n}`, `Y${n}`, { bins: 101 }]]));
  const market = await startWideMarket(pairs, { MAX_KEYS_PER_QUOTE: '40' });
  const requests = Array.from({ length: 8 }, (_, n) => ({ token_in: `X${n % 4}`, token_out: `Y${n % 4}`, amount_in: 1, include_state: true }));
  const { body } = await batch(market.worker, requests, { share_state: true });
  assert.equal(body.states.length, 2);
  assert.match(await verify(JSON.stringify(body)), /8 answers: 8 equal/);
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' } });
  const sample = await batch(worker, [ONE_BTC, { ...ONE_BTC, token_out: 'SOL' }].map((one) => ({ ...one, include_state: true })), { share_state: true });
  assert.match(await verify(JSON.stringify(sample.body)), /2 answers: 2 equal/);
});
