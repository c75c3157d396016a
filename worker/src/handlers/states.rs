//! The states of a batch that asks for `share_state`: each is written once, and its answers refer to it.

use dlmm_core::api::{NumberStyle, SharedState};

use super::answer_size::too_large;
use crate::http::ApiError;
use crate::market::rounds::Loaded;

/// Bytes of whole inputs that the digests of a batch are taken of at most: it is work, though none of it is sent.
const MAX_DIGESTED_BYTES: usize = 40_000_000;

/// The states of one batch, by the read they came from.
#[derive(Debug, Default)]
pub(super) struct States {
    shared: Vec<(u32, SharedState)>,
    digested: usize,
}

impl States {
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
        let written = loaded.answer.to_json_with_ref(NumberStyle::Json, Some(request_id), (at, state));
        let (json, whole) = written.map_err(|_| ApiError::internal())?;
        self.digested = self.digested.saturating_add(whole);
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
