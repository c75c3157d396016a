// The depth curve: what the same request gives for other amounts, computed in this browser.
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome, Quote } from './answer.ts';

export interface DepthPoint {
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

/** Gives the largest amount in that these pools take under this request, `undefined` if they take none. */
export function mostIn(request: QuoteRequest, ask: Ask): bigint | undefined {
  for (const amount of PROBES) {
    const outcome = ask({ ...withoutAmounts(request), amount_in_atomic: amount, allow_partial: true });
    if (outcome.kind === 'quote') return BigInt(outcome.quote.amount_in_atomic);
    if (outcome.kind === 'refusal' && outcome.refusal.code !== 'AMOUNT_OVERFLOW') return undefined;
  }
  return undefined;
}

/**
 * Computes points from near nothing up to `most` smallest units.
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
  return { points, most };
}

function pointOf(quote: Quote): DepthPoint {
  return { amountIn: Number(quote.amount_in), amountOut: Number(quote.amount_out), impact: quote.price_impact_ppm };
}

function withoutAmounts(request: QuoteRequest): QuoteRequest {
  const { amount_in: _in, amount_out: _out, ...rest } = request;
  return rest;
}
