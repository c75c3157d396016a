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
