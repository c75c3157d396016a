// Whether the edge answers, and how old the state is that stands in for it.
import type { Outcome } from '../quote/answer.ts';
import type { LocalEngine } from '../quote/local.ts';
import type { Way } from '../quote/live.ts';
import { wayText } from '../words/way.ts';
import { clock, duration } from '../words/time.ts';
import { byId } from './dom.ts';

const banner = byId('offline');
const line = byId('state-line');

const way = byId('way');

/** Says in words how this page learns of changes. */
export function showWay(known: Way | 'by hand' | 'every 30 s' | 'nothing' | undefined) {
  const [look, text] = wayText(known);
  way.dataset.way = look;
  if (way.textContent !== text) way.textContent = text;
}

/** Says where the numbers on the page come from. */
export function showConnection(edge: Outcome, local: LocalEngine) {
  const { confirmedAt, heldMarket: market } = local;
  const cut = edge.kind === 'silence';
  banner.hidden = !cut;
  if (cut) {
    const text =
      confirmedAt === undefined
        ? `The edge is not reachable (${edge.reason}), and this browser has no snapshot yet.`
        : `The edge is not reachable. Quotes come from your browser, from state that was last confirmed ${ageOf(confirmedAt)}. The market may have moved.`;
    if (banner.textContent !== text) banner.textContent = text;
  }
  if (market !== undefined && confirmedAt !== undefined) {
    const held = local.isWhole === false ? `the pools of this pair, ${market.pairs.length} of them` : `${market.pairs.length} pools`;
    line.textContent = `Snapshot in this browser: ${held}, as of ${clock(new Date(confirmedAt))}.`;
  }
}

function ageOf(at: number): string {
  const ms = Date.now() - at;
  return ms < 1000 ? 'a moment ago' : `${duration(ms)} ago`;
}
