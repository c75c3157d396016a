//! An answer that carries what it was computed from, and the digest of both.

mod basis;
mod canonical;
mod digest;
mod entry;
mod request;
mod shared;
mod size;
mod tree;
mod written;

pub use basis::{Basis, INPUT_FORMAT};
pub use shared::SharedState;
pub use size::MAX_ANSWER_BYTES;
pub use written::{Answer, AnswerRoom, DigestPlace, ReadAt, Undigested, Written};

pub(crate) use canonical::whole_number;
pub(crate) use digest::{digest_of, is_human};
pub(crate) use request::RequestFields;
pub(crate) use tree::{Fields, Tree};
