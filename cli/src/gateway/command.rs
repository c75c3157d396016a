//! Redis commands as they come in JSON bodies.

use std::fmt;

use redis::{Arg, Cmd};
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::fault::Fault;
use super::memory::Hold;

/// What a word and a command cost beside their bytes: their places in the command, in what is sent and in the reply.
const WORD_BYTES: usize = 64;
const COMMAND_BYTES: usize = 512;

/// A command: its name and arguments as bytes, at least the name.
pub(crate) struct Command {
    name: String,
    /// In the shape in which it is sent, so that no second copy is needed.
    cmd: Cmd,
}

impl Command {
    /// `None` for an empty list of words.
    pub(crate) fn new(words: &[Vec<u8>]) -> Option<Self> {
        let mut cmd = Cmd::with_capacity(words.len(), words.iter().map(Vec::len).sum());
        words.iter().for_each(|word| {
            cmd.arg(word.as_slice());
        });
        Self::around(cmd)
    }

    fn around(cmd: Cmd) -> Option<Self> {
        let name = String::from_utf8_lossy(words(&cmd).next()?).to_ascii_uppercase();
        Some(Self { name, cmd })
    }

    /// The name in upper case, for look-ups.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// All words as they were written, the name first.
    pub(crate) fn words(&self) -> impl Iterator<Item = &[u8]> {
        words(&self.cmd)
    }

    /// Everything after the name.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        self.words().skip(1)
    }

    pub(crate) fn into_redis(self) -> Cmd {
        self.cmd
    }
}

fn words(cmd: &Cmd) -> impl Iterator<Item = &[u8]> {
    cmd.args_iter().filter_map(|word| match word {
        Arg::Simple(word) => Some(word),
        // A cursor of the library's own iterators, which are not used here.
        _ => None,
    })
}

/// Shows the size only: arguments are somebody's data.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({} words)", self.words().count())
    }
}

/// Reads the body of `POST /`.
pub(crate) fn read_command(body: &[u8], hold: &mut Hold) -> Result<Command, Fault> {
    let read = read(body, OneCommand { hold, body: body.len() }, "ERR failed to parse command")?;
    read?.ok_or(Fault::Syntax("ERR empty command"))
}

/// Reads the body of `/pipeline` and `/multi-exec`; `None` stands for an empty command.
pub(crate) fn read_pipeline(
    body: &[u8],
    max_commands: usize,
    hold: &mut Hold,
) -> Result<Vec<Option<Command>>, Fault> {
    let (items, actual) =
        read(body, ManyCommands { hold, max_commands }, "ERR failed to parse pipeline request")??;
    if actual > max_commands {
        return Err(Fault::TooManyCommands { limit: max_commands, actual });
    }
    if items.is_empty() {
        return Err(Fault::Syntax("ERR empty pipeline request"));
    }
    Ok(items)
}

fn read<'de, S: DeserializeSeed<'de>>(
    body: &'de [u8],
    seed: S,
    failure: &'static str,
) -> Result<S::Value, Fault> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = seed.deserialize(&mut json).and_then(|read| json.end().map(|()| read));
    read.map_err(|_| Fault::Syntax(failure))
}

/// Reads one list of words. What it costs is held while it grows, not when it is already there.
struct OneCommand<'h> {
    hold: &'h mut Hold,
    /// Bytes that all words together may have.
    body: usize,
}

impl<'de> DeserializeSeed<'de> for OneCommand<'_> {
    type Value = Result<Option<Command>, Fault>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for OneCommand<'_> {
    type Value = Result<Option<Command>, Fault>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of words")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut cmd = Cmd::with_capacity(0, self.body);
        while let Some(text) = list.next_element::<&RawValue>()? {
            if let Err(fault) = self.hold.grow(WORD_BYTES) {
                return rest_of(list, fault);
            }
            push(&mut cmd, text.get()).map_err(A::Error::custom)?;
        }
        Ok(Ok(Command::around(cmd)))
    }
}

/// Reads a list of commands, and counts on without keeping them where there are too many.
struct ManyCommands<'h> {
    hold: &'h mut Hold,
    max_commands: usize,
}

impl<'de> DeserializeSeed<'de> for ManyCommands<'_> {
    type Value = Result<(Vec<Option<Command>>, usize), Fault>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ManyCommands<'_> {
    type Value = Result<(Vec<Option<Command>>, usize), Fault>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of commands")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() < self.max_commands {
            if let Err(fault) = self.hold.grow(COMMAND_BYTES) {
                return rest_of(list, fault);
            }
            match list.next_element_seed(OneCommand { hold: self.hold, body: 0 })? {
                Some(Ok(item)) => items.push(item),
                Some(Err(fault)) => return rest_of(list, fault),
                None => break,
            }
        }
        let mut actual = items.len();
        while list.next_element::<&RawValue>()?.is_some() {
            actual = actual.saturating_add(1);
        }
        Ok(Ok((items, actual)))
    }
}

/// Passes over what is left: what is wrong with it no longer matters.
fn rest_of<'de, A: SeqAccess<'de>, T>(mut list: A, fault: Fault) -> Result<Result<T, Fault>, A::Error> {
    while list.next_element::<&RawValue>()?.is_some() {}
    Ok(Err(fault))
}

/// Adds one element of a command: a string, or a number or boolean in the very text of the request.
///
/// Going through a number type would rewrite `1e21` and round what is above 2^53.
fn push(cmd: &mut Cmd, text: &str) -> Result<(), String> {
    match text.as_bytes().first() {
        Some(b'"') => {
            let word: std::borrow::Cow<'_, str> = unescaped(text)?;
            cmd.arg(word.as_bytes());
        }
        Some(b'-' | b'0'..=b'9' | b't' | b'f') => {
            cmd.arg(text.as_bytes());
        }
        _ => return Err("a command holds strings, numbers and booleans only".to_owned()),
    }
    Ok(())
}

/// The content of a JSON string; copied only where something in it is escaped.
fn unescaped(text: &str) -> Result<std::borrow::Cow<'_, str>, String> {
    if !text.contains('\\')
        && let Some(content) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'))
    {
        return Ok(content.into());
    }
    serde_json::from_str::<String>(text).map(Into::into).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::memory::Memory;
    use super::*;

    fn held<T>(read: impl FnOnce(&mut Hold) -> T) -> T {
        read(&mut Memory::new(1 << 20).hold())
    }

    fn one(body: &[u8]) -> Result<Command, Fault> {
        held(|hold| read_command(body, hold))
    }

    fn many(body: &[u8]) -> Result<Vec<Option<Command>>, Fault> {
        held(|hold| read_pipeline(body, 3, hold))
    }

    fn words(body: &str) -> Vec<String> {
        let command = one(body.as_bytes()).unwrap();
        command.words().map(|word| String::from_utf8(word.to_vec()).unwrap()).collect()
    }

    fn refusal<T>(outcome: Result<T, Fault>) -> &'static str {
        match outcome {
            Err(Fault::Syntax(text)) => text,
            _ => panic!("expected a syntax fault"),
        }
    }

    #[test]
    fn keeps_the_text_of_numbers_and_booleans() {
        let body = r#"[ "SET", "k", 1e21, 9007199254740993, -0.10, true,false ]"#;
        assert_eq!(words(body), ["SET", "k", "1e21", "9007199254740993", "-0.10", "true", "false"]);
    }

    #[test]
    fn resolves_escapes_in_strings() {
        assert_eq!(words(r#"["SET","a\"b\n","\ud83e\udef6 caf\u00e9"]"#), ["SET", "a\"b\n", "🫶 café"]);
        assert_eq!(words(r#"["SET","zero \u0000 byte",""]"#), ["SET", "zero \0 byte", ""]);
    }

    #[test]
    fn refuses_nested_values_null_and_what_is_not_json() {
        for body in [
            "",
            "{}",
            "null",
            "\"GET\"",
            "[\"GET\",null]",
            "[\"GET\",[\"k\"]]",
            "[\"GET\",{}]",
            "[\"GET\",\"\\ud83e\"]",
            "[\"GET\",\"a\nb\"]",
            "[\"GET\" \"k\"]",
            "[\"GET\",NaN]",
            "[\"GET\",01]",
            "[\"GET\",tru]",
            "[\"GET\"] x",
        ] {
            assert_eq!(refusal(one(body.as_bytes())), "ERR failed to parse command", "{body}");
        }
        assert_eq!(refusal(one(b"[\"GET\",\"\xff\"]")), "ERR failed to parse command");
        assert_eq!(refusal(one(b"[]")), "ERR empty command");
    }

    #[test]
    fn refuses_deep_nesting_without_running_out_of_stack() {
        let body = "[".repeat(1_000_000);
        assert_eq!(refusal(one(body.as_bytes())), "ERR failed to parse command");
        assert_eq!(refusal(many(body.as_bytes())), "ERR failed to parse pipeline request");
    }

    #[test]
    fn reads_pipelines_and_marks_empty_items() {
        let items = many(br#"[["SET","k",1],[],["get","k"]]"#).unwrap();
        let names: Vec<_> = items.iter().map(|item| item.as_ref().map(Command::name)).collect();
        assert_eq!(names, [Some("SET"), None, Some("GET")]);
        assert_eq!(items[2].as_ref().unwrap().arguments().collect::<Vec<_>>(), [b"k"]);
    }

    #[test]
    fn refuses_pipelines_of_another_shape() {
        for body in ["", "{}", "[\"GET\",\"k\"]", "[[\"GET\",null]]", "[[\"GET\",[\"k\"]]]", "[null]"] {
            let text = refusal(many(body.as_bytes()));
            assert_eq!(text, "ERR failed to parse pipeline request", "{body}");
        }
        assert_eq!(refusal(many(b"[]")), "ERR empty pipeline request");
    }

    #[test]
    fn counts_all_commands_of_a_pipeline_that_has_too_many() {
        let pipeline = |commands: usize| format!("[{}]", vec!["[\"PING\"]"; commands].join(","));
        assert_eq!(many(pipeline(3).as_bytes()).unwrap().len(), 3);
        let fault = many(pipeline(7).as_bytes()).unwrap_err();
        assert!(matches!(fault, Fault::TooManyCommands { limit: 3, actual: 7 }), "{fault:?}");
    }

    #[test]
    fn holds_words_and_commands_while_it_reads_them() {
        let memory = Memory::new(100 * WORD_BYTES);
        let list = |words: usize| format!("[{}]", vec!["1"; words].join(","));
        assert!(read_command(list(100).as_bytes(), &mut memory.hold()).is_ok());
        let fault = read_command(list(101).as_bytes(), &mut memory.hold()).unwrap_err();
        assert!(matches!(fault, Fault::TooLarge { .. }), "{fault:?}");
        for pipeline in [format!("[{}]", vec!["[1]"; 100].join(",")), format!("[[1],{}]", list(100))] {
            let fault = read_pipeline(pipeline.as_bytes(), 1_000, &mut memory.hold()).unwrap_err();
            assert!(matches!(fault, Fault::TooLarge { .. }), "{fault:?}");
        }
    }
}
