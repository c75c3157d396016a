import type { Units } from './numbers.js';

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
  /** Too old, or of too early a block. Null is what is unknown, or no limit. */
  STALE_STATE: { pool_id: string; age_ms: number | null; max_age_ms: number | null; block_height: number | null; min_block_height: number | null };
  /** There is a quote, but no call that executes it as `plan` asks. */
  PLAN_UNAVAILABLE: {
    reason:
      | 'no router'
      | 'router unknown'
      | 'contracts unknown'
      | 'contracts differ'
      | 'other network'
      | 'mode impossible'
      | 'part of the input unfilled'
      | 'price inexact';
    what: string;
  };
  /** The call takes more reads than a block bears, or than `max_reads` allows. */
  PLAN_TOO_LARGE: { reads: number; limit: number; bins_that_fit: number };
  /** What was given is not a `dlmm-snapshot/1` document. */
  SNAPSHOT_INVALID: { reason: string };
  /** `fromUrl` got no snapshot. `status` is null where there was no HTTP answer. */
  SNAPSHOT_UNAVAILABLE: { url: string; status: number | null; reason: string };
  /** With `dlmm-quote/slim`: `init` was not called, not waited for, or failed. */
  ENGINE_NOT_READY: { reason?: string };
  /** The engine was used after `free`. */
  ENGINE_FREED: Record<string, never>;
  /** A fault of the engine, or of a service. After one of the engine every call fails, in all engines of the page or process. */
  INTERNAL: { reason?: string };
}

/** Facts of the errors that only a service over HTTP has, and those of `dlmm-quote/client`. */
export interface ServiceErrorDetails {
  /** The service needs an API key, and was sent none or another. */
  UNAUTHORIZED: Record<string, never>;
  NOT_FOUND: Record<string, never>;
  METHOD_NOT_ALLOWED: { allow: string };
  BODY_TOO_LARGE: { limit: number };
  /** `index` in a batch. */
  ANSWER_TOO_LARGE: { limit: number; index?: number };
  /** Ask again after so many seconds. */
  RATE_LIMITED: { retry_after?: number };
  /** The service has as many streams as it may have. */
  STREAMS_FULL: { retry_after?: number };
  CONFIG_INVALID: { setting: string };
  UPSTREAM_INVALID: { reason: string };
  UPSTREAM_REFUSED: { reason: string };
  CLUSTER_UNSUPPORTED: { reason: string };
  REDIS_AUTH: Record<string, never>;
  REDIS_UNAVAILABLE: { attempts?: number; retry_after_ms?: number | null; retry_after?: number };
  REDIS_TIMEOUT: { deadline_ms: number };
  /** Of the client: no answer came. */
  SERVICE_UNREACHABLE: { path: string; reason: string };
  /** Of the client: something answered that is no quote service, such as a proxy. */
  ANSWER_INVALID: { path: string; status: number; reason: string; retry_after?: number };
  /** Of a live engine with `maxAgeMs`: nobody has confirmed its state for longer than that. */
  NOT_LIVE: { state: 'live' | 'stale' | 'offline'; age_ms: number | null; max_age_ms: number };
}

interface AllDetails extends ErrorDetails, ServiceErrorDetails {}

export type ErrorCode = keyof AllDetails;

/** An error of one code. */
interface ErrorOf<Code extends ErrorCode> extends Error {
  readonly name: 'DlmmError';
  readonly code: Code;
  readonly details: AllDetails[Code];
  /** What the operator of a service finds in his log; only where a service has answered. */
  readonly requestId?: string;
  /** As the HTTP API answers it. */
  toJSON(): QuoteFailure;
}

/**
 * Why a call has no result. Branch on `code`, which tells the type of `details`; messages may change.
 *
 * A service that is newer than this package may answer with a code that is not among these.
 */
export type DlmmError<Code extends ErrorCode = ErrorCode> = { [Each in Code]: ErrorOf<Each> }[Code];

export const DlmmError: {
  readonly prototype: DlmmError;
  [Symbol.hasInstance](value: unknown): value is DlmmError;
  /** Made by the package alone. */
  new (never: never): ErrorOf<ErrorCode>;
};

/** A refusal among the answers of `quotes`, or of a stream. */
export interface QuoteFailure {
  success: false;
  error: { [Code in ErrorCode]: { code: Code; message: string; details: AllDetails[Code] } }[ErrorCode];
  request_id: string | null;
}
