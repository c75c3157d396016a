//! Texts that the command line names by file; `-` is standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::grouping::grouped;
use crate::usage::UsageError;

/// Largest text that is read. 20 000 pools of 101 bins are some 400 MB; what is larger would not leave the memory to quote.
const MAX_BYTES: u64 = 1 << 30;

/// Bytes that are read at once of a text that is read by lines.
const LINE_BUFFER: usize = 1 << 18;

/// Whether a path stands for standard input or output instead of a file.
pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a whole text. What is not UTF-8 is an error of the kind `InvalidData`, what is too large of the kind `FileTooLarge`:
/// a file by its size, before anything of it is read.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    if is_standard(path) {
        return read_within(io::stdin().lock(), MAX_BYTES);
    }
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    if bytes > MAX_BYTES {
        return Err(too_large(&format!("it has {} bytes", grouped(&bytes.to_string())), MAX_BYTES));
    }
    // A pipe or a device tells no size.
    read_within(file, MAX_BYTES)
}

/// Opens a text that is read line by line, however long it is.
pub(crate) fn lines(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let source: Box<dyn Read + Send> =
        if is_standard(path) { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    Ok(Box::new(BufReader::with_capacity(LINE_BUFFER, source)))
}

fn read_within(source: impl Read, max: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut source = source.take(max.saturating_add(1));
    source.read_to_end(&mut bytes)?;
    if source.limit() == 0 {
        return Err(too_large("it has more", max));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

fn too_large(what: &str, max: u64) -> io::Error {
    let message = format!("at most {} bytes are read, and {what}", grouped(&max.to_string()));
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

/// What messages call the text.
pub(crate) fn name(path: &Path) -> String {
    if is_standard(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Refuses a second reader of standard input, who would find it empty.
pub(crate) fn one_reader<'p>(paths: impl IntoIterator<Item = Option<&'p Path>>) -> Result<(), UsageError> {
    if paths.into_iter().flatten().filter(|path| is_standard(path)).count() > 1 {
        return Err(UsageError("only one of these files can be standard input (-)".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_has_one_reader() {
        let (dash, file) = (Some(Path::new("-")), Some(Path::new("./-")));
        assert!(one_reader([dash, file, None]).is_ok());
        assert!(one_reader([file, file]).is_ok());
        let refused = one_reader([dash, None, dash]).unwrap_err().to_string();
        assert_eq!(refused, "only one of these files can be standard input (-)");
    }

    #[test]
    fn a_stream_is_read_up_to_the_limit_and_no_further() {
        assert_eq!(read_within(&b"1234"[..], 4).unwrap(), "1234");
        let refused = read_within(io::repeat(b'x'), 4).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(refused.to_string(), "at most 4 bytes are read, and it has more");
    }

    #[test]
    fn a_file_is_judged_by_its_size() {
        let file = tempfile::NamedTempFile::new().unwrap();
        // A hole: it takes no place on the disk, and reading it would take the memory.
        file.as_file().set_len(2 << 30).unwrap();
        let refused = read(file.path()).unwrap_err().to_string();
        assert_eq!(refused, "at most 1,073,741,824 bytes are read, and it has 2,147,483,648 bytes");
    }
}
