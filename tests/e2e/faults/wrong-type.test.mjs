// Keys of another Redis type: nothing to MGET, and named all the same.
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { assertRefused, dlmm, eventually } from '../worker/market.mjs';
import { dlmm as run } from '../cli/dlmm.mjs';
import { startFaultyMarket } from './market.mjs';

const POOL = 'BTC-USDC-25';
const ACTIVE = `bin:${POOL}:500`;
/** What BTC-USDC-25 gives for 1 BTC, and what is left of it where its active bin counts as empty. */
const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: 1.0 };
const HASH = 'is a hash, not a string';
const SKIPPED = { code: 'POOL_SKIPPED', key: ACTIVE, reason: HASH };
/** Longer than a look is trusted. */
const LOOK_MS = 2_000;

let market;
before(async () => {
  market = await startFaultyMarket();
});
beforeEach(async () => {
  await market.redis.command('FLUSHALL');
  await dlmm(['seed', '--redis', market.redis.url]);
});

/** Puts a hash in the place of a value; gives the value. */
async function spoil(key) {
  const text = await market.redis.command('GET', key).catch(() => undefined);
  await market.redis.transaction([['DEL', key], ['HSET', key, 'field', '1']]);
  return text;
}
const mend = (key, text) => market.redis.transaction([['DEL', key], ['SET', key, text]]);

const skippedOf = ({ body }) => body.warnings.filter(({ code }) => code === 'POOL_SKIPPED');
/** Waits for a quote with exactly these pools skipped. */
const untilSkipped = (worker, request, expected) =>
  eventually(async () => {
    const answer = await worker.quote(request);
    return answer.status === 200 && JSON.stringify(skippedOf(answer)) === JSON.stringify(expected) ? answer.body : undefined;
  });
/** Waits until the Worker has looked, and asks nothing more of its own accord. */
const quiet = (ms = 500) => new Promise((resolve) => setTimeout(resolve, ms));

test('an active bin of another type leaves its pool out, from the look after the first answer on', async () => {
  const worker = await market.start();
  assert.deepEqual(skippedOf(await worker.quote(REQUEST)), []);
  const text = await spoil(ACTIVE);
  const body = await untilSkipped(worker, REQUEST, [SKIPPED]);
  assert.deepEqual(body.state.pools.map(({ pool_id }) => pool_id), ['BTC-USDC-50']);
  // The text alone says that it is mended: no look is waited for.
  await mend(ACTIVE, text);
  const answer = await worker.quote(REQUEST);
  assert.deepEqual([skippedOf(answer), answer.body.state.pools[0].pool_id], [[], POOL]);
});

test('a strict request waits for the look and is refused, the first one already', async () => {
  const worker = await market.start();
  await worker.quote(REQUEST);
  await spoil(ACTIVE);
  const details = assertRefused(await worker.quote({ ...REQUEST, strict: true }), 'STATE_INVALID', 502);
  assert.deepEqual(details, { key: ACTIVE, reason: HASH });
  const byOperator = await market.start({ STRICT_STATE: 'true' });
  assertRefused(await byOperator.quote(REQUEST), 'STATE_INVALID', 502);
});

test('a bin that the walk passed counts, one that it did not reach does not', async () => {
  const worker = await market.start();
  const request = { ...REQUEST, pools: [POOL], amount_in: 4_000 };
  const { body } = await worker.quote(request);
  const ids = body.steps.map(({ bin_id }) => bin_id);
  assert.ok(ids.length > 2, `${ids}`);
  const passed = `bin:${POOL}:${ids[1]}`;
  await spoil(`bin:${POOL}:${ids.at(-1) - 10}`);
  assert.equal((await worker.quote({ ...request, strict: true })).status, 200);
  await spoil(passed);
  assert.equal((await worker.quote({ ...request, amount_in: 0.1 })).status, 200);
  const details = assertRefused(await worker.quote({ ...request, strict: true }), 'STATE_INVALID', 502);
  assert.deepEqual(details, { key: passed, reason: HASH });
});

test('a refusal for want of liquidity names the cause where there is one', async () => {
  const worker = await market.start();
  const request = { ...REQUEST, pools: [POOL], amount_in: 90_000 };
  await spoil(`bin:${POOL}:480`);
  assertRefused(await worker.quote(request), 'INSUFFICIENT_LIQUIDITY', 422);
  await eventually(async () => {
    const { body } = await worker.quote(request);
    return body.error.code === 'STATE_INVALID' ? assert.equal(body.error.details.key, `bin:${POOL}:480`) ?? true : undefined;
  });
});

test('a pool value of another type: POOL_SKIPPED, and STATE_INVALID where no other pool is left', async () => {
  const worker = await market.start();
  await worker.quote(REQUEST);
  const text = await spoil(`pool:${POOL}`);
  const skipped = { code: 'POOL_SKIPPED', key: `pool:${POOL}`, reason: HASH };
  await untilSkipped(worker, REQUEST, [skipped]);
  const details = assertRefused(await worker.quote({ ...REQUEST, pools: [POOL] }), 'STATE_INVALID', 502);
  assert.deepEqual(details, { key: `pool:${POOL}`, reason: HASH });
  await mend(`pool:${POOL}`, text);
  await untilSkipped(worker, REQUEST, []);
});

test('what is left out comes back once a look finds nothing of another type, gone for good or not', async () => {
  const worker = await market.start();
  await worker.quote(REQUEST);
  await spoil(ACTIVE);
  await untilSkipped(worker, REQUEST, [SKIPPED]);
  await market.redis.command('DEL', ACTIVE);
  await untilSkipped(worker, REQUEST, []);
});

test('a usual quote over empty bins is one request; their types are asked behind it, once a pool in two seconds', async () => {
  const worker = await market.start({ LOG_LEVEL: 'debug' });
  const request = { ...REQUEST, pools: [POOL], amount_in: 1_500 };
  const ids = (await worker.quote(request)).body.steps.map(({ bin_id }) => bin_id);
  await market.redis.command('DEL', ...ids.slice(0, 2).map((id) => `bin:${POOL}:${id}`));
  await quiet(LOOK_MS + 300);
  const monitor = await market.redis.monitor();
  const started = Date.now();
  for (let n = 0; n < 30; n += 1) assert.equal((await worker.quote(request)).status, 200);
  const windows = Math.ceil((Date.now() - started) / LOOK_MS) + 1;
  await quiet();
  const types = (await monitor.commands()).filter(({ name }) => name === 'TYPE');
  assert.ok(types.some(({ args }) => args[0] === ACTIVE), 'the active bin is asked for');
  for (const key of new Set(types.map(({ args }) => args[0]))) {
    const count = types.filter(({ args }) => args[0] === key).length;
    assert.ok(count <= windows, `${count} times ${key} in ${windows} windows`);
  }
  const lines = worker.logs().filter((line) => line.includes('"event":"request"')).map((line) => JSON.parse(line));
  for (const line of lines.slice(1)) assert.deepEqual([line.redis_requests, line.redis_commands], [1, 1]);
  // Strict ones wait for one look in that time, and not for each other's.
  await quiet(LOOK_MS);
  await monitor.clear();
  for (let n = 0; n < 10; n += 1) assert.equal((await worker.quote({ ...request, strict: true })).status, 200);
  const asked = (await monitor.commands()).filter(({ name, args }) => name === 'TYPE' && args[0] === ACTIVE);
  assert.ok(asked.length >= 1 && asked.length <= 3, `${asked.length}`);
});

test('no look asks for more than a hundred keys in one request', async () => {
  const worker = await market.start();
  const request = { ...REQUEST, pools: [POOL], amount_in: 10, max_bins: 1001, allow_partial: true };
  await worker.quote(request);
  const far = await market.redis.command('GET', `bin:${POOL}:499`);
  await market.redis.command('DEL', ...Array.from({ length: 101 }, (_, at) => `bin:${POOL}:${450 + at}`));
  await market.redis.command('SET', `bin:${POOL}:100`, far.replace('"bin_id":499', '"bin_id":100'));
  market.proxy.requests.length = 0;
  assert.equal((await worker.quote(request)).status, 200);
  await quiet();
  const looks = () => market.proxy.requests.filter(({ url, command }) => url === '/pipeline' && command === 'TYPE');
  assert.equal(looks().length, 1);
  assert.equal(looks()[0].commands, 100);
  const strict = await worker.quote({ ...request, strict: true });
  assert.equal(strict.status, 200, JSON.stringify(strict.body));
  for (const { commands } of looks()) assert.ok(commands <= 100);
});

test('an answer with its input carries what was left out, and can be checked', async () => {
  const worker = await market.start();
  await worker.quote(REQUEST);
  await spoil(ACTIVE);
  await untilSkipped(worker, REQUEST, [SKIPPED]);
  const { body } = await worker.quote({ ...REQUEST, include_state: true });
  assert.deepEqual(body.input.pools[0].left_out, { key: ACTIVE, reason: HASH });
  const { stdout, status } = await run(['verify-quote', '-'], { input: JSON.stringify(body) });
  assert.deepEqual([status, stdout.trim()], [0, 'equal']);
});

test('/pools, /pools/{id}, /snapshot and /health name them', async () => {
  const worker = await market.start();
  await spoil(ACTIVE);
  await spoil('pool:SOL-USDC-25');
  await market.redis.transaction([['DEL', 'metadata'], ['SET', 'metadata', '3']]);
  const json = async (path) => (await worker.fetch(path)).json();
  const expected = [{ key: ACTIVE, reason: HASH }, { key: 'pool:SOL-USDC-25', reason: HASH }];
  const metadata = { key: 'metadata', reason: 'is no hash' };
  const byKey = (list) => list.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const told = [expected[0], metadata, expected[1]];
  assert.deepEqual(byKey((await json('/pools')).skipped), told);
  const snapshot = await json('/snapshot');
  // With the pair where the value tells it, so that offline quotes of that pair can say so.
  assert.deepEqual(byKey(snapshot.skipped), [{ ...expected[0], pool_id: POOL, token_x: 'BTC', token_y: 'USDC' }, metadata, expected[1]]);
  assert.deepEqual(snapshot.pools.map(({ pool_id }) => pool_id), ['BTC-USDC-50']);
  for (const id of [POOL, 'SOL-USDC-25']) {
    const response = await worker.fetch(`/pools/${id}`);
    assertRefused({ status: response.status, body: await response.json() }, 'STATE_INVALID', 502);
  }
  await worker.quote(REQUEST);
  await eventually(async () => ((await json('/health')).left_out.count === 3 ? true : undefined));
  assert.deepEqual((await json('/health')).left_out.first, told);
});

test('the terminal names them too', async () => {
  const { redis } = market;
  await spoil(ACTIVE);
  await spoil('pool:SOL-USDC-25');
  await market.redis.transaction([['DEL', 'pools'], ['SET', 'pools', 'BTC-USDC-25']]);
  await market.redis.transaction([['DEL', 'metadata'], ['SET', 'metadata', '3']]);
  await market.redis.transaction([['DEL', 'tokens:BTC'], ['SADD', 'tokens:BTC', 'BTC-USDC-25']]);
  const status = await run(['status'], { redis });
  assert.equal(status.status, 0);
  assert.doesNotMatch(status.stdout, /not visible/);
  for (const line of [/pools set +unreadable pools: is a string, not a set/, /metadata +is a string, not a hash/, /tokens:BTC: is a set, not a string/, /pool:SOL-USDC-25 is left out: is a hash, not a string/]) {
    assert.match(status.stdout, line);
  }
  const verify = await run(['verify', '--json'], { redis });
  assert.equal(verify.status, 1);
  const errors = JSON.parse(verify.stdout).findings.filter(({ level }) => level === 'error').map(({ key, problem }) => `${key}: ${problem}`);
  for (const line of [`${ACTIVE}: ${HASH}`, 'metadata: is a string, not a hash', `pool:SOL-USDC-25: ${HASH}`, 'pools: is a string, not a set', 'tokens:BTC: is a set, not a string']) {
    assert.ok(errors.includes(line), `${line} in ${errors.join('\n')}`);
  }
  const quote = await run(['quote', '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1', '--json'], { redis });
  // Of a pool value that says nothing nobody knows the pair.
  assert.deepEqual(JSON.parse(quote.stdout).warnings.filter(({ code }) => code === 'POOL_SKIPPED'), [SKIPPED, { ...SKIPPED, key: 'pool:SOL-USDC-25' }]);
  assert.match(quote.stderr, /pool:SOL-USDC-25 is left out: is a hash/);
  const snapshot = JSON.parse((await run(['snapshot'], { redis })).stdout);
  // Those that the service's snapshot names too.
  assert.deepEqual(snapshot.skipped.map(({ key }) => key).toSorted(), [ACTIVE, 'metadata', 'pool:SOL-USDC-25', 'pools', 'tokens:BTC']);
  assert.deepEqual(snapshot.skipped.find(({ key }) => key === ACTIVE), { key: ACTIVE, reason: HASH, pool_id: POOL, token_x: 'BTC', token_y: 'USDC' });
  const worker = await market.start();
  // What is no list is looked for behind the first answer of an isolate.
  await eventually(async () => {
    const served = await (await worker.fetch('/snapshot')).json();
    const [named, here] = [served, snapshot].map(({ skipped }) => JSON.stringify(skipped.map(({ key }) => key).toSorted()));
    return named === here ? true : undefined;
  });
});

test('where the pools are found by a walk, a token list of another type is not an unknown token', async () => {
  const { redis } = market;
  await redis.command('ACL', 'SETUSER', 'walker', 'on', '>secret', '~*', '+@read', '-scan', '-keys', '+@connection');
  await redis.command('DEL', 'pools');
  const { startGateway, upstashVars } = await import('../stack/index.mjs');
  const gateway = await startGateway({ redisUrl: redis.urlFor('walker', 'secret') });
  await spoil('tokens:BTC');
  await spoil('tokens:USDC');
  const worker = await market.start(upstashVars(gateway));
  const details = assertRefused(await worker.quote(REQUEST), 'STATE_INVALID', 502);
  assert.deepEqual(details, { key: 'tokens:BTC', reason: HASH });
});

test('/health forgets what was mended, though nobody quotes it: a value, a list, and what a quote had found', async () => {
  const worker = await market.start();
  await worker.quote(REQUEST);
  const left = async () => (await (await worker.fetch('/health')).json()).left_out.first.map(({ key }) => key);
  const until = (expected) => eventually(async () => (JSON.stringify(await left()) === JSON.stringify(expected) ? true : undefined));
  const [active, list, value] = [await spoil(ACTIVE), await spoil('tokens:BTC'), await market.redis.command('GET', 'pool:SOL-USDC-25')];
  await market.redis.command('SET', 'pool:SOL-USDC-25', '{');
  await market.redis.command('HINCRBY', 'metadata', 'data_version', 1);
  await untilSkipped(worker, REQUEST, [SKIPPED]);
  await until([ACTIVE, 'pool:SOL-USDC-25', 'tokens:BTC']);
  await mend(ACTIVE, active);
  await until(['pool:SOL-USDC-25', 'tokens:BTC']);
  await mend('tokens:BTC', list);
  await until(['pool:SOL-USDC-25']);
  await market.redis.command('SET', 'pool:SOL-USDC-25', value);
  await until([]);
});

test('a bin beyond all others is named wherever whole pools are read, and by quotes, /pools and /health from then on', async () => {
  const { redis } = market;
  // A look reaches a hundred keys.
  const far = `bin:${POOL}:560`;
  await redis.command('HSET', far, 'field', '1');
  const left = { key: far, reason: HASH };
  assert.match((await run(['status'], { redis })).stdout, new RegExp(`${far} is left out: ${HASH}`));
  assert.deepEqual(JSON.parse((await run(['status', '--json'], { redis })).stdout).left_out, [left]);
  const verify = JSON.parse((await run(['verify', '--json'], { redis })).stdout);
  assert.deepEqual(verify.findings.filter(({ key }) => key === far), [{ level: 'error', key: far, problem: HASH }]);
  const quote = JSON.parse((await run(['quote', '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1', '--json'], { redis })).stdout);
  assert.deepEqual(skippedOf({ body: quote }), [{ code: 'POOL_SKIPPED', ...left }]);
  const snapshot = JSON.parse((await run(['snapshot'], { redis })).stdout);
  assert.deepEqual(snapshot.skipped.find(({ key }) => key === far), { ...left, pool_id: POOL, token_x: 'BTC', token_y: 'USDC' });
  const worker = await market.start();
  const json = async (path) => (await worker.fetch(path)).json();
  assert.deepEqual([skippedOf(await worker.quote(REQUEST)), (await json('/pools')).skipped], [[], []], 'nothing has met it yet');
  const pairOf = { pool_id: POOL, token_x: 'BTC', token_y: 'USDC' };
  for (const path of ['/snapshot', `/snapshot?pools=${POOL}`, '/snapshot?token_in=BTC&token_out=USDC', '/snapshot?limit=1']) {
    const told = await json(path);
    assert.deepEqual(told.skipped, [{ ...left, ...pairOf }], path);
    assert.ok(told.pools.every(({ pool_id }) => pool_id !== POOL), path);
  }
  assert.deepEqual(skippedOf(await worker.quote(REQUEST)), [{ code: 'POOL_SKIPPED', ...left }]);
  assert.deepEqual((await json('/pools')).skipped, [left]);
  assert.deepEqual((await json('/health')).left_out.first, [left]);
  await redis.command('DEL', far);
  assert.equal('skipped' in (await json('/snapshot')), false);
  await untilSkipped(worker, REQUEST, []);
});

test('/pools/{id} names a bin of another type that no quote has met, and has quotes know', async () => {
  const worker = await market.start();
  const far = `bin:${POOL}:1000`;
  await market.redis.command('RPUSH', far, '1');
  const response = await worker.fetch(`/pools/${POOL}`);
  const left = { key: far, reason: 'is a list, not a string' };
  assert.deepEqual(assertRefused({ status: response.status, body: await response.json() }, 'STATE_INVALID', 502), left);
  assert.deepEqual(skippedOf(await worker.quote(REQUEST)), [{ code: 'POOL_SKIPPED', ...left }]);
});

test('the second snapshot is one request to Redis of two commands; keys of another type add a few', async () => {
  const worker = await market.start();
  const snapshot = async () => (await worker.fetch('/snapshot')).json();
  await snapshot();
  const sent = async () => {
    market.proxy.requests.length = 0;
    await snapshot();
    // Not the check of the list, which may fall into it.
    const sent = market.proxy.requests.filter(({ url, command }) => url === '/pipeline' && ['MGET', 'EXISTS', 'TYPE'].includes(command));
    return sent.map(({ command, commands }) => [command, commands]);
  };
  assert.deepEqual(await sent(), [['MGET', 2]]);
  for (const id of ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']) {
    await market.redis.transaction(Array.from({ length: 300 }, (_, at) => ['HSET', `bin:${id}:${600 + at}`, 'field', '1']));
  }
  const looked = await sent();
  assert.deepEqual(looked.slice(0, 2), [['MGET', 2], ['EXISTS', 99]]);
  assert.ok(looked.length <= 3 && looked.every(([, commands]) => commands <= 100), JSON.stringify(looked));
});

test('a page of /pools names every active bin of another type, also where there are more than a hundred', async () => {
  const worker = await market.start();
  const value = JSON.parse(await market.redis.command('GET', `pool:${POOL}`));
  const ids = Array.from({ length: 130 }, (_, at) => `X${String(at).padStart(3, '0')}`);
  const write = ids.flatMap((id) => [['SET', `pool:${id}`, JSON.stringify({ ...value, pool_id: id })], ['SADD', 'pools', id], ['HSET', `bin:${id}:500`, 'field', '1']]);
  await market.redis.transaction(write);
  await market.redis.command('HINCRBY', 'metadata', 'data_version', 1);
  const { skipped } = await eventually(async () => {
    const listed = await (await worker.fetch('/pools?limit=1000')).json();
    return listed.total === 133 ? listed : undefined;
  });
  assert.deepEqual(skipped.map(({ key }) => key).toSorted(), ids.map((id) => `bin:${id}:500`));
});

test('a listing names a pool value of another type behind more than a hundred pools that are gone', async () => {
  await market.redis.command('SADD', 'pools', ...Array.from({ length: 300 }, (_, at) => `A${at}`), 'ZZ');
  await market.redis.command('HSET', 'pool:ZZ', 'field', '1');
  const worker = await market.start();
  const { body } = await worker.quote(REQUEST);
  assert.deepEqual(skippedOf({ body }), [{ code: 'POOL_SKIPPED', key: 'pool:ZZ', reason: HASH }]);
});
