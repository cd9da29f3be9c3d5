//! The switches of the page, as they are in its query.

use axum::http::Uri;
use url::form_urlencoded;

/// How the letter is shown, and to whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Switches {
    /// Which of [`super::Showing::variants`], from 0.
    pub(super) variant: usize,
    pub(super) scheme: Scheme,
    pub(super) styles: Styles,
    /// The letter as a reader sees it whose client blocks pictures.
    pub(super) pictures_off: bool,
    /// The letter beside the one before its last change.
    pub(super) compare: bool,
    /// Of a letter alone: the one before its last change.
    pub(super) before: bool,
}

/// The reader's screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Scheme {
    #[default]
    Light,
    Dark,
    /// A client that knows better: every color turned over, whatever the letter says.
    Inverted,
}

/// What of the letter's CSS a client keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Styles {
    #[default]
    All,
    /// Only `style` attributes.
    Inline,
    None,
}

impl Scheme {
    pub(super) const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::Inverted];

    /// Value in the query, word on the button, key.
    pub(super) const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Light => ("light", "Light", "l"),
            Self::Dark => ("dark", "Dark", "d"),
            Self::Inverted => ("inverted", "Inverted", "i"),
        }
    }
}

impl Styles {
    pub(super) const ALL: [Self; 3] = [Self::All, Self::Inline, Self::None];

    /// Value in the query, words in the list.
    pub(super) const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::All => ("all", "All styles"),
            Self::Inline => ("inline", "No <style>"),
            Self::None => ("none", "No CSS at all"),
        }
    }
}

impl Switches {
    /// Reads the query; what it does not know it passes over. Of a repeated key the last counts, as a form's button is after its
    /// hidden fields.
    pub(super) fn of(uri: &Uri) -> Self {
        Self::read(uri.query().unwrap_or_default())
    }

    pub(super) fn read(query: &str) -> Self {
        let mut switches = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "variant" => switches.variant = value.parse().unwrap_or(usize::MAX),
                "scheme" => {
                    let known = Scheme::ALL.into_iter().find(|one| one.names().0 == value);
                    switches.scheme = known.unwrap_or_default();
                }
                "styles" => {
                    let known = Styles::ALL.into_iter().find(|one| one.names().0 == value);
                    switches.styles = known.unwrap_or_default();
                }
                "pictures" => switches.pictures_off = value == "off",
                "compare" => switches.compare = value == "1",
                "before" => switches.before = value == "1",
                _ => {}
            }
        }
        switches
    }

    /// The query that reads as these: only what is not as usual.
    pub(super) fn query(&self) -> String {
        let usual = Self::default();
        let mut query = form_urlencoded::Serializer::new(String::new());
        if self.variant != usual.variant {
            query.append_pair("variant", &self.variant.to_string());
        }
        if self.scheme != usual.scheme {
            query.append_pair("scheme", self.scheme.names().0);
        }
        if self.styles != usual.styles {
            query.append_pair("styles", self.styles.names().0);
        }
        for (key, on, value) in [
            ("pictures", self.pictures_off, "off"),
            ("compare", self.compare, "1"),
            ("before", self.before, "1"),
        ] {
            if on {
                query.append_pair(key, value);
            }
        }
        query.finish()
    }

    /// The query of the letter as it is sent.
    pub(super) fn sent(&self) -> String {
        Self {
            variant: self.variant,
            ..Self::default()
        }
        .query()
    }

    /// The query of the letter alone in a frame: the page's color scheme reaches into it by itself.
    pub(super) fn letter(&self, before: bool) -> String {
        Self {
            scheme: match self.scheme {
                Scheme::Dark => Scheme::Light,
                scheme => scheme,
            },
            compare: false,
            before,
            ..*self
        }
        .query()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, wanted: &str) {
        let uri = format!("/?{query}").parse().unwrap();
        assert_eq!(Switches::of(&uri).query(), wanted, "{query}");
    }

    #[test]
    fn what_is_read_is_written() {
        check("", "");
        let all = "variant=2&scheme=inverted&styles=none&pictures=off&compare=1&before=1";
        check(all, all);
        check(
            "scheme=light&styles=all&variant=0&pictures=on&compare=0",
            "",
        );
        check("scheme=dark&scheme=light", "");
        check("styles=inline&scheme=pink", "styles=inline");
        check("colour=red&%ff=%00", "");
        check("variant=-1", &format!("variant={}", usize::MAX));
    }

    #[test]
    fn a_frame_is_loaded_anew_only_for_what_changes_it() {
        let switches = Switches::read("scheme=dark&compare=1&pictures=off");
        assert_eq!(switches.letter(false), "pictures=off");
        assert_eq!(switches.letter(true), "pictures=off&before=1");
        assert_eq!(switches.sent(), "");
        assert_eq!(
            Switches::read("scheme=inverted").letter(false),
            "scheme=inverted"
        );
    }
}
