//! The newsletter itself: who it is from and how its readers leave it.

use serde::{Deserialize, Serialize};

use crate::model::address::{Address, Mailbox};
use crate::model::extra_header::ExtraHeader;
use crate::model::letter_links::LinkQuery;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::newsletter_name::NewsletterName;
use crate::model::public::Public;
use crate::model::zone::Zone;

/// What `[newsletter]` says, parsed.
#[derive(Clone, Debug)]
pub struct Newsletter {
    /// Stable name for List-Id and ledger; letters, digits and hyphens; stays when the name changes.
    pub id: String,
    /// What readers call it, such as `Harbour in your inbox`.
    pub name: Line,
    /// The From mailbox.
    pub from: Mailbox,
    /// Where replies go, if not to From.
    pub reply_to: Option<Mailbox>,
    /// The paper's front page.
    pub site: Link,
    /// The postal address in the footer; most countries demand one.
    pub address: Line,
    /// How a reader leaves until `serve` answers; `None` only for rehearsals.
    pub unsubscribe: Option<Unsubscribe>,
    /// BCP 47 tag: words, dates, direction.
    pub language: Language,
    /// The zone of its days and times.
    pub zone: Zone,
    /// Query added to the paper's own links (`[links] add`), without `?`.
    pub link_query: Option<LinkQuery>,
    /// Where readers leave, subscribe and read on the web (`[public]`), if `serve` answers there.
    pub public: Option<Public>,
    /// The domain that bounces come back to (`[bounces] domain`), in A-labels: every letter gets an envelope sender of its own there.
    pub bounces: Option<String>,
    /// Whether letters name their address there for complaints too (RFC 9477). Those that an older program froze do not.
    pub is_complaint_address_told: bool,
    /// Fields that the relay wants of every letter.
    pub headers: Vec<ExtraHeader>,
}

/// What of a newsletter is in its letters: frozen with a run, so that a letter sent again is the same whatever the config says by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letterhead {
    id: String,
    name: String,
    from: (Option<String>, String),
    reply_to: Option<(Option<String>, String)>,
    site: String,
    unsubscribe: Option<String>,
    language: String,
    zone: String,
    // What comes after these was not frozen by older programs.
    #[serde(default)]
    public: Option<Public>,
    #[serde(default)]
    bounces: Option<String>,
    #[serde(default)]
    is_complaint_address_told: bool,
    #[serde(default)]
    sealed_by: Option<u8>,
    #[serde(default)]
    headers: Vec<ExtraHeader>,
    #[serde(default)]
    links: Option<LinkQuery>,
}

impl Newsletter {
    /// What its letters need of it; `sealed_by` is the number of the key that seals their tokens.
    #[must_use]
    pub fn letterhead(&self, sealed_by: Option<u8>) -> Letterhead {
        let mailbox = |mailbox: &Mailbox| {
            (
                mailbox.name.as_ref().map(ToString::to_string),
                mailbox.address.reveal().to_owned(),
            )
        };
        Letterhead {
            id: self.id.clone(),
            name: self.name.to_string(),
            from: mailbox(&self.from),
            reply_to: self.reply_to.as_ref().map(mailbox),
            site: self.site.as_str().to_owned(),
            unsubscribe: self.unsubscribe.as_ref().map(|leave| match leave {
                Unsubscribe::Mail(address) => format!("mailto:{}", address.reveal()),
                Unsubscribe::Page(link) => link.as_str().to_owned(),
            }),
            language: self.language.tag().to_owned(),
            zone: self.zone.name().to_owned(),
            public: self.public.clone(),
            bounces: self.bounces.clone(),
            is_complaint_address_told: self.is_complaint_address_told,
            sealed_by,
            headers: self.headers.clone(),
            links: self.link_query.clone(),
        }
    }

    /// This newsletter with the letterhead of an earlier day. `None` if that was not written by [`Newsletter::letterhead`].
    #[must_use]
    pub fn under(&self, head: &Letterhead) -> Option<Self> {
        let mailbox = |(name, address): &(Option<String>, String)| {
            Some(Mailbox {
                name: name.as_deref().map(Line::clean),
                address: Address::parse(address).ok()?,
            })
        };
        Some(Self {
            id: head.id.clone(),
            name: Line::clean(&head.name),
            from: mailbox(&head.from)?,
            reply_to: match &head.reply_to {
                Some(reply_to) => Some(mailbox(reply_to)?),
                None => None,
            },
            site: Link::parse(&head.site).ok()?,
            address: self.address.clone(),
            unsubscribe: match &head.unsubscribe {
                Some(leave) => Some(Unsubscribe::parse(leave).ok()?),
                None => None,
            },
            language: Language::parse(&head.language).ok()?,
            zone: if self.zone.name() == head.zone {
                self.zone.clone()
            } else {
                Zone::bundled(&head.zone).ok()?
            },
            link_query: head.links.clone().or_else(|| self.link_query.clone()),
            public: head.public.clone(),
            bounces: head.bounces.clone(),
            is_complaint_address_told: head.is_complaint_address_told,
            headers: head.headers.clone(),
        })
    }
}

impl Letterhead {
    /// The number of the key that seals its tokens.
    #[must_use]
    pub const fn sealed_by(&self) -> Option<u8> {
        self.sealed_by
    }

    /// The name that the addresses in its letters have, where there were several newsletters.
    #[must_use]
    pub fn public_newsletter(&self) -> Option<&NewsletterName> {
        self.public.as_ref()?.newsletter.as_ref()
    }
}

/// Where a reader can unsubscribe when there is no one-click address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsubscribe {
    /// A mailbox that a person reads.
    Mail(Address),
    /// A page.
    Page(Link),
}

impl Unsubscribe {
    /// Parses `mailto:leave@example.org` or `https://..`.
    ///
    /// # Errors
    /// The sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.trim().strip_prefix("mailto:") {
            Some(address) => Address::parse(address)
                .map(Self::Mail)
                .map_err(|error| error.to_string()),
            None => Link::parse(text)
                .map(Self::Page)
                .map_err(|error| format!("{error}, or `mailto:..`")),
        }
    }

    /// The URI as it is in a header or a link.
    #[must_use]
    pub fn uri(&self) -> String {
        match self {
            Self::Mail(address) => {
                address
                    .reveal()
                    .bytes()
                    .fold("mailto:".to_owned(), |mut uri, byte| {
                        // Anything else would change the meaning of the URI or is not ASCII (RFC 6068 section 2).
                        if byte.is_ascii_alphanumeric() || b"-._~!$'*+@".contains(&byte) {
                            uri.push(char::from(byte));
                        } else {
                            uri.extend(["%", &format!("{byte:02X}")]);
                        }
                        uri
                    })
            }
            Self::Page(link) => link.as_str().to_owned(),
        }
    }
}

/// A language tag (BCP 47), such as `en`, `pt-BR`, `ar`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(String);

impl Language {
    /// English, what a config that says nothing means.
    #[must_use]
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// Parses a tag: two or three letters, then parts of one to eight letters or digits, joined by hyphens.
    ///
    /// # Errors
    /// The sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split('-');
        let first = parts.next().unwrap_or_default();
        let ok = (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic());
        if ok
            && parts.all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
            })
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "`{}` is not a language tag: expected one such as `en` or `pt-BR`",
                Line::clean_to(text, 40)
            ))
        }
    }

    /// The tag as written.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.0
    }

    /// The language part alone, lower case.
    #[must_use]
    pub fn primary(&self) -> String {
        self.0
            .split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    }

    /// The tags under which its words may be found, small letters, the widest first: `pt`, then `pt-br`. Chinese of Taiwan, Hong Kong and
    /// Macao is also looked for as `zh-hant`, its script.
    #[must_use]
    pub fn tags(&self) -> Vec<String> {
        let tag = self.0.to_ascii_lowercase();
        let mut tags: Vec<String> = tag
            .match_indices('-')
            .map(|(at, _)| tag[..at].to_owned())
            .collect();
        let traditional = tag
            .split('-')
            .any(|part| ["tw", "hk", "mo"].contains(&part));
        if tags.first().is_some_and(|first| first == "zh") && traditional && !tag.contains("-han") {
            tags.push("zh-hant".to_owned());
        }
        tags.push(tag);
        tags
    }

    /// Whether it is written from right to left: as its script subtag says, else as the language is usually written.
    #[must_use]
    pub fn is_rtl(&self) -> bool {
        let script = self.0.split('-').skip(1).find(|part| part.len() == 4);
        match script.map(str::to_ascii_lowercase).as_deref() {
            Some("arab" | "hebr" | "thaa" | "syrc" | "nkoo" | "adlm" | "rohg") => true,
            Some(script) if script.bytes().all(|b| b.is_ascii_alphabetic()) => false,
            _ => matches!(
                self.primary().as_str(),
                "ar" | "he" | "fa" | "ur" | "yi" | "ps" | "sd" | "ug" | "dv" | "ckb" | "iw" | "pnb"
            ),
        }
    }

    /// `ltr` or `rtl`.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        if self.is_rtl() { "rtl" } else { "ltr" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_leave() {
        assert_eq!(
            Unsubscribe::parse("mailto:leave@harbour.example")
                .unwrap()
                .uri(),
            "mailto:leave@harbour.example"
        );
        assert_eq!(
            Unsubscribe::parse("mailto:zoë+a=b#c@harbour.example")
                .unwrap()
                .uri(),
            "mailto:zo%C3%AB+a%3Db%23c@harbour.example"
        );
        assert_eq!(
            Unsubscribe::parse("https://harbour.example/leave")
                .unwrap()
                .uri(),
            "https://harbour.example/leave"
        );
        assert_eq!(
            Unsubscribe::parse("leave").unwrap_err(),
            "`leave` is not a web address: expected `https://..`, or `mailto:..`"
        );
    }

    #[test]
    fn languages() {
        assert_eq!(Language::parse("ar-EG").unwrap().direction(), "rtl");
        assert_eq!(Language::parse("pt-BR").unwrap().direction(), "ltr");
        assert_eq!(Language::parse("az-Arab-IR").unwrap().direction(), "rtl");
        assert_eq!(Language::parse("ur-Latn").unwrap().direction(), "ltr");
        assert_eq!(Language::parse("de-1996").unwrap().direction(), "ltr");
        let tags = |tag| Language::parse(tag).unwrap().tags().join(" ");
        assert_eq!(tags("en"), "en");
        assert_eq!(tags("pt-BR"), "pt pt-br");
        assert_eq!(tags("zh-TW"), "zh zh-hant zh-tw");
        assert_eq!(tags("zh-Hant-HK"), "zh zh-hant zh-hant-hk");
        assert_eq!(tags("zh-Hans-MO"), "zh zh-hans zh-hans-mo");
        assert!(
            Language::parse("english").is_err()
                && Language::parse("").is_err()
                && Language::parse("en_GB").is_err()
        );
    }
}
