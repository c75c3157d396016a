// The tokens of the edge, by name: they do not depend on a snapshot, which a large market has none of as a whole.
import type { TokenName } from '../trade/token-box.ts';
import { fetchEdge } from './api-key.ts';

const PATIENCE_MS = 12_000;

interface Token extends TokenName {
  decimals: number;
}

/** What asking for them came to. */
export type TokensAnswer = { ok: true; tokens: Token[] } | { ok: false; reason: string };

/** Asks the edge for its tokens. */
export async function fetchTokens(): Promise<TokensAnswer> {
  const answer = await ask<{ tokens: Token[] }>('/tokens');
  return answer.ok ? { ok: true, tokens: answer.body.tokens } : answer;
}

/** Gives the tokens of some pool, for a market in which nothing is known yet; `undefined` where there is none. */
export async function fetchSomePair(): Promise<[string, string] | undefined> {
  const answer = await ask<{ pools: { token_x: string; token_y: string }[] }>('/pools?limit=1');
  const pool = answer.ok ? answer.body.pools[0] : undefined;
  return pool && [pool.token_x, pool.token_y];
}

async function ask<Body>(path: string): Promise<{ ok: true; body: Body } | { ok: false; reason: string }> {
  try {
    const response = await fetchEdge(path, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const body = (await response.json()) as Body & { error?: { message: string } };
    return response.ok ? { ok: true, body } : { ok: false, reason: body.error?.message ?? `status ${response.status}` };
  } catch (error) {
    return { ok: false, reason: navigator.onLine ? String((error as Error).message) : 'this device is offline' };
  }
}
