import type { PlanMode } from './answers.js';
import type { Amount } from './numbers.js';

/** The plan that is asked for. */
export interface PlanRequest {
  /** Principal of who will sign. */
  sender: string;
  /** Default `auto`: `simple` where the pools allow it, else `explicit`. */
  mode?: PlanMode | null;
  /** Quote without fees where a pool names the sender in `fee_exempt`. Default false: with fees, and a warning. */
  fee_exempt?: boolean | null;
}

/** Written from core/src/api/fields.rs, as a test demands. */
interface RequestLimits {
  /** Token that goes in. */
  token_in: string;
  /** Token that comes out; another one than `token_in`. */
  token_out: string;
  /** Slippage tolerance in bps: how much less than `amount_out` (exact in), or more than `amount_in` (exact out), you would accept. From 0 to 10000. Default 50. */
  slippage_bps?: number | null;
  /** Pools in a row, at most. From 1 to 4. Default 3. */
  max_hops?: number | null;
  /** Routes in the answer, at most; 0 for no limit. From 0 to 100. Default 4. */
  max_splits?: number | null;
  /** Bins that one pool may visit over the whole answer, empty ones included. 270 is what one transaction bears with room to spare. From 1 to 1001. Default 270. */
  max_bins?: number | null;
  /** Only pools that trade the pair itself; the same as `max_hops` 1. Default false. */
  direct_only?: boolean | null;
  /** Answer with the part that fits instead of refusing. Default false. */
  allow_partial?: boolean | null;
  /** Refuse state that is broken or contradicts itself. Default false. */
  strict?: boolean | null;
  /** Add `explain`, the candidates that lost. Default false. */
  explain?: boolean | null;
  /** Add `input`, everything the answer was computed from, and `digest`, so that it can be verified. Default false. */
  include_state?: boolean | null;
  /** List the bins that took input, as `steps`; an answer over many bins is much shorter without. Default true. */
  include_steps?: boolean | null;
  /** Refuse state that is older than this many milliseconds, and state of unknown age. */
  max_age_ms?: number | null;
  /** Refuse state of an earlier block than this one, and state of an unknown block. */
  min_block_height?: number | null;
  /** Use only these pools. One that does not exist is refused. */
  pools?: readonly string[] | null;
  /** Use none of these pools. One that does not exist is told by the warning `FILTER_UNKNOWN`. */
  exclude_pools?: readonly string[] | null;
  /** Pass only through these tokens. One that no pool holds is told by the warning `FILTER_UNKNOWN`. */
  via?: readonly string[] | null;
  /** Reads that the transaction may take: the best quote within them is looked for. From 55 to 14250. */
  max_reads?: number | null;
  /** Add `plan`, the call of the router contract that executes the quote for `sender`, and `drift`. */
  plan?: PlanRequest | null;
}

/** Nothing under these names. */
type Without<Names extends string> = { [Name in Names]?: null };

/** How much: exactly one of four. Whole tokens, or smallest units (a number is refused there). */
type AmountIn =
  | ({ amount_in: Amount } & Without<'amount_in_atomic' | 'amount_out' | 'amount_out_atomic'>)
  | ({ amount_in_atomic: string | bigint } & Without<'amount_in' | 'amount_out' | 'amount_out_atomic'>);
type AmountOut =
  | ({ amount_out: Amount } & Without<'amount_in' | 'amount_in_atomic' | 'amount_out_atomic'>)
  | ({ amount_out_atomic: string | bigint } & Without<'amount_in' | 'amount_in_atomic' | 'amount_out'>);

/** The caller fixes what goes in. */
export type ExactInRequest = RequestLimits & AmountIn;

/** The caller fixes what comes out. */
export type ExactOutRequest = RequestLimits & AmountOut;

/** What is asked. Unknown fields are refused, so that a misspelt limit is never ignored in silence. */
export type QuoteRequest = ExactInRequest | ExactOutRequest;
