// A byte order mark in front of a file or body is passed over, by everything that reads one.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGateway, startRedis, startWorker, upstashVars } from '../stack/index.mjs';
import { dlmm, succeed, temporaryFolder } from './dlmm.mjs';

const MARK = '\ufeff';
const folder = temporaryFolder();
const REQUEST = { token_in: 'BTC', token_out: 'USDC', amount_in: '1', include_state: true };

function file(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const redis = await startRedis();
await succeed(['seed'], { redis });
const plain = join(folder, 'plain.json');
await succeed(['snapshot', '--out', plain], { redis });
const marked = file('marked.json', `${MARK}${readFileSync(plain, 'utf8')}`);

test('files of the command line: snapshots, requests and answers', async () => {
  const flags = ['--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1', '--json', '--include-state'];
  const [one, other] = [await succeed(['quote', '--snapshot', plain, ...flags]), await succeed(['quote', '--snapshot', marked, ...flags])];
  assert.equal(JSON.parse(other).digest, JSON.parse(one).digest);
  const lines = `${MARK}${JSON.stringify(REQUEST)}\r\n${JSON.stringify(REQUEST)}\n`;
  for (const from of [['--requests', file('requests', lines)], ['--requests', '-']]) {
    const answers = (await succeed(['quote', '--snapshot', marked, ...from], { input: lines })).trim().split('\n');
    assert.deepEqual(answers.map((answer) => JSON.parse(answer).success), [true, true]);
  }
  assert.equal(await succeed(['verify-quote', file('answer', `${MARK}${one}`)]), 'equal\n');
  assert.equal(await succeed(['verify-quote', '-'], { input: `${MARK}${one}${other}` }), '1: equal\n2: equal\n2 answers: 2 equal, 0 different, 0 not checked\n');
  const empty = await startRedis();
  await succeed(['seed', '--from', marked], { redis: empty });
  assert.equal(await empty.command('SCARD', 'pools'), await redis.command('SCARD', 'pools'));
});

test('two marks are no file', async () => {
  const twice = file('twice', `${MARK}${MARK}${readFileSync(plain, 'utf8')}`);
  const { status } = await dlmm(['quote', '--snapshot', twice, '--token-in', 'BTC', '--token-out', 'USDC', '--amount-in', '1']);
  assert.notEqual(status, 0);
});

test('bodies of the Worker', async () => {
  const worker = await startWorker({ vars: upstashVars(await startGateway({ redisUrl: redis.url })) });
  const ask = async (path, value) => {
    // As bytes: a text would lose its mark on the way.
    const body = new TextEncoder().encode(`${MARK}${JSON.stringify(value)}`);
    const response = await worker.fetch(path, { method: 'POST', body });
    return { status: response.status, body: await response.json() };
  };
  assert.equal((await ask('/quote', REQUEST)).body.amount_out_atomic, '99900000000');
  const { status, body } = await ask('/quotes', { requests: [REQUEST, REQUEST] });
  assert.deepEqual([status, body.answers.map(({ success }) => success)], [200, [true, true]]);
});
