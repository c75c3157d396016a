// The form: reads it into a trade and writes a trade into it.
import { byId, button } from '../view/dom.ts';
import { addressNote } from '../words/address.ts';
import { readAmount, type Reading } from '../words/amount.ts';
import { slippageNote } from '../words/cautions.ts';
import { TokenBox, type TokenName } from './token-box.ts';
import { changedLimits, LIMITS, type LimitName, NOTHING_MORE, type Trade, turned } from './trade.ts';

const form = byId<HTMLFormElement>('trade');
const amountIn = byId<HTMLInputElement>('amount-in');
const amountOut = byId<HTMLInputElement>('amount-out');
const amountFoot = byId('amount-foot');
const readingLine = byId('reading');
const slippage = byId<HTMLInputElement>('slippage');
const slippageError = byId('slippage-error');
const presets = [...byId('slippage-presets').querySelectorAll('button')];
const limitsBox = byId<HTMLDetailsElement>('limits');

/** Why the form holds no trade; nothing is asked then. */
export interface FormFault {
  kind: 'no amount' | 'bad amount' | 'bad slippage';
  text: string;
}

export class TradeForm {
  #trade: Trade;
  /** The amount as it was typed; the trade has it as the engine takes it. */
  #typed = '';
  /** The amount as this page wrote it: plain, whatever it may mean where people write it. */
  #written = '';
  #reading: Reading = { kind: 'empty' };
  #counterpart = '';
  readonly #tokenIn: TokenBox;
  readonly #tokenOut: TokenBox;
  /** What an empty amount waits for, where it is not the reader. */
  awaited: string | undefined;

  constructor(trade: Trade, onChange: () => void) {
    this.#trade = trade;
    const box = (side: 'in' | 'out') =>
      new TokenBox(byId<HTMLInputElement>(`token-${side}`), byId(`tokens-${side}`), (symbol) => {
        this.#chooseToken(side === 'in' ? 'token_in' : 'token_out', symbol);
        onChange();
      });
    this.#tokenIn = box('in');
    this.#tokenOut = box('out');
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
    byId('reset-limits').addEventListener('click', () => set({ ...this.#trade, ...LIMITS, ...NOTHING_MORE }));
    for (const preset of presets) {
      preset.addEventListener('click', () => set({ ...this.#trade, slippage_bps: preset.dataset.bps ?? '' }));
    }
  }

  get trade(): Trade {
    return this.#trade;
  }

  get fault(): FormFault | undefined {
    if (this.#reading.kind === 'empty') return { kind: 'no amount', text: this.awaited ?? 'Enter an amount.' };
    if (this.#reading.kind === 'unread') return { kind: 'bad amount', text: this.#reading.text };
    if (bpsOf(slippage.value) === undefined) return { kind: 'bad slippage', text: 'The slippage tolerance cannot be read.' };
    return undefined;
  }

  /** Offers these tokens; one that was chosen before and is not among them stays. */
  offer(tokens: TokenName[]) {
    for (const box of [this.#tokenIn, this.#tokenOut]) box.offer(tokens);
  }

  /** Writes a trade into the form. */
  show(trade: Trade) {
    this.#trade = { ...trade };
    this.#counterpart = '';
    this.#typed = this.#written = trade.amount;
    this.#readTyped();
    this.#showTokens();
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
    this.#markAmount(this.#reading.kind === 'unread' || name === 'amount_in' || name === 'amount_out');
    for (const limit of Object.keys(LIMITS)) {
      const field = form.elements.namedItem(limit) as HTMLElement;
      field.setAttribute('aria-invalid', String(limit === name));
    }
    if (name !== undefined && name in LIMITS) limitsBox.open = true;
  }

  #read(field: HTMLElement) {
    const trade = this.#trade;
    const computed = this.#counterpart;
    // It was computed for what stood here before.
    this.#counterpart = '';
    if (field === amountIn || field === amountOut) {
      trade.mode = field === amountIn ? 'exact_in' : 'exact_out';
      this.#typed = (field as HTMLInputElement).value;
      this.#readTyped();
      for (const radio of form.querySelectorAll<HTMLInputElement>('[name=mode]')) radio.checked = radio.value === trade.mode;
      this.#showSides();
    } else if (field === slippage) {
      this.#readSlippage();
    } else if (field instanceof HTMLInputElement && field.name === 'mode') {
      // The number that was computed for the other side becomes the fixed one. Without it there is none: 1 BTC is not 1 USDC.
      trade.mode = field.value as Trade['mode'];
      this.#typed = this.#written = computed;
      this.#readTyped();
      this.#showAmounts(true);
    } else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) {
      const value = field instanceof HTMLInputElement && field.type === 'checkbox' ? field.checked : field.value;
      Object.assign(trade, { [field.name]: value });
    }
    this.#showMarks();
  }

  #chooseToken(side: 'token_in' | 'token_out', symbol: string) {
    const other = side === 'token_in' ? 'token_out' : 'token_in';
    // Choosing the other side's token swaps the two.
    if (this.#trade[other] === symbol) this.#trade[other] = this.#trade[side];
    this.#trade[side] = symbol;
    this.#showTokens();
    // A number of the token before is none of this one, not for a moment.
    this.showCounterpart('');
  }

  #showTokens() {
    this.#tokenIn.value = this.#trade.token_in;
    this.#tokenOut.value = this.#trade.token_out;
  }

  #readTyped() {
    this.#reading = readAmount(this.#typed);
    if (this.#typed !== this.#written) this.#written = '';
    else if (this.#reading.kind === 'amount' && this.#reading.other !== undefined) this.#reading = { kind: 'amount', amount: this.#reading.amount };
    this.#trade.amount = this.#reading.kind === 'amount' ? this.#reading.amount : this.#typed.trim();
    this.#showReading();
  }

  /** Says at the field how the amount was read, or why it was not and what it may mean. */
  #showReading() {
    const reading = this.#reading;
    const unread = reading.kind === 'unread';
    const text = unread ? reading.text : reading.kind === 'amount' ? (reading.note ?? '') : '';
    readingLine.classList.toggle('wrong', unread);
    if (readingLine.dataset.text !== text) {
      const meant = unread ? reading.meant : reading.kind === 'amount' && reading.other !== undefined ? [reading.other] : [];
      const ways = meant.map((amount) => button(amount, 'quiet', () => this.#take(amount)));
      readingLine.replaceChildren(text, ...ways.flatMap((way) => [' ', way]));
      readingLine.dataset.text = text;
    }
    this.#markAmount(unread);
  }

  /** Takes a reading that was offered, as if it had been typed. */
  #take(amount: string) {
    const [fixed] = this.#sides();
    this.#written = amount;
    fixed.value = amount;
    fixed.focus();
    fixed.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /** The side that is fixed, and the other. */
  #sides(): [HTMLInputElement, HTMLInputElement] {
    return this.#trade.mode === 'exact_in' ? [amountIn, amountOut] : [amountOut, amountIn];
  }

  #markAmount(wrong: boolean) {
    const [fixed, other] = this.#sides();
    for (const input of [fixed, other]) {
      const marked = wrong && input === fixed;
      input.closest('.side')?.classList.toggle('wrong', marked);
      input.setAttribute('aria-invalid', String(marked));
    }
  }

  #readSlippage() {
    const bps = bpsOf(slippage.value);
    const note = bps === undefined ? { grave: true, text: 'Between 0 and 100 %, in steps of 0.01.' } : slippageNote(bps);
    slippageError.textContent = note?.text ?? '';
    slippageError.classList.toggle('mild', note?.grave === false);
    slippage.setAttribute('aria-invalid', String(bps === undefined));
    if (bps !== undefined) this.#trade.slippage_bps = String(bps);
  }

  #showAmounts(fixedToo: boolean) {
    const [fixed, other] = this.#sides();
    if (fixedToo) fixed.value = this.#typed;
    other.value = this.#counterpart;
    this.#showSides();
  }

  #showSides() {
    const exactIn = this.#trade.mode === 'exact_in';
    for (const input of [amountIn, amountOut]) fitText(input);
    amountIn.closest('.side')?.classList.toggle('computed', !exactIn);
    amountOut.closest('.side')?.classList.toggle('computed', exactIn);
    const [fixed] = this.#sides();
    const side = fixed.closest('.side');
    if (amountFoot.parentElement !== side) side?.append(amountFoot);
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
    byId('address-note').textContent = addressNote(this.#trade);
  }
}

/** A number that does not fit is written smaller, so that all its digits are seen. */
function fitText(input: HTMLInputElement) {
  const { classList } = input;
  classList.remove('long', 'longest');
  for (const smaller of ['long', 'longest']) {
    if (input.scrollWidth <= input.clientWidth) return;
    classList.remove('long');
    classList.add(smaller);
  }
}

function bpsOf(text: string): number | undefined {
  const parts = /^(\d{1,3})(?:[.,](\d{0,2}))?$/.exec(text.replace(/[\s%]/g, ''));
  if (parts === null) return undefined;
  const bps = Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0'));
  return bps <= 10_000 ? bps : undefined;
}

function percentOf(bps: string): string {
  return /^\d+$/.test(bps) ? String(Number(bps) / 100) : bps;
}
