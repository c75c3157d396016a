// The pictures below a quote: route, liquidity, depth. After a refusal they stay as they were and say so, so that nothing jumps.
import type { Quote } from './quote/answer.ts';
import { mostIn } from './quote/depth.ts';
import { amountToReach, roundUp } from './quote/fillable.ts';
import type { LocalEngine } from './quote/local.ts';
import { requestOf, type Trade } from './trade/trade.ts';
import { showDepth } from './view/depth-chart.ts';
import { showLiquidity } from './view/liquidity-chart.ts';
import { markPast } from './view/past.ts';
import { showRoute } from './view/route-picture.ts';
import { brief, exact, fromUnits } from './words/numbers.ts';
import type { DecimalsOf } from './words/refusals.ts';

export interface PictureInput {
  /** Nothing where there is none for the trade on screen. */
  quote: Quote | undefined;
  trade: Trade;
  local: LocalEngine;
  decimalsOf: DecimalsOf;
  /** Changes the trade. */
  apply: (change: Partial<Trade>) => void;
}

let last: Quote | undefined;
let depthKey = '';

/** Draws what belongs to a quote; without one, what belonged to the last quote of the same tokens. */
export function showPictures(input: PictureInput) {
  const { trade, local } = input;
  if (input.quote !== undefined) last = input.quote;
  else if (last?.token_in !== trade.token_in || last.token_out !== trade.token_out) last = undefined;
  markPast(input.quote === undefined ? last && `of the last quote, ${brief(last.amount_in)} ${last.token_in}` : undefined);
  if (input.quote !== undefined || last === undefined) showRoute(last);
  showLiquidity({
    quote: last,
    market: local.market,
    candidates: trade.token_in === '' ? [] : local.candidates(requestOf(trade)),
    pair: `${trade.token_in} ${trade.token_out}`,
    onPick: (pool_id, bin_id) => pickBin(input, pool_id, bin_id),
  });
  showDepthOf(input);
}

/** The curve is computed again only when it would come out differently. */
function showDepthOf({ quote, trade, local, decimalsOf, apply }: PictureInput) {
  if (quote === undefined && last !== undefined) return;
  const { token_in, token_out } = trade;
  const decimalsIn = decimalsOf(token_in);
  // Without decimals a point of the curve is no amount that could be traded.
  if (token_in === '' || local.market === undefined || decimalsIn === undefined) {
    depthKey = '';
    return void showDepth(undefined);
  }
  // Without a quote the amount is what is wrong, and the curve does not depend on it.
  const request = requestOf(quote === undefined ? { ...trade, mode: 'exact_in', amount: '1' } : trade);
  const key = JSON.stringify([request, quote?.amount_in, quote?.amount_out, local.version]);
  if (key === depthKey) return;
  depthKey = key;
  const onPick = (units: bigint) => apply({ mode: 'exact_in', amount: fromUnits(units, decimalsIn) });
  void showDepth({ request, token_in, token_out, quote, decimalsIn, ask: (other) => local.ask(other), onPick });
}

/** Makes the trade as large as it must be to reach a bin. Gives a sentence where it cannot. */
async function pickBin({ trade, local, decimalsOf, apply }: PictureInput, pool_id: string, bin_id: number): Promise<string> {
  const request = requestOf(trade);
  const ask = local.ask.bind(local);
  const [most, decimals] = [await mostIn(request, ask), decimalsOf(trade.token_in)];
  const units = most === undefined ? undefined : amountToReach(request, most, pool_id, bin_id, ask);
  if (most === undefined || units === undefined || decimals === undefined) {
    return `No amount of ${trade.token_in} reaches bin ${bin_id} within the limits. Turn the trade around for the other side.`;
  }
  const amount = fromUnits(roundUp(units, most), decimals);
  apply({ mode: 'exact_in', amount });
  return `${exact(amount)} ${trade.token_in} reach bin ${bin_id}.`;
}
