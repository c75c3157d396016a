// Where the parts of the route picture stand. Two layouts: rows from left to right, or lines from top to bottom on a phone.
import type { Hop, Quote, Route } from '../quote/answer.ts';

export interface Stop {
  x: number;
  y: number;
  token: string;
}

export interface HopPlace {
  hop: Hop;
  /** Middle of the hop. */
  x: number;
  y: number;
}

export interface RoutePlace {
  route: Route;
  /** Path data of the route's band. */
  band: string;
  /** How wide the band is drawn; shares decide. */
  width: number;
  /** Where its share is written. */
  label: { x: number; y: number };
  /** Tokens between its hops; the ends belong to the whole picture. */
  stops: Stop[];
  hops: HopPlace[];
}

export interface Picture {
  width: number;
  height: number;
  upright: boolean;
  ends: { x: number; y: number; width: number; height: number; token: string; tokenAt: 'start' | 'end' }[];
  routes: RoutePlace[];
}

const END_WIDTH = 96;
const ROW = 74;
const THINNEST = 3;
const WIDEST = 26;
const UPRIGHT_BELOW = 620;

const widthOf = (route: Route) => THINNEST + (WIDEST - THINNEST) * (route.share_ppm / 1_000_000);

/** Places a quote's routes into a picture of this width. */
export function layOut(quote: Quote, width: number): Picture {
  const hops = Math.max(...quote.routes.map((route) => route.hops.length));
  // A pool's name and its amounts need room between two tokens.
  return width < UPRIGHT_BELOW || width - 2 * END_WIDTH < hops * 170 ? upright(quote, width) : lying(quote, width);
}

function lying(quote: Quote, width: number): Picture {
  const height = quote.routes.length * ROW + 8;
  const [left, right] = [END_WIDTH, width - END_WIDTH];
  const middle = height / 2;
  const routes = quote.routes.map((route, row): RoutePlace => {
    const y = 4 + ROW * (row + 0.5);
    const [from, to] = [left + 58, right - 12];
    // Bands leave the first token side by side and meet again at the last.
    const gate = middle + (row - (quote.routes.length - 1) / 2) * Math.min(WIDEST, (height - 16) / quote.routes.length);
    const band =
      `M${left} ${gate} C${left + 30} ${gate} ${from - 30} ${y} ${from} ${y} ` +
      `L${to - 30} ${y} C${to - 10} ${y} ${right - 20} ${gate} ${right} ${gate}`;
    const span = (to - 30 - from) / route.hops.length;
    return {
      route,
      band,
      width: widthOf(route),
      label: { x: from, y: y - widthOf(route) / 2 - 7 },
      stops: route.hops.slice(1).map((hop, index) => ({ x: from + span * (index + 1), y, token: hop.token_in })),
      hops: route.hops.map((hop, index) => ({ hop, x: from + span * (index + 0.5), y })),
    };
  });
  const end = { y: 4, width: END_WIDTH, height: height - 8 };
  const ends: Picture['ends'] = [
    { ...end, x: 0, token: quote.token_in, tokenAt: 'start' },
    { ...end, x: right, token: quote.token_out, tokenAt: 'end' },
  ];
  return { width, height, upright: false, ends, routes };
}

const LINE = 58;
const HEAD = 30;
const END_HEIGHT = 46;
const RAIL = 22;

function upright(quote: Quote, width: number): Picture {
  let y = END_HEIGHT + 14;
  const routes = quote.routes.map((route): RoutePlace => {
    const top = y;
    const hops = route.hops.map((hop, index) => ({ hop, x: RAIL, y: top + HEAD + LINE * (index + 0.5) }));
    const bottom = top + HEAD + LINE * route.hops.length;
    y = bottom + 10;
    return {
      route,
      band: `M${RAIL} ${top} L${RAIL} ${bottom}`,
      width: widthOf(route),
      label: { x: RAIL + 24, y: top + 17 },
      stops: route.hops.slice(1).map((hop, index) => ({ x: RAIL, y: top + HEAD + LINE * (index + 1), token: hop.token_in })),
      hops,
    };
  });
  const end = { x: 0, width, height: END_HEIGHT };
  const ends: Picture['ends'] = [
    { ...end, y: 0, token: quote.token_in, tokenAt: 'start' },
    { ...end, y: y + 4, token: quote.token_out, tokenAt: 'end' },
  ];
  return { width, height: y + 4 + END_HEIGHT, upright: true, ends, routes };
}
