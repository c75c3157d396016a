//! What a caller may cost.

use std::time::Duration;

use clap::Args;

/// Bounds of the gateway; each has a default that a development machine bears.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at a time. One more takes the place of one that has sent no request yet, or gets 503.
    #[arg(long, value_name = "N", default_value_t = 800, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    max_connections: u32,

    /// Time in which the headers of a request must arrive, and for which an idle connection is kept.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    header_timeout: u64,

    /// Time in which the body of a request must arrive, and in which some of an answer must be taken.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    body_timeout: u64,

    /// Largest body of a request, as on Upstash's free and pay-as-you-go plans.
    #[arg(long, value_name = "BYTES", default_value_t = 10 << 20, value_parser = bytes)]
    max_body: usize,

    /// Commands of one pipeline or transaction.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_commands: u32,

    /// Largest reply of Redis to one command or transaction, as counted in memory; at least 4 MiB.
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20, value_parser = reply_bytes)]
    max_reply: usize,

    /// Bytes that all requests together may hold (bodies, commands, replies, answers); beyond that, 503.
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20, value_parser = bytes)]
    max_in_flight: usize,
}

impl Limits {
    pub(crate) fn max_connections(&self) -> u32 {
        self.max_connections
    }

    pub(crate) fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.header_timeout)
    }

    pub(crate) fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.body_timeout)
    }

    pub(crate) fn max_body(&self) -> usize {
        self.max_body
    }

    pub(crate) fn max_commands(&self) -> usize {
        usize::try_from(self.max_commands).unwrap_or(usize::MAX)
    }

    pub(crate) fn max_reply(&self) -> usize {
        self.max_reply
    }

    pub(crate) fn max_in_flight(&self) -> usize {
        self.max_in_flight
    }
}

/// A size that leaves room for what Redis says of its commands, some 2 MB once it has been read.
fn reply_bytes(text: &str) -> Result<usize, String> {
    let refused = || "must be a whole number of bytes from 4194304 to 1099511627776".to_owned();
    bytes(text).ok().filter(|bytes| *bytes >= 4 << 20).ok_or_else(refused)
}

/// A size from 1 kB to 1 TB.
fn bytes(text: &str) -> Result<usize, String> {
    let refused = || "must be a whole number of bytes from 1024 to 1099511627776".to_owned();
    text.parse().ok().filter(|bytes| (1 << 10..=1 << 40).contains(bytes)).ok_or_else(refused)
}
