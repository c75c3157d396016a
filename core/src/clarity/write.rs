//! From a value to consensus bytes.

use super::hex::push_hex;
use super::principal::Principal;
use super::value::Value;
use alloc::string::String;
use alloc::vec::Vec;

impl Value {
    /// Appends the value's consensus bytes.
    ///
    /// Text, bytes and lists must be shorter than 2^32, which memory sees to: the chain allows a megabyte.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(self.type_byte());
        match self {
            Self::Int(number) => out.extend(number.to_be_bytes()),
            Self::Uint(number) => out.extend(number.to_be_bytes()),
            Self::Bool(_) | Self::None => {}
            Self::Buffer(bytes) => long(out, bytes),
            Self::StringAscii(text) | Self::StringUtf8(text) => long(out, text.as_bytes()),
            Self::Principal(principal) => write_principal(out, principal),
            Self::Ok(value) | Self::Err(value) | Self::Some(value) => value.write(out),
            Self::List(values) => {
                count(out, values.len());
                for value in values {
                    value.write(out);
                }
            }
            Self::Tuple(tuple) => {
                count(out, tuple.iter().len());
                for (name, value) in tuple.iter() {
                    short(out, name);
                    value.write(out);
                }
            }
        }
    }

    /// Gives the value's consensus bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    /// Gives `0x` and the value's consensus bytes as hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        let mut text = String::from("0x");
        push_hex(&mut text, &self.to_bytes());
        text
    }

    fn type_byte(&self) -> u8 {
        match self {
            Self::Int(_) => 0x00,
            Self::Uint(_) => 0x01,
            Self::Buffer(_) => 0x02,
            Self::Bool(true) => 0x03,
            Self::Bool(false) => 0x04,
            Self::Principal(principal) if principal.contract().is_none() => 0x05,
            Self::Principal(_) => 0x06,
            Self::Ok(_) => 0x07,
            Self::Err(_) => 0x08,
            Self::None => 0x09,
            Self::Some(_) => 0x0a,
            Self::List(_) => 0x0b,
            Self::Tuple(_) => 0x0c,
            Self::StringAscii(_) => 0x0d,
            Self::StringUtf8(_) => 0x0e,
        }
    }
}

fn write_principal(out: &mut Vec<u8>, principal: &Principal) {
    out.push(principal.version());
    out.extend(principal.hash());
    if let Some(name) = principal.contract() {
        short(out, name);
    }
}

fn count(out: &mut Vec<u8>, number: usize) {
    out.extend(u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
}

fn long(out: &mut Vec<u8>, bytes: &[u8]) {
    count(out, bytes.len());
    out.extend(bytes);
}

/// Names are no longer than 128.
fn short(out: &mut Vec<u8>, name: &str) {
    out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    out.extend(name.as_bytes());
}
