//! What differs between the answer that was given and the one computed anew.

use crate::api::record::{Fields, Tree, is_human, whole_number};
use crate::json::to_json;
use crate::math::Decimal;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Differences told at most; the first ones say enough.
pub(super) const MAX_DIFFERENCES: usize = 100;
/// Characters of a value that are shown.
const MAX_SHOWN: usize = 120;
/// Fields that no input determines.
const NOT_COMPARED: [&str; 3] = ["request_id", "digest", "state.source"];

/// Gives the shortest text of the double nearest to a number.
pub type ShortestDouble<'f> = &'f dyn Fn(&str) -> Option<String>;

/// A field that is not what the computation gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where it stands, for example `routes[0].hops[1].amount_out_atomic`.
    pub path: String,
    /// What the answer says, as JSON, shortened where it is long; `None` where the field is missing.
    pub given: Option<String>,
    /// What the computation gives, as JSON, shortened where it is long; `None` where there is no such field.
    pub computed: Option<String>,
}

/// Compares two answers field by field.
pub(super) fn differences(given: &Tree, computed: &Tree, shortest: ShortestDouble<'_>) -> Vec<Difference> {
    differences_at("", given, computed, shortest)
}

/// As [`differences`], of a part that stands at `path`.
pub(super) fn differences_at(
    path: &str,
    given: &Tree,
    computed: &Tree,
    shortest: ShortestDouble<'_>,
) -> Vec<Difference> {
    let mut comparison = Comparison { path: path.to_string(), found: Vec::new(), shortest };
    comparison.values(Some(given), Some(computed), false);
    comparison.found
}

struct Comparison<'f> {
    /// Where the comparison stands.
    path: String,
    found: Vec<Difference>,
    shortest: ShortestDouble<'f>,
}

impl Comparison<'_> {
    fn values(&mut self, given: Option<&Tree>, computed: Option<&Tree>, human: bool) {
        if self.found.len() >= MAX_DIFFERENCES || NOT_COMPARED.contains(&self.path.as_str()) {
            return;
        }
        match (given, computed) {
            (Some(Tree::Object(given)), Some(Tree::Object(computed))) => self.fields(given, computed),
            (Some(Tree::List(given)), Some(Tree::List(computed))) => self.items(given, computed),
            (Some(given), Some(computed)) if self.equal(given, computed, human) => {}
            (None, None) => {}
            _ => self.found.push(Difference {
                path: self.path.clone(),
                given: given.map(shown),
                computed: computed.map(shown),
            }),
        }
    }

    fn fields(&mut self, given: &Fields, computed: &Fields) {
        let in_input = self.path == "input" || self.path.starts_with("input.");
        let more = given.keys().filter(|name| !computed.contains_key(*name));
        for name in computed.keys().chain(more) {
            let human = !in_input && is_human(name, computed);
            let step = if self.path.is_empty() { name.clone() } else { format!(".{name}") };
            self.at(&step, |this| this.values(given.get(name), computed.get(name), human));
        }
    }

    fn items(&mut self, given: &[Tree], computed: &[Tree]) {
        for index in 0..given.len().max(computed.len()) {
            self.at(&format!("[{index}]"), |this| this.values(given.get(index), computed.get(index), false));
        }
    }

    fn equal(&self, given: &Tree, computed: &Tree, human: bool) -> bool {
        match (given, computed) {
            (Tree::Number(given), Tree::Number(computed)) if human => {
                same_decimal(given, computed) || self.is_double_of(given, computed)
            }
            (Tree::Text(given), Tree::Number(computed)) if human => same_decimal(given, computed),
            (Tree::Number(given), Tree::Number(computed)) => {
                given == computed || whole_number(given).is_some_and(|given| given == *computed)
            }
            _ => given == computed,
        }
    }

    /// Tells whether a number is what remains of the computed one in a double: its shortest decimal text, as
    /// JavaScript's `JSON.stringify` writes it. No program writes any other text of the same double.
    fn is_double_of(&self, given: &str, computed: &str) -> bool {
        let mantissa = given.split(['e', 'E']).next().unwrap_or_default();
        let fraction = mantissa.split_once('.').map_or("0", |(_, fraction)| fraction);
        let padded = fraction != "0" && fraction.ends_with('0');
        !padded && (self.shortest)(computed).is_some_and(|shortest| same_decimal(given, &shortest))
    }

    fn at(&mut self, step: &str, compare: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(step);
        compare(self);
        self.path.truncate(length);
    }
}

fn same_decimal(given: &str, computed: &str) -> bool {
    Decimal::parse(given).is_ok_and(|given| Decimal::parse(computed) == Ok(given))
}

fn shown(tree: &Tree) -> String {
    let text = match tree {
        Tree::Null => String::from("null"),
        Tree::Boolean(flag) => flag.to_string(),
        Tree::Number(text) => text.clone(),
        Tree::Text(text) => to_json(text),
        Tree::List(items) => format!("a list of {}", items.len()),
        Tree::Object(fields) => format!("an object of {} fields", fields.len()),
    };
    shortened(text)
}

/// A stored text as JSON, shortened where it is long.
pub(super) fn shown_text(text: &str) -> String {
    shortened(to_json(&text))
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortest(number: &str) -> Option<String> {
        number.parse::<f64>().ok().map(|double| format!("{double:e}"))
    }

    fn paths(given: &str, computed: &str) -> Vec<String> {
        let tree = |json| Tree::parse(json).expect("JSON");
        differences(&tree(given), &tree(computed), &shortest)
            .into_iter()
            .map(|difference| difference.path)
            .collect()
    }

    #[test]
    fn names_the_path_of_what_differs() {
        let computed = r#"{"a":{"b":[{"c":1},{"c":2}]},"d":"x"}"#;
        assert_eq!(paths(computed, computed), [""; 0]);
        assert_eq!(paths(r#"{"a":{"b":[{"c":1},{"c":3}]},"d":"y"}"#, computed), ["a.b[1].c", "d"]);
        assert_eq!(paths(r#"{"a":{"b":[{"c":1}]},"d":"x","e":1}"#, computed), ["a.b[1]", "e"]);
        assert_eq!(paths(r#"{"a":{"b":{}},"d":"x"}"#, computed), ["a.b"]);
        assert_eq!(paths("[]", computed), [""]);
    }

    #[test]
    fn says_what_was_given_and_computed() {
        let tree = |json| Tree::parse(json).expect("JSON");
        let long = format!(r#"{{"a":"{}"}}"#, "é".repeat(300));
        let found = differences(&tree(&long), &tree(r#"{"b":null}"#), &shortest);
        assert_eq!((found[0].path.as_str(), found[0].given.as_deref()), ("b", None));
        assert_eq!(found[0].computed.as_deref(), Some("null"));
        assert_eq!((found[1].path.as_str(), found[1].computed.as_deref()), ("a", None));
        assert_eq!(found[1].given.as_ref().map(|text| text.chars().count()), Some(MAX_SHOWN + 3));
    }

    #[test]
    fn leaves_out_what_no_input_determines() {
        let given = r#"{"request_id":"a","digest":"b","state":{"source":"redis","read_at":"c"}}"#;
        let computed = r#"{"request_id":null,"state":{"source":"sample","read_at":"c"}}"#;
        assert_eq!(paths(given, computed), [""; 0]);
        assert_eq!(paths(&given.replace("\"c\"", "\"d\""), computed), ["state.read_at"]);
    }

    #[test]
    fn whole_tokens_may_have_been_a_double() {
        let human = |given: &str, computed: &str| {
            let json = |number: &str| format!(r#"{{"amount_in":{number},"amount_in_atomic":"1"}}"#);
            paths(&json(given), &json(computed)).is_empty()
        };
        assert!(human("1", "1.0") && human("\"1.0\"", "1.0") && human("1e-7", "0.0000001"));
        // What JSON.parse and JSON.stringify make of it.
        assert!(human("0.12345678901234568", "0.123456789012345678"));
        assert!(human("3.402823669209385e+38", "340282366920938463463374607431768211455.0"));
        // The same double, but no text that a program would write for it.
        assert!(!human("0.123456789012345679", "0.123456789012345678"));
        assert!(!human("0.123456789012345680", "0.123456789012345678"));
        assert!(!human("\"0.12345678901234568\"", "0.123456789012345678"));
        assert!(!human("0.12345678901234567", "0.12345678901234"));
        assert!(!human("null", "0.0") && !human("0.0", "null") && human("null", "null"));
    }

    #[test]
    fn other_numbers_are_whole_and_exact() {
        assert_eq!(paths(r#"{"n":100.0,"m":1e2}"#, r#"{"n":100,"m":100}"#), [""; 0]);
        assert_eq!(paths(r#"{"n":"100","m":101}"#, r#"{"n":100,"m":100}"#), ["m", "n"]);
    }

    #[test]
    fn the_list_of_differences_is_bounded() {
        let list = |item: &str| format!("[{}]", [item; 1_000].join(","));
        assert_eq!(paths(&list("1"), &list("2")).len(), MAX_DIFFERENCES);
    }
}
