import type { AnsweredDetails, AnsweredServiceDetails } from './error-details.js';

/** Facts of each error of the engine, by code. */
export interface ErrorDetails extends Omit<AnsweredDetails, 'INTERNAL'> {
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
export interface ServiceErrorDetails extends AnsweredServiceDetails {
  /** `retry_after`: of the client, in seconds, where the header says it alone. */
  REDIS_UNAVAILABLE: AnsweredServiceDetails['REDIS_UNAVAILABLE'] & { retry_after?: number };
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
