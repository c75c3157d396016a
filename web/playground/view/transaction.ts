// The card "Transaction": the call that executes the quote on screen, for a sender that the reader names.
import type { Drift, Plan } from 'dlmm-quote/slim';
import type { Outcome } from '../quote/answer.ts';
import { askEdge } from '../quote/edge.ts';
import { requestOf, type Trade } from '../trade/trade.ts';
import { capital, type DecimalsOf, explainRefusal } from '../words/refusals.ts';
import { callCode, conditionText, driftText, holdsText } from '../words/transaction.ts';
import { byId, el } from './dom.ts';
import { snippet } from './snippets.ts';

const body = byId('transaction-body');
const sender = byId<HTMLInputElement>('plan-sender');
const mode = byId<HTMLSelectElement>('plan-mode');

/** Prepares the transaction of the trade on screen when the reader asks for it. Nothing is signed or sent. */
export function startTransaction(tradeNow: () => Trade, decimalsOf: DecimalsOf) {
  let asked = new AbortController();
  byId<HTMLFormElement>('plan-form').addEventListener('submit', (event) => {
    event.preventDefault();
    asked.abort();
    asked = new AbortController();
    void prepare(tradeNow(), asked.signal, decimalsOf);
  });
}

async function prepare(trade: Trade, signal: AbortSignal, decimalsOf: DecimalsOf) {
  body.replaceChildren(el('p', { class: 'waiting' }, 'Asking …'));
  const plan = { sender: sender.value.trim(), mode: mode.value };
  let outcome: Outcome;
  try {
    outcome = await askEdge({ ...requestOf(trade), plan }, signal);
  } catch {
    return;
  }
  if (outcome.kind === 'quote') showPlan(outcome.quote as { plan?: Plan; drift?: Drift[] }, plan.sender);
  else if (outcome.kind === 'refusal') {
    const { title, text } = explainRefusal(outcome.refusal, trade, decimalsOf);
    body.replaceChildren(el('p', { class: 'refusal', 'data-code': outcome.refusal.code }, `${title} ${text}`));
  } else body.replaceChildren(el('p', { class: 'refusal' }, `No transaction: ${capital(outcome.reason)}.`));
}

function showPlan({ plan, drift = [] }: { plan?: Plan; drift?: Drift[] }, from: string) {
  if (plan === undefined) return;
  const line = (text: string) => el('li', {}, text);
  const args = plan.args.map((arg) => {
    const [[kind, value] = ['none', null]] = Object.entries(arg);
    return line(Array.isArray(value) ? `${kind} of ${value.length} entries` : `${kind} ${String(value)}`);
  });
  body.replaceChildren(
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
