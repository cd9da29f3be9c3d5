//! `edition`: the versions of an edition file.

use serde_json::json;
use similar::TextDiff;

use super::arguments::EditionVerb;
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report};
use crate::config::Config;
use crate::draft;
use crate::ledger::Ledger;
use crate::model::approval::Approval;
use crate::model::edition::{EditionVersion, Slug, VersionOrigin};
use crate::model::figures::counted;
use crate::model::line::Line;
use crate::model::world::World;
use crate::newsroom::editions;

pub(super) fn run(
    verb: &EditionVerb,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let slug = match verb {
        EditionVerb::Log { day } => day.clone().unwrap_or_else(|| setting.slug(&config)),
        EditionVerb::Show { day, .. }
        | EditionVerb::Diff { day, .. }
        | EditionVerb::Restore { day, .. } => day.clone(),
    };
    let mut ledger = open::ledger_if_any(&config)?.ok_or_else(|| none(&slug))?;
    draft::keep_saved(&config, &mut ledger, &slug, &world.clock)?;
    let found = ledger.versions(&config.newsletter.id, &slug)?;
    report.broken(&found.broken);
    let newest = found.rows.last().ok_or_else(|| none(&slug))?.number;
    let edition = Versions {
        config: &config,
        slug: &slug,
        newest,
    };
    match verb {
        EditionVerb::Log { .. } => {
            let approvals = ledger.approvals(&config.newsletter.id, &slug)?;
            report.broken(&approvals.broken);
            log(&found.rows, &approvals.rows, &config, setting, report);
        }
        EditionVerb::Show { version, .. } => {
            let text = edition.text(&ledger, version.unwrap_or(newest))?;
            report.data(text.trim_end_matches('\n'));
        }
        EditionVerb::Diff { from, to, .. } => edition.diff(&ledger, *from, *to, report)?,
        EditionVerb::Restore { version, .. } => {
            edition.restore(&mut ledger, *version, world, report)?;
        }
    }
    Ok(Exit::Done)
}

fn none(slug: &Slug) -> Failure {
    Failure::says(format!("no version of the edition of {slug} is known"))
        .hint("a version is kept when `draft` writes the file, and when any verb finds it changed")
}

fn log(
    versions: &[EditionVersion],
    approvals: &[Approval],
    config: &Config,
    setting: &Setting,
    report: Report,
) {
    if setting.json() {
        let approvals: Vec<_> = approvals
            .iter()
            .map(|one| json!({ "by": one.by.reveal(), "way": one.way, "login": one.login, "at": one.at, "version": one.version }))
            .collect();
        return report.json(&json!({ "schema": 1, "versions": versions, "approvals": approvals }));
    }
    let width = versions
        .last()
        .map_or(0, |newest| newest.number.to_string().len());
    let time = |at| config.newsletter.zone.at(at).format("%Y-%m-%d %H:%M");
    let approved = |one: &Approval| {
        let login = one.login.as_ref();
        let login = login.map(|login| format!(", logged in as {login}"));
        report.data(&format!(
            "{:>width$}  {}  approved by {} {}{}",
            "",
            time(one.at),
            one.by.reveal(),
            one.way.words(),
            login.unwrap_or_default(),
        ));
    };
    for one in versions {
        let by = one.by.as_ref().map(|by| format!(" by {by}"));
        report.data(&format!(
            "{:>width$}  {}  {}{}, {}",
            one.number,
            time(one.seen),
            one.origin.words(),
            by.unwrap_or_default(),
            counted(one.bytes, "byte", "bytes"),
        ));
        let of_it = |approval: &&Approval| approval.version == Some(one.number);
        approvals.iter().filter(of_it).for_each(approved);
    }
    let unknown = |approval: &&Approval| approval.version.is_none();
    approvals.iter().filter(unknown).for_each(approved);
}

/// The versions of one edition.
struct Versions<'a> {
    config: &'a Config,
    slug: &'a Slug,
    newest: u64,
}

impl Versions<'_> {
    fn text(&self, ledger: &Ledger, number: u64) -> Result<String, Failure> {
        let text = ledger.version_text(&self.config.newsletter.id, self.slug, number)?;
        text.ok_or_else(|| {
            Failure::says(format!(
                "the edition of {} has no version {number}: the newest is {}",
                self.slug, self.newest
            ))
            .hint(format!("`newsdigest edition log {}` lists them", self.slug))
        })
    }

    /// Of the file, which is the newest version by now; if it is away, that is the one it had last.
    fn diff(
        &self,
        ledger: &Ledger,
        from: Option<u64>,
        to: Option<u64>,
        report: Report,
    ) -> Result<(), Failure> {
        let to = to.unwrap_or(self.newest);
        let from = from.unwrap_or_else(|| to.saturating_sub(1).max(1));
        let (old, new) = (self.text(ledger, from)?, self.text(ledger, to)?);
        let diff = TextDiff::from_lines(&old, &new);
        let (slug, mut unified) = (self.slug, diff.unified_diff());
        unified.header(
            &format!("{slug}.toml, version {from}"),
            &format!("{slug}.toml, version {to}"),
        );
        let shown = unified.to_string();
        if shown.is_empty() {
            report.say(format!("versions {from} and {to} say the same"));
        } else {
            report.data(shown.trim_end_matches('\n'));
        }
        Ok(())
    }

    fn restore(
        &self,
        ledger: &mut Ledger,
        number: u64,
        world: &World,
        report: Report,
    ) -> Result<(), Failure> {
        let text = self.text(ledger, number)?;
        let path = editions::write_source(&self.config.editions(), self.slug, &text)?;
        let origin = (VersionOrigin::Restore, world.who.as_ref());
        draft::keep_version(self.config, ledger, self.slug, origin, &world.clock)?;
        let shown = Line::clean(&path.display().to_string());
        report.say(format!("`{shown}` says what version {number} said"));
        if number != self.newest {
            report.hint(format!(
                "`newsdigest edition restore {} {}` takes it back",
                self.slug, self.newest
            ));
        }
        Ok(())
    }
}
