// Finds the answer of this browser that an answer of the edge is to be compared with. In a market that moves each of the two may be
// a moment ahead of the other, so it is one of the last few.
import { type QuoteRequest, requestOf, type Trade } from '../trade/trade.ts';
import type { Outcome } from './answer.ts';
import { compare } from './compare.ts';
import type { LocalEngine } from './local.ts';

/** Answers of this browser are of use for so long, and so many of them are kept. */
const KEPT_MS = 5000;
const MOST = 16;
/** A change that the edge has answered with is on its way; longer is not waited for. */
const ON_ITS_WAY_MS = 2000;

/** What the browser has; `moved` says whether the state has moved meanwhile, `undefined` where nobody knows. */
export interface Agreement {
  browser: Outcome;
  moved: boolean | undefined;
}

export class Recent {
  #kept: { outcome: Outcome; at: number }[] = [];

  /** Forgets all: another trade is asked for. */
  clear() {
    this.#kept = [];
  }

  /** Keeps an answer of this browser. */
  keep(outcome: Outcome, now = performance.now()) {
    this.#kept = [{ outcome, at: now }, ...this.#kept.filter(({ at }) => now - at < KEPT_MS)].slice(0, MOST);
  }

  /** The newest one that is the same as this answer of the edge. */
  sameAs(edge: Outcome): Outcome | undefined {
    return this.#kept.find(({ outcome }) => isSame(edge, outcome))?.outcome;
  }
}

export const isSame = (edge: Outcome, browser: Outcome) => compare(edge, browser)?.differences.length === 0;

/**
 * Waits until this browser has, or had, what the edge answered with; gives what it has in the end if it never does.
 *
 * `request` is what the edge was asked, where that is more than the trade.
 */
export async function agree(
  edge: Outcome,
  trade: Trade,
  local: LocalEngine,
  recent: Recent,
  signal: AbortSignal,
  request: QuoteRequest = requestOf(trade),
): Promise<Agreement> {
  const now = () => {
    const browser = local.ask(request);
    recent.keep(browser);
    return browser;
  };
  let browser = now();
  const same = () => (isSame(edge, browser) ? browser : recent.sameAs(edge));
  if (edge.kind === 'silence') return { browser, moved: undefined };
  const before = local.version;
  for (const until = performance.now() + ON_ITS_WAY_MS; ; ) {
    const found = same();
    if (found !== undefined) return { browser: found, moved: undefined };
    const hasMoved = await local.nextChange(trade, until - performance.now());
    signal.throwIfAborted();
    if (!hasMoved) break;
    browser = now();
  }
  if (local.isLive(request)) return { browser, moved: local.version !== before };
  // Nothing is followed: Redis may have moved since the snapshot, and with a new one both look at the same state.
  const refreshed = await local.refresh(trade);
  signal.throwIfAborted();
  browser = now();
  return { browser: same() ?? browser, moved: refreshed.ok ? refreshed.changed : undefined };
}
