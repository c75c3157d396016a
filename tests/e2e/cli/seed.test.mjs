// `dlmm seed`: what it writes, and what it refuses to overwrite.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRedis } from '../stack/index.mjs';
import { change, dlmm, json, networks, succeed, temporaryFolder } from './dlmm.mjs';

const IDS = ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25'];
const WITH_OTHER = [...IDS, 'OTHER'].sort();
const get = async (redis, key) => JSON.parse(await redis.command('GET', key));
const metadata = async (redis) => {
  const flat = await redis.command('HGETALL', 'metadata');
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]]] : [])));
};

/** Every key with its value, to see whether anything has changed. */
async function everything(redis) {
  const keys = (await redis.command('KEYS', '*')).sort();
  return Promise.all(keys.map(async (key) => [key, await redis.command('DUMP', key).catch(String)]));
}

/** A snapshot of one pool with one bin. */
const tiny = (id, x, y, fields = {}) => ({
  format: 'dlmm-snapshot/1',
  taken_at: '2026-01-01T00:00:00Z',
  tokens: {},
  pools: [
    {
      pool_id: id,
      token_x: x,
      token_y: y,
      active_bin_id: 500,
      status: 'active',
      bins: [{ pool_id: id, bin_id: 500, reserve_x: '1000', reserve_y: '1000', price_e8: '100000000', ...fields }],
    },
  ],
});

test('writes every key of the data model, in the human form', async () => {
  const redis = await startRedis();
  const before = Date.now();
  assert.equal(await succeed(['seed'], { redis }), 'wrote 3 pools with 303 bins\n');
  assert.equal(await redis.command('DBSIZE'), 3 + 303 + 2 + 3 + 2);

  const pool = await get(redis, 'pool:BTC-USDC-25');
  const { created_at, last_updated, ...fixed } = pool;
  assert.deepEqual(fixed, {
    pool_id: 'BTC-USDC-25',
    token_x: 'BTC',
    token_y: 'USDC',
    bin_step: 25,
    initial_active_bin_id: 500,
    active_bin_id: 500,
    active_bin_price: 100000,
    status: 'active',
    total_tvl: 1000000,
  });
  assert.equal(created_at, last_updated);
  assert.ok(Date.parse(last_updated) >= before - 1 && Date.parse(last_updated) <= Date.now(), last_updated);

  // As text: to JavaScript 1000.0 and "1000.0" would be told apart, 1000.0 and 1000 would not.
  const active = await redis.command('GET', 'bin:BTC-USDC-25:500');
  assert.match(active, /"bin_id":500,"x_amount":1000\.0,"y_amount":100000000\.0,"price":100000\.0+,/);
  assert.match(active, /"is_active":true/);
  assert.doesNotMatch(active, /price_e8|reserve/);
  const [above, below] = [await get(redis, 'bin:SOL-USDC-25:501'), await get(redis, 'bin:SOL-USDC-25:499')];
  assert.ok(above.x_amount > 0 && above.y_amount === 0 && below.x_amount === 0 && below.y_amount > 0);
  for (const id of IDS) {
    assert.equal(await redis.command('EXISTS', `bin:${id}:450`, `bin:${id}:550`), 2);
    assert.equal(await redis.command('EXISTS', `bin:${id}:449`, `bin:${id}:551`), 0);
  }

  assert.deepEqual(await get(redis, 'pairs:BTC:USDC'), IDS.slice(0, 2));
  assert.deepEqual(await get(redis, 'pairs:SOL:USDC'), IDS.slice(2));
  assert.deepEqual(await get(redis, 'tokens:USDC'), IDS);
  assert.deepEqual(await get(redis, 'tokens:SOL'), IDS.slice(2));
  assert.deepEqual((await redis.command('SMEMBERS', 'pools')).sort(), IDS);
  const { data_version, last_update, seq, ...counters } = await metadata(redis);
  assert.deepEqual(counters, { total_pools: '3', total_tokens: '3', total_bins: '303' });
  assert.equal(last_update, last_updated);
  assert.ok(data_version.length > 0);
});

test('writes a pool and its bins at one moment', async () => {
  const redis = await startRedis();
  const monitor = await redis.monitor();
  await succeed(['seed'], { redis });
  const commands = await monitor.commands();
  for (const id of IDS) {
    const at = commands.findIndex(({ name, args }) => name === 'MSET' && args[0] === `pool:${id}`);
    assert.equal(commands[at].args.length, 2 * 102);
    assert.deepEqual(
      [-2, -1, 0, 1].map((offset) => commands[at + offset].name),
      ['MULTI', 'DEL', 'MSET', 'EVAL'],
    );
  }
  assert.ok(!commands.some(({ name }) => name === 'KEYS' || name.startsWith('FLUSH')));
});

test('refuses to overwrite, and leaves filled databases alone when asked to', async () => {
  const redis = await startRedis();
  await succeed(['seed'], { redis });
  const before = await everything(redis);
  const refused = await dlmm(['seed'], { redis });
  assert.deepEqual([refused.status, refused.stdout], [1, '']);
  assert.match(refused.stderr, /^dlmm: nothing written: .*BTC-USDC-25, BTC-USDC-50, SOL-USDC-25; --force [^\n]+\n$/);
  assert.equal(await succeed(['seed', '--if-empty'], { redis }), 'nothing written: Redis holds 3 pools\n');
  assert.deepEqual(await everything(redis), before);
});

test('counts pools as pools although no set names them, and names without a pool as none', async () => {
  const redis = await startRedis();
  await redis.command('SADD', 'pools', 'GONE');
  assert.match(await succeed(['seed', '--if-empty'], { redis }), /^wrote 3 pools/);
  await redis.command('DEL', 'pools');
  assert.match(await succeed(['seed', '--if-empty'], { redis }), /^nothing written/);
  // One pool of somebody else's is reason enough.
  await redis.command('FLUSHALL');
  await redis.command('SET', 'pool:OTHER', 'not even JSON');
  assert.match(await succeed(['seed', '--if-empty'], { redis }), /^nothing written: Redis holds 1 pool\n/);
  // A key of another type is there too.
  await redis.command('FLUSHALL');
  await redis.command('HSET', 'pool:BTC-USDC-25', 'field', 'text');
  assert.equal((await dlmm(['seed'], { redis })).status, 1);
});

test('--force replaces these pools with all their bins and keeps the rest', async () => {
  const redis = await startRedis();
  const folder = temporaryFolder();
  const file = (name, snapshot) => {
    writeFileSync(join(folder, name), JSON.stringify(snapshot));
    return join(folder, name);
  };
  await succeed(['seed'], { redis });
  await succeed(['seed', '--from', file('other.json', tiny('OTHER', 'ETH', 'USDC'))], { redis });
  await redis.command('SET', 'bin:BTC-USDC-25:600', '{"left":"over"}');
  await redis.command('SET', 'pairs:SOL:USDC', JSON.stringify({ pools: ['SOL-USDC-25'], last_updated: 'then', note: 1 }));
  await redis.command('SET', 'tokens:SOL', 'broken');
  // Before, this pool traded another pair.
  await change(redis, 'pool:BTC-USDC-50', (pool) => (pool.token_x = 'ETH'));
  await redis.command('SET', 'pairs:ETH:USDC', '["BTC-USDC-50","OTHER"]');
  await redis.command('SET', 'tokens:ETH', '["OTHER","BTC-USDC-50"]');
  await redis.command('SET', 'pairs:BTC:USDC', '["BTC-USDC-25"]');
  const { data_version } = await metadata(redis);
  const other = await redis.command('GET', 'bin:OTHER:500');

  await succeed(['seed', '--force'], { redis });
  assert.equal(await redis.command('EXISTS', 'bin:BTC-USDC-25:600'), 0);
  assert.equal(await redis.command('GET', 'bin:OTHER:500'), other);
  assert.deepEqual(await get(redis, 'pairs:BTC:USDC'), ['BTC-USDC-25', 'BTC-USDC-50']);
  assert.deepEqual(await get(redis, 'pairs:ETH:USDC'), ['OTHER']);
  assert.deepEqual(await get(redis, 'tokens:ETH'), ['OTHER']);
  assert.deepEqual(await get(redis, 'tokens:SOL'), ['SOL-USDC-25']);
  const kept = await get(redis, 'pairs:SOL:USDC');
  assert.deepEqual([kept.pools, kept.note], [['SOL-USDC-25'], 1]);
  assert.notEqual(kept.last_updated, 'then');
  assert.deepEqual((await get(redis, 'tokens:USDC')).sort(), WITH_OTHER);
  assert.deepEqual((await redis.command('SMEMBERS', 'pools')).sort(), WITH_OTHER);
  const after = await metadata(redis);
  assert.deepEqual([after.total_pools, after.total_tokens, after.total_bins], ['4', '4', '304']);
  assert.notEqual(after.data_version, data_version);
  const { indexes } = await json(['status', '--json'], { redis });
  for (const name of ['pools_set', 'pairs', 'tokens']) {
    assert.deepEqual(indexes[name], { unseen: false, missing: [], stale: [], unreadable: [] }, name);
  }
});

test('the set names pools that others wrote, so that readers without SCAN find them too', async () => {
  const redis = await startRedis();
  await redis.command('SET', 'pool:OTHER', JSON.stringify(tiny('OTHER', 'A', 'B').pools[0]));
  await succeed(['seed'], { redis });
  assert.deepEqual((await redis.command('SMEMBERS', 'pools')).sort(), WITH_OTHER);
  assert.equal((await metadata(redis)).total_pools, '4');
});

test('writes the pools of a snapshot to the letter', async () => {
  const redis = await startRedis();
  const [network] = networks();
  const file = join(temporaryFolder(), 'network.json');
  writeFileSync(file, JSON.stringify(network));
  await succeed(['seed', '--from', file], { redis });
  for (const { bins, ...pool } of network.pools) {
    assert.equal(await redis.command('GET', `pool:${pool.pool_id}`), JSON.stringify(pool));
    for (const bin of bins) {
      assert.equal(await redis.command('GET', `bin:${pool.pool_id}:${bin.bin_id}`), JSON.stringify(bin));
    }
  }
});

test('refuses an unsound snapshot before it writes anything', async () => {
  const redis = await startRedis();
  const folder = temporaryFolder();
  const sound = tiny('SOUND', 'A', 'B');
  const broken = tiny('BROKEN', 'A', 'C', { price_e8: '0' });
  const cases = [
    ['{', /dlmm-snapshot\/1/],
    [JSON.stringify({ ...sound, format: 'dlmm-snapshot/9' }), /dlmm-snapshot\/9/],
    [JSON.stringify({ ...sound, pools: [] }), /no pool/],
    [JSON.stringify({ ...sound, pools: [...sound.pools, ...broken.pools] }), /bin:BROKEN:500 cannot be used: price_e8 is zero/],
  ];
  for (const [content, message] of cases) {
    const file = join(folder, 'bad.json');
    writeFileSync(file, content);
    const { status, stderr } = await dlmm(['seed', '--from', file], { redis });
    assert.equal(status, 1);
    assert.match(stderr, message);
  }
  assert.match((await dlmm(['seed', '--from', join(folder, 'absent')], { redis })).stderr, /cannot read .*absent/);
  assert.equal(await redis.command('DBSIZE'), 0);
});

test('two seeds at once lose nothing of the lists they share', async () => {
  const redis = await startRedis();
  const folder = temporaryFolder();
  const names = Array.from({ length: 12 }, (_, n) => `POOL-${String(n).padStart(2, '0')}`);
  await Promise.all(
    names.map((id) => {
      const file = join(folder, `${id}.json`);
      writeFileSync(file, JSON.stringify(tiny(id, 'A', 'B')));
      return succeed(['seed', '--from', file], { redis });
    }),
  );
  for (const key of ['pairs:A:B', 'tokens:A', 'tokens:B']) {
    assert.deepEqual((await get(redis, key)).sort(), names, key);
  }
});

test('--pools writes a market of any size that can be quoted, the same for the same seed', async () => {
  const redis = await startRedis();
  const args = ['seed', '--pools', '60', '--width', '10'];
  assert.equal(await succeed(args, { redis }), 'wrote 60 pools with 1,260 bins\n');
  const { indexes } = await json(['status', '--json'], { redis });
  for (const name of ['pools_set', 'pairs', 'tokens']) {
    assert.deepEqual(indexes[name], { unseen: false, missing: [], stale: [], unreadable: [] }, name);
  }
  const { total_pools, total_tokens, total_bins } = await metadata(redis);
  assert.deepEqual([total_pools, total_tokens, total_bins], ['60', '9', '1260']);
  const quote = await json(['quote', '--token-in', 'T0001', '--token-out', 'USDC', '--amount-in', '10', '--json'], { redis });
  assert.ok(quote.success && quote.warnings.length === 0, JSON.stringify(quote));

  const bins = async () => JSON.stringify((await everything(redis)).filter(([key]) => key.startsWith('bin:')));
  const first = await bins();
  assert.match((await dlmm(args, { redis })).stderr, /nothing written: Redis already holds .*55 more; --force replaces them/);
  await succeed([...args, '--force'], { redis });
  assert.ok((await bins()) === first, 'the same seed');
  await redis.command('FLUSHALL');
  await succeed([...args, '--seed', '2'], { redis });
  assert.ok((await bins()) !== first, 'another seed');
  for (const wrong of [['--pools', '0'], ['--pools', '20001'], ['--seed', '2'], ['--pools', '3', '--from', 'x']]) {
    assert.equal((await dlmm(['seed', ...wrong], { redis })).status, 2, wrong.join(' '));
  }
});
