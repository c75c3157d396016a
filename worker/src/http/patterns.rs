//! The paths by name, apart from the table, which refusals cannot ask: it makes some.

/// Patterns of the paths that are for everybody.
pub(super) const PATHS: [&str; 13] = [
    "/quote",
    "/quotes",
    "/quote/stream",
    "/routes",
    "/pools",
    "/pools/{id}",
    "/pairs",
    "/tokens",
    "/snapshot",
    "/changes",
    "/stream/ticket",
    "/health",
    "/metrics",
];
