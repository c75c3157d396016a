// What the pools can fill, and how much a trade must be to reach a bin; computed in this browser.
import type { Quote } from './answer.ts';
import type { QuoteRequest } from '../trade/trade.ts';
import { type Ask, mostOf, withoutAmounts } from './depth.ts';

type AskAnywhere = Parameters<typeof mostOf>[1];

/** Halvings of the range; 2^-40 of what the pools take is finer than anybody reads. */
const ROUNDS = 40;

/** Gives the largest amount of the fixed side that is fillable within the limits, smallest units; who answers first is believed. */
export async function fillable(request: QuoteRequest, asks: readonly AskAnywhere[]): Promise<bigint | undefined> {
  for (const ask of asks) {
    const most = await mostOf(request, ask);
    if (most !== undefined) return most;
  }
  return undefined;
}



/** Whether a quote takes something from this bin, or from one beyond it. */
export function reaches(quote: Quote, pool_id: string, bin_id: number): boolean {
  const steps = (quote.steps ?? []).filter((step) => step.pool_id === pool_id);
  const pool = quote.routes.flatMap((route) => route.hops).find((hop) => hop.pool_id === pool_id);
  if (steps.length === 0 || pool === undefined) return false;
  // The walk begins at the active bin, so the bin lies between that and the last one that is touched.
  const ids = [pool.active_bin_before, ...steps.map((step) => step.bin_id)];
  return bin_id >= Math.min(...ids) && bin_id <= Math.max(...ids);
}

/**
 * Gives the smallest amount in, in smallest units, with which the trade reaches a bin of a pool; `undefined` if no amount does.
 *
 * The split moves with the amount, so this is found by trying.
 */
export function amountToReach(request: QuoteRequest, most: bigint, pool_id: string, bin_id: number, ask: Ask): bigint | undefined {
  const does = (amount: bigint) => {
    const outcome = ask({ ...withoutAmounts(request), amount_in_atomic: String(amount), allow_partial: true });
    return outcome.kind === 'quote' && reaches(outcome.quote, pool_id, bin_id);
  };
  if (!does(most)) return undefined;
  let [low, high] = [0n, most];
  for (let round = 0; round < ROUNDS && high - low > 1n; round += 1) {
    const middle = (low + high) / 2n;
    if (does(middle)) high = middle;
    else low = middle;
    // Six digits are enough to reach it; the rest would only make the number long.
    if ((high - low) * 1_000_000n < high) break;
  }
  return high;
}

/** Rounds up to six significant digits, but not above `most`: a round number that still does it. */
export function roundUp(amount: bigint, most: bigint): bigint {
  const size = String(amount).length - 6;
  if (size <= 0) return amount;
  const unit = 10n ** BigInt(size);
  const round = ((amount + unit - 1n) / unit) * unit;
  return round > most ? amount : round;
}
