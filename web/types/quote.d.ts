import type { ExactInFields, ExactOutFields } from './answers.js';

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

/** The caller fixed the input. */
export interface ExactInQuote extends ExactInFields, ExactInAmounts {}

/** The caller fixed the output. */
export interface ExactOutQuote extends ExactOutFields, ExactOutAmounts {}

export type Quote = ExactInQuote | ExactOutQuote;
