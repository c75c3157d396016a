//! The answers of a batch, written as they come, in whatever order; together no larger than one answer may be.

use super::answer_size::{MAX_ANSWER_BYTES, too_large};
use crate::http::ApiError;
use crate::observe::Holding;

/// What is kept free for each entry that is still to come, so that it can at least be refused.
const RESERVE: usize = 600;

/// When an entry that found no room beside other batches may be asked for again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// The entries of a batch.
#[derive(Debug)]
pub(super) struct Entries {
    texts: Vec<Option<String>>,
    bytes: usize,
    /// Bytes of the batch beside them.
    beside: usize,
    missing: usize,
    /// The isolate's memory that is kept for them while others are still read for.
    holding: Holding,
    /// Statuses of faults that are ours or Redis's, and whether there was anything else.
    fault: Option<u16>,
    all_are_faults: bool,
}

impl Entries {
    pub(super) fn new(requests: usize, holding: Holding) -> Self {
        let texts = (0..requests).map(|_| None).collect();
        Self { texts, bytes: 0, beside: 0, missing: requests, holding, fault: None, all_are_faults: true }
    }

    /// Bytes that the next entry may have.
    pub(super) fn room(&self) -> usize {
        let reserved = self.missing.saturating_sub(1).saturating_mul(RESERVE);
        MAX_ANSWER_BYTES.saturating_sub(self.bytes.saturating_add(self.beside).saturating_add(reserved))
    }

    /// Says how much the batch holds beside them.
    pub(super) const fn leave_room(&mut self, bytes: usize) {
        self.beside = bytes;
    }

    /// Puts an entry in its place; `written` is its text where it is an answer. Tells whether that stands there now, and no refusal.
    pub(super) fn put(&mut self, index: usize, written: Result<String, ApiError>, request_id: &str) -> bool {
        let room = self.room();
        let written = written.and_then(|mut text| match text.len() {
            bytes if bytes > room => Err(too_large()),
            bytes if !self.holding.grow_to(self.bytes.saturating_add(self.beside).saturating_add(bytes)) => {
                Err(ApiError::busy(RETRY_AFTER_SECONDS))
            }
            _ => {
                // What grew step by step may have twice the room that it needs.
                text.shrink_to_fit();
                Ok(text)
            }
        });
        let is_answer = written.is_ok();
        let status = written.as_ref().err().map(|error| error.code.status()).filter(|status| *status >= 500);
        let text = written.unwrap_or_else(|error| {
            let is_too_large = error.code == too_large().code;
            let error = if is_too_large { error.with("index", index) } else { error };
            let text = error.to_json(request_id);
            // What a refusal says may be as long as what was asked.
            match text.len() <= room.max(RESERVE) {
                true => text,
                false => too_large().with("index", index).to_json(request_id),
            }
        });
        let Some(slot @ None) = self.texts.get_mut(index) else { return false };
        self.all_are_faults &= status.is_some();
        self.fault = self.fault.or(status);
        self.bytes = self.bytes.saturating_add(text.len());
        self.missing = self.missing.saturating_sub(1);
        *slot = Some(text);
        is_answer
    }

    /// The text of an entry that was put.
    pub(super) fn text_mut(&mut self, index: usize) -> Option<&mut String> {
        self.texts.get_mut(index)?.as_mut()
    }

    /// The status of the whole. When nothing could be answered because of us or of Redis, it says so to whoever looks at
    /// the status only.
    pub(super) fn status(&self) -> u16 {
        self.fault.filter(|_| self.all_are_faults).unwrap_or(200)
    }

    /// The list of them as JSON, followed by `more` fields.
    pub(super) fn into_json(self, more: &str) -> String {
        let commas = self.texts.len();
        let mut json = String::new();
        json.reserve_exact(self.bytes.saturating_add(more.len()).saturating_add(commas + 20));
        json.push_str(r#"{"answers":["#);
        for (index, text) in self.texts.into_iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            // Freed one by one, so that little is held twice.
            json.push_str(&text.unwrap_or_default());
        }
        json.push(']');
        json.push_str(more);
        json.push('}');
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::InFlight;
    use serde_json::Value;

    fn json(entries: Entries) -> Value {
        serde_json::from_str(&entries.into_json(r#","request_id":"id""#)).unwrap()
    }

    #[test]
    fn entries_stand_in_order_with_errors_among_them() {
        let mut entries = Entries::new(2, Holding::default());
        entries.put(1, Err(ApiError::not_found("/")), "id");
        entries.put(0, Ok(r#"{"success":true}"#.to_owned()), "id");
        assert_eq!(entries.status(), 200);
        let value = json(entries);
        assert_eq!(value["answers"][0]["success"], true);
        assert_eq!(value["answers"][1]["error"]["code"], "NOT_FOUND");
        assert_eq!(value["request_id"], "id");
    }

    #[test]
    fn what_no_longer_fits_is_refused_by_its_place_and_the_rest_is_answered() {
        let entry = |bytes| Ok(format!("\"{}\"", "a".repeat(bytes - 2)));
        let mut entries = Entries::new(4, Holding::default());
        let room = entries.room();
        assert_eq!(room, MAX_ANSWER_BYTES - 3 * RESERVE);
        entries.put(0, entry(room - 1_000), "id");
        entries.put(1, entry(2_000), "id");
        entries.put(2, entry(1_000), "id");
        entries.put(3, Err(ApiError::internal()), "id");
        assert_eq!(entries.status(), 200);
        assert!(entries.bytes <= MAX_ANSWER_BYTES);
        let value = json(entries);
        assert_eq!(value["answers"][1]["error"]["code"], "ANSWER_TOO_LARGE");
        assert_eq!(
            value["answers"][1]["error"]["details"],
            serde_json::json!({"index": 1, "limit": MAX_ANSWER_BYTES})
        );
        assert_eq!(value["answers"][2].as_str().map(str::len), Some(998));
        assert_eq!(value["answers"][3]["error"]["code"], "INTERNAL");
    }

    #[test]
    fn refusals_count_as_answers_do() {
        let mut entries = Entries::new(100, Holding::default());
        for at in 0..100 {
            let long = ApiError::invalid_request("body", "x".repeat(50_000));
            entries.put(at, Err(long), "id");
        }
        assert!(entries.bytes <= MAX_ANSWER_BYTES, "{}", entries.bytes);
        let codes = json(entries);
        let codes: Vec<_> = (0..100).map(|at| codes["answers"][at]["error"]["code"].clone()).collect();
        assert_eq!(codes.iter().filter(|code| *code == "INVALID_REQUEST").count(), 79);
        assert_eq!(codes.iter().filter(|code| *code == "ANSWER_TOO_LARGE").count(), 21);
    }

    #[test]
    fn what_finds_no_room_beside_other_batches_is_told_to_come_again() {
        let memory = InFlight::default();
        let mut others = memory.begin();
        assert!(others.take(20_000_000));
        let mut entries = Entries::new(2, memory.begin());
        entries.put(0, Ok(r#"{"success":true}"#.to_owned()), "id");
        entries.put(1, Err(ApiError::not_found("/")), "id");
        let value = json(entries);
        assert_eq!(value["answers"][0]["error"]["code"], "RATE_LIMITED");
        assert_eq!(value["answers"][0]["error"]["details"]["retry_after"], 1);
    }

    #[test]
    fn the_status_is_a_fault_only_where_all_are() {
        let mut entries = Entries::new(2, Holding::default());
        entries.put(1, Err(ApiError::internal()), "id");
        entries.put(0, Err(ApiError::internal()), "id");
        assert_eq!(entries.status(), 500);
        let mut entries = Entries::new(2, Holding::default());
        entries.put(0, Err(ApiError::internal()), "id");
        entries.put(1, Err(ApiError::not_found("/")), "id");
        assert_eq!(entries.status(), 200);
    }
}
