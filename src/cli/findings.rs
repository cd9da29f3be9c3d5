//! What a look before sending found, told.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::report::{Failure, Report};
use super::send::LATE;
use crate::config::Config;
use crate::message::{Copy, LetterTemplate, RunKey};
use crate::model::edition::Edition;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::preflight::{self, PERSONAL, Proof};
use crate::render;

/// Looks at an edition as it would be sent now, to subscribers who ask for these sets of sections.
pub(super) fn of(
    edition: &Edition,
    config: &Config,
    sections: &[Vec<Line>],
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let newsletter = &config.newsletter;
    let pages = render::pages(edition, newsletter, &config.template);
    let key = RunKey([0; 16]);
    let press = LetterTemplate::new(newsletter, &edition.slug, &pages, &key, now, Copy::Edition);
    let mut findings = preflight::inspect(&Proof {
        edition,
        pages: &pages,
        letter: press.size() + PERSONAL,
        newsletter,
        wants: &config.selection.wants(),
        sections,
        now,
    });
    findings.extend(config.template.findings().iter().cloned());
    findings.sort_by_key(|finding| finding.gravity);
    findings
}

/// Prints them, a line each; why it matters and what to do to the curious.
pub(super) fn print(findings: &[Finding], report: Report) {
    for finding in findings {
        let grave = match finding.gravity {
            Gravity::Error => "error, ",
            Gravity::Warning => "",
        };
        report.warn(format!(
            "{}: {} ({grave}`{}`)",
            finding.place, finding.what, finding.name
        ));
        report.detail(format!("  {}: {}", finding.why, finding.hint));
    }
}

/// That some of them stop a send, unless a person has named them.
pub(super) fn stop(findings: &[Finding], despite: &[String]) -> Result<(), Failure> {
    let grave: Vec<&Finding> = findings
        .iter()
        .filter(|finding| {
            finding.gravity == Gravity::Error && !despite.iter().any(|name| name == finding.name)
        })
        .collect();
    let Some(first) = grave.first() else {
        return Ok(());
    };
    let mut hint = format!("{}; `newsdigest send", first.hint);
    for finding in &grave {
        _ = write!(hint, " --despite {}", finding.name);
    }
    hint.push_str("` sends all the same");
    Err(
        Failure::says(format!("{} {}: {}", first.place, first.what, first.why))
            .still("nothing was frozen or sent")
            .hint(hint),
    )
}

/// Reads a name after `--despite`.
pub(super) fn name(text: &str) -> Result<String, String> {
    if text == LATE || preflight::GRAVE.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "`{}` is no finding that stops a send: expected {}, {LATE}",
        Line::clean_to(text, 40),
        preflight::GRAVE.join(", ")
    ))
}
