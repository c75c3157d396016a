// Generated from docs/openapi.json, as a test demands: UPDATE_DOCS=1 node --test tests/docs/shapes.test.mjs
import type { Decimal, Units } from './numbers.js';

/** `simple`: one minimum for the whole, bins may move. `strict`: an expected bin and a minimum for every bin. `explicit`: every bin with an amount of its own. `auto`: `simple` where the pools allow it, else `explicit`. */
export type PlanMode = 'auto' | 'simple' | 'strict' | 'explicit';

/** How it executes the quote. */
export type ChosenPlanMode = 'simple' | 'strict' | 'explicit';

/** The plan that was asked for, with every default. */
export interface CheckedPlan {
  /** Whether exemption from fees counts. */
  fee_exempt: boolean;
  mode: PlanMode;
  /** Who will sign. */
  sender: string;
}

/** A value of a contract: an object whose one member is named after the type. Numbers are strings. */
export type ClarityValue =
  /** A number from 0 on. */
  | { uint: Units }
  /** A signed number. */
  | { int: string }
  /** True or false. */
  | { bool: boolean }
  | { principal: string }
  /** An absent optional. */
  | { optional: null }
  /** Values in a row. */
  | { list: ClarityValue[] }
  /** Values by name. */
  | { tuple: Record<string, ClarityValue> };

/** What a principal may or must send of an asset. */
export interface PostCondition {
  /** Who sends. */
  principal: string;
  /** `STX`, or `<principal>::<asset>`. */
  asset: string;
  /** How the amount bounds what is sent. */
  condition: 'sent_at_most' | 'sent_at_least';
  /** How much, in smallest units. */
  amount: Units;
}

/** What one way of execution comes to. */
export interface ComparedPlan {
  /** What it takes, in smallest units. */
  amount_in_atomic: Units;
  /** What it gives, in smallest units. */
  amount_out_atomic: Units;
  /** Reads of its call. */
  reads: number;
}

/** The call of the router contract that executes the quote. Nothing is signed or sent. */
export interface Plan {
  /** The router (`STACKS_ROUTER`). */
  contract: string;
  /** The function that is called. */
  function: string;
  /** Its arguments, in order: objects with one member, named after the type (`uint`, `int`, `bool`, `principal`, `list`, `tuple`); numbers are strings. */
  args: ClarityValue[];
  /** The same as consensus bytes. */
  args_hex: string[];
  /** Whatever no condition names must not be sent. */
  post_condition_mode: 'deny';
  /** One for each principal and asset. */
  post_conditions: PostCondition[];
  mode: ChosenPlanMode;
  /** `amount_out` less `slippage_bps`, rounded down: the least that comes out, or the transaction fails. For exact out too: routers know exact inputs only. */
  minimum_received_atomic: Units;
  /** Bins that trade. */
  bins: number;
  /** Reads that the call takes of the 15 000 that a block bears. */
  reads: number;
  /** `within_minimum`: it passes wherever it gives the minimum. `unchanged_state`: it is made for the state of the quote and fails on nearly every other. */
  holds: 'within_minimum' | 'unchanged_state';
  /** Whether calls of this router were run; else its functions are known by hearsay. */
  proven: boolean;
  /** Only where `auto` chose between a split that one call over the pair can execute and a better one: what both come to, and which is chosen. `explicit` must give more than 1 part in 10 000 more. */
  compared?: {
    /** The one that `plan` is. */
    chosen: 'simple' | 'explicit';
    /** What one minimum for the whole comes to. */
    simple: ComparedPlan;
    /** What every bin with an amount of its own comes to. */
    explicit: ComparedPlan;
  };
}

/** What the plan comes to where every active bin has moved against the trade: somebody has emptied the bins in between. */
export interface Drift {
  /** Bins by which it has moved. */
  bins: 1 | 2 | 5;
  /** What the call would give if nothing refused it. */
  amount_out_atomic: Units;
  /** Whether router and post-conditions let it pass. */
  result: 'passes' | 'refused';
}

/** `stated`: a pool says so. `well_known`: a built-in table. `assumed`: 18, because nothing better is known. */
export type DecimalsFrom = 'stated' | 'well_known' | 'assumed';

/** Where the state comes from. `redis`: read for this answer. `sample`: the bundled sample, where `REDIS_FALLBACK_TO_MOCK` is on; not a market. `snapshot`: quotes made offline, never by this API. */
export type Source = 'redis' | 'sample' | 'snapshot';

/** Only `active` pools are quoted. */
export type PoolStatus = 'active' | 'inactive' | 'paused';

/** Fees paid in one token. */
export interface TokenFees {
  /** Token in which the fee is paid: the input of the hop. */
  token: string;
  /** The protocol's part. Whole tokens. */
  protocol: Decimal;
  /** The protocol's part. Smallest units. */
  protocol_atomic: Units;
  /** The liquidity providers' part; includes what rounding left over. Whole tokens. */
  provider: Decimal;
  /** The liquidity providers' part; includes what rounding left over. Smallest units. */
  provider_atomic: Units;
  /** The variable part. Whole tokens. */
  variable: Decimal;
  /** The variable part. Smallest units. */
  variable_atomic: Units;
  /** Sum of the three. Whole tokens. */
  total: Decimal;
  /** Sum of the three. Smallest units. */
  total_atomic: Units;
}

/** One pool of a route. */
export interface Hop {
  pool_id: string;
  token_in: string;
  token_out: string;
  /** What goes into the pool, fees included. Whole tokens. */
  amount_in: Decimal;
  /** What goes into the pool, fees included. Smallest units. */
  amount_in_atomic: Units;
  /** What comes out of it. Whole tokens. */
  amount_out: Decimal;
  /** What comes out of it. Smallest units. */
  amount_out_atomic: Units;
  fees: TokenFees;
  /** Active bin of the pool before the hop. */
  active_bin_before: number;
  /** Where the pool would stand after it. */
  active_bin_after: number;
}

/** One way through the pools. */
export interface Route {
  /** The route's part of `amount_in`, in parts per million; all routes add up to 1 000 000. */
  share_ppm: number;
  /** What the route takes. Whole tokens. */
  amount_in: Decimal;
  /** What the route takes. Smallest units. */
  amount_in_atomic: Units;
  /** What it gives. Whole tokens. */
  amount_out: Decimal;
  /** What it gives. Smallest units. */
  amount_out_atomic: Units;
  /** In the order they are executed. */
  hops: Hop[];
}

/** One bin that took input. */
export interface Step {
  /** Index into `routes`. */
  route: number;
  pool_id: string;
  bin_id: number;
  token_in: string;
  token_out: string;
  /** What the bin takes, fees included. Whole tokens. */
  amount_in: Decimal;
  /** What the bin takes, fees included. Smallest units. */
  amount_in_atomic: Units;
  /** What it gives. Whole tokens. */
  amount_out: Decimal;
  /** What it gives. Smallest units. */
  amount_out_atomic: Units;
  /** Price of the bin, exact: whole **Y per X**, in whichever direction the trade goes. */
  price: Decimal;
  /** Fee in all, in the input token. Whole tokens. */
  fee_amount: Decimal;
  /** Fee in all, in the input token. Smallest units. */
  fee_amount_atomic: Units;
  /** The protocol's part of it. Whole tokens. */
  fee_protocol: Decimal;
  /** The protocol's part of it. Smallest units. */
  fee_protocol_atomic: Units;
  /** The liquidity providers' part. Whole tokens. */
  fee_provider: Decimal;
  /** The liquidity providers' part. Smallest units. */
  fee_provider_atomic: Units;
  /** The variable part. Whole tokens. */
  fee_variable: Decimal;
  /** The variable part. Smallest units. */
  fee_variable_atomic: Units;
}

/** The state of one pool that was used. */
export interface PoolState {
  pool_id: string;
  active_bin_id: number;
  /** As stored; `null` where the pool has no time. */
  last_updated: string | null;
  /** The time from the later of `last_updated` and the heartbeat to `read_at`, in ms, not below 0; `null` where that is unknown, as it is for a time more than 5 s ahead. */
  age_ms: number | null;
  /** The later of the pool's own `block_height` and that of the metadata: the pool is as it was after this block, or a later one. `null` where neither is known. */
  block_height: number | null;
}

/** Where the state comes from, and how old it is. */
export interface StateSummary {
  source: Source;
  /** The service's clock when the state had arrived. */
  read_at: string;
  /** The producer's heartbeat as stored, in ms since 1970; `null` where there is none. */
  heartbeat_ms: string | null;
  /** Age in ms above which this answer warns; `null` where it never does. */
  warn_age_ms: number | null;
  /** The least `block_height` of the pools of the answer; `null` where one of them is unknown. */
  block_height: number | null;
  /** Pools of the answer. */
  pools: PoolState[];
}

/** A candidate that was not chosen. */
export interface LostCandidate {
  /** Why it lost. `LOWER_OUTPUT`: it gives less. `HIGHER_INPUT`: exact out: it takes more. `SAME_RESULT`: it does as well; fewer hops, then lower pool ids, win. `PARTIAL_FILL`: it fills only a part; the amounts are those of that part. `TOO_MANY_BINS`: it would fill everything, through more than `max_bins` bins of one pool; the amounts are what it fills within them. `SPLITS_LIMITED`: it is better, but takes more routes than `max_splits`. `OVERFLOW`: it exceeds the 128-bit arithmetic of the contract. `BINS_UNREAD`: it might use bins beyond those that could be read. `POOL_INACTIVE`, `POOL_ABSENT`, `POOL_INVALID`: it is a pool that is not active, has no value, or has one that cannot be used; its amounts are `null`. */
  reason: 'LOWER_OUTPUT' | 'HIGHER_INPUT' | 'SAME_RESULT' | 'PARTIAL_FILL' | 'TOO_MANY_BINS' | 'SPLITS_LIMITED' | 'OVERFLOW' | 'BINS_UNREAD' | 'POOL_INACTIVE' | 'POOL_ABSENT' | 'POOL_INVALID';
  /** What it would take, in whole tokens; `null` where it cannot be used. */
  amount_in: Decimal | null;
  /** The same in smallest units. */
  amount_in_atomic: Units | null;
  /** What it would give, in whole tokens; `null` where it cannot be used. */
  amount_out: Decimal | null;
  /** The same in smallest units. */
  amount_out_atomic: Units | null;
  /** Its routes: one, unless it is a split. */
  routes: {
    /** The tokens it passes, both ends included. */
    tokens: string[];
    /** The pool of each hop. */
    pools: string[];
  }[];
}

/** The request with every default and the operator's limits filled in; amounts as text. `direct_only` has become `max_hops` 1. */
export interface CheckedRequest {
  /** Token that goes in. */
  token_in: string;
  /** Token that comes out; another one than `token_in`. */
  token_out: string;
  /** Exact in: what goes in, in whole tokens, fees included. Digits beyond the token's decimals are refused. */
  amount_in?: string;
  /** Exact in: what goes in, in smallest units. */
  amount_in_atomic?: string;
  /** Exact out: at least this much must come out, in whole tokens. */
  amount_out?: string;
  /** Exact out: at least this much must come out, in smallest units. */
  amount_out_atomic?: string;
  /** Slippage tolerance in bps: how much less than `amount_out` (exact in), or more than `amount_in` (exact out), you would accept. */
  slippage_bps: number;
  /** Pools in a row, at most. */
  max_hops: number;
  /** Routes in the answer, at most; 0 for no limit. */
  max_splits: number;
  /** Bins that one pool may visit over the whole answer, empty ones included. 270 is what one transaction bears with room to spare. */
  max_bins: number;
  /** Answer with the part that fits instead of refusing. */
  allow_partial: boolean;
  /** Refuse state that is broken or contradicts itself. */
  strict: boolean;
  /** Add `explain`, the candidates that lost. */
  explain: boolean;
  /** Add `input`, everything the answer was computed from, and `digest`, so that it can be verified. */
  include_state: boolean;
  /** List the bins that took input, as `steps`; an answer over many bins is much shorter without. */
  include_steps: boolean;
  /** Refuse state that is older than this many milliseconds, and state of unknown age. `null`: no limit. */
  max_age_ms: number | null;
  /** Refuse state of an earlier block than this one, and state of an unknown block. */
  min_block_height: number | null;
  /** Use only these pools. One that does not exist is refused. `null`: no limit. */
  pools: string[] | null;
  /** Use none of these pools. One that does not exist is told by the warning `FILTER_UNKNOWN`. `null`: no limit. */
  exclude_pools: string[] | null;
  /** Pass only through these tokens. One that no pool holds is told by the warning `FILTER_UNKNOWN`. `null`: no limit. */
  via: string[] | null;
  /** Reads that the transaction may take: the best quote within them is looked for. `null`: no limit. */
  max_reads: number | null;
  /** Add `plan`, the call of the router contract that executes the quote for `sender`, and `drift`. */
  plan?: CheckedPlan;
}

/** Decimals of the tokens, by symbol. */
export type InputDecimals = Record<string, {
  decimals: number;
  decimals_from: DecimalsFrom;
  /** Only where stored values contradict each other: such a token is not quoted. */
  disagreement?: {
    key: string;
    reason: string;
  };
}>;

/** Fees of a pool as a quote charges them, in bps of the input. */
export interface FeeParameters {
  /** The protocol's part, in bps of X in. */
  x_protocol_fee: number;
  /** The liquidity providers' part, in bps of X in. */
  x_provider_fee: number;
  /** The variable part, in bps of X in. */
  x_variable_fee: number;
  /** The protocol's part, in bps of Y in. */
  y_protocol_fee: number;
  /** The liquidity providers' part, in bps of Y in. */
  y_provider_fee: number;
  /** The variable part, in bps of Y in. */
  y_variable_fee: number;
}

/** What was read of one pool. */
export interface InputPool {
  pool_id: string;
  token_x: string;
  token_y: string;
  /** First and last bin id that was read; an id between them without an entry in `bins` had no value. */
  known: [number, number];
  /** The stored text as it was read, a broken one included; `null` where the pool has no value. That of a pool from a snapshot comes without its `bins`. */
  value: string | null;
  /** The fees that were charged, in bps; `null` where the value cannot be quoted. */
  fees: FeeParameters | null;
  /** Id and stored text of each bin that was there, as it was read. A bin of a snapshot without an id has the id `null`. */
  bins: [number | null, string][];
  /** Only where the pool was left out, because a key of it is of another type or too large, or because the snapshot says so. It was not quoted then, whatever the other texts say. */
  left_out?: Skipped;
}

/** What an input has beside its pools. */
export interface InputFields {
  format: 'dlmm-input/1';
  /** The request with every default, and with the operator's limits applied. It is a valid body of `POST /quote`. */
  request: CheckedRequest;
  /** Fee of pools whose value states none, in bps. */
  default_fee_bps: number;
  /** Of every token of the candidate pools. */
  decimals: InputDecimals;
  /** Candidate paths, token by token, in the order they were looked at. Every pool of `pools` that trades the pair of a hop can serve it. */
  paths: string[][];
  /** Whether `MAX_CANDIDATE_POOLS` or the search's own limits left pools or paths out. */
  limited: boolean;
  /** `MAX_KEYS_PER_QUOTE` where it cut the read short, else `null`. */
  keys_limited: number | null;
  /** Only with `plan`: the router contract whose calls plans are. */
  router?: string;
  /** Only where there are any: names in `exclude_pools` and `via` that are not there. */
  unknown_names?: {
    /** The field of the request. */
    field: 'exclude_pools' | 'via';
    /** The name. */
    name: string;
  }[];
  /** Only where there are any: pools whose tokens cannot be known, because the value is broken, so that any of them might have been a candidate. Of more than 16 the rest is counted by an entry of the key `pool:*`. */
  unplaced?: Skipped[];
  /** Only in a batch of more than 12 quotes, which share the work of 12: into how many parts the work of a single quote was divided. */
  work_share?: number;
}

/** Everything that the answer was computed from. Whoever computes it again gets the same answer; that is a check, not a signature. */
export interface QuoteInput extends InputFields {
  /** Everything that was read of each candidate pool. */
  pools: InputPool[];
}

/** What every quote has. */
export interface QuoteFields {
  success: true;
  token_in: string;
  token_out: string;
  /** What the trade takes, fees included; exact. Whole tokens. */
  amount_in: Decimal;
  /** What the trade takes, fees included; exact. Smallest units. */
  amount_in_atomic: Units;
  /** What it gives; rounded down, bin by bin. Whole tokens. */
  amount_out: Decimal;
  /** What it gives; rounded down, bin by bin. Smallest units. */
  amount_out_atomic: Units;
  /** What was asked for and not filled (`allow_partial`): of token in for exact in, of token out for exact out. Whole tokens. */
  unfilled: Decimal;
  /** What was asked for and not filled (`allow_partial`): of token in for exact in, of token out for exact out. Smallest units. */
  unfilled_atomic: Units;
  /** Price impact in parts per million, rounded down, once: loss compared with the first prices, without fees. `null` where there is nothing to compare, with the warning `PRICE_IMPACT_UNKNOWN`. */
  price_impact_ppm: number | null;
  /** `amount_out / amount_in`, whole tokens out per whole token in, fees included; rounded down at 18 significant digits. */
  effective_price: Decimal | null;
  /** `multi_pair`: a route has several hops. Else `multi_pool`: several pools are used. Else `multi_bin`. */
  route_type: 'multi_bin' | 'multi_pool' | 'multi_pair';
  /** Bins that took input: the length of `steps`. */
  bins_used: number;
  /** Fees of the whole answer, rounded down per bin: one entry for each input token of a hop. */
  fees: TokenFees[];
  /** In the order they are executed; pools they share stand where the route before left them. */
  routes: Route[];
  /** Bin by bin, in the order they are executed. Left out with `include_steps` false. */
  steps?: Step[];
  state: StateSummary;
  /** What the caller should know. A warning never changes the numbers. */
  warnings: Warning[];
  /** Only with `explain`: the best candidates that lost, closest first. */
  explain?: LostCandidate[];
  /** Only with `plan`: the call of the router contract that executes the quote. */
  plan?: Plan;
  /** Only with `plan`: what becomes of it where the market moves against the trade. */
  drift?: Drift[];
  /** Only with `include_state`: everything the answer was computed from. */
  input?: QuoteInput;
  /** Only with `include_state`: SHA-256 of the canonical JSON (RFC 8785) of input and result, without request id, source, times, ages and human-readable twins. */
  digest?: string;
  request_id: string | null;
}

/** What comes out for an exact input. */
export interface ExactInFields extends QuoteFields {
  mode: 'exact_in';
  /** Exact in: `amount_out` less `slippage_bps`, rounded down. Whole tokens. */
  minimum_received: Decimal;
  /** Exact in: `amount_out` less `slippage_bps`, rounded down. Smallest units. */
  minimum_received_atomic: Units;
}

/** What goes in for an exact output. */
export interface ExactOutFields extends QuoteFields {
  mode: 'exact_out';
  /** Exact out, instead of `minimum_received`: `amount_in` plus `slippage_bps`, rounded up. Whole tokens. */
  maximum_sent: Decimal;
  /** Exact out, instead of `minimum_received`: `amount_in` plus `slippage_bps`, rounded up. Smallest units. */
  maximum_sent_atomic: Units;
  /** Exact out: what was asked for; `amount_out` is at least that. Whole tokens. */
  requested_out: Decimal;
  /** Exact out: what was asked for; `amount_out` is at least that. Smallest units. */
  requested_out_atomic: Units;
}

/** Something the caller should know; `code` says what. */
export type Warning =
  /** A candidate pool was left out: what is under this key cannot be used, is of another type or too large. A pool whose tokens cannot be known is named by every quote that its filter does not rule out. */
  | {
    code: 'POOL_SKIPPED';
    /** The offending Redis key. */
    key: string;
    /** What is wrong with its value. */
    reason: string;
  }
  /** Values that the trade touched contradict each other; `active_bin_id` and the bins as they are were quoted. */
  | {
    code: 'STATE_SUSPECT';
    /** The offending Redis key. */
    key: string;
    /** The contradiction. */
    reason: string;
  }
  /** Nothing states this token's decimals; 18 was assumed. */
  | {
    code: 'DECIMALS_ASSUMED';
    token: string;
  }
  /** Neither the pool nor a heartbeat carries a time. */
  | {
    code: 'AGE_UNKNOWN';
    pool_id: string;
  }
  /** The pool's time is more than 1 s later than now. Up to 5 s its age counts as 0, beyond it is unknown. */
  | {
    code: 'TIME_AHEAD';
    pool_id: string;
    /** By how much, in ms. */
    ahead_ms: number;
  }
  /** The oldest pool of the answer is older than `state.warn_age_ms`. */
  | {
    code: 'STATE_OLD';
    pool_id: string;
    /** Its age in ms. */
    age_ms: number;
  }
  /** The producer's heartbeat is not a time in ms (`ahead_ms` is `null`), or is more than 5 s ahead: ages are computed as if there were none. */
  | {
    code: 'HEARTBEAT_INVALID';
    key: 'metadata';
    /** By how much it is ahead, in ms; `null` where it is not a time. */
    ahead_ms: number | null;
  }
  /** `maximum_sent` with its slippage exceeds 128 bits, and stands at 2^128 - 1. */
  | {
    code: 'MAXIMUM_SENT_CAPPED';
  }
  /** `price_impact_ppm` could not be computed: it is `null`, which is not 0. */
  | {
    code: 'PRICE_IMPACT_UNKNOWN';
  }
  /** Less was filled than asked for (`allow_partial`). */
  | {
    code: 'PARTIAL_FILL';
    unfilled_atomic: Units;
  }
  /** More pools or paths connect the tokens than were looked at. */
  | {
    code: 'CANDIDATES_LIMITED';
    /** Pools looked at. */
    pools: number;
  }
  /** The best answer takes more routes than `max_splits`. Not said where that is 1: then only the best single route is looked for. */
  | {
    code: 'SPLITS_LIMITED';
    /** Routes the best answer takes. */
    wanted: number;
    /** `max_splits`. */
    allowed: number;
  }
  /** `max_bins` kept a partial answer from filling more. */
  | {
    code: 'BINS_LIMITED';
    /** `max_bins`. */
    allowed: number;
  }
  /** The limit on the work of one quote ended the search, so there may be a better answer; none is below the best single route that was found. `limit` is `walks` (amounts tried on routes), `pushes` (steps of the flow that shares a trade over pools and routes), or `merged_bins` (behind the first bins of each pool, bins were shared out in groups instead of one by one). `whole` is no limit on work: all of the input had to be taken, and a part of it gives more (see `allow_partial`). Work is counted, not timed: the same request over the same state ends the same way everywhere, so the warning is part of the digest. */
  | {
    code: 'SEARCH_LIMITED';
    /** Which limit. `walks`: amounts tried on routes. `pushes`: steps of the flow that shares a trade over pools and routes. `merged_bins`: behind the first bins of each pool, bins were shared out in groups instead of one by one. `whole`: all of the input had to be taken, and a part of it gives more. */
    limit: 'walks' | 'pushes' | 'merged_bins' | 'whole';
  }
  /** The pool takes no fees of the sender of the plan, and the quote has them: ask with `fee_exempt`. */
  | {
    code: 'FEE_EXEMPT';
    pool_id: string;
  }
  /** `exclude_pools` or `via` names what is not there, so the name does nothing: a pool that has gone needs no excluding, but one that was misspelt is traded through. Such a name in `pools` is refused (`UNKNOWN_POOL`). */
  | {
    code: 'FILTER_UNKNOWN';
    /** The field of the request. */
    field: 'exclude_pools' | 'via';
    /** The id of a pool that does not exist, or a symbol that no pool holds. */
    name: string;
  }
  /** The bins that were read ran out, and `MAX_KEYS_PER_QUOTE` (over all reads of the quote together) allowed no wider read: bins further out might have given more. `dlmm verify-quote --redis` reads all of them, so it may find such an answer different. */
  | {
    code: 'KEYS_LIMITED';
    /** Keys read, at most. */
    keys: number;
  }
  /** The answer comes from the bundled sample, not from a market. */
  | {
    code: 'SAMPLE_STATE';
    /** Where the numbers come from. */
    reason: string;
  };

/** A pool with its parameters. */
export interface Pool extends FeeParameters {
  pool_id: string;
  token_x: string;
  token_y: string;
  token_x_decimals: number;
  token_y_decimals: number;
  /** Bin step in bps, as stored. */
  bin_step: number | string | null;
  /** As stored. */
  initial_active_bin_id: number | string | null;
  active_bin_id: number;
  /** Price of the stored active bin, whole Y per whole X; `null` where that bin cannot be read. */
  active_bin_price: Decimal | null;
  status: PoolStatus;
  /** As stored. */
  total_tvl: Decimal | null;
  /** As stored. */
  created_at: number | string | null;
  /** As stored; `null` where the pool has no time. */
  last_updated: string | null;
}

/** A bin that holds something. */
export interface Bin {
  bin_id: number;
  price: Decimal;
  /** Reserve of X, in whole tokens. */
  x_amount: Decimal;
  /** Reserve of X, in smallest units. */
  reserve_x: Units;
  /** Reserve of Y, in whole tokens. */
  y_amount: Decimal;
  /** Reserve of Y, in smallest units. */
  reserve_y: Units;
  /** Whether it is the active bin. */
  is_active: boolean;
}

/** A stored pool that cannot be used. */
export interface Skipped {
  /** The offending Redis key. */
  key: string;
  /** What is wrong with its value. */
  reason: string;
}

/** One page of pools. */
export interface Pools {
  /** By id. */
  pools: Pool[];
  /** Stored keys of this page that cannot be read, an active bin that cannot be used and what quotes and snapshots have met of the other bins included; on the first page also what cannot be a pool at all, such as an invalid id. */
  skipped: Skipped[];
  /** How many more were left out without being named; absent where all are named. */
  skipped_more?: number;
  /** Pools in all. */
  total: number;
  /** The `after` of the next page; `null` on the last one. */
  next: string | null;
  source: Source;
  request_id: string | null;
}

/** A pool and its bins, from one moment. */
export interface PoolWithBins extends Pool {
  /** Bins that hold something, by id. */
  bins: Bin[];
  source: Source;
  request_id: string | null;
}

/** Routes that a quote chooses from. */
export interface Routes {
  token_in: string;
  token_out: string;
  /** The hop limit. */
  max_hops: number;
  /** Whether a limit (`MAX_CANDIDATE_POOLS`, 1 000 paths) left pools or routes out. */
  limited: boolean;
  /** Shortest first. */
  routes: {
    /** The tokens it passes, both ends included. */
    tokens: string[];
    hops: {
      token_in: string;
      token_out: string;
      pools: {
        pool_id: string;
        /** Whether the hop puts the pool's token X in. */
        x_for_y: boolean;
        /** `active`, `inactive` or `paused` at this moment; `null` where the pool has no value any more, or one that cannot be read. */
        status: PoolStatus | null;
      }[];
    }[];
  }[];
  source: Source;
  request_id: string | null;
}
