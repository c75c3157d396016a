//! The states of a batch that asks for `share_state`: each is written once, and its answers refer to it.

use std::fmt;
use std::pin::Pin;

use dlmm_core::api::{DigestPlace, NumberStyle, SharedState};

use super::answer_size::too_large;
use crate::http::ApiError;
use crate::market::rounds::Loaded;
use crate::request::RequestContext;
use crate::seam::Room;

/// Bytes of whole inputs that the digests of a batch are taken of at most: it is work, though none of it is sent.
const MAX_DIGESTED_BYTES: usize = 40_000_000;

/// Whole inputs below this are digested where they are: a promise would cost more.
const LONG_BYTES: usize = 64 * 1024;

/// A digest that the platform was asked for, and where it belongs.
pub(super) struct Late {
    place: DigestPlace,
    sha256: Pin<Box<dyn Future<Output = Option<[u8; 32]>>>>,
}

impl fmt::Debug for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Late").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Late {
    /// Waits for it and puts it in its place.
    ///
    /// # Errors
    /// INTERNAL where the platform gave none.
    pub(super) async fn fill(self, answer: &mut String) -> Result<(), ApiError> {
        let sha256 = self.sha256.await.ok_or_else(ApiError::internal)?;
        self.place.fill(answer, &sha256);
        Ok(())
    }
}

/// The states of one batch, by the read they came from.
#[derive(Debug)]
pub(super) struct States<'c> {
    context: &'c RequestContext,
    shared: Vec<(u32, SharedState)>,
    digested: usize,
    /// Where what is digested is copied to.
    room: Room,
    /// Of the answer that was written last.
    late: Option<Late>,
}

impl<'c> States<'c> {
    pub(super) fn new(context: &'c RequestContext) -> Self {
        Self { context, shared: Vec::new(), digested: 0, room: Room::default(), late: None }
    }

    /// The digest that the last answer still lacks, if it does.
    pub(super) const fn take_late(&mut self) -> Option<Late> {
        self.late.take()
    }

    /// Bytes that they take in the answer.
    pub(super) fn bytes(&self) -> usize {
        self.shared.iter().map(|(_, state)| state.bytes() + 16).sum()
    }

    /// Writes an answer that refers to its state; writes the state if it is the first of its read and has at most `room`
    /// bytes. Also gives the room that is left for the answer.
    ///
    /// # Errors
    /// ANSWER_TOO_LARGE.
    pub(super) fn write(
        &mut self,
        loaded: &Loaded,
        request_id: &str,
        room: usize,
    ) -> Result<(String, usize), ApiError> {
        if self.digested.saturating_add(loaded.least_bytes()) > MAX_DIGESTED_BYTES {
            return Err(too_large());
        }
        let known = self.shared.iter().position(|(read, _)| *read == loaded.read.number);
        let (at, room) = match known {
            Some(at) => (at, room),
            None => {
                if loaded.least_bytes_of_all() > room {
                    return Err(too_large());
                }
                let state = loaded.shared_state();
                let room = room.checked_sub(state.bytes() + 16).ok_or_else(too_large)?;
                self.shared.push((loaded.read.number, state));
                (self.shared.len() - 1, room)
            }
        };
        let Some((_, state)) = self.shared.get(at) else { return Err(ApiError::internal()) };
        let id = Some(request_id);
        let written = loaded.answer.undigested_with_ref(NumberStyle::Json, id, (at, state));
        let (answer, whole) = written.map_err(|_| ApiError::internal())?;
        self.digested = self.digested.saturating_add(whole);
        let json = if whole < LONG_BYTES {
            let sha256 = answer.sha256();
            answer.finish(&sha256, id)
        } else {
            let sha256 = Box::pin(self.context.sha256(&answer.covered(), &mut self.room));
            let (json, place) = answer.finish_before(id);
            self.late = Some(Late { place, sha256 });
            json
        };
        Ok((json, room))
    }

    /// The field of the batch that holds them, with the comma before it.
    pub(super) fn into_json(self) -> String {
        let mut json = String::new();
        json.reserve_exact(self.bytes() + 16);
        json.push_str(r#","states":["#);
        for (at, (_, state)) in self.shared.into_iter().enumerate() {
            if at > 0 {
                json.push(',');
            }
            state.write(&mut json);
        }
        json.push(']');
        json
    }
}
