// Whether pools are the sample that `dlmm seed` writes, untouched: nobody keeps it, so its age says nothing of a market.
import type { Market } from './market.ts';

/** As `core/src/stored/sample.rs` has them: the price of the active bin, and what it holds of Y in whole tokens. */
const SAMPLE = new Map([
  ['BTC-USDC-25', { price: 100_000, y: 100_000_000 }],
  ['BTC-USDC-50', { price: 100_000, y: 100_000_000 }],
  ['SOL-USDC-25', { price: 200, y: 200_000 }],
]);
const ACTIVE = 500;
const BINS = 101;

/** Whether all of these pools are of the sample as it was written. A market that merely has such names is none. */
export function isSample(market: Market | undefined, pools: readonly string[]): boolean {
  return pools.length > 0 && pools.every((id) => {
    const [known, pool] = [SAMPLE.get(id), market?.pool(id)];
    if (known === undefined || pool === undefined || pool.active_bin_id !== ACTIVE || pool.bins.length !== BINS) return false;
    const active = pool.bins.find((bin) => bin.id === ACTIVE);
    return active?.price === known.price && active.y === known.y;
  });
}
