// How many blocks a second `dlmm follow` takes: a market is created, then blocks of 50 liquidity events each.
//
//   node scripts/bench/follow.mjs [--blocks 10000] [--events 50] [--bins 0]
//
// `DLMM_BIN` names the release build. `--bins N`: one more block at the end that touches so many bins.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
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
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Posts one block and gives the milliseconds until it was taken. */
function post(text) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const options = { agent, port, path: '/new_block', method: 'POST', headers: { 'content-type': 'application/json' } };
    const call = request(options, (response) => {
      response.resume();
      response.on('end', () => (response.statusCode === 200 ? resolve(performance.now() - started) : reject(new Error(String(response.statusCode)))));
    });
    call.on('error', reject);
    call.end(text);
  });
}

const setup = blocksOf(recording).slice(0, 5);
for (const block of setup) await post(JSON.stringify(block));
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

const memory = () => Number(readFileSync(`/proc/${follower.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
let parent = setup.at(-1).index_block_hash;
const first = 1000;
// Made beforehand in slices, so that making them is not measured.
const times = [];
let seconds = 0;
const grown = [];
for (let at = 0; at < Number(values.blocks); at += 500) {
  const texts = [];
  for (let n = at; n < Math.min(at + 500, Number(values.blocks)); n += 1) {
    const one = block(first + n, parent, Number(values.events));
    parent = one.index_block_hash;
    texts.push(JSON.stringify(one));
  }
  const started = performance.now();
  for (const text of texts) times.push(await post(text));
  seconds += (performance.now() - started) / 1000;
  grown.push(memory());
}
times.sort((a, b) => a - b);
const at = (share) => times[Math.floor((times.length - 1) * share)].toFixed(2);
console.log(`${times.length} blocks of ${values.events} events: ${(times.length / seconds).toFixed(0)} blocks/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, largest ${at(1)} ms`);
console.log(`memory of the follower: ${grown[0]} kB after 500 blocks, ${grown.at(Math.floor(grown.length / 2))} kB half-way, ${grown.at(-1)} kB at the end`);
if (Number(values.bins) > 0) {
  const large = block(first + Number(values.blocks), parent, Number(values.bins));
  console.log(`one block with ${values.bins} bins: ${(await post(JSON.stringify(large))).toFixed(1)} ms`);
}
agent.destroy();
await follower.stop();
await redis.stop();
rmSync(folder, { recursive: true });
process.exit();
