// Blocks put together from an API's pages end in the same Redis as those that an observer posts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { blockHash, blocksOf, groupsOf, newBlock, readRecording } from '../../../scripts/chain/recording.mjs';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { startRedis } from '../stack/index.mjs';
import { eventually } from '../worker/market.mjs';
import { startFakeApi } from './fake-api.mjs';
import { startFakeNode } from './fake-node.mjs';
import { contents, startFollower } from './follower.mjs';

const recording = readRecording();
const blocks = blocksOf(recording);
const groups = groupsOf(recording);

async function straight(chain = blocks) {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  await follower.take(...chain);
  return contents(redis);
}

async function start({ redis, api, flags = ['--from-genesis', '--allow-unverified'] }) {
  return startFollower({ redis, recording, poll: api.url, flags: ['--poll-every', '0.1', ...flags] });
}

/** Waits until something is so. */
const until = (check) => eventually(async () => ((await check()) ? true : undefined), 60_000);

/** Waits until a block is the tip. */
const reaches = (redis, block) =>
  until(async () => (await redis.command('HGET', 'metadata', 'index_block_hash')) === block.index_block_hash);

/** A branch from a block of the recording on, of other recorded transactions. */
function branch(from, count, name) {
  const made = [];
  let parent = from.index_block_hash;
  for (let n = 1; n <= count; n += 1) {
    const height = from.block_height + n;
    // Swaps alone: a pool is created once.
    const transactions = groups.at(-n).transactions.filter(({ label }) => /swap/.test(label));
    const hash = blockHash(height, name);
    made.push(newBlock({ height, hash, parent, transactions }));
    parent = hash;
  }
  return made;
}

test('a chain read as pages, first whole and then as it grows, is the chain that is posted', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 30));
  api.limit = 7;
  const redis = await startRedis();
  const follower = await start({ redis, api });
  await reaches(redis, blocks[29]);
  assert.deepEqual(await contents(redis), await straight(blocks.slice(0, 30)));
  for (const end of [31, 34, blocks.length]) {
    api.chain = blocks.slice(0, end);
    await reaches(redis, blocks[end - 1]);
  }
  assert.deepEqual(await contents(redis), await straight());
  // What is known is not read again.
  api.paths.length = 0;
  await until(() => api.paths.length >= 3);
  assert.deepEqual([...new Set(api.paths)], ['/extended/v2/blocks?limit=20&offset=0']);
  const { status, text } = await follower.get('/health');
  assert.equal(JSON.parse(text).tip.block_height, blocks.at(-1).block_height, `${status} ${text}`);
});

test('pages that fail, limits and answers that are none are waited for', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 40));
  const redis = await startRedis();
  let requests = 0;
  const refusals = [
    { status: 429, headers: { 'retry-after': '1' } },
    { status: 500 },
    { status: 200, body: '{"results":' },
    { status: 200, body: '{"results":[{"height":"no"}]}' },
    { status: 503 },
  ];
  api.before = () => {
    requests += 1;
    return requests % 3 === 0 ? refusals.shift() : undefined;
  };
  const started = Date.now();
  await start({ redis, api });
  await reaches(redis, blocks[39]);
  assert.ok(Date.now() - started >= 1_000, 'what the API asks for is waited');
  assert.equal(refusals.length, 0);
  assert.deepEqual(await contents(redis), await straight(blocks.slice(0, 40)));
});

test('an API that stays away is told, nothing is written, and it goes on where it was', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 10));
  const redis = await startRedis();
  const follower = await start({ redis, api });
  await reaches(redis, blocks[9]);
  const before = await contents(redis);
  api.before = () => ({ status: 401 });
  api.chain = blocks;
  await until(async () => JSON.parse((await follower.get('/health')).text).fault?.code === 'NODE_UNAVAILABLE');
  assert.deepEqual(await contents(redis), before);
  assert.match((await follower.get('/metrics')).text, /^dlmm_follow_polls_failed_total [1-9]/m);
  api.before = () => undefined;
  await reaches(redis, blocks.at(-1));
  assert.deepEqual(await contents(redis), await straight());
  await until(async () => JSON.parse((await follower.get('/health')).text).fault === null);
});

test('branches that come and go, and one that changes between two pages', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 50));
  const redis = await startRedis();
  const follower = await start({ redis, api });
  await reaches(redis, blocks[49]);
  for (const [depth, length] of [[1, 1], [6, 4], [20, 25]]) {
    const fork = branch(blocks[49 - depth], length, `${depth}`);
    [api.left, api.chain] = [api.chain, [...blocks.slice(0, 50 - depth), ...fork]];
    await reaches(redis, fork.at(-1));
    assert.deepEqual(await contents(redis), await straight(api.chain), `a fork of ${depth}`);
    [api.left, api.chain] = [api.chain, blocks.slice(0, 50)];
    await reaches(redis, blocks[49]);
  }
  assert.deepEqual(await contents(redis), await straight(blocks.slice(0, 50)));
  assert.match((await follower.get('/metrics')).text, /^dlmm_follow_forks_total 6$/m);

  // Pages of one branch first and of another one then: never a mixture. The cursor of the first is gone in the second.
  const fork = branch(blocks[44], 12, 'between');
  const forked = [...blocks.slice(0, 45), ...fork];
  api.limit = 3;
  let logs = 0;
  api.before = (path) => {
    if (!path.includes('/logs')) return undefined;
    logs += 1;
    if (logs === 2) [api.left, api.chain] = [api.chain, forked];
    return undefined;
  };
  api.chain = blocks.slice(0, 60);
  await reaches(redis, fork.at(-1));
  assert.ok(logs > 2 && api.paths.some((path) => path.includes('cursor=')));
  assert.deepEqual(await contents(redis), await straight(forked));
});

test('a follower that is killed amid its pages goes on from the last block it took', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 20));
  const redis = await startRedis();
  const follower = await start({ redis, api });
  await reaches(redis, blocks[19]);
  api.limit = 2;
  let logs = 0;
  const amid = new Promise((resolve) => {
    api.before = (path) => {
      if (path.includes('/logs') && (logs += 1) === 4) resolve();
      return undefined;
    };
  });
  api.chain = blocks;
  await amid;
  await follower.kill();
  await follower.launch();
  await reaches(redis, blocks.at(-1));
  assert.deepEqual(await contents(redis), await straight());
});

test('without a state to go on from, it is read from the node, or refused', async () => {
  const [, second] = recording.checkpoints;
  let done = 0;
  const end = 1 + groups.findIndex(({ transactions }) => (done += transactions.length) === second.after_tx);
  const node = await startFakeNode(recording, { ...second });
  const api = await startFakeApi(recording.core, blocks.slice(0, end));
  const redis = await startRedis();
  const refused = await start({ redis, api, flags: ['--allow-unverified'] });
  await until(async () => JSON.parse((await refused.get('/health')).text).fault?.code === 'PARENT_UNKNOWN');
  assert.deepEqual(await contents(redis), {});
  await refused.stop();
  await start({ redis, api, flags: ['--allow-unverified', '--node', node.url] });
  await reaches(redis, blocks[end - 1]);
  api.chain = blocks;
  await reaches(redis, blocks.at(-1));
  const strip = (found) =>
    Object.fromEntries(
      Object.entries(found).filter(([key]) => key !== 'metadata').map(([key, value]) => {
        if (!/^(pool|bin):/.test(key)) return [key, value];
        const { created_at, last_updated, block_height, index_block_hash, fee_exempt, ...rest } = JSON.parse(value);
        return [key, rest];
      }),
    );
  assert.deepEqual(strip(await contents(redis)), strip(await straight()));
});

/** Waits until the follower says that it stands still, and why. */
async function stands(follower, message) {
  const health = async () => JSON.parse((await follower.get('/health')).text);
  await until(async () => (await health()).fault !== null);
  const { status, fault } = await health();
  assert.equal(status, 'stopped');
  assert.equal(fault.code, 'NODE_UNAVAILABLE');
  assert.match(fault.message, message);
}

test('a URL that is none of an API, and pages that end too early, are told; nothing begins amid what happened', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 45));
  const redis = await startRedis();
  const wrong = await start({ redis, api: { url: `${api.url}/extended` } });
  // The logs are asked for first; where there is a state, the blocks.
  await stands(wrong, /logs|blocks: status 404/);
  await wrong.stop();
  // No page of blocks, though the logs are there.
  api.before = (path) => (/\/blocks\?/.test(path) ? { status: 404 } : undefined);
  const absent = await start({ redis, api });
  await stands(absent, /blocks: status 404/);
  await absent.stop();
  for (const [offsets, message] of [[/offset=0$/, /blocks: it has none/], [/offset=(?!0$)/, /pages end above/]]) {
    const empty = { status: 200, body: JSON.stringify({ results: [] }) };
    api.before = (path) => (/\/blocks\?/.test(path) && offsets.test(path) ? empty : undefined);
    const follower = await start({ redis, api });
    await stands(follower, message);
    await follower.stop();
  }
  assert.deepEqual(await contents(redis), {});
  api.before = () => undefined;
  await start({ redis, api });
  await reaches(redis, blocks[44]);
  assert.deepEqual(await contents(redis), await straight(blocks.slice(0, 45)));
});

test('pages of logs that lead nowhere are told, and are no end', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 45));
  api.limit = 7;
  const redis = await startRedis();
  for (const broken of [null, 'no cursor', '99999999:0:0:0']) {
    // From the second page on, so that something is read before.
    api.change = (path, answer) => (/cursor=/.test(path) ? { ...answer, next_cursor: broken, prev_cursor: broken } : answer);
    const follower = await start({ redis, api });
    await stands(follower, /logs: its pages end after 14 of \d+/);
    await follower.stop();
  }
  assert.deepEqual(await contents(redis), {});
  api.change = (path, { cursor, ...answer }) => answer;
  await start({ redis, api });
  await reaches(redis, blocks[44]);
  assert.deepEqual(await contents(redis), await straight(blocks.slice(0, 45)));
});

test('blocks whose logs come later are held back until they are there', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 40));
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording, poll: api.url, flags: ['--poll-every', '2', '--from-genesis', '--allow-unverified'] });
  await reaches(redis, blocks[39]);
  api.logsTo = blocks[39].block_height;
  let looks = 0;
  api.before = (path) => {
    // The first look sees nothing of them, the second one all.
    if (path.includes('/logs') && (looks += 1) === 2) api.logsTo = Infinity;
    return undefined;
  };
  api.chain = blocks.slice(0, 44);
  await reaches(redis, blocks[43]);
  assert.deepEqual(await contents(redis), await straight(blocks.slice(0, 44)));
  assert.match((await follower.get('/metrics')).text, /^dlmm_follow_blocks_undone_total 0$/m);
});

test('logs that come when their blocks are taken long since are noticed, after a restart too, and the blocks taken again', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 40));
  api.limit = 5;
  const redis = await startRedis();
  const follower = await start({ redis, api });
  await reaches(redis, blocks[39]);
  for (const [end, isKilled] of [[45, false], [52, true]]) {
    api.logsTo = Number(await redis.command('HGET', 'metadata', 'block_height'));
    api.chain = blocks.slice(0, end);
    await reaches(redis, blocks[end - 1]);
    if (isKilled) {
      await follower.kill();
      await follower.launch();
    }
    api.logsTo = Infinity;
    api.chain = blocks.slice(0, end + 1);
    await until(async () => follower.lines.filter((line) => /it is taken again/.test(line)).length >= (isKilled ? 2 : 1));
    await reaches(redis, blocks[end]);
    assert.deepEqual(await contents(redis), await straight(api.chain), `${end}`);
  }
});

/** The recorded blocks from a place on, each followed by blocks without transactions. */
function spaced(at, gap) {
  const made = [];
  let parent = blocks[at - 1];
  const add = (transactions) => {
    const height = parent.block_height + 1;
    parent = newBlock({ height, hash: blockHash(height, 'spaced'), parent: parent.index_block_hash, transactions });
    made.push(parent);
  };
  for (const { transactions } of groups.slice(at)) {
    add(transactions);
    for (let n = 0; n < gap; n += 1) add([]);
  }
  return made;
}

test('a long way is taken in parts: an error amid it loses none that were taken, and little that was read', async () => {
  const at = blocks.length - 40;
  const long = [...blocks.slice(0, at), ...spaced(at, 14)];
  const api = await startFakeApi(recording.core, blocks.slice(0, at));
  api.limit = 9;
  const redis = await startRedis();
  await start({ redis, api });
  await reaches(redis, blocks[at - 1]);
  // The part of blocks 201 to 400 is read, and refused at its end.
  let ends = 0;
  let isRefusing = true;
  api.before = (path) => {
    if (!isRefusing) return undefined;
    if (/\/blocks\/0x/.test(path)) ends += 1;
    return ends >= 2 ? { status: 401 } : undefined;
  };
  api.paths.length = 0;
  api.chain = long;
  await until(() => ends >= 2);
  await reaches(redis, long[at + 199]);
  assert.deepEqual(await contents(redis), await straight(long.slice(0, at + 200)));
  isRefusing = false;
  await reaches(redis, long.at(-1));
  assert.deepEqual(await contents(redis), await straight(long));
  const asked = api.paths.filter((path) => path.includes('/tx/'));
  const again = asked.length - new Set(asked).size;
  assert.ok(again <= 2 * api.limit, `${again} of ${asked.length} transactions were asked for again`);
  const pages = api.paths.filter((path) => path.includes('/logs')).length;
  console.log(`# ${long.length - at} blocks: ${api.paths.length} requests, ${pages} of them pages of logs, ${asked.length} transactions`);
});

test('the key is sent, and never said, nor what a URL holds beside its host', async () => {
  const api = await startFakeApi(recording.core, blocks.slice(0, 3));
  const redis = await startRedis();
  const flags = ['--poll-every', '0.1', '--from-genesis', '--allow-unverified', '--poll-key', 'k-secret'];
  const follower = await startFollower({ redis, recording, poll: `${api.url}/p-secret`, flags });
  await until(() => api.paths.length >= 1);
  assert.equal(api.headers['x-api-key'], 'k-secret');
  assert.ok(follower.lines.some((line) => line.includes(`polling ${api.url}`)));
  assert.doesNotMatch(follower.lines.join('\n'), /[kp]-secret/);
  for (const url of [api.url.replace('//', '//user:u-secret@'), `${api.url}/?key=u-secret`]) {
    const args = ['follow', '--core', recording.core, '--tokens', 'tokens.json', '--redis', redis.url, '--poll', url];
    const { status, stderr } = spawnSync(await dlmmBin(), args, { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 2);
    assert.match(stderr, /--poll: a URL without user, password and query is needed/);
    assert.doesNotMatch(stderr, /u-secret/);
  }
});

test('the key goes to no other host', async () => {
  const other = await startFakeApi(recording.core, blocks.slice(0, 3));
  const api = await startFakeApi(recording.core, blocks.slice(0, 3));
  api.before = (path) => ({ status: 302, headers: { location: `${other.url}${path}` } });
  const redis = await startRedis();
  const follower = await start({ redis, api, flags: ['--from-genesis', '--allow-unverified', '--poll-key', 'k-secret'] });
  await stands(follower, /status 302: redirects are not followed/);
  assert.deepEqual(other.paths, []);
});
