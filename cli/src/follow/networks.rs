//! Networks whose machines may post: `10.0.0.0/8`, `fd00::/8`, one address.

use std::net::IpAddr;

/// One network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `ADDRESS/BITS`, or one address.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be an address or a network, for example 10.1.0.0/16".to_owned();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        if prefix > most { Err(wrong()) } else { Ok(Self { address, prefix }) }
    }

    fn contains(self, other: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 4),
            IpAddr::V6(address) => (address.to_bits(), 6),
        };
        let ((own, own_kind), (other, other_kind)) = (bits(self.address), bits(other.to_canonical()));
        let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
        own_kind == other_kind && (own ^ other) & mask == 0
    }
}

/// This machine, and networks beside it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Networks(pub(crate) Vec<Network>);

impl Networks {
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        address.to_canonical().is_loopback() || self.0.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        Networks(vec![Network::parse(network).unwrap()]).contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_its_own_addresses_and_this_machine() {
        assert!(contains("10.1.0.0/16", "10.1.200.3") && contains("10.1.0.0/16", "::ffff:10.1.2.3"));
        assert!(!contains("10.1.0.0/16", "10.2.0.1") && !contains("10.1.0.0/16", "fd00::1"));
        assert!(contains("fd00::/8", "fd12::9") && !contains("fd00::/8", "fe80::1"));
        assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.8"));
        assert!(contains("0.0.0.0/0", "198.51.100.1") && contains("10.0.0.0/8", "127.0.0.1"));
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "host", "10.0.0.0/"] {
            assert!(Network::parse(wrong).is_err(), "{wrong}");
        }
    }
}
