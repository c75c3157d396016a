import type { Pools, PoolWithBins, Routes } from './answers.js';
import type { QuoteFailure } from './errors.js';
import type { ExactInQuote, ExactOutQuote, Quote } from './quote.js';
import type { ExactInRequest, ExactOutRequest, QuoteRequest } from './request.js';

/** The document `dlmm-snapshot/1`. What a pool and a bin hold is said in docs/redis.md of the project. */
export interface Snapshot {
  format: 'dlmm-snapshot/1';
  taken_at: string | number;
  /** The producer's heartbeat at that time, as stored. */
  heartbeat_ms?: string | number;
  /** `block_height` of the metadata at that time: every pool is as after this block, or a later one. */
  block_height?: string | number;
  /** Whether these are some pools of a market that may have others: names in `exclude_pools` and `via` that are not here are then no warning. */
  part?: boolean;
  tokens: Record<string, { decimals: number }>;
  pools: ({ pool_id: string; token_x: string; token_y: string; bins: readonly object[] } & Record<string, unknown>)[];
  /** Pools that were left out; quotes that would pass one carry `POOL_SKIPPED`. */
  skipped?: { key: string; reason: string; pool_id?: string; token_x?: string; token_y?: string }[];
}

export interface EngineOptions {
  /** Fee of a pool that states none, bps. Default 10, as the Worker's DEFAULT_FEE_BPS. */
  defaultFeeBps?: number;
  /** Pools one quote looks at, at most. Default 64, as the Worker's MAX_CANDIDATE_POOLS. */
  maxCandidatePools?: number;
  /**
   * Age above which a quote carries `STATE_OLD`; 0: none does. As the Worker's WARN_STATE_AGE_MS in development: if it is
   * not given it is 60000, and holds only where there is a heartbeat.
   */
  warnStateAgeMs?: number;
  /** Principal of the router contract whose calls plans are, as the Worker's STACKS_ROUTER. Without it, or where it is empty, `plan` is refused. */
  router?: string;
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
  quote(request: ExactInRequest): ExactInQuote;
  quote(request: ExactOutRequest): ExactOutQuote;
  quote(request: QuoteRequest): Quote;

  /** Quotes requests, in order. A refusal is an entry of the list, as in the HTTP API. */
  quotes(requests: readonly ExactInRequest[]): (ExactInQuote | QuoteFailure)[];
  quotes(requests: readonly ExactOutRequest[]): (ExactOutQuote | QuoteFailure)[];
  quotes(requests: readonly QuoteRequest[]): (Quote | QuoteFailure)[];

  /** Lists the candidate routes of a pair, as `GET /routes`. `max_hops`: 1 to 4, 3 if absent. */
  routes(tokenIn: string, tokenOut: string, options?: { max_hops?: number }): Routes;

  /** Lists all pools without their bins, as `GET /pools`. */
  pools(): Pools;

  /** Lists one pool with its bins, as `GET /pools/{id}`. */
  pool(poolId: string): PoolWithBins;

  /**
   * Puts new values under the keys they have in Redis: `pool:ID` and `bin:ID:N`. The values of one call count as one
   * moment. A key that is neither throws `INVALID_REQUEST`, and then nothing is changed. A pool that the snapshot left out
   * stays out, since its other bins are not known, until its pool value was null once.
   *
   * `takenAt`: when these values were read; ages count from it then. Without it they count from where they did.
   * `heartbeatMs`: `heartbeat_ms` of the metadata at that time, null where there is none. Without it, as it was.
   * `blockHeight`: the same of `block_height`.
   */
  applyUpdate(
    values: Readonly<Record<string, StoredValue>> | ReadonlyMap<string, StoredValue>,
    options?: { takenAt?: Date | number | string; heartbeatMs?: number | string | null; blockHeight?: number | string | null },
  ): void;

  /** As the function `verify`; where `own` names no router, the engine's own is the right one. */
  verify(quote: Quote | string | object, own?: VerifyOptions): Verification;

  /** When the state was read: `taken_at` of the snapshot, or what `applyUpdate` said last. */
  get takenAt(): Date;

  /** Gives the memory back. Every later call throws `ENGINE_FREED`; a second `free` does nothing. */
  free(): void;

  /** As `free`, for `using engine = ...`. */
  [Symbol.dispose](): void;
}

/** Something that is not as it should be. */
export interface Difference {
  /** A field of the answer; or a key of Redis, where a state was compared. */
  path: string;
  given: string | null;
  computed: string | null;
}

/** What became of a check. */
export interface Verification {
  /** Whether the answer is what its state gives, its digest is right, and nothing contradicts what the caller knows. */
  equal: boolean;
  digest_matches: boolean;
  /** Fields that are not what the state gives, and what is not as the caller knows it; at most 100 of each. */
  differences: Difference[];
  /**
   * With a snapshot of the caller's: pools that were written between its moment and the answer's, by their own times. They
   * say nothing for the answer and nothing against it; ask again.
   */
  moved?: Difference[];
  /**
   * Only where there are any: fields that decide something of the answer, and that nothing compared. Such as `input.router`
   * of a plan where nobody says which router is right, or `state.heartbeat_ms` that is newer than the caller's state.
   */
  unproven?: Difference[];
}

/** What a caller knows by himself of a quote that he checks. */
export interface VerifyOptions {
  /** What he asked. */
  request?: QuoteRequest;
  /** A state that he read himself, and not from whoever gave the answer. */
  snapshot?: string | ArrayBuffer | ArrayBufferView | Snapshot;
  /** The service's `DEFAULT_FEE_BPS`. */
  defaultFeeBps?: number;
  /** The service's `MAX_CANDIDATE_POOLS`, if it is not 64. */
  maxCandidatePools?: number;
  /** The service's `WARN_STATE_AGE_MS`, if it is larger than 60000 or 0: with a snapshot no answer may warn later. */
  warnStateAgeMs?: number;
  /** The router whose calls plans must be; empty where the service has none. An engine's `verify` takes its own. */
  router?: string;
  /** How many requests the batch had that the quote comes from (`answers.length`): those of more than 12 share the work of 12. */
  batch?: number;
}

/**
 * Computes a quote anew from the state it carries (`include_state`) and tells what differs. Takes a quote of this
 * package or of the HTTP API, as an object or as JSON text. A check, not a signature: who can change an answer can
 * change its state and digest with it, leave a pool or a bin out, or say another default fee or other decimals.
 *
 * With `own` it is compared with what the caller knows by himself: the request must be his, and with a snapshot every
 * candidate pool and bin must be there and hold what the snapshot holds, decimals and fees included, and the snapshot must
 * give the same amounts.
 *
 * Throws `INVALID_REQUEST` if it is not a quote with its state, or `own` cannot be used.
 */
export function verify(quote: Quote | string | object, own?: VerifyOptions): Verification;

/**
 * The answers of a batch (`POST /quotes`) that was asked for with `share_state`, each with its own `input` again, so that
 * `verify` takes it. Answers without one stay as they are. Takes the parsed batch or its text.
 *
 * Throws `INVALID_REQUEST` if it is not a batch, or one that refers to a state it does not hold.
 */
export function resolveInputs(batch: object | string): (Quote | object)[];
