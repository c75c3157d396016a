import type { ErrorCode } from './errors.js';

/** A token, as `GET /tokens` lists it. */
export interface Token {
  symbol: string;
  name: string;
  decimals: number;
  /** `stated`: a pool says so. `well_known`: a built-in table. `assumed`: 18, because nothing better is known. */
  decimals_from: 'stated' | 'well_known' | 'assumed';
}

/** A pair and its pools, as `GET /pairs` lists it. */
export interface Pair {
  token_x: string;
  token_y: string;
  pools: string[];
}

/** Whether a service can quote, as `GET /health` says. Numbers are numbers: nobody trades on them. */
export interface Health {
  /** `degraded`: some quotes are refused because their state is too old, or the sample stands in. `down`: none can be served. */
  status: 'ok' | 'degraded' | 'down';
  problems: ErrorCode[];
  /** Null where no Redis is set. */
  redis: {
    reachable: boolean;
    ping_ms: number | null;
    keys: number | null;
    version: string | null;
    used_memory_bytes: number | null;
    connected_clients: number | null;
    uptime_seconds: number | null;
    error: ErrorCode | null;
  } | null;
  breaker: { state: 'closed' | 'open' | 'probing'; faults: number; opened: number; refused: number } | null;
  fallback: boolean;
  data: {
    newest_age_ms: number | null;
    oldest_age_ms: number | null;
    unknown_age: number;
    ahead: number;
    pools_read: number;
    broken: number;
    heartbeat: { heartbeat_ms: string; age_ms: number | null; ahead_ms: number | null } | null;
    max_age_ms: number | null;
    warn_age_ms: number | null;
  } | null;
  left_out: { count: number; first: { key: string; reason: string }[] };
  settings: { default_fee_bps: number; max_candidate_pools: number; max_keys_per_quote: number; router?: string | null };
  topology: Record<string, number | null>;
  version: string;
  environment: string;
  uptime_ms: number;
  wasm_memory_bytes: number;
  request_id: string;
}
