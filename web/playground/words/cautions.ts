// What the page itself warns of, beside the warnings of the engine: terms that are dear, and state that may be old.
import { isAboutAge } from '../quote/age.ts';
import type { Quote } from '../quote/answer.ts';
import type { Trade } from '../trade/trade.ts';
import { exact, percent } from './numbers.ts';
import { duration } from './time.ts';

export interface Caution {
  code: 'HIGH_SLIPPAGE' | 'LOW_SLIPPAGE' | 'HIGH_IMPACT' | 'OLD_STATE' | 'SAMPLE_DATA';
  grave: boolean;
  /** Something to know, nothing to fear. */
  calm?: boolean;
  text: string;
}

/** Above it a tolerance invites others to trade in between; at the second it is most likely a mistake. Bps. */
const HIGH_SLIPPAGE = 300;
const GRAVE_SLIPPAGE = 1000;
/** Below it nearly every trade in between makes this one fail. Bps. */
const LOW_SLIPPAGE = 5;
/** Parts per million. */
const HIGH_IMPACT = 50_000;
const GRAVE_IMPACT = 150_000;
/** As the engine's default where there is a heartbeat; without one it says nothing. */
const OLD_MS = 60_000;

/** Says in a few words what a tolerance means where it is unusual; stands at its field. */
export function slippageNote(bps: number): { grave: boolean; text: string } | undefined {
  if (bps > HIGH_SLIPPAGE) return { grave: bps >= GRAVE_SLIPPAGE, text: 'High: bots can trade ahead of you and take what you allow.' };
  if (bps < LOW_SLIPPAGE) return { grave: false, text: 'Low: the trade fails if the price moves at all.' };
  return undefined;
}

/** Gives the cautions on a quote; `isSample`: whether it comes from the sample pools, as they were written. */
export function cautionsOf(quote: Quote, trade: Trade, isSample = false): Caution[] {
  const cautions: Caution[] = [];
  const bps = Number(trade.slippage_bps);
  if (bps > HIGH_SLIPPAGE) {
    const bound = quote.mode === 'exact_in' ? `give as little as ${exact(quote.minimum_received)} ${quote.token_out}` : `cost as much as ${exact(quote.maximum_sent)} ${quote.token_in}`;
    cautions.push({ code: 'HIGH_SLIPPAGE', grave: bps >= GRAVE_SLIPPAGE, text: `With ${percent(bps * 100)} slippage tolerance the trade may ${bound}, and bots that trade ahead of others (front-running) see to it.` });
  }
  const impact = quote.price_impact_ppm;
  if (impact !== null && impact >= HIGH_IMPACT) {
    cautions.push({ code: 'HIGH_IMPACT', grave: impact >= GRAVE_IMPACT, text: `The trade moves the price against itself: ${percent(impact, 2)} are lost by its size. A smaller one loses less.` });
  }
  const age = oldestAge(quote);
  if (age !== undefined && age > OLD_MS && !quote.warnings.some(isAboutAge)) {
    if (isSample) cautions.push({ code: 'SAMPLE_DATA', grave: false, calm: true, text: 'Sample data: the pools that dlmm seed writes. Nobody moves them, so their age means nothing; dlmm simulate moves them.' });
    else cautions.push({ code: 'OLD_STATE', grave: false, text: `The state was last written ${duration(age)} ago, and no heartbeat says that somebody still keeps it. The market may have moved.` });
  }
  return cautions;
}

/** The age of the oldest pool of a quote, milliseconds; `undefined` where one is not known. */
export function oldestAge({ state }: Quote): number | undefined {
  const ages = state.pools.map((pool) => pool.age_ms);
  return ages.some((age) => age === null) ? undefined : Math.max(0, ...ages.map((age) => age ?? 0));
}
