//! Which story a request is for.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;
use std::net::IpAddr;

use foldhash::fast::FixedState;

use crate::model::link::{StoryKey, site_host};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// None of the stories.
    Elsewhere,
    /// The story of that number.
    Story(u32),
    /// A path that stories of two hosts have, and the request names none.
    Shared,
    /// A path that a story has, on a host that it has not.
    OtherHost,
    /// A path by which stories are told apart by their query: ask [`Stories::with_query`].
    ByQuery,
}

/// The stories that are counted, found by what is in a log. Percent-encoding does not count, nor does anything that
/// [`StoryKey`] leaves out.
pub(super) struct Stories<'k> {
    keys: Vec<&'k StoryKey>,
    /// By host and path.
    by_host: HashMap<Vec<u8>, u32>,
    by_path: HashMap<Vec<u8>, Place>,
    /// The paths that stories with a query have.
    queried: HashSet<Vec<u8>>,
    /// Which hashes the first `prefix` octets of their paths have: a table that fits in the fastest memory rules out most requests.
    prefixes: Vec<bool>,
    prefix: usize,
    hosts: Hosts,
}

/// What the hosts in a log are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hosts {
    /// To tell sites apart.
    Told,
    /// Nothing: it names none of the stories' (a server behind a proxy calls itself as it likes).
    Ignored,
}

/// A power of two, large for the hashes of some hundred stories.
const PREFIXES: usize = 1 << 14;
/// More octets do not tell more paths apart.
const MAX_PREFIX: usize = 32;

impl<'k> Stories<'k> {
    pub(super) fn new<'a: 'k>(keys: impl IntoIterator<Item = &'a StoryKey>, hosts: Hosts) -> Self {
        // What follows a `#` is never asked for: requests for the page say nothing about the stories on it.
        let asked_for = |key: &&StoryKey| !key.as_str().contains('#');
        let mut stories = Self {
            keys: keys.into_iter().filter(asked_for).collect(),
            by_host: HashMap::new(),
            by_path: HashMap::new(),
            queried: HashSet::new(),
            prefixes: vec![false; PREFIXES],
            prefix: MAX_PREFIX,
            hosts,
        };
        stories.keys.sort_unstable();
        for (number, key) in (0..).zip(&stories.keys) {
            let path = decoded(key.path_only().as_str());
            if let Some(query) = path.iter().position(|byte| *byte == b'?') {
                stories.queried.insert(path[..query].to_vec());
            }
            if stories
                .by_host
                .insert(decoded(key.as_str()), number)
                .is_some()
            {
                continue;
            }
            stories
                .by_path
                .entry(path)
                .and_modify(|place| *place = Place::Shared)
                .or_insert(Place::Story(number));
        }
        let paths = || stories.by_path.keys().chain(&stories.queried);
        stories.prefix = paths().map(Vec::len).min().unwrap_or(0).min(MAX_PREFIX);
        for path in paths() {
            stories.prefixes[prefix_slot(&path[..stories.prefix])] = true;
        }
        stories
    }

    /// Whether a story may be at `path`, at a glance. What is encoded is not looked into.
    pub(super) fn may_be(&self, path: &[u8]) -> bool {
        path.get(..self.prefix).is_some_and(|begin| {
            self.prefixes[prefix_slot(begin)]
                || begin.iter().any(|byte| matches!(byte, b'%' | b'\\'))
        })
    }

    /// The key of the story of that number.
    pub(super) fn key(&self, number: u32) -> Option<&'k StoryKey> {
        self.keys.get(number as usize).copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The story at `path`, which has no query. `host` may be empty, or carry a port.
    pub(super) fn place(&self, host: &[u8], path: &[u8]) -> Place {
        let path = canonical(path);
        if self.queried.contains(&path) {
            return Place::ByQuery;
        }
        self.find(host, &path)
    }

    /// The story at `path` with `query`; parameters that no story has do not make it another page.
    pub(super) fn with_query(&self, host: &[u8], path: &[u8], query: &[u8]) -> Place {
        match self.find(host, &canonical(&[path, b"?", query].concat())) {
            Place::Elsewhere => self.find(host, &canonical(path)),
            found => found,
        }
    }

    fn find(&self, host: &[u8], path: &[u8]) -> Place {
        let by_path = || self.by_path.get(path).copied();
        let host = named_host(host);
        if host.is_empty() || self.hosts == Hosts::Ignored {
            return by_path().unwrap_or(Place::Elsewhere);
        }
        match self.by_host.get(&[&host, path].concat()) {
            Some(number) => Place::Story(*number),
            None if by_path().is_some() => Place::OtherHost,
            None => Place::Elsewhere,
        }
    }
}

fn prefix_slot(begin: &[u8]) -> usize {
    usize::try_from(FixedState::default().hash_one(begin)).unwrap_or_default() % PREFIXES
}

/// Lower case, without `www.`, `m.` and port; empty for what names no site: `_`, an address, `localhost`, a bucket.
fn named_host(host: &[u8]) -> Vec<u8> {
    let host = String::from_utf8_lossy(host).to_ascii_lowercase();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &host,
    };
    let host = site_host(host.trim_end_matches('.'));
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if address || !host.contains('.') {
        return Vec::new();
    }
    host.as_bytes().to_vec()
}

fn canonical(target: &[u8]) -> Vec<u8> {
    // nginx and Apache write octets that are no plain ASCII as `\xC3`.
    let target = String::from_utf8_lossy(target);
    let target = target.replace("\\x", "%");
    decoded(StoryKey::of_path(&target).as_str())
}

fn decoded(text: &str) -> Vec<u8> {
    percent_decoded(text.as_bytes()).into_owned()
}

/// `%C3%A9` as the octets it stands for. A `%` that stands for nothing stays.
pub(super) fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        rest = after;
        if let (b'%', [high, low, after @ ..]) = (byte, after)
            && let (Some(high), Some(low)) = (digit(high), digit(low))
            && let Ok(octet) = u8::try_from(high * 16 + low)
        {
            plain.push(octet);
            rest = after;
        } else {
            plain.push(*byte);
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(stories: &Stories<'_>, host: &str, target: &str) -> String {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let place = match stories.place(host.as_bytes(), path.as_bytes()) {
            Place::ByQuery => {
                stories.with_query(host.as_bytes(), path.as_bytes(), query.as_bytes())
            }
            place => place,
        };
        assert!(
            place == Place::Elsewhere || stories.may_be(path.as_bytes()),
            "{target}"
        );
        match place {
            Place::Story(number) => stories.key(number).unwrap().as_str().to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn finds_the_story() {
        let keys = [
            "example.com/news/ferry",
            "example.com/caf%C3%A9",
            "example.com/s?id=7",
            "example.com/sport",
            "example.org/sport",
        ]
        .map(StoryKey::restore);
        let stories = Stories::new(&keys, Hosts::Told);
        for (host, target, found) in [
            ("", "/news/ferry", "example.com/news/ferry"),
            ("", "/news/ferry/?utm_source=x", "example.com/news/ferry"),
            ("", "/news/ferry?page=2", "example.com/news/ferry"),
            ("", "/news/ferry/amp/", "example.com/news/ferry"),
            ("", "/news/ferry/index.html", "example.com/news/ferry"),
            ("", "/news/f%65rry", "example.com/news/ferry"),
            ("", "/news/Ferry", "Elsewhere"),
            ("", "/caf%c3%a9", "example.com/caf%C3%A9"),
            ("", "/caf\\xC3\\xA9", "example.com/caf%C3%A9"),
            ("", "/café", "example.com/caf%C3%A9"),
            ("", "/caf%", "Elsewhere"),
            ("", "/s?utm_source=x&id=7", "example.com/s?id=7"),
            ("", "/s?id=8", "Elsewhere"),
            ("", "/s", "Elsewhere"),
            ("", "/sport", "Shared"),
            ("-", "/sport", "Shared"),
            ("192.0.2.1:80", "/sport", "Shared"),
            ("[2001:db8::1]:80", "/sport", "Shared"),
            ("www.example.org", "/sport", "example.org/sport"),
            ("WWW.Example.com:443", "/sport/", "example.com/sport"),
            ("m.example.org", "/sport", "example.org/sport"),
            ("amp.example.com", "/news/ferry", "example.com/news/ferry"),
            ("elsewhere.example", "/sport", "OtherHost"),
            ("elsewhere.example", "/news/ferry", "OtherHost"),
            ("elsewhere.example", "/news/seal", "Elsewhere"),
            ("", "", "Elsewhere"),
            ("", "*", "Elsewhere"),
        ] {
            assert_eq!(asked(&stories, host, target), found, "{host} {target}");
        }
        let anywhere = Stories::new(&keys, Hosts::Ignored);
        for (host, target, found) in [
            ("origin.internal", "/news/ferry", "example.com/news/ferry"),
            ("example.org", "/sport", "Shared"),
        ] {
            assert_eq!(asked(&anywhere, host, target), found, "{host} {target}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(host in proptest::collection::vec(any::<u8>(), 0..20), path in proptest::collection::vec(any::<u8>(), 0..40)) {
            let keys = [StoryKey::restore("example.com/a?b")];
            let stories = Stories::new(&keys, Hosts::Told);
            _ = stories.place(&host, &path);
            _ = stories.with_query(&host, &path, &path);
        }
    }
}
