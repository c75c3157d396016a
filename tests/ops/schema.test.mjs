// The JSON Schemas of docs/schema take what this project writes and refuse what core refuses.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { blocksOf, readRecording } from '../../scripts/chain/recording.mjs';
import { root } from '../../scripts/paths.mjs';
import { dlmm, networks, succeed, temporaryFolder } from '../e2e/cli/dlmm.mjs';
import { startFollower } from '../e2e/follow/follower.mjs';
import { startRedis } from '../e2e/stack/index.mjs';
import { BEYOND_SCHEMA, BIN_KEY, BROKEN, EXACT_BIN, HUMAN_BIN, POOL, POOL_KEY } from './broken-values.mjs';
import { accepts, assertValid } from './schemas.mjs';

/** Demands that every field is described: what is unknown is valid, and would go unseen. */
function assertDescribed(schema, value, what) {
  const { properties } = JSON.parse(readFileSync(join(root, 'docs', 'schema', `${schema}.json`), 'utf8'));
  assert.deepEqual(Object.keys(value).filter((field) => !(field in properties)), [], `${what}: fields that the schema does not describe`);
}

/** Judges every pool, every bin and the metadata of a Redis; gives how many values that were. */
async function assertAllValid(redis) {
  return redis.session(async (client) => {
    const keys = (await client.sendCommand(['KEYS', '*'])).filter((key) => /^(pool|bin):/.test(key));
    const texts = await client.sendCommand(['MGET', ...keys]);
    for (const [index, key] of keys.entries()) {
      const [schema, value] = [key.split(':')[0], JSON.parse(texts[index])];
      assertValid(schema, value, key);
      assertDescribed(schema, value, key);
    }
    const flat = await client.sendCommand(['HGETALL', 'metadata']);
    const metadata = Object.fromEntries(flat.flatMap((field, index) => (index % 2 === 0 ? [[field, flat[index + 1]]] : [])));
    assertValid('metadata', metadata, 'metadata');
    assertDescribed('metadata', metadata, 'metadata');
    assert.ok('data_version' in metadata);
    return keys.length;
  });
}

test('what seed and simulate write, and the snapshot of it, is valid', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  assert.equal(await assertAllValid(redis), 306);
  await succeed(['simulate', '--interval', '0.001', '--updates', '60', '--seed', '7', '--churn'], { redis });
  assert.equal(await assertAllValid(redis), 306);
  const snapshot = JSON.parse(await succeed(['snapshot'], { redis }));
  assertValid('snapshot', snapshot, 'snapshot');
  assert.equal(snapshot.pools.length, 3);
});

test('what is seeded from networks in the exact form is valid, and so is the snapshot of it', async () => {
  const redis = await startRedis();
  const [network] = networks();
  const file = join(temporaryFolder(), 'network.json');
  writeFileSync(file, JSON.stringify(network));
  await succeed(['seed', '--from', file], { redis });
  assert.ok((await assertAllValid(redis)) > 10);
  assertValid('snapshot', JSON.parse(await succeed(['snapshot'], { redis })), 'snapshot');
});

test('whatever dlmm follow writes is valid and described, and has every field of the seed', async () => {
  const recording = readRecording();
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  let judged = 0;
  for (const [at, block] of blocksOf(recording).entries()) {
    await follower.take(block);
    if (at % 8 === 7) judged += await assertAllValid(redis);
  }
  judged += await assertAllValid(redis);
  assert.ok(judged > 1_000, `${judged} values`);
  assertValid('snapshot', JSON.parse(await succeed(['snapshot'], { redis })), 'snapshot');
  const seeded = await startRedis();
  await succeed(['seed'], { redis: seeded });
  const [{ contract }] = recording.checkpoints.at(-1).pools;
  const { active_bin_id } = JSON.parse(await redis.command('GET', `pool:${contract}`));
  for (const [theirs, ours] of [['pool:BTC-USDC-25', `pool:${contract}`], ['bin:BTC-USDC-25:500', `bin:${contract}:${active_bin_id}`]]) {
    const [seed, own] = [JSON.parse(await seeded.command('GET', theirs)), JSON.parse(await redis.command('GET', ours))];
    for (const [field, value] of Object.entries(seed)) assert.equal(typeof own[field], typeof value, `${ours} ${field}`);
  }
});

/** Puts one value in place of a sound one and gives the errors that `dlmm verify` finds. */
async function errorsWith(redis, { key, text }) {
  await redis.session(async (client) => {
    await client.sendCommand(['MSET', POOL_KEY, POOL, BIN_KEY, EXACT_BIN, key, text]);
  });
  const { status, stdout } = await dlmm(['verify', '--json'], { redis });
  const errors = JSON.parse(stdout).findings.filter(({ level }) => level === 'error');
  return { status, keys: errors.map((error) => error.key), errors };
}

test('the values that the broken ones are made of are sound', async () => {
  const redis = await startRedis();
  for (const [schema, key, text] of [['pool', POOL_KEY, POOL], ['bin', BIN_KEY, EXACT_BIN], ['bin', BIN_KEY, HUMAN_BIN]]) {
    assert.ok(accepts(schema, text), text);
    assert.deepEqual(await errorsWith(redis, { key, text }), { status: 0, keys: [], errors: [] });
  }
});

test('schema and dlmm verify refuse the same broken values, and verify names the key', async () => {
  const redis = await startRedis();
  for (const broken of BROKEN) {
    assert.equal(accepts(broken.schema, broken.text), false, `the schema takes ${broken.text}`);
    const { status, keys } = await errorsWith(redis, broken);
    assert.deepEqual([status, keys], [1, [broken.key]], broken.text);
  }
});

test('what no JSON Schema can say is refused by dlmm verify alone', async () => {
  const redis = await startRedis();
  for (const { why, ...broken } of BEYOND_SCHEMA) {
    assert.equal(accepts(broken.schema, broken.text), true, `${why}: no longer beyond the schema`);
    const { status, keys } = await errorsWith(redis, broken);
    assert.deepEqual([status, keys], [1, [broken.key]], why);
  }
});

test('metadata that counts wrong or not at all is refused', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  for (const text of ['three', '-1', '3.5']) {
    assert.equal(accepts('metadata', JSON.stringify({ total_pools: text })), false, text);
    await redis.command('HSET', 'metadata', 'total_pools', text);
    const { status, stdout } = await dlmm(['verify', '--json', '--strict'], { redis });
    assert.equal(status, 1, text);
    assert.deepEqual(JSON.parse(stdout).findings.map(({ key }) => key), ['metadata'], text);
  }
});

test('a snapshot that cannot be read is refused by schema and seed', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const sound = JSON.parse(await succeed(['snapshot'], { redis }));
  const file = join(temporaryFolder(), 'snapshot.json');
  const breaks = {
    'another format': (one) => (one.format = 'dlmm-snapshot/2'),
    'no format': (one) => delete one.format,
    'no moment': (one) => delete one.taken_at,
    'no tokens': (one) => delete one.tokens,
    'no pools': (one) => delete one.pools,
    'pools that are no list': (one) => (one.pools = {}),
    'decimals out of range': (one) => (one.tokens.BTC.decimals = 39),
    'a symbol that is none': (one) => (one.tokens['B TC'] = { decimals: 8 }),
    'a pool without bins': (one) => delete one.pools[0].bins,
    'a pool without an id': (one) => delete one.pools[0].pool_id,
  };
  for (const [what, bend] of Object.entries(breaks)) {
    const broken = structuredClone(sound);
    bend(broken);
    const text = JSON.stringify(broken);
    assert.equal(accepts('snapshot', text), false, what);
    writeFileSync(file, text);
    const { status, stderr } = await dlmm(['seed', '--force', '--from', file], { redis });
    assert.notEqual(status, 0, what);
    assert.match(stderr, /not a dlmm-snapshot\/1 snapshot/, what);
  }
});

test('every value shown in the contract is valid', () => {
  const page = readFileSync(join(root, 'docs', 'redis.md'), 'utf8');
  const shown = [...page.matchAll(/```json\n(\{.*\})\n```/g)].map(([, text]) => text);
  const typed = [...page.matchAll(/(pool|bin):[\w.-]+(?::\d+)? '(\{[^']*\})'/g)].map(([, schema, text]) => ({ schema, text }));
  assert.ok(shown.length >= 3 && typed.length >= 6, `${shown.length} and ${typed.length} values found`);
  for (const text of shown) assertValid('active_bin_id' in JSON.parse(text) ? 'pool' : 'bin', JSON.parse(text), text);
  // One of the examples is a broken value on purpose.
  const refused = typed.filter(({ schema, text }) => !accepts(schema, text)).map(({ text }) => text);
  assert.deepEqual(refused, ['{"pool_id":"STX-USDC-20","bin_id":499,"x_amount":0.0,"y_amount":-1.0,"price":1.9}']);
});
