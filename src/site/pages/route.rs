//! Which page a path means.

use axum::http::Method;

use crate::model::public::Public;

macro_rules! pages {
    ($($variant:ident = $name:literal,)*) => {
        /// A page, without whose it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Page { $($variant,)* }

        impl Page {
            /// All of them, in the order of their declaration, which is also their index.
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What reports and counters call it.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

pages! {
    Join = "subscribe",
    Confirm = "confirm",
    Leave = "leave",
    Preferences = "preferences",
    Export = "data",
    Erase = "erase",
    Editions = "editions",
    Edition = "edition",
    Feed = "feed",
    Style = "style",
    Health = "healthz",
    Ready = "readyz",
    Metrics = "metrics",
    Other = "other",
}

impl Page {
    /// The page of a path, and the token or day in it. A proxy may have taken the public address's own path away, or not.
    pub(super) fn of<'p>(path: &'p str, public: &Public) -> (Self, &'p str) {
        let whole = public.path();
        let inner = match path.strip_prefix(whole) {
            Some(inner) => inner,
            None if whole.strip_suffix('/') == Some(path) => "",
            None => path.strip_prefix('/').unwrap_or(path),
        };
        let (first, rest) = inner.split_once('/').unwrap_or((inner, ""));
        let page = match (first, rest.split_once('/')) {
            ("leave", None) => Self::Leave,
            ("confirm", None) => Self::Confirm,
            ("preferences", None) => Self::Preferences,
            ("preferences", Some((token, "data"))) => return (Self::Export, token),
            ("preferences", Some((token, "erase"))) => return (Self::Erase, token),
            ("editions", None) if public.archive && first != inner => Self::Edition,
            _ => match inner {
                "" => Self::Join,
                "editions" if public.archive => Self::Editions,
                "editions.atom" if public.archive => Self::Feed,
                "style.css" => Self::Style,
                "healthz" => Self::Health,
                "readyz" => Self::Ready,
                "metrics" => Self::Metrics,
                _ => Self::Other,
            },
        };
        (page, rest)
    }

    /// Whether something can be posted to it.
    pub(super) const fn takes_posts(self) -> bool {
        matches!(
            self,
            Self::Join | Self::Confirm | Self::Leave | Self::Preferences | Self::Erase
        )
    }

    /// What `Allow` says (RFC 9110 section 10.2.1).
    pub(super) const fn allowed(self) -> &'static str {
        if self.takes_posts() {
            "GET, HEAD, POST"
        } else {
            "GET, HEAD"
        }
    }

    /// Whether it answers to that method.
    pub(super) fn answers(self, method: &Method) -> bool {
        method == Method::GET
            || method == Method::HEAD
            || (method == Method::POST && self.takes_posts())
    }

    /// Whether it is for those who run the program.
    pub(super) const fn is_internal(self) -> bool {
        matches!(self, Self::Health | Self::Ready | Self::Metrics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_the_prefix_and_without() {
        let check = |url: &str, path: &str, page: Page, rest: &str| {
            let public = Public::parse(url).unwrap();
            assert_eq!(Page::of(path, &public), (page, rest), "{url} {path}");
        };
        for (index, page) in Page::ALL.iter().enumerate() {
            assert_eq!(*page as usize, index);
        }
        let (root, below) = ("https://h.example/", "https://h.example/mail/");
        check(root, "/", Page::Join, "");
        check(below, "/", Page::Join, "");
        check(below, "/mail", Page::Join, "");
        check(below, "/mail/", Page::Join, "");
        check(below, "/mail/leave/abc", Page::Leave, "abc");
        check(below, "/leave/abc", Page::Leave, "abc");
        check(root, "/mail/leave/abc", Page::Other, "leave/abc");
        check(root, "/leave", Page::Leave, "");
        check(root, "/leave/abc/", Page::Other, "abc/");
        check(root, "/preferences/abc", Page::Preferences, "abc");
        check(root, "/preferences/abc/data", Page::Export, "abc");
        check(root, "/preferences/abc/erase", Page::Erase, "abc");
        check(root, "/editions", Page::Editions, "");
        check(root, "/editions/2026-08-24b", Page::Edition, "2026-08-24b");
        check(root, "/editions.atom", Page::Feed, "");
        check(root, "*", Page::Other, "");
        check(root, "//leave/abc", Page::Other, "leave/abc");
    }

    #[test]
    fn no_archive_no_pages_of_it() {
        let mut public = Public::parse("https://h.example/").unwrap();
        public.archive = false;
        for path in ["/editions", "/editions/2026-08-24", "/editions.atom"] {
            assert_eq!(Page::of(path, &public).0, Page::Other, "{path}");
        }
    }
}
