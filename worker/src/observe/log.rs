//! What operators see: request ids, log levels, and one JSON line per event.

use std::cell::RefCell;

use serde::Serialize;

/// How much is written to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// Reads the name of a level in any case; `warning` is the name other stacks use.
    pub fn parse(name: &str) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("warning") {
            return Some(Self::Warn);
        }
        [Self::Debug, Self::Info, Self::Warn, Self::Error].into_iter().find(|level| is(level.as_str()))
    }
}

/// Makes an id for one request: 16 random bytes in hex.
///
/// An id sent by the client is never taken over, so that two requests cannot be made to look like one.
pub fn new_request_id() -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |four: u8| DIGITS.get(usize::from(four)).copied().unwrap_or_default();
    let mut text = [0; 2 * ID_BYTES];
    for (two, byte) in text.chunks_exact_mut(2).zip(random_bytes()) {
        two.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    str::from_utf8(&text).unwrap_or_default().to_owned()
}

const ID_BYTES: usize = 16;
/// Ids whose bytes are asked for at once.
const AT_ONCE: usize = 64;

thread_local! {
    /// Random bytes that no id has yet.
    static RANDOM: RefCell<Vec<[u8; ID_BYTES]>> = const { RefCell::new(Vec::new()) };
}

fn random_bytes() -> [u8; ID_BYTES] {
    RANDOM.with_borrow_mut(|left| {
        if left.is_empty() {
            let mut bytes = [[0_u8; ID_BYTES]; AT_ONCE];
            // Without a random source requests share the zero id: worse logs, but still answers.
            let _ = getrandom::fill(bytes.as_flattened_mut());
            left.extend(bytes);
        }
        left.pop().unwrap_or_default()
    })
}

/// The log of one request: every line carries the request's id.
#[derive(Debug, Clone)]
pub struct Log {
    level: Level,
    request_id: String,
}

impl Log {
    pub fn new(level: Level, request_id: String) -> Self {
        Self { level, request_id }
    }

    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Whether lines of this level are written. Ask before gathering facts on a hot path.
    pub fn writes(&self, level: Level) -> bool {
        level >= self.level
    }

    /// Writes `{"level", "event", "request_id", ...facts}` as one line.
    pub fn write(&self, level: Level, event: &str, facts: &impl Serialize) {
        if !self.writes(level) {
            return;
        }
        let line = line(level, event, &self.request_id, facts);
        match level {
            Level::Debug => worker::console_debug!("{line}"),
            Level::Info => worker::console_log!("{line}"),
            Level::Warn => worker::console_warn!("{line}"),
            Level::Error => worker::console_error!("{line}"),
        }
    }
}

impl Log {
    /// Notes that a quote could not be written to the data set; the client has it all the same.
    pub fn analytics_fault(&self) {
        #[derive(Serialize)]
        struct Fault {}
        self.write(Level::Warn, "analytics", &Fault {});
    }

    /// Notes that a background look at the topology failed; the next request that needs it will tell the client.
    pub fn topology_fault(&self, code: &'static str) {
        #[derive(Serialize)]
        struct Fault {
            code: &'static str,
        }
        self.write(Level::Warn, "topology", &Fault { code });
    }
}

fn line(level: Level, event: &str, request_id: &str, facts: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<'a, F> {
        level: &'static str,
        event: &'a str,
        request_id: &'a str,
        #[serde(flatten)]
        facts: &'a F,
    }
    serde_json::to_string(&Line { level: level.as_str(), event, request_id, facts }).unwrap_or_default()
}

/// Reports panics through `console_error_panic_hook`, then lets the hook before it run.
///
/// That hook is the one `worker` installs: it marks the wasm instance as broken so that the next request gets
/// a fresh one. `console_error_panic_hook::set_once` alone would replace it.
pub fn install_panic_hook() {
    let earlier = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        console_error_panic_hook::hook(info);
        earlier(info);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_32_hex_digits_and_differ() {
        let ids: std::collections::BTreeSet<String> = (0..3 * AT_ONCE).map(|_| new_request_id()).collect();
        assert_eq!(ids.len(), 3 * AT_ONCE);
        for id in ids {
            assert_eq!(id.len(), 32);
            assert!(id.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c)));
        }
    }

    #[test]
    fn a_level_writes_itself_and_what_is_more_severe() {
        let log = Log::new(Level::Warn, String::new());
        assert!(!log.writes(Level::Debug) && !log.writes(Level::Info));
        assert!(log.writes(Level::Warn) && log.writes(Level::Error));
    }

    #[test]
    fn levels_are_read_in_any_case() {
        assert_eq!(Level::parse("INFO"), Some(Level::Info));
        assert_eq!(Level::parse("Warning"), Some(Level::Warn));
        assert_eq!(Level::parse("verbose"), None);
    }

    #[test]
    fn a_line_is_one_flat_json_object() {
        let line = line(Level::Error, "redis", "id", &serde_json::json!({ "command": "MGET", "keys": 3 }));
        assert_eq!(line, r#"{"level":"error","event":"redis","request_id":"id","command":"MGET","keys":3}"#);
    }
}
