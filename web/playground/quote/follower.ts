// The part of the market that this page follows, change by change.
import { type Market, marketOf } from '../state/market.ts';
import { type Part, scopeOf, type Scope } from '../state/scope.ts';
import type { BrowserEngine } from './browser.ts';
import type { LiveEngine, liveEngineOf } from './live.ts';

type Start = typeof liveEngineOf;

export class Follower {
  readonly #start: Start;
  readonly #around: typeof BrowserEngine.around;
  /** What is followed, to begin again with another router. */
  #followed: { part: Part; onChange: () => void } | undefined;
  #scope: Scope | undefined;
  #live: LiveEngine | undefined;
  #asked: BrowserEngine | undefined;
  #market: Market | undefined;
  #version = 0;
  #abort = new AbortController();
  #waiting: (() => void)[] = [];

  /** `start` gives an engine that follows, and `around` what the page asks of one. */
  constructor(start: Start, around: typeof BrowserEngine.around) {
    [this.#start, this.#around] = [start, around];
  }

  /** Follows the pools of this part, unless it does already. */
  follow(part: Part, router: string | undefined, onChange: () => void) {
    const scope = scopeOf(part);
    if (scope === this.#scope) return;
    this.stop();
    if (part.token_in === part.token_out) return;
    this.#scope = scope;
    this.#followed = { part, onChange };
    void this.#begin(part, router, this.#abort.signal, onChange);
  }

  /** Follows the same with this router. */
  useRouter(router: string) {
    const { part, onChange } = this.#followed ?? {};
    if (part === undefined || onChange === undefined) return;
    this.stop();
    this.follow(part, router, onChange);
  }

  async #begin(part: Part, router: string | undefined, signal: AbortSignal, onChange: () => void) {
    let live: LiveEngine | undefined;
    try {
      live = await this.#start(part, router, signal);
    } finally {
      // What did not begin is not followed: the next one who wants it tries again, with a key perhaps.
      if (live === undefined && !signal.aborted) this.stop();
    }
    if (live === undefined || signal.aborted) return live?.close();
    this.#live = live;
    this.#asked = this.#around(live);
    const moved = () => {
      this.#market = undefined;
      this.#version += 1;
      for (const wake of this.#waiting.splice(0)) wake();
      onChange();
    };
    live.onChange(moved);
    moved();
  }

  /** Follows nothing any more. */
  stop() {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#live?.close();
    [this.#live, this.#asked, this.#market, this.#scope, this.#followed] = [undefined, undefined, undefined, undefined, undefined];
    for (const wake of this.#waiting.splice(0)) wake();
  }

  get version(): number {
    return this.#version;
  }

  get market(): Market | undefined {
    if (this.#market === undefined && this.#asked !== undefined) this.#market = marketOf(this.#asked);
    return this.#market;
  }

  /** When the edge last confirmed what is here. */
  get confirmedAt(): number | undefined {
    const age = this.#live?.ageMs;
    return age === undefined || !Number.isFinite(age) ? undefined : Date.now() - age;
  }

  isLive(scope: Scope): boolean {
    return scope === this.#scope && this.#live?.state === 'live';
  }

  engineOf(scope: Scope): BrowserEngine | undefined {
    return scope === this.#scope ? this.#asked : undefined;
  }

  /** Resolves at the next change of this part, or after `ms`; gives whether there was one. */
  async nextChange(scope: Scope, ms: number): Promise<boolean> {
    if (ms <= 0 || !this.isLive(scope)) return false;
    const before = this.#version;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      setTimeout(resolve, ms);
    });
    return this.#version !== before;
  }
}
