// What the numbers of commands make Redis build: they count as if the request had carried it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { READ_ONLY_TOKEN, startPair } from './rest.mjs';

const guard = { timeout: 120_000 };
const { redis, call } = await startPair();

const tooMany = (actual) => `ERR max commands per request exceeded. Limit: 1000 commands, Actual: ${actual} commands. A count below zero counts as that many commands.`;
const tooLarge = (actual, limit = 10 << 20) => `ERR max request size exceeded. Limit: ${limit} bytes, Actual: ${actual} bytes. An offset counts as the bytes before it.`;

/** Asks for one command in all four ways; gives the error or the result of each. */
async function everyWay(words, token) {
  const of = ({ json }) => json.error ?? json.result;
  return [
    of(await call('/', { body: words, token })),
    of(await call(`/${words.map(encodeURIComponent).join('/')}`, { token })),
    of({ json: (await call('/pipeline', { body: [words], token })).json[0] }),
    of(await call('/multi-exec', { body: [words], token }).then(({ json }) => ({ json: json[0] ?? json }))),
  ];
}

const peak = (client) => client.sendCommand(['INFO', 'memory']).then((text) => Number(/used_memory_peak:(\d+)/.exec(text)[1]));

/** A key of every type, three small members in each. */
const SAMPLES = {
  string: ['SET', 'string', 'abc'],
  bitmap: ['SET', 'bitmap', 'abc'],
  hash: ['HSET', 'hash', 'a', '1', 'b', '2', 'c', '3'],
  list: ['RPUSH', 'list', '1', '2', '3'],
  set: ['SADD', 'set', 'a', 'b', 'c'],
  'sorted-set': ['ZADD', 'sorted-set', '1', 'a', '2', 'b', '3', 'c'],
  stream: ['XADD', 'stream', '1-1', 'a', '1'],
  geo: ['GEOADD', 'geo', '1', '1', 'a', '2', '2', 'b'],
};

const record = (pairs) => Object.fromEntries(Array.from({ length: pairs.length / 2 }, (_, at) => [pairs[2 * at], pairs[2 * at + 1]]));

/** Every command with a number in it, as Redis documents its own: the words of its shortest form and of each option. */
async function formsWithNumbers(number) {
  const one = (argument, group) => {
    const { type, name, token, arguments: parts = [] } = argument;
    if (type === 'pure-token') return [[token]];
    const known = { encoding: 'u8', numkeys: '1' };
    const words = () => {
      if (type === 'block') return forms(parts.map(record), group);
      if (type === 'oneof') return parts.map(record).flatMap((part) => one(part, group));
      if (type === 'key') return [[group in SAMPLES ? group : 'list']];
      if (type === 'string' && ['start', 'end'].includes(name)) return [[name === 'start' ? '-' : '+']];
      if (name in known) return [[known[name]]];
      if (name === 'value' && group === 'bitmap') return [['1']];
      return [[{ integer: number, double: '1', 'unix-time': '9999999999', pattern: '*' }[type] ?? 'a']];
    };
    return token === undefined ? words() : words().map((rest) => [token, ...rest]);
  };
  const forms = (list, group) => {
    const first = list.map((argument) => (argument.flags?.includes('optional') ? [] : one(argument, group)[0]));
    const others = list.flatMap((argument, at) => one(argument, group).map((form) => first.with(at, form).flat()));
    return [first.flat(), ...others];
  };
  const commands = (name, text) => {
    const { group, arguments: list = [], subcommands = [] } = record(text);
    const below = Object.entries(record(subcommands)).flatMap(([full, about]) => commands(full.replace('|', ' '), about));
    return [...below, ...forms(list.map(record), group).map((words) => [...name.split(' '), ...words])];
  };
  const all = Object.entries(record(await redis.command('COMMAND', 'DOCS'))).flatMap(([name, text]) => commands(name, text));
  const withNumber = all.filter((words) => words.includes(number)).map((words) => JSON.stringify(words));
  return [...new Set(withNumber)].map((words) => JSON.parse(words));
}

test('no number of any command of Redis makes it build more than a request may carry', guard, async () => {
  await redis.session(async (client) => {
    const before = await peak(client);
    const reached = new Set();
    for (const number of ['-2000000', '4294967295', '536870000', '9223372036854775807', '-9223372036854775807']) {
      for (const words of await formsWithNumbers(number)) {
        await client.multi().addCommand(['FLUSHALL']).exec();
        for (const sample of Object.values(SAMPLES)) await client.sendCommand(sample);
        const { status, json } = await call('/', { body: words });
        if (status === 200) reached.add(words[0]);
        assert.ok([200, 400].includes(status), `${words}: ${status} ${JSON.stringify(json).slice(0, 100)}`);
        const grown = (await peak(client)) - before;
        assert.ok(grown < 4 * (10 << 20), `${words} made Redis use ${grown} bytes`);
      }
    }
    // So that what is tried is read by Redis, and not refused as nonsense.
    for (const name of ['hrandfield', 'srandmember', 'zrandmember', 'lpos', 'spop', 'getrange', 'scan', 'xrange', 'lolwut', 'geosearch', 'sort']) {
      assert.ok(reached.has(name), `${name} of ${[...reached]}`);
    }
  });
});

test('a count below zero counts as that many commands, for either token and in every way to ask', guard, async () => {
  await redis.command('FLUSHALL');
  for (const sample of [['HSET', 'k', 'a', '1'], ['SADD', 's', 'a'], ['ZADD', 'z', '1', 'a']]) await redis.command(...sample);
  for (const token of [undefined, READ_ONLY_TOKEN]) {
    for (const words of [['HRANDFIELD', 'k', '-20000000', 'WITHVALUES'], ['srandmember', 's', '-20000000'], ['ZRandMember', 'z', '-20000000']]) {
      const discarded = `EXECABORT Transaction discarded because of: ${tooMany(20_000_000)}`;
      assert.deepEqual(await everyWay(words, token), [...Array(3).fill(tooMany(20_000_000)), discarded]);
    }
  }
  assert.equal((await call('/', { body: ['HRANDFIELD', 'k', '-1000'] })).json.result.length, 1_000);
  assert.deepEqual((await call('/', { body: ['HRANDFIELD', 'k', '20000000'] })).json, { result: ['a'] }, 'no more than there are');
  // Together, not each: what no longer fits is refused, what fits behind it is not.
  const body = ['-600', '-600', '-400', '-1'].map((count) => ['SRANDMEMBER', 's', count]);
  const told = (await call('/pipeline', { body })).json.map(({ result, error }) => result?.length ?? error);
  assert.deepEqual(told, [600, tooMany(1_200), 400, tooMany(1_001)]);
  assert.match((await call('/multi-exec', { body })).json.error, /^EXECABORT .*Actual: 1200 commands/);
});

test('an offset counts as the bytes before it, once a key', guard, async () => {
  await redis.command('FLUSHALL');
  for (const [line, actual] of [
    ['SETRANGE k 536870000 x', 536_870_001],
    ['setbit k 4294967295 1', 536_870_912],
    ['SETBIT k 83886080 1', 10_485_761],
    ['BITFIELD k SET u8 #400000000 1', 400_000_001],
    ['BITFIELD k GET u8 0 OVERFLOW SAT INCRBY i16 #100000000 1', 200_000_002],
    ['bitfield k set\0x u8\0x #400000000 1', 400_000_001],
  ]) {
    for (const text of await everyWay(line.split(' '))) assert.ok(text.endsWith(tooLarge(actual)), `${line}: ${text}`);
  }
  assert.equal(await redis.command('EXISTS', 'k'), 0);
  const { json } = await call('/', { body: ['LOLWUT', 'VERSION', '6', '1000', '1000'] });
  assert.equal(json.error, 'ERR max request size exceeded. Limit: 10485760 bytes, Actual: 16000000 bytes. A picture counts by width and height.');
  for (const [line, result] of [
    ['SETBIT k 83886079 1', 0],
    ['GETBIT k 4294967295', 0],
    ['GETRANGE k 10485759 536870000', '\x01'],
    ['BITFIELD k GET u8 #400000000', [0]],
    ['BITFIELD_RO k GET u8 #400000000', [0]],
  ]) {
    assert.deepEqual((await call('/', { body: line.split(' ') })).json, { result }, line);
  }
  // A thousand bits of one bitmap are one bitmap; those of many bitmaps are not.
  const bits = (key) => Array.from({ length: 1_000 }, (_, at) => ['SETBIT', key(at), '8000000', '1']);
  const refused = async (body) => (await call('/pipeline', { body })).json.filter(({ error }) => error !== undefined);
  assert.deepEqual(await refused(bits(() => 'one')), []);
  const over = await refused(bits((at) => `many:${at}`));
  assert.equal(over.length, 1_000 - 10);
  assert.deepEqual(over[0], { error: tooLarge(11 * 1_000_001) });
});

test('the limits of the gateway are those of the numbers', guard, async () => {
  const { redis, call } = await startPair({}, ['--max-body', '2000', '--max-commands', '2000']);
  await redis.command('SADD', 's', 'a');
  assert.equal((await call('/', { body: ['SRANDMEMBER', 's', '-2000'] })).json.result.length, 2_000);
  assert.equal((await call('/', { body: ['SRANDMEMBER', 's', '-2001'] })).status, 400);
  assert.equal((await call('/', { body: ['SETRANGE', 'k', '1999', 'x'] })).json.result, 2_000);
  assert.equal((await call('/', { body: ['SETRANGE', 'k', '2000', 'x'] })).json.error, tooLarge(2_001, 2_000));
});
