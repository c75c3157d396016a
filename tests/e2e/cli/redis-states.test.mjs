// A Redis that takes no writes says why, and so does dlmm: not that a transaction was discarded.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../stack/index.mjs';
import { dlmm, succeed } from './dlmm.mjs';

async function refused(redis, ...args) {
  const { status, stderr } = await dlmm(['seed', ...args], { redis });
  assert.equal(status, 1, stderr);
  assert.doesNotMatch(stderr, /EXECABORT|discarded/);
  return stderr;
}

test('a replica', async () => {
  const [primary, replica] = [await startRedis(), await startRedis()];
  await replica.command('REPLICAOF', '127.0.0.1', String(primary.port));
  assert.match(await refused(replica), /^dlmm: Redis refused \w+: it is a replica, and only the primary takes writes \(READONLY\)\n$/);
  assert.match(await refused(replica, '--pools', '30'), /\(READONLY\)/);
});

test('a full one', async () => {
  const redis = await startRedis();
  await redis.command('CONFIG', 'SET', 'maxmemory', '100kb');
  assert.match(await refused(redis), /^dlmm: Redis refused \w+: it has used all the memory it may use \(maxmemory\) \(OOM\)\n$/);
  await redis.command('CONFIG', 'SET', 'maxmemory', '0');
  assert.equal(await succeed(['seed'], { redis }), 'wrote 3 pools with 303 bins\n');
});

test('one that cannot save', async () => {
  const redis = await startRedis({ args: ['--save', '1 1'] });
  // A save in the background fails: a folder is where its file would have to be.
  const [, folder] = await redis.command('CONFIG', 'GET', 'dir');
  mkdirSync(join(folder, 'dump.rdb'));
  await redis.command('BGSAVE');
  while (!(await redis.command('INFO', 'persistence')).includes('rdb_last_bgsave_status:err')) await sleep(20);
  assert.match(await refused(redis), /^dlmm: Redis refused \w+: it takes no writes because it could not save to its disk \(MISCONF\)\n$/);
});

test('a user who may not write', async () => {
  const redis = await startRedis();
  await redis.command('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '&*', '+@all', '-del', '-mset', '-set');
  assert.match(await refused({ url: redis.urlFor('reader', 'pw') }), /^dlmm: this Redis user may not run \w+ here \(NOPERM\)\n$/);
});

test('a user who needs no password takes any, and one without a password in the URL is refused', async () => {
  const redis = await startRedis();
  await redis.command('ACL', 'SETUSER', 'open', 'on', 'nopass', '~*', '&*', '+@all');
  assert.equal(await succeed(['seed', '--force'], { redis: { url: redis.urlFor('open', 'any') } }), 'wrote 3 pools with 303 bins\n');
  for (const login of ['open', 'open:', '%6fpen']) {
    const { status, stderr } = await dlmm(['status'], { redis: { url: redis.url.replace('//', `//${login}@`) } });
    assert.equal(status, 2, login);
    assert.match(stderr, /^dlmm: --redis \(or REDIS_URL\) names a user but no password, so nobody would log in: write redis:\/\/user:password@host/);
    assert.doesNotMatch(stderr, /open@|open:/);
  }
});
