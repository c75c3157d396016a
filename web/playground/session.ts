// One round of quoting: ask the browser and the edge, compare, show.
import type { Outcome } from './quote/answer.ts';
import { BrowserEngine } from './quote/browser.ts';
import { checkEdge } from './quote/check.ts';
import { compare } from './quote/compare.ts';
import { askEdge } from './quote/edge.ts';
import type { LocalEngine } from './quote/local.ts';
import type { TradeForm } from './trade/form.ts';
import { queryOf } from './trade/link.ts';
import { requestOf, type Trade } from './trade/trade.ts';
import { showComparison, showProof } from './view/comparison.ts';
import { showDepth } from './view/depth-chart.ts';
import { showLiquidity } from './view/liquidity-chart.ts';
import { showConnection } from './view/connection.ts';
import { showOutcome, showText } from './view/result.ts';
import { showRoute } from './view/route-picture.ts';
import { showSnippets } from './view/snippets.ts';
import { exact } from './words/numbers.ts';
import { duration } from './words/time.ts';

export class Session {
  #form: TradeForm;
  readonly #local: LocalEngine;
  #round = new AbortController();
  #edge: Outcome | undefined;
  /** Whether the edge has another snapshot than the one that was compared first; `undefined` where it did not say. */
  #moved: boolean | undefined;
  #depthKey = '';

  constructor(form: TradeForm, local: LocalEngine) {
    this.#form = form;
    this.#local = local;
  }

  /** Asks anew after the trade has changed. */
  async ask(): Promise<void> {
    const { trade, fault } = this.#form;
    history.replaceState(null, '', trade.token_in === '' ? '/' : `/${queryOf(trade)}`);
    showSnippets(trade);
    showProof(undefined);
    this.#edge = undefined;
    if (fault !== undefined || trade.token_in === '') return this.#showNothing(fault);
    // The browser's answer is there at once; the edge's replaces it when it comes.
    const browser = this.#local.ask(requestOf(trade));
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
        // Redis may have moved since the snapshot: with a new one both look at the same state.
        const refreshed = await this.#local.refresh();
        this.#moved = refreshed.ok ? refreshed.changed : undefined;
        round.signal.throwIfAborted();
        browser = this.#local.ask(request);
      }
      this.#edge = edge;
      this.#show(edge.kind === 'silence' ? browser : edge, browser);
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

  #show(primary: Outcome, browser: Outcome) {
    const { trade } = this.#form;
    const { market, confirmedAt } = this.#local;
    const quote = primary.kind === 'quote' ? primary.quote : undefined;
    showOutcome(primary, {
      trade,
      decimalsOf: (token) => market?.decimalsOf(token),
      apply: (change: Partial<Trade>) => {
        this.#form.show({ ...trade, ...change });
        void this.ask();
      },
    });
    this.#form.showCounterpart(quote === undefined ? '' : plain(trade.mode === 'exact_in' ? quote.amount_out : quote.amount_in));
    const refusal = primary.kind === 'refusal' ? primary.refusal : undefined;
    this.#form.markField(refusal?.code === 'INVALID_REQUEST' ? String(refusal.details.field) : undefined);
    showRoute(quote);
    showLiquidity(quote, market);
    this.#showDepth(primary);
    const edge = this.#edge;
    const snapshotAge = confirmedAt === undefined ? undefined : ageText(Date.now() - confirmedAt);
    showComparison({ edge, browser, comparison: edge && compare(edge, browser), snapshotAge, moved: this.#moved });
    if (edge !== undefined) showConnection(edge, this.#local);
  }

  /** The curve is computed again only when it would come out differently. */
  #showDepth(primary: Outcome) {
    const { trade } = this.#form;
    const { market, version } = this.#local;
    if (primary.kind !== 'quote' || market === undefined) {
      this.#depthKey = '';
      return void showDepth(undefined);
    }
    const { quote } = primary;
    const request = requestOf(trade);
    const key = JSON.stringify([request, quote.amount_in, quote.amount_out, version]);
    if (key === this.#depthKey) return;
    this.#depthKey = key;
    const decimalsIn = market.decimalsOf(quote.token_in) ?? 0;
    void showDepth({ request, quote, decimalsIn, ask: (other) => this.#local.ask(other) });
  }

  #showNothing(fault: TradeForm['fault']) {
    this.#round.abort();
    this.#form.showCounterpart('');
    this.#form.markField(undefined);
    showText(fault === 'bad slippage' ? 'The slippage tolerance cannot be read.' : fault === 'no amount' ? 'Enter an amount.' : 'There are no pools yet.');
    showRoute(undefined);
    showLiquidity(undefined, undefined);
    this.#showDepth({ kind: 'silence', reason: '' });
  }
}

const ageText = (ms: number) => (ms < 1000 ? 'confirmed just now' : `confirmed ${duration(ms)} ago`);

/** For an input: digits only. */
const plain = (text: string) => exact(text).replace(/\s/g, '');
