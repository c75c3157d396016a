// A trade as the query of this page: the same query that GET /quote takes, so a link is also an API call.
import { DEFAULTS, LIMITS, MORE, requestOf, type Trade } from './trade.ts';

/** Gives the query of a trade, with its `?`. */
export function queryOf(trade: Trade): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(requestOf(trade))) query.set(name, String(value));
  // Readable in an address bar; both are allowed there as they are.
  return `?${query.toString().replaceAll('%2C', ',')}`;
}

/**
 * Reads a trade from a query; what is missing is taken from `base`, names that are not used are noted. An amount in smallest units is
 * left empty: another one must not be quoted before the decimals are known.
 */
export function tradeOf(query: string, base: Trade = DEFAULTS): Trade {
  const given = new URLSearchParams(query);
  const trade = { ...base };
  for (const name of ['token_in', 'token_out', 'slippage_bps'] as const) trade[name] = given.get(name) ?? trade[name];
  if (given.has('amount_out')) Object.assign(trade, { mode: 'exact_out', amount: given.get('amount_out') });
  else if (given.has('amount_in')) Object.assign(trade, { mode: 'exact_in', amount: given.get('amount_in') });
  const units = unitsOf(query);
  if (units !== undefined) Object.assign(trade, { mode: units.mode, amount: '' });
  for (const [name, fallback] of Object.entries(LIMITS)) {
    const value = given.get(name);
    if (value !== null) Object.assign(trade, { [name]: typeof fallback === 'boolean' ? value === 'true' : value });
  }
  trade.more = Object.fromEntries(MORE.filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
  trade.unused = [...new Set(given.keys())].filter((name) => !USED.has(name));
  return trade;
}

/** What a query may say here. */
const USED: ReadonlySet<string> = new Set([
  ...['token_in', 'token_out', 'amount_in', 'amount_out', 'amount_in_atomic', 'amount_out_atomic', 'slippage_bps'],
  ...Object.keys(LIMITS),
  ...MORE,
]);

/** A fixed side that a query gives in smallest units, which say nothing in whole tokens before the decimals are known. */
export interface UnitsGiven {
  mode: Trade['mode'];
  token: string;
  units: string;
}

/** Gives what a query says in smallest units, as `GET /quote` takes it; `undefined` where it does not. */
export function unitsOf(query: string): UnitsGiven | undefined {
  const given = new URLSearchParams(query);
  for (const [name, mode, side] of [['amount_in_atomic', 'exact_in', 'token_in'], ['amount_out_atomic', 'exact_out', 'token_out']] as const) {
    const [units, token] = [given.get(name), given.get(side)];
    if (units !== null && /^\d{1,39}$/.test(units) && token) return { mode, token, units };
  }
  return undefined;
}

/** Whether a trade still waits for the amount that its link gave in smallest units: nobody has typed or chosen anything else. */
export function waitsFor({ mode, token }: UnitsGiven, trade: Trade): boolean {
  return trade.amount === '' && trade.mode === mode && trade[mode === 'exact_in' ? 'token_in' : 'token_out'] === token;
}
