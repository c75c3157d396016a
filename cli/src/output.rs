//! Writing to standard output without the panic of `println!` when the reader has gone.

use std::io::{self, Write};

/// Writes a text and the end of the line, at once.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}
