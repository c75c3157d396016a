// Which part of the market this browser holds: all of it, or, where that is too large for one file, what one pair may go through.
import type { Trade } from '../trade/trade.ts';
import { fetchEdge } from './api-key.ts';

/** `/snapshot` takes this many ids at most. */
const MOST_POOLS = 100;
const PATIENCE_MS = 12_000;

/** `all`, or a name for the part that a trade can touch. */
export type Scope = string;
export const ALL: Scope = 'all';

/** What decides which pools a trade may go through. */
export type Part = Pick<Trade, 'token_in' | 'token_out' | 'max_hops' | 'pools'>;

/** Names the part of a trade; both directions of a pair share it. */
export function scopeOf({ token_in, token_out, max_hops, pools }: Part): Scope {
  const ids = pools.split(/[\s,]+/).filter((id) => id !== '');
  return ids.length > 0 ? `pools ${ids.sort().join()}` : `pair ${[token_in, token_out].sort().join()} ${max_hops}`;
}

/** Gives the ids of the pools of a part: those that are named, or those that the edge looks at for this pair. */
export async function poolsOf({ token_in, token_out, max_hops, pools }: Part): Promise<string[]> {
  const ids = pools.split(/[\s,]+/).filter((id) => id !== '');
  if (ids.length > 0) return ids.slice(0, MOST_POOLS);
  const query = new URLSearchParams({ token_in, token_out, ...(/^[1-4]$/.test(max_hops) ? { max_hops } : {}) });
  const response = await fetchEdge(`/routes?${query}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const body = (await response.json()) as { routes?: Routes; error?: { message: string } };
  if (!response.ok || body.routes === undefined) throw new Error(body.error?.message ?? `status ${response.status}`);
  const found = body.routes.flatMap(({ hops }) => hops.flatMap((hop) => hop.pools.map(({ pool_id }) => pool_id)));
  // In the order of an address that stays the same, so that its tag is asked for again.
  return [...new Set(found)].sort().slice(0, MOST_POOLS);
}

type Routes = { hops: { pools: { pool_id: string }[] }[] }[];
