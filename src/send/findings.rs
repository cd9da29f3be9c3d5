//! The look before sending.

use chrono::{DateTime, Utc};

use crate::config::{Config, Handover};
use crate::message::{LetterKind, LetterTemplate, RunKey};
use crate::model::approval::LetGo;
use crate::model::edition::Edition;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::preflight::{self, Inspection, MACHINE_WRITTEN, PERSONAL};
use crate::render;

/// Looks at an edition as it would be sent now, to subscribers who ask for these sets of sections.
pub(super) fn of(
    edition: &Edition,
    config: &Config,
    sections: &[Vec<Line>],
    now: DateTime<Utc>,
    let_go: Option<&LetGo>,
) -> Vec<Finding> {
    let newsletter = &config.newsletter;
    let pages = render::pages(edition, newsletter, &config.template);
    let key = RunKey([0; 16]);
    // A reader may have chosen a section by its older name.
    let by_now = |section: &Line| {
        config
            .sections
            .of(section)
            .unwrap_or_else(|| section.clone())
    };
    // Nobody expects an alert of their sections every time.
    let sections = sections.iter().filter(|_| !config.is_alerts);
    let sections: Vec<Vec<Line>> = sections
        .map(|set| set.iter().map(by_now).collect())
        .collect();
    let template = LetterTemplate::new(
        newsletter,
        &edition.slug,
        &pages,
        &key,
        now,
        LetterKind::Edition,
    );
    let mut findings = preflight::inspect(&Inspection {
        edition,
        pages: &pages,
        letter: template.size() + PERSONAL,
        newsletter,
        wants: &config.selection.wants(),
        sections: &sections,
        now,
    });
    if let_go.is_some_and(|let_go| !let_go.approvals.is_empty()) {
        // Whoever approved it has read the machine's words.
        findings.retain(|finding| finding.name != MACHINE_WRITTEN);
    }
    findings.extend(config.template.findings().iter().cloned());
    findings.extend(config.relays.each().filter_map(Handover::finding));
    findings.sort_by_key(|finding| finding.gravity);
    findings
}

/// Those that stop a send, unless a person has named them.
pub(super) fn grave(findings: &[Finding], despite: &[&str]) -> Vec<Finding> {
    let stops =
        |finding: &&Finding| finding.gravity == Gravity::Error && !despite.contains(&finding.name);
    findings.iter().filter(stops).cloned().collect()
}
