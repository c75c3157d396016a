//! Replies of Redis, cut where one is too large: a reply of a gigabyte would be in memory before anybody could refuse it.
//!
//! The client library reads a reply whole. So the bytes are looked through on their way to it (RESP2: lines, and texts of
//! a known length), and a value that no longer fits into its reply is exchanged for an error. Everybody else's replies,
//! before and behind it on the connection, stay as they are.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use redis::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a value of a reply costs beside its text, once it has been read.
const VALUE_BYTES: usize = 64;

/// Longest line. Those of Redis are short: lengths, numbers, states and errors.
const MAX_LINE: usize = 64 << 10;

/// Bytes read at once.
const CHUNK: usize = 64 << 10;

/// The error that stands for a value which is too large; its first word is the code.
fn notice(limit: usize) -> String {
    format!("ERR max request size exceeded. The reply has more than {limit} bytes.")
}

/// What was cut out of a reply, as its error text; `None` where all of it is there.
pub(crate) fn cut_out(value: &Value, limit: usize) -> Option<String> {
    let notice = notice(limit);
    holds(value, notice.strip_prefix("ERR ").unwrap_or_default()).then_some(notice)
}

fn holds(value: &Value, notice: &str) -> bool {
    match value {
        Value::ServerError(error) => error.details() == Some(notice),
        Value::Array(items) => items.iter().any(|item| holds(item, notice)),
        _ => false,
    }
}

/// A connection whose replies are bounded.
pub(crate) struct BoundedReplies<S> {
    inner: S,
    scissors: Scissors,
    chunk: Box<[u8]>,
    /// What was let through and not asked for yet.
    passed: Vec<u8>,
    given: usize,
}

impl<S> BoundedReplies<S> {
    pub(crate) fn new(inner: S, limit: usize) -> Self {
        let chunk = vec![0; CHUNK].into_boxed_slice();
        Self { inner, scissors: Scissors::new(limit), chunk, passed: Vec::new(), given: 0 }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for BoundedReplies<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let left = this.passed.get(this.given..).unwrap_or_default();
            if !left.is_empty() {
                let some = left.get(..into.remaining().min(left.len())).unwrap_or_default();
                into.put_slice(some);
                this.given += some.len();
                return Poll::Ready(Ok(()));
            }
            this.passed.clear();
            this.given = 0;
            let mut chunk = ReadBuf::new(&mut this.chunk);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut chunk))?;
            if chunk.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.scissors.pass(chunk.filled(), &mut this.passed)?;
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for BoundedReplies<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

/// Where in a reply the bytes stand, and what of it is let through.
struct Scissors {
    limit: usize,
    notice: Vec<u8>,
    /// What the reply that is being read costs so far.
    cost: usize,
    /// The lists that are open, the innermost last.
    open: Vec<List>,
    here: Here,
}

struct List {
    left: u64,
    passes: bool,
}

enum Here {
    /// In a line, of which this is there.
    Line(Vec<u8>),
    /// In a text, with the end of line behind it.
    Text { left: usize, passes: bool },
}

impl Scissors {
    fn new(limit: usize) -> Self {
        let notice = format!("-{}\r\n", notice(limit)).into_bytes();
        Self { limit, notice, cost: 0, open: Vec::new(), here: Here::Line(Vec::new()) }
    }

    /// Lets through what fits.
    fn pass(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        while !bytes.is_empty() {
            let taken = match &mut self.here {
                Here::Text { left, passes } => {
                    let taken = bytes.len().min(*left);
                    let text = bytes.get(..taken).unwrap_or_default();
                    if *passes {
                        out.extend_from_slice(text);
                    }
                    *left -= taken;
                    if *left == 0 {
                        self.value_ends();
                    }
                    taken
                }
                Here::Line(line) => {
                    let end = bytes.iter().position(|byte| *byte == b'\n');
                    let taken = end.map_or(bytes.len(), |end| end + 1);
                    line.extend_from_slice(bytes.get(..taken).unwrap_or_default());
                    if line.len() > MAX_LINE {
                        return Err(odd("a line without an end"));
                    }
                    if end.is_some() {
                        let line = std::mem::take(line);
                        self.line(&line, out)?;
                    }
                    taken
                }
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match line.first() {
            Some(b'$') => match length(line)? {
                None => {
                    self.lets_through(line, 0, out);
                    self.value_ends();
                }
                Some(length) => {
                    let passes = self.lets_through(line, length, out);
                    self.here = Here::Text { left: length.saturating_add(2), passes };
                }
            },
            Some(b'*') => match length(line)? {
                None | Some(0) => {
                    self.lets_through(line, 0, out);
                    self.value_ends();
                }
                Some(items) => {
                    let passes = self.lets_through(line, items.saturating_mul(VALUE_BYTES), out);
                    self.open.push(List { left: u64::try_from(items).unwrap_or(u64::MAX), passes });
                }
            },
            Some(b'+' | b'-' | b':') => {
                self.lets_through(line, line.len(), out);
                self.value_ends();
            }
            _ => return Err(odd("not a reply of Redis")),
        }
        Ok(())
    }

    /// Lets the first line of a value through if the value fits, else the notice, once for what is cut out. Tells whether
    /// the rest may follow.
    fn lets_through(&mut self, line: &[u8], cost: usize, out: &mut Vec<u8>) -> bool {
        if self.open.last().is_some_and(|list| !list.passes) {
            return false;
        }
        let cost = self.cost.saturating_add(cost).saturating_add(VALUE_BYTES);
        let fits = cost <= self.limit;
        if fits {
            self.cost = cost;
        }
        out.extend_from_slice(if fits { line } else { &self.notice });
        fits
    }

    /// Closes the value and every list that it was the last of.
    fn value_ends(&mut self) {
        self.here = Here::Line(Vec::new());
        while let Some(list) = self.open.last_mut() {
            list.left = list.left.saturating_sub(1);
            if list.left > 0 {
                return;
            }
            self.open.pop();
        }
        self.cost = 0;
    }
}

/// The number of a line `$5` or `*5`; `None` below zero.
fn length(line: &[u8]) -> io::Result<Option<usize>> {
    let digits = line.get(1..).map(<[u8]>::trim_ascii_end);
    let number = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<i64>().ok());
    let number = number.ok_or_else(|| odd("a length that is no number"))?;
    Ok(usize::try_from(number).ok())
}

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    /// What is let through of a stream, however it is cut into pieces.
    fn passed(limit: usize, stream: &[u8]) -> String {
        let mut whole = Vec::new();
        Scissors::new(limit).pass(stream, &mut whole).unwrap();
        for size in [1, 2, 3, 7] {
            let (mut scissors, mut out) = (Scissors::new(limit), Vec::new());
            stream.chunks(size).for_each(|chunk| scissors.pass(chunk, &mut out).unwrap());
            assert_eq!(out, whole, "in pieces of {size}");
        }
        String::from_utf8(whole).unwrap()
    }

    fn notice_line(limit: usize) -> String {
        format!("-{}\r\n", notice(limit))
    }

    #[test]
    fn lets_everything_through_that_fits() {
        for stream in [
            "+OK\r\n:7\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n",
            "*3\r\n$3\r\na\r\n\r\n*2\r\n:1\r\n*1\r\n$-1\r\n-ERR x\r\n$2\r\n*9\r\n",
            "-WRONGTYPE Operation\r\n",
        ] {
            assert_eq!(passed(10_000, stream.as_bytes()), stream);
        }
    }

    #[test]
    fn exchanges_what_is_too_large_and_nothing_behind_it() {
        let large = format!("$500\r\n{}\r\n", "x".repeat(500));
        let notice = notice_line(300);
        assert_eq!(passed(300, format!("{large}+PONG\r\n").as_bytes()), format!("{notice}+PONG\r\n"));
        let list = format!("*3\r\n$1\r\na\r\n{large}:1\r\n:2\r\n");
        assert_eq!(
            passed(500, list.as_bytes()),
            format!("*3\r\n$1\r\na\r\n{}:1\r\n:2\r\n", notice_line(500))
        );
    }

    #[test]
    fn bounds_lists_by_what_their_values_cost() {
        let list = format!("*100\r\n{}", "$-1\r\n".repeat(100));
        assert_eq!(
            passed(1_000, format!("{list}:1\r\n").as_bytes()),
            format!("{}:1\r\n", notice_line(1_000))
        );
        // Lists in a list that is cut out go with it.
        let inner = "*2\r\n*1\r\n:5\r\n$3\r\nabc\r\n";
        let nested = format!("*50\r\n{}", inner.repeat(50));
        assert_eq!(
            passed(1_000, format!("{nested}+OK\r\n").as_bytes()),
            format!("{}+OK\r\n", notice_line(1_000))
        );
        // Each reply begins anew.
        let many = ":1\r\n".repeat(1_000);
        assert_eq!(passed(100, many.as_bytes()), many);
    }

    #[test]
    fn ends_at_what_redis_does_not_say() {
        for stream in ["HTTP/1.1 400\r\n", "$x\r\n", "*\r\n", "\r\n", "%1\r\n"] {
            assert!(Scissors::new(100).pass(stream.as_bytes(), &mut Vec::new()).is_err(), "{stream:?}");
        }
        assert!(Scissors::new(100).pass(&[b'+'; MAX_LINE + 1], &mut Vec::new()).is_err());
    }

    #[tokio::test]
    async fn reads_through_however_little_is_asked_for() {
        let stream = format!("*2\r\n$1000\r\n{}\r\n+OK\r\n", "x".repeat(1_000));
        let mut bounded = BoundedReplies::new(stream.as_bytes(), 500);
        let mut out = Vec::new();
        let mut some = [0; 5];
        loop {
            let read = bounded.read(&mut some).await.unwrap();
            if read == 0 {
                break;
            }
            out.extend_from_slice(&some[..read]);
        }
        assert_eq!(String::from_utf8(out).unwrap(), format!("*2\r\n{}+OK\r\n", notice_line(500)));
    }

    #[test]
    fn finds_a_notice_at_any_depth() {
        let parsed = |text: &str| redis::parse_redis_value(text.as_bytes()).unwrap();
        let notice = notice_line(7);
        for (text, cut) in [
            (notice.clone(), true),
            (format!("*2\r\n:1\r\n*1\r\n{notice}"), true),
            ("*1\r\n-ERR another\r\n".to_owned(), false),
            ("+OK\r\n".to_owned(), false),
        ] {
            assert_eq!(cut_out(&parsed(&text), 7).is_some(), cut, "{text}");
        }
        assert!(cut_out(&parsed(&notice), 8).is_none());
    }
}
