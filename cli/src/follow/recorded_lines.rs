//! Blocks as they were recorded, read line by line and decoded on a thread of their own, ahead of whoever takes them.

use std::borrow::Cow;
use std::io::BufRead;
use std::thread;

use tokio::sync::mpsc::{self, Receiver};

use super::block::Block;
use super::fault::Fault;

/// Blocks that are decoded before they are asked for. What goes up and down evens out over a few.
const AHEAD: usize = 16;

/// One recorded block, and the line where it stands, counted from 1.
pub(super) type Recorded = (usize, Result<Block, Fault>);

/// Decodes one line after the other until the end, or the first that is none; `max` bytes are the longest.
///
/// The thread ends with its reader, with whoever receives, or with the process: nobody waits for it.
pub(super) fn decode(reader: impl BufRead + Send + 'static, core: String, max: usize) -> Receiver<Recorded> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    thread::spawn(move || {
        let mut lines = Lines { reader, at: 0, max };
        while let Some(line) = lines.next() {
            let block = match line {
                Ok(text) => match posted(&text) {
                    Some(body) => Block::read(&body, &core),
                    None => continue,
                },
                Err(fault) => Err(fault),
            };
            let is_last = block.is_err();
            if sender.blocking_send((lines.at, block)).is_err() || is_last {
                break;
            }
        }
    });
    receiver
}

struct Lines<R> {
    reader: R,
    at: usize,
    max: usize,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Option<Result<Vec<u8>, Fault>> {
        self.at += 1;
        let mut line = Vec::new();
        let most = u64::try_from(self.max).unwrap_or(u64::MAX).saturating_add(1);
        // Not by itself: what never ends must not be read to its end.
        let read = std::io::Read::take(&mut self.reader, most).read_until(b'\n', &mut line);
        match read {
            Ok(0) => None,
            Ok(_) if line.len() > self.max && line.last() != Some(&b'\n') => {
                Some(Err(Fault::TooLarge { limit: self.max }))
            }
            Ok(_) => Some(Ok(line)),
            Err(error) => Some(Err(Fault::Block { reason: format!("it cannot be read: {error}") })),
        }
    }
}

/// The body that a node posted to `/new_block`, if that is what a line holds: the body itself, or a row of an API's archive of
/// what nodes posted, which is `id`, time, path and body between tabs as PostgreSQL copies them out.
fn posted(line: &[u8]) -> Option<Cow<'_, [u8]>> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return None;
    }
    if line.first() == Some(&b'{') {
        return Some(Cow::Borrowed(line));
    }
    let mut columns = line.splitn(4, |byte| *byte == b'\t');
    match (columns.next(), columns.next(), columns.next(), columns.next()) {
        (Some(_), Some(_), Some(b"/new_block"), Some(body)) => Some(unescaped(body)),
        (Some(_), Some(_), Some([b'/', ..]), Some(_)) => None,
        // No row at all: that it is no block is for its reader to say.
        _ => Some(Cow::Borrowed(line)),
    }
}

/// A column as it was before `COPY` wrote it.
fn unescaped(column: &[u8]) -> Cow<'_, [u8]> {
    if !column.contains(&b'\\') {
        return Cow::Borrowed(column);
    }
    let mut text = Vec::with_capacity(column.len());
    let mut bytes = column.iter();
    while let Some(byte) = bytes.next() {
        text.push(match (byte, if *byte == b'\\' { bytes.next() } else { None }) {
            (_, Some(b'b')) => 8,
            (_, Some(b'f')) => 12,
            (_, Some(b'n')) => b'\n',
            (_, Some(b'r')) => b'\r',
            (_, Some(b't')) => b'\t',
            (_, Some(b'v')) => 11,
            (_, Some(other)) => *other,
            (byte, None) => *byte,
        });
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(hash: &str) -> String {
        format!(
            r#"{{"block_height":1,"index_block_hash":"{hash}","parent_index_block_hash":"0xff","block_time":5}}"#
        )
    }

    fn read(text: &str, max: usize) -> Vec<(usize, Result<String, &'static str>)> {
        let mut blocks = decode(std::io::Cursor::new(text.to_owned()), "S.core".to_owned(), max);
        let mut all = Vec::new();
        while let Some((line, block)) = blocks.blocking_recv() {
            all.push((line, block.map(|block| block.hash).map_err(|fault| fault.code())));
        }
        all
    }

    #[test]
    fn blocks_are_told_with_their_lines_and_the_first_that_is_none_is_the_last() {
        let text = format!("{}\n\n {} \r\nno block\n{}", block("0x01"), block("0x02"), block("0x03"));
        let expected = [(1, Ok("0x01".to_owned())), (3, Ok("0x02".to_owned())), (4, Err("BLOCK_INVALID"))];
        assert_eq!(read(&text, 1_000), expected);
        assert_eq!(read("", 1_000), []);
    }

    #[test]
    fn rows_of_an_archive_are_blocks_where_their_path_says_so() {
        let body = block("0x0a").replace('{', r#"{"note":"a \"word\"\tand \\ more","#);
        let copied = body.replace('\\', r"\\");
        let text = format!(
            "1\t2022-01-01 00:00:00+00\t/new_block\t{copied}\n2\tx\t/new_burn_block\t{{\n3\tx\t/new_block\tno"
        );
        assert_eq!(read(&text, 1_000), [(1, Ok("0x0a".to_owned())), (3, Err("BLOCK_INVALID"))]);
        assert_eq!(read("a\tb\tc\td", 1_000), [(1, Err("BLOCK_INVALID"))]);
        assert_eq!(&*unescaped(br"a\\b\nc\td\x\"), b"a\\b\nc\tdx\\");
    }

    #[test]
    fn a_line_without_an_end_is_read_up_to_the_limit() {
        let one = block("0x01");
        assert_eq!(read(&format!("{one}\n{one}"), one.len()).len(), 2, "the end of a line does not count");
        assert_eq!(read(&one, one.len() - 1), [(1, Err("BODY_TOO_LARGE"))]);
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        let mut blocks = decode(endless, "S.core".to_owned(), 4_096);
        assert_eq!(
            blocks.blocking_recv().map(|(line, block)| (line, block.unwrap_err().code())),
            Some((1, "BODY_TOO_LARGE"))
        );
    }
}
