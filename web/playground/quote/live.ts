// The edge by streams: answers that come when they change, and an engine in this page that is told what moved.
import { type LiveEngine, type LiveState, QuoteClient, type QuoteRequest as PackageRequest } from 'dlmm-quote/client/slim';
import { fetchEdge } from '../state/api-key.ts';
import { idsOf, type Part } from '../state/scope.ts';
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome, Refusal } from './answer.ts';

export type { LiveEngine, LiveState } from 'dlmm-quote/client/slim';

/** What is known of the way to the edge. */
export interface Way {
  /** `refused`: the edge refuses the request whatever becomes of the market, and nothing is followed. */
  state: LiveState | 'refused';
  /** When the edge last confirmed what is here; `undefined` where it has not. */
  heardAt: number | undefined;
  /** When it was last asked instead of listened to; `undefined` where it was not. */
  askedAt: () => number | undefined;
}

const clientWith = (fetch: typeof fetchEdge) => new QuoteClient({ url: location.origin, fetch: (url, init) => fetch(String(url), init) });
const client = clientWith(fetchEdge);

/**
 * Gives each answer to a request, the first at once, for as long as `signal` lets it. A refusal for good ends it, and `onWay`
 * is told: whoever asked once has the refusal already.
 */
export async function* answersTo(request: QuoteRequest, signal: AbortSignal, onWay: (way: Way) => void): AsyncGenerator<Outcome> {
  let lastAsked: number | undefined;
  const askedAt = () => lastAsked;
  // Behind a proxy that lets no stream through the client asks, as it does beside a stream that has not said anything yet.
  const asking = clientWith((path, init) => {
    if (init.method === 'POST') lastAsked = Date.now();
    return fetchEdge(path, init);
  });
  const onState = (state: LiveState, { ageMs }: { ageMs: number }) => {
    if (!signal.aborted) onWay({ state, heardAt: Number.isFinite(ageMs) ? Date.now() - ageMs : undefined, askedAt });
  };
  try {
    for await (const answer of asking.stream(request as unknown as PackageRequest, { signal, onState })) {
      if (signal.aborted) return;
      yield answer.success ? { kind: 'quote', quote: answer } : { kind: 'refusal', refusal: answer.error as unknown as Refusal };
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!isRefusal(error)) throw error;
    onWay({ state: 'refused', heardAt: undefined, askedAt });
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
