// The browser's side of the page: the module, and an engine over the last snapshot or, better, one that follows the edge.
import { type Market, marketOf } from '../state/market.ts';
import { ALL, type Part, scopeOf } from '../state/scope.ts';
import { type Refresh, type Snapshot, SnapshotStore } from '../state/snapshot.ts';
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome } from './answer.ts';
import { BrowserEngine, type Candidate, SnapshotEngine } from './browser.ts';
import { Follower } from './follower.ts';
import { liveEngineOf } from './live.ts';

export class LocalEngine {
  readonly #store = new SnapshotStore();
  readonly #follower = new Follower(liveEngineOf, (live) => BrowserEngine.around(live));
  #engine: SnapshotEngine | undefined;
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

  /** Follows the pools of this part from now on, and calls `onChange` whenever they have moved. */
  follow(part: Part, onChange: () => void) {
    if (this.#loaded) this.#follower.follow(part, this.#router, onChange);
  }

  /** Follows nothing; the last snapshot stands in. */
  unfollow() {
    this.#follower.stop();
  }

  /** Resolves at the next change of this part, or after `ms`; gives whether there was one. */
  nextChange(part: Part, ms: number): Promise<boolean> {
    return this.#follower.nextChange(scopeOf(part), ms);
  }

  /** Counts states: another number means another one. */
  get version(): string {
    return `${this.#version} ${this.#follower.version}`;
  }

  /** The market that is known; of one pair, where the whole is too large. */
  get market(): Market | undefined {
    return this.#follower.market ?? this.#market;
  }

  /** The market of the snapshot in use. */
  get heldMarket(): Market | undefined {
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

  /** When the edge last gave or confirmed what is here. */
  get confirmedAt(): number | undefined {
    const times = [this.#engine && this.#used?.confirmedAt, this.#follower.confirmedAt].filter((at) => at !== undefined);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** Whether this browser follows the pools of this request. */
  isLive(request: QuoteRequest): boolean {
    return this.#follower.isLive(scopeOf(partOf(request)));
  }

  ask(request: QuoteRequest): Outcome {
    const engine = this.#engineFor(request);
    if (engine !== undefined) return engine.ask(request);
    return { kind: 'silence', reason: this.#engine === undefined ? this.#trouble : 'no snapshot of these tokens yet' };
  }

  /** Which pools this request may go through, `[]` where that is not known. */
  candidates(request: QuoteRequest): Candidate[] {
    return this.#engineFor(request)?.candidates(request) ?? [];
  }

  /** Makes plans for this router contract from now on. */
  useRouter(router: string) {
    if (router === this.#router) return;
    this.#router = router;
    this.#follower.useRouter(router);
    if (this.#used !== undefined) this.#take(this.#used);
  }

  /** The engine that knows most of this request's pools: the one that follows them, unless its snapshot is newer. */
  #engineFor(request: QuoteRequest): BrowserEngine | undefined {
    const scope = scopeOf(partOf(request));
    const followed = this.#follower.engineOf(scope);
    const held = this.#used !== undefined && (this.#used.scope === ALL || this.#used.scope === scope) ? this.#engine : undefined;
    if (followed === undefined || held === undefined) return followed ?? held?.asked;
    return this.#follower.isLive(scope) || (this.#follower.confirmedAt ?? 0) >= (this.#used?.confirmedAt ?? 0) ? followed : held.asked;
  }

  #take(snapshot: Snapshot) {
    try {
      const engine = new SnapshotEngine(snapshot.text, this.#router);
      engine.confirm(snapshot.confirmedAt, snapshot.heartbeat, snapshot.height);
      this.#market = marketOf(engine.asked);
      this.#engine?.free();
      this.#version += 1;
      this.#engine = engine;
      this.#used = snapshot;
    } catch (error) {
      this.#trouble = `the snapshot cannot be used: ${(error as Error).message}`;
    }
  }
}

function partOf({ token_in, token_out, pools }: QuoteRequest): Part {
  return { token_in: String(token_in), token_out: String(token_out), pools: Array.isArray(pools) ? pools.join() : '' };
}
