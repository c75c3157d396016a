// The route as a picture, and its steps as a table below.
import type { Quote } from '../quote/answer.ts';
import { brief, exact, percent } from '../words/numbers.ts';
import { cut, poolName } from '../words/pool-name.ts';
import { byId, el, svg } from './dom.ts';
import { holdHeight, releaseHeight } from './height.ts';
import { layOut, type HopPlace, type Picture, type RoutePlace } from './route-layout.ts';

const body = byId('route-body');
const COLOURS = 5;

let shown: Quote | undefined;
const resized = new ResizeObserver(() => shown && draw(shown));
resized.observe(body);

/** Draws the routes of a quote; without one a sentence takes their place. */
export function showRoute(quote: Quote | undefined): void {
  shown = quote;
  if (quote === undefined) {
    if (body.childElementCount > 0) holdHeight(body);
    return body.replaceChildren(el('p', { class: 'waiting' }, 'The way of the trade stands here once there is a quote.'));
  }
  releaseHeight(body);
  const openBefore = body.querySelector('details')?.open === true;
  body.replaceChildren(el('div', { class: 'picture' }), stepTable(quote, openBefore));
  draw(quote);
}

function draw(quote: Quote) {
  const holder = body.querySelector('.picture');
  const width = Math.round(body.clientWidth);
  if (holder === null || width === 0) return;
  holder.replaceChildren(picture(quote, layOut(quote, width)));
}

function picture(quote: Quote, place: Picture) {
  return svg(
    'svg',
    { viewBox: `0 0 ${place.width} ${place.height}`, role: 'img', 'aria-label': inWords(quote) },
    ...place.routes.map(({ band, width }, index) => svg('path', { class: `band r${index % COLOURS}`, d: band, 'stroke-width': width })),
    ...place.routes.map((route, index) => routeMarks(route, index, place.upright, isAlone(quote))),
    ...place.ends.map((end) => endPlate(end, place.upright)),
  );
}

function endPlate({ x, y, width, height, token, tokenAt }: Picture['ends'][number], upright: boolean) {
  const middle = y + height / 2;
  const [tokenX, anchor] = upright ? [x + 14, 'start'] : [x + width / 2, 'middle'];
  const verb = tokenAt === 'start' ? 'pays' : 'gives';
  return svg(
    'g',
    { 'data-end': verb },
    svg('rect', { class: 'end', x: x + 0.5, y: y + 0.5, width: width - 1, height: height - 1, rx: 10 }),
    // Its amount stands in the quote.
    svg('text', { class: 'token', x: tokenX, y: middle + 5, 'text-anchor': anchor }, token),
  );
}

/** One pool for the whole trade: what goes through it is what the quote says. */
const isAlone = ({ routes }: Quote) => routes.length === 1 && routes[0]?.hops.length === 1;

function routeMarks({ route, label, stops, hops }: RoutePlace, index: number, upright: boolean, alone: boolean) {
  const colour = `r${index % COLOURS}`;
  const share = percent(route.share_ppm, 2);
  return svg(
    'g',
    { 'data-route': index },
    upright
      ? svg('text', { class: 'token', x: label.x, y: label.y }, `Route ${index + 1}: ${share} of the amount`)
      : svg('text', { class: 'dim', x: label.x, y: label.y }, share),
    ...hops.map((hop) => hopMark(hop, upright, alone)),
    ...stops.map(({ x, y, token }) =>
      svg(
        'g',
        {},
        svg('circle', { class: `stop ${colour}`, cx: x, cy: y, r: upright ? 7 : 22 }),
        upright
          ? svg('text', { class: 'token', x: x + 24, y: y + 4 }, token)
          : svg('text', { class: 'token', x, y: y + 4, 'text-anchor': 'middle' }, cut(token, 6)),
      ),
    ),
  );
}

function hopMark({ hop, x, y }: HopPlace, upright: boolean, alone: boolean) {
  const bins = hop.active_bin_before === hop.active_bin_after ? `bin ${hop.active_bin_before}` : `bin ${hop.active_bin_before} → ${hop.active_bin_after}`;
  const flow = alone ? bins : `${brief(hop.amount_in)} → ${brief(hop.amount_out)}`;
  const name = cut(poolName(hop.pool_id), upright ? 30 : 19);
  if (upright) {
    return svg(
      'g',
      { 'data-pool': hop.pool_id },
      svg('text', { x: x + 24, y: y - 3 }, name),
      svg('text', { class: 'dim', x: x + 24, y: y + 14 }, alone ? bins : `${flow}, ${bins}`),
    );
  }
  const width = Math.max(96, name.length * 7.4 + 20);
  return svg(
    'g',
    { 'data-pool': hop.pool_id },
    svg('title', {}, `${hop.pool_id}: ${exact(hop.amount_in)} ${hop.token_in} gives ${exact(hop.amount_out)} ${hop.token_out}, ${bins}`),
    svg('rect', { class: 'plate', x: x - width / 2, y: y - 14, width, height: 28, rx: 8 }),
    svg('text', { x, y: y + 4.5, 'text-anchor': 'middle' }, name),
    svg('text', { class: 'dim', x, y: y + 30, 'text-anchor': 'middle' }, flow),
  );
}

function inWords(quote: Quote): string {
  const routes = quote.routes.map(({ share_ppm, hops }) => {
    const path = hops.map((hop) => `${hop.pool_id} to ${hop.token_out}`).join(', then ');
    return `${percent(share_ppm, 2)} from ${quote.token_in} through ${path}`;
  });
  return `Route: ${routes.join('; ')}.`;
}

function stepTable({ steps = [] }: Quote, open: boolean) {
  const rows = steps.map((step) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', title: step.pool_id }, poolName(step.pool_id)),
      el('td', {}, String(step.route + 1)),
      el('td', {}, String(step.bin_id)),
      el('td', {}, exact(step.price)),
      el('td', {}, `${exact(step.amount_in)} ${step.token_in}`),
      el('td', {}, exact(step.fee_amount)),
      el('td', {}, `${exact(step.amount_out)} ${step.token_out}`),
    ),
  );
  const head = ['Pool', 'Route', 'Bin', 'Price, Y per X', 'In', 'Fee in it', 'Out'].map((name) => el('th', { scope: 'col' }, name));
  const table = el('table', {}, el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...rows));
  return el(
    'details',
    { class: 'steps', open },
    el('summary', {}, steps.length === 1 ? 'The one step' : `All ${steps.length} steps`),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Steps' }, table),
  );
}
