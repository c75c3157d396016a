// `dlmm snapshot`: the way to a file and back.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRedis } from '../stack/index.mjs';
import { change, dlmm, json, networks, succeed, temporaryFolder, userOf } from './dlmm.mjs';

const folder = temporaryFolder();
const ids = ({ pools }) => pools.map(({ pool_id }) => pool_id);

async function seeded(from) {
  const redis = await startRedis();
  await succeed(['seed', ...(from === undefined ? [] : ['--from', from])], { redis });
  return redis;
}

test('is a complete copy: fees and decimals filled in, every amount and price as text', async () => {
  const redis = await seeded();
  const before = Date.now();
  const snapshot = await json(['snapshot'], { redis });
  assert.equal(snapshot.format, 'dlmm-snapshot/1');
  assert.ok(Date.parse(snapshot.taken_at) >= before - 1 && Date.parse(snapshot.taken_at) <= Date.now());
  assert.deepEqual(snapshot.tokens, { BTC: { decimals: 8 }, SOL: { decimals: 9 }, USDC: { decimals: 6 } });
  assert.deepEqual(ids(snapshot), ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25']);
  const [pool] = snapshot.pools;
  assert.equal(pool.bins.length, 101);
  assert.deepEqual([pool.token_x_decimals, pool.token_y_decimals], [8, 6]);
  for (const side of ['x', 'y']) {
    const parts = ['protocol', 'provider', 'variable'].map((part) => pool[`${side}_${part}_fee`]);
    assert.deepEqual(parts, [0, 10, 0]);
  }
  const bin = pool.bins.find(({ bin_id }) => bin_id === 500);
  assert.deepEqual([bin.x_amount, bin.y_amount, bin.price], ['1000.0', '100000000.0', '100000.00000000']);
  const other = await json(['snapshot', '--default-fee-bps', '30'], { redis });
  assert.equal(other.pools[0].x_provider_fee, 30);
});

test('survives the way to another Redis and back, whatever the form of its bins', async () => {
  const [network] = networks();
  const file = join(folder, 'network.json');
  writeFileSync(file, JSON.stringify(network));
  for (const from of [undefined, file]) {
    const [first, second] = [join(folder, 'first.json'), join(folder, 'second.json')];
    assert.equal(await succeed(['snapshot', '--out', first], { redis: await seeded(from) }), '');
    await succeed(['snapshot', '--out', second], { redis: await seeded(first) });
    // Compared as text but for the time: JSON.parse would hide a digit that got lost.
    const timeless = (path) => readFileSync(path, 'utf8').replace(/"taken_at":"[^"]+"/, '');
    assert.equal(timeless(second), timeless(first));
    assert.ok(timeless(first).length > 10_000);
  }
});

test('reads each pool and its bins in one MGET, and looks at those without a text', async () => {
  const redis = await seeded();
  const monitor = await redis.monitor();
  await succeed(['snapshot'], { redis });
  const reads = (await monitor.commands()).filter(({ args }) => args.some((key) => key.startsWith('bin:')));
  const look = (id) => [['MGET', `pool:${id}`, 1002], ['EXISTS', `bin:${id}:0`, 900]];
  assert.deepEqual(reads.map(({ name, args }) => [name, args[0], args.length]), ['BTC-USDC-25', 'BTC-USDC-50', 'SOL-USDC-25'].flatMap(look));
});

test('leaves out what cannot be read, by name, and fails only when nothing is left', async () => {
  const redis = await seeded();
  const out = join(folder, 'some.json');
  await redis.command('SET', 'bin:BTC-USDC-25:480', '{"bin_id":480');
  await change(redis, 'bin:SOL-USDC-25:500', (bin) => (bin.price = 0));
  const some = await dlmm(['snapshot', '--out', out], { redis });
  assert.equal(some.status, 0);
  assert.match(some.stderr, /^dlmm: bin:BTC-USDC-25:480 is left out: not a bin value: .* the text ends/);
  assert.match(some.stderr, /\ndlmm: bin:SOL-USDC-25:500 is left out: price is zero\ndlmm: wrote 1 pools with 101 bins, [\d,]+ bytes, to .*some\.json\n$/);
  const kept = readFileSync(out, 'utf8');
  assert.deepEqual(ids(JSON.parse(kept)), ['BTC-USDC-50']);

  await redis.command('SET', 'pool:BTC-USDC-50', '[]');
  const none = await dlmm(['snapshot', '--out', out], { redis });
  assert.equal(none.status, 1);
  assert.match(none.stderr, /pool:BTC-USDC-50 is left out: .*\n(.*\n)*dlmm: there is no pool to write a snapshot of\n$/);
  assert.equal(readFileSync(out, 'utf8'), kept);
});

test('keeps to the pools it is told, and names those that do not exist', async () => {
  const redis = await seeded();
  const two = await dlmm(['snapshot', '--pools', 'SOL-USDC-25,NONE'], { redis });
  assert.deepEqual(ids(JSON.parse(two.stdout)), ['SOL-USDC-25']);
  assert.equal(two.stderr, 'dlmm: pool:NONE is left out: there is no such pool\n');
  const bad = await dlmm(['snapshot', '--pools', 'a:b'], { redis });
  assert.deepEqual([bad.status, bad.stdout], [2, '']);
  // Decimals hold for all pools of a token, also those that are not asked for.
  await change(redis, 'pool:BTC-USDC-25', (pool) => (pool.token_x_decimals = 5));
  const other = await json(['snapshot', '--pools', 'BTC-USDC-50'], { redis });
  assert.deepEqual([other.tokens.BTC, other.pools[0].token_x_decimals], [{ decimals: 5 }, 5]);
});

test('needs no SCAN where the pools are known, and says so where they are not', async () => {
  const redis = await seeded();
  const reader = await userOf(redis, '+mget', '+smembers');
  assert.equal(ids(await json(['snapshot'], { redis: reader })).length, 3);
  await redis.command('DEL', 'pools');
  const blind = await dlmm(['snapshot'], { redis: reader });
  assert.equal(blind.status, 1);
  assert.match(blind.stderr, /cannot be listed: .* may not SCAN; name them with --pools\n$/);
  assert.deepEqual(ids(await json(['snapshot', '--pools', 'SOL-USDC-25'], { redis: reader })), ['SOL-USDC-25']);
});

test('takes the place of a file whole, and leaves nothing beside it', async () => {
  const redis = await seeded();
  const place = join(folder, 'place');
  mkdirSync(place);
  const [real, link] = [join(place, 'real.json'), join(place, 'link.json')];
  writeFileSync(real, 'old');
  const { ino } = statSync(real);
  symlinkSync(real, link);
  await succeed(['snapshot', '--out', link], { redis });
  assert.equal(JSON.parse(readFileSync(real, 'utf8')).pools.length, 3);
  assert.notEqual(statSync(real).ino, ino);
  assert.equal(statSync(real).mode & 0o777, 0o666 & ~process.umask());
  await succeed(['snapshot', '--out', '/dev/null'], { redis });
  const lost = await dlmm(['snapshot', '--out', join(place, 'no/such/folder.json')], { redis });
  assert.equal(lost.status, 1);
  assert.match(lost.stderr, /^dlmm: cannot write .*folder\.json: /);
  assert.deepEqual(readdirSync(place).sort(), ['link.json', 'real.json']);
});

test('a limit on age counts to when the file was read, and what has become older since is told, once', async () => {
  const sample = JSON.parse(await succeed(['snapshot'], { redis: await seeded() }));
  const then = new Date(Date.now() - 2 * 3_600_000 - 60_000).toISOString();
  for (const pool of sample.pools) pool.last_updated = then;
  const file = join(folder, 'old.json');
  writeFileSync(file, JSON.stringify({ ...sample, taken_at: then }));
  const quote = ['quote', 'BTC', 'USDC', '1', '--snapshot', file];
  const told = 'dlmm: max_age_ms counts to when the snapshot was read, 2 h ago: by now its state is older than that\n';
  for (const more of [[], ['--json']]) {
    const { status, stderr } = await dlmm([...quote, '--max-age-ms', '60000', ...more], {});
    assert.deepEqual([status, stderr], [0, told]);
  }
  for (const more of [[], ['--max-age-ms', '86400000']]) assert.equal((await dlmm([...quote, ...more], {})).stderr, '');
  const line = `${JSON.stringify({ token_in: 'BTC', token_out: 'USDC', amount_in: 1, max_age_ms: 5 })}\n`;
  const many = await dlmm(['quote', '--requests', '-', '--snapshot', file], { input: line.repeat(3) });
  assert.deepEqual([many.status, many.stderr, many.stdout.match(/"success":true/g).length], [0, told, 3]);
});
