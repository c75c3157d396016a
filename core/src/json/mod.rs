//! JSON text, read and written as it is needed here: a value that is read keeps its text, so that no number turns into
//! a float, and a number is written with all of its digits.
//!
//! The lexer is that of `hifijson`. Nothing here is generic over what is read, and writing cannot fail; that keeps the
//! code small where browsers download it.

mod document;
mod escaped;
pub(crate) mod field;
#[cfg(test)]
mod lone_surrogate_tests;
mod reader;
mod text;
mod writer;

pub use document::without_mark;
pub use escaped::{Unescaped, unescape};
pub use text::JsonText;

pub(crate) use reader::Reader;
pub(crate) use writer::push_escaped;
pub use writer::{List, Object, Plain, ToJson, list, object, to_json};
