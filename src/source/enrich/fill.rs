//! What a story lacks, taken from what its page says.

use chrono::{DateTime, Utc};

use crate::model::dates::DateStyle;
use crate::model::story::{Picture, Story};
use crate::source::facts::{self, Facts};
use crate::source::item::{Setting, story};
use crate::source::plain;
use crate::source::sections::Sections;

/// Fills what a story lacks. Its headline stays, unless the feed cut it.
pub(super) fn fill(
    known: &mut Story,
    facts: Facts,
    (sections, dates): (&Sections, &DateStyle),
    now: DateTime<Utc>,
) {
    let cut = known.headline.as_str().trim_end_matches(['…', '.']);
    if cut.len() < known.headline.as_str().len() && known.headline.as_str().ends_with(['…', '.'])
    {
        let whole = facts.whole_headline();
        let ellipsis =
            known.headline.as_str().ends_with('…') || known.headline.as_str().ends_with("...");
        if ellipsis
            && whole.as_str().starts_with(cut.trim_end())
            && whole.as_str().len() > cut.len()
        {
            known.headline = whole;
        }
    }
    let site = facts.site.clone();
    let mut item = facts.into_item(known.url.as_str().to_owned());
    item.headline = plain::escaped(known.headline.as_str());
    let setting = Setting {
        base: None,
        title: &site,
        section: None,
        sections,
        dates,
        now,
    };
    let Some(found) = story(&item, &setting) else {
        return;
    };
    known.dek = known.dek.take().or(found.dek);
    let own = || sections.of(&found.section?);
    known.section = known.section.take().or_else(own);
    known.byline = known.byline.take().or(found.byline);
    if known.published.is_none() {
        let date = found.published;
        known.published = date.filter(|date| facts::is_believable(*date, now));
        if known.published.is_some() {
            known.precision = found.precision;
        }
    }
    known.picture = Picture::best(known.picture.take().into_iter().chain(found.picture));
}
