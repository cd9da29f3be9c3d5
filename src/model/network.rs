//! Networks of the internet, as `10.0.0.0/8` says them.

use std::net::{IpAddr, Ipv6Addr};

use crate::model::line::Line;

/// All addresses that begin with the same bits. An address of IPv4 is the one of IPv6 that it is mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    first: u128,
    bits: u32,
}

impl Network {
    /// All addresses that share so many bits with that one: `four` if it is one of IPv4, else `six`.
    #[must_use]
    pub fn around(address: IpAddr, four: u32, six: u32) -> Self {
        let is_four = address.to_canonical().is_ipv4();
        Self::of(mapped(address), if is_four { 96 + four } else { six })
    }

    fn of(address: Ipv6Addr, bits: u32) -> Self {
        Self {
            first: address.to_bits() & mask(bits),
            bits,
        }
    }

    /// `10.0.0.0/8`, `2001:db8::/32`, or one address.
    ///
    /// # Errors
    /// The sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown = Line::clean_to(text, 60);
        let wrong =
            || format!("`{shown}` is no network: expected one such as `10.0.0.0/8` or `fd00::/8`");
        let (address, bits) = text.split_once('/').unwrap_or((text, ""));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits.parse::<u32>() {
            Ok(0) => {
                return Err(format!(
                    "`{shown}` is the whole internet: name a smaller network"
                ));
            }
            Ok(bits) if bits <= most => bits,
            Err(_) if !text.contains('/') => most,
            _ => return Err(wrong()),
        };
        let bits = if address.is_ipv4() { 96 + bits } else { bits };
        Ok(Self::of(mapped(address), bits))
    }

    /// Whether the address is one of it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        mapped(address).to_bits() & mask(self.bits) == self.first
    }
}

fn mapped(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

fn mask(bits: u32) -> u128 {
    !u128::MAX.checked_shr(bits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_network_holds() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("10.1.2.3/8", "10.0.0.1", "9.255.255.255"),
            ("172.17.0.2", "172.17.0.2", "172.17.0.3"),
            ("10.0.0.0/8", "::ffff:10.1.1.1", "2001:db8::1"),
            ("::ffff:10.0.0.0/104", "10.3.3.3", "11.0.0.1"),
            ("fd00::/8", "fdab::1", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("192.0.2.0/32", "192.0.2.0", "192.0.2.1"),
        ] {
            let parsed = Network::parse(network).unwrap();
            assert!(parsed.holds(inside.parse().unwrap()), "{network} {inside}");
            assert!(
                !parsed.holds(outside.parse().unwrap()),
                "{network} {outside}"
            );
        }
        for text in [
            "",
            "proxy",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/",
            "10.0.0/8",
            "0.0.0.0/0",
            "::/0",
            "::/129",
        ] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn neighbours() {
        let around = |text: &str| Network::around(text.parse().unwrap(), 24, 48);
        assert_eq!(around("192.0.2.1"), around("::ffff:192.0.2.200"));
        assert_ne!(around("192.0.2.1"), around("192.0.3.1"));
        assert_eq!(around("2001:db8:1:2::1"), around("2001:db8:1:ffff::9"));
        assert_ne!(around("2001:db8:1::1"), around("2001:db8:2::1"));
    }
}
