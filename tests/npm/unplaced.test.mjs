// A pool whose tokens nobody can tell concerns every quote: the Worker, the command line and the package say the same of it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { startGateway, startRedis, startWorker, upstashVars } from '../e2e/stack/index.mjs';
import { eventually, post } from '../e2e/worker/market.mjs';
import { dlmm, succeed } from '../e2e/cli/dlmm.mjs';
import { QuoteEngine, verify } from './market.mjs';

const ODD = { pool_id: 'ODD', token_x: 'BTC', token_y: 'USDC', active_bin_id: 500, status: 'active' };
const { token_x: _, ...WITHOUT_X } = ODD;
/** Values that were broken from the start, and what is said of them. */
const BROKEN = [
  ['text that is no JSON', 'no JSON', /^not a pool value: /],
  ['a list', '[]', /^not a pool value: /],
  ['a missing token', JSON.stringify(WITHOUT_X), /^token_x is missing$/],
  ['a token of another type', JSON.stringify({ ...ODD, token_x: 7 }), /^token_x /],
  ['a token that is no name', JSON.stringify({ ...ODD, token_y: 'US DC' }), /^token_y must be /],
  ['one token twice', JSON.stringify({ ...ODD, token_x: 'USDC' }), /^token_x and token_y are the same$/],
  ["another pool's id", JSON.stringify({ ...ODD, pool_id: 'EVEN' }), /^pool_id is EVEN$/],
];
const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: '1' };
const NEW = { ...REQUEST, token_in: 'NEW' };

let redis;
let gateway;
before(async () => {
  redis = await startRedis();
  await succeed(['seed'], { redis });
  gateway = await startGateway({ redisUrl: redis.url });
});

const startedWorker = () => startWorker({ vars: upstashVars(gateway) });

/** What an answer says of pools that are left out, or why there is none. */
function told(answer) {
  if (answer.success === false) return { code: answer.error.code, details: answer.error.details };
  return answer.warnings.filter(({ code }) => code === 'POOL_SKIPPED');
}

/** What all three say to a request, in an isolate, a process and an engine that see this Redis for the first time. */
async function askAll(worker, request) {
  const edge = await post(worker, request);
  const { stdout } = await dlmm(['quote', '--requests', '-'], { redis, input: `${JSON.stringify(request)}\n` });
  const snapshot = await (await worker.fetch('/snapshot')).text();
  const [offline] = QuoteEngine.fromSnapshot(snapshot).quotes([request]);
  return { edge: told(edge.body), cli: told(JSON.parse(stdout)), offline: told(offline) };
}

function assertAlike({ edge, cli, offline }, expected) {
  assert.deepEqual({ edge, cli, offline }, { edge: expected, cli: expected, offline: expected });
}

for (const [name, value, reason] of BROKEN) {
  test(`a pool value that is ${name} from the start is named by every quote`, async () => {
    await redis.transaction([['SET', 'pool:ODD', value], ['SADD', 'pools', 'ODD']]);
    const worker = await startedWorker();
    const first = await post(worker, { ...REQUEST, strict: true });
    assert.deepEqual([first.status, first.body.error?.code], [502, 'STATE_INVALID'], 'the first request of an isolate already');
    assert.match(first.body.error.details.reason, reason);
    const { details } = told(first.body);
    assert.equal(details.key, 'pool:ODD');
    const skipped = [{ code: 'POOL_SKIPPED', ...details }];
    assertAlike(await askAll(worker, REQUEST), skipped);
    assertAlike(await askAll(worker, { ...REQUEST, token_in: 'SOL' }), skipped);
    assertAlike(await askAll(worker, { ...REQUEST, pools: ['BTC-USDC-25', 'ODD'] }), skipped);
    for (const request of [{ ...REQUEST, strict: true }, NEW, { ...REQUEST, pools: ['ODD'] }]) {
      assertAlike(await askAll(worker, request), { code: 'STATE_INVALID', details });
    }
    for (const filter of [{ pools: ['BTC-USDC-25'] }, { exclude_pools: ['ODD'] }]) {
      assertAlike(await askAll(worker, { ...REQUEST, ...filter, strict: true }), []);
      assertAlike(await askAll(worker, { ...NEW, ...filter }), { code: 'UNKNOWN_TOKEN', details: { token: 'NEW' } });
    }
    const routes = await (await worker.fetch('/routes?token_in=NEW&token_out=USDC')).json();
    assert.deepEqual(told(routes), { code: 'STATE_INVALID', details });
  });
}

test('an answer that names it is verified like any other', async () => {
  const worker = await startedWorker();
  const { body } = await post(worker, { ...REQUEST, include_state: true });
  assert.deepEqual(body.input.unplaced.map(({ key }) => key), ['pool:ODD']);
  assert.equal(verify(body).equal, true);
  const bent = structuredClone(body);
  bent.input.unplaced = [];
  assert.equal(verify(bent).equal, false);
  const snapshot = await (await worker.fetch('/snapshot')).text();
  assert.deepEqual(verify(body, { request: REQUEST, snapshot }).differences, []);
  const online = await dlmm(['verify-quote', '-', '--redis', redis.url], { input: JSON.stringify(body) });
  assert.deepEqual(online, { status: 0, stdout: 'equal\n', stderr: '' });
});

test('it is no longer named once its value is mended, and /health forgets it as well, though nobody quotes it', async () => {
  const worker = await startedWorker();
  const health = async () => (await (await worker.fetch('/health')).json()).left_out.count;
  assert.equal(told((await post(worker, REQUEST)).body).length, 1);
  assert.equal(await health(), 1);
  await redis.command('SET', 'pool:ODD', JSON.stringify({ ...ODD, token_y: 'ELSE' }));
  await eventually(async () => ((await health()) === 0 ? true : undefined));
  assertAlike(await askAll(worker, REQUEST), []);
});

test('many are counted, and an answer stays short', async () => {
  const ids = Array.from({ length: 300 }, (_, n) => `BAD-${String(n).padStart(3, '0')}`);
  await redis.transaction([...ids.map((id) => ['SET', `pool:${id}`, '{']), ['SADD', 'pools', ...ids]]);
  const worker = await startedWorker();
  const { edge, cli } = await askAll(worker, REQUEST);
  assert.deepEqual([edge.length, edge.at(-1)], [17, { code: 'POOL_SKIPPED', key: 'pool:*', reason: '284 more pool values cannot be used' }]);
  assert.deepEqual(cli, edge);
});
