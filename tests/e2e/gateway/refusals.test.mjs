// Which commands pass: judged against what the real Redis says of every command it has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort, startRedis } from '../stack/index.mjs';
import { READ_ONLY_TOKEN, startFront, startPair } from './rest.mjs';

const guard = { timeout: 60_000 };
const { redis, call } = await startPair();
const NOT_AVAILABLE = /^ERR Command is not available: /;

/** Refused whatever Redis says of them. */
const LISTED = new Set(
  `ASKING AUTH CLIENT DISCARD EXEC HELLO MONITOR MULTI PSUBSCRIBE PSYNC PUNSUBSCRIBE QUIT READONLY READWRITE REPLCONF RESET
   SELECT SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE SYNC UNSUBSCRIBE UNWATCH WATCH BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP
   BZPOPMAX BZPOPMIN WAIT WAITAOF CONFIG DEBUG FAILOVER MIGRATE MODULE REPLICAOF RESTORE-ASKING SHUTDOWN SLAVEOF FUNCTION
   ACL SLOWLOG`.match(/\S+/g),
);
const DANGEROUS_BUT_PASSED = new Set(['INFO', 'KEYS', 'FLUSHDB', 'FLUSHALL', 'SORT', 'SORT_RO', 'ROLE']);

/** Every command and sub-command of this Redis, and whether the rule refuses it. */
async function commands() {
  const rows = await redis.command('COMMAND');
  return rows.flatMap(([name, , flags, , , , categories, , , subcommands = []]) => {
    const command = name.toUpperCase();
    const refused = (flags, categories) =>
      flags.includes('admin') || (categories.includes('@dangerous') && !DANGEROUS_BUT_PASSED.has(command));
    const whole = LISTED.has(command) || refused(flags, categories);
    return [
      { words: [name], refused: whole },
      ...subcommands.map(([full, , flags, , , , categories]) => {
        const words = full.split('|');
        return { words, refused: whole || refused(flags, categories) || full === 'script|debug' };
      }),
    ];
  });
}

test('refuses of all commands of Redis exactly those that the rule names, in every form and case', guard, async () => {
  const all = await commands();
  assert.ok(all.length > 300, `${all.length} commands`);
  const mixed = (word, at) => (at % 2 === 0 ? word.toUpperCase() : word.toLowerCase());
  const pipeline = (await call('/pipeline', { body: all.map(({ words }, at) => words.map((word) => mixed(word, at))) })).json;
  const wrong = all.filter(({ refused }, at) => NOT_AVAILABLE.test(pipeline[at].error ?? '') !== refused);
  assert.deepEqual(wrong, [], 'in a pipeline');
  for (const { words, refused } of all) {
    const single = await call('/', { body: words });
    assert.equal(NOT_AVAILABLE.test(single.json.error ?? ''), refused, `${words}`);
    const path = await call(`/${words.join('/')}`);
    assert.equal(NOT_AVAILABLE.test(path.json.error ?? ''), refused, `/${words.join('/')}`);
    if (!refused) continue;
    const transaction = await call('/multi-exec', { body: [['SET', 'touched', '1'], words] });
    assert.match(transaction.json.error, /^EXECABORT .*ERR Command is not available/, `${words}`);
  }
  assert.equal(await redis.command('EXISTS', 'touched'), 0);
  for (const name of ['save', 'swapdb', 'bgrewriteaof', 'restore', 'lastsave']) {
    assert.ok(all.some(({ words, refused }) => words[0] === name && refused), name);
  }
  for (const name of ['info', 'keys', 'sort', 'eval', 'scan', 'xread', 'fcall', 'object', 'xgroup', 'script']) {
    assert.ok(all.some(({ words, refused }) => words[0] === name && !refused), name);
  }
});

test('finds BLOCK by the grammar of XREAD and XREADGROUP', guard, async () => {
  await redis.command('FLUSHALL');
  for (const [key, group] of [['block', 'BLOCK'], ['k', 'g'], ['streams', 'g']]) {
    await redis.command('XGROUP', 'CREATE', key, group, '$', 'MKSTREAM');
  }
  for (const line of [
    'XREADGROUP BLOCK 0 GROUP g c STREAMS k >',
    'XREADGROUP GROUP g c BLOCK 0 STREAMS k >',
    'XREADGROUP COUNT 1 block 0 GROUP g c STREAMS k >',
    'XREADGROUP NOACK GROUP g c NOACK BLOCK 0 STREAMS k >',
    'XREAD BLOCK 0 STREAMS k $',
    'XREAD COUNT 2 Block 0 STREAMS k $',
    'XREAD BLOCK\0x 0 STREAMS k $',
    'xreadgroup GROUP g c block\0 0 STREAMS k >',
  ]) {
    const words = line.split(' ');
    for (const [path, body] of [['/', words], ['/pipeline', [words]], ['/multi-exec', [words]]]) {
      const { json } = await call(path, { body });
      const { error } = path === '/pipeline' ? json[0] : json;
      assert.match(error, /ERR Command is not available: 'XREAD/, `${line} to ${path}`);
    }
  }
  for (const line of [
    'XREADGROUP GROUP BLOCK block STREAMS block >',
    'XREADGROUP COUNT 1 GROUP g BLOCK STREAMS k >',
    'XREADGROUP GROUP g c STREAMS streams k > >',
    'XREAD STREAMS block $',
    'XREAD COUNT 1 STREAMS block streams $ $',
  ]) {
    assert.deepEqual((await call('/', { body: line.split(' ') })).json, { result: null }, line);
  }
  // What Redis itself cannot read is passed on, to be refused in its words.
  for (const line of ['XREAD BLOCK', 'XREAD COUNT BLOCK 0 STREAMS k $', 'XREADGROUP GROUP BLOCK']) {
    assert.match((await call('/', { body: line.split(' ') })).json.error, /^ERR (?!Command is not)/, line);
  }
});

test('refuses what Redis does not know in its very words', guard, async () => {
  const unknown = [
    ['NOSUCH'],
    ['NoSuch', 'a', 'b\r\nc', 'd\0e'],
    ['n'.repeat(200), 'x'.repeat(100), 'y'.repeat(100), 'z'],
    ['JSON.SET', 'k', '$', '"'],
    ['get ', 'k'],
    ['XGROUP', 'NoSuch', 'k'],
    ['OBJECT', 'freq '],
    ['object', 'Nö'],
  ];
  for (const words of unknown) {
    const { status, json } = await call('/', { body: words });
    assert.equal(status, 400);
    await assert.rejects(redis.command(...words), ({ message }) => {
      assert.equal(json.error, message);
      return true;
    });
  }
});

test('refuses what Redis renamed: the new name is not one that it tells', guard, async () => {
  const renamed = await startRedis({ args: ['--rename-command', 'CONFIG', 'hidden', '--rename-command', 'SAVE', 'store'] });
  assert.equal((await renamed.command('hidden', 'GET', 'port')).length, 2, 'Redis has the new name');
  const { call } = await startFront(renamed.url);
  for (const words of [['hidden', 'GET', 'port'], ['store'], ['SAVE'], ['CONFIG', 'GET', 'port']]) {
    assert.match((await call('/', { body: words })).json.error, /^ERR (unknown command|Command is not available)/, words[0]);
  }
});

test('without the right to ask for COMMAND, passes only what is known by heart', guard, async () => {
  await redis.command('ACL', 'SETUSER', 'silent', 'on', '>pw', '~*', '+@all', '-command');
  const { call, gateway } = await startFront(redis.urlFor('silent', 'pw'));
  for (const words of [['SET', 'k', 'v'], ['GET', 'k'], ['SCAN', '0'], ['EVAL', 'return 1', '0'], ['XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM']]) {
    assert.equal((await call('/', { body: words })).status, 200, words[0]);
  }
  for (const words of [['SAVE'], ['SWAPDB', '0', '1'], ['LATENCY', 'RESET'], ['LOLWUT'], ['ACL', 'WHOAMI'], ['RESTORE', 'k', '0', 'x']]) {
    assert.match((await call('/', { body: words })).json.error, /^ERR (unknown command|Command is not available)/, words[0]);
  }
  assert.ok(gateway.log.some((line) => line.includes('COMMAND')));
});

test('asks a Redis that comes back what it knows now, and only then', guard, async () => {
  const port = await freePort();
  const before = await startRedis({ port });
  const monitor = await before.monitor();
  const { call } = await startFront(before.url);
  assert.equal((await call('/touch/k')).json.result, 0);
  for (const path of ['/pipeline', '/multi-exec']) await call(path, { body: [['GET', 'k']] });
  assert.equal((await monitor.commands()).filter(({ name }) => name === 'COMMAND').length, 1);
  monitor.stop();
  await before.kill();
  await startRedis({ port, args: ['--rename-command', 'TOUCH', ''] });
  assert.match((await call('/touch/k')).json.error, /^ERR unknown command 'touch', with args beginning with: 'k' $/);
  assert.equal((await call('/get/k')).json.result, null);
});

test('judges alike for the read-only token, and the shared connection stays sound', guard, async () => {
  for (const words of [['SAVE'], ['ACL', 'LIST'], ['FUNCTION', 'LIST'], ['NOSUCH'], ['XREAD', 'BLOCK', '0', 'STREAMS', 'k', '$']]) {
    const { status, json } = await call('/', { token: READ_ONLY_TOKEN, body: words });
    assert.equal(status, 400);
    assert.match(json.error, /^(NOPERM|ERR Command is not available)/, words[0]);
  }
  assert.equal((await call('/ping')).json.result, 'PONG');
});
