//! What makes bytes no value and text no principal.

use core::fmt;

/// Why something is not a Clarity value, or not a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClarityError {
    /// The bytes end amid a value.
    Truncated,
    /// Bytes are left behind the value.
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// No type has this first byte.
    UnknownType {
        /// The byte.
        byte: u8,
    },
    /// Values lie deeper in each other than the chain allows.
    TooDeep,
    /// The value is longer than the chain allows.
    TooLong,
    /// A name of a tuple's entry is empty, too long or has other characters than Clarity's.
    InvalidName,
    /// Entries of a tuple are out of the order of their names, or two have one name.
    TupleOrder,
    /// A string has characters that its type does not have.
    InvalidString,
    /// An address of a kind that does not exist, or a contract's name that cannot be one.
    InvalidPrincipal,
    /// The address and its checksum do not belong together.
    Checksum,
    /// The text is not `0x` and pairs of hexadecimal digits.
    InvalidHex,
}

impl fmt::Display for ClarityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the bytes end amid a value"),
            Self::TrailingBytes { count } => write!(f, "{count} bytes are left behind the value"),
            Self::UnknownType { byte } => write!(f, "no type of value begins with the byte {byte:#04x}"),
            Self::TooDeep => f.write_str("values lie too deep in each other"),
            Self::TooLong => f.write_str("the value is too long"),
            Self::InvalidName => f.write_str("a tuple has a name that is none"),
            Self::TupleOrder => f.write_str("a tuple's entries are not in the order of their names"),
            Self::InvalidString => f.write_str("a string has characters it cannot have"),
            Self::InvalidPrincipal => f.write_str("not an address or a contract of the chain"),
            Self::Checksum => f.write_str("the address has another checksum"),
            Self::InvalidHex => f.write_str("not 0x and hexadecimal digits"),
        }
    }
}

impl core::error::Error for ClarityError {}
