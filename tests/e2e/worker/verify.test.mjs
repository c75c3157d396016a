// Quotes of the Worker with `include_state` are what `dlmm verify-quote` computes from them, and nothing else is.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../../scripts/paths.mjs';
import { startWorker } from '../stack/index.mjs';
import { ONE_BTC, bendValue, dlmm, post, startMarket } from './market.mjs';
import { random, randomRequests } from './random-requests.mjs';

const SAMPLE = [{ BTC: 8, SOL: 9, USDC: 6 }, ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']];
const seed = Number(process.env.DLMM_TEST_SEED ?? 20_261_124);

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlmm-verify-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Checks texts of answers in one run; gives what is said of each, and the exit code. */
async function verify(answers) {
  const file = join(folder, 'answers.jsonl');
  await writeFile(file, answers.join('\n'));
  const run = await dlmm(['verify-quote', file]).then(
    (stdout) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
  return { ...run, equal: run.stdout.split('\n').filter((line) => /(^|: )equal$/.test(line)).length };
}

/** The text of the answer, as it came over the wire. */
async function ask(worker, request) {
  const response = await worker.fetch('/quote', { method: 'POST', body: JSON.stringify({ ...request, include_state: true }) });
  return response.text();
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function quotes(market, requests) {
  const answers = [];
  for (const request of requests) {
    const text = await ask(market.worker, request);
    // As it came, and as a JavaScript program hands it on.
    if (JSON.parse(text).success) answers.push(text, JSON.stringify(JSON.parse(text)));
  }
  return answers;
}

test('every random quote is equal: sample, bent state, a network, narrow reads', async (t) => {
  const market = await startMarket();
  const answers = await quotes(market, randomRequests(seed, 80, ...SAMPLE));
  await bendValue(market.redis, 'pool:BTC-USDC-25', (pool) => (pool.active_bin_id = 507));
  await bendValue(market.redis, 'bin:SOL-USDC-25:498', (bin) => (bin.price = 150.5));
  await market.redis.command('SET', 'bin:BTC-USDC-50:501', '{"bin_id":501,"é😀\\ud83d":');
  answers.push(...(await quotes(market, randomRequests(seed + 1, 80, ...SAMPLE))));

  const { cases } = JSON.parse(await readFile(join(root, 'tests/vectors/routing/networks.json'), 'utf8'));
  const { snapshot } = cases.toSorted((a, b) => b.snapshot.pools.length - a.snapshot.pools.length)[0];
  const file = join(folder, 'network.json');
  await writeFile(file, JSON.stringify(snapshot));
  const network = await startMarket({ snapshot: file, vars: { MAX_CANDIDATE_POOLS: '5', MAX_KEYS_PER_QUOTE: '300', DEFAULT_FEE_BPS: '7' } });
  const tokens = Object.fromEntries(Object.entries(snapshot.tokens).map(([symbol, { decimals }]) => [symbol, decimals]));
  answers.push(...(await quotes(network, randomRequests(seed + 2, 80, tokens, snapshot.pools.map(({ pool_id }) => pool_id)))));

  const codes = new Set(answers.flatMap((text) => JSON.parse(text).warnings.map(({ code }) => code)));
  t.diagnostic(`seed ${seed}: ${answers.length / 2} quotes, warnings ${[...codes].join(', ')}`);
  assert.ok(answers.length / 2 > 100 && codes.has('POOL_SKIPPED') && codes.has('KEYS_LIMITED') && codes.has('CANDIDATES_LIMITED'));
  const { equal, stdout } = await verify(answers);
  assert.equal(equal, answers.length, stdout.split('\n').filter((line) => !line.endsWith(': equal')).join('\n').slice(0, 2_000));
});

test('an answer with any digit changed is not', async () => {
  const market = await startMarket();
  const next = random(seed);
  const answers = [];
  for (const request of [ONE_BTC, { token_in: 'SOL', token_out: 'BTC', amount_out: '1.25', explain: true }]) {
    const text = await ask(market.worker, request);
    // What names the request and the moment is not covered; the moment is compared through the ages.
    const free = [...text.matchAll(/"(request_id|read_at)":"[^"]*"/g)].map(({ index, 0: match }) => [index, index + match.length]);
    const digits = [...text.matchAll(/\d/g)].map(({ index }) => index).filter((at) => !free.some(([from, to]) => from <= at && at < to));
    for (let n = 0; n < 120; n += 1) {
      // Half of them in front of the input, which is most of the text.
      const within = n % 2 === 0 ? digits : digits.filter((at) => at < text.indexOf('"input":'));
      const at = within[Math.floor(next() * within.length)];
      const bent = text.slice(0, at) + String((Number(text[at]) + 1 + Math.floor(next() * 9)) % 10) + text.slice(at + 1);
      // A number may not begin with a zero: then it is not JSON any more, which needs no check.
      if (isJson(bent)) answers.push(bent);
    }
  }
  assert.ok(answers.length > 200, `${answers.length} answers`);
  const { code, equal, stdout, stderr } = await verify(answers);
  assert.equal(equal, 0, stdout.slice(0, 1_000));
  const checked = stdout.split('\n').filter((line) => line.endsWith(': different')).length;
  // A digit of a symbol or a bin id can leave a document that is no input any more; it is refused then.
  const refused = stderr.split('\n').filter((line) => line.includes('INVALID_REQUEST')).length;
  assert.deepEqual([checked + refused, code > 0], [answers.length, true]);
});

test('the texts of the answer are those in Redis, and the limits of the operator are in it', async () => {
  const market = await startMarket({ vars: { STRICT_STATE: 'true', MAX_STATE_AGE_MS: '86400000', DEFAULT_FEE_BPS: '20' } });
  const { input, state } = JSON.parse(await ask(market.worker, ONE_BTC));
  assert.deepEqual([input.request.strict, input.request.max_age_ms, input.request.include_state], [true, 86400000, true]);
  assert.deepEqual([input.default_fee_bps, input.pools[0].fees.x_provider_fee, state.source], [20, 20, 'redis']);
  for (const { pool_id, known, value, bins } of input.pools) {
    assert.equal(value, await market.redis.command('GET', `pool:${pool_id}`));
    assert.ok(bins.length > 0 && bins.length <= known[1] - known[0] + 1);
    for (const [id, text] of bins) assert.equal(text, await market.redis.command('GET', `bin:${pool_id}:${id}`));
  }
});

test('a query and a batch carry it too, and other answers do not', async () => {
  const market = await startMarket();
  const query = new URLSearchParams({ ...ONE_BTC, include_state: 'true' });
  const answers = [await (await market.worker.fetch(`/quote?${query}`)).text()];
  const body = JSON.stringify({
    requests: [{ ...ONE_BTC, include_state: true }, ONE_BTC, { ...ONE_BTC, token_out: 'NONE', include_state: true }, { token_in: 'SOL', token_out: 'BTC', amount_in: 3, include_state: true }],
  });
  const batch = await (await market.worker.fetch('/quotes', { method: 'POST', body })).json();
  const [first, plain, refused, last] = batch.answers;
  assert.deepEqual([plain.success, plain.input, plain.digest], [true, undefined, undefined]);
  assert.deepEqual([refused.error.code, refused.input], ['UNKNOWN_TOKEN', undefined]);
  answers.push(JSON.stringify(first), JSON.stringify(last));
  assert.equal((await verify(answers)).equal, 3);
  assert.equal(JSON.parse(answers[0]).input.pools.length, 2);
});

test('the sample that stands in for Redis carries it too', async () => {
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' } });
  const { status, body } = await post(worker, { ...ONE_BTC, include_state: true });
  assert.deepEqual([status, body.state.source, body.warnings.map(({ code }) => code)], [200, 'sample', ['SAMPLE_STATE']]);
  assert.equal((await verify([JSON.stringify(body)])).equal, 1);
});
