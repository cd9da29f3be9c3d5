//! What an import will do, and what became of it, in words.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::cli::arguments::ImportArgs;
use crate::cli::report::{Report, counted};
use crate::model::line::Line;
use crate::model::subscriber::{Subscriber, Suppression};
use crate::newsroom::import::{Gone, Imported};

/// What an import will do.
#[derive(Default)]
pub(super) struct ImportPlan {
    pub(super) imported: Imported,
    pub(super) new: Vec<Subscriber>,
    pub(super) already: usize,
    /// Who is in the file with another name or other sections, as the table has them.
    pub(super) differing: Vec<Subscriber>,
    pub(super) gone: Vec<Gone>,
    /// Of those, who is in the file.
    pub(super) gone_here: Vec<String>,
    /// Who left there, and subscribed here since then.
    pub(super) newer: Vec<String>,
    /// Who is on the suppression list, and is not added therefore.
    pub(super) held_back: usize,
}

impl ImportPlan {
    pub(super) fn of(
        mut imported: Imported,
        here: &HashMap<String, Subscriber>,
        suppressed: &HashSet<String>,
    ) -> Self {
        let mut plan = Self::default();
        for gone in std::mem::take(&mut imported.gone) {
            let known = here.get(&*gone.address.key());
            let shown = gone.address.reveal().to_owned();
            match (known.and_then(|one| one.since), gone.day) {
                // A later yes, given here, is the newer word.
                (Some(since), Some(left)) if since > left => plan.newer.push(shown),
                _ => {
                    if known.is_some() {
                        plan.gone_here.push(shown);
                    }
                    plan.gone.push(gone);
                }
            }
        }
        let mut seen = HashSet::new();
        for one in std::mem::take(&mut imported.subscribers) {
            let key = one.address.key().into_owned();
            if let Some(known) = here.get(&key) {
                plan.already += 1;
                let other_name = one.name.is_some() && one.name != known.name;
                let other_sections = !one.sections.is_empty() && one.sections != known.sections;
                if (other_name || other_sections) && seen.insert(key) {
                    plan.differing.push(Subscriber {
                        name: one.name.or_else(|| known.name.clone()),
                        sections: if other_sections {
                            one.sections
                        } else {
                            known.sections.clone()
                        },
                        newsletters: known.newsletters.clone(),
                        paused: known.paused,
                        rhythm: known.rhythm.clone(),
                        ..one
                    });
                }
            } else if suppressed.contains(&key) {
                plan.held_back += 1;
            } else if seen.insert(key) {
                plan.new.push(one);
            } else {
                plan.already += 1;
            }
        }
        plan.imported = imported;
        plan
    }

    pub(super) fn tell_what_was_read(&self, report: Report) {
        if let Some(program) = self.imported.program {
            report.say(format!("looks like {program}"));
        }
        let named = |columns: &[Line]| {
            let names: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        if !self.imported.judged_by.is_empty() {
            report.say(format!(
                "who may be mailed is read from {}",
                named(&self.imported.judged_by)
            ));
        }
        if !self.imported.ignored.is_empty() {
            report.say(format!(
                "not read: the columns {}",
                named(&self.imported.ignored)
            ));
        }
    }

    pub(super) fn tell_what_became(
        &self,
        verb: &ImportArgs,
        added: usize,
        list: &str,
        report: Report,
    ) {
        let would = if verb.dry_run { "would be " } else { "" };
        if !self.gone.is_empty() {
            let of = |reason| {
                self.gone
                    .iter()
                    .filter(|one| one.standing.suppression() == Some(reason))
                    .count()
            };
            let reasons = Suppression::ALL
                .into_iter()
                .filter(|reason| of(*reason) > 0);
            let counts: Vec<String> = reasons
                .map(|reason| format!("{} {}", of(reason), reason.code()))
                .collect();
            report.say(format!(
                "{} {would}put on the suppression list: {}",
                counted(self.gone.len(), "address", "addresses"),
                counts.join(", ")
            ));
        }
        for address in &self.gone_here {
            report.warn(format!("`{address}` left, and is in {list}: nothing is sent there; `newsdigest subscribers remove {address}` takes them out of it"));
        }
        for address in &self.newer {
            report.warn(format!(
                "`{address}` left there, and subscribed here after that: they stay"
            ));
        }
        if self.imported.unconfirmed > 0 {
            report.say(format!(
                "{} left out: not confirmed, or never agreed",
                counted(self.imported.unconfirmed, "address", "addresses")
            ));
        }
        if self.held_back > 0 {
            report.say(format!(
                "{} not added: on the suppression list (`newsdigest suppress --list`)",
                counted(self.held_back, "address", "addresses")
            ));
        }
        if !self.differing.is_empty() {
            let count = self.differing.len();
            report.say(if verb.update {
                let count = counted(count, "subscriber", "subscribers");
                format!("{count} {would}given the name and sections of the table")
            } else {
                let differ = counted(count, "subscriber differs", "subscribers differ");
                format!("{differ} in name or sections: `--update` takes them from the table")
            });
        }
        let mut line = format!(
            "{} {would}added to {list}",
            counted(added, "subscriber", "subscribers")
        );
        if self.already > 0 {
            _ = write!(line, ", {} already there", self.already);
        }
        if !self.imported.bad.is_empty() {
            _ = write!(
                line,
                ", {} not taken",
                counted(
                    self.imported.bad.len() + self.imported.more_bad,
                    "line",
                    "lines"
                )
            );
        }
        report.say(line);
        if verb.dry_run {
            report.say("nothing was changed");
        }
    }
}
