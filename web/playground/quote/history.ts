// What one trade gave in the last minutes.

export interface Moment {
  at: number;
  /** What the side that is not fixed came to; `undefined` where there was no quote. Drawn, never traded on. */
  amount: number | undefined;
}

/** How far back it reaches. */
export const SPAN_MS = 5 * 60_000;
/** More changes than pixels need not be kept. */
const MOST = 600;

export class History {
  #key = '';
  #moments: Moment[] = [];

  /** Begins anew, unless it is of this trade already. */
  begin(key: string) {
    if (key !== this.#key) [this.#key, this.#moments] = [key, []];
  }

  /** Notes what a trade gives now; another trade begins anew. */
  note(key: string, amount: number | undefined, at = Date.now()) {
    this.begin(key);
    const last = this.#moments.at(-1);
    if (last !== undefined && last.amount === amount) return;
    this.#moments.push({ at, amount });
    if (this.#moments.length > MOST) this.#moments.shift();
  }

  /** The changes of the last minutes, the one before them first, since it held until then. */
  since(from: number): Moment[] {
    const begins = this.#moments.findLastIndex(({ at }) => at <= from);
    return this.#moments.slice(Math.max(0, begins));
  }
}
