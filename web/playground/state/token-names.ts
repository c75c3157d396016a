// The tokens that can be chosen: those of the edge, or, without it, those of the snapshot; and why there are none.
import type { TokenName } from '../trade/token-box.ts';
import type { Market } from './market.ts';
import { fetchSomePair, fetchTokens } from './tokens.ts';

export class TokenNames {
  #listed: (TokenName & { decimals: number })[] | undefined;
  #trouble: string | undefined;
  #market: Market | undefined;

  /** Asks the edge again. What was known stays known if it does not answer. */
  async refresh(): Promise<void> {
    const answer = await fetchTokens();
    if (answer.ok) this.#listed = answer.tokens;
    this.#trouble = answer.ok ? undefined : answer.reason;
  }

  /** Takes note of the market of a snapshot. */
  set market(market: Market | undefined) {
    this.#market = market;
  }

  /** Whether the edge has told its tokens. */
  get areListed(): boolean {
    return this.#listed !== undefined;
  }

  get tokens(): TokenName[] {
    return this.#listed ?? (this.#market?.tokens ?? []).map((symbol) => ({ symbol, name: symbol }));
  }

  decimalsOf(token: string): number | undefined {
    return this.#market?.decimalsOf(token) ?? this.#listed?.find(({ symbol }) => symbol === token)?.decimals;
  }

  /** A pair to begin with: BTC and USDC if they are there, else the first that a pool holds. */
  async firstPair(): Promise<[string, string] | undefined> {
    const pairs = this.#market?.pairs ?? [];
    const usual: [string, string] = ['BTC', 'USDC'];
    const has = (token: string) => this.tokens.some(({ symbol }) => symbol === token);
    if (pairs.some(([x, y]) => x === 'BTC' && y === 'USDC') || (pairs.length === 0 && usual.every(has))) return usual;
    return pairs[0] ?? (this.tokens.length > 0 ? await fetchSomePair() : undefined);
  }

  /** Why no token can be chosen. An edge that did not answer is not an empty market. */
  get emptiness(): string {
    if (this.tokens.length > 0) return 'Choose two tokens.';
    if (this.#trouble !== undefined) return `The tokens cannot be read: ${this.#trouble}.`;
    return this.#listed === undefined ? 'Reading the market …' : 'There are no pools yet.';
  }
}
