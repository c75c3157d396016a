// Recorded blocks from a file or a pipe, over a real Redis.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { blockHash, blocksOf, groupsOf, newBlock, readRecording, tokensFile } from '../../../scripts/chain/recording.mjs';
import { freePort } from '../../../scripts/stack/free-port.mjs';
import { dlmmBin } from '../../../scripts/stack/gateway.mjs';
import { Service } from '../../../scripts/process/service.mjs';
import { dlmm } from '../cli/dlmm.mjs';
import { whenDone } from '../stack/cleanup.mjs';
import { startRedis } from '../stack/index.mjs';
import { contents, startFollower } from './follower.mjs';

const recording = readRecording();
const blocks = blocksOf(recording);
const groups = groupsOf(recording);
const folder = mkdtempSync(join(tmpdir(), 'dlmm-file-'));
whenDone(() => rmSync(folder, { recursive: true }));
const tokens = join(folder, 'tokens.json');
writeFileSync(tokens, tokensFile(recording));

const lines = (blocks) => blocks.map((block) => `${JSON.stringify(block)}\n`).join('');
let files = 0;
function file(text) {
  const name = join(folder, `${(files += 1)}.jsonl`);
  writeFileSync(name, text);
  return name;
}
const argsFor = (redis, name, ...more) => ['follow', '--core', recording.core, '--redis', redis.url, '--tokens', tokens, '--from-genesis', '--allow-unverified', '--file', name, ...more];
/** Runs a follower to the end of a file; gives how it ended and what it said, the last line as an object. */
async function follow(redis, name, { input, more = [] } = {}) {
  const { status, stdout, stderr } = await dlmm(argsFor(redis, name, ...more), { input });
  const events = stdout.trim().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return { status, stderr, events, end: events.find(({ event }) => event === 'recorded') };
}

let straightly;
/** What the same blocks leave when they are posted. */
function straight() {
  straightly ??= (async () => {
    const redis = await startRedis();
    await (await startFollower({ redis, recording })).take(...blocks);
    return contents(redis);
  })();
  return straightly;
}

test('a file leaves what the same blocks leave when they are posted, and changes nothing the second time', async () => {
  const redis = await startRedis();
  const name = file(lines(blocks));
  const first = await follow(redis, name);
  assert.deepEqual([first.status, first.end?.blocks, first.end?.passed_over], [0, blocks.length, 0], first.stderr);
  assert.deepEqual(first.events.filter(({ event }) => event === 'block'), [], 'each block is in the file');
  assert.deepEqual(await contents(redis), await straight());
  const seq = await redis.command('HGET', 'metadata', 'seq');
  const again = await follow(redis, name);
  assert.deepEqual([again.status, again.end.blocks, again.end.passed_over], [0, 0, blocks.length]);
  // Its beginning is long forgotten where few blocks can be undone.
  await redis.command('FLUSHALL');
  for (const [part, taken] of [[blocks.slice(0, 50), 50], [blocks, blocks.length - 50]]) {
    const { status, end, stderr } = await follow(redis, file(lines(part)), { more: ['--keep-blocks', '3'] });
    assert.deepEqual([status, end?.blocks], [0, taken], stderr);
  }
  assert.deepEqual(await contents(redis), await straight());
  assert.equal(await redis.command('HGET', 'metadata', 'seq'), seq);
});

test("an archive of what a node posted is read from standard input, rows of other paths aside", async () => {
  const redis = await startRedis();
  // As PostgreSQL copies them out, with its own escapes around those of JSON.
  const row = (path, body, at) => `${at}\t2026-01-01 00:00:00.000000+00\t${path}\t${body.replaceAll('\\', '\\\\')}\n`;
  const noted = blocks.map((block) => ({ note: 'a "word" \\ and a\nline', ...block }));
  const rows = noted.flatMap((block) => [['/new_burn_block', '{}'], ['/new_mempool_tx', '["0x00"]'], ['/new_block', JSON.stringify(block)]]);
  const { status, end, stderr } = await follow(redis, '-', { input: rows.map(([path, body], at) => row(path, body, at)).join('') });
  assert.deepEqual([status, end?.blocks], [0, blocks.length], stderr);
  assert.deepEqual(await contents(redis), await straight());
});

test('a branch that was left is in the file too, and no reason to go back', async () => {
  const redis = await startRedis();
  let parent = blocks[19].index_block_hash;
  const branch = [1, 2, 3].map((n) => {
    const height = blocks[19].block_height + n;
    const block = newBlock({ height, hash: blockHash(height, 'left'), parent, transactions: groups[20 + n].transactions });
    parent = block.index_block_hash;
    return block;
  });
  const all = [...blocks.slice(0, 20), ...branch, ...blocks.slice(20)];
  const part = await follow(redis, file(lines(all.slice(0, 30))));
  assert.deepEqual([part.status, part.end?.blocks], [0, 30], part.stderr);
  const before = Number(await redis.command('HGET', 'metadata', 'seq'));
  const rest = await follow(redis, file(lines(all)));
  assert.deepEqual([rest.status, rest.end?.passed_over, rest.end?.blocks], [0, 30, all.length - 30], rest.stderr);
  assert.equal(Number(await redis.command('HGET', 'metadata', 'seq')), before + all.length - 30, 'nothing was written twice');
  assert.deepEqual(await contents(redis), await straight());
});

test('what is no block, too long or out of order ends it with the line, and what came before is taken', async () => {
  const expected = async (count) => {
    const redis = await startRedis();
    await (await startFollower({ redis, recording })).take(...blocks.slice(0, count));
    return contents(redis);
  };
  const ten = lines(blocks.slice(0, 10));
  const broken = JSON.parse(JSON.stringify(blocks[10]));
  for (const event of broken.events) event.contract_event.raw_value = '0xzz';
  const cases = [
    ['{"block_height":', 'BLOCK_INVALID'],
    [lines(blocks.slice(11, 12)), 'PARENT_UNKNOWN'],
    [JSON.stringify(broken), 'EVENT_INVALID'],
    ['x'.repeat(5_000_000), 'BODY_TOO_LARGE'],
  ];
  const after = await expected(10);
  for (const [text, code] of cases) {
    const redis = await startRedis();
    const { status, stderr, events } = await follow(redis, file(`${ten}\n${text}\n${lines(blocks.slice(10))}`), { more: ['--max-body', '4000000'] });
    assert.equal(status, 1, code);
    assert.match(stderr, /\.jsonl, line 12: /, code);
    assert.ok(events.some((event) => event.event === 'fault' && event.code === code), `${code}: ${JSON.stringify(events)}`);
    assert.deepEqual(await contents(redis), after, code);
  }
  const { status, stderr } = await follow(await startRedis(), join(folder, 'none'));
  assert.equal(status, 1);
  assert.match(stderr, /cannot read .*none/);
});

test('with --listen it goes on where the file ends', async () => {
  const redis = await startRedis();
  const port = await freePort();
  const follower = await Service.start({
    name: 'dlmm follow',
    command: await dlmmBin(),
    args: argsFor(redis, file(lines(blocks.slice(0, 30))), '--listen', `127.0.0.1:${port}`),
    env: {},
    ready: (line) => line.includes('listening on '),
  });
  whenDone(() => follower.stop());
  for (const block of blocks.slice(30)) {
    const { status } = await fetch(`http://127.0.0.1:${port}/new_block`, { method: 'POST', body: JSON.stringify(block) });
    assert.equal(status, 200);
  }
  assert.deepEqual(await contents(redis), await straight());
});

test('killed amid a file again and again, and with a Redis that goes away, no block is lost or taken twice', async () => {
  const dir = mkdtempSync(join(folder, 'redis-'));
  const redis = await startRedis({ dir, args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const name = file(lines(blocks));
  const height = async () => Number((await redis.command('HGET', 'metadata', 'block_height').catch(() => undefined)) ?? 0);
  for (let round = 0; round < 4; round += 1) {
    const follower = new Service({ name: 'dlmm follow', command: await dlmmBin(), args: argsFor(redis, name), env: {} });
    const from = await height();
    while ((await height()) <= from && (await Promise.race([follower.ended, false])) === false);
    if (round % 2 === 0) {
      await follower.kill();
    } else {
      await redis.kill();
      await redis.launch();
      await follower.kill();
    }
  }
  const { status, stderr } = await follow(redis, name);
  assert.equal(status, 0, stderr);
  assert.deepEqual(await contents(redis), await straight());
  assert.equal(Number(await redis.command('HGET', 'metadata', 'seq')), blocks.length);
});

test('two followers with the same file take each block once, whichever of them is at work', async () => {
  const redis = await startRedis();
  // Long enough for the first one to fall asleep amid it.
  const all = [...blocks];
  for (let n = 1; n <= 3_000; n += 1) {
    const { block_height, index_block_hash: parent } = all.at(-1);
    all.push(newBlock({ height: block_height + 1, hash: blockHash(block_height + 1, 'quiet'), parent, transactions: [] }));
  }
  const name = file(lines(all));
  const keep = ['--keep-blocks', '2'];
  const height = async () => Number((await redis.command('HGET', 'metadata', 'block_height')) ?? 0);
  const first = new Service({ name: 'dlmm follow', command: await dlmmBin(), args: argsFor(redis, name, ...keep), env: {} });
  while ((await height()) === 0);
  // It sleeps while the other one takes its lease, and wakes up far behind.
  first.pause();
  const second = await follow(redis, name, { more: keep });
  assert.equal(second.status, 0, second.stderr);
  first.resume();
  assert.equal((await first.ended).how, 'exit code 0', first.log.join('\n'));
  assert.equal(await redis.command('HGET', 'metadata', 'index_block_hash'), all.at(-1).index_block_hash);
  assert.equal(Number(await redis.command('HGET', 'metadata', 'seq')), all.length);
});
