// One round of quoting: ask the browser and the edge, compare, show.
import { withAgesOf } from './quote/age.ts';
import type { Outcome, Quote } from './quote/answer.ts';
import { agree, isSame, Recent } from './quote/agreement.ts';
import { BrowserEngine } from './quote/browser.ts';
import { checkEdge } from './quote/check.ts';
import { compare } from './quote/compare.ts';
import { askEdge } from './quote/edge.ts';
import { History } from './quote/history.ts';
import { answersTo, type Way } from './quote/live.ts';
import type { LocalEngine } from './quote/local.ts';
import type { TokenNames } from './state/token-names.ts';
import type { TradeForm } from './trade/form.ts';
import { queryOf } from './trade/link.ts';
import { requestOf, type Trade } from './trade/trade.ts';
import { showPictures } from './pictures.ts';
import { showComparison, showProof } from './view/comparison.ts';
import { showConnection, showWay } from './view/connection.ts';
import { showHistory } from './view/history-line.ts';
import { showJson } from './view/json-view.ts';
import { showOutcome, showText } from './view/result.ts';
import { showSnippets } from './view/snippets.ts';
import { renewPlan } from './view/transaction.ts';
import { exact } from './words/numbers.ts';
import { duration } from './words/time.ts';

export class Session {
  readonly #form: TradeForm;
  readonly #local: LocalEngine;
  readonly #names: TokenNames;
  #round = new AbortController();
  #edge: (Outcome & { text?: string }) | undefined;
  /** Whether the edge has another snapshot than the one that was compared first; `undefined` where it did not say. */
  #moved: boolean | undefined;
  #followed = new AbortController();
  #asked = 0;
  #asking = 0;
  #checking: ReturnType<typeof setTimeout> | undefined;
  /** Answers of this browser to the trade on screen. */
  readonly #recent = new Recent();
  #redraw: ReturnType<typeof setTimeout> | undefined;
  #way: Way | undefined;
  readonly #history = new History();

  /** Whether answers come by a stream; else somebody calls `refresh`. */
  isLive = true;

  constructor(form: TradeForm, local: LocalEngine, names: TokenNames) {
    this.#form = form;
    this.#local = local;
    this.#names = names;
  }

  /** The reader is changing the trade: what is on its way belongs to the one before. */
  leave() {
    this.#round.abort();
    this.#followed.abort();
    this.#edge = undefined;
  }

  /** Asks anew after the trade has changed. */
  async ask(): Promise<void> {
    const { trade, fault } = this.#form;
    const asked = (this.#asked += 1);
    // A link whose amount cannot be read yet stays as it is.
    if (fault?.kind !== 'no amount') history.replaceState(null, '', trade.token_in === '' ? '/' : `/${queryOf(trade)}`);
    showSnippets(trade, this.#local.address);
    showProof(undefined);
    this.leave();
    this.#recent.clear();
    // What was heard was of another trade.
    if (this.isLive) this.#setWay(undefined);
    if (fault !== undefined || trade.token_in === '') return this.#showNothing();
    // The browser's answer is there at once; the edge's replaces it when it comes.
    const browser = this.#local.ask(requestOf(trade));
    if (browser.kind !== 'silence') this.#show(browser, browser);
    else this.#showWaiting(browser);
    if (this.isLive) this.#local.follow(trade, () => this.marketMoved());
    await this.refresh();
    // Another trade may have been asked for meanwhile.
    if (this.isLive && asked === this.#asked) void this.#follow();
  }

  /** Asks again for the same trade. */
  async refresh(): Promise<void> {
    const { trade, fault } = this.#form;
    if (fault !== undefined || trade.token_in === '') return;
    this.#round.abort();
    const round = (this.#round = new AbortController());
    this.#asking += 1;
    try {
      const edge = await askEdge(requestOf(trade), round.signal).finally(() => (this.#asking -= 1));
      await this.#answered(edge, round.signal);
      // What was refused for good may be allowed since.
      if (this.isLive && this.#way?.state === 'refused' && edge.kind === 'quote') void this.#follow();
    } catch (error) {
      if (!round.signal.aborted) throw error;
    }
  }

  /** Whether an answer of the edge is awaited. */
  get isAsking(): boolean {
    return this.#asking > 0;
  }

  /** Whether the edge tells of changes by itself just now. */
  get hearsChanges(): boolean {
    return this.isLive && this.#way?.state === 'live';
  }

  /** Follows nothing until the next `ask`. */
  rest(way: 'by hand' | 'every 30 s' | undefined) {
    this.#followed.abort();
    this.#local.unfollow();
    this.#recent.clear();
    this.#way = undefined;
    showWay(way);
  }

  #setWay(way: Way | undefined) {
    this.#way = way;
    showWay(way);
  }

  /** Shows each answer that the edge sends, until the trade changes. */
  async #follow() {
    const { trade } = this.#form;
    this.#followed.abort();
    const { signal } = (this.#followed = new AbortController());
    for await (const answer of answersTo(requestOf(trade), signal, (way) => this.#setWay(way))) {
      // The first is mostly what was just asked for; that one has its text and its time.
      if (this.#edge !== undefined && isSame(this.#edge, answer)) {
        this.renew();
        continue;
      }
      this.#round.abort();
      const round = (this.#round = new AbortController());
      await this.#answered(answer, AbortSignal.any([round.signal, signal])).catch((error) => {
        if (!round.signal.aborted && !signal.aborted) throw error;
      });
    }
  }

  /** Shows what the edge answered, and how it compares with what this browser has for the same state. */
  async #answered(edge: Outcome & { text?: string }, signal: AbortSignal) {
    const { trade } = this.#form;
    this.#edge = edge;
    const here = this.#local.ask(requestOf(trade));
    // The number is the edge's, and is shown before it is checked. The verdict on the one before stays for a moment.
    if (!isSame(edge, here) && edge.kind !== 'silence') this.#show(edge, undefined);
    const { browser, moved } = await agree(edge, trade, this.#local, this.#recent, signal);
    signal.throwIfAborted();
    this.#moved = moved;
    this.#show(edge.kind === 'silence' ? browser : agedBy(browser, edge), browser);
    showSnippets(trade, this.#local.address);
  }

  /** The pools that are followed have moved: pictures and ages with them, also where the answer is the same. */
  marketMoved() {
    const { trade, fault } = this.#form;
    if (fault === undefined && trade.token_in !== '') this.#recent.keep(this.#local.ask(requestOf(trade)));
    clearTimeout(this.#redraw);
    this.#redraw = setTimeout(() => this.renew(), REDRAW_MS);
  }

  /** Shows the last answer of the edge again, with ages and pictures as they are now. */
  renew() {
    const { trade, fault } = this.#form;
    this.renewWay();
    this.#drawHistory();
    if (this.#edge === undefined || fault !== undefined) return;
    const browser = this.#local.ask(requestOf(trade));
    // Where the two agree no more, an answer of the edge is on its way.
    if (isSame(this.#edge, browser)) this.#show(agedBy(browser, this.#edge), browser);
  }

  /** Says how long nobody was heard by now. */
  renewWay() {
    if (this.#way !== undefined) showWay(this.#way);
  }

  /** Verifies the edge's answer against the state that it used. */
  async verify(): Promise<void> {
    showProof('working');
    const { signal } = this.#round;
    try {
      const check = await checkEdge(requestOf(this.#form.trade), BrowserEngine, signal);
      showProof(check);
    } catch (error) {
      if (!signal.aborted) throw error;
      showProof(undefined);
    }
  }

  /** Changes the trade as if the reader had. */
  apply(change: Partial<Trade>) {
    this.#form.show({ ...this.#form.trade, ...change });
    void this.ask();
  }

  /** Applies what is offered for the trade on screen now, for as long as it has the same sides: an amount is of one token. */
  #offering(): (change: Partial<Trade>) => void {
    const { mode, token_in, token_out } = this.#form.trade;
    return (change) => {
      const { trade } = this.#form;
      const isOfAnother = trade.token_in !== token_in || trade.token_out !== token_out;
      // A change that sets the mode says itself which side its amount is of.
      if (!isOfAnother && (change.mode !== undefined || trade.mode === mode)) this.apply(change);
    };
  }

  #drawHistory() {
    showHistory(this.#history, this.#form.trade);
  }

  /** Without `browser` the check is under way. */
  #show(primary: Outcome, browser: Outcome | undefined) {
    const { trade } = this.#form;
    const { confirmedAt } = this.#local;
    const quote = primary.kind === 'quote' ? primary.quote : undefined;
    if (this.#edge !== undefined) this.#history.note(queryOf(trade), quote && Number(trade.mode === 'exact_in' ? quote.amount_out : quote.amount_in));
    this.#drawHistory();
    showOutcome(primary, { trade, decimalsOf: (token) => this.#names.decimalsOf(token), apply: this.#offering(), market: this.#local.market });
    this.#form.showCounterpart(quote === undefined ? '' : plain(trade.mode === 'exact_in' ? quote.amount_out : quote.amount_in));
    const refusal = primary.kind === 'refusal' ? primary.refusal : undefined;
    this.#form.markField(refusal?.code === 'INVALID_REQUEST' ? String(refusal.details.field) : undefined);
    this.#showPictures(quote);
    const edge = this.#edge;
    showJson(edge?.text ?? primary);
    const held = this.#local.isLive(requestOf(trade)) ? 'follows the edge, change by change' : heldText(confirmedAt);
    clearTimeout(this.#checking);
    if (browser !== undefined) showComparison({ edge, browser, comparison: edge && compare(edge, browser), held, moved: this.#moved });
    else this.#checking = setTimeout(() => showComparison({ edge, browser, comparison: undefined, held, moved: undefined }), CHECKING_MS);
    if (edge !== undefined) showConnection(edge, this.#local);
    renewPlan();
  }

  #showPictures(quote: Quote | undefined) {
    const { trade } = this.#form;
    showPictures({ quote, trade: { ...trade }, local: this.#local, decimalsOf: (token) => this.#names.decimalsOf(token), apply: this.#offering() });
  }

  /** Nothing is known of this trade before the edge answers; what another one gave must not pass for it. */
  #showWaiting(browser: Outcome) {
    clearTimeout(this.#checking);
    this.#form.showCounterpart('');
    this.#form.markField(undefined);
    showText('Asking the edge …');
    showJson({ kind: 'silence', reason: 'Asking the edge …' });
    this.#showPictures(undefined);
    this.#history.begin(queryOf(this.#form.trade));
    this.#drawHistory();
    showComparison({ edge: undefined, browser, comparison: undefined, held: 'no snapshot yet', moved: undefined });
    renewPlan();
  }

  #showNothing() {
    const { fault, trade } = this.#form;
    this.#round.abort();
    clearTimeout(this.#checking);
    this.#form.showCounterpart('');
    this.#form.markField(undefined);
    if (this.isLive && fault !== undefined) showWay('nothing');
    showJson({ kind: 'silence', reason: 'Nothing is asked.' });
    showText(fault?.text ?? (trade.token_in === '' ? this.#names.emptiness : 'Choose two tokens.'));
    this.#showPictures(undefined);
    this.#history.note('', undefined);
    this.#drawHistory();
    showComparison(undefined);
    renewPlan();
  }
}

/** The edge's answer with the ages of now, where this browser answered from the same state. */
function agedBy(browser: Outcome, edge: Outcome): Outcome {
  if (edge.kind !== 'quote' || browser.kind !== 'quote' || !isSame(edge, browser)) return edge;
  return { ...edge, quote: withAgesOf(edge.quote, browser.quote) };
}

/** A check that takes longer than this is said to be under way. */
const CHECKING_MS = 600;

/** A block moves many bins: they are drawn once. */
const REDRAW_MS = 250;

function heldText(confirmedAt: number | undefined): string {
  if (confirmedAt === undefined) return 'no snapshot yet';
  const ms = Date.now() - confirmedAt;
  return ms < 1000 ? 'snapshot, confirmed just now' : `snapshot, confirmed ${duration(ms)} ago`;
}

/** For an input: digits only. */
const plain = (text: string) => exact(text).replace(/\s/g, '');
