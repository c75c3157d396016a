//! Single values of Redis: texts that may be too large for a reply, keys of another type, the producer's heartbeat.

mod heartbeat;
mod key_types;
mod lenient;
mod oversize;

pub use heartbeat::{Beating, KnownHeartbeat, READ_AGAIN_MS, Young, pulse_of, read_beating};
pub use key_types::{KEYS_PER_LOOK, wrong_type_in_each, wrong_types};
pub use lenient::lenient;
pub use oversize::{
    MAX_VALUE_BYTES, READ_BYTES, Within, beating_texts_within, lengths, reason, reason_of_pool,
    reason_of_whole_pool, texts_and_count_within, texts_within,
};
