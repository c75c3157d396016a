//! Writing to standard output without the panic of `println!` when the reader has gone.

use std::io::{self, Write};

use crate::grouping::grouped;
use crate::progress;

/// Writes a text and the end of the line, at once.
pub(crate) fn line(text: &str) -> io::Result<()> {
    progress::end();
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Whether whoever read our output has seen enough.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    kind == Some(io::ErrorKind::BrokenPipe)
}

/// A number of things: `1 pool`, `3 pools`, `2,000 pools`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(&count.to_string())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_no_plural() {
        let told = [0, 1, 2, 2_000].map(|count| counted(count, "bin"));
        assert_eq!(told, ["0 bins", "1 bin", "2 bins", "2,000 bins"]);
    }
}
