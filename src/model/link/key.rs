//! By what two web addresses are the same story.

use std::fmt::Write as _;

use url::Url;

use super::Link;

/// What makes two addresses the same story: host without `www.` or `m.`, path without trailing slash, `index.html` or AMP's ending, query
/// without tracking parameters and in order, percent signs in one spelling, and a fragment that is more than a place on the page. The scheme does not count. A key may
/// lack the host (a path from a log).
#[derive(
    Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize,
)]
pub struct StoryKey(Box<str>);

impl StoryKey {
    pub(super) fn of(url: &Url) -> Self {
        let mut key = site_host(url.host_str().unwrap_or_default()).to_owned();
        key.push_str(&canonical_path(url.path(), url.query()));
        if let Some(fragment) = url.fragment().filter(|fragment| !is_place(fragment)) {
            key.push('#');
            key.push_str(fragment);
        }
        Self(key.into())
    }

    /// The key of a path and query without a host, as logs and some analytics have them.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let path = path.split('#').next().unwrap_or_default();
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query)));
        Self(canonical_path(path, query).into())
    }

    /// The key of a page as exports write it: a whole address, one without its scheme (GA4), or a path. Anything else is no page.
    #[must_use]
    pub fn written(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains("://") {
            return Link::parse(text).ok().map(|link| link.key());
        }
        let is_path = text.starts_with('/') && !text.starts_with("//");
        if text.contains(|c: char| c.is_whitespace() && !(is_path && c == ' ')) {
            return None;
        }
        if is_path {
            return Self::written_path(text);
        }
        let bare = text.trim_start_matches('/');
        let (host, _) = bare.split_once('/')?;
        if host.contains('.') {
            return Link::parse(&format!("https://{bare}"))
                .ok()
                .map(|link| link.key());
        }
        Self::written_path(&format!("/{bare}"))
    }

    fn written_path(path: &str) -> Option<Self> {
        if path.is_ascii() && !path.contains(' ') {
            return Some(Self::of_path(path));
        }
        // Percent-encoded as in the stories' own addresses; the host goes again.
        let link = Link::parse(&format!("https://path.invalid{path}")).ok()?;
        Some(link.key().path_only())
    }

    /// The same key without its host.
    #[must_use]
    pub fn path_only(&self) -> Self {
        Self(self.0[self.0.find('/').unwrap_or(0)..].into())
    }

    /// The key of the page that a browser asks for: without the fragment, unless that is the way to a page of its own.
    #[must_use]
    pub fn page(&self) -> Self {
        match self.0.split_once('#') {
            Some((page, fragment)) if !is_route(fragment) => Self(page.into()),
            _ => self.clone(),
        }
    }

    /// The same key without its query, and its parameters.
    #[must_use]
    pub fn without_query(&self) -> (Self, Vec<&str>) {
        match self.0.split_once('?') {
            Some((page, query)) => (Self(page.into()), query.split('&').collect()),
            None => (self.clone(), Vec::new()),
        }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key that was written by [`StoryKey::as_str`], perhaps by an older program, which left more in it.
    #[must_use]
    pub fn restore(text: &str) -> Self {
        let (rest, fragment) = text.split_at(text.find('#').unwrap_or(text.len()));
        let (host, target) = rest.split_at(rest.find('/').unwrap_or(0));
        let (path, query) = target
            .split_once('?')
            .map_or((target, None), |(path, query)| (path, Some(query)));
        let path = canonical_path(path, query);
        Self([site_host(host), &path, fragment].concat().into())
    }
}

/// Hosts on which a site shows the same stories once more.
const MIRRORS: [&str; 6] = ["www", "m", "amp", "mobile", "mobil", "wap"];

/// A host without what only says for which device it is: `www.`, `m.`, `amp.` and their like, and without a dot behind it.
#[must_use]
pub fn site_host(host: &str) -> &str {
    // `paper.example.` is the same from the root of all names.
    let mut host = host.strip_suffix('.').unwrap_or(host);
    while let Some((first, site)) = host.split_once('.')
        && MIRRORS.contains(&first)
        && site.contains('.')
    {
        host = site;
    }
    host
}

/// Whether a fragment is the way to a page of its own, as in `#!/article/1`.
pub(super) fn is_route(fragment: &str) -> bool {
    fragment.starts_with(['!', '/'])
}

/// Whether a fragment is a place that every page may have, or says where a click came from.
fn is_place(fragment: &str) -> bool {
    const PLACES: [&str; 10] = [
        "",
        "top",
        "main",
        "content",
        "comments",
        "comment",
        "respond",
        "disqus_thread",
        "rss",
        "share",
    ];
    let lower = fragment.to_ascii_lowercase();
    PLACES.contains(&&*lower)
        || lower.starts_with(":~:")
        || lower.starts_with("comment-")
        || lower.trim_start_matches('?').split('&').all(is_tracking)
}

fn canonical_path(path: &str, query: Option<&str>) -> String {
    let mut path = path.trim_end_matches('/');
    for ending in ["/index.html", "/index.htm", "/index.php", "/amp", ".amp"] {
        path = path.strip_suffix(ending).unwrap_or(path);
    }
    let path = path.trim_end_matches('/');
    let mut pairs: Vec<&str> = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| {
            !pair.is_empty()
                && !is_tracking(pair)
                && !matches!(*pair, "amp" | "amp=1" | "outputType=amp" | "output=amp")
        })
        .collect();
    pairs.sort_unstable();
    let mut key = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        key.push('/');
    }
    key.push_str(path);
    if !pairs.is_empty() {
        key.push('?');
        key.push_str(&pairs.join("&"));
    }
    if key.contains('%') {
        escaped_once(&key)
    } else {
        key
    }
}

/// Percent signs in one spelling (RFC 3986, section 6.2.2): with large letters, and only before what needs them.
fn escaped_once(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let hex = after
            .get(..2)
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                plain.push(char::from(byte));
            }
            Some(byte) => _ = write!(plain, "%{byte:02X}"),
            None => plain.push('%'),
        }
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    plain + rest
}

/// Parameters that only say where a click came from. The names are those of Google, Meta, Microsoft, Mailchimp, HubSpot, Marketo, Matomo,
/// Comscore, Piano and of the papers' own feeds (Al Jazeera's `traffic_source`, the BBC's `at_*` and `ns_*`, NYT's `partner`).
pub(super) fn is_tracking(pair: &str) -> bool {
    const PREFIXES: [&str; 12] = [
        "utm_", "mtm_", "matomo_", "piwik_", "pk_", "hsa_", "at_", "ns_", "xtor", "ref_", "itm_",
        "gad_",
    ];
    const NAMES: [&str; 63] = [
        "smtyp",
        "wtmc",
        "wt_zmc",
        "taid",
        "guccounter",
        "guce_referrer",
        "guce_referrer_sig",
        "spm",
        "sref",
        "dicbo",
        "s_cid",
        "rss_id",
        "fbclid",
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "twclid",
        "ttclid",
        "igshid",
        "igsh",
        "li_fat_id",
        "mc_cid",
        "mc_eid",
        "_hsenc",
        "_hsmi",
        "ncid",
        "cmpid",
        "cmp",
        "ito",
        "ocid",
        "traffic_source",
        "partner",
        "smid",
        "wt_mc",
        "wt.mc",
        "ftag",
        "rss",
        "cmp_rss",
        "ref",
        "referrer",
        "referer",
        "refsrc",
        "campaign",
        "campaign_id",
        "icid",
        "intcid",
        "intcmp",
        "echobox",
        "feedtype",
        "feedname",
        "mkt_tok",
        "mbid",
        "cndid",
        "srsltid",
        "_ga",
        "_gl",
        "trk",
        "wickedid",
        "__twitter_impression",
    ];
    /// These say it by what they hold: `source=rss`.
    const CHANNELS: [&str; 8] = [
        "source", "src", "from", "via", "medium", "channel", "feed", "origin",
    ];
    const FEEDS: [&str; 10] = [
        "rss",
        "rss2",
        "rss20",
        "atom",
        "feed",
        "feeds",
        "rssfeed",
        "rss-feed",
        "rss_feed",
        "newsletter",
    ];
    let pair = pair.to_ascii_lowercase();
    let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || NAMES.contains(&name)
        || (CHANNELS.contains(&name) && FEEDS.contains(&value))
}
