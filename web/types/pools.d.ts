import type { Decimal, FeeParameters, Source, Units } from './numbers.js';

/** A pool with its parameters. */
export interface Pool extends FeeParameters {
  pool_id: string;
  token_x: string;
  token_y: string;
  token_x_decimals: number;
  token_y_decimals: number;
  bin_step: number | string | null;
  initial_active_bin_id: number | string | null;
  active_bin_id: number;
  /** Price of the stored active bin, Y per X in whole tokens; null where that bin cannot be read. */
  active_bin_price: Decimal | null;
  status: 'active' | 'inactive' | 'paused';
  total_tvl: Decimal | null;
  created_at: string | number | null;
  last_updated: string | null;
}

/** A bin that holds something. */
export interface Bin {
  bin_id: number;
  /** Y per X in whole tokens. */
  price: Decimal;
  x_amount: Decimal;
  reserve_x: Units;
  y_amount: Decimal;
  reserve_y: Units;
  is_active: boolean;
}

export interface Pools {
  /** In id order, of every status. */
  pools: Pool[];
  /** Pools whose stored value cannot be read. */
  skipped: { key: string; reason: string }[];
  /** How many more are left out and not named; absent where all are. */
  skipped_more?: number;
  total: number;
  next: string | null;
  source: Source;
  request_id: string | null;
}

export interface PoolWithBins extends Pool {
  bins: Bin[];
  source: Source;
  request_id: string | null;
}

/** The candidate routes of a pair, shorter ones first. */
export interface Routes {
  token_in: string;
  token_out: string;
  max_hops: number;
  /** Whether a bound left pools or routes out. */
  limited: boolean;
  routes: {
    tokens: string[];
    hops: {
      token_in: string;
      token_out: string;
      /** Status is null where the pool has no value any more, or one that cannot be read. */
      pools: { pool_id: string; x_for_y: boolean; status: Pool['status'] | null }[];
    }[];
  }[];
  source: Source;
  request_id: string | null;
}
