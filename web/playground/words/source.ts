// What the edge answers from, in words.
import type { Outcome } from '../quote/answer.ts';

/** A refusal does not say what it comes from. */
export function sourceOf(edge: Outcome | undefined): string {
  return edge?.kind === 'quote' && edge.quote.state.source === 'sample' ? 'bundled sample, not a market' : 'live state of Redis';
}
