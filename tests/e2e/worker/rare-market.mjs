// A market whose answers show what those of ordinary markets do not: numbers that do not fit, contracts that do, pools that are half there.
import { router } from './recorded-plans.mjs';

const LARGEST = String(2n ** 128n - 1n);
const [DEPLOYER] = router.split('.');

/** Pools of whole units without fees: bins by id with what they hold of Y, and the price times 10^8. */
const POOLS = {
  // With its slippage, what goes in exceeds 128 bits; so does the price impact of the second one.
  DEAR: ['CAPX', 'CAPY', { 500: [`2${'0'.repeat(30)}`, '1'] }],
  STEEP: ['LOWX', 'LOWY', { 500: [`1${'0'.repeat(30)}`, `1${'0'.repeat(38)}`], 499: ['1000000000000', '100000000'] }],
  // What the first one would take has no number, beside one that fits.
  BIG: ['OX', 'OY', { 500: [LARGEST, '1'] }],
  TINY: ['OX', 'OY', { 500: ['1000', '100000000'] }],
  // One bin that gives all, or two that give more.
  ONE: ['AX', 'AY', { 500: ['1000', '100000000'] }],
  TWO: ['AX', 'AY', { 500: ['600', '110000000'], 499: ['600', '105000000'] }],
  // Whole units leave two pools amid a bin: the best split is not one simple call. It is worth it in the first pair only.
  WORTH1: ['SA', 'UA', { 500: ['1', '388284825'], 499: ['17', '357222039'] }, { x_provider_fee: 3_000, y_provider_fee: 3_000 }],
  WORTH2: ['SA', 'UA', { 500: ['49', '297701800'], 499: ['17', '250069512'] }],
  LITTLE1: ['SB', 'UB', { 500: ['17', '319040573'], 499: ['57', '267994081'] }],
  LITTLE2: ['SB', 'UB', { 500: ['37', '390773268'], 499: ['49', '328249545'] }],
  // Two hops, and the same where the token between them is of two contracts.
  HOP1: ['HA', 'HB', { 500: ['1000', '100000000'] }],
  HOP2: ['HB', 'HC', { 500: ['1000', '100000000'] }],
  OTHER1: ['KA', 'KB', { 500: ['1000', '100000000'] }],
  OTHER2: ['KB', 'KC', { 500: ['1000', '100000000'] }, { token_x_contract: `${DEPLOYER}.another` }],
  INEXACT: ['PX', 'PY', { 500: ['1000', undefined] }],
  // Decimals that contradict each other, of a token that a route could pass.
  SPLIT1: ['AX', 'MID', { 500: ['1000', '100000000'] }, { token_y_decimals: 2 }],
  SPLIT2: ['MID', 'AY', { 500: ['1000', '100000000'] }, { token_x_decimals: 3 }],
  // What one gives, while the other cannot be read.
  WELL: ['QX', 'QY', { 500: ['1000', '100000000'] }],
  BROKEN: ['QX', 'QY', { 500: ['1000', '100000000'] }, { active_bin_id: 'none' }],
  IDLE: ['AX', 'AY', { 500: ['1000', '100000000'] }, { status: 'inactive' }],
};

/** Puts these pools beside those that are there. */
export async function storeRarePools(redis) {
  for (const pool_id of Object.keys(POOLS)) await storePool(redis, pool_id);
}

/** Stores one of them. */
export async function storePool(redis, pool_id) {
  const [token_x, token_y, bins, more = {}] = POOLS[pool_id];
  const contract = (name) => `${DEPLOYER}.${name.toLowerCase()}`;
  const facts = { pool_contract: contract(pool_id), token_x_contract: contract(token_x), token_y_contract: contract(token_y) };
  const assets = { token_x_asset: `${facts.token_x_contract}::t`, token_y_asset: `${facts.token_y_contract}::t` };
  const fees = { x_protocol_fee: 0, x_provider_fee: 0, x_variable_fee: 0, y_protocol_fee: 0, y_provider_fee: 0, y_variable_fee: 0 };
  const decimals = { token_x_decimals: 0, token_y_decimals: 0 };
  await redis.command('SET', `pool:${pool_id}`, JSON.stringify({ pool_id, token_x, token_y, active_bin_id: 500, status: 'active', ...decimals, ...fees, ...facts, ...assets, ...more }));
  for (const [bin_id, [reserve_y, price_e8]] of Object.entries(bins)) {
    const facts = price_e8 === undefined ? { price: '1.0' } : { pool_id, price_e8 };
    await redis.command('SET', `bin:${pool_id}:${bin_id}`, JSON.stringify({ bin_id: Number(bin_id), reserve_x: '0', reserve_y, ...facts }));
  }
  await redis.command('SADD', 'pools', pool_id);
}

const SENDER = 'ST1SJ3DTE5DN7X54YDH5D64R3BCB6A2AG2ZQ8YPD5';
const trade = (token_in, token_out, amount, more = {}) => ({ token_in, token_out, amount_in_atomic: String(amount), ...more });
const planned = (token_in, token_out, amount, mode, more = {}) => trade(token_in, token_out, amount, { plan: { sender: SENDER, mode }, include_state: true, ...more });

/** What is asked of them. */
export const RARE_REQUESTS = [
  { token_in: 'CAPX', token_out: 'CAPY', amount_out_atomic: `2${'0'.repeat(30)}`, slippage_bps: 10_000 },
  trade('LOWX', 'LOWY', '1000000000001'),
  { token_in: 'OX', token_out: 'OY', amount_out_atomic: LARGEST, pools: ['BIG'] },
  { token_in: 'OX', token_out: 'OY', amount_out_atomic: '900', explain: true },
  trade('AX', 'AY', 900, { max_bins: 1, max_splits: 1, explain: true }),
  trade('AX', 'AY', 9, { include_steps: false, include_state: true, max_age_ms: 3_600_000, exclude_pools: ['TWO'], max_reads: 14_000, min_block_height: 1 }),
  trade('QX', 'QY', 5_000),
  { token_in: 'OX', token_out: 'OY', amount_out_atomic: LARGEST, pools: ['BIG'], exclude_pools: ['NONE'] },
  trade('AX', 'AY', 9, { min_block_height: 1_000_000 }),
];

/** What is asked of them with a plan. */
export const PLAN_REQUESTS = [
  planned('SA', 'UA', 26, 'auto', { max_hops: 1 }),
  planned('SB', 'UB', 10, 'auto', { max_hops: 1, slippage_bps: 5_000 }),
  planned('SB', 'UB', 10, 'strict', { max_hops: 1, pools: ['LITTLE1'] }),
  planned('SB', 'UB', 10, 'explicit'),
  planned('HA', 'HC', 10, 'strict'),
  planned('KA', 'KC', 10, 'auto'),
  planned('PX', 'PY', 10, 'auto'),
  planned('SA', 'UA', 10_000, 'auto', { allow_partial: true }),
  planned('BTC', 'USDC', 100_000_000, 'auto'),
];
