//! A value as Clarity writes it.

use super::hex::push_hex;
use super::value::Value;
use alloc::string::String;
use core::fmt;

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::Uint(number) => write!(f, "u{number}"),
            Self::Buffer(bytes) => {
                let mut text = String::from("0x");
                push_hex(&mut text, bytes);
                f.write_str(&text)
            }
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Principal(principal) => write!(f, "{principal}"),
            Self::Ok(value) => write!(f, "(ok {value})"),
            Self::Err(value) => write!(f, "(err {value})"),
            Self::None => f.write_str("none"),
            Self::Some(value) => write!(f, "(some {value})"),
            Self::List(values) => {
                f.write_str("(list")?;
                values.iter().try_for_each(|value| write!(f, " {value}"))?;
                f.write_str(")")
            }
            Self::Tuple(tuple) => {
                f.write_str("(tuple")?;
                tuple.iter().try_for_each(|(name, value)| write!(f, " ({name} {value})"))?;
                f.write_str(")")
            }
            Self::StringAscii(text) => write!(f, "\"{text}\""),
            Self::StringUtf8(text) => write!(f, "u\"{text}\""),
        }
    }
}
