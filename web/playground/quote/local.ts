// The browser's side of the page: the module, the last snapshot, and the engine over it.
import { type Market, marketOf } from '../state/market.ts';
import { type Refresh, type Snapshot, SnapshotStore } from '../state/snapshot.ts';
import type { QuoteRequest } from '../trade/trade.ts';
import type { Outcome } from './answer.ts';
import { BrowserEngine } from './browser.ts';

export class LocalEngine {
  readonly #store = new SnapshotStore();
  #engine: BrowserEngine | undefined;
  #market: Market | undefined;
  #version = 0;
  #trouble = 'there is no snapshot yet';

  /** Takes up what an earlier visit kept, so that the page works before and without the network. */
  async start(): Promise<void> {
    const [kept, loaded] = await Promise.allSettled([this.#store.restore(), BrowserEngine.load()]);
    if (loaded.status === 'rejected') this.#trouble = `WebAssembly did not load: ${loaded.reason}`;
    else if (kept.status === 'fulfilled' && kept.value) this.#take(kept.value);
  }

  /** Fetches a newer snapshot. */
  async refresh(): Promise<Refresh> {
    const outcome = await this.#store.refresh();
    if (!outcome.ok) {
      if (this.#engine === undefined) this.#trouble = `no snapshot: ${outcome.reason}`;
    } else if (outcome.changed || this.#engine === undefined) {
      this.#take(outcome.snapshot);
    } else {
      const { confirmedAt, heartbeat, height } = outcome.snapshot;
      this.#engine.confirm(confirmedAt, heartbeat, height);
    }
    return outcome;
  }

  /** Counts the snapshots that were taken up: another number means another state. */
  get version(): number {
    return this.#version;
  }

  /** The market of the snapshot in use. */
  get market(): Market | undefined {
    return this.#market;
  }

  /** When the edge last gave or confirmed that snapshot. */
  get confirmedAt(): number | undefined {
    return this.#engine && this.#store.current?.confirmedAt;
  }

  ask(request: QuoteRequest): Outcome {
    return this.#engine?.ask(request) ?? { kind: 'silence', reason: this.#trouble };
  }

  #take({ text, confirmedAt, heartbeat, height }: Snapshot) {
    try {
      const engine = BrowserEngine.over(text);
      engine.confirm(confirmedAt, heartbeat, height);
      this.#market = marketOf(engine);
      this.#engine?.free();
      this.#version += 1;
      this.#engine = engine;
    } catch (error) {
      this.#trouble = `the snapshot cannot be used: ${(error as Error).message}`;
    }
  }
}
