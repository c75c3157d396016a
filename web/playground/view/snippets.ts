// The request on screen as code to take along.
import { queryOf } from '../trade/link.ts';
import { requestOf, type QuoteRequest, type Trade } from '../trade/trade.ts';
import { button, byId, el } from './dom.ts';

const body = byId('code-body');

interface Snippet {
  name: string;
  code: string;
}

/** Shows the request of a trade as a curl line, as TypeScript, and as a link to this page. */
export function showSnippets(trade: Trade) {
  const snippets: Snippet[] = [
    { name: 'curl', code: curl(requestOf(trade)) },
    { name: 'TypeScript', code: typescript(requestOf(trade)) },
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

function curl(request: QuoteRequest): string {
  const json = JSON.stringify(request).replaceAll("'", String.raw`'\''`);
  return `curl -s ${location.origin}/quote -H 'content-type: application/json' \\\n  -d '${json}'`;
}

function typescript(request: QuoteRequest): string {
  const fields = Object.entries(request).map(([name, value]) => `  ${name}: ${literal(value)},`);
  const amount = 'amount_out' in request ? 'maximum_sent' : 'minimum_received';
  return [
    "import { QuoteEngine } from 'dlmm-quote';",
    '',
    `using engine = await QuoteEngine.fromUrl('${location.origin}/snapshot');`,
    'const quote = engine.quote({',
    ...fields,
    '});',
    `console.log(quote.amount_in, quote.amount_out, quote.${amount});`,
  ].join('\n');
}

const literal = (value: QuoteRequest[string]) => {
  const json = JSON.stringify(value);
  // Single quotes, as the rest of the snippet; a text with one inside keeps its JSON form.
  return typeof value === 'string' && !value.includes("'") && !value.includes('\\') ? `'${value}'` : json.replaceAll('","', '", "');
};
