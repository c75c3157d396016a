// Which part of the market this browser holds: all of it, or, where that is too large for one file, what one trade may go through.
import type { Trade } from '../trade/trade.ts';

/** `/snapshot` takes this many ids at most. */
const MOST_POOLS = 100;

/** `all`, or a name for the part that a trade can touch. */
export type Scope = string;
export const ALL: Scope = 'all';

/** What decides which pools a trade may go through. */
export type Part = Pick<Trade, 'token_in' | 'token_out' | 'pools'>;

/** Names the part of a trade. */
export function scopeOf({ token_in, token_out, pools }: Part): Scope {
  const ids = idsOf(pools);
  return ids.length > 0 ? `pools ${ids.join()}` : `pair ${token_in},${token_out}`;
}

/** The query of `/snapshot` that gives a part: the pools that are named, or those that the edge looks at for the pair. */
export function queryOfPart({ token_in, token_out, pools }: Part): string {
  const ids = idsOf(pools);
  const query: Record<string, string> = ids.length > 0 ? { pools: ids.join() } : { token_in, token_out };
  return `?${new URLSearchParams(query).toString().replaceAll('%2C', ',')}`;
}

/** The ids of a list as it was typed, in an order that makes one address of one set. */
export const idsOf = (pools: string) =>
  [...new Set(pools.split(/[\s,]+/).filter((id) => id !== ''))].sort().slice(0, MOST_POOLS);
