// The request on screen as code to take along.
import { queryOf } from '../trade/link.ts';
import { requestOf, type Trade } from '../trade/trade.ts';
import { curlOf, typescriptOf } from '../words/snippets.ts';
import { button, byId, el } from './dom.ts';

const body = byId('code-body');

interface Snippet {
  name: string;
  code: string;
}

/** Shows the request of a trade as a curl line, as TypeScript over the snapshot at `address`, and as a link to this page. */
export function showSnippets(trade: Trade, address: string) {
  const request = requestOf(trade);
  const snippets: Snippet[] = [
    { name: 'curl', code: curlOf(location.origin, request) },
    { name: 'TypeScript', code: typescriptOf(location.origin, request, address) },
    { name: 'Link to this quote', code: `${location.origin}/${queryOf(trade)}` },
  ];
  if (body.childElementCount === 0) body.append(...snippets.map(snippet));
  snippets.forEach(({ code }, index) => {
    const shown = body.children[index]?.querySelector('code');
    if (shown && shown.textContent !== code) shown.textContent = code;
  });
}

/** A piece of code with a button that copies it. */
export function snippet({ name, code }: Snippet): HTMLElement {
  const shown = el('code', {}, code);
  const copy: HTMLButtonElement = button('Copy', 'quiet', async () => {
    copy.textContent = (await copied(shown)) ? 'Copied' : 'Select and copy';
    setTimeout(() => (copy.textContent = 'Copy'), 2000);
  });
  copy.setAttribute('aria-label', `Copy: ${name}`);
  const top = el('div', { class: 'snippet-top' }, el('h3', {}, name), copy);
  return el('div', { class: 'snippet' }, top, el('pre', { tabindex: 0, role: 'region', 'aria-label': name }, shown));
}

async function copied(code: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(code.textContent ?? '');
    return true;
  } catch {
    // Not allowed: the text is selected, and the reader's own copy works.
    getSelection()?.selectAllChildren(code);
    return false;
  }
}
