// The depth curve: what the same request gives for other amounts, computed in this browser.
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome, Quote } from './answer.ts';

export interface DepthPoint {
  /** Amount in, smallest units. */
  units: bigint;
  amountIn: number;
  amountOut: number;
  /** Parts per million; `null` where it is not known. */
  impact: number | null;
}

export interface Depth {
  points: DepthPoint[];
  /** What the pools take at most within the limits, smallest units. */
  most: bigint;
}

export type Ask = (request: QuoteRequest) => Outcome;

const POINTS = 48;
/** How long the page may be kept busy at a stretch. */
const SLICE_MS = 8;
/** More than any supply, and low enough for 128-bit arithmetic to hold its products. */
const PROBES = ['1' + '0'.repeat(30), '1' + '0'.repeat(24), '1' + '0'.repeat(18), '1' + '0'.repeat(12)];

/**
 * Gives the largest amount that these pools fill under this request, `undefined` if they fill none: of token in, or of token
 * out where that is the fixed side.
 */
export async function mostOf(request: QuoteRequest, ask: (request: QuoteRequest) => Outcome | Promise<Outcome>): Promise<bigint | undefined> {
  const side = 'amount_out' in request ? 'amount_out_atomic' : 'amount_in_atomic';
  // How a trade is spread depends on its size, so one that is far too large may leave a little unfilled.
  const nearer = async (found: bigint) => {
    const again = await ask({ ...withoutAmounts(request), [side]: String(found * 2n), allow_partial: true });
    const more = again.kind === 'quote' ? BigInt(again.quote[side]) : found;
    return more > found ? more : found;
  };
  for (const amount of PROBES) {
    const outcome = await ask({ ...withoutAmounts(request), [side]: amount, allow_partial: true });
    if (outcome.kind === 'quote') return nearer(BigInt(outcome.quote[side]));
    if (outcome.kind === 'refusal' && outcome.refusal.code !== 'AMOUNT_OVERFLOW') return undefined;
  }
  return undefined;
}

/** The same of token in, whichever side is fixed. */
export const mostIn = (request: QuoteRequest, ask: Ask) => mostOf({ ...withoutAmounts(request), amount_in: '1' }, ask);

/**
 * Computes points from nothing up to `most` smallest units.
 *
 * The page stays usable meanwhile. Gives `undefined` once `signal` is aborted.
 */
export async function depthOf(request: QuoteRequest, most: bigint, ask: Ask, signal: AbortSignal): Promise<Depth | undefined> {
  const points: DepthPoint[] = [];
  let began = performance.now();
  for (let step = 1n; step <= POINTS; step += 1n) {
    const amount = (most * step) / BigInt(POINTS);
    if (amount === 0n) continue;
    const outcome = ask({ ...withoutAmounts(request), amount_in_atomic: String(amount) });
    if (outcome.kind === 'quote') points.push(pointOf(outcome.quote));
    if (performance.now() - began > SLICE_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      if (signal.aborted) return undefined;
      began = performance.now();
    }
  }
  // Nothing gives nothing, and moves no price.
  if (points.length > 0) points.unshift({ units: 0n, amountIn: 0, amountOut: 0, impact: 0 });
  return { points, most };
}

function pointOf(quote: Quote): DepthPoint {
  return { units: BigInt(quote.amount_in_atomic), amountIn: Number(quote.amount_in), amountOut: Number(quote.amount_out), impact: quote.price_impact_ppm };
}

/** A request for another amount than its own. */
export function withoutAmounts(request: QuoteRequest): QuoteRequest {
  const { amount_in: _in, amount_out: _out, ...rest } = request;
  return rest;
}
