import type { Drift, Plan } from './plan.js';
import type { Decimal, FeeParameters, Source, Units } from './numbers.js';

/** Fees in one token; `total` is the sum of the parts. */
export interface TokenFees {
  token: string;
  protocol: Decimal;
  protocol_atomic: Units;
  provider: Decimal;
  provider_atomic: Units;
  variable: Decimal;
  variable_atomic: Units;
  total: Decimal;
  total_atomic: Units;
}

/** One pool of a route. */
export interface Hop {
  pool_id: string;
  token_in: string;
  token_out: string;
  amount_in: Decimal;
  amount_in_atomic: Units;
  amount_out: Decimal;
  amount_out_atomic: Units;
  /** Fees inside `amount_in`. */
  fees: TokenFees;
  active_bin_before: number;
  /** Where the pool would stand after the trade. */
  active_bin_after: number;
}

/** One of the routes a trade is shared over, in the order they are executed. */
export interface Route {
  /** Its part of the trade's `amount_in`, parts per million; all of them add up to 1 000 000. */
  share_ppm: number;
  amount_in: Decimal;
  amount_in_atomic: Units;
  amount_out: Decimal;
  amount_out_atomic: Units;
  hops: Hop[];
}

/** What one bin takes and gives. */
export interface Step {
  /** Index into `routes`. */
  route: number;
  pool_id: string;
  bin_id: number;
  token_in: string;
  token_out: string;
  amount_in: Decimal;
  amount_in_atomic: Units;
  amount_out: Decimal;
  amount_out_atomic: Units;
  /** Price of the bin: Y per X in whole tokens, in whichever direction the trade goes. */
  price: Decimal;
  fee_amount: Decimal;
  fee_amount_atomic: Units;
  fee_protocol: Decimal;
  fee_protocol_atomic: Units;
  fee_provider: Decimal;
  fee_provider_atomic: Units;
  fee_variable: Decimal;
  fee_variable_atomic: Units;
}

/** A pool that the answer used, and how old its state is. */
export interface PoolState {
  pool_id: string;
  active_bin_id: number;
  /** As stored. */
  last_updated: string | null;
  /** `read_at` less the later of `last_updated` and the heartbeat, milliseconds; null where nobody knows it. */
  age_ms: number | null;
  /** The later of the pool's `block_height` and the metadata's: it is as after this block, or a later one. */
  block_height: number | null;
}

/** What the caller should know. A warning never changes the numbers. */
export type Warning =
  | { code: 'POOL_SKIPPED'; key: string; reason: string }
  | { code: 'STATE_SUSPECT'; key: string; reason: string }
  | { code: 'DECIMALS_ASSUMED'; token: string }
  | { code: 'AGE_UNKNOWN'; pool_id: string }
  | { code: 'TIME_AHEAD'; pool_id: string; ahead_ms: number }
  | { code: 'STATE_OLD'; pool_id: string; age_ms: number }
  | { code: 'HEARTBEAT_INVALID'; key: string; ahead_ms: number | null }
  | { code: 'MAXIMUM_SENT_CAPPED' }
  | { code: 'PRICE_IMPACT_UNKNOWN' }
  | { code: 'CANDIDATES_LIMITED'; pools: number }
  | { code: 'PARTIAL_FILL'; unfilled_atomic: Units }
  | { code: 'SPLITS_LIMITED'; wanted: number; allowed: number }
  | { code: 'BINS_LIMITED'; allowed: number }
  | { code: 'SEARCH_LIMITED'; limit: 'walks' | 'pushes' | 'merged_bins' }
  | { code: 'FEE_EXEMPT'; pool_id: string }
  | { code: 'KEYS_LIMITED'; keys: number }
  | { code: 'SAMPLE_STATE'; reason: string };

/** A candidate that lost against the answer. Amounts are null where none was established. */
export interface LostCandidate {
  reason:
    | 'LOWER_OUTPUT'
    | 'HIGHER_INPUT'
    | 'SAME_RESULT'
    | 'PARTIAL_FILL'
    | 'TOO_MANY_BINS'
    | 'SPLITS_LIMITED'
    | 'OVERFLOW'
    | 'BINS_UNREAD'
    | 'POOL_INACTIVE'
    | 'POOL_ABSENT'
    | 'POOL_INVALID';
  amount_in: Decimal | null;
  amount_in_atomic: Units | null;
  amount_out: Decimal | null;
  amount_out_atomic: Units | null;
  routes: { tokens: string[]; pools: string[] }[];
}

/** Exactly what an answer was computed from. Stored values are kept as their text, so that no digit is lost. */
export interface QuoteInput {
  format: 'dlmm-input/1';
  request: Record<string, unknown>;
  default_fee_bps: number;
  decimals: Record<string, { decimals: number; decimals_from: string; disagreement?: { key: string; reason: string } }>;
  /** Tokens of each path that a route could take. */
  paths: string[][];
  limited: boolean;
  keys_limited: number | null;
  /** Only with `plan`: the router contract whose calls plans are. */
  router?: string | null;
  /** Only in a batch of more than 12 quotes: the parts that the work of a quote alone was divided into. */
  work_share?: number;
  /** Pools whose tokens cannot be known, so that any of them might have been a candidate; only where there are any. */
  unplaced?: { key: string; reason: string }[];
  pools: {
    pool_id: string;
    token_x: string;
    token_y: string;
    /** First and last bin id that was read. */
    known: [number, number];
    value: string | null;
    fees: FeeParameters | null;
    bins: [number | null, string][];
    /** Only where the pool was left out: the key that cannot be read, or what a snapshot says of it. */
    left_out?: { key: string; reason: string };
  }[];
}

/**
 * Amounts in smallest units as bigints. They read the `_atomic` fields, and are not in its JSON, nor in copies: `{ ...quote }`
 * and `structuredClone(quote)` have the fields alone.
 */
interface BothAmounts {
  /** `amount_in_atomic`. */
  readonly amountIn: bigint;
  /** `amount_out_atomic`. */
  readonly amountOut: bigint;
  /** `unfilled_atomic`. */
  readonly amountUnfilled: bigint;
}

/** The bigints of an exact-in quote. */
export interface ExactInAmounts extends BothAmounts {
  /** `minimum_received_atomic`. */
  readonly minimumReceived: bigint;
}

/** The bigints of an exact-out quote. */
export interface ExactOutAmounts extends BothAmounts {
  /** `maximum_sent_atomic`. */
  readonly maximumSent: bigint;
  /** `requested_out_atomic`. */
  readonly requestedOut: bigint;
}

interface QuoteFields {
  success: true;
  token_in: string;
  token_out: string;
  /** What the trade takes, fees included. */
  amount_in: Decimal;
  amount_in_atomic: Units;
  /** What it gives; rounded down bin by bin. */
  amount_out: Decimal;
  amount_out_atomic: Units;
  /** What was asked for and not filled: of `token_in` for exact in, of `token_out` for exact out. */
  unfilled: Decimal;
  unfilled_atomic: Units;
  /** Loss compared with the first prices, without fees, parts per million, rounded down; null if there is nothing to compare. */
  price_impact_ppm: number | null;
  /** `amount_out / amount_in` in whole tokens, fees included; 18 significant digits, rounded down. */
  effective_price: Decimal | null;
  /** `multi_pair`: a route has several hops. Else `multi_pool`: several pools. Else `multi_bin`. */
  route_type: 'multi_pair' | 'multi_pool' | 'multi_bin';
  /** How many bins took input. */
  bins_used: number;
  /** One entry per input token of a hop, in order of first use. */
  fees: TokenFees[];
  routes: Route[];
  /** One entry for every bin that took input, in order; left out with `include_steps: false`. */
  steps?: Step[];
  state: {
    source: Source;
    read_at: string;
    /** `heartbeat_ms` of the metadata as stored: when the producer last said that it lives. */
    heartbeat_ms: string | null;
    /** Age above which this quote warns of it; null where it never does. */
    warn_age_ms: number | null;
    /** The least `block_height` of `pools`; null where one is unknown. */
    block_height: number | null;
    pools: PoolState[];
  };
  warnings: Warning[];
  /** With `explain`. */
  explain?: LostCandidate[];
  /** With `plan`: the call of the router contract that executes the quote. */
  plan?: Plan;
  /** With `plan`: what becomes of it where the market moves against the trade. */
  drift?: Drift[];
  /** With `include_state`. */
  input?: QuoteInput;
  /** With `include_state`: `sha256:` and 64 hexadecimal digits, over input and result. A check, not a signature. */
  digest?: string;
  request_id: string | null;
}

/** The fields of an exact-in quote, as its JSON has them. */
export interface ExactInFields extends QuoteFields {
  mode: 'exact_in';
  /** `amount_out` less `slippage_bps`, rounded down. */
  minimum_received: Decimal;
  minimum_received_atomic: Units;
}

/** The fields of an exact-out quote, as its JSON has them. */
export interface ExactOutFields extends QuoteFields {
  mode: 'exact_out';
  /** `amount_in` plus `slippage_bps`, rounded up. */
  maximum_sent: Decimal;
  maximum_sent_atomic: Units;
  /** What was asked for; `amount_out` is at least that. */
  requested_out: Decimal;
  requested_out_atomic: Units;
}

/** The caller fixed the input. */
export interface ExactInQuote extends ExactInFields, ExactInAmounts {}

/** The caller fixed the output. */
export interface ExactOutQuote extends ExactOutFields, ExactOutAmounts {}

export type Quote = ExactInQuote | ExactOutQuote;
