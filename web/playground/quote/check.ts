// Checks an answer of the edge: asks for it together with the state it was computed from, and computes it again here.
import type { Verification } from 'dlmm-quote/slim';
import type { QuoteRequest } from '../trade/trade.ts';
import type { BrowserEngine } from './browser.ts';
import { askEdge } from './edge.ts';

export type Check =
  | { kind: 'verified'; digest: string; ms: number }
  | { kind: 'differs'; differences: Verification['differences'] }
  /** There is no quote to check. */
  | { kind: 'refused'; reason: string };

/** Asks the edge with `include_state` and verifies what comes. */
export async function checkEdge(request: QuoteRequest, engine: typeof BrowserEngine, signal: AbortSignal): Promise<Check> {
  const outcome = await askEdge({ ...request, include_state: true }, signal);
  if (outcome.kind === 'silence') return { kind: 'refused', reason: `The edge is not reachable: ${outcome.reason}.` };
  if (outcome.kind === 'refusal') return { kind: 'refused', reason: `The edge refuses: ${outcome.refusal.message}.` };
  const began = performance.now();
  // The text as it came: no digit was touched by a parser on the way.
  const { equal, differences } = engine.verify(outcome.text ?? '');
  const ms = performance.now() - began;
  return equal ? { kind: 'verified', digest: outcome.quote.digest ?? '', ms } : { kind: 'differs', differences };
}
