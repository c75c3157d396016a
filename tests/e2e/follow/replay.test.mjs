// The recording, posted as blocks to a real follower with a real Redis: what the contracts say is what Redis holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksOf, groupsOf, readRecording } from '../../../scripts/chain/recording.mjs';
import { startRedis } from '../stack/index.mjs';
import { contents, startFollower } from './follower.mjs';

const recording = readRecording();
const FEES = ['x_protocol_fee', 'x_provider_fee', 'x_variable_fee', 'y_protocol_fee', 'y_provider_fee', 'y_variable_fee'];

/** Every pool and bin of a checkpoint against Redis. */
function compare(found, { pools }, prices) {
  const ids = pools.map(({ contract }) => contract);
  assert.deepEqual(found.pools, [...ids].sort());
  let values = 0;
  for (const { contract, get_pool: chain, status, bins, exempt } of pools) {
    const pool = JSON.parse(found[`pool:${contract}`]);
    assert.equal(pool.active_bin_id, Number(chain['active-bin-id']) + 500, contract);
    assert.equal(pool.status, status ? 'active' : 'paused', contract);
    for (const fee of FEES) assert.equal(pool[fee], Number(chain[fee.replaceAll('_', '-')]), `${contract} ${fee}`);
    assert.deepEqual(pool.fee_exempt, exempt, contract);
    const stored = Object.keys(found).filter((key) => key.startsWith(`bin:${contract}:`));
    assert.equal(stored.length, bins.length, `${contract}: a bin is there that the contract does not have`);
    for (const { bin_id, x, y } of bins) {
      const bin = JSON.parse(found[`bin:${contract}:${bin_id}`]);
      assert.deepEqual([bin.reserve_x, bin.reserve_y], [x, y], `${contract} bin ${bin_id}`);
      assert.equal(bin.price_e8, prices(chain, bin_id), `${contract} bin ${bin_id}`);
      assert.equal(bin.is_active, bin_id === pool.active_bin_id);
      values += 3;
    }
    values += 9;
  }
  return values;
}

/** Prices by the contract's rule, from the recorded tables. */
function priceRule() {
  const tables = {};
  for (const { events } of recording.transactions.filter(({ label }) => label === 'add-bin-step')) {
    const raw = events.find(({ contract }) => contract === recording.core)?.raw_value;
    if (raw === undefined) continue;
    const [, list] = raw.split('07666163746f7273'); // the entry `factors`
    const factors = Array.from({ length: 1001 }, (_, at) => BigInt(`0x${list.slice(10 + at * 34 + 2, 10 + (at + 1) * 34)}`));
    tables[String(BigInt(`0x${raw.split('047374657001')[1].slice(0, 32)}`))] = factors;
  }
  return (chain, bin) => String((BigInt(chain['initial-price']) * tables[chain['bin-step']][bin]) / 100_000_000n);
}

test('at every checkpoint Redis holds what the contracts say', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  const prices = priceRule();
  for (const { pools } of recording.checkpoints) {
    for (const { get_pool, price_samples } of pools) {
      for (const { bin_id, price } of price_samples) assert.equal(prices(get_pool, bin_id), price);
    }
  }
  let [done, compared] = [0, 0];
  const ends = new Map(recording.checkpoints.map((checkpoint) => [checkpoint.after_tx, checkpoint]));
  const groups = groupsOf(recording);
  for (const [at, block] of blocksOf(recording).entries()) {
    await follower.take(block);
    done += groups[at].transactions.length;
    const checkpoint = ends.get(done);
    if (checkpoint === undefined) continue;
    ends.delete(done);
    const found = await contents(redis);
    compared += compare(found, checkpoint, prices);
    assert.equal(found.metadata.block_height, String(block.block_height));
    assert.equal(found.metadata.index_block_hash, block.index_block_hash);
  }
  assert.equal(ends.size, 0, 'a checkpoint lies amid a block');
  assert.ok(compared > 1_000, `${compared} values`);
});

test('every transaction in a block of its own leads to the same end', async () => {
  const redis = await startRedis();
  const follower = await startFollower({ redis, recording });
  await follower.take(...blocksOf(recording, { oneEach: true }));
  compare(await contents(redis), recording.checkpoints.at(-1), priceRule());
  const health = await follower.get('/health');
  assert.equal(JSON.parse(health.text).tip.block_height, recording.transactions.length);
});
