// Calls that were run on the real contracts, with the state they were quoted on.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.mjs';

export const { rows } = JSON.parse(await readFile(join(root, 'tests/vectors/chain/plans.json'), 'utf8'));

/** What a recorded kind is called in a request. */
export const KINDS = { simple: 'simple', 'same-multi-strict': 'strict', 'swap-multi': 'explicit' };

export const router = rows[0].contract;

/** Writes the state of a row as a snapshot into `folder`, and gives its path. */
export async function snapshotOf({ pools }, folder, name) {
  const whole = pools.map((pool) => ({
    ...pool,
    bins: pool.bins.map(([bin_id, reserve_x, reserve_y, price_e8]) => ({ pool_id: pool.pool_id, bin_id, reserve_x, reserve_y, price_e8 })),
  }));
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify({ format: 'dlmm-snapshot/1', taken_at: '2026-01-01T00:00:00Z', tokens: {}, pools: whole }));
  return path;
}

/** The request of a row. */
export const asked = ({ request, sender, kind }) => ({ ...request, slippage_bps: 0, plan: { sender, mode: KINDS[kind] } });
