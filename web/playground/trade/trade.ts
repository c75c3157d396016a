// What the reader has chosen, and the request that it makes. Names are those of HTTP.

/** The choices on screen. Amounts and limits are kept as typed: the engine judges them, here as at the edge. */
export interface Trade {
  mode: 'exact_in' | 'exact_out';
  token_in: string;
  token_out: string;
  /** Whole tokens: of token in for exact in, of token out for exact out. */
  amount: string;
  slippage_bps: string;
  max_hops: string;
  max_splits: string;
  max_bins: string;
  max_age_ms: string;
  via: string;
  pools: string;
  exclude_pools: string;
  allow_partial: boolean;
  strict: boolean;
  /** What the address says in fields of a request that the form has no input for; kept as it stands there. */
  more: Partial<Record<MoreName, string>>;
  /** Names in the address that are not used: no fields of a request, or none for this page. */
  unused: readonly string[];
}

/** Fields of a request that only an address can give here. */
export const MORE = ['max_reads', 'min_block_height', 'direct_only', 'explain'] as const;

export type MoreName = (typeof MORE)[number];

/** Of an address that says nothing but what the form shows. */
export const NOTHING_MORE = { more: {}, unused: [] } as const satisfies Partial<Trade>;

/** The fields under "Limits" and what the engine takes where they are not given. */
export const LIMITS = {
  max_hops: '3',
  max_splits: '4',
  max_bins: '270',
  max_age_ms: '',
  via: '',
  pools: '',
  exclude_pools: '',
  allow_partial: false,
  strict: false,
} as const satisfies Partial<Trade>;

export type LimitName = keyof typeof LIMITS;

export const DEFAULTS: Trade = {
  mode: 'exact_in',
  token_in: '',
  token_out: '',
  amount: '1',
  slippage_bps: '50',
  ...LIMITS,
  ...NOTHING_MORE,
};

/** A request as POST /quote and the package take it. */
export type QuoteRequest = Record<string, string | number | boolean | string[] | Record<string, string>>;

const COUNTS = ['slippage_bps', 'max_hops', 'max_splits', 'max_bins', 'max_age_ms'] as const;
const LISTS = ['via', 'pools', 'exclude_pools'] as const;

/** Gives the request of a trade; what equals the engine's default is left out. */
export function requestOf(trade: Trade): QuoteRequest {
  const request: QuoteRequest = { token_in: trade.token_in, token_out: trade.token_out };
  request[trade.mode === 'exact_in' ? 'amount_in' : 'amount_out'] = trade.amount;
  for (const name of COUNTS) {
    const text = trade[name].trim();
    if (text !== DEFAULTS[name] && text !== '') request[name] = countOf(text);
  }
  for (const name of LISTS) {
    const names = listOf(trade[name]);
    if (names.length > 0) request[name] = names;
  }
  if (trade.allow_partial) request.allow_partial = true;
  if (trade.strict) request.strict = true;
  for (const [name, text] of Object.entries(trade.more)) request[name] = text === 'true' || text === 'false' ? text === 'true' : countOf(text);
  return request;
}

/** What is no number goes to the engine as it is, to be refused there. */
const countOf = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : text);

const listOf = (text: string) =>
  text
    .split(/[\s,]+/)
    .filter((name) => name !== '');

/** Gives the names of the limits that differ from the defaults, those that only the address gives among them. */
export function changedLimits(trade: Trade): (LimitName | MoreName)[] {
  const inForm = (Object.keys(LIMITS) as LimitName[]).filter((name) => trade[name] !== LIMITS[name]);
  return [...inForm, ...MORE.filter((name) => trade.more[name] !== undefined)];
}

/** Turns the trade around: what was received is now paid. */
export function turned(trade: Trade): Trade {
  const mode = trade.mode === 'exact_in' ? 'exact_out' : 'exact_in';
  return { ...trade, mode, token_in: trade.token_out, token_out: trade.token_in };
}
