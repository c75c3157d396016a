// Answers of the engine, wherever it runs. Human decimals are text, as in the package: no digit passes a float.

/** One amount, twice: `name` in whole tokens, `name_atomic` in smallest units. */
type Twice<Name extends string> = Record<Name | `${Name}_atomic`, string>;

export type TokenFees = { token: string } & Twice<'protocol' | 'provider' | 'variable' | 'total'>;

export type Hop = {
  pool_id: string;
  token_in: string;
  token_out: string;
  fees: TokenFees;
  active_bin_before: number;
  active_bin_after: number;
} & Twice<'amount_in' | 'amount_out'>;

export type Route = { share_ppm: number; hops: Hop[] } & Twice<'amount_in' | 'amount_out'>;

export type Step = {
  route: number;
  pool_id: string;
  bin_id: number;
  token_in: string;
  token_out: string;
  price: string;
} & Twice<'amount_in' | 'amount_out' | 'fee_amount'>;

export type Warning = { code: string } & Record<string, unknown>;

export type Quote = {
  success: true;
  mode: 'exact_in' | 'exact_out';
  token_in: string;
  token_out: string;
  price_impact_ppm: number | null;
  effective_price: string | null;
  route_type: string;
  bins_used: number;
  fees: TokenFees[];
  routes: Route[];
  steps: Step[];
  state: {
    source: string;
    read_at: string;
    pools: { pool_id: string; active_bin_id: number; last_updated: string | null; age_ms: number | null }[];
  };
  warnings: Warning[];
  request_id: string | null;
} & Twice<'amount_in' | 'amount_out' | 'unfilled'> &
  Partial<Twice<'minimum_received' | 'maximum_sent' | 'requested_out'>>;

/** A refusal: what went wrong, for programs (`code`, `details`) and people (`message`). */
export interface Refusal {
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** What one place answered, and how long that took. */
export type Outcome =
  | { kind: 'quote'; quote: Quote; ms: number }
  | { kind: 'refusal'; refusal: Refusal; ms: number }
  /** The place itself did not answer. */
  | { kind: 'silence'; reason: string };
