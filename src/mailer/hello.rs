//! The name that we give ourselves in EHLO (RFC 5321 section 4.1.1.1): the configured one, else this machine's full name, else the address
//! that the relay sees. A name without a dot is none: many relays refuse it (Postfix: `reject_non_fqdn_helo_hostname`).

use std::net::IpAddr;

use crate::model::address::ascii_domain;

/// This machine's full name, if it has one: its own, or the one that `/etc/hosts` gives beside it.
#[must_use]
pub fn machine_name() -> Option<String> {
    let node = rustix::system::uname();
    let hosts = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    full_name(&node.nodename().to_string_lossy(), &hosts)
}

fn full_name(node: &str, hosts: &str) -> Option<String> {
    let is_full = |name: &&str| name.contains('.') && !name.starts_with("localhost");
    let beside = || {
        let lines = hosts.lines().take(1_000);
        lines
            .map(|line| line.split('#').next().unwrap_or_default())
            .map(|line| line.split_ascii_whitespace().skip(1))
            .find(|names| names.clone().any(|name| name == node))?
            .find(|name| name.split('.').next() == Some(node) && is_full(name))
    };
    let name = Some(node).filter(is_full).or_else(beside)?;
    ascii_domain(name.trim_end_matches('.')).ok()
}

/// An address as EHLO takes it (RFC 5321 section 4.1.3).
pub(super) fn literal(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names() {
        const HOSTS: &str = "127.0.0.1 localhost\n# 127.0.1.1 web1.no.example web1\n127.0.1.1\tweb1.harbour.example web1 # us\n10.0.0.2 web2 web2\n";
        for (node, expected) in [
            ("mail.harbour.example", Some("mail.harbour.example")),
            ("Mail.Harbour.Example.", Some("mail.harbour.example")),
            ("web1", Some("web1.harbour.example")),
            ("web2", None),
            ("web3", None),
            ("localhost", None),
            ("localhost.localdomain", None),
            ("", None),
            ("a_b.harbour.example", None),
            ("x\r\nMAIL.example", None),
        ] {
            assert_eq!(full_name(node, HOSTS).as_deref(), expected, "{node}");
        }
    }

    #[test]
    fn addresses() {
        let said = |text: &str| literal(text.parse().unwrap());
        assert_eq!(said("192.0.2.1"), "[192.0.2.1]");
        assert_eq!(said("::ffff:192.0.2.1"), "[192.0.2.1]");
        assert_eq!(said("2001:db8::1"), "[IPv6:2001:db8::1]");
    }
}
