//! Addresses and contracts.

use super::error::ClarityError;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::str::FromStr;
use sha2::{Digest, Sha256};

/// Kinds of address that one c32 character can name.
const VERSIONS: u8 = 32;
/// Characters that 24 bytes can have in c32.
const LONGEST: usize = 39;
/// The longest name of a contract (`CONTRACT_MAX_NAME_LENGTH` of the chain).
const MAX_CONTRACT_NAME: usize = 40;
const HASH: usize = 20;
const CHECKSUM: usize = 4;

/// An account, or a contract under one: `SP…` or `SP….name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal {
    version: u8,
    hash: [u8; HASH],
    /// Shared, since a call may name one contract some hundred times.
    contract: Option<Arc<str>>,
}

impl Principal {
    /// Puts a principal together.
    ///
    /// # Errors
    /// [`ClarityError::InvalidPrincipal`] for a version of 32 and more, or a name that no contract can have.
    pub fn new(version: u8, hash: [u8; HASH], contract: Option<&str>) -> Result<Self, ClarityError> {
        if version >= VERSIONS || contract.is_some_and(|name| !is_contract_name(name)) {
            return Err(ClarityError::InvalidPrincipal);
        }
        Ok(Self { version, hash, contract: contract.map(Arc::from) })
    }

    /// Reads c32check text with, for a contract, a dot and its name.
    ///
    /// # Errors
    /// [`ClarityError::Checksum`] or [`ClarityError::InvalidPrincipal`]. Text that other readers take for another
    /// spelling of an address (small letters, `O` for `0`) is refused: one principal, one text.
    pub fn parse(text: &str) -> Result<Self, ClarityError> {
        let (address, contract) = match text.split_once('.') {
            Some((address, name)) => (address, Some(name)),
            None => (text, None),
        };
        let (version, hash, sum) = address_parts(address)?;
        if address_text(version, &hash, sum) != address {
            return Err(ClarityError::InvalidPrincipal);
        }
        Self::new(version, hash, contract)
    }

    /// Kind of address: 22 and 20 on mainnet, 26 and 21 on testnets.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// The account's 20 bytes.
    #[must_use]
    pub const fn hash(&self) -> &[u8; HASH] {
        &self.hash
    }

    /// The contract's name; `None` for an account.
    #[must_use]
    pub fn contract(&self) -> Option<&str> {
        self.contract.as_deref()
    }

    /// The account alone, as text.
    #[must_use]
    pub fn address(&self) -> String {
        address_text(self.version, &self.hash, checksum(self.version, &self.hash))
    }
}

fn address_text(version: u8, hash: &[u8; HASH], sum: [u8; CHECKSUM]) -> String {
    let mut checked = [0; HASH + CHECKSUM];
    for (byte, from) in checked.iter_mut().zip(hash.iter().chain(&sum)) {
        *byte = *from;
    }
    let mut text = String::from("S");
    for part in [&[version][..], &checked] {
        let mut digits = [0; LONGEST];
        let count = c32::encode_into(part, &mut digits).unwrap_or(0);
        text.extend(digits.iter().take(count).map(|digit| char::from(*digit)));
    }
    text
}

/// Version, bytes and checksum of an address where that is right.
fn address_parts(address: &str) -> Result<(u8, [u8; HASH], [u8; CHECKSUM]), ClarityError> {
    let [b'S', version, digits @ ..] = address.as_bytes() else {
        return Err(ClarityError::InvalidPrincipal);
    };
    if digits.len() > LONGEST {
        return Err(ClarityError::InvalidPrincipal);
    }
    let mut bytes = [0; LONGEST];
    let mut decode = |from: &[u8]| c32::decode_into(from, &mut bytes).map(|count| (bytes, count));
    let (first, _) = decode(&[*version]).map_err(|_| ClarityError::InvalidPrincipal)?;
    let (checked, count) = decode(digits).map_err(|_| ClarityError::InvalidPrincipal)?;
    let (&version, _) = first.split_first().ok_or(ClarityError::InvalidPrincipal)?;
    let (hash, rest) = checked.split_first_chunk::<HASH>().ok_or(ClarityError::InvalidPrincipal)?;
    if count != HASH + CHECKSUM {
        return Err(ClarityError::InvalidPrincipal);
    }
    let sum = checksum(version, hash);
    if !rest.starts_with(&sum) {
        return Err(ClarityError::Checksum);
    }
    Ok((version, *hash, sum))
}

/// The first bytes of SHA-256 of SHA-256.
fn checksum(version: u8, hash: &[u8; HASH]) -> [u8; CHECKSUM] {
    let once = Sha256::new().chain_update([version]).chain_update(hash).finalize();
    let twice: [u8; 32] = Sha256::digest(once).into();
    twice.first_chunk().copied().unwrap_or_default()
}

fn is_contract_name(name: &str) -> bool {
    name.len() <= MAX_CONTRACT_NAME
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address())?;
        match &self.contract {
            Some(name) => write!(f, ".{name}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Principal {
    type Err = ClarityError;

    fn from_str(text: &str) -> Result<Self, ClarityError> {
        Self::parse(text)
    }
}
