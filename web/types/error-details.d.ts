// Generated from docs/openapi.json, as a test demands: UPDATE_DOCS=1 node --test tests/docs/shapes.test.mjs
import type { Units } from './numbers.js';
import type { Warning } from './answers.js';

/** Facts of the errors that the engine and a service over HTTP have, by code. */
export interface AnsweredDetails {
  /** A field is missing, malformed, unknown or given twice, on every path (one that takes no parameters knows none), or asks for more than one answer may hold. `field` is `body` where it is not a JSON object, and `query` where parameters do not belong or are more than 16 KiB. `limit` and `unit` are there where a limit was exceeded. */
  INVALID_REQUEST: {
    /** The field at fault; `body`: not a JSON object of the right shape; `query`: parameters where none belong. */
    field: string;
    /** Only where a limit was exceeded. */
    limit?: number;
    /** What `limit` counts. */
    unit?: 'bytes' | 'pools';
  };
  /** Token in and token out are equal. */
  SAME_TOKEN: {
    token: string;
  };
  /** No pool holds the token, and there is no pool whose tokens cannot be known (else it is `STATE_INVALID`). */
  UNKNOWN_TOKEN: {
    token: string;
    /** Names in filters that are not there: `FILTER_UNKNOWN`. Absent where there are none. */
    warnings?: Warning[];
  };
  /** The pool of the path, or of `pools`, does not exist. */
  UNKNOWN_POOL: {
    pool_id: string;
    /** Names in filters that are not there: `FILTER_UNKNOWN`. Absent where there are none. */
    warnings?: Warning[];
  };
  /** No active pools connect the tokens. */
  NO_ROUTE: {
    token_in: string;
    token_out: string;
    /** The hop limit. */
    max_hops: number;
    /** Fields of the request that rule out pools or tokens: without them there may be a route. Absent where there are none. */
    narrowed_by?: ('pools' | 'exclude_pools' | 'via')[];
    /** Why there may be a route all the same: `FILTER_UNKNOWN`, `CANDIDATES_LIMITED`. Absent where everything was looked at. */
    warnings?: Warning[];
  };
  /** A route exists but holds too little. Both amounts are in smallest units, as strings; `fillable` does fill. */
  INSUFFICIENT_LIQUIDITY: {
    /** What was asked for, in smallest units. */
    requested: Units;
    /** What does fill, in smallest units. */
    fillable: Units;
    /** Limits of the request without which more may fill: `pools`, `exclude_pools`, `via` and `max_reads` where it has them, `max_hops` and `max_splits` where they are below their defaults, `max_splits` too where more routes are wanted, `max_bins` where more bins would do more. Absent where there are none. */
    narrowed_by?: ('pools' | 'exclude_pools' | 'via' | 'max_hops' | 'max_splits' | 'max_bins' | 'max_reads')[];
    /** Why there may be more than was looked at: `KEYS_LIMITED`, `POOL_SKIPPED`, `CANDIDATES_LIMITED`, `SEARCH_LIMITED`, `FILTER_UNKNOWN`. Absent where everything was. */
    warnings?: Warning[];
  };
  /** It would fill, but through more bins of one pool than allowed. `needed` is `null` if that could not be established. */
  TOO_MANY_BINS: {
    /** Bins it takes; `null` if that could not be established. */
    needed: number | null;
    /** `max_bins`. */
    allowed: number;
    /** Why it may fill within the limit all the same: `KEYS_LIMITED`, `POOL_SKIPPED`, `CANDIDATES_LIMITED`, `SEARCH_LIMITED`, `FILTER_UNKNOWN`. Absent where everything was tried. */
    warnings?: Warning[];
  };
  /** It buys less than one smallest unit. */
  AMOUNT_TOO_SMALL: {
    /** Why there may be more than was looked at: `KEYS_LIMITED`, `POOL_SKIPPED`, `CANDIDATES_LIMITED`, `FILTER_UNKNOWN`. Absent where everything was. */
    warnings?: Warning[];
  };
  /** Beyond 128 bits. `field` where the amount itself is at fault. */
  AMOUNT_OVERFLOW: {
    /** Where the amount itself is at fault. */
    field?: string;
    /** Names in filters that are not there: `FILTER_UNKNOWN`. Absent where there are none, and where the amount itself is at fault. */
    warnings?: Warning[];
  };
  /** The answer would have more than `limit` bytes. In a batch this entry, counted with those before it; `index` is its place. Leave out `include_state` or the steps, or name fewer pools. */
  ANSWER_TOO_LARGE: {
    /** Bytes of an answer, a batch in all. */
    limit: number;
    /** In a batch: the place of the request. */
    index?: number;
  };
  /** There is a quote, but no call that executes it as `plan` asks. */
  PLAN_UNAVAILABLE: {
    /** Why; part of the interface. `no router`: the service has no `STACKS_ROUTER`. `router unknown`: it is none whose calls are known. `contracts unknown`: the value of a pool does not name its contracts. `contracts differ`: pools mean different contracts by one symbol. `other network`: sender, router and pools are not of one network. `mode impossible`: the mode cannot execute the quote: several hops, or more than one pool that ends amid a bin. `part of the input unfilled`: the quote is a partial fill. `price inexact`: a bin has no `price_e8`, so the contract may have another price. */
    reason: 'no router' | 'router unknown' | 'contracts unknown' | 'contracts differ' | 'other network' | 'mode impossible' | 'part of the input unfilled' | 'price inexact';
    /** What it was found in, for a person. */
    what: string;
    /** Names in filters that are not there: `FILTER_UNKNOWN`. Absent where there are none. */
    warnings?: Warning[];
  };
  /** The call takes more reads than a block bears, or than `max_reads` allows. */
  PLAN_TOO_LARGE: {
    /** Reads of the call. */
    reads: number;
    /** Reads allowed. */
    limit: number;
    /** Bins of the call that fit in, from its first on. */
    bins_that_fit: number;
    /** Why a call within `max_reads` may exist all the same: `SEARCH_LIMITED`, only with `max_reads`, and `FILTER_UNKNOWN`. Absent where everything was tried. */
    warnings?: Warning[];
  };
  /** A fault of the service; its log has the cause under the `request_id`. */
  INTERNAL: Record<string, never>;
  /** Stored values cannot be used and no other route is left, or they contradict themselves under `strict`. Also where a token or route is unknown while the tokens of a pool cannot be known. Under `strict` they were read twice, and the second reading decided. */
  STATE_INVALID: {
    /** The offending Redis key. */
    key: string;
    /** What is wrong with its value. */
    reason: string;
    /** Names in filters that are not there: `FILTER_UNKNOWN`. Absent where there are none. */
    warnings?: Warning[];
  };
  /** A pool of the answer is too old, of too early a block, or nobody knows. `null` is what is unknown, or no limit. */
  STALE_STATE: {
    pool_id: string;
    /** Age in ms; `null` where it is unknown. */
    age_ms: number | null;
    /** The limit in ms; `null` where there is none. */
    max_age_ms: number | null;
    block_height: number | null;
    /** The oldest block that the request accepts; `null` where it accepts any. */
    min_block_height: number | null;
    /** Names in filters that are not there: `FILTER_UNKNOWN`. Absent where there are none. */
    warnings?: Warning[];
  };
}

/** Facts of the errors that only a service over HTTP has, by code. */
export interface AnsweredServiceDetails {
  /** `API_KEYS` is set and the request carries none of them, or an operator's call lacks the right `ADMIN_TOKEN`. */
  UNAUTHORIZED: Record<string, never>;
  /** No such path. */
  NOT_FOUND: {
    /** What was asked for, its first 200 characters. */
    path: string;
    /** The paths that there are, beside those of the operator. */
    paths: string[];
  };
  /** The path does not answer that method. `allow` is also in the `Allow` header. */
  METHOD_NOT_ALLOWED: {
    /** The methods of the path; also in the `Allow` header. */
    allow: string;
  };
  /** The request body has more than `limit` bytes. */
  BODY_TOO_LARGE: {
    /** Bytes. */
    limit: number;
  };
  /** This client has asked too often, or other large answers are being written. `retry_after` is in seconds, and also in the `Retry-After` header. */
  RATE_LIMITED: {
    /** Seconds to wait; also in the header `retry-after`. */
    retry_after: number;
  };
  /** A setting of the service cannot be used; every path says so. */
  CONFIG_INVALID: {
    /** Name of the setting. */
    setting: string;
  };
  /** Redis answered with something that the command cannot return. */
  UPSTREAM_INVALID: {
    /** What was unexpected. */
    reason: string;
  };
  /** Redis refused a command, and neither missing rights nor a wrong type is the cause. `reason` is what it said, without anything that it quotes. */
  UPSTREAM_REFUSED: {
    /** What Redis said, up to where it quotes what it was sent. */
    reason: string;
  };
  /** Redis is a cluster, which cannot serve the keys of a quote in one command. `reason` is `MOVED`, `ASK`, `CROSSSLOT`, `CLUSTERDOWN` or `TRYAGAIN`. */
  CLUSTER_UNSUPPORTED: {
    /** The first word of what Redis said. */
    reason: 'MOVED' | 'ASK' | 'CROSSSLOT' | 'CLUSTERDOWN' | 'TRYAGAIN';
  };
  /** Redis refused the token, or the token lacks the right to a command. */
  REDIS_AUTH: Record<string, never>;
  /** Redis cannot be reached or cannot serve, retries included; or a limit of its plan is used up. With 0 `attempts` Redis was not asked, because earlier calls got no answer: `retry_after_ms` says when it will be asked again, and so does the `Retry-After` header in whole seconds. */
  REDIS_UNAVAILABLE: {
    /** Tries in all; 0 where Redis was not asked because it did not answer before. */
    attempts: number;
    /** Only with 0 attempts: ms to wait; in whole seconds also in the header `retry-after`. */
    retry_after_ms?: number;
  };
  /** As many streams are open as an isolate keeps (`MAX_STREAMS`) or keeps for one client, or its memory for them is full. `retry_after` is also in `Retry-After`. */
  STREAMS_FULL: {
    /** Seconds to wait; also in the header `retry-after`. */
    retry_after: number;
  };
  /** Redis did not answer within `REDIS_SOCKET_TIMEOUT`. */
  REDIS_TIMEOUT: {
    /** The whole budget of the request, in ms. */
    deadline_ms: number;
  };
}
