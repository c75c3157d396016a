// Which block a quote is of: over HTTP, in batches, on the command line and offline, and who is refused for it.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ONE_BTC, assertRefused, bendValue, dlmm, post, startMarket } from './market.mjs';
import { assertSameOffline } from './offline.mjs';

const POOL = 'BTC-USDC-25';
const REQUEST = { ...ONE_BTC, pools: [POOL] };

let market;
let folder;
before(async () => {
  market = await startMarket();
  folder = await mkdtemp(join(tmpdir(), 'dlmm-height-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Writes the block of the pool and that of the producer. */
async function blocks(pool, producer) {
  await bendValue(market.redis, `pool:${POOL}`, (value) => (value.block_height = pool));
  await market.redis.command('HSET', 'metadata', 'block_height', String(producer));
}

const get = async (query) => {
  const response = await market.worker.fetch(`/quote?token_in=BTC&token_out=USDC&amount_in=1&pools=${POOL}${query}`);
  return { status: response.status, body: await response.json() };
};
const heights = ({ state }) => [state.block_height, state.pools[0].block_height];

test('a demanded block is that of this moment, by GET, by POST and in a batch', async () => {
  await blocks(100, 120);
  assert.deepEqual(heights((await get('&min_block_height=120')).body), [120, 120]);
  // The next block did not touch the pool.
  await blocks(100, 121);
  assert.deepEqual(heights((await market.quote({ ...REQUEST, min_block_height: 121 })).body), [121, 121]);
  const details = assertRefused(await get('&min_block_height=122'), 'STALE_STATE', 503);
  assert.deepEqual([details.pool_id, details.max_age_ms, details.block_height, details.min_block_height], [POOL, null, 121, 122]);
  const requests = [REQUEST, { ...REQUEST, min_block_height: 121 }, { ...REQUEST, min_block_height: 200 }];
  const response = await market.worker.fetch('/quotes', { method: 'POST', body: JSON.stringify({ requests }) });
  const { answers } = await response.json();
  assert.deepEqual(answers.slice(0, 2).map(heights), [[121, 121], [121, 121]]);
  assert.equal(answers[2].error.code, 'STALE_STATE');
  assertRefused(await market.quote({ ...REQUEST, min_block_height: -1 }), 'INVALID_REQUEST', 400);
});

test('a pool that a block touched tells it before the metadata is read again', async () => {
  await blocks(130, 121);
  assert.deepEqual(heights((await market.quote(REQUEST)).body), [130, 130]);
});

test('the command line over Redis and over a snapshot says the same, and refuses the same', async () => {
  await blocks(130, 140);
  const flags = ['quote', '--redis', market.redis.url, '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1', '--pools', POOL, '--json'];
  assert.deepEqual(heights(JSON.parse(await dlmm([...flags, '--min-block-height', '140']))), [140, 140]);
  await assert.rejects(dlmm([...flags, '--min-block-height', '141']), ({ stdout, stderr }) => /STALE_STATE/.test(stdout + stderr));
  const snapshot = join(folder, 'snapshot.json');
  await dlmm(['snapshot', '--redis', market.redis.url, '--out', snapshot]);
  const requests = [139, 140, 141].map((min_block_height) => ({ ...REQUEST, min_block_height }));
  const seen = await assertSameOffline(market.worker, snapshot, requests, 'heights');
  assert.deepEqual([...seen], [['multi_bin', 2], ['STALE_STATE', 1]]);
});

test('a snapshot carries the block, and its tag does not move with it', async () => {
  await blocks(130, 150);
  const first = await market.worker.fetch('/snapshot');
  const document = await first.json();
  assert.ok(document.block_height >= 140 && document.block_height <= 150, document.block_height);
  assert.equal(document.pools.find(({ pool_id }) => pool_id === POOL).block_height, 130);
  // Whoever demands a block brings the newest to this isolate.
  await market.redis.command('HSET', 'metadata', 'block_height', '151');
  assert.equal((await market.quote({ ...REQUEST, min_block_height: 151 })).status, 200);
  const second = await market.worker.fetch('/snapshot', { headers: { 'if-none-match': first.headers.get('etag') } });
  assert.deepEqual([second.status, second.headers.get('x-dlmm-block-height')], [304, '151']);
  await second.arrayBuffer();
});

test('a changed height is found by verify-quote', async () => {
  await blocks(130, 160);
  const { body } = await market.quote({ ...REQUEST, min_block_height: 160, include_state: true });
  const file = join(folder, 'answer.json');
  const verified = async (text) => {
    await writeFile(file, text);
    return dlmm(['verify-quote', file]).then(() => 'equal', ({ stdout, stderr }) => stdout + stderr);
  };
  const text = JSON.stringify(body);
  assert.equal(await verified(text), 'equal');
  for (const [field, changed] of [['"block_height":160', '"block_height":161'], ['"block_height":160}', '"block_height":130}'], ['\\"block_height\\":130', '\\"block_height\\":170']]) {
    const forged = text.replace(field, changed);
    assert.notEqual(forged, text, field);
    assert.match(await verified(forged), /block_height/);
  }
});
