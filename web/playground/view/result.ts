// The quote itself: what is received, what bounds it, what it costs.
import { isDoubtful } from '../quote/age.ts';
import type { Outcome, Quote, TokenFees } from '../quote/answer.ts';
import { queryOf } from '../trade/link.ts';
import type { Market } from '../state/market.ts';
import { isSample } from '../state/sample.ts';
import type { Trade } from '../trade/trade.ts';
import { cautionsOf, oldestAge } from '../words/cautions.ts';
import { exact, percent, short } from '../words/numbers.ts';
import { priceWays } from '../words/price.ts';
import { explainRefusal, type DecimalsOf } from '../words/refusals.ts';
import { duration } from '../words/time.ts';
import { explainWarning } from '../words/warnings.ts';
import { button, byId, el } from './dom.ts';
import { holdHeight, releaseHeight } from './height.ts';

const body = byId('result-body');
const announcer = byId('announce');

/** Impact from which the number is coloured, parts per million. */
const SOME_IMPACT = 10_000;
const HIGH_IMPACT = 50_000;

export interface ResultContext {
  trade: Trade;
  decimalsOf: DecimalsOf;
  /** What this browser holds, to tell the sample from a market. */
  market: Market | undefined;
  /** Makes these changes to the trade and asks again. */
  apply: (change: Partial<Trade>) => void;
}

/** Shows what came of the trade. */
export function showOutcome(outcome: Outcome, context: ResultContext) {
  if (outcome.kind === 'quote') showQuote(outcome.quote, context);
  else if (outcome.kind === 'refusal') showRefusal(outcome.refusal, context);
  else showText('No quote: the edge is not reachable, and this browser has no snapshot yet.');
}

/** Shows a sentence in place of a quote. */
export function showText(text: string) {
  showInstead(el('p', { class: 'waiting' }, text));
  announce(text);
}

function showQuote(quote: Quote, { trade, market }: ResultContext) {
  const { token_in, token_out } = quote;
  const exactIn = quote.mode === 'exact_in';
  const look = movedSince(quote, queryOf(trade));
  const bound = quote.mode === 'exact_in' ? quote.minimum_received : quote.maximum_sent;
  const [headline, token] = exactIn ? [quote.amount_out, token_out] : [quote.amount_in, token_in];
  const under = exactIn
    ? `for ${exact(quote.amount_in)} ${token_in}, fees included`
    : `for ${exact(quote.amount_out)} ${token_out}, fees included`;
  const slippage = percent(Number(trade.slippage_bps) * 100);
  const cautions = cautionsOf(quote, trade, isSample(market, quote.state.pools.map(({ pool_id }) => pool_id)));
  const facts = el(
    'dl',
    { class: 'facts' },
    fact('Price impact', impactText(quote), '', impactLook(quote.price_impact_ppm)),
    priceFact(quote),
    fact('Path', pathText(quote), lengthText(quote)),
    quote.mode === 'exact_out' && fact('Asked for', `${exact(quote.requested_out)} ${token_out}`),
    fact('State', stateText(quote), originText(quote), isDoubtful(quote) || cautions.some(({ code }) => code === 'OLD_STATE') ? 'age-old' : ''),
  );
  // A quote comes every few seconds: who turns the price with the keyboard must not lose his place.
  const focused = document.activeElement?.id;
  body.replaceChildren(
    el(
      'div',
      { class: 'top' },
      figure(exactIn ? 'You receive' : 'You pay', headline, token, under, look),
      figure(exactIn ? 'Minimum received' : 'Maximum sent', bound, token, `with ${slippage} slippage`),
    ),
    // What speaks against the trade stands before its details.
    ...notices(quote, cautions),
    facts,
    feeTable(quote.fees),
  );
  releaseHeight(body);
  if (focused === 'turn-price') byId(focused).focus();
  announce(`${exact(quote.amount_in)} ${token_in} gives ${exact(quote.amount_out)} ${token_out}.`);
}

/** The last quote stays below, as far as its room reaches: out of use, but the page does not jump. */
function showInstead(node: HTMLElement) {
  // The same again, as the stream and the browser say it: who is about to press a button keeps it.
  if (body.firstElementChild?.isEqualNode(node)) return;
  if (body.querySelector('.top') !== null) holdHeight(body);
  const past = body.querySelector('.past-quote') ?? el('div', { class: 'past-quote', 'aria-hidden': 'true', inert: true }, ...body.querySelectorAll(':scope > .top, :scope > .facts, :scope > .fees'));
  body.replaceChildren(node, past);
}

function showRefusal(refusal: Parameters<typeof explainRefusal>[0], { trade, decimalsOf, apply }: ResultContext) {
  const { title, text, ways } = explainRefusal(refusal, trade, decimalsOf);
  const buttons = ways.map(({ label, change }, index) =>
    button(label, index === 0 ? 'action' : 'action second', () => {
      apply(change);
      byId('result').focus();
    }),
  );
  showInstead(
    el(
      'div',
      { class: refusal.code === 'STALE_STATE' ? 'refusal age-refused' : 'refusal', 'data-code': refusal.code },
      el('h3', {}, title),
      el('p', {}, text),
      el('p', { class: 'code' }, refusal.code),
      buttons.length > 0 && el('div', { class: 'ways' }, ...buttons),
    ),
  );
  announce(`${title} ${text}`);
}

/** How long a change is seen, in style/live.css too. */
const FLASH_MS = 1400;

let last = { query: '', units: 0n };
let flash: { look: '' | 'rose' | 'fell'; at: number } = { look: '', at: 0 };

/** Whether the same trade gave less or more a moment ago; what the reader changed himself does not flash. */
function movedSince(quote: Quote, query: string): '' | 'rose' | 'fell' {
  const units = BigInt(quote.mode === 'exact_in' ? quote.amount_out_atomic : quote.amount_in_atomic);
  const before = last;
  last = { query, units };
  const now = performance.now();
  if (before.query !== query) flash = { look: '', at: now };
  else if (before.units !== units) flash = { look: units > before.units ? 'rose' : 'fell', at: now };
  // It is drawn anew meanwhile.
  return now - flash.at < FLASH_MS ? flash.look : '';
}

/** One of the two numbers that matter most. */
function figure(name: string, amount: string, token: string, under: string, look = '') {
  return el(
    'dl',
    { class: 'figure' },
    el('dt', {}, name),
    el('dd', { class: look || undefined }, exact(amount), ' ', el('small', {}, token)),
    el('dd', { class: 'under' }, under),
  );
}

function fact(name: string, value: string, beside = '', look = '') {
  return el('div', {}, el('dt', {}, name), el('dd', { class: look || undefined }, value, beside !== '' && el('small', {}, beside)));
}

/** Which way the price is read; the reader's choice holds for the visit. */
let turned = false;

function priceFact({ effective_price, token_in, token_out }: Quote) {
  if (effective_price === null) return fact('Price', 'none');
  const first = el('span', { class: 'price-first' });
  const second = el('small', { class: 'price-second' });
  const write = () => {
    const ways = priceWays(effective_price, token_in, token_out, turned);
    first.textContent = ways.first;
    second.textContent = ways.second ?? '';
  };
  const turn = button('⇄', 'quiet', () => {
    turned = !turned;
    write();
  });
  turn.setAttribute('aria-label', 'Turn the price around');
  turn.id = 'turn-price';
  write();
  return el('div', { class: 'price' }, el('dt', {}, 'Price, fees included'), el('dd', {}, first, ' ', turn, second));
}

function impactText({ price_impact_ppm }: Quote): string {
  if (price_impact_ppm === null) return 'not known';
  return price_impact_ppm === 0 ? `less than ${percent(1)}` : percent(price_impact_ppm);
}

function impactLook(ppm: number | null): string {
  if (ppm === null || ppm < SOME_IMPACT) return '';
  return ppm < HIGH_IMPACT ? 'impact-some' : 'impact-high';
}

function pathText({ routes }: Quote): string {
  const pools = new Set(routes.flatMap((route) => route.hops.map((hop) => hop.pool_id))).size;
  return routes.length > 1 ? `${routes.length} routes, ${plural(pools, 'pool')}` : plural(pools, 'pool');
}

function lengthText({ routes, bins_used }: Quote): string {
  const hops = Math.max(...routes.map((route) => route.hops.length));
  return `${plural(bins_used, 'bin')} used${hops > 1 ? `, up to ${hops} hops` : ''}`;
}

function stateText(quote: Quote): string {
  const oldest = oldestAge(quote);
  if (oldest === undefined) return 'of unknown age';
  return quote.state.pools.length > 1 ? `${duration(oldest)} old at most` : `${duration(oldest)} old`;
}

function originText({ state }: Quote): string {
  const source = state.source === 'redis' ? 'from Redis' : `from the ${state.source}`;
  return state.block_height === null ? source : `${source}, block ${state.block_height}`;
}

const FEES = ['Protocol', 'Provider', 'Variable', 'Total'];

/** On a phone each part stands on a line of its own with its name, so the roles are said: without its display a table has none. */
function feeTable(fees: TokenFees[]) {
  const part = (text: string, index: number) => el('td', { role: 'cell', title: exact(text), 'data-name': FEES[index] }, short(text));
  const rows = fees.map((fee) =>
    el('tr', { role: 'row' }, el('th', { role: 'rowheader', scope: 'row' }, fee.token), ...[fee.protocol, fee.provider, fee.variable, fee.total].map(part)),
  );
  const head = ['Fees in', ...FEES].map((name) => el('th', { role: 'columnheader', scope: 'col' }, name));
  return el(
    'div',
    { class: 'scroll fees', tabindex: 0, role: 'region', 'aria-label': 'Fees' },
    el('table', { role: 'table' }, el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...head)), el('tbody', { role: 'rowgroup' }, ...rows)),
  );
}

function notices(quote: Quote, cautions: ReturnType<typeof cautionsOf>): HTMLElement[] {
  const lines = [
    ...cautions.map(({ code, grave, calm, text }) => el('li', { class: grave ? 'notice fatal' : calm ? 'notice calm' : 'notice', 'data-code': code }, text)),
    ...quote.warnings.map((warning) => el('li', { class: 'notice', 'data-code': warning.code }, explainWarning(warning, quote))),
  ];
  if (lines.length === 0) return [];
  return [el('ul', { class: 'notices', 'aria-label': 'Warnings' }, ...lines)];
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Tells a screen reader, once for each new text. */
function announce(text: string) {
  if (announcer.textContent !== text) announcer.textContent = text;
}
