//! Texts that the command line names by file; `-` is standard input.

use std::io::{self, Read as _};
use std::path::Path;

use crate::usage::UsageError;

/// Whether a path stands for standard input or output instead of a file.
pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a whole text. What is not UTF-8 is an error of the kind `InvalidData`.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    if is_standard(path) {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path)
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
}
