// Asks for the API key where the edge wants one.
import { useKey, watchEntry, type Entry } from '../state/api-key.ts';
import { byId } from './dom.ts';

const form = byId<HTMLFormElement>('key');
const field = byId<HTMLInputElement>('key-text');
const line = byId('key-line');

const LINES: Record<Exclude<Entry, 'open'>, string> = {
  'key needed': 'This edge asks for an API key. Enter yours: it stays in this tab and is sent to this site only.',
  'key refused': 'The edge does not know this key. Check it and enter it again.',
};

/** Shows the form whenever the edge refuses for want of a key; `onKey` runs once one was entered. */
export function startKeyForm(onKey: () => void) {
  watchEntry((entry) => {
    form.hidden = entry === 'open';
    if (entry !== 'open' && line.textContent !== LINES[entry]) line.textContent = LINES[entry];
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    useKey(field.value);
    field.value = '';
    onKey();
  });
}
