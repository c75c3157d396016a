# The Worker under workerd alone, without Cloudflare, wrangler or Node:
#
#   workerd serve ops/container/workerd.capnp -I worker/build
#
# Settings come from the environment; docs/configuration.md has the table. An absent one takes its default.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .quote),
    # Redis is usually on a private network here; workerd's own default would reach public addresses only.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "*:8787", http = (), service = "main")],
);

const quote :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "/index.js"),
    (name = "index_bg.wasm", wasm = embed "/index_bg.wasm"),
  ],
  # The same as in wrangler.toml.
  compatibilityDate = "2026-07-01",
  compatibilityFlags = ["enable_request_signal"],
  bindings = [
    (name = "UPSTASH_REDIS_REST_URL", fromEnvironment = "UPSTASH_REDIS_REST_URL"),
    (name = "UPSTASH_REDIS_REST_TOKEN", fromEnvironment = "UPSTASH_REDIS_REST_TOKEN"),
    (name = "REDIS_SOCKET_TIMEOUT", fromEnvironment = "REDIS_SOCKET_TIMEOUT"),
    (name = "REDIS_MAX_RETRIES", fromEnvironment = "REDIS_MAX_RETRIES"),
    (name = "REDIS_BACKOFF_FACTOR", fromEnvironment = "REDIS_BACKOFF_FACTOR"),
    (name = "REDIS_BREAKER_FAULTS", fromEnvironment = "REDIS_BREAKER_FAULTS"),
    (name = "REDIS_BREAKER_COOL_DOWN", fromEnvironment = "REDIS_BREAKER_COOL_DOWN"),
    (name = "REDIS_POOL_CONFIG_CACHE_TTL", fromEnvironment = "REDIS_POOL_CONFIG_CACHE_TTL"),
    (name = "REDIS_MAX_GRAPH_CACHE_SIZE", fromEnvironment = "REDIS_MAX_GRAPH_CACHE_SIZE"),
    (name = "REDIS_FALLBACK_TO_MOCK", fromEnvironment = "REDIS_FALLBACK_TO_MOCK"),
    (name = "DEFAULT_FEE_BPS", fromEnvironment = "DEFAULT_FEE_BPS"),
    (name = "MAX_CANDIDATE_POOLS", fromEnvironment = "MAX_CANDIDATE_POOLS"),
    (name = "MAX_KEYS_PER_QUOTE", fromEnvironment = "MAX_KEYS_PER_QUOTE"),
    (name = "STACKS_ROUTER", fromEnvironment = "STACKS_ROUTER"),
    (name = "MAX_SNAPSHOT_BYTES", fromEnvironment = "MAX_SNAPSHOT_BYTES"),
    (name = "STREAM_POLL_MS", fromEnvironment = "STREAM_POLL_MS"),
    (name = "STREAM_MAX_SECONDS", fromEnvironment = "STREAM_MAX_SECONDS"),
    (name = "MAX_STREAMS", fromEnvironment = "MAX_STREAMS"),
    (name = "MAX_STATE_AGE_MS", fromEnvironment = "MAX_STATE_AGE_MS"),
    (name = "WARN_STATE_AGE_MS", fromEnvironment = "WARN_STATE_AGE_MS"),
    (name = "STRICT_STATE", fromEnvironment = "STRICT_STATE"),
    (name = "ALLOWED_ORIGINS", fromEnvironment = "ALLOWED_ORIGINS"),
    (name = "API_KEYS", fromEnvironment = "API_KEYS"),
    (name = "ADMIN_TOKEN", fromEnvironment = "ADMIN_TOKEN"),
    (name = "LOG_LEVEL", fromEnvironment = "LOG_LEVEL"),
    (name = "ENVIRONMENT", fromEnvironment = "ENVIRONMENT"),
  ],
);
