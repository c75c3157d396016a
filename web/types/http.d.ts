// Generated from docs/openapi.json, as a test demands: UPDATE_DOCS=1 node --test tests/docs/shapes.test.mjs
import type { DecimalsFrom, Skipped } from './answers.js';
import type { ErrorCode } from './errors.js';

/** A pair and its pools. */
export interface Pair {
  token_x: string;
  token_y: string;
  /** By id. */
  pools: string[];
}

/** A token. */
export interface Token {
  symbol: string;
  /** Repeats the symbol. */
  name: string;
  decimals: number;
  decimals_from: DecimalsFrom;
}

/** Whether the service can quote. */
export interface Health {
  /** `ok`: quotes are served. `degraded`: some quotes are refused because their state is too old, or the bundled sample stands in for Redis (`fallback` is true). `down`: no quote can be served, and the HTTP status is 503. */
  status: 'ok' | 'degraded' | 'down';
  /** Why it is not `ok`, in the codes that a quote would give. */
  problems: ErrorCode[];
  /** `null` where no Redis is set. */
  redis: {
    /** Whether it answered. */
    reachable: boolean;
    /** Time of one round trip, in which everything about Redis itself is asked, in ms. */
    ping_ms: number | null;
    /** Number of keys. `null` where the token may not ask. */
    keys: number | null;
    /** Version of the server; like the next three `null` where the server does not tell. */
    version: string | null;
    /** Memory in use, in bytes. */
    used_memory_bytes: number | null;
    /** Clients connected. */
    connected_clients: number | null;
    /** Time since the server started, in s. */
    uptime_seconds: number | null;
    /** Code of the fault, as a quote would give it. */
    error: ErrorCode | null;
  } | null;
  /** Whether the isolate that answers asks Redis at the moment; `null` where no Redis is set. */
  breaker: {
    /** `closed`: it asks. `open`: it does not, because Redis did not answer. `probing`: one call finds out whether it does. */
    state: 'closed' | 'open' | 'probing';
    /** Calls in a row that did not reach Redis. */
    faults: number;
    /** Times it opened since the isolate started. */
    opened: number;
    /** Calls that were not sent. */
    refused: number;
  } | null;
  /** Whether the sample state may answer when Redis does not. */
  fallback: boolean;
  /** Ages of the active pools (of the first 1 000 by id); `null` where they could not be read. */
  data: {
    /** Age of the newest pool in ms. */
    newest_age_ms: number | null;
    /** Age of the oldest pool in ms. */
    oldest_age_ms: number | null;
    /** Active pools of unknown age. */
    unknown_age: number;
    /** Those of them whose time is more than 5 s ahead. */
    ahead: number;
    /** Active pools whose ages are counted. */
    pools_read: number;
    /** Pools whose value cannot be used. */
    broken: number;
    /** The producer's heartbeat; `null` where there is none. */
    heartbeat: {
      /** As stored. */
      heartbeat_ms: string;
      /** Its age in ms; `null` where it gives none: it is not a time, or is more than 5 s ahead. */
      age_ms: number | null;
      /** By how much it is ahead, if too far, in ms; otherwise `null`. */
      ahead_ms: number | null;
    } | null;
    /** Age in ms above which every quote is refused; `null` where none is. */
    max_age_ms: number | null;
    /** Age in ms above which quotes warn; `null` where none does. */
    warn_age_ms: number | null;
  } | null;
  /** What is in Redis but cannot be quoted: broken values, invalid ids, keys of another type, values too large for a reply. A value that broke where it stands is named as soon as a quote, a list or a snapshot has read it, and by `/health` itself, which reads the first 1,000 pools by id; lists of tokens and pairs are looked at when pools are listed anew. What was mended is gone from it after 2 s, whether it is quoted or not. */
  left_out: {
    /** How many keys. */
    count: number;
    /** The first five of them by key, with the reason. */
    first: Skipped[];
  };
  /** What decides a quote and is not part of the request. */
  settings: {
    /** Fee of pools whose value names none, in bps (`DEFAULT_FEE_BPS`). */
    default_fee_bps: number;
    /** Pools that one quote looks at, at most (`MAX_CANDIDATE_POOLS`). */
    max_candidate_pools: number;
    /** Keys that all reads of one quote have together, at most (`MAX_KEYS_PER_QUOTE`). */
    max_keys_per_quote: number;
    /** Router contract whose calls the plans of quotes are (`STACKS_ROUTER`); null where none is set. */
    router: string | null;
  };
  /** What the isolate that answers knows of pools and routes. Each isolate has its own, and its counters begin at 0 with it. */
  topology: {
    /** Since the list of pools was built, in ms; `null` before the first quote. */
    age_ms: number | null;
    /** Since it was last compared with Redis, in ms; `null` before the first quote. */
    checked_ms_ago: number | null;
    /** Pools known. */
    pools: number;
    /** Tokens known. */
    tokens: number;
    /** How long it took to list the pools, the last time, in ms; `null` before the first quote. */
    last_build_ms: number | null;
    /** Pairs whose candidate routes are kept. */
    route_pairs: number;
    /** About how many bytes they take. */
    route_bytes: number;
    /** Share of quotes whose routes were kept already; `null` before the first quote. */
    route_hit_rate: number | null;
    /** Times the pools or their tokens changed, so that all routes were dropped. */
    rebuilds: number;
    /** Comparisons with the counters in Redis. */
    checks: number;
    /** Listings of all pools, the first one included. */
    listings: number;
    /** Times the routes of a pair were kept already. */
    route_hits: number;
    /** Times they had to be searched. */
    route_misses: number;
  };
  /** Version of the service. */
  version: string;
  /** Which of its environments it runs in. */
  environment: 'development' | 'staging' | 'production';
  /** Since the first request of the isolate that answers, in ms. */
  uptime_ms: number;
  /** Memory that the isolate's wasm has taken for its data, in bytes; it never gives any back. */
  wasm_memory_bytes: number;
  request_id: string;
}
