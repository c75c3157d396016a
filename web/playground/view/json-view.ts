// The answer as JSON, as it came: no digit is touched.
import type { Outcome } from '../quote/answer.ts';
import { indented } from '../words/json.ts';
import { byId } from './dom.ts';
import { snippet } from './snippets.ts';

const body = byId('json-body');
const box = byId<HTMLDetailsElement>('json');
let latest: string | Outcome | undefined;

// Written only where it is looked at: an answer of many steps is long.
box.addEventListener('toggle', () => draw());

/** Shows the text that the edge sent, or what the browser computed while it has not. */
export function showJson(answer: string | Outcome) {
  latest = answer;
  draw();
}

function draw() {
  if (!box.open || latest === undefined) return;
  const code = textOf(latest);
  const shown = body.querySelector('code');
  if (shown === null) body.replaceChildren(snippet({ name: 'Answer as JSON', code }));
  else if (shown.textContent !== code) shown.textContent = code;
}

function textOf(answer: string | Outcome): string {
  if (typeof answer === 'string') return indented(answer);
  if (answer.kind === 'quote') return JSON.stringify(answer.quote, null, 2);
  return answer.kind === 'refusal' ? JSON.stringify({ success: false, error: answer.refusal }, null, 2) : answer.reason;
}
