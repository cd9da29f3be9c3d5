//! The sections that are read straight into the options of their rooms.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::{Surroundings, folder};
use crate::address::Mailbox;
use crate::line::Line;
use crate::link::Link;
use crate::newsletter::{Language, Newsletter, Unsubscribe};
use crate::select::{self, Boost, Overlap, Window};
use crate::sheet::{Problems, Sheet};
use crate::zone::Zone;

/// `[newsletter]` and `[links]`, and the name of the subscribers file.
pub(super) fn newsletter(
    sheet: &mut Sheet<'_>,
    surroundings: &Surroundings<'_>,
    problems: &Problems,
) -> Option<(Newsletter, String)> {
    let link_query = links(sheet, problems);
    let before = problems.len();
    let Some(mut sheet) = sheet.sheet("newsletter", problems) else {
        if problems.len() > before {
            return None;
        }
        problems.add_missing(sheet.problem_here("the section `[newsletter]` is missing: it must give `name`, `from`, `site` and `address`"));
        return None;
    };
    let required = ["name", "from", "site", "address"];
    let missing: Vec<String> = required
        .iter()
        .filter(|key| !sheet.has(key))
        .map(|key| format!("`{key}`"))
        .collect();
    if let Some((last, others)) = missing.split_last() {
        let keys = match others {
            [] => last.clone(),
            others => format!("{} and {last}", others.join(", ")),
        };
        problems.add_missing(sheet.problem_here(format!("`[newsletter]` must give {keys}")));
    }
    let id = sheet.parsed("id", problems, parse_id);
    let name = printed(&mut sheet, "name", problems);
    let from = sheet.parsed("from", problems, Mailbox::parse);
    let reply_to = sheet.parsed("reply_to", problems, Mailbox::parse);
    let site = sheet.parsed("site", problems, Link::parse);
    let address = printed(&mut sheet, "address", problems);
    let unsubscribe = sheet.parsed("unsubscribe", problems, Unsubscribe::parse);
    let subscribers = sheet
        .text("subscribers", problems)
        .map_or_else(|| "subscribers.toml".to_owned(), |found| found.value);
    let language = sheet.parsed("language", problems, Language::parse);
    let zone = sheet.parsed("time_zone", problems, |name| {
        folder::zone(name, surroundings.zoneinfo)
    });
    sheet.finish(problems);
    let (site, from) = (site?.value, from?.value);
    let newsletter = Newsletter {
        // The paper's own name in the web is the stablest name there is.
        id: id.map_or_else(
            || site.host().split('.').next().unwrap_or("digest").to_owned(),
            |found| found.value,
        ),
        name: name?,
        from,
        reply_to: reply_to.map(|found| found.value),
        site,
        address: address?,
        unsubscribe: unsubscribe.map(|found| found.value),
        language: language.map_or_else(Language::english, |found| found.value),
        zone: zone.map_or_else(Zone::utc, |found| found.value),
        link_query,
        public: None,
        bounces: None,
    };
    Some((newsletter, subscribers))
}

/// What every letter prints, and so cannot be empty.
fn printed(sheet: &mut Sheet<'_>, key: &'static str, problems: &Problems) -> Option<Line> {
    sheet
        .parsed(key, problems, |text| {
            Line::non_empty(text)
                .ok_or_else(|| format!("`{key}` is empty, but every letter prints it"))
        })
        .map(|found| found.value)
}

fn parse_id(text: &str) -> Result<String, String> {
    let ok = (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    if ok {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "`{}` cannot be an id: expected up to 40 small letters, digits and hyphens",
            Line::clean_to(text, 60)
        ))
    }
}

fn links(sheet: &mut Sheet<'_>, problems: &Problems) -> Option<String> {
    let mut sheet = sheet.sheet("links", problems)?;
    let add = sheet.parsed("add", problems, |text| {
        let query = text.trim_start_matches('?');
        let ok = query.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~=&%+".contains(&b));
        if ok { Ok(query.to_owned()) } else { Err(format!("`{}` is no query: expected letters such as `utm_source=newsletter&utm_medium=email`", Line::clean_to(text, 60))) }
    });
    sheet.finish(problems);
    add.map(|found| found.value)
        .filter(|query| !query.is_empty())
}

/// `[selection]`.
pub(super) fn selection(sheet: &mut Sheet<'_>, zone: Zone, problems: &Problems) -> select::Options {
    let mut options = select::Options {
        window: Window::SinceLastEdition,
        top: 5,
        most_read: 5,
        latest: 8,
        overlap: Overlap::Allowed,
        per_section: 3,
        no_repeat_for: TimeDelta::days(7),
        readership_max_age: TimeDelta::hours(3),
        minimum: 3,
        boosts: Vec::new(),
        never: Vec::new(),
        related: 2,
        sections: Vec::new(),
        zone,
    };
    let Some(mut sheet) = sheet.sheet("selection", problems) else {
        return options;
    };
    let mut set = |key, target: &mut usize, least| {
        if let Some(number) = sheet.whole(key, least, 100, problems) {
            *target = usize::try_from(number).unwrap_or(*target);
        }
    };
    set("top", &mut options.top, 0);
    set("most_read", &mut options.most_read, 0);
    set("latest", &mut options.latest, 0);
    set("per_section", &mut options.per_section, 0);
    set("related", &mut options.related, 0);
    set("minimum", &mut options.minimum, 1);
    if let Some(found) = sheet.parsed("window", problems, Window::parse) {
        options.window = found.value;
    }
    if let Some(found) = sheet.parsed("no_repeat_for", problems, select::parse_length) {
        options.no_repeat_for = found.value;
    }
    if let Some(found) = sheet.parsed("readership_max_age", problems, select::parse_length) {
        options.readership_max_age = found.value;
    }
    if let Some(overlap) = sheet.flag("overlap", problems) {
        options.overlap = if overlap {
            Overlap::Allowed
        } else {
            Overlap::Removed
        };
    }
    options.never = sheet.lines("never", problems).unwrap_or_default();
    options.sections = sheet.lines("sections", problems).unwrap_or_default();
    options.boosts = boosts(&mut sheet, problems);
    sheet.finish(problems);
    options
}

/// The strongest boost, up or down: beyond it a section always wins or never does, for which there are other keys.
const STRONGEST: f64 = 100.0;

/// `[[selection.boost]]`.
fn boosts(sheet: &mut Sheet<'_>, problems: &Problems) -> Vec<Boost> {
    let mut boosts: Vec<Boost> = Vec::new();
    for mut sheet in sheet.sheets("boost", problems) {
        let before = problems.len();
        let section = sheet.line("section", problems);
        let by = sheet.number("by", problems);
        match (section, by) {
            (Some(section), Some(by)) => {
                let known = |boost: &Boost| {
                    boost.section.as_str().to_lowercase() == section.as_str().to_lowercase()
                };
                if !(1.0 / STRONGEST..=STRONGEST).contains(&by.value) {
                    problems.add(sheet.problem(
                        by.span,
                        format!(
                            "`by` must be from {} to {STRONGEST}, but found {}",
                            1.0 / STRONGEST,
                            by.value
                        ),
                    ));
                } else if boosts.iter().any(known) {
                    problems.add(sheet.problem_here(format!("`{section}` is boosted twice")));
                } else {
                    boosts.push(Boost {
                        section,
                        by: by.value,
                    });
                }
            }
            _ if problems.len() == before => problems
                .add(sheet.problem_here("a `[[selection.boost]]` must give `section` and `by`")),
            _ => {}
        }
        sheet.finish(problems);
    }
    boosts
}

/// `[ledger] path`.
pub(super) fn ledger(sheet: &mut Sheet<'_>, home: &Path, problems: &Problems) -> PathBuf {
    let path = sheet.sheet("ledger", problems).and_then(|mut sheet| {
        let path = sheet.text("path", problems);
        sheet.finish(problems);
        path
    });
    home.join(path.map_or_else(|| "newsdigest.db".to_owned(), |found| found.value))
}
