import type { Amount } from './numbers.js';

interface RequestLimits {
  /** Symbol of what goes in. */
  token_in: string;
  /** Symbol of what comes out. */
  token_out: string;
  /** Allowance for later price movement, 0 to 10000 bps. Default 50. */
  slippage_bps?: number | null;
  /** Pools in a row, 1 to 4. Default 3. */
  max_hops?: number | null;
  /** Routes in the answer, 0 to 100; 0 is no limit. Default 4. */
  max_splits?: number | null;
  /** Bins one pool may visit, empty ones included, 1 to 1001. Default 350. */
  max_bins?: number | null;
  /** Only pools that trade the pair itself; the same as `max_hops` 1. Default false. */
  direct_only?: boolean | null;
  /** Answer the part that fits instead of refusing. Default false. */
  allow_partial?: boolean | null;
  /** Use only these pools. */
  pools?: readonly string[] | null;
  /** Use none of these pools. */
  exclude_pools?: readonly string[] | null;
  /** Only these tokens in between. */
  via?: readonly string[] | null;
  /** Refuse state that is older, in milliseconds, or of unknown age. */
  max_age_ms?: number | null;
  /** Refuse state that is broken or contradicts itself. Default false. */
  strict?: boolean | null;
  /** Put into the answer what it was computed from, and a digest, so that `verify` can recompute it. Default false. */
  include_state?: boolean | null;
  /** List the bins that took input, as `steps`. Default true; an answer over many bins is several times as fast without. */
  include_steps?: boolean | null;
  /** Name the candidates that lost, and why. Default false. */
  explain?: boolean | null;
}

/** Nothing under these names. */
type Without<Names extends string> = { [Name in Names]?: null };

/** How much: exactly one of four. Whole tokens, or smallest units (a number is refused there). */
type RequestAmount =
  | ({ amount_in: Amount } & Without<'amount_in_atomic' | 'amount_out' | 'amount_out_atomic'>)
  | ({ amount_in_atomic: string | bigint } & Without<'amount_in' | 'amount_out' | 'amount_out_atomic'>)
  | ({ amount_out: Amount } & Without<'amount_in' | 'amount_in_atomic' | 'amount_out_atomic'>)
  | ({ amount_out_atomic: string | bigint } & Without<'amount_in' | 'amount_in_atomic' | 'amount_out'>);

/** What is asked. Unknown fields are refused, so that a misspelt limit is never ignored in silence. */
export type QuoteRequest = RequestLimits & RequestAmount;
