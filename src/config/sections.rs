//! The sections that are read straight into the options of their rooms.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::layers::Layers;
use super::paper_sections::names;
use super::week::{self, Week};
use super::{Surroundings, folder};
use crate::model::address::Mailbox;
use crate::model::letter_links::LinkQuery;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::newsletter::{Language, Newsletter, Unsubscribe};
use crate::model::newsletter_name::{NewsletterName, is_plain_id};
use crate::model::subscriber::ListPlace;
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::zone::Zone;
use crate::select::{self, Boost, MostReadOf, Overlap, Window};

/// What `[newsletter]` says of a newsletter and of its place in the newsroom.
pub(super) struct NewsletterSection {
    pub(super) newsletter: Newsletter,
    /// The subscribers file, as written.
    pub(super) subscribers: String,
    pub(super) subscribers_in: ListPlace,
    pub(super) is_default: bool,
    pub(super) about: Option<Line>,
    pub(super) week: Option<Week>,
}

/// `[newsletter]` and `[links]`. `name` is that of the newsletter's file, where there are several.
pub(super) fn newsletter(
    layers: &mut Layers<'_>,
    name: Option<&NewsletterName>,
    surroundings: &Surroundings<'_>,
    problems: &Problems,
) -> Option<NewsletterSection> {
    let link_query = links(layers.of("links"), problems);
    let before = problems.len();
    let mut own = layers.own().table("newsletter", problems);
    let shared = layers.shared();
    let mut shared = shared.and_then(|table| table.table("newsletter", problems));
    if let Some(name) = name {
        refuse_misplaced(name, own.as_mut(), shared.as_mut(), problems);
    }
    let Some(mut both) = Layers::of_both(own, shared) else {
        if problems.len() > before {
            return None;
        }
        let what = "the section `[newsletter]` is missing: it must give `name`, `from`, `site` and `address`";
        problems.add_missing(layers.own().problem_here(what));
        return None;
    };
    let required = ["name", "from", "site", "address"];
    let missing: Vec<String> = required
        .iter()
        .filter(|key| !both.has(key))
        .map(|key| format!("`{key}`"))
        .collect();
    if let Some((last, others)) = missing.split_last().filter(|_| problems.len() == before) {
        let keys = match others {
            [] => last.clone(),
            others => format!("{} and {last}", others.join(", ")),
        };
        let what = format!("`[newsletter]` must give {keys}");
        problems.add_missing(both.own().problem_here(what));
    }
    let id = both.of("id").value("id", problems, parse_id);
    let title = printed(both.of("name"), "name", problems);
    let from = both.of("from").value("from", problems, Mailbox::parse);
    let reply_to = both
        .of("reply_to")
        .value("reply_to", problems, Mailbox::parse);
    let site = both.of("site").value("site", problems, Link::parse);
    let address = printed(both.of("address"), "address", problems);
    let unsubscribe = both
        .of("unsubscribe")
        .value("unsubscribe", problems, Unsubscribe::parse);
    let subscribers = both.of("subscribers").text("subscribers", problems);
    let subscribers =
        subscribers.map_or_else(|| "subscribers.toml".to_owned(), |found| found.value);
    let subscribers_in = both
        .of("subscribers_in")
        .value("subscribers_in", problems, str::parse);
    let language = both
        .of("language")
        .value("language", problems, Language::parse);
    let zone = both.of("time_zone").value("time_zone", problems, |name| {
        folder::zone(name, surroundings.zoneinfo)
    });
    let (mut is_default, mut about, mut week) = (false, None, None);
    if let Some(name) = name {
        is_default = both.own().flag("default", problems).unwrap_or(false);
        about = both.own().line("about", problems);
        week = week::read(both.own(), name, problems);
    }
    both.finish(problems);
    let (site, from) = (site?, from?);
    let newsletter = Newsletter {
        id: id.unwrap_or_else(|| match name {
            Some(name) => name.to_string(),
            // The paper's own name in the web is the stablest name there is.
            None => site.host().split('.').next().unwrap_or("digest").to_owned(),
        }),
        name: title?,
        from,
        reply_to,
        site,
        address: address?,
        unsubscribe,
        language: language.unwrap_or_else(Language::english),
        zone: zone.unwrap_or_else(Zone::utc),
        link_query,
        public: None,
        bounces: None,
        is_complaint_address_told: false,
        headers: Vec::new(),
    };
    Some(NewsletterSection {
        newsletter,
        subscribers,
        subscribers_in: subscribers_in.unwrap_or_default(),
        is_default,
        about,
        week,
    })
}

/// What names one newsletter is in its own file, and the list of readers is all newsletters'.
fn refuse_misplaced(
    name: &NewsletterName,
    own: Option<&mut TomlTable<'_>>,
    shared: Option<&mut TomlTable<'_>>,
    problems: &Problems,
) {
    if let Some(shared) = shared {
        for key in ["id", "name", "default", "about", "kind", "of"] {
            let what =
                format!("`{key}` is each newsletter's own, and here it would be that of all");
            let hint = format!(
                "it belongs below `[newsletter]` in `newsletters/{name}.toml` and its like; `newsdigest init --newsletter NAME --move` moves a whole newsletter there"
            );
            shared.refuse(key, &what, &hint, problems);
        }
    }
    if let Some(own) = own {
        for (key, does) in [("subscribers", "is"), ("subscribers_in", "places")] {
            let what = format!("`{key}` {does} the list of all newsletters' readers");
            let hint = "it belongs below `[newsletter]` in `newsdigest.toml`; `newsletters = [..]` beside a reader says which they get";
            own.refuse(key, &what, hint, problems);
        }
    }
}

/// What every letter prints, and so cannot be empty.
fn printed(table: &mut TomlTable<'_>, key: &'static str, problems: &Problems) -> Option<Line> {
    table.value(key, problems, |text| {
        Line::non_empty(text).ok_or_else(|| format!("`{key}` is empty, but every letter prints it"))
    })
}

pub(super) fn parse_id(text: &str) -> Result<String, String> {
    if is_plain_id(text) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "`{}` cannot be an id: expected up to 40 small letters, digits and hyphens",
            Line::clean_to(text, 60)
        ))
    }
}

fn links(table: &mut TomlTable<'_>, problems: &Problems) -> Option<LinkQuery> {
    let mut table = table.table("links", problems)?;
    let add = table.value("add", problems, LinkQuery::parse);
    table.finish(problems);
    add.filter(|query| !query.is_empty())
}

/// `[selection]`.
pub(super) fn selection(
    table: &mut TomlTable<'_>,
    zone: Zone,
    order: Option<Vec<Line>>,
    is_week: bool,
    problems: &Problems,
) -> select::SelectionOptions {
    const WEEK: TimeDelta = TimeDelta::days(7);
    let mut options = select::SelectionOptions {
        window: if is_week {
            Window::Length(WEEK)
        } else {
            Window::SinceLastEdition
        },
        looks_back: is_week,
        top: 5,
        most_read: 5,
        most_read_of: if is_week {
            MostReadOf::Last(WEEK)
        } else {
            MostReadOf::Today
        },
        latest: 8,
        overlap: Overlap::Allowed,
        per_section: 3,
        no_repeat_for: TimeDelta::days(7),
        readership_max_age: TimeDelta::hours(3),
        minimum: 3,
        boosts: Vec::new(),
        never: Vec::new(),
        related: 2,
        lede_paragraphs: 0,
        sections: order.clone().unwrap_or_default(),
        zone,
    };
    let Some(mut table) = table.table("selection", problems) else {
        return options;
    };
    let mut set = |key, target: &mut usize, least, most| {
        if let Some(number) = table.whole(key, least, most, problems) {
            *target = usize::try_from(number).unwrap_or(*target);
        }
    };
    set("top", &mut options.top, 0, 100);
    set("most_read", &mut options.most_read, 0, 100);
    set("latest", &mut options.latest, 0, 100);
    set("per_section", &mut options.per_section, 0, 100);
    set("related", &mut options.related, 0, 100);
    set("lede_paragraphs", &mut options.lede_paragraphs, 0, 10);
    set("minimum", &mut options.minimum, 1, 100);
    if let Some(window) = table.value("window", problems, Window::parse) {
        options.window = window;
    }
    if let Some(of) = table.value("most_read_of", problems, MostReadOf::parse) {
        options.most_read_of = of;
    }
    let mut length = |key, target: &mut TimeDelta| {
        if let Some(length) = table.value(key, problems, select::parse_length) {
            *target = length;
        }
    };
    length("no_repeat_for", &mut options.no_repeat_for);
    length("readership_max_age", &mut options.readership_max_age);
    if let Some(overlap) = table.flag("overlap", problems) {
        options.overlap = if overlap {
            Overlap::Allowed
        } else {
            Overlap::Removed
        };
    }
    options.never = table.lines("never", problems).unwrap_or_default();
    // Their old name.
    let old = names(&mut table, "sections", problems);
    if old.is_some() && order.is_some() {
        problems.add(table.problem_here(
            "`[selection] sections` is the old name of `[sections] order`: expected one of them",
        ));
    }
    options.sections = order.or(old).unwrap_or_default();
    options.boosts = boosts(&mut table, problems);
    table.finish(problems);
    options
}

/// The strongest boost, up or down: beyond it a section always wins or never does, for which there are other keys.
const STRONGEST: f64 = 100.0;

/// `[[selection.boost]]`.
fn boosts(table: &mut TomlTable<'_>, problems: &Problems) -> Vec<Boost> {
    let mut boosts: Vec<Boost> = Vec::new();
    let mut seen = HashSet::new();
    for mut table in table.tables("boost", problems) {
        let before = problems.len();
        let section = table.line("section", problems);
        let by = table.number("by", problems);
        match (section, by) {
            (Some(section), Some(by)) => {
                if !(1.0 / STRONGEST..=STRONGEST).contains(&by.value) {
                    problems.add(table.problem(
                        by.span,
                        format!(
                            "`by` must be from {} to {STRONGEST}, but found {}",
                            1.0 / STRONGEST,
                            by.value
                        ),
                    ));
                } else if !seen.insert(section.as_str().to_lowercase()) {
                    problems.add(table.problem_here(format!("`{section}` is boosted twice")));
                } else {
                    boosts.push(Boost {
                        section,
                        by: by.value,
                    });
                }
            }
            _ if problems.len() == before => problems
                .add(table.problem_here("a `[[selection.boost]]` must give `section` and `by`")),
            _ => {}
        }
        table.finish(problems);
    }
    boosts
}

/// `[ledger]`: its path, and how long copies are kept; `None`: for ever.
pub(super) fn ledger(
    table: &mut TomlTable<'_>,
    home: &Path,
    problems: &Problems,
) -> (PathBuf, Option<TimeDelta>) {
    let (mut path, mut keep) = (None, None);
    if let Some(mut table) = table.table("ledger", problems) {
        path = table.text("path", problems).map(|found| found.value);
        keep = table.value("keep", problems, select::parse_length);
        table.finish(problems);
    }
    let path = path.unwrap_or_else(|| "newsdigest.db".to_owned());
    (home.join(path), keep)
}
