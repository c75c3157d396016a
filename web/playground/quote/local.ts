// The browser's side of the page: the module, the last snapshot, and the engine over it.
import { type Market, marketOf } from '../state/market.ts';
import { ALL, type Part, scopeOf } from '../state/scope.ts';
import { type Refresh, type Snapshot, SnapshotStore } from '../state/snapshot.ts';
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome } from './answer.ts';
import { BrowserEngine, type Candidate } from './browser.ts';

export class LocalEngine {
  readonly #store = new SnapshotStore();
  #engine: BrowserEngine | undefined;
  #market: Market | undefined;
  #used: Snapshot | undefined;
  #version = 0;
  #trouble = 'there is no snapshot yet';
  #loaded = false;
  #router: string | undefined;
  /** Whose part was asked for last; a late answer about another one is not taken up. */
  #wanted = ALL;

  /** Takes up what an earlier visit kept, so that the page works before and without the network. */
  async start(): Promise<void> {
    const [kept, loaded] = await Promise.allSettled([this.#store.restore(), BrowserEngine.load()]);
    this.#loaded = loaded.status === 'fulfilled';
    if (loaded.status === 'rejected') this.#trouble = `WebAssembly did not load: ${loaded.reason}`;
    else if (kept.status === 'fulfilled' && kept.value) this.#take(kept.value);
  }

  /** Fetches a newer snapshot that holds what this part of the market needs. */
  async refresh(part: Part): Promise<Refresh> {
    this.#wanted = scopeOf(part);
    const outcome = await this.#store.refresh(part);
    if (!outcome.ok) {
      if (this.#engine === undefined && this.#loaded) this.#trouble = `no snapshot: ${outcome.reason}`;
      return outcome;
    }
    const { snapshot } = outcome;
    if (snapshot.scope !== ALL && snapshot.scope !== this.#wanted) return outcome;
    if (outcome.changed || this.#used?.address !== snapshot.address) {
      this.#take(snapshot);
    } else {
      this.#used = snapshot;
      this.#engine?.confirm(snapshot.confirmedAt, snapshot.heartbeat, snapshot.height);
    }
    return outcome;
  }

  /** Counts the snapshots that were taken up: another number means another state. */
  get version(): number {
    return this.#version;
  }

  /** The market of the snapshot in use; of one pair, where the whole is too large. */
  get market(): Market | undefined {
    return this.#market;
  }

  /** Whether the snapshot in use holds the whole market; `undefined` without one. */
  get isWhole(): boolean | undefined {
    return this.#used && this.#used.scope === ALL;
  }

  /** Where on the edge the snapshot in use comes from. */
  get address(): string {
    return this.#used?.address ?? '/snapshot';
  }

  /** When the edge last gave or confirmed that snapshot. */
  get confirmedAt(): number | undefined {
    return this.#engine && this.#used?.confirmedAt;
  }

  /** Whether the snapshot in use holds what this request needs. */
  covers(request: QuoteRequest): boolean {
    return this.#used !== undefined && (this.#used.scope === ALL || this.#used.scope === scopeOf(partOf(request)));
  }

  ask(request: QuoteRequest): Outcome {
    if (this.#engine === undefined) return { kind: 'silence', reason: this.#trouble };
    if (!this.covers(request)) return { kind: 'silence', reason: 'no snapshot of these tokens yet' };
    return this.#engine.ask(request);
  }

  /** Which pools this request may go through, `[]` where that is not known. */
  candidates(request: QuoteRequest): Candidate[] {
    return this.#engine !== undefined && this.covers(request) ? this.#engine.candidates(request) : [];
  }

  /** Makes plans for this router contract from now on. */
  useRouter(router: string) {
    if (router === this.#router) return;
    this.#router = router;
    if (this.#used !== undefined) this.#take(this.#used);
  }

  #take(snapshot: Snapshot) {
    try {
      const engine = BrowserEngine.over(snapshot.text, this.#router);
      engine.confirm(snapshot.confirmedAt, snapshot.heartbeat, snapshot.height);
      this.#market = marketOf(engine);
      this.#engine?.free();
      this.#version += 1;
      this.#engine = engine;
      this.#used = snapshot;
    } catch (error) {
      this.#trouble = `the snapshot cannot be used: ${(error as Error).message}`;
    }
  }
}

function partOf({ token_in, token_out, max_hops, pools }: QuoteRequest): Part {
  const ids = Array.isArray(pools) ? pools.join() : '';
  return { token_in: String(token_in), token_out: String(token_out), max_hops: String(max_hops ?? 3), pools: ids };
}
