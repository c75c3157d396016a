//! How many bytes all requests together may hold.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;

use super::fault::Fault;

/// What all requests hold at this moment, and what they may.
#[derive(Clone)]
pub(crate) struct Memory {
    held: Arc<AtomicUsize>,
    limit: usize,
}

impl Memory {
    pub(crate) fn new(limit: usize) -> Self {
        Self { held: Arc::default(), limit }
    }

    /// The share of one request, empty at first.
    pub(crate) fn hold(&self) -> Hold {
        Hold { memory: self.clone(), bytes: 0 }
    }
}

/// What one request holds; given back when it is dropped.
pub(crate) struct Hold {
    memory: Memory,
    bytes: usize,
}

impl Hold {
    /// Takes more.
    ///
    /// # Errors
    /// At once, where it is not there: with [`Fault::TooLarge`] if it never will be, else with [`Fault::Busy`].
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Fault> {
        let Memory { held, limit } = &self.memory;
        let taken = held.fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| {
            held.checked_add(bytes).filter(|held| held <= limit)
        });
        if taken.is_ok() {
            self.bytes = self.bytes.saturating_add(bytes);
            return Ok(());
        }
        Err(match self.bytes.checked_add(bytes) {
            Some(alone) if alone <= *limit => Fault::Busy { limit: *limit },
            _ => Fault::TooLarge { limit: *limit },
        })
    }

    /// Gives back what is above `bytes`.
    pub(crate) fn shrink_to(&mut self, bytes: usize) {
        let less = self.bytes.saturating_sub(bytes);
        self.memory.held.fetch_sub(less, Ordering::AcqRel);
        self.bytes -= less;
    }

    /// Writes a text that is held with the rest, and keeps hold of it, alone, until it has been sent.
    pub(crate) fn text(
        mut self,
        write: impl FnOnce(&mut Text<'_>) -> io::Result<()>,
    ) -> Result<Bytes, Fault> {
        let mut text = Text { hold: &mut self, written: Vec::new(), refused: None };
        let outcome = write(&mut text);
        let Text { written, refused, .. } = text;
        match (outcome, refused) {
            (_, Some(fault)) => Err(fault),
            // Fails only for a RESP3 reply, which Redis has no reason to send.
            (Err(_), None) => Err(Fault::Unreachable),
            (Ok(()), None) => {
                self.shrink_to(written.capacity());
                Ok(Bytes::from_owner(Held { text: written, _hold: self }))
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hold({} bytes)", self.bytes)
    }
}

/// A text in the making.
pub(crate) struct Text<'h> {
    hold: &'h mut Hold,
    written: Vec<u8>,
    refused: Option<Fault>,
}

impl Write for Text<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let missing = bytes.len().saturating_sub(self.written.capacity() - self.written.len());
        if missing > 0 {
            // Doubled, as a vector grows by itself, but known before.
            let more = missing.max(self.written.capacity()).max(256);
            if let Err(fault) = self.hold.grow(more) {
                self.refused = Some(fault);
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            self.written.reserve_exact(self.written.capacity() - self.written.len() + more);
        }
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A finished text, held as long as somebody has it.
struct Held {
    text: Vec<u8>,
    _hold: Hold,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(memory: &Memory) -> usize {
        memory.held.load(Ordering::Acquire)
    }

    #[test]
    fn gives_back_what_a_request_held_when_it_ends() {
        let memory = Memory::new(100);
        let (mut one, mut other) = (memory.hold(), memory.hold());
        one.grow(60).unwrap();
        assert!(matches!(other.grow(41), Err(Fault::Busy { limit: 100 })));
        other.grow(40).unwrap();
        assert!(matches!(other.grow(61), Err(Fault::TooLarge { limit: 100 })));
        one.shrink_to(10);
        assert_eq!(held(&memory), 50);
        drop((one, other));
        assert_eq!(held(&memory), 0);
    }

    #[test]
    fn holds_a_text_until_its_last_reader_has_gone() {
        let memory = Memory::new(10_000);
        let mut hold = memory.hold();
        hold.grow(5_000).unwrap();
        let words = vec!["word"; 200];
        let text = hold.text(|text| Ok(serde_json::to_writer(text, &words)?)).unwrap();
        assert_eq!(text, serde_json::to_vec(&words).unwrap());
        assert!((text.len()..=2 * text.len()).contains(&held(&memory)), "{}", held(&memory));
        let reader = text.clone();
        drop(text);
        assert!(held(&memory) > 0);
        drop(reader);
        assert_eq!(held(&memory), 0);
    }

    #[test]
    fn stops_writing_a_text_that_does_not_fit() {
        let memory = Memory::new(1_000);
        let refused = memory.hold().text(|text| Ok(serde_json::to_writer(text, &vec!["word"; 1_000])?));
        assert!(matches!(refused, Err(Fault::TooLarge { limit: 1_000 })));
        assert_eq!(held(&memory), 0);
    }
}
