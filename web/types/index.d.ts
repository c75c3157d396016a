/// <reference lib="esnext.disposable" />

/**
 * Exact quotes for DLMM pools, offline.
 *
 * Field names are those of the HTTP API. Two things differ, because a JavaScript number is a float: amounts in whole
 * tokens and prices are strings here, and amounts may go in as bigints.
 */

/** A whole number of smallest units, as a string of digits: `"100000000"` is 1 BTC. */
export type Units = string;

/** A decimal number as a string, with every digit: `"99900.0"`. Amounts of whole tokens, and prices. */
export type Decimal = string;

/** An amount in whole tokens. A number must be one that a float keeps: a whole number or at most 15 digits. */
export type Amount = string | number | bigint;

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
  /** Bins one pool may visit, empty ones counted, 1 to 1001. Default 350. */
  max_bins?: number | null;
  /** Only pools of the very pair; the same as `max_hops` 1. Default false. */
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
}

/** Nothing under these names. */
type Without<Names extends string> = { [Name in Names]?: null };

/** How much: exactly one of four. Whole tokens, or smallest units (a number is refused there). */
type RequestAmount =
  | ({ amount_in: Amount } & Without<'amount_in_atomic' | 'amount_out' | 'amount_out_atomic'>)
  | ({ amount_in_atomic: string | bigint } & Without<'amount_in' | 'amount_out' | 'amount_out_atomic'>)
  | ({ amount_out: Amount } & Without<'amount_in' | 'amount_in_atomic' | 'amount_out_atomic'>)
  | ({ amount_out_atomic: string | bigint } & Without<'amount_in' | 'amount_in_atomic' | 'amount_out'>);

/** What is asked. Unknown fields are refused, so that a misspelt limit is not silently ignored. */
export type QuoteRequest = RequestLimits & RequestAmount;

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
  /** Price of the bin: Y per X in whole tokens, whichever way the trade goes. */
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
  /** `read_at` less `last_updated`, milliseconds; null where that is no time. */
  age_ms: number | null;
}

export type Source = 'redis' | 'snapshot' | 'sample';

/** What the caller should know. A warning never changes the numbers. */
export type Warning =
  | { code: 'POOL_SKIPPED'; key: string; reason: string }
  | { code: 'STATE_SUSPECT'; key: string; reason: string }
  | { code: 'DECIMALS_ASSUMED'; token: string }
  | { code: 'AGE_UNKNOWN'; pool_id: string }
  | { code: 'CANDIDATES_LIMITED'; pools: number }
  | { code: 'PARTIAL_FILL'; unfilled_atomic: Units }
  | { code: 'SPLITS_LIMITED'; wanted: number; allowed: number }
  | { code: 'BINS_LIMITED'; allowed: number }
  | { code: 'KEYS_LIMITED'; keys: number }
  | { code: 'SAMPLE_STATE'; reason: string };

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
  /** Loss against the first prices without fees, parts per million, rounded down; null if there is nothing to compare. */
  price_impact_ppm: number | null;
  /** `amount_out / amount_in` in whole tokens, fees included; 18 significant digits, rounded down. */
  effective_price: Decimal | null;
  /** `multi_pair`: a route has several hops. Else `multi_pool`: several pools. Else `multi_bin`. */
  route_type: 'multi_pair' | 'multi_pool' | 'multi_bin';
  /** Bins that took input: the length of `steps`. */
  bins_used: number;
  /** One entry per input token of a hop, in order of first use. */
  fees: TokenFees[];
  routes: Route[];
  steps: Step[];
  state: { source: Source; read_at: string; pools: PoolState[] };
  warnings: Warning[];
  request_id: string | null;
}

/** The caller fixed the input. */
export interface ExactInQuote extends QuoteFields {
  mode: 'exact_in';
  /** `amount_out` less `slippage_bps`, rounded down. */
  minimum_received: Decimal;
  minimum_received_atomic: Units;
}

/** The caller fixed the output. */
export interface ExactOutQuote extends QuoteFields {
  mode: 'exact_out';
  /** `amount_in` plus `slippage_bps`, rounded up. */
  maximum_sent: Decimal;
  maximum_sent_atomic: Units;
  /** What was asked for; `amount_out` is at least that. */
  requested_out: Decimal;
  requested_out_atomic: Units;
}

export type Quote = ExactInQuote | ExactOutQuote;

/** Facts of each error, by code. */
export interface ErrorDetails {
  INVALID_REQUEST: { field: string };
  SAME_TOKEN: { token: string };
  UNKNOWN_TOKEN: { token: string };
  UNKNOWN_POOL: { pool_id: string };
  NO_ROUTE: { token_in: string; token_out: string; max_hops: number };
  /** Smallest units; `fillable` does fill. */
  INSUFFICIENT_LIQUIDITY: { requested: Units; fillable: Units };
  TOO_MANY_BINS: { needed: number | null; allowed: number };
  AMOUNT_TOO_SMALL: Record<string, never>;
  /** `field` where the amount itself is too large. */
  AMOUNT_OVERFLOW: { field?: string };
  STATE_INVALID: { key: string; reason: string };
  STALE_STATE: { pool_id: string; age_ms: number | null; max_age_ms: number };
  /** What was given is no `dlmm-snapshot/1` document. */
  SNAPSHOT_INVALID: { reason: string };
  /** `fromUrl` got no snapshot. `status` is null where there was no HTTP answer. */
  SNAPSHOT_UNAVAILABLE: { url: string; status: number | null; reason: string };
  /** With `dlmm-quote/slim`: `init` was not called, not waited for, or failed. */
  ENGINE_NOT_READY: { reason?: string };
  /** The engine was used after `free`. */
  ENGINE_FREED: Record<string, never>;
  /** A fault of the engine. After it every call fails, in all engines of the page or process. */
  INTERNAL: { reason: string };
}

export type ErrorCode = keyof ErrorDetails;

/** Why a call has no result. Branch on `code`; messages may change. */
export class DlmmError<Code extends ErrorCode = ErrorCode> extends Error {
  private constructor();
  readonly name: 'DlmmError';
  readonly code: Code;
  readonly details: ErrorDetails[Code];
  /** As the HTTP API answers it. */
  toJSON(): QuoteFailure;
}

/** A refusal among the answers of `quotes`. */
export interface QuoteFailure {
  success: false;
  error: { [Code in ErrorCode]: { code: Code; message: string; details: ErrorDetails[Code] } }[ErrorCode];
  request_id: string | null;
}

/** A pool with its parameters. Fees are those a quote charges, in bps of the input. */
export interface Pool {
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
  x_protocol_fee: number;
  x_provider_fee: number;
  x_variable_fee: number;
  y_protocol_fee: number;
  y_provider_fee: number;
  y_variable_fee: number;
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
  total: number;
  next: null;
  source: Source;
  request_id: null;
}

export interface PoolWithBins extends Pool {
  bins: Bin[];
  source: Source;
  request_id: null;
}

/** The document `dlmm-snapshot/1`. What a pool and a bin hold is said in docs/redis.md of the project. */
export interface Snapshot {
  format: 'dlmm-snapshot/1';
  taken_at: string | number;
  tokens: Record<string, { decimals: number }>;
  pools: ({ pool_id: string; token_x: string; token_y: string; bins: readonly object[] } & Record<string, unknown>)[];
}

export interface EngineOptions {
  /** Fee of a pool that states none, bps. Default 10, as the Worker's DEFAULT_FEE_BPS. */
  defaultFeeBps?: number;
  /** Pools one quote looks at, at most. Default 64, as the Worker's MAX_CANDIDATE_POOLS. */
  maxCandidatePools?: number;
}

/** What the engine needs of a URL and of `fetch`; no types of a browser or of Node are asked for. */
type UrlLike = string | { readonly href: string };
type FetchLike = (url: any, init?: any) => PromiseLike<{ readonly ok: boolean; readonly status: number; text(): PromiseLike<string> }>;

export interface FetchOptions {
  /** Used instead of the global `fetch`. */
  fetch?: FetchLike;
  /** Handed to `fetch`: headers, signal. */
  init?: object;
}

/** A stored value: the text, the object parsed from it, or null for a key that is gone. */
export type StoredValue = string | object | null;

/** A market in memory that answers quotes. Every method may throw a `DlmmError`. */
export class QuoteEngine {
  private constructor();

  /** Reads a snapshot: its text, the UTF-8 bytes of its text, or the object parsed from it. */
  static fromSnapshot(snapshot: string | ArrayBuffer | ArrayBufferView | Snapshot, options?: EngineOptions): QuoteEngine;

  /** Fetches a snapshot, such as `GET /snapshot` of the Worker, and reads it. */
  static fromUrl(url: UrlLike, options?: EngineOptions & FetchOptions): Promise<QuoteEngine>;

  /** Quotes a request. */
  quote(request: QuoteRequest): Quote;

  /** Quotes requests, in order. A refusal is an entry of the list, as in the HTTP API. */
  quotes(requests: readonly QuoteRequest[]): (Quote | QuoteFailure)[];

  /** Lists all pools without their bins, as `GET /pools`. */
  pools(): Pools;

  /** Lists one pool with its bins, as `GET /pools/{id}`. */
  pool(poolId: string): PoolWithBins;

  /**
   * Puts new values under the keys they have in Redis: `pool:ID` and `bin:ID:N`. The values of one call count as one
   * moment. A key that is neither throws `INVALID_REQUEST`, and then nothing is changed.
   *
   * `takenAt`: when these values were read; ages count from it then. Without it they count from where they did.
   */
  applyUpdate(
    values: Readonly<Record<string, StoredValue>> | ReadonlyMap<string, StoredValue>,
    options?: { takenAt?: Date | number | string },
  ): void;

  /** When the state was read: `taken_at` of the snapshot, or what `applyUpdate` said last. */
  get takenAt(): Date;

  /** Gives the memory back. Every later call throws `ENGINE_FREED`; a second `free` does nothing. */
  free(): void;

  /** As `free`, for `using engine = ...`. */
  [Symbol.dispose](): void;
}
