//! The lines of a subscription, out of the bytes as they come.

/// Longest line that is kept. A message has at most 256 kB of keys, and JSON within it may double that.
const MAX_LINE: usize = 1_000_000;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// The subscription stands.
    Stands,
    /// A message, as it was published.
    Message(String),
    /// Something that was too long to be kept.
    Lost,
}

/// Bytes of a line that is not whole yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
    is_too_long: bool,
}

impl Lines {
    /// Takes bytes in, and hands out what the lines say that end in them.
    pub(super) fn push(&mut self, bytes: &[u8], mut said: impl FnMut(Said)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (line, ends) = match part.strip_suffix(b"\n") {
                Some(line) => (line, true),
                None => (part, false),
            };
            if self.begun.len().saturating_add(line.len()) > MAX_LINE {
                self.is_too_long = true;
                self.begun = Vec::new();
            }
            if !self.is_too_long {
                self.begun.extend_from_slice(line);
            }
            if !ends {
                continue;
            }
            let whole = std::mem::take(&mut self.begun);
            if std::mem::take(&mut self.is_too_long) {
                said(Said::Lost);
            } else if let Some(what) = read(&whole) {
                said(what);
            }
        }
    }
}

/// `data: subscribe,<channel>,1` and `data: message,<channel>,<payload>`; anything else says nothing.
fn read(line: &[u8]) -> Option<Said> {
    let data = line.strip_suffix(b"\r").unwrap_or(line).strip_prefix(b"data:")?;
    let text = std::str::from_utf8(data).ok()?.trim_start();
    let (kind, rest) = text.split_once(',')?;
    let (_, payload) = rest.split_once(',')?;
    match kind {
        "subscribe" => Some(Said::Stands),
        "message" => Some(Said::Message(payload.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(parts: &[&[u8]]) -> Vec<Said> {
        let (mut lines, mut all) = (Lines::default(), Vec::new());
        parts.iter().for_each(|part| lines.push(part, |said| all.push(said)));
        all
    }

    #[test]
    fn lines_are_put_together_wherever_they_are_cut() {
        let text = b"data: subscribe,c,1\n\n:\n\ndata: message,c,{\"a\":1,\"b\":2}\r\n\n";
        let expected = [Said::Stands, Said::Message("{\"a\":1,\"b\":2}".to_owned())];
        assert_eq!(said(&[text]), expected);
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(said(&bytes), expected);
    }

    #[test]
    fn what_is_no_message_says_nothing() {
        assert_eq!(said(&[b"event: x\ndata: unsubscribe,c,0\ndata: message\ndata: message,\xff,x\n\n"]), []);
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let mut lines = Lines::default();
        let (mut heard, piece) = (Vec::new(), vec![b'x'; 300_000]);
        (0..10).for_each(|_| lines.push(&piece, |said| heard.push(said)));
        assert!(heard.is_empty() && lines.begun.is_empty());
        lines.push(b"\ndata: message,c,1\n", |said| heard.push(said));
        assert_eq!(heard, [Said::Lost, Said::Message("1".to_owned())]);
    }
}
