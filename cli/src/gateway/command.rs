//! Redis commands as they come in JSON bodies.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

use super::fault::Fault;

/// A command: its name and arguments as bytes, at least the name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Command {
    words: Vec<Vec<u8>>,
}

impl Command {
    /// `None` for an empty list of words.
    pub(crate) fn new(words: Vec<Vec<u8>>) -> Option<Self> {
        (!words.is_empty()).then_some(Self { words })
    }

    /// The name in upper case, for look-ups.
    pub(crate) fn name(&self) -> String {
        self.words.first().map(|word| String::from_utf8_lossy(word).to_ascii_uppercase()).unwrap_or_default()
    }

    /// Everything after the name.
    pub(crate) fn arguments(&self) -> &[Vec<u8>] {
        self.words.get(1..).unwrap_or_default()
    }

    pub(crate) fn to_redis(&self) -> redis::Cmd {
        let mut cmd = redis::Cmd::with_capacity(self.words.len(), self.words.iter().map(Vec::len).sum());
        for word in &self.words {
            cmd.arg(word.as_slice());
        }
        cmd
    }
}

/// Shows the size only: arguments are somebody's data.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({} words)", self.words.len())
    }
}

/// Reads the body of `POST /`.
pub(crate) fn read_command(body: &[u8]) -> Result<Command, Fault> {
    let words: Vec<Word> =
        serde_json::from_slice(body).map_err(|_| Fault::Syntax("ERR failed to parse command"))?;
    to_command(words).ok_or(Fault::Syntax("ERR empty command"))
}

/// Reads the body of `/pipeline` and `/multi-exec`; `None` stands for an empty command.
pub(crate) fn read_pipeline(body: &[u8]) -> Result<Vec<Option<Command>>, Fault> {
    let items: Vec<Vec<Word>> =
        serde_json::from_slice(body).map_err(|_| Fault::Syntax("ERR failed to parse pipeline request"))?;
    if items.is_empty() {
        return Err(Fault::Syntax("ERR empty pipeline request"));
    }
    Ok(items.into_iter().map(to_command).collect())
}

fn to_command(words: Vec<Word>) -> Option<Command> {
    Command::new(words.into_iter().map(|Word(bytes)| bytes).collect())
}

/// One element of a command: a string, or a number or boolean in the very text of the request.
///
/// Going through a number type would rewrite `1e21` and round what is above 2^53.
struct Word(Vec<u8>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(text)
                .map(|word| Self(word.into_bytes()))
                .map_err(D::Error::custom),
            Some(b'-' | b'0'..=b'9' | b't' | b'f') => Ok(Self(text.as_bytes().to_vec())),
            _ => Err(D::Error::custom("a command holds strings, numbers and booleans only")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str) -> Vec<String> {
        let command = read_command(body.as_bytes()).unwrap();
        command.words.iter().map(|word| String::from_utf8(word.clone()).unwrap()).collect()
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
            "[\"GET\" \"k\"]",
            "[\"GET\",NaN]",
            "[\"GET\",01]",
            "[\"GET\",tru]",
            "[\"GET\"] x",
        ] {
            assert_eq!(refusal(read_command(body.as_bytes())), "ERR failed to parse command", "{body}");
        }
        assert_eq!(refusal(read_command(b"[\"GET\",\"\xff\"]")), "ERR failed to parse command");
        assert_eq!(refusal(read_command(b"[]")), "ERR empty command");
    }

    #[test]
    fn refuses_deep_nesting_without_running_out_of_stack() {
        let body = "[".repeat(1_000_000);
        assert_eq!(refusal(read_command(body.as_bytes())), "ERR failed to parse command");
        assert_eq!(refusal(read_pipeline(body.as_bytes())), "ERR failed to parse pipeline request");
    }

    #[test]
    fn reads_pipelines_and_marks_empty_items() {
        let items = read_pipeline(br#"[["SET","k",1],[],["get","k"]]"#).unwrap();
        let names: Vec<_> = items.iter().map(|item| item.as_ref().map(Command::name)).collect();
        assert_eq!(names, [Some("SET".to_owned()), None, Some("GET".to_owned())]);
        assert_eq!(items[2].as_ref().unwrap().arguments(), [b"k".to_vec()]);
    }

    #[test]
    fn refuses_pipelines_of_another_shape() {
        for body in ["", "{}", "[\"GET\",\"k\"]", "[[\"GET\",null]]", "[[\"GET\",[\"k\"]]]", "[null]"] {
            let text = refusal(read_pipeline(body.as_bytes()));
            assert_eq!(text, "ERR failed to parse pipeline request", "{body}");
        }
        assert_eq!(refusal(read_pipeline(b"[]")), "ERR empty pipeline request");
    }
}
