// The edge's answer beside the browser's: equal or not, and how long each took.
import type { Outcome } from '../quote/answer.ts';
import type { Comparison, Difference } from '../quote/compare.ts';
import type { Check } from '../quote/check.ts';
import { exact } from '../words/numbers.ts';
import { sourceOf } from '../words/source.ts';
import { took } from '../words/time.ts';
import { verdictOf } from '../words/verdict.ts';
import { byId, el } from './dom.ts';
import { holdHeight, releaseHeight } from './height.ts';

const body = byId('check-body');
const SHOWN = 12;
const places = el('div', { class: 'compare' });
const verdict = el('div', { class: 'verdict', role: 'status' });
const differences = el('div', {});
const proof = el('div', { class: 'verdict', role: 'status' });
const buttons = el('div', { class: 'buttons' });
body.append(verdict, places, differences, buttons, proof);
verdict.append(el('span', { class: 'mark' }, 'Asking the edge …'));
places.append(placeOf('Edge', undefined, sourceOf(undefined), false), placeOf('This browser', undefined, 'no snapshot yet', false));

/** Puts the controls of the check into its card. */
export function setControls(...controls: HTMLElement[]) {
  buttons.replaceChildren(...controls);
}

export interface BothAnswers {
  edge: Outcome | undefined;
  browser: Outcome | undefined;
  comparison: Comparison | undefined;
  /** What the browser quotes from, in words. */
  held: string;
  /** Whether the edge's snapshot changed between the two; `undefined` where it did not say. */
  moved: boolean | undefined;
}

/** Shows what both places answered; `undefined`: nothing was asked. */
export function showComparison(answers: BothAnswers | undefined) {
  if (answers === undefined) {
    holdHeight(body);
    verdict.dataset.verdict = '';
    verdict.replaceChildren(el('span', { class: 'mark' }, 'Nothing to compare'));
    places.replaceChildren();
    return differences.replaceChildren();
  }
  releaseHeight(body);
  const { edge, browser, comparison, held, moved } = answers;
  // Where the two agree the quote has said it all; what each gave is of interest where they do not.
  const apart = comparison === undefined ? edge !== undefined : comparison.differences.length > 0;
  places.replaceChildren(
    placeOf('Edge', edge, sourceOf(edge), apart),
    placeOf('This browser', browser, held, apart),
  );
  // A verdict of two lines goes for a moment while the edge is asked.
  if (edge === undefined) holdHeight(verdict);
  else releaseHeight(verdict);
  const [look, mark, text] = verdictOf(edge, browser, comparison, moved);
  verdict.dataset.verdict = look;
  const shown = `${mark}${text}`;
  if (verdict.textContent !== shown) {
    verdict.replaceChildren(el('span', { class: `mark ${look}` }, mark), el('span', { class: 'explains' }, text));
  }
  differences.replaceChildren(...(comparison && look === 'differs' ? [tableOf(comparison.differences)] : []));
}

function placeOf(name: string, outcome: Outcome | undefined, source: string, withAmount: boolean) {
  // A place without its Redis has nothing live.
  const lacksState = outcome?.kind === 'silence' || (outcome?.kind === 'refusal' && outcome.refusal.code.startsWith('REDIS_'));
  const time = !outcome || lacksState ? '' : outcome.ms === undefined ? 'live' : took(outcome.ms);
  return el(
    'div',
    { class: 'place', 'data-place': name === 'Edge' ? 'edge' : 'browser' },
    el('h3', {}, name, el('span', { class: 'time' }, time)),
    withAmount && el('p', { class: 'amount' }, amountOf(outcome)),
    el('p', {}, outcome?.kind === 'silence' ? outcome.reason : lacksState ? 'without its Redis' : source),
  );
}

function amountOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'waiting';
  if (outcome.kind === 'silence') return 'no answer';
  if (outcome.kind === 'refusal') return outcome.refusal.code;
  const { mode, amount_in, amount_out, token_in, token_out } = outcome.quote;
  return mode === 'exact_in' ? `${exact(amount_out)} ${token_out}` : `${exact(amount_in)} ${token_in}`;
}

function tableOf(list: Difference[]) {
  const rows = list.slice(0, SHOWN).map(({ path, edge, browser }) =>
    el('tr', {}, el('th', { scope: 'row' }, path), el('td', {}, edge ?? '–'), el('td', {}, browser ?? '–')),
  );
  const head = ['Field', 'Edge', 'Browser'].map((name) => el('th', { scope: 'col' }, name));
  const more = list.length > SHOWN ? `The first ${SHOWN} of ${list.length} fields that differ` : 'Fields that differ';
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': more },
    el('table', {}, el('caption', {}, more), el('thead', {}, el('tr', {}, ...head)), el('tbody', {}, ...rows)),
  );
}

/** Shows what came of checking the edge's answer against its own state. */
export function showProof(check: Check | 'working' | undefined) {
  proof.replaceChildren(...(check === undefined ? [] : proofOf(check)));
}

function proofOf(check: Check | 'working'): Node[] {
  const line = (look: string, mark: string, text: string) => [
    el('span', { class: `mark ${look}` }, mark),
    el('span', { class: 'explains' }, text),
  ];
  if (check === 'working') return line('', 'Verifying', 'Asking the edge for the state it used.');
  if (check.kind === 'refused') return line('', 'Nothing to verify', check.reason);
  if (check.kind === 'verified') {
    return line('equal', 'Verified', `Your browser computed the edge's quote again from the state that the edge used, in ${took(check.ms)}: every digit is the same. ${check.digest}`);
  }
  const [first] = check.differences;
  const where = first === undefined ? 'The digest does not fit the quote.' : `${first.path} is ${first.given ?? 'missing'}, computed ${first.computed ?? 'nothing'}.`;
  return line('broken', 'Not the same', where);
}
