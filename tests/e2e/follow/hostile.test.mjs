// What is posted that is no block of the chain, or too much of one.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { once } from 'node:events';
import { test } from 'node:test';
import { blockHash, blocksOf, newBlock, readRecording } from '../../../scripts/chain/recording.mjs';
import { startRedis } from '../stack/index.mjs';
import { contents, startFollower } from './follower.mjs';

const recording = readRecording();
const blocks = blocksOf(recording);

test('what is no block is refused with its reason and changes nothing', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  await follower.take(...blocks.slice(0, 30));
  const before = await contents(redis);
  const next = blocks[30];
  const edit = (change) => {
    const block = structuredClone(next);
    change(block);
    return block;
  };
  const ofCore = ({ events }) =>
    events.find(({ contract_event }) => contract_event.contract_identifier === recording.core);
  for (const [body, status, code] of [
    ['', 400, 'BLOCK_INVALID'],
    ['{"block_height":', 400, 'BLOCK_INVALID'],
    ['[]', 400, 'BLOCK_INVALID'],
    [edit((block) => (block.index_block_hash = 'nonsense')), 400, 'BLOCK_INVALID'],
    [edit((block) => delete block.parent_index_block_hash), 400, 'BLOCK_INVALID'],
    [edit((block) => (ofCore(block).contract_event.raw_value = '0xnothex')), 503, 'EVENT_INVALID'],
    [edit((block) => (ofCore(block).contract_event.raw_value += '00')), 503, 'EVENT_INVALID'],
    [edit((block) => delete ofCore(block).committed), 400, 'BLOCK_INVALID'],
  ]) {
    const answer = await follower.post(body);
    assert.deepEqual([answer.status, answer.body.error.code], [status, code], JSON.stringify(body).slice(0, 200));
    assert.ok(answer.body.error.message.length > 10);
  }
  // A node posts other things too, and repeats what is not answered with 200.
  for (const path of ['/new_burn_block', '/new_mempool_tx', '/drop_mempool_tx', '/attachments/new', '/new_microblocks']) {
    assert.equal((await follower.post('{"a":1}', path)).status, 200, path);
  }
  assert.equal((await follower.get('/new_block')).status, 404);
  assert.deepEqual(await contents(redis), before);
  await follower.take(next);
});

test('look-alikes, events that were rolled back and those of failed transactions change nothing', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  await follower.take(...blocks);
  const before = await contents(redis);
  const last = blocks.at(-1);
  const { transactions } = recording;
  const swaps = transactions.filter(({ label, status }) => status === 'success' && label.startsWith('swap'));
  const height = last.block_height + 1;
  const spoiled = newBlock({ height, hash: blockHash(height), parent: last.index_block_hash, transactions: swaps });
  for (const [at, event] of spoiled.events.entries()) {
    if (at % 3 === 0) event.committed = false;
    if (at % 3 === 1) event.contract_event.contract_identifier += '-2';
    if (at % 3 === 2) spoiled.transactions.find(({ txid }) => txid === event.txid).status = 'abort_by_post_condition';
  }
  await follower.take(spoiled);
  const after = await contents(redis);
  assert.equal(after.metadata.block_height, String(height));
  for (const found of [before, after]) delete found.metadata;
  assert.deepEqual(after, before);
});

/** Posts so many bytes in chunks, without saying how many there will be. */
async function postChunked(url, bytes, first = '') {
  const post = request(`${url}/new_block`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  const answered = once(post, 'response');
  const chunk = Buffer.alloc(1 << 20, ' ');
  post.write(first);
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!post.write(chunk)) await Promise.race([once(post, 'drain'), answered]);
  }
  post.end();
  const [response] = await answered;
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode, body: JSON.parse(text) };
}

test('a body of 80 MB in chunks is taken, and one above the limit is refused', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  const large = await postChunked(follower.url, 80 << 20, JSON.stringify(blocks[0]));
  assert.equal(large.status, 200, JSON.stringify(large.body));
  const limit = ['--max-body', String(1 << 20), '--from-genesis'];
  await follower.stop();
  const small = await startFollower({ redis, recording, flags: limit });
  const refused = await postChunked(small.url, 5 << 20, JSON.stringify(blocks[1]));
  assert.deepEqual([refused.status, refused.body.error.code, refused.body.error.details.limit], [413, 'BODY_TOO_LARGE', 1 << 20]);
  assert.equal((await small.post(JSON.stringify(blocks[1]).padEnd((1 << 20) + 1))).status, 413);
  // The node sends it for ever, so it is the operator who must hear of it.
  const { status, text } = await small.get('/health');
  assert.deepEqual([status, JSON.parse(text).fault.code], [503, 'BODY_TOO_LARGE']);
  assert.equal((await small.post(blocks[1])).status, 200);
  assert.equal((await small.get('/health')).status, 503, 'recorded blocks are old');
  assert.equal(JSON.parse((await small.get('/health')).text).fault, null);
});

test('pages of a browser may not post, and other machines need leave', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  const headers = { origin: 'https://evil.example' };
  const response = await fetch(`${follower.url}/new_block`, { method: 'POST', headers, body: JSON.stringify(blocks[0]) });
  assert.equal(response.status, 403);
  await assert.rejects(startFollower({ redis, recording, flags: ['--from-genesis', '--listen', '0.0.0.0:0'] }));
});

const own = Object.values(networkInterfaces()).flat().find(({ family, internal }) => family === 'IPv4' && !internal);

test('an address that may not post is refused, and told of once', { skip: own === undefined && 'no address but loopback' }, async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording, host: '0.0.0.0', flags: ['--from-genesis', '--allow-from', '203.0.113.0/24'] });
  const post = () => fetch(`http://${own.address}:${follower.port}/new_block`, { method: 'POST', body: JSON.stringify(blocks[0]) });
  for (let n = 0; n < 3; n += 1) assert.equal((await post()).status, 403);
  assert.equal((await follower.post(blocks[0])).status, 200, 'this machine always may');
  const told = follower.lines.filter((line) => line.includes(own.address) && line.includes('--allow-from'));
  assert.equal(told.length, 1, follower.lines.join('\n'));
});
