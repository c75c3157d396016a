import type { QuoteFailure } from './errors.js';
import type { Pools, PoolWithBins, Routes } from './pools.js';
import type { Quote } from './quote.js';
import type { QuoteRequest } from './request.js';

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

  /** Lists the candidate routes of a pair, as `GET /routes`. `max_hops`: 1 to 4, 3 if absent. */
  routes(tokenIn: string, tokenOut: string, options?: { max_hops?: number }): Routes;

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

  /** As the function `verify`. */
  verify(quote: Quote | string | object): Verification;

  /** When the state was read: `taken_at` of the snapshot, or what `applyUpdate` said last. */
  get takenAt(): Date;

  /** Gives the memory back. Every later call throws `ENGINE_FREED`; a second `free` does nothing. */
  free(): void;

  /** As `free`, for `using engine = ...`. */
  [Symbol.dispose](): void;
}

/** What became of a check. */
export interface Verification {
  /** Whether the answer is what its state gives, and its digest is right. */
  equal: boolean;
  digest_matches: boolean;
  /** Fields that are not what the state gives; at most 100. */
  differences: { path: string; given: string | null; computed: string | null }[];
}

/**
 * Computes a quote anew from the state it carries (`include_state`) and tells what differs. Takes a quote of this
 * package or of the HTTP API, as an object or as JSON text. A check, not a signature: who can change an answer can
 * change its state and digest with it.
 *
 * Throws `INVALID_REQUEST` if it is no quote with its state.
 */
export function verify(quote: Quote | string | object): Verification;

/**
 * The answers of a batch (`POST /quotes`) that was asked for with `share_state`, each with its own `input` again, so that
 * `verify` takes it. Answers without one stay as they are.
 *
 * Throws `INVALID_REQUEST` if it is no batch, or one that refers to a state it does not hold.
 */
export function resolveInputs(batch: object): (Quote | object)[];
