//! The inbox behind an address, as far as its provider's rules are known: which addresses are one inbox, and which can have none.
//! A reader stays who they are by their address ([`Address::key`]); this counts the letters that strangers can have sent to somebody.

use crate::model::address::Address;

/// Addresses of one inbox have the same text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inbox(String);

/// Domains of one provider, what of a name it ignores, and what begins a tag there besides `+`.
struct Provider {
    domains: &'static [&'static str],
    ignored: &'static [char],
    tag: Option<char>,
}

/// Providers whose addresses are one inbox in more ways than by a `+tag`, as their help pages say.
const PROVIDERS: [Provider; 4] = [
    Provider {
        domains: &["gmail.com", "googlemail.com"],
        ignored: &['.'],
        tag: None,
    },
    Provider {
        domains: &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"],
        ignored: &['.', '-', '_'],
        tag: None,
    },
    Provider {
        domains: &["icloud.com", "me.com", "mac.com"],
        ignored: &[],
        tag: None,
    },
    // A dot and a hyphen are the same there; without either the name is counted as the same too.
    Provider {
        domains: &[
            "yandex.ru",
            "yandex.com",
            "yandex.by",
            "yandex.kz",
            "yandex.ua",
            "yandex.uz",
            "yandex.com.tr",
            "ya.ru",
            "narod.ru",
        ],
        ignored: &['.', '-'],
        tag: None,
    },
];

/// Where `-` begins a tag; and every `yahoo.` of a country.
const YAHOO: Provider = Provider {
    domains: &["ymail.com", "rocketmail.com", "myyahoo.com"],
    ignored: &[],
    tag: Some('-'),
};

/// Providers that deliver `anything@ada.fastmail.com` to `ada@fastmail.com`.
const BY_SUBDOMAIN: [&str; 2] = ["fastmail.com", "fastmail.fm"];

/// Top domains without mail from outside (RFC 6761, RFC 6762, RFC 7686, RFC 9476, and those that ICANN keeps out of the root).
/// `example` is left: it is what one tries a newsletter with.
const SPECIAL: [&str; 15] = [
    "alt",
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mail",
    "onion",
    "private",
    "test",
];

impl Inbox {
    /// Of that address.
    #[must_use]
    pub fn of(address: &Address) -> Self {
        let key = address.key();
        let (mut local, mut domain) = key.rsplit_once('@').unwrap_or((&key, ""));
        if let Some((name, provider)) = domain.split_once('.')
            && BY_SUBDOMAIN.contains(&provider)
        {
            (local, domain) = (name, provider);
        }
        let is_yahoo = YAHOO.domains.contains(&domain) || domain.starts_with("yahoo.");
        let provider = if is_yahoo {
            Some(&YAHOO)
        } else {
            PROVIDERS.iter().find(|one| one.domains.contains(&domain))
        };
        // Most providers take `ada+1@` and `ada+2@` for one inbox; where one does not, a few strangers share a count.
        let is_tag = |c| c == '+' || provider.is_some_and(|one| one.tag == Some(c));
        let untagged = local.split(is_tag).next().filter(|name| !name.is_empty());
        let local = untagged.unwrap_or(local);
        Self(match provider {
            Some(one) => format!("{}@{}", local.replace(one.ignored, ""), one.domains[0]),
            None => format!("{local}@{domain}"),
        })
    }

    /// What is equal for addresses of one inbox. As secret as an address.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Why no letter can reach anybody there from outside; `None`: it may.
#[must_use]
pub fn unreachable(address: &Address) -> Option<&'static str> {
    let local = address.local();
    if local.contains("=?") || local.contains("?=") {
        return Some(
            "the part before the `@` is an encoded word, which mail systems read as something else",
        );
    }
    if local.starts_with(['-', '/']) || local.contains(['%', '!', '|', '`']) {
        return Some(
            "the part before the `@` is one that mail systems read as a route or a command",
        );
    }
    let Some((_, top)) = address.domain().rsplit_once('.') else {
        return Some("the domain is a name of this machine only");
    };
    let is_name = top.len() > 1
        && (top.starts_with("xn--") || top.bytes().all(|byte| byte.is_ascii_alphabetic()));
    if !is_name {
        return Some("the domain ends in a number, as no domain of the internet does");
    }
    SPECIAL
        .contains(&top)
        .then_some("the domain is reserved for private use and is nowhere on the internet")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox(text: &str) -> Inbox {
        Inbox::of(&Address::parse(text).unwrap())
    }

    #[test]
    fn addresses_of_one_inbox() {
        for (texts, own) in [
            (
                &[
                    "a.d.a@gmail.com",
                    "AdA+news@googlemail.com",
                    "ada@gmail.com",
                    "a.da+x.y@GMail.com",
                ][..],
                "bda@gmail.com",
            ),
            (
                &["ada@yahoo.com", "ada-news@yahoo.com", "ada-1+x@yahoo.com"],
                "a.da@yahoo.com",
            ),
            (&["ada-x@yahoo.co.uk", "ada-y@yahoo.fr"], "bea@yahoo.fr"),
            (
                &["ada@proton.me", "a.d-a_@pm.me", "ada+1@protonmail.com"],
                "ad@proton.me",
            ),
            (
                &["ada@icloud.com", "ada+x@me.com", "ada@mac.com"],
                "a.da@icloud.com",
            ),
            (
                &["a.da@yandex.ru", "a-da@ya.ru", "a.da+x@yandex.com"],
                "adb@ya.ru",
            ),
            (
                &[
                    "ada@fastmail.com",
                    "x@ada.fastmail.com",
                    "ada+1@fastmail.com",
                ],
                "ada@fastmail.fm",
            ),
            (
                &["ada+1@outlook.com", "ada@outlook.com"],
                "a.da@outlook.com",
            ),
            (
                &["ada+1@paper.example", "ada+2@paper.example"],
                "a.da@paper.example",
            ),
        ] {
            for text in texts {
                assert_eq!(inbox(text), inbox(texts[0]), "{text}");
                assert_ne!(inbox(text), inbox(own), "{text}");
            }
        }
        // A name that is a tag alone, or nothing but what is ignored, is still a name.
        assert_ne!(inbox("+a@paper.example"), inbox("+b@paper.example"));
        assert_ne!(inbox("-a@yahoo.com"), inbox("-b@yahoo.com"));
    }

    #[test]
    fn addresses_that_no_letter_reaches() {
        for (text, reaches) in [
            ("ada@example.org", true),
            ("o'hara.b+c=d@news.paper.example", true),
            ("x@пример.рф", true),
            ("a@localhost", false),
            ("a@127.0.0.1", false),
            ("a@10.1", false),
            ("a@host.0x7f", false),
            ("a@paper.123", false),
            ("a@paper.c", false),
            ("a@printer.local", false),
            ("a@db.internal", false),
            ("a@1.0.0.127.in-addr.arpa", false),
            ("a@x.home.arpa", false),
            ("a@LOCALHOST.localdomain", false),
            ("a@x.invalid", false),
            ("a@x.test", false),
            ("a@x.onion", false),
            ("=?utf-8?q?ada?=@example.org", false),
            ("=?utf-8?b?@example.org", false),
            ("ada%other.example@example.org", false),
            ("other!ada@example.org", false),
            ("-oq/tmp@example.org", false),
            ("|sh@example.org", false),
            ("/dev/null@example.org", false),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(unreachable(&address).is_none(), reaches, "{text}");
        }
    }
}
