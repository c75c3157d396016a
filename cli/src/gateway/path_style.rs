//! Commands written as a path: `/SET/key/value?EX=100`.

use percent_encoding::percent_decode_str;

use super::command::Command;
use super::fault::Fault;

/// Reads path segments, then the body as one argument, then the query as further arguments.
///
/// `_token` is not an argument. A query name without a value is one argument, otherwise name and value are two.
pub(crate) fn read_path(path: &str, query: Option<&str>, body: Vec<u8>) -> Result<Command, Fault> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() {
        return Err(Fault::Syntax("ERR empty command"));
    }
    let mut words: Vec<Vec<u8>> =
        path.split('/').map(|segment| percent_decode_str(segment).collect()).collect();
    if !body.is_empty() {
        words.push(body);
    }
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name == "_token" {
            continue;
        }
        words.push(name.into_owned().into_bytes());
        if !value.is_empty() {
            words.push(value.into_owned().into_bytes());
        }
    }
    Command::new(&words).ok_or(Fault::Syntax("ERR empty command"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&[u8]]) -> Vec<Vec<u8>> {
        words.iter().map(|word| word.to_vec()).collect()
    }

    fn read(path: &str, query: Option<&str>, body: &[u8]) -> Vec<Vec<u8>> {
        read_path(path, query, body.to_vec()).unwrap().words().map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn decodes_segments_as_bytes() {
        assert_eq!(read("/set/a%2Fb/%ff+x", None, b""), list(&[b"set", b"a/b", b"\xff+x"]));
    }

    #[test]
    fn puts_the_body_before_the_query() {
        assert_eq!(
            read("/set/foo", Some("EX=100&_token=secret&NX"), b"bar/\xff"),
            list(&[b"set", b"foo", b"bar/\xff", b"EX", b"100", b"NX"])
        );
    }

    #[test]
    fn keeps_empty_segments_as_empty_arguments() {
        assert_eq!(read("/echo/", None, b""), list(&[b"echo", b""]));
    }

    #[test]
    fn refuses_a_path_without_a_command() {
        assert!(matches!(read_path("/", None, Vec::new()), Err(Fault::Syntax("ERR empty command"))));
    }
}
