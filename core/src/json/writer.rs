//! Writes JSON text.

use super::text::JsonText;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// What has a JSON text.
pub trait ToJson {
    /// Writes it behind what is written.
    fn write(&self, out: &mut String);
}

/// The JSON text of a value.
pub fn to_json(value: &impl ToJson) -> String {
    let mut text = String::new();
    value.write(&mut text);
    text
}

/// An object that is being written.
#[derive(Debug)]
pub struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl Object<'_> {
    /// Writes a member; in its name nothing needs to be escaped.
    pub fn member(&mut self, name: &str, value: impl ToJson) {
        self.next();
        self.out.push_str(name);
        self.out.push_str("\":");
        value.write(self.out);
    }

    /// Writes a member of any name.
    pub fn foreign(&mut self, name: &str, value: impl ToJson) {
        self.next();
        push_escaped(self.out, name);
        self.out.push_str("\":");
        value.write(self.out);
    }

    fn next(&mut self) {
        self.out.push_str(if core::mem::take(&mut self.empty) { "\"" } else { ",\"" });
    }
}

/// A list that is being written.
#[derive(Debug)]
pub struct List<'o> {
    out: &'o mut String,
    empty: bool,
}

impl List<'_> {
    /// Writes an item.
    pub fn item(&mut self, value: impl ToJson) {
        if !core::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        value.write(self.out);
    }

    /// Writes items.
    pub fn items(&mut self, values: impl IntoIterator<Item = impl ToJson>) {
        for value in values {
            self.item(value);
        }
    }
}

/// The object whose members this writes.
pub const fn object(members: impl Fn(&mut Object<'_>)) -> impl ToJson {
    ObjectOf(members)
}

/// The list whose items this writes.
pub const fn list(items: impl Fn(&mut List<'_>)) -> impl ToJson {
    ListOf(items)
}

struct ObjectOf<F>(F);

impl<F: Fn(&mut Object<'_>)> ToJson for ObjectOf<F> {
    fn write(&self, out: &mut String) {
        out.push('{');
        (self.0)(&mut Object { out, empty: true });
        out.push('}');
    }
}

struct ListOf<F>(F);

impl<F: Fn(&mut List<'_>)> ToJson for ListOf<F> {
    fn write(&self, out: &mut String) {
        out.push('[');
        (self.0)(&mut List { out, empty: true });
        out.push(']');
    }
}

/// Text in which nothing needs to be escaped: ids, symbols, digits.
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a>(pub &'a str);

impl ToJson for Plain<'_> {
    fn write(&self, out: &mut String) {
        out.push('"');
        out.push_str(self.0);
        out.push('"');
    }
}

impl ToJson for JsonText<'_> {
    fn write(&self, out: &mut String) {
        out.push_str(self.get());
    }
}

impl ToJson for str {
    fn write(&self, out: &mut String) {
        out.push('"');
        push_escaped(out, self);
        out.push('"');
    }
}

impl ToJson for String {
    fn write(&self, out: &mut String) {
        self.as_str().write(out);
    }
}

impl ToJson for Cow<'_, str> {
    fn write(&self, out: &mut String) {
        (**self).write(out);
    }
}

impl ToJson for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn write(&self, out: &mut String) {
        (**self).write(out);
    }
}

/// `null` where there is none.
impl<T: ToJson> ToJson for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn write(&self, out: &mut String) {
        list(|f| f.items(self)).write(out);
    }
}

macro_rules! whole_numbers {
    ($($kind:ty)+) => {
        $(impl ToJson for $kind {
            fn write(&self, out: &mut String) {
                // One routine for all of them.
                out.push_str(itoa::Buffer::new().format(*self as u64));
            }
        })+
    };
}
whole_numbers!(u8 u16 u32 u64 usize);

/// Writes a text as it stands between its quotes.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        let (plain, special) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut special = special.chars();
        push_escape(out, special.next().unwrap_or_default());
        rest = special.as_str();
    }
    out.push_str(rest);
}

fn push_escape(out: &mut String, special: char) {
    let short = match special {
        '"' | '\\' => special,
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{c}' => 'f',
        '\r' => 'r',
        control => {
            let code = u32::from(control);
            out.push_str("\\u00");
            out.extend([code >> 4, code & 15].map(|digit| char::from_digit(digit, 16).unwrap_or('0')));
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn writes_objects_and_lists() {
        let written = to_json(&object(|f| {
            f.member("none", None::<u8>);
            f.member("list", list(|f| f.items([1_u16, 20, 300])));
            f.foreign("a\"b", object(|_| {}));
            f.member("flags", list(|f| [true, false].into_iter().for_each(|flag| f.item(flag))));
            f.member("id", Plain("BTC-USDC"));
        }));
        assert_eq!(
            written,
            r#"{"none":null,"list":[1,20,300],"a\"b":{},"flags":[true,false],"id":"BTC-USDC"}"#
        );
    }

    proptest! {
        #[test]
        fn writes_text_and_numbers_as_serde_json_does(text: String, control in "[\u{0}-\u{22}\\\\\u{7f}]{0,8}", number: u64) {
            for text in [&text, &control] {
                prop_assert_eq!(to_json(text), json!(text).to_string());
            }
            prop_assert_eq!(to_json(&number), json!(number).to_string());
        }
    }
}
