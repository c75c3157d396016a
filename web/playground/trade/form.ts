// The form: reads it into a trade and writes a trade into it.
import { byId, el } from '../view/dom.ts';
import { changedLimits, LIMITS, type LimitName, type Trade, turned } from './trade.ts';

const form = byId<HTMLFormElement>('trade');
const amountIn = byId<HTMLInputElement>('amount-in');
const amountOut = byId<HTMLInputElement>('amount-out');
const tokenIn = byId<HTMLSelectElement>('token-in');
const tokenOut = byId<HTMLSelectElement>('token-out');
const slippage = byId<HTMLInputElement>('slippage');
const slippageError = byId('slippage-error');
const presets = [...byId('slippage-presets').querySelectorAll('button')];
const limitsBox = byId<HTMLDetailsElement>('limits');

/** Why the form holds no trade; nothing is asked then. */
export type FormFault = 'no amount' | 'bad slippage';

export class TradeForm {
  #trade: Trade;
  #tokens: string[] = [];
  #counterpart = '';

  constructor(trade: Trade, onChange: () => void) {
    this.#trade = trade;
    this.show(trade);
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', (event) => {
      this.#read(event.target as HTMLElement);
      onChange();
    });
    const set = (trade: Trade) => {
      this.show(trade);
      onChange();
    };
    byId('turn').addEventListener('click', () => set(turned(this.#trade)));
    byId('reset-limits').addEventListener('click', () => set({ ...this.#trade, ...LIMITS }));
    for (const preset of presets) {
      preset.addEventListener('click', () => set({ ...this.#trade, slippage_bps: preset.dataset.bps ?? '' }));
    }
  }

  get trade(): Trade {
    return this.#trade;
  }

  get fault(): FormFault | undefined {
    if (!slippageError.hidden) return 'bad slippage';
    return this.#trade.amount.trim() === '' ? 'no amount' : undefined;
  }

  /** Offers these tokens; one that was chosen before and is not among them stays, named as unknown. */
  offer(tokens: string[]) {
    if (tokens.join() === this.#tokens.join()) return;
    this.#tokens = tokens;
    this.#fillTokens();
  }

  /** Writes a trade into the form. */
  show(trade: Trade) {
    this.#trade = { ...trade };
    this.#counterpart = '';
    this.#fillTokens();
    for (const radio of form.querySelectorAll<HTMLInputElement>('[name=mode]')) radio.checked = radio.value === trade.mode;
    this.#showAmounts(true);
    slippage.value = percentOf(trade.slippage_bps);
    for (const name of Object.keys(LIMITS) as LimitName[]) {
      const field = form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;
      if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = trade[name] === true;
      else field.value = String(trade[name]);
    }
    this.#showMarks();
  }

  /** Writes what the engine computed for the side that is not fixed; an empty text where there is no answer. */
  showCounterpart(text: string) {
    this.#counterpart = text;
    this.#showAmounts(false);
  }

  /** Marks the field of the request that was refused, if it stands in the form. */
  markField(name: string | undefined) {
    const sides = { amount_in: amountIn, amount_out: amountOut };
    for (const [side, input] of Object.entries(sides)) {
      input.closest('.side')?.classList.toggle('wrong', side === name);
      input.setAttribute('aria-invalid', String(side === name));
    }
    for (const limit of Object.keys(LIMITS)) {
      const field = form.elements.namedItem(limit) as HTMLElement;
      field.setAttribute('aria-invalid', String(limit === name));
    }
    if (name !== undefined && name in LIMITS) limitsBox.open = true;
  }

  #read(field: HTMLElement) {
    const trade = this.#trade;
    if (field === amountIn || field === amountOut) {
      trade.mode = field === amountIn ? 'exact_in' : 'exact_out';
      trade.amount = (field as HTMLInputElement).value.replace(/\s/g, '');
      for (const radio of form.querySelectorAll<HTMLInputElement>('[name=mode]')) radio.checked = radio.value === trade.mode;
      this.#showSides();
    } else if (field === slippage) {
      this.#readSlippage();
    } else if (field === tokenIn || field === tokenOut) {
      this.#readTokens(field);
    } else if (field instanceof HTMLInputElement && field.name === 'mode') {
      // The number that stands on the other side becomes the fixed one.
      trade.mode = field.value as Trade['mode'];
      if (this.#counterpart !== '') trade.amount = this.#counterpart;
      this.#counterpart = '';
      this.#showAmounts(true);
    } else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) {
      const value = field instanceof HTMLInputElement && field.type === 'checkbox' ? field.checked : field.value;
      Object.assign(trade, { [field.name]: value });
    }
    this.#showMarks();
  }

  #readTokens(changed: HTMLElement) {
    const trade = this.#trade;
    const [before_in, before_out] = [trade.token_in, trade.token_out];
    trade.token_in = tokenIn.value;
    trade.token_out = tokenOut.value;
    if (trade.token_in !== trade.token_out) return;
    // Choosing the other side's token swaps the two.
    if (changed === tokenIn) trade.token_out = before_in;
    else trade.token_in = before_out;
    this.#fillTokens();
  }

  #readSlippage() {
    const bps = bpsOf(slippage.value);
    slippageError.hidden = bps !== undefined;
    slippageError.textContent = bps === undefined ? 'Between 0 and 100 %, in steps of 0.01.' : '';
    slippage.setAttribute('aria-invalid', String(bps === undefined));
    if (bps !== undefined) this.#trade.slippage_bps = String(bps);
  }

  #fillTokens() {
    const { token_in, token_out } = this.#trade;
    for (const [select, chosen] of [[tokenIn, token_in], [tokenOut, token_out]] as const) {
      const known = this.#tokens.includes(chosen) || chosen === '';
      const names = known ? this.#tokens : [chosen, ...this.#tokens];
      select.replaceChildren(...names.map((name) => el('option', { value: name }, name)));
      select.value = chosen;
    }
  }

  #showAmounts(fixedToo: boolean) {
    const [fixed, other] = this.#trade.mode === 'exact_in' ? [amountIn, amountOut] : [amountOut, amountIn];
    if (fixedToo) fixed.value = this.#trade.amount;
    other.value = this.#counterpart;
    this.#showSides();
  }

  #showSides() {
    const exactIn = this.#trade.mode === 'exact_in';
    for (const input of [amountIn, amountOut]) fitText(input);
    amountIn.closest('.side')?.classList.toggle('computed', !exactIn);
    amountOut.closest('.side')?.classList.toggle('computed', exactIn);
    byId('note-in').textContent = exactIn ? 'exact' : 'computed';
    byId('note-out').textContent = exactIn ? 'computed' : 'exact';
  }

  #showMarks() {
    for (const preset of presets) {
      preset.setAttribute('aria-pressed', String(preset.dataset.bps === this.#trade.slippage_bps));
    }
    if (document.activeElement !== slippage) this.#readSlippage();
    const changed = changedLimits(this.#trade).length;
    byId('limits-note').textContent = changed === 0 ? 'defaults' : `${changed} changed`;
    byId('reset-limits').hidden = changed === 0;
  }
}

/** A long number is written smaller, so that all its digits are seen. */
function fitText({ value, classList }: HTMLInputElement) {
  classList.toggle('long', value.length > 11 && value.length <= 16);
  classList.toggle('longest', value.length > 16);
}

function bpsOf(text: string): number | undefined {
  const parts = /^(\d{1,3})(?:\.(\d{0,2}))?$/.exec(text.trim());
  if (parts === null) return undefined;
  const bps = Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0'));
  return bps <= 10_000 ? bps : undefined;
}

function percentOf(bps: string): string {
  return /^\d+$/.test(bps) ? String(Number(bps) / 100) : bps;
}
