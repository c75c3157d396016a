//! What the Redis behind the gateway says about its own commands.

use std::collections::HashMap;

use redis::Value;

/// Commands that Redis calls dangerous and the gateway passes on: they are slow or they empty a database, which a
/// developer may want, and they leave server and connection as they are.
const DANGEROUS_BUT_PASSED: [&str; 7] = ["FLUSHALL", "FLUSHDB", "INFO", "KEYS", "ROLE", "SORT", "SORT_RO"];

/// Commands that wait only with an option, which is looked for in each of them.
const WAIT_BY_OPTION: [&str; 2] = ["XREAD", "XREADGROUP"];

/// What Redis knows a command as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It may run.
    Passed,
    /// It administers the server or waits for others.
    Withheld,
    /// There is no such command.
    Unknown,
    /// There is the command, but no such sub-command.
    UnknownSubcommand,
}

/// The answer to `COMMAND`, by name in upper case.
#[derive(Debug, Default)]
pub(crate) struct CommandTable {
    commands: HashMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    withheld: bool,
    /// Empty where Redis tells none apart: before 7.0, and for commands that have none.
    subcommands: HashMap<String, bool>,
}

impl CommandTable {
    /// Reads the reply to `COMMAND`; `None` if it is not a list of commands.
    pub(crate) fn read(reply: &Value) -> Option<Self> {
        let commands: HashMap<_, _> = items(reply)?.iter().filter_map(entry).collect();
        (!commands.is_empty()).then_some(Self { commands })
    }

    /// A table of commands that all may run, for a Redis that does not tell.
    pub(crate) fn of(names: impl IntoIterator<Item = &'static str>) -> Self {
        let entry = |name: &str| (name.to_owned(), Entry { withheld: false, subcommands: HashMap::new() });
        Self { commands: names.into_iter().map(entry).collect() }
    }

    /// What a command is, by its name in upper case and its first argument.
    pub(crate) fn look_up(&self, name: &str, first: Option<&[u8]>) -> Known {
        let Some(entry) = self.commands.get(name) else { return Known::Unknown };
        let withheld = match first {
            Some(first) if !entry.subcommands.is_empty() => {
                let subcommand = String::from_utf8_lossy(first).to_ascii_uppercase();
                match entry.subcommands.get(&subcommand) {
                    Some(withheld) => entry.withheld || *withheld,
                    None => return Known::UnknownSubcommand,
                }
            }
            _ => entry.withheld,
        };
        if withheld { Known::Withheld } else { Known::Passed }
    }
}

/// Name, arity, flags, three key positions, and from Redis 6 on ACL categories; from 7 on hints, keys, sub-commands.
fn entry(command: &Value) -> Option<(String, Entry)> {
    let fields = items(command)?;
    let name = text(fields.first()?)?.to_ascii_uppercase();
    let subcommands = fields.get(9).and_then(items).unwrap_or_default();
    let subcommands = subcommands.iter().filter_map(|subcommand| {
        let fields = items(subcommand)?;
        let (_, name) = text(fields.first()?)?.split_once('|')?;
        Some((name.to_ascii_uppercase(), is_withheld(name, fields)))
    });
    let entry = Entry { withheld: is_withheld(&name, fields), subcommands: subcommands.collect() };
    Some((name, entry))
}

fn is_withheld(name: &str, fields: &[Value]) -> bool {
    let says = |at: usize, word: &str| {
        let words = fields.get(at).and_then(items).unwrap_or_default();
        words.iter().any(|given| text(given) == Some(word))
    };
    let dangerous = says(6, "@dangerous") && !DANGEROUS_BUT_PASSED.contains(&name);
    let waits = (says(2, "blocking") || says(6, "@blocking")) && !WAIT_BY_OPTION.contains(&name);
    says(2, "admin") || dangerous || waits
}

fn items(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(items) | Value::Set(items) => Some(items),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &str) -> Value {
        Value::Array(words.split_whitespace().map(|word| Value::SimpleString(word.into())).collect())
    }

    /// A command as Redis 7 writes it.
    fn command(name: &str, flags: &str, categories: &str, subcommands: Vec<Value>) -> Value {
        let nothing = || Value::Array(Vec::new());
        let numbers = [Value::Int(-1), words(flags), Value::Int(0), Value::Int(0), Value::Int(0)];
        let mut fields = vec![Value::BulkString(name.into())];
        fields.extend(numbers);
        fields.extend([words(categories), nothing(), nothing(), Value::Array(subcommands)]);
        Value::Array(fields)
    }

    fn table() -> CommandTable {
        let latency = vec![
            command("latency|help", "loading stale", "@slow", vec![]),
            command("latency|reset", "admin noscript", "@admin @slow @dangerous", vec![]),
        ];
        CommandTable::read(&Value::Array(vec![
            command("get", "readonly fast", "@read @string @fast", vec![]),
            command("save", "admin noscript", "@admin @slow @dangerous", vec![]),
            command("swapdb", "write fast", "@keyspace @write @fast @dangerous", vec![]),
            command("info", "loading stale", "@slow @dangerous", vec![]),
            command("role", "noscript loading", "@admin @fast @dangerous", vec![]),
            command("blpop", "write blocking", "@write @list @slow @blocking", vec![]),
            command("xread", "readonly blocking movablekeys", "@read @stream @slow @blocking", vec![]),
            command("latency", "", "@slow", latency),
        ]))
        .unwrap()
    }

    #[test]
    fn withholds_what_administers_endangers_or_waits() {
        for (name, known) in [
            ("GET", Known::Passed),
            ("SAVE", Known::Withheld),
            ("SWAPDB", Known::Withheld),
            ("INFO", Known::Passed),
            ("ROLE", Known::Passed),
            ("BLPOP", Known::Withheld),
            ("XREAD", Known::Passed),
            ("get", Known::Unknown),
            ("NOSUCH", Known::Unknown),
        ] {
            assert_eq!(table().look_up(name, Some(b"k")), known, "{name}");
        }
    }

    #[test]
    fn judges_a_container_by_the_sub_command_that_is_named() {
        for (first, known) in [
            (Some(&b"Help"[..]), Known::Passed),
            (Some(b"reset"), Known::Withheld),
            (Some(b"reset\0"), Known::UnknownSubcommand),
            (Some(b"\xff"), Known::UnknownSubcommand),
            (None, Known::Passed),
        ] {
            assert_eq!(table().look_up("LATENCY", first), known, "{first:?}");
        }
    }

    #[test]
    fn reads_the_shorter_rows_of_older_servers() {
        let row = |name: &str, flags: &str| {
            Value::Array(vec![Value::BulkString(name.into()), Value::Int(1), words(flags)])
        };
        let table = CommandTable::read(&Value::Array(vec![row("acl", "admin"), row("get", "readonly")]));
        let table = table.unwrap();
        assert_eq!(table.look_up("ACL", Some(b"whoami")), Known::Withheld);
        assert_eq!(table.look_up("GET", Some(b"k")), Known::Passed);
    }

    #[test]
    fn is_no_table_where_the_reply_lists_nothing() {
        for reply in [Value::Nil, Value::Okay, Value::Array(vec![]), Value::Array(vec![Value::Nil])] {
            assert!(CommandTable::read(&reply).is_none(), "{reply:?}");
        }
    }
}
