// One round of quoting: ask the browser and the edge, compare, show.
import type { Outcome, Quote } from './quote/answer.ts';
import { BrowserEngine } from './quote/browser.ts';
import { checkEdge } from './quote/check.ts';
import { compare } from './quote/compare.ts';
import { askEdge } from './quote/edge.ts';
import type { LocalEngine } from './quote/local.ts';
import type { TokenNames } from './state/token-names.ts';
import type { TradeForm } from './trade/form.ts';
import { queryOf } from './trade/link.ts';
import { requestOf, type Trade } from './trade/trade.ts';
import { showPictures } from './pictures.ts';
import { showComparison, showProof } from './view/comparison.ts';
import { showConnection } from './view/connection.ts';
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

  constructor(form: TradeForm, local: LocalEngine, names: TokenNames) {
    this.#form = form;
    this.#local = local;
    this.#names = names;
  }

  /** Asks anew after the trade has changed. */
  async ask(): Promise<void> {
    const { trade, fault } = this.#form;
    history.replaceState(null, '', trade.token_in === '' ? '/' : `/${queryOf(trade)}`);
    showSnippets(trade, this.#local.address);
    showProof(undefined);
    this.#edge = undefined;
    if (fault !== undefined || trade.token_in === '') return this.#showNothing();
    // The browser's answer is there at once; the edge's replaces it when it comes.
    const request = requestOf(trade);
    const browser = this.#local.ask(request);
    if (browser.kind !== 'silence') this.#show(browser, browser);
    await this.refresh();
  }

  /** Asks again for the same trade. */
  async refresh(): Promise<void> {
    const { trade, fault } = this.#form;
    if (fault !== undefined || trade.token_in === '') return;
    this.#round.abort();
    const round = (this.#round = new AbortController());
    try {
      const request = requestOf(trade);
      const edge = await askEdge(request, round.signal);
      let browser = this.#local.ask(request);
      if (compare(edge, browser)?.differences.length !== 0 && edge.kind !== 'silence') {
        // Shown before the snapshot is here, which may take longer than the answer.
        if (browser.kind === 'silence') this.#showBoth(edge, browser);
        // Redis may have moved since the snapshot: with a new one both look at the same state.
        const refreshed = await this.#local.refresh(trade);
        this.#moved = refreshed.ok ? refreshed.changed : undefined;
        round.signal.throwIfAborted();
        browser = this.#local.ask(request);
      }
      this.#showBoth(edge, browser);
      showSnippets(trade, this.#local.address);
    } catch (error) {
      if (!round.signal.aborted) throw error;
    }
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

  #showBoth(edge: Outcome & { text?: string }, browser: Outcome) {
    this.#edge = edge;
    this.#show(edge.kind === 'silence' ? browser : edge, browser);
  }

  #show(primary: Outcome, browser: Outcome) {
    const { trade } = this.#form;
    const { confirmedAt } = this.#local;
    const quote = primary.kind === 'quote' ? primary.quote : undefined;
    showOutcome(primary, { trade, decimalsOf: (token) => this.#names.decimalsOf(token), apply: (change) => this.apply(change) });
    this.#form.showCounterpart(quote === undefined ? '' : plain(trade.mode === 'exact_in' ? quote.amount_out : quote.amount_in));
    const refusal = primary.kind === 'refusal' ? primary.refusal : undefined;
    this.#form.markField(refusal?.code === 'INVALID_REQUEST' ? String(refusal.details.field) : undefined);
    this.#showPictures(quote);
    const edge = this.#edge;
    showJson(edge?.text ?? primary);
    const snapshotAge = confirmedAt === undefined ? undefined : ageText(Date.now() - confirmedAt);
    showComparison({ edge, browser, comparison: edge && compare(edge, browser), snapshotAge, moved: this.#moved });
    if (edge !== undefined) showConnection(edge, this.#local);
    renewPlan();
  }

  #showPictures(quote: Quote | undefined) {
    const { trade } = this.#form;
    showPictures({ quote, trade, local: this.#local, decimalsOf: (token) => this.#names.decimalsOf(token), apply: (change) => this.apply(change) });
  }

  #showNothing() {
    const { fault, trade } = this.#form;
    this.#round.abort();
    this.#form.showCounterpart('');
    this.#form.markField(undefined);
    showText(fault?.text ?? (trade.token_in === '' ? this.#names.emptiness : 'Choose two tokens.'));
    this.#showPictures(undefined);
    showComparison(undefined);
  }
}

const ageText = (ms: number) => (ms < 1000 ? 'confirmed just now' : `confirmed ${duration(ms)} ago`);

/** For an input: digits only. */
const plain = (text: string) => exact(text).replace(/\s/g, '');
