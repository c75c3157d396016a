// What one pool's bar chart shows: its bins around the trade, and how much of each the trade takes.
import type { Candidate } from '../quote/browser.ts';
import type { Quote } from '../quote/answer.ts';
import type { ChartBin, ChartPool, Market } from '../state/market.ts';

export interface Bar {
  bin: ChartBin;
  /** Worth of the side that the trade takes from, in Y. */
  outSide: number;
  /** Worth of both sides, in Y. */
  total: number;
  /** Worth of what the trade takes, in Y; 0 for a bin it does not touch. */
  taken: number;
  /** What the trade takes as a part of the side, 0 to 1. */
  takenShare: number;
}

export interface PoolBars {
  pool: ChartPool;
  /** Whether the trade sells X into this pool and so takes Y. */
  xForY: boolean;
  /** Whether the trade goes through this pool. */
  isUsed: boolean;
  activeBefore: number;
  activeAfter: number;
  bars: Bar[];
}

/** Bins shown on each side of those that are used, at least. */
const MARGIN = 20;

/** Gives the charts of the pools that a quote uses, in the order of first use. */
export function barsOf(quote: Quote, market: Pick<Market, 'pool'>): PoolBars[] {
  const hops = quote.routes.flatMap((route) => route.hops);
  const used = [...new Set(hops.map((hop) => hop.pool_id))];
  return used.flatMap((pool_id) => {
    const pool = market.pool(pool_id);
    const ofPool = hops.filter((hop) => hop.pool_id === pool_id);
    const [first, last] = [ofPool[0], ofPool.at(-1)];
    if (pool === undefined || first === undefined || last === undefined) return [];
    return [chartOf(pool, first.token_in === pool.token_x, first.active_bin_before, last.active_bin_after, takenByBin(quote, pool_id))];
  });
}

/** Gives the charts of pools that a trade could use and does not. */
export function unusedBars(candidates: readonly Candidate[], used: readonly PoolBars[], market: Pick<Market, 'pool'>): PoolBars[] {
  const taken = new Set(used.map(({ pool }) => pool.pool_id));
  return candidates.flatMap(({ pool_id, x_for_y }) => {
    const pool = taken.has(pool_id) ? undefined : market.pool(pool_id);
    return pool === undefined ? [] : [chartOf(pool, x_for_y, pool.active_bin_id, pool.active_bin_id, new Map())];
  });
}

function chartOf(pool: ChartPool, xForY: boolean, activeBefore: number, activeAfter: number, taken: Map<number, number>): PoolBars {
  const bins = around([...taken.keys(), activeBefore, activeAfter], pool.bins);
  return { pool, xForY, isUsed: taken.size > 0, activeBefore, activeAfter, bars: bins.map((bin) => barOf(bin, xForY, taken.get(bin.id) ?? 0)) };
}

function takenByBin(quote: Quote, pool_id: string): Map<number, number> {
  const taken = new Map<number, number>();
  for (const step of quote.steps ?? []) {
    if (step.pool_id === pool_id) taken.set(step.bin_id, (taken.get(step.bin_id) ?? 0) + Number(step.amount_out));
  }
  return taken;
}

function around(ids: number[], bins: ChartBin[]): ChartBin[] {
  const [lowest, highest] = [Math.min(...ids), Math.max(...ids)];
  const margin = Math.max(MARGIN, highest - lowest);
  return bins.filter(({ id }) => id >= lowest - margin && id <= highest + margin);
}

function barOf(bin: ChartBin, xForY: boolean, amountOut: number): Bar {
  const [sideX, sideY] = [bin.x * bin.price, bin.y];
  const outSide = xForY ? sideY : sideX;
  const taken = xForY ? amountOut : amountOut * bin.price;
  return { bin, outSide, total: sideX + sideY, taken, takenShare: outSide > 0 ? Math.min(1, taken / outSide) : 0 };
}
