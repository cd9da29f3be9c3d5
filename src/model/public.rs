//! Where readers' own pages are: the addresses that letters, confirmations and feeds name, and that `serve` answers.

use serde::{Deserialize, Serialize};

use crate::model::edition::Slug;
use crate::model::link::Link;
use crate::model::newsletter_name::NewsletterName;

/// What `[public]` says of addresses, parsed. Every page lies below [`Public::url`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Public {
    url: String,
    /// Whether editions that were sent can be read there.
    pub archive: bool,
    /// Whose editions lie below a name of their own there; `None`: those of the only newsletter lie at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newsletter: Option<NewsletterName>,
}

impl Public {
    /// At that address, with or without a path; a missing `/` at its end is added.
    ///
    /// # Errors
    /// The sentence that says what is wrong: one-click wants `https` (RFC 8058 section 3.1); `http` is for trying on this machine.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = base(text, "mail providers offer one-click for nothing else")?;
        Ok(Self {
            url,
            archive: true,
            newsletter: None,
        })
    }

    /// The same for a letter that is in no archive.
    #[must_use]
    pub fn without_archive(self) -> Self {
        Self {
            archive: false,
            ..self
        }
    }

    /// The first page, where one subscribes; it ends with `/`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its path, from `/` to `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        let host = self.url.find("://").map_or(0, |at| at + 3);
        self.url[host..]
            .find('/')
            .map_or("/", |at| &self.url[host + at..])
    }

    /// Its host, with the port if there is one: what `Host` says (RFC 9110 section 7.2).
    #[must_use]
    pub fn authority(&self) -> &str {
        let host = self.url.find("://").map_or(0, |at| at + 3);
        self.url[host..].split('/').next().unwrap_or_default()
    }

    /// Whether one-click may be offered with it.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.url.starts_with("https:")
    }

    /// Where the holder of that token leaves: GET shows, POST acts.
    #[must_use]
    pub fn leave(&self, token: &str) -> String {
        format!("{}leave/{token}", self.url)
    }

    /// Where a reader sees and changes their preferences.
    #[must_use]
    pub fn preferences(&self, token: &str) -> String {
        format!("{}preferences/{token}", self.url)
    }

    /// Where a reader says that they want to go on.
    #[must_use]
    pub fn stay(&self, token: &str) -> String {
        format!("{}stay/{token}", self.url)
    }

    /// Where an approver says that an edition may go out, or holds it: GET shows, POST acts.
    #[must_use]
    pub fn approve(&self, token: &str) -> String {
        format!("{}approve/{token}", self.url)
    }

    /// Where a provider of that name sends its events.
    #[must_use]
    pub fn events(&self, provider: &str, secret: &str) -> String {
        format!("{}hooks/{provider}/{secret}", self.url)
    }

    /// Where a sign-up is confirmed.
    #[must_use]
    pub fn confirm(&self, token: &str) -> String {
        format!("{}confirm/{token}", self.url)
    }

    /// Where the first or second answer to an edition's question is given.
    #[must_use]
    pub fn answer(&self, slug: &Slug, answer: usize) -> String {
        format!("{}{}", self.url, self.answer_below(slug, answer))
    }

    /// The same below [`Public::url`].
    #[must_use]
    pub fn answer_below(&self, slug: &Slug, answer: usize) -> String {
        let answer = answer + 1;
        match &self.newsletter {
            None => format!("answer/{slug}/{answer}"),
            Some(name) => format!("answer/{name}/{slug}/{answer}"),
        }
    }

    /// The list of the newsletter's editions.
    #[must_use]
    pub fn editions(&self) -> String {
        format!("{}{}", self.url, self.editions_below())
    }

    /// The same below [`Public::url`]: `editions`, or `editions/NAME` where there are several newsletters.
    #[must_use]
    pub fn editions_below(&self) -> String {
        match &self.newsletter {
            None => "editions".to_owned(),
            Some(name) => format!("editions/{name}"),
        }
    }

    /// An edition as a page of its own; `None` without an archive.
    #[must_use]
    pub fn edition(&self, slug: &Slug) -> Option<Link> {
        self.archive
            .then(|| Link::parse(&format!("{}/{slug}", self.editions())).ok())?
    }

    /// Below it are the pictures made for the mail; it ends with `/`.
    #[must_use]
    pub fn pictures(&self) -> String {
        format!("{}pictures/", self.url)
    }

    /// The Atom feed of the newsletter's editions.
    #[must_use]
    pub fn feed(&self) -> String {
        format!("{}.atom", self.editions())
    }
}

/// An address below which others lie, with `/` at its end. `why` it must be `https`; on this machine, for trying, it need not.
///
/// # Errors
/// The sentence that says what is wrong.
pub fn base(text: &str, why: &str) -> Result<String, String> {
    let link = Link::parse(text).map_err(|error| error.to_string())?;
    let url = link.url();
    let here = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&link.host());
    if url.scheme() != "https" && !here {
        return Err(format!("`{link}` must begin with `https`: {why}"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!(
            "`{link}` must end with its path, but goes on with `?` or `#`"
        ));
    }
    Ok(format!("{}/", link.as_str().trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_lies_below_one_address() {
        let public = Public::parse("https://news.harbour.example:8443/mail").unwrap();
        assert_eq!(public.url(), "https://news.harbour.example:8443/mail/");
        assert_eq!(
            (public.path(), public.authority()),
            ("/mail/", "news.harbour.example:8443")
        );
        assert_eq!(
            public.leave("abc"),
            "https://news.harbour.example:8443/mail/leave/abc"
        );
        let slug = "2026-08-24".parse().unwrap();
        assert_eq!(
            public.edition(&slug).unwrap().as_str(),
            "https://news.harbour.example:8443/mail/editions/2026-08-24"
        );
        let sport = Public {
            newsletter: Some("sport".parse().unwrap()),
            ..public.clone()
        };
        let base = "https://news.harbour.example:8443/mail/";
        let pages = [sport.editions(), sport.feed(), sport.answer(&slug, 1)];
        assert_eq!(
            pages.map(|page| page.replace(base, "")),
            [
                "editions/sport",
                "editions/sport.atom",
                "answer/sport/2026-08-24/2"
            ]
        );
        assert_eq!(
            sport.edition(&slug).unwrap().as_str().replace(base, ""),
            "editions/sport/2026-08-24"
        );
        assert_eq!(
            Public {
                archive: false,
                ..public
            }
            .edition(&slug),
            None
        );
        assert_eq!(Public::parse("https://h.example").unwrap().path(), "/");
    }

    #[test]
    fn what_it_may_be() {
        for (text, ok) in [
            ("https://h.example/?a=b", false),
            ("http://h.example/", false),
            ("http://localhost:8025", true),
            ("http://127.0.0.1:8025/", true),
            ("h.example", false),
        ] {
            assert_eq!(Public::parse(text).is_ok(), ok, "{text}");
        }
    }
}
