// How old the state is: with and without a heartbeat, in every environment, and with clocks that are wrong.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startWorker } from '../stack/index.mjs';
import { ONE_BTC, assertRefused, bendValue, dlmm, eventually, post, startMarket } from './market.mjs';

const POOL = 'BTC-USDC-25';
const REQUEST = { ...ONE_BTC, pools: [POOL] };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ENVIRONMENTS = ['development', 'staging', 'production'];
const DEPLOYED = ['staging', 'production'];
const ADMIN_TOKEN = 'an-operator-of-tests';

let market;
let folder;
const workers = new Map();
const answers = [];
before(async () => {
  market = await startMarket();
  for (const ENVIRONMENT of ENVIRONMENTS) workers.set(ENVIRONMENT, await start({ ENVIRONMENT }));
  folder = await mkdtemp(join(tmpdir(), 'dlmm-age-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const start = (vars) => startWorker({ vars: { ...market.vars, ADMIN_TOKEN, ...vars } });

/** Writes the pool's time and the heartbeat, as milliseconds from now or as they stand; `undefined` takes one away. */
async function written({ pool, heartbeat }) {
  const stored = (time) => (typeof time === 'number' ? Date.now() + time : time);
  await bendValue(market.redis, `pool:${POOL}`, (value) => (value.last_updated = stored(pool)));
  if (heartbeat === undefined) await market.redis.command('HDEL', 'metadata', 'heartbeat_ms');
  else await market.redis.command('HSET', 'metadata', 'heartbeat_ms', String(stored(heartbeat)));
}

/** Asks an isolate that has forgotten what it knew. */
async function asked(worker, state, request = REQUEST) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  await worker.fetch('/admin/cache/clear', { method: 'POST', headers });
  await written(state);
  const answer = await post(worker, { ...request, include_state: true });
  if (answer.body.success) answers.push(JSON.stringify(answer.body));
  return answer;
}

const codes = ({ body }) => body.warnings.map(({ code }) => code);

/** Demands a quote with these warnings, and gives its age. */
async function quoted(worker, state, expected, request) {
  const answer = await asked(worker, state, request);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual([answer.body.amount_out, codes(answer)], [99900.0, expected], JSON.stringify(state));
  return answer.body.state.pools[0].age_ms;
}

async function refused(worker, state, max_age_ms, request) {
  const details = assertRefused(await asked(worker, state, request), 'STALE_STATE', 503);
  assert.deepEqual([details.pool_id, details.max_age_ms], [POOL, max_age_ms]);
  return details.age_ms;
}

const within = (age, low, high) => assert.ok(age >= low && age < high, `${age}`);

test('20 minutes old, without a heartbeat: quoted everywhere, and said where somebody may trade on it', async () => {
  for (const environment of ENVIRONMENTS) {
    const expected = environment === 'development' ? [] : ['STATE_OLD'];
    const age = await quoted(workers.get(environment), { pool: -20 * MINUTE }, expected);
    within(age, 20 * MINUTE, HOUR);
  }
});

test('20 minutes old under a live heartbeat is a quiet pool, not an old one', async () => {
  for (const environment of ENVIRONMENTS) {
    const state = { pool: -20 * MINUTE, heartbeat: -500 };
    within(await quoted(workers.get(environment), state, []), 500, MINUTE);
    within(await quoted(workers.get(environment), state, [], { ...REQUEST, max_age_ms: 40_000 }), 500, MINUTE);
  }
});

test('a dead heartbeat: warned of after a minute, refused after two where it is deployed', async () => {
  for (const environment of ENVIRONMENTS) {
    const worker = workers.get(environment);
    within(await quoted(worker, { pool: -HOUR, heartbeat: -90_000 }, ['STATE_OLD']), 90_000, 120_000);
  }
  const dead = { pool: -HOUR, heartbeat: -20 * MINUTE };
  within(await quoted(workers.get('development'), dead, ['STATE_OLD']), 20 * MINUTE, HOUR);
  for (const environment of DEPLOYED) within(await refused(workers.get(environment), dead, 120_000), 20 * MINUTE, HOUR);
  // Whoever wrote the pool a moment ago lives, whatever the heartbeat says.
  within(await quoted(workers.get('production'), { pool: -500, heartbeat: -HOUR }, []), 500, MINUTE);
});

test('a heartbeat that is no number, or hours ahead, is named and does not count', async () => {
  for (const heartbeat of ['soon', '', '1800000000', 8 * HOUR]) {
    for (const environment of ENVIRONMENTS) {
      const answer = await asked(workers.get(environment), { pool: -20 * MINUTE, heartbeat });
      const expected = environment === 'development' ? ['HEARTBEAT_INVALID'] : ['STATE_OLD', 'HEARTBEAT_INVALID'];
      assert.deepEqual([answer.status, codes(answer)], [200, expected], `${heartbeat}`);
      const named = answer.body.warnings.at(-1);
      assert.deepEqual([named.key, named.ahead_ms > 7 * HOUR], ['metadata', typeof heartbeat === 'number']);
      if (typeof heartbeat === 'string') assert.deepEqual([named.ahead_ms, answer.body.state.heartbeat_ms], [null, heartbeat]);
      within(answer.body.state.pools[0].age_ms, 20 * MINUTE, HOUR);
    }
  }
});

test('a producer in the wrong zone: hours ahead is of unknown age, said without a limit and refused under any', async () => {
  for (const environment of ENVIRONMENTS) {
    const worker = workers.get(environment);
    assert.equal(await quoted(worker, { pool: 8 * HOUR }, ['TIME_AHEAD']), null);
    assert.equal(await refused(worker, { pool: 8 * HOUR }, 24 * HOUR, { ...REQUEST, max_age_ms: 24 * HOUR }), null);
    assert.equal(await quoted(worker, { pool: 8 * HOUR, heartbeat: 8 * HOUR }, ['TIME_AHEAD', 'HEARTBEAT_INVALID']), null);
    // A clock that is a little ahead is as fresh as can be.
    assert.equal(await quoted(worker, { pool: 4_500 }, ['TIME_AHEAD'], { ...REQUEST, max_age_ms: 0 }), 0);
    assert.equal(await quoted(worker, { pool: 900 }, [], { ...REQUEST, max_age_ms: 10_000 }) < 10_000, true);
  }
  const beside = { pool: 8 * HOUR, heartbeat: -500 };
  assert.equal(await quoted(workers.get('development'), beside, ['TIME_AHEAD']), null);
  for (const environment of DEPLOYED) assert.equal(await refused(workers.get(environment), beside, 120_000), null);
});

test('a pool without a time goes by the heartbeat, and is of unknown age without one', async () => {
  const worker = workers.get('production');
  assert.equal(await quoted(worker, {}, ['AGE_UNKNOWN']), null);
  within(await quoted(worker, { heartbeat: -500 }, []), 500, MINUTE);
  within(await refused(worker, { heartbeat: -HOUR }, 120_000), HOUR, 2 * HOUR);
});

test('what is set by name holds for every state, in every environment', async () => {
  for (const ENVIRONMENT of ENVIRONMENTS) {
    const worker = await start({ ENVIRONMENT, WARN_STATE_AGE_MS: '5000', MAX_STATE_AGE_MS: String(10 * MINUTE) });
    await quoted(worker, { pool: -6_000 }, ['STATE_OLD']);
    within(await refused(worker, { pool: -20 * MINUTE }, 10 * MINUTE), 20 * MINUTE, HOUR);
    assert.equal(await refused(worker, { pool: 8 * HOUR }, 10 * MINUTE), null);
    assert.equal(await refused(worker, {}, 10 * MINUTE), null);
    // Named, it stands in place of the two minutes.
    await quoted(worker, { pool: -HOUR, heartbeat: -5 * MINUTE }, ['STATE_OLD']);
    const silent = await start({ ENVIRONMENT, WARN_STATE_AGE_MS: '0' });
    await quoted(silent, { pool: -20 * MINUTE }, []);
    await quoted(silent, { pool: -HOUR, heartbeat: -90_000 }, []);
  }
});

test('each of these answers is what its state gives', async () => {
  assert.ok(answers.length > 30);
  const file = join(folder, 'answers.jsonl');
  await writeFile(file, answers.join('\n'));
  const verdicts = (await dlmm(['verify-quote', file])).split('\n').filter((line) => /(^|: )equal$/.test(line));
  assert.equal(verdicts.length, answers.length);
});

test('the sample that stands in is never old', async () => {
  const worker = await startWorker({ vars: { REDIS_FALLBACK_TO_MOCK: 'true' } });
  const answer = await post(worker, ONE_BTC);
  assert.deepEqual([answer.status, codes(answer), answer.body.state.pools[0].age_ms], [200, ['SAMPLE_STATE'], 0]);
});

test('health tells the heartbeat, and goes by the limit that holds', async () => {
  const told = async (environment) => {
    const response = await workers.get(environment).fetch('/health');
    const { status, problems, data } = await response.json();
    return { http: response.status, status, problems, data };
  };
  await market.redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now() - 300));
  for (const id of [POOL, 'BTC-USDC-50', 'SOL-USDC-25']) {
    await bendValue(market.redis, `pool:${id}`, (pool) => (pool.last_updated = new Date(Date.now() - HOUR).toISOString()));
  }
  const alive = await told('production');
  assert.deepEqual([alive.http, alive.status, alive.data.max_age_ms, alive.data.warn_age_ms], [200, 'ok', 120_000, 60_000]);
  within(alive.data.heartbeat.age_ms, 300, MINUTE);
  within(alive.data.oldest_age_ms, 300, MINUTE);
  await market.redis.command('HSET', 'metadata', 'heartbeat_ms', String(Date.now() - 20 * MINUTE));
  const dead = await told('production');
  assert.deepEqual([dead.http, dead.status, dead.problems], [503, 'down', ['STALE_STATE']]);
  within(dead.data.heartbeat.age_ms, 20 * MINUTE, HOUR);
  assert.deepEqual([(await told('development')).status, (await told('development')).data.max_age_ms], ['ok', null]);
  await market.redis.command('HDEL', 'metadata', 'heartbeat_ms');
  // The check of the list notices that it is gone; nothing else looks.
  const gone = await eventually(async () => {
    const health = await told('production');
    return health.data.heartbeat === null ? health : undefined;
  });
  assert.deepEqual([gone.status, gone.data.max_age_ms], ['ok', null]);
  within(gone.data.oldest_age_ms, HOUR, 2 * HOUR);
});

test('/metrics tells the worst age that quotes saw, refused ones too, and the heartbeat', async () => {
  const worker = await start({ ENVIRONMENT: 'production' });
  const gauge = async (name) => {
    const text = await (await worker.fetch('/metrics')).text();
    const line = text.split('\n').find((found) => found.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.split(' ')[1]);
  };
  assert.deepEqual([await gauge('dlmm_state_age_seconds'), await gauge('dlmm_heartbeat_age_seconds')], [undefined, undefined]);
  await quoted(worker, { pool: -HOUR, heartbeat: -500 }, []);
  within(await gauge('dlmm_state_age_seconds'), 0.5, 60);
  within(await gauge('dlmm_heartbeat_age_seconds'), 0.5, 60);
  await refused(worker, { pool: -HOUR, heartbeat: -20 * MINUTE }, 120_000);
  within(await gauge('dlmm_state_age_seconds'), 1_200, 3_600);
  within(await gauge('dlmm_heartbeat_age_seconds'), 1_200, 3_600);
});
