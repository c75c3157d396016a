import type { LiveEngine, LiveState, QuoteClient } from './client.js';
import type { DlmmError, QuoteFailure } from './errors.js';
import type { ExactInQuote, ExactOutQuote, Quote } from './quote.js';
import type { ExactInRequest, ExactOutRequest, QuoteRequest } from './request.js';

export interface UseQuoteOptions {
  /** Made once, outside of the component, or kept in a state. While a live engine is still loading, undefined. */
  client: QuoteClient | LiveEngine | null | undefined;
  /** How long a request must stay the same before it is asked, ms. Default 150: whoever types asks once. */
  settleMs?: number;
}

export interface QuoteInUse<Answer extends Quote = Quote> {
  /** The answer of this client to this request, and never of an earlier one; undefined where there is none, and before it is asked. */
  quote: Answer | undefined;
  /** Why the market gives no quote, such as too little liquidity. */
  refusal: QuoteFailure['error'] | undefined;
  /** What is wrong with the request or with the way to the service, for as long as it is not live. */
  error: DlmmError | undefined;
  /** `stale` and `offline`: the quote may be old. */
  state: LiveState;
  /** Milliseconds since the service last confirmed the quote, renewed each second while it is not live. */
  ageMs: number;
}

/** The quote of a request, kept up to date for as long as the component is there. Null asks for nothing. */
export function useQuote(request: ExactInRequest | null | undefined, options: UseQuoteOptions): QuoteInUse<ExactInQuote>;
export function useQuote(request: ExactOutRequest | null | undefined, options: UseQuoteOptions): QuoteInUse<ExactOutQuote>;
export function useQuote(request: QuoteRequest | null | undefined, options: UseQuoteOptions): QuoteInUse;
