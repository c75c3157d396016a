// How many blocks a second `dlmm follow` takes: a market is created, then blocks of 50 liquidity events each.
//
//   node scripts/bench/follow.mjs [--blocks 10000] [--events 50] [--bins 0]
//
// `DLMM_BIN` names the release build. `--bins N`: one more block at the end that touches so many bins.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cl, cvToHex } from '@stacks/transactions';
import { blockHash, blocksOf, readRecording, tokensFile } from '../chain/recording.mjs';
import { Service } from '../process/service.mjs';
import { freePort } from '../stack/free-port.mjs';
import { dlmmBin } from '../stack/gateway.mjs';
import { RedisServer } from '../stack/redis.mjs';

const { values } = parseArgs({ options: { blocks: { type: 'string', default: '10000' }, events: { type: 'string', default: '50' }, bins: { type: 'string', default: '2000' } } });
const recording = readRecording();
const folder = mkdtempSync(join(tmpdir(), 'dlmm-bench-'));
const tokens = join(folder, 'tokens.json');
writeFileSync(tokens, tokensFile(recording));
const redis = await RedisServer.start();
const port = await freePort();
const follower = await Service.start({
  name: 'dlmm follow',
  command: await dlmmBin(),
  args: ['follow', '--core', recording.core, '--redis', redis.url, '--tokens', tokens, '--listen', `127.0.0.1:${port}`, '--from-genesis', '--allow-unverified'],
  env: {},
  ready: (line) => line.includes('listening on '),
});
const poster = connect({ host: '127.0.0.1', port, noDelay: true });
await once(poster, 'connect');

/** The request of a block, as bytes: making it is not measured. */
function requestOf(block) {
  const body = JSON.stringify(block);
  const head = `POST /new_block HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}

/** Posts one block over the one connection that a node has, and gives the milliseconds until it was taken. */
async function post(bytes) {
  const started = performance.now();
  poster.write(bytes);
  let answer = '';
  for (;;) {
    const [part] = await once(poster, 'data');
    answer += part;
    const head = answer.indexOf('\r\n\r\n');
    const length = Number(answer.match(/content-length: (\d+)/i)?.[1]);
    if (head >= 0 && answer.length >= head + 4 + length) break;
  }
  if (!answer.startsWith('HTTP/1.1 200')) throw new Error(answer);
  return performance.now() - started;
}

const setup = blocksOf(recording).slice(0, 5);
for (const block of setup) await post(requestOf(block));
const pools = recording.checkpoints[0].pools;
const [address, name] = pools[0].contract.split('.');

/** A block in which so many bins of so many pools change. */
function block(height, parent, count) {
  const events = Array.from({ length: count }, (_, at) => {
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
  return { block_height: height, index_block_hash: blockHash(height, 'bench'), parent_index_block_hash: parent, block_time: 1_790_000_000 + height, transactions: [], events };
}

/** Milliseconds of processor that follower, Redis and this poster have used. */
const cpu = () => [
  ...[follower.pid, redis.pid].map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }),
  (process.cpuUsage().user + process.cpuUsage().system) / 1000,
];
const memory = () => Number(readFileSync(`/proc/${follower.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
let parent = setup.at(-1).index_block_hash;
const first = 1000;
// Made beforehand in slices, so that making them is not measured.
const times = [];
let seconds = 0;
const grown = [];
const used = [0, 0, 0];
for (let at = 0; at < Number(values.blocks); at += 500) {
  const requests = [];
  for (let n = at; n < Math.min(at + 500, Number(values.blocks)); n += 1) {
    const one = block(first + n, parent, Number(values.events));
    parent = one.index_block_hash;
    requests.push(requestOf(one));
  }
  const [started, before] = [performance.now(), cpu()];
  for (const bytes of requests) times.push(await post(bytes));
  seconds += (performance.now() - started) / 1000;
  cpu().forEach((ms, at) => (used[at] += ms - before[at]));
  grown.push(memory());
}
times.sort((a, b) => a - b);
const at = (share) => times[Math.floor((times.length - 1) * share)].toFixed(2);
console.log(`${times.length} blocks of ${values.events} events: ${(times.length / seconds).toFixed(0)} blocks/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, largest ${at(1)} ms`);
const each = used.map((ms) => (ms / times.length).toFixed(2));
console.log(`processor a block: follower ${each[0]} ms, Redis ${each[1]} ms, poster ${each[2]} ms`);
console.log(`memory of the follower: ${grown[0]} kB after 500 blocks, ${grown.at(Math.floor(grown.length / 2))} kB half-way, ${grown.at(-1)} kB at the end`);
if (Number(values.bins) > 0) {
  const large = block(first + Number(values.blocks), parent, Number(values.bins));
  console.log(`one block with ${values.bins} bins: ${(await post(requestOf(large))).toFixed(1)} ms`);
}
poster.destroy();
await follower.stop();
await redis.stop();
rmSync(folder, { recursive: true });
process.exit();
