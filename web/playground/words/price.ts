// A price both ways. Its digits stay text; the other way is computed with bigints and cut.
import { short } from './numbers.ts';

const DIGITS = 12;

/** Gives 1 / price with some twelve significant digits, `undefined` where the price is zero or no decimal number. */
export function inverseOf(price: string): string | undefined {
  const parts = /^(\d+)(?:\.(\d+))?$/.exec(price);
  if (parts === null) return undefined;
  const [, whole = '', fraction = ''] = parts;
  const units = BigInt(whole + fraction);
  if (units === 0n) return undefined;
  // 1 / (units / 10^f), times 10^scale.
  const scale = DIGITS + whole.replace(/^0+/, '').length;
  const scaled = String(10n ** BigInt(fraction.length + scale) / units).padStart(scale + 1, '0');
  return `${scaled.slice(0, -scale)}.${scaled.slice(-scale)}`.replace(/\.?0+$/, '');
}

export interface PriceWays {
  /** `1 BTC = 100 000 USDC`, the way in which one token is worth more than one of the other first. */
  first: string;
  second: string | undefined;
}

/** Writes a price (token out per token in) both ways; `turned` swaps which comes first. */
export function priceWays(price: string, token_in: string, token_out: string, turned: boolean): PriceWays {
  const inverse = inverseOf(price);
  const way = (of: string, amount: string, other: string) => `1 ${of} = ${short(amount, 8)} ${other}`;
  const forward = way(token_in, price, token_out);
  if (inverse === undefined) return { first: forward, second: undefined };
  const backward = way(token_out, inverse, token_in);
  const large = /^0*(?:\.|$)/.test(price) ? [backward, forward] : [forward, backward];
  const [first = forward, second] = turned ? large.reverse() : large;
  return { first, second };
}
