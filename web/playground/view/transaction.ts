// The card "Transaction": the call that executes the quote on screen, for a sender that the reader names.
import type { Drift, Plan } from 'dlmm-quote/slim';
import type { Outcome } from '../quote/answer.ts';
import { agree, isSame, Recent } from '../quote/agreement.ts';
import { isStillAsked } from '../quote/asked.ts';
import { type Comparison, compare } from '../quote/compare.ts';
import { askEdge } from '../quote/edge.ts';
import type { LocalEngine } from '../quote/local.ts';
import { type QuoteRequest, requestOf, type Trade } from '../trade/trade.ts';
import { capital, type DecimalsOf, explainRefusal } from '../words/refusals.ts';
import { callCode, conditionText, driftText, holdsText } from '../words/transaction.ts';
import { byId, el } from './dom.ts';
import { snippet } from './snippets.ts';

const body = byId('transaction-body');
const sender = byId<HTMLInputElement>('plan-sender');
const mode = byId<HTMLSelectElement>('plan-mode');
/** The router whose calls the edge plans, kept so that the browser plans without the edge too. */
const ROUTER = 'dlmm-router';

export interface TransactionInput {
  trade: () => Trade;
  /** Whether the form holds a trade at all. */
  isAsked: () => boolean;
  local: LocalEngine;
  decimalsOf: DecimalsOf;
}

type Made = { quote: { plan?: Plan; drift?: Drift[] }; mark: [look: string, text: string] };

let input: TransactionInput | undefined;
let asked = new AbortController();
/** What is shown now, to keep it where nothing has changed; blank where there is none, empty where none is asked for. */
let shown = '';
/** Whether the refusal that is shown is of what is on screen. */
let isRefused: (() => boolean) | undefined;

/** Prepares the transaction of the trade on screen when the reader asks for it. Nothing is signed or sent. */
export function startTransaction(given: TransactionInput) {
  input = given;
  const known = stored();
  if (known !== undefined) given.local.useRouter(known);
  byId<HTMLFormElement>('plan-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void prepare(given);
  });
  // Another signer or another kind of call: what stands there is not for that one.
  byId('plan-form').addEventListener('input', () => {
    asked.abort();
    if (body.querySelector('pre, .waiting') !== null) showNone();
    shown = '';
  });
}

/** Makes the transaction that is shown anew, in this browser, for the quote that is now on screen. */
export function renewPlan() {
  if (input === undefined || sender.value.trim() === '') return;
  if (isRefused?.() === false) return showNone();
  if (shown === '') return;
  const { trade, local, isAsked } = input;
  const outcome: Outcome = isAsked() ? local.ask(requestWithPlan(trade())) : { kind: 'silence', reason: 'no trade' };
  // A refusal is the quote's own and stands there; the last plan must not stay as if it were good.
  if (outcome.kind !== 'quote') return showNone();
  // The same again: what was found out about it holds.
  if (keyOf(outcome.quote) !== shown) show({ quote: outcome.quote, mark: ['', 'Made in your browser'] });
}

/** The trade, or who signs, is another one by now. */
function showNone() {
  [shown, isRefused] = [' ', undefined];
  body.replaceChildren(el('p', { class: 'hint' }, 'There is no transaction for the trade on screen. “Prepare” asks for it.'));
}

const requestWithPlan = (trade: Trade): QuoteRequest => ({ ...requestOf(trade), plan: { sender: sender.value.trim(), mode: mode.value } });

async function prepare({ trade, local, decimalsOf }: TransactionInput) {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const request = requestWithPlan(trade());
  const isStill = isStillAsked(() => requestWithPlan(trade()));
  const here = local.ask(request);
  if (here.kind === 'quote') show({ quote: here.quote, mark: ['', 'Made in your browser'] });
  else {
    [shown, isRefused] = ['', undefined];
    body.replaceChildren(el('p', { class: 'waiting' }, 'Asking …'));
  }
  try {
    const edge = await askEdge(request, signal);
    if (edge.kind === 'quote' && edge.quote.plan !== undefined) learn(edge.quote.plan.contract, local);
    // The transaction of one amount must not stand beside the quote of another.
    if (!isStill()) return showLate();
    if (edge.kind === 'quote' && edge.quote.plan === undefined) return showNone();
    if (edge.kind === 'quote') {
      show({ quote: edge.quote, mark: ['', 'Made by the edge'] });
      const { browser, moved } = await agree(edge, trade(), local, new Recent(), signal, request);
      if (!isStill()) return showLate();
      showChecked(edge, browser, moved, local, request);
    } else if (edge.kind === 'refusal') {
      const { title, text } = explainRefusal(edge.refusal, trade(), decimalsOf);
      [shown, isRefused] = ['', isStill];
      body.replaceChildren(el('p', { class: 'refusal', 'data-code': edge.refusal.code }, `${title} ${text}`));
    } else if (here.kind !== 'quote') {
      isRefused = isStill;
      body.replaceChildren(el('p', { class: 'refusal' }, `No transaction: ${capital(edge.reason)}.`));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Shows the edge's transaction with what this browser says of it; one of state that is past by now is not shown again. */
function showChecked(edge: Outcome & { kind: 'quote' }, browser: Outcome, moved: boolean | undefined, local: LocalEngine, request: QuoteRequest) {
  const now = local.ask(request);
  if (isSame(edge, browser) && now.kind === 'quote' && local.isLive(request) && !isSame(edge, now)) {
    return show({ quote: now.quote, mark: ['', 'Made in your browser'] });
  }
  show({ quote: edge.quote, mark: markOf(compare(edge, browser), moved) });
}

function markOf(comparison: Comparison | undefined, moved: boolean | undefined): Made['mark'] {
  if (comparison === undefined) return ['', 'Made by the edge'];
  if (comparison.differences.length === 0) return ['equal', 'Checked in your browser: identical'];
  return moved === true ? ['', 'Made by the edge; the market has moved since'] : ['differs', 'Checked in your browser: different'];
}

/** What was asked for is not what is on screen any more: this browser makes that where it can, else it is for the reader to ask. */
function showLate() {
  shown = ' ';
  renewPlan();
}

function learn(router: string, local: LocalEngine) {
  local.useRouter(router);
  try {
    localStorage.setItem(ROUTER, router);
  } catch {
    // It then holds for this visit.
  }
}

function stored(): string | undefined {
  try {
    return localStorage.getItem(ROUTER) ?? undefined;
  } catch {
    return undefined;
  }
}

const keyOf = ({ plan, drift = [] }: Made['quote']) => JSON.stringify([plan, drift]);

function show({ quote, mark: [look, text] }: Made) {
  const { plan, drift = [] } = quote;
  if (plan === undefined) return;
  [shown, isRefused] = [keyOf(quote), undefined];
  const from = sender.value.trim();
  const line = (text: string) => el('li', {}, text);
  const args = plan.args.map((arg) => {
    const [[kind, value] = ['none', null]] = Object.entries(arg);
    return line(Array.isArray(value) ? `${kind} of ${value.length} entries` : `${kind} ${String(value)}`);
  });
  body.replaceChildren(
    el('p', {}, el('span', { class: `mark ${look}` }, text)),
    el('p', {}, el('code', {}, `${plan.contract}.${plan.function}`)),
    el('p', {}, `${plan.bins} bins, ${plan.reads} of the 15 000 reads of a block. You get at least ${plan.minimum_received_atomic} units, or nothing is traded.`),
    el('p', {}, holdsText(plan)),
    el('h3', {}, 'Arguments'),
    el('ol', {}, ...args),
    el('h3', {}, 'Conditions'),
    el('ul', {}, ...plan.post_conditions.map((condition) => line(conditionText(condition, from))), line('Anything else that is sent makes it fail.')),
    el('h3', {}, 'If the market moves against it'),
    el('ul', {}, ...drift.map((one) => line(driftText(one)))),
    snippet({ name: 'As JSON', code: JSON.stringify(plan, null, 2) }),
    snippet({ name: 'As code', code: callCode(plan) }),
  );
}
