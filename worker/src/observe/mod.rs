//! What operators see: the log, counters, ages, rows of quotes; and what large answers hold in memory meanwhile.

mod in_flight;
mod log;
mod metrics;
mod prometheus;
mod quote_event;
mod spent;
mod state_ages;
mod streams;
mod turns;

pub use in_flight::{Holding, InFlight, Waiting};
pub use log::{Level, Log, install_panic_hook, new_request_id};
pub use metrics::{Answered, Metrics};
pub use prometheus::{METRICS_TYPE, MetricsText, seconds};
pub use quote_event::QuoteEvent;
pub use spent::Spent;
pub use state_ages::StateAges;
pub use streams::{Counted, Place, Streams};
pub use turns::{Turn, Turns};
