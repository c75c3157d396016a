// How many blocks a second `dlmm follow` takes: a market is created, then come blocks of 50 liquidity events each, once posted
// by `dlmm replay`, one after the other, as a node posts them, and once from a file.
//
//   node scripts/bench/follow.mjs [--blocks 10000] [--events 50] [--bins 2000] [--way posted|file]
//
// `DLMM_BIN` names the release build. `--bins N`: one more posted block at the end that touches so many bins; 0: none.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Cl, cvToHex } from '@stacks/transactions';
import { blockHash, blocksOf, readRecording, tokensFile } from '../chain/recording.mjs';
import { Service } from '../process/service.mjs';
import { freePort } from '../stack/free-port.mjs';
import { dlmmBin } from '../stack/gateway.mjs';
import { RedisServer } from '../stack/redis.mjs';

const { values } = parseArgs({ options: { blocks: { type: 'string', default: '10000' }, events: { type: 'string', default: '50' }, bins: { type: 'string', default: '2000' }, way: { type: 'string' } } });
const [count, perBlock] = [Number(values.blocks), Number(values.events)];
/** The first block after those that create the market. */
const FIRST = 1000;
/** Milliseconds between two looks at memory and processor. */
const LOOK_MS = 100;
const recording = readRecording();
const folder = mkdtempSync(join(tmpdir(), 'dlmm-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const pools = recording.checkpoints[0].pools;
const [address, name] = pools[0].contract.split('.');

/** A block in which so many bins of so many pools change. */
function block(height, parent, events) {
  const changes = Array.from({ length: events }, (_, at) => {
    const pool = pools[at % pools.length];
    const data = Cl.tuple({
      'pool-contract': Cl.contractPrincipal(address, pool.contract.split('.')[1] ?? name),
      'pool-id': Cl.uint(pool.get_pool['pool-id']),
      'unsigned-bin-id': Cl.uint(400 + ((height + Math.floor(at / pools.length)) % 600)),
      'updated-x-balance': Cl.uint(1_000_000 + height),
      'updated-y-balance': Cl.uint(at),
    });
    const value = Cl.tuple({ action: Cl.stringAscii('add-liquidity'), caller: Cl.contractPrincipal(address, name), data });
    return {
      txid: blockHash(at, 'tx'),
      event_index: at,
      committed: true,
      type: 'contract_event',
      contract_event: { contract_identifier: recording.core, topic: 'print', raw_value: `0x${cvToHex(value).replace(/^0x/, '')}` },
    };
  });
  return { block_height: height, index_block_hash: blockHash(height, 'bench'), parent_index_block_hash: parent, block_time: 1_790_000_000 + height, transactions: [], events: changes };
}

/** Milliseconds of processor that a process has used, and the kilobytes of memory it has. */
function look(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const memory = Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)?.[1]);
    return { cpu: (Number(fields[11]) + Number(fields[12])) * 10, memory };
  } catch {
    return undefined;
  }
}

/** Runs a command to its end; gives the line with its summary, and the looks at it and other processes on the way. */
async function toItsEnd({ name, args, as, watched = {} }) {
  let summary;
  const service = new Service({
    name: `dlmm ${name}`,
    command: dlmm,
    args: [name, ...args],
    env: {},
    onLine: (line) => (summary = line.match(/[\d,]+ blocks? in [^"]*/)?.[0] ?? summary),
  });
  const looks = [];
  const ended = service.ended.then(() => true);
  do looks.push(Object.entries({ ...watched, [as]: service.pid }).map(([name, pid]) => [name, look(pid)]).filter(([, seen]) => seen?.memory > 0));
  while (!(await Promise.race([ended, sleep(LOOK_MS, false)])));
  if (summary === undefined) throw new Error(`dlmm ${name} took nothing: ${service.log.join(' ')}`);
  return { summary, looks: looks.map((look) => Object.fromEntries(look)) };
}

const followArgs = (redis) => ['--core', recording.core, '--redis', redis.url, '--tokens', tokens, '--from-genesis', '--allow-unverified'];

/** Tells the summary, what each process used a block, and the follower's memory on the way. */
function tell(way, { summary, looks }, before) {
  console.log(`${way}, ${perBlock} events a block: ${summary}`);
  const used = Object.entries(before).map(([name, { cpu }]) => [name, ((looks.findLast((look) => look[name])?.[name].cpu ?? cpu) - cpu) / count]);
  const sum = used.reduce((sum, [, ms]) => sum + ms, 0);
  console.log(`processor a block: ${used.map(([name, ms]) => `${name} ${ms.toFixed(3)} ms`).join(', ')}; one after the other ${(1000 / sum).toFixed(0)} blocks/s`);
  const memory = looks.filter((look) => look.follower).map((look) => look.follower.memory);
  const [start, half, end] = [memory[Math.floor(memory.length / 20)], memory[Math.floor(memory.length / 2)], memory.at(-1)];
  console.log(`memory of the follower: ${start} kB after a twentieth, ${half} kB half-way, ${end} kB at the end`);
}

async function posted() {
  const redis = await RedisServer.start();
  const port = await freePort();
  const follower = await Service.start({
    name: 'dlmm follow',
    command: dlmm,
    args: ['follow', ...followArgs(redis), '--listen', `127.0.0.1:${port}`],
    env: {},
    ready: (line) => line.includes('listening on '),
  });
  const post = (file, watched) =>
    toItsEnd({ name: 'replay', args: [file, '--to', `http://127.0.0.1:${port}`, '--rate', '0'], as: 'poster', watched });
  await post(setupFile);
  const before = { follower: look(follower.pid), Redis: look(redis.pid), poster: { cpu: 0 } };
  tell('posted one by one', await post(file, { follower: follower.pid, Redis: redis.pid }), before);
  if (Number(values.bins) > 0) {
    writeFileSync(largeFile, `${JSON.stringify(block(FIRST + count, parent, Number(values.bins)))}\n`);
    console.log(`one block with ${values.bins} bins: ${(await post(largeFile)).summary}`);
  }
  await follower.stop();
  await redis.stop();
}

async function fromFile() {
  const redis = await RedisServer.start();
  const follow = (file, watched) => toItsEnd({ name: 'follow', args: [...followArgs(redis), '--file', file], as: 'follower', watched });
  await follow(setupFile);
  const before = { follower: { cpu: 0 }, Redis: look(redis.pid) };
  tell('from a file', await follow(file, { Redis: redis.pid }), before);
  await redis.stop();
}

const [tokens, setupFile, file, largeFile] = ['tokens.json', 'setup.jsonl', 'blocks.jsonl', 'large.jsonl'].map((name) => join(folder, name));
writeFileSync(tokens, tokensFile(recording));
const setup = blocksOf(recording).slice(0, 5);
writeFileSync(setupFile, setup.map((block) => `${JSON.stringify(block)}\n`).join(''));
// Made beforehand, so that making them is not measured.
let parent = setup.at(-1).index_block_hash;
const out = openSync(file, 'w');
for (let n = 0; n < count; n += 1) {
  const one = block(FIRST + n, parent, perBlock);
  parent = one.index_block_hash;
  writeSync(out, `${JSON.stringify(one)}\n`);
}
closeSync(out);

const dlmm = await dlmmBin();
if (values.way !== 'file') await posted();
if (values.way !== 'posted') await fromFile();
process.exit();
