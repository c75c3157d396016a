// `dlmm verify-quote --service`: what a service says of itself, against answers that claim to be its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { bendValue, startMarket } from '../worker/market.mjs';
import { dlmm } from './dlmm.mjs';

const EQUAL = { status: 0, stdout: 'equal\n', stderr: '' };
const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: '1.5', include_state: true };

async function answered(worker, headers = {}, more = {}) {
  const response = await worker.fetch('/quote', { method: 'POST', headers, body: JSON.stringify({ ...REQUEST, ...more }) });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

const verify = (answer, flags, env = {}) => dlmm(['verify-quote', '-', ...flags], { input: answer, env });

test('the default fee is that of /health: a true answer is equal, one with another fee is not', async () => {
  const fees = { DEFAULT_FEE_BPS: '25', MAX_CANDIDATE_POOLS: '1' };
  const { redis, gateway, worker } = await startMarket({ vars: fees });
  const { settings } = await (await worker.fetch('/health')).json();
  assert.deepEqual(settings, { default_fee_bps: 25, max_candidate_pools: 1, max_keys_per_quote: 10_000, router: null });
  // The seeder writes fees into every pool; without them the default counts.
  for (const id of ['BTC-USDC-25', 'BTC-USDC-50']) {
    await bendValue(redis, `pool:${id}`, (pool) => ['x', 'y'].forEach((side) => ['protocol', 'provider', 'variable'].forEach((part) => delete pool[`${side}_${part}_fee`])));
  }
  const answer = await answered(worker);
  assert.deepEqual(await verify(answer, ['--service', worker.url]), EQUAL);
  // With the state as well: fee and number of pools are the service's there, too.
  assert.deepEqual(await verify(answer, ['--service', `${worker.url}/`, '--redis', redis.url]), EQUAL);
  assert.equal((await verify(answer, ['--redis', redis.url])).status, 1, 'by the usual fee it would differ');
  const liar = await startWorker({ vars: { ...upstashVars(gateway), ...fees, DEFAULT_FEE_BPS: '0' } });
  const forged = await verify(await answered(liar), ['--service', worker.url]);
  assert.deepEqual([forged.status, forged.stderr], [1, '']);
  assert.equal(forged.stdout, 'different\n  input.default_fee_bps: given 0, computed 25\n');
});

test('the router of a plan is that of /health, or what --router says', async () => {
  const owner = 'SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7';
  const [known, stranger] = ['SP1PFR4V08H1RAZXREBGFFQ59WB739XM8VVGTFSEA', 'SP000000000000000000002Q6VF78'].map((deployer) => `${deployer}.dlmm-swap-router-v-1-1`);
  const { redis, gateway, worker } = await startMarket({ vars: { STACKS_ROUTER: known } });
  assert.equal((await (await worker.fetch('/health')).json()).settings.router, known);
  for (const id of ['BTC-USDC-25', 'BTC-USDC-50']) {
    const contracts = { pool_contract: `${owner}.${id.toLowerCase()}`, token_x_contract: `${owner}.btc`, token_y_contract: `${owner}.usdc`, token_x_asset: `${owner}.btc::btc`, token_y_asset: `${owner}.usdc::usdc`, bin_step: 25 };
    await bendValue(redis, `pool:${id}`, (pool) => Object.assign(pool, contracts));
    for (const bin of [499, 500, 501]) {
      await bendValue(redis, `bin:${id}:${bin}`, (stored) => {
        stored.price_e8 = String(Math.round(Number(stored.price) * 1e6));
        delete stored.price;
      });
    }
  }
  const liar = await startWorker({ vars: { ...upstashVars(gateway), STACKS_ROUTER: stranger } });
  const more = { amount_in: '0.01', plan: { sender: owner } };
  const [truth, forged] = [await answered(worker, {}, more), await answered(liar, {}, more)];
  for (const flags of [['--service', worker.url], ['--router', known], ['--service', worker.url, '--redis', redis.url]]) {
    assert.deepEqual(await verify(truth, flags), EQUAL);
    const told = await verify(forged, flags);
    assert.deepEqual([told.status, told.stdout], [1, `different\n  input.router: given "${stranger}", computed "${known}"\n`]);
  }
  const alone = await verify(forged, ['--redis', redis.url]);
  assert.deepEqual([alone.status, alone.stdout], [0, `equal\n  input.router: given "${stranger}", not proven: the answer alone says so\n`]);
});

test('decimals are those of /tokens, where it lists the token', async () => {
  const { redis, worker } = await startMarket();
  const other = await startRedis();
  const keys = [...(await redis.command('KEYS', 'pool:*')), ...(await redis.command('KEYS', 'bin:*'))];
  const values = await redis.command('MGET', ...keys);
  await other.command('MSET', ...keys.flatMap((key, at) => [key, values[at]]));
  await other.command('SADD', 'pools', 'BTC-USDC-25', 'BTC-USDC-50');
  for (const id of ['BTC-USDC-25', 'BTC-USDC-50']) await bendValue(other, `pool:${id}`, (pool) => (pool.token_x_decimals = 9));
  const liar = await startWorker({ vars: upstashVars(await startGateway({ redisUrl: other.url })) });
  const forged = await answered(liar);
  assert.deepEqual(await verify(forged, []), EQUAL, 'sound in itself');
  const told = await verify(forged, ['--service', worker.url]);
  assert.deepEqual([told.status, told.stdout], [1, 'different\n  input.decimals.BTC.decimals: given 9, computed 8\n']);
  // The same difference is told once, whoever finds it.
  const twice = await verify(forged, ['--service', worker.url, '--redis', redis.url]);
  assert.equal(twice.stdout.match(/input\.decimals\.BTC\.decimals/g)?.length, 1, twice.stdout);
});

test('a service with API keys is asked with one, and no message holds it', async () => {
  const key = 'a-key-of-the-tests-01';
  const { worker } = await startMarket({ vars: { API_KEYS: key } });
  const answer = await answered(worker, { 'x-api-key': key });
  const refused = await verify(answer, ['--service', worker.url]);
  assert.deepEqual([refused.status, refused.stdout], [2, '']);
  assert.match(refused.stderr, /\/tokens wants an API key: --api-key or DLMM_API_KEY/);
  assert.deepEqual(await verify(answer, ['--service', worker.url, '--api-key', key]), EQUAL);
  assert.deepEqual(await verify(answer, ['--service', worker.url], { DLMM_API_KEY: key }), EQUAL);
  const wrong = await verify(answer, ['--service', worker.url, '--api-key', 'another-secret-key-99']);
  assert.equal(wrong.status, 2);
  assert.ok(!wrong.stderr.includes('another-secret'), wrong.stderr);
});

test('what is no service is an error, not a verdict', async () => {
  const { gateway, worker } = await startMarket();
  const answer = await answered(worker);
  for (const [flags, status, reason] of [
    [['--service', 'quotes.example'], 2, /must be an address/],
    [['--service', 'https://me:secret@quotes.example'], 2, /no user and password/],
    [['--service', 'http://127.0.0.1:1'], 2, /cannot ask http:\/\/127\.0\.0\.1:1\/health/],
    [['--service', gateway.url], 2, /\/health \(\d+\) is not what this service answers/],
    [['--service', worker.url, '--default-fee-bps', '10'], 2, /cannot be used with/],
  ]) {
    const told = await verify(answer, flags);
    assert.deepEqual([told.status, told.stdout], [status, ''], `${flags}: ${told.stderr}`);
    assert.match(told.stderr, reason);
    assert.ok(!told.stderr.includes('secret'), told.stderr);
  }
});
