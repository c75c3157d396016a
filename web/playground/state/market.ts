// The snapshot's pools as charts and lists need them. Floats are fine here: they are drawn, never traded on.
import type { BrowserEngine } from '../quote/browser.ts';

export interface ChartBin {
  id: number;
  /** Y per X, whole tokens. */
  price: number;
  /** Reserves in whole tokens. */
  x: number;
  y: number;
}

export interface ChartPool {
  pool_id: string;
  token_x: string;
  token_y: string;
  /** As stored; some producers leave it out. */
  bin_step: number | string | null;
  active_bin_id: number;
  bins: ChartBin[];
}

export interface Market {
  /** Tokens that a pool of any status holds, by name. */
  tokens: string[];
  /** Token x and token y of each pool. */
  pairs: [string, string][];
  decimalsOf(token: string): number | undefined;
  /** One pool with the bins that hold something. */
  pool(id: string): ChartPool | undefined;
}

/** What of an engine makes a market. */
export type PoolSource = Pick<BrowserEngine, 'pools' | 'pool'>;

/** Gives the market of an engine. */
export function marketOf(engine: PoolSource): Market {
  const decimals = new Map<string, number>();
  const pairs: [string, string][] = [];
  for (const pool of engine.pools()) {
    decimals.set(pool.token_x, pool.token_x_decimals).set(pool.token_y, pool.token_y_decimals);
    pairs.push([pool.token_x, pool.token_y]);
  }
  return {
    tokens: [...decimals.keys()].sort(),
    pairs,
    decimalsOf: (token) => decimals.get(token),
    pool(id) {
      const pool = engine.pool(id);
      if (pool === undefined) return undefined;
      const { pool_id, token_x, token_y, bin_step, active_bin_id } = pool;
      const bins = pool.bins.map((bin) => ({ id: bin.bin_id, price: Number(bin.price), x: Number(bin.x_amount), y: Number(bin.y_amount) }));
      return { pool_id, token_x, token_y, bin_step, active_bin_id, bins };
    },
  };
}
