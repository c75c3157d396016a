// The card "Transaction": the call that executes the quote on screen, for a sender that the reader names.
import type { Drift, Plan } from 'dlmm-quote/slim';
import type { Outcome } from '../quote/answer.ts';
import { compare } from '../quote/compare.ts';
import { askEdge } from '../quote/edge.ts';
import type { LocalEngine } from '../quote/local.ts';
import { requestOf, type Trade } from '../trade/trade.ts';
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
  local: LocalEngine;
  decimalsOf: DecimalsOf;
}

type Made = { quote: { plan?: Plan; drift?: Drift[] }; mark: [look: string, text: string] };

let input: TransactionInput | undefined;
let asked = new AbortController();
/** What is shown now, to keep it where nothing has changed. */
let shown = '';

/** Prepares the transaction of the trade on screen when the reader asks for it. Nothing is signed or sent. */
export function startTransaction(given: TransactionInput) {
  input = given;
  const known = stored();
  if (known !== undefined) given.local.useRouter(known);
  byId<HTMLFormElement>('plan-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void prepare(given);
  });
}

/** Makes the transaction that is shown anew, in this browser, for the quote that is now on screen. */
export function renewPlan() {
  if (input === undefined || shown === '' || sender.value.trim() === '') return;
  const { trade, local } = input;
  const outcome = local.ask(requestWithPlan(trade()));
  // A refusal is the quote's own and stands there; the last plan must not stay as if it were good.
  if (outcome.kind === 'quote') show({ quote: outcome.quote, mark: ['', 'Made in your browser'] });
  else {
    shown = ' ';
    body.replaceChildren(el('p', { class: 'hint' }, 'There is no transaction for the trade on screen.'));
  }
}

const requestWithPlan = (trade: Trade) => ({ ...requestOf(trade), plan: { sender: sender.value.trim(), mode: mode.value } });

async function prepare({ trade, local, decimalsOf }: TransactionInput) {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const request = requestWithPlan(trade());
  const here = local.ask(request);
  if (here.kind === 'quote') show({ quote: here.quote, mark: ['', 'Made in your browser'] });
  else body.replaceChildren(el('p', { class: 'waiting' }, 'Asking …'));
  let edge: Outcome;
  try {
    edge = await askEdge(request, signal);
  } catch {
    return;
  }
  if (edge.kind === 'quote') {
    const { plan } = edge.quote;
    if (plan !== undefined) learn(plan.contract, local);
    const comparison = compare(edge, local.ask(request));
    show({ quote: edge.quote, mark: comparison === undefined ? ['', 'Made by the edge'] : comparison.differences.length === 0 ? ['equal', 'Checked in your browser: identical'] : ['differs', 'Checked in your browser: different'] });
  } else if (edge.kind === 'refusal') {
    const { title, text } = explainRefusal(edge.refusal, trade(), decimalsOf);
    shown = '';
    body.replaceChildren(el('p', { class: 'refusal', 'data-code': edge.refusal.code }, `${title} ${text}`));
  } else if (here.kind !== 'quote') body.replaceChildren(el('p', { class: 'refusal' }, `No transaction: ${capital(edge.reason)}.`));
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

function show({ quote: { plan, drift = [] }, mark: [look, text] }: Made) {
  if (plan === undefined) return;
  const now = JSON.stringify([plan, drift, text]);
  if (now === shown) return;
  shown = now;
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
