// Whether an answer that took its time still belongs to what is on screen.
import type { QuoteRequest } from '../trade/trade.ts';

/** Keeps what is asked now, and gives a question whether it is the same still. */
export function isStillAsked(request: () => QuoteRequest): () => boolean {
  const asked = JSON.stringify(request());
  return () => JSON.stringify(request()) === asked;
}
