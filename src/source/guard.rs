//! Which addresses a redirect may lead to: those of the same server, and those on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::model::link::Link;

/// Whether two addresses are of one server: host and port. The usual ports of `http` and `https` count as one, since sites move from the
/// first to the second by a redirect.
pub(super) fn is_same_server(one: &Link, other: &Link) -> bool {
    let (one, other) = (one.url(), other.url());
    // `port` is `None` where it is the scheme's usual one.
    one.host() == other.host() && one.port() == other.port()
}

/// Resolves names to public addresses only.
pub(super) struct PublicOnly;

/// A name has addresses, but none of them is public.
#[derive(Debug, thiserror::Error)]
#[error("not on the public internet")]
pub(super) struct NotPublic;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found
                .iter()
                .copied()
                .filter(|address| is_public(address.ip()))
                .collect();
            if public.is_empty() && !found.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is on the public internet (the IANA special-purpose registries, RFC 6890).
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => {
            let part = ip.segments();
            let embedded =
                |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
            match (part[0], part[1]) {
                // IPv4 in IPv6: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
                (0, 0) if part[2] == 0 && part[3] == 0 => {
                    ip != Ipv6Addr::LOCALHOST && is_public_v4(embedded(part[6], part[7]))
                }
                (0x64, 0xff9b) => part[2] == 0 && is_public_v4(embedded(part[6], part[7])),
                (0x2002, _) => is_public_v4(embedded(part[1], part[2])),
                // Teredo, benchmarking, ORCHID and what else the IETF keeps; documentation.
                (0x2001, 0..0x200 | 0xdb8) | (0x3fff, 0..0x1000) => false,
                (first, _) => first & 0xe000 == 0x2000,
            }
        }
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        // The way into 6to4, of old.
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "203.0.113.9",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "3fff::1",
            "192.88.99.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b:1::a00:1",
            "64:ff9b::7f00:1",
            "2002:a00:1::",
            "::ffff:169.254.169.254",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }
}
