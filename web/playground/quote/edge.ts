// The Worker that serves this page.
import { fetchEdge } from '../state/api-key.ts';
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome, Quote, Refusal } from './answer.ts';
import { parseExact } from './exact-json.ts';

/** After that the edge counts as not reachable; its own budget for Redis is below. */
const PATIENCE_MS = 12_000;

/** Asks the edge. Gives an outcome for whatever happens, except that it rejects when `signal` is aborted. */
export async function askEdge(request: QuoteRequest, signal: AbortSignal): Promise<Outcome & { text?: string }> {
  const began = performance.now();
  try {
    const response = await fetchEdge('/quote', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const text = await response.text();
    return { ...outcomeOf(text, performance.now() - began), text };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'silence', reason: navigator.onLine ? String((error as Error).message) : 'this device is offline' };
  }
}

function outcomeOf(text: string, ms: number): Outcome {
  let body: unknown;
  try {
    body = parseExact(text);
  } catch {
    return { kind: 'silence', reason: 'its answer is no JSON' };
  }
  const { success, error } = body as { success?: unknown; error?: Refusal };
  if (success === true) return { kind: 'quote', quote: body as Quote, ms };
  if (error !== undefined) return { kind: 'refusal', refusal: error, ms };
  return { kind: 'silence', reason: 'its answer is no quote' };
}
