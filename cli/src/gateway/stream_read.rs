//! Whether XREAD or XREADGROUP waits: their options, read as Redis reads them.

use super::command::Command;

/// True if one of the options is BLOCK.
///
/// A key, group or consumer may be called "block", and the options may stand in any order. An option that is not
/// known here counts as one word, so that nothing which might be BLOCK is passed over; Redis refuses the command then,
/// unless it is newer than this list.
pub(crate) fn waits(command: &Command) -> bool {
    let mut words = command.arguments();
    while let Some(word) = words.next() {
        let left = words.size_hint().1;
        let has = |least: usize| left.is_none_or(|left| left >= least);
        if is_option(word, "BLOCK") && has(1) {
            return true;
        } else if is_option(word, "STREAMS") && has(1) {
            return false;
        } else if is_option(word, "COUNT") && has(1) {
            words.next();
        } else if is_option(word, "GROUP") && has(2) {
            words.next();
            words.next();
        }
    }
    false
}

/// Redis compares as C does: in any case, and only up to a zero byte.
pub(crate) fn is_option(word: &[u8], option: &str) -> bool {
    let end = word.iter().position(|byte| *byte == 0).unwrap_or(word.len());
    word.get(..end).is_some_and(|word| word.eq_ignore_ascii_case(option.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_waiting(line: &str) -> bool {
        let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.replace('0', "\0").into_bytes()).collect();
        waits(&Command::new(&words).unwrap())
    }

    #[test]
    fn finds_the_option_wherever_it_stands() {
        for line in [
            "XREAD BLOCK 1 STREAMS k $",
            "xread count 1 block 1 streams k $",
            "XREADGROUP GROUP g c BLOCK 1 STREAMS k >",
            "XREADGROUP BLOCK 1 GROUP g c STREAMS k >",
            "XREADGROUP COUNT 1 BLOCK 1 GROUP g c STREAMS k >",
            "XREADGROUP NOACK BLOCK 1 GROUP g c STREAMS k >",
            "XREADGROUP GROUP g c CLAIM 9 BLOCK 1 STREAMS k >",
            "XREADGROUP GROUP block streams BLOCK 1 STREAMS k >",
            // A zero stands for a zero byte: C's comparison ends there.
            "XREAD BLOCK0x 1 STREAMS k $",
            "XREAD COUNT 1 Block0 1 STREAMS k $",
        ] {
            assert!(is_waiting(line), "{line}");
        }
    }

    #[test]
    fn does_not_take_a_name_or_a_value_for_the_option() {
        for line in [
            "XREAD STREAMS block $",
            "XREAD COUNT block STREAMS k $",
            "XREAD STREAMS0 block $",
            "XREADGROUP GROUP block streams COUNT 1 STREAMS k >",
            "XREADGROUP GROUP g block STREAMS block >",
            "XREADGROUP COUNT 1 GROUP block block NOACK STREAMS block block > >",
            // Nothing follows, so Redis sees a syntax error.
            "XREAD BLOCK",
        ] {
            assert!(!is_waiting(line), "{line}");
        }
    }
}
