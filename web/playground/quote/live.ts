// The edge by streams: answers that come when they change, and an engine in this page that is told what moved.
import { type LiveEngine, type LiveState, QuoteClient, type QuoteRequest as PackageRequest } from 'dlmm-quote/client/slim';
import { fetchEdge } from '../state/api-key.ts';
import { idsOf, type Part } from '../state/scope.ts';
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome, Refusal } from './answer.ts';

export type { LiveEngine, LiveState } from 'dlmm-quote/client/slim';

/** What is known of the way to the edge. */
export interface Way {
  state: LiveState;
  /** Milliseconds since the edge last confirmed what is here; Infinity where it has not. */
  ageMs: number;
  /** Why it is not live, where something went wrong. */
  reason: string | undefined;
}

const client = new QuoteClient({ url: location.origin, fetch: (url, init) => fetchEdge(String(url), init) });

/**
 * Gives each answer to a request, the first at once, for as long as `signal` lets it. A refusal for good ends it: whoever
 * asked once has that already.
 */
export async function* answersTo(request: QuoteRequest, signal: AbortSignal, onWay: (way: Way) => void): AsyncGenerator<Outcome> {
  const onState = (state: LiveState, { ageMs, error }: { ageMs: number; error: Error | undefined }) => {
    if (!signal.aborted) onWay({ state, ageMs, reason: error?.message });
  };
  try {
    for await (const answer of client.stream(request as unknown as PackageRequest, { signal, onState })) {
      if (signal.aborted) return;
      yield answer.success ? { kind: 'quote', quote: answer } : { kind: 'refusal', refusal: answer.error as unknown as Refusal };
    }
  } catch (error) {
    if (!signal.aborted && !isRefusal(error)) throw error;
  }
}

/** Follows the pools of a part; `undefined` where the edge has none to follow, or `signal` ended it. */
export async function liveEngineOf({ token_in, token_out, pools }: Part, router: string | undefined, signal: AbortSignal): Promise<LiveEngine | undefined> {
  try {
    const ids = idsOf(pools);
    const market = ids.length > 0 ? { pools: ids } : { tokens: [token_in, token_out] as const };
    return await client.liveEngine({ ...market, signal, engine: router === undefined ? {} : { router } });
  } catch (error) {
    if (signal.aborted || isRefusal(error)) return undefined;
    throw error;
  }
}

const isRefusal = (error: unknown) => typeof (error as { code?: unknown } | undefined)?.code === 'string';
