// Readers see whole blocks only, at any moment, while blocks of 350 bins arrive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cl, cvToHex } from '@stacks/transactions';
import { blockHash, blocksOf, readRecording } from '../../../scripts/chain/recording.mjs';
import { startRedis } from '../stack/index.mjs';
import { startFollower } from './follower.mjs';

const recording = readRecording();
const BINS = 350;

/** A block that gives 350 bins of one pool the same reserve, which no other block gives. */
function marked(pool, height, parent) {
  const [address, name] = pool.contract.split('.');
  const events = Array.from({ length: BINS }, (_, at) => {
    const data = Cl.tuple({
      'pool-contract': Cl.contractPrincipal(address, name),
      'pool-id': Cl.uint(pool.get_pool['pool-id']),
      'unsigned-bin-id': Cl.uint(510 + at),
      'updated-x-balance': Cl.uint(height),
      'updated-y-balance': Cl.uint(0),
    });
    const value = cvToHex(Cl.tuple({ action: Cl.stringAscii('add-liquidity'), data })).replace(/^0x/, '');
    const contract_event = { contract_identifier: recording.core, topic: 'print', raw_value: `0x${value}` };
    return { txid: '0x01', event_index: at, committed: true, type: 'contract_event', contract_event };
  });
  return { block_height: height, index_block_hash: blockHash(height), parent_index_block_hash: parent, block_time: 1_790_000_000, transactions: [], events };
}

test('every reading is of one block', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  const first = blocksOf(recording).slice(0, 5);
  await follower.take(...first);
  const [pool] = recording.checkpoints[0].pools;
  let parent = first.at(-1).index_block_hash;
  const post = async (height) => {
    await follower.take(marked(pool, height, parent));
    parent = blockHash(height);
  };
  await post(1000);
  const keys = [`pool:${pool.contract}`, ...Array.from({ length: BINS }, (_, at) => `bin:${pool.contract}:${510 + at}`)];
  let [reading, seen] = [true, new Set()];
  const reader = redis.session(async (client) => {
    let readings = 0;
    for (; reading; readings += 1) {
      const [value, ...bins] = (await client.sendCommand(['MGET', ...keys])).map((text) => JSON.parse(text));
      const heights = new Set([String(value.block_height), ...bins.map(({ reserve_x }) => reserve_x)]);
      assert.equal(heights.size, 1, `a torn reading: ${[...heights]}`);
      seen.add(value.block_height);
    }
    return readings;
  });
  for (let height = 1001; height <= 1040; height += 1) await post(height);
  reading = false;
  const readings = await reader;
  assert.ok(readings > 20 && seen.size > 5, `${readings} readings of ${seen.size} blocks`);
});
