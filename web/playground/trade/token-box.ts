// Chooses a token: a text field that searches a list (the combobox pattern of ARIA).
import { el } from '../view/dom.ts';

export interface TokenName {
  symbol: string;
  name: string;
}

/** More are not listed at once: who has more types a letter. */
const MOST = 60;

export class TokenBox {
  readonly #input: HTMLInputElement;
  readonly #list: HTMLElement;
  readonly #onChoose: (symbol: string) => void;
  #tokens: TokenName[] = [];
  #value = '';
  #active = -1;

  constructor(input: HTMLInputElement, list: HTMLElement, onChoose: (symbol: string) => void) {
    [this.#input, this.#list, this.#onChoose] = [input, list, onChoose];
    input.addEventListener('focus', () => input.select());
    input.addEventListener('click', () => this.#open(''));
    input.addEventListener('input', (event) => {
      // The choice is the change, not each letter.
      event.stopPropagation();
      this.#open(input.value);
    });
    input.addEventListener('keydown', (event) => this.#onKey(event));
    input.addEventListener('blur', () => this.#leave());
    // A press on the list must not take the focus from the field, or the list would go before the click.
    list.addEventListener('pointerdown', (event) => event.preventDefault());
    list.addEventListener('click', (event) => {
      const option = (event.target as HTMLElement).closest<HTMLElement>('[data-symbol]');
      if (option) this.#choose(option.dataset.symbol ?? '');
    });
  }

  get value(): string {
    return this.#value;
  }

  set value(symbol: string) {
    this.#value = symbol;
    this.#input.value = symbol;
    this.#input.size = Math.min(12, Math.max(4, symbol.length + 1));
  }

  /** Offers these tokens. */
  offer(tokens: TokenName[]) {
    this.#tokens = tokens;
    if (this.#isOpen) this.#open(this.#input.value === this.#value ? '' : this.#input.value);
  }

  get #isOpen() {
    return !this.#list.hidden;
  }

  get #options() {
    return [...this.#list.querySelectorAll<HTMLElement>('[data-symbol]')];
  }

  #open(search: string) {
    const found = searchTokens(this.#tokens, search);
    const options = found.slice(0, MOST).map(({ symbol, name }, index) =>
      el(
        'li',
        { role: 'option', id: `${this.#list.id}-${index}`, 'data-symbol': symbol, 'aria-selected': String(symbol === this.#value) },
        el('strong', {}, symbol),
        name !== symbol && el('span', {}, name),
      ),
    );
    const rest = found.length - options.length;
    const last = found.length === 0 ? 'No token has this name.' : rest > 0 ? `${rest} more: type a letter` : undefined;
    this.#list.replaceChildren(...options);
    if (last !== undefined) this.#list.append(el('li', { role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false', class: 'rest' }, last));
    this.#list.hidden = false;
    this.#input.setAttribute('aria-expanded', 'true');
    this.#activate(search === '' ? found.findIndex(({ symbol }) => symbol === this.#value) : 0);
  }

  #close() {
    this.#list.hidden = true;
    this.#active = -1;
    this.#input.setAttribute('aria-expanded', 'false');
    this.#input.removeAttribute('aria-activedescendant');
  }

  #activate(index: number) {
    const options = this.#options;
    this.#active = options.length === 0 ? -1 : Math.min(index, options.length - 1);
    options.forEach((option, at) => option.classList.toggle('active', at === this.#active));
    const active = options[this.#active];
    if (active === undefined) return this.#input.removeAttribute('aria-activedescendant');
    this.#input.setAttribute('aria-activedescendant', active.id);
    active.scrollIntoView({ block: 'nearest' });
  }

  #onKey(event: KeyboardEvent) {
    const count = this.#options.length;
    const closing = event.key === 'ArrowUp' && event.altKey;
    if (event.key === 'Escape' || closing) {
      if (this.#isOpen) event.preventDefault();
      this.value = this.#value;
      return this.#close();
    }
    if (event.key === 'Enter' || event.key === 'Tab') {
      const active = this.#options[this.#active];
      if (!this.#isOpen || active === undefined) return;
      if (event.key === 'Enter') event.preventDefault();
      return this.#choose(active.dataset.symbol ?? '');
    }
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    if (!this.#isOpen) return this.#open('');
    const to = this.#active + move;
    const around = Math.abs(move) === 1 ? (to + count) % Math.max(1, count) : Math.min(count - 1, Math.max(0, to));
    this.#activate(around);
  }

  #choose(symbol: string) {
    this.#close();
    const changed = symbol !== this.#value;
    this.value = symbol;
    this.#input.select();
    if (changed) this.#onChoose(symbol);
  }

  /** What was typed in full counts; anything else is dropped. */
  #leave() {
    if (!this.#isOpen) return;
    const typed = this.#input.value.trim().toLowerCase();
    const exact = this.#tokens.find(({ symbol }) => symbol.toLowerCase() === typed);
    this.#close();
    if (exact !== undefined && exact.symbol !== this.#value) return this.#choose(exact.symbol);
    this.value = this.#value;
  }
}

/** Finds tokens: those that begin with the text first, then those that hold it, in symbol or name. */
export function searchTokens(tokens: TokenName[], search: string): TokenName[] {
  const text = search.trim().toLowerCase();
  if (text === '') return tokens;
  const rank = ({ symbol, name }: TokenName) => {
    const [short, long] = [symbol.toLowerCase(), name.toLowerCase()];
    if (short === text) return 0;
    if (short.startsWith(text)) return 1;
    if (long.startsWith(text)) return 2;
    return short.includes(text) || long.includes(text) ? 3 : 4;
  };
  const ranked = tokens.map((token) => ({ token, rank: rank(token) })).filter(({ rank }) => rank < 4);
  // Sorting keeps the order of equals.
  return ranked.sort((a, b) => a.rank - b.rank).map(({ token }) => token);
}
