//! Redis commands as the REST API takes them: a JSON array of strings.

/// One command, built straight into its JSON text.
#[derive(Debug, Clone)]
pub struct Command {
    name: &'static str,
    keys: u32,
    /// The JSON array without its closing bracket.
    json: Vec<u8>,
}

impl Command {
    /// Starts a command; `name` is a Redis command in upper case.
    pub fn new(name: &'static str) -> Self {
        let mut command = Self { name, keys: 0, json: Vec::with_capacity(64) };
        command.json.push(b'[');
        push_string(&mut command.json, name);
        command
    }

    /// Starts a command that will get about this many keys, in one allocation.
    pub fn with_capacity(name: &'static str, keys: usize) -> Self {
        let mut command = Self::new(name);
        // A bin key is about 25 bytes with quotes and comma; longer pool ids only cost a reallocation.
        command.json.reserve(keys.saturating_mul(28));
        command
    }

    /// Adds an argument that is a key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.push_key(key);
        self
    }

    /// Adds a key in a loop.
    pub fn push_key(&mut self, key: &str) {
        self.keys = self.keys.saturating_add(1);
        self.push(key);
    }

    /// Adds an argument that is no key, such as an option or a pattern.
    #[must_use]
    pub fn arg(mut self, argument: &str) -> Self {
        self.push(argument);
        self
    }

    /// Another command of the same arguments.
    #[must_use]
    pub fn of_the_same(&self, name: &'static str) -> Self {
        let arguments = self.json.get(self.name.len() + 3..).unwrap_or_default();
        let mut command =
            Self { name, keys: self.keys, json: Vec::with_capacity(self.json.len() + name.len()) };
        command.json.push(b'[');
        push_string(&mut command.json, name);
        command.json.extend_from_slice(arguments);
        command
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How many keys the command names.
    pub fn keys(&self) -> u32 {
        self.keys
    }

    fn push(&mut self, argument: &str) {
        self.json.push(b',');
        push_string(&mut self.json, argument);
    }

    /// The body of a request with this command alone.
    pub(super) fn into_body(mut self) -> Vec<u8> {
        self.json.push(b']');
        self.json
    }

    /// The body of a pipeline.
    pub(super) fn pipeline_body(commands: &[Self]) -> Vec<u8> {
        let length: usize = commands.iter().map(|command| command.json.len() + 2).sum();
        let mut body = Vec::with_capacity(length + 2);
        for command in commands {
            body.push(if body.is_empty() { b'[' } else { b',' });
            body.extend_from_slice(&command.json);
            body.push(b']');
        }
        body.push(b']');
        body
    }
}

fn push_string(json: &mut Vec<u8>, text: &str) {
    // Keys are checked against a plain alphabet before they get here, so nearly always nothing needs escaping.
    let plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if plain {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    } else {
        // Writing a string into a Vec cannot fail.
        let _ = serde_json::to_writer(json, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: Vec<u8>) -> String {
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn a_command_is_an_array_of_strings() {
        let command = Command::new("MGET").key("pool:BTC-USDC-25").key("bin:BTC-USDC-25:500");
        assert_eq!((command.name(), command.keys()), ("MGET", 2));
        assert_eq!(text(command.into_body()), r#"["MGET","pool:BTC-USDC-25","bin:BTC-USDC-25:500"]"#);
        assert_eq!(text(Command::new("PING").into_body()), r#"["PING"]"#);
    }

    #[test]
    fn another_command_has_the_same_arguments() {
        let command = Command::new("MGET").key("a").key("b").of_the_same("EXISTS");
        assert_eq!((command.name(), command.keys()), ("EXISTS", 2));
        assert_eq!(text(command.into_body()), r#"["EXISTS","a","b"]"#);
        assert_eq!(text(Command::new("MGET").of_the_same("EXISTS").into_body()), r#"["EXISTS"]"#);
    }

    #[test]
    fn arguments_are_escaped_as_json() {
        for key in ["a\"b", "a\\b", "a\nb", "a\u{1f600}b"] {
            let body = Command::new("GET").key(key).into_body();
            assert_eq!(serde_json::from_slice::<Vec<String>>(&body).unwrap(), ["GET", key], "{body:?}");
        }
    }

    #[test]
    fn a_pipeline_is_an_array_of_commands() {
        let commands = [Command::new("PING"), Command::new("SCAN").arg("0").arg("MATCH").arg("pool:*")];
        assert_eq!(commands[1].keys(), 0);
        assert_eq!(text(Command::pipeline_body(&commands)), r#"[["PING"],["SCAN","0","MATCH","pool:*"]]"#);
    }
}
