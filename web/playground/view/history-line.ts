// A line of what the trade gave in the last minutes.
import { type History, type Moment, SPAN_MS } from '../quote/history.ts';
import type { Trade } from '../trade/trade.ts';
import { changesIn } from '../words/changes.ts';
import { duration } from '../words/time.ts';
import { byId, el, svg } from './dom.ts';

const figure = byId('history');
/** As it is in the page from the beginning. */
const EMPTY = [...figure.children];
const [WIDTH, HEIGHT, EDGE] = [560, 44, 4];

/** Draws it, from the first quote on. */
export function showHistory(history: History, trade: Trade, now = Date.now()) {
  const moments = history.since(now - SPAN_MS);
  const amounts = moments.flatMap(({ amount }) => (amount === undefined ? [] : [amount]));
  if (amounts.length === 0) return showEmpty();
  delete figure.dataset.empty;
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)];
  const began = Math.max(now - SPAN_MS, moments[0]?.at ?? now);
  const token = trade.mode === 'exact_in' ? trade.token_out : trade.token_in;
  const changes = moments.length - 1;
  const span = duration(Math.max(1000, now - began));
  const text = changesIn(span, changes, [low, high], token);
  figure.replaceChildren(
    svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `The last minutes: ${text}.` }, svg('path', { d: stepsOf(moments, began, now, low, high) })),
    el('figcaption', { 'aria-hidden': 'true' }, text),
  );
}

/** It is there from the beginning, empty if need be: nothing below it moves. */
function showEmpty() {
  if (figure.dataset.empty === '') return;
  figure.dataset.empty = '';
  figure.replaceChildren(...EMPTY);
}

/** Steps: an amount holds until the next one. Where there was no quote the line has a gap. */
export function stepsOf(moments: readonly Moment[], began: number, now: number, low: number, high: number): string {
  const x = (at: number) => ((Math.max(at, began) - began) / Math.max(1, now - began)) * WIDTH;
  // One amount alone stands in the middle.
  const part = (amount: number) => (high > low ? (amount - low) / (high - low) : 0.5);
  const y = (amount: number) => EDGE + (1 - part(amount)) * (HEIGHT - 2 * EDGE);
  let path = '';
  moments.forEach(({ at, amount }, index) => {
    if (amount === undefined) return;
    const before = moments[index - 1]?.amount;
    const until = moments[index + 1]?.at ?? now;
    path += `${before === undefined ? 'M' : 'L'}${x(at).toFixed(1)} ${y(amount).toFixed(1)}H${x(until).toFixed(1)}`;
  });
  return path;
}
