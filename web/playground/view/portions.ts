// The buttons that choose a part of what the pools can fill.
import { isStillAsked } from '../quote/asked.ts';
import { fillable } from '../quote/fillable.ts';
import { askEdge } from '../quote/edge.ts';
import type { LocalEngine } from '../quote/local.ts';
import { requestOf, type Trade } from '../trade/trade.ts';
import { fromUnits } from '../words/numbers.ts';
import type { DecimalsOf } from '../words/refusals.ts';
import { byId } from './dom.ts';

const group = byId('portions');
/** The last press counts. */
let asked = new AbortController();

export interface PortionInput {
  trade: () => Trade;
  local: LocalEngine;
  decimalsOf: DecimalsOf;
  apply: (change: Partial<Trade>) => void;
}

/** Makes the buttons work. */
export function startPortions({ trade, local, decimalsOf, apply }: PortionInput) {
  group.addEventListener('click', async (event) => {
    const percent = (event.target as HTMLElement).closest('button')?.dataset.percent;
    const { mode, token_in, token_out } = trade();
    const decimals = decimalsOf(mode === 'exact_in' ? token_in : token_out);
    if (percent === undefined || decimals === undefined) return;
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    const request = requestOf({ ...trade(), amount: '1', allow_partial: false });
    const isStill = isStillAsked(() => requestOf(trade()));
    // The edge where this browser has no snapshot of the pair.
    const edge = (other: typeof request) => askEdge(other, signal);
    const most = await fillable(request, [(other) => local.ask(other), edge]).catch((error) => {
      if (!signal.aborted) throw error;
      return undefined;
    });
    // An amount of BTC must not be written into a trade that pays USDC by now, nor over what was typed meanwhile.
    if (most !== undefined && !signal.aborted && isStill()) apply({ amount: fromUnits(portionOf(most, BigInt(percent)), decimals) });
  });
}

/** A part of an amount, cut to six digits where it is not the whole: nobody wants 7.10333117 BTC. */
export function portionOf(most: bigint, percent: bigint): bigint {
  if (percent >= 100n) return most;
  const part = (most * percent) / 100n;
  const size = String(part).length - 6;
  return size <= 0 ? part : part - (part % 10n ** BigInt(size));
}
