//! What the clock of `serve` does, in words: a line for a draft, a line for a send.

use std::fmt;

use super::report::{Failure, Report, counted};
use super::send::Narrator;
use super::tally::finish;
use super::{draft, failures, proof, results};
use crate::clock::{ClockEvent, Step};
use crate::model::address::Address;
use crate::model::zone::Zone;
use crate::schedule::{EditionStage, Planned, Schedule};

/// Says what happened; `narrator` tells of the send that is under way, if there is one.
pub(super) fn tell(event: ClockEvent<'_>, narrator: &mut Option<Narrator>, report: Report) {
    match event {
        ClockEvent::Read(_) => {}
        ClockEvent::NoSchedule => report.say(NO_SCHEDULE),
        ClockEvent::Next { run, schedule } => report.say(next(run, schedule)),
        ClockEvent::Missed {
            run,
            stage,
            schedule,
        } => report.warn(missed(run, stage, schedule)),
        ClockEvent::Held(run) => report.warn(held(run)),
        ClockEvent::Unapproved(run) => report.warn(unapproved(run)),
        ClockEvent::Drafted { draft, config }
        | ClockEvent::Step {
            step: Step::Drafted(draft),
            config,
        } => draft::logged(draft, config, report),
        ClockEvent::CameUp(path) => {
            report.say(format!("`{}` came up meanwhile, and stays", path.display()));
        }
        // Nobody asked for addresses: they stay masked.
        ClockEvent::Proofs {
            verdicts,
            slug,
            config,
        } => proof::verdicts_told(verdicts, Address::to_string, slug, config, report),
        ClockEvent::Step {
            step: Step::Sending(event),
            config,
        } => narrator
            .get_or_insert_with(|| Narrator::new(report, config))
            .tell(event),
        ClockEvent::NextHour(sent) => {
            *narrator = None;
            if let Some(halt) = &sent.halt {
                report.say(format!("{}: {halt}", sent.slug));
            }
        }
        ClockEvent::Sent(sent) => {
            *narrator = None;
            if let Err(failure) = finish(sent, false, report) {
                print(&failure, report);
            }
        }
        ClockEvent::Failed(error) => {
            *narrator = None;
            print(&failures::of(error, report), report);
        }
        ClockEvent::Sampled(sampled) => {
            report.misses(&sampled.misses);
            if sampled.misses.is_empty() {
                let pages = counted(sampled.readings.len() as u64, "page", "pages");
                report.say(format!("{}: {pages} sampled", sampled.source));
            }
        }
        ClockEvent::Results(day, gathered) => results::told(day, gathered, report),
        ClockEvent::SampleFailed(error) => report.warn(format!("no sample was kept: {error}")),
        ClockEvent::Stumbled => {
            report.warn("the clock stumbled: this is a bug of newsdigest; it goes on");
        }
    }
}

fn print(failure: &Failure, report: Report) {
    report.failure(failure);
}

const NO_SCHEDULE: &str = "there is no `[schedule]`: nothing is drafted or sent by the clock";

fn next(run: &Planned, schedule: &Schedule) -> String {
    format!(
        "the next edition is that of {}: drafted at {}, sent at {}",
        weekday(run),
        local(run.cut_off, &schedule.zone),
        local(run.send_at, &schedule.zone)
    )
}

/// `Mon 2026-08-24`.
pub(super) fn weekday(run: &Planned) -> String {
    format!("{} {}", run.slug.day().format("%a"), run.slug)
}

fn held(run: &Planned) -> String {
    format!(
        "{} is held by the editor: it is not sent as long as `hold = true` is in its file",
        run.slug
    )
}

fn unapproved(run: &Planned) -> String {
    format!(
        "{0} waits to be approved: a proof has links for it, and `newsdigest approve {0}` does it too",
        run.slug
    )
}

fn missed(run: &Planned, stage: EditionStage, schedule: &Schedule) -> String {
    let why = match stage {
        EditionStage::Over => "it was sent",
        EditionStage::Held => "its editor holds it",
        EditionStage::Unapproved => "it was not approved",
        EditionStage::Missing => "it was not drafted",
        EditionStage::Drafted => "it was drafted",
    };
    format!(
        "{} was not sent to its end by {}, and now it is too late; {why}",
        run.slug,
        local(run.not_after, &schedule.zone)
    )
}

fn local(instant: chrono::DateTime<chrono::Utc>, zone: &Zone) -> impl fmt::Display {
    zone.at(instant).format("%H:%M %:z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Days, Times};

    #[test]
    fn its_words() {
        let time = |text| crate::schedule::parse_time(text).unwrap();
        let schedule = Schedule {
            days: Days::WORKDAYS,
            times: Times::new(None, time("07:00"), None).unwrap(),
            more: Vec::new(),
            holidays: std::collections::BTreeSet::new(),
            only: None,
            zone: Zone::bundled("Europe/Lisbon").unwrap(),
        };
        let run = schedule.run_of(&"2026-08-24".parse().unwrap()).unwrap();
        let mut said = vec![
            NO_SCHEDULE.to_owned(),
            next(&run, &schedule),
            held(&run),
            unapproved(&run),
        ];
        for stage in [
            EditionStage::Missing,
            EditionStage::Drafted,
            EditionStage::Held,
            EditionStage::Unapproved,
        ] {
            said.push(missed(&run, stage, &schedule));
        }
        insta::assert_snapshot!(said.join("\n"), @"
        there is no `[schedule]`: nothing is drafted or sent by the clock
        the next edition is that of Mon 2026-08-24: drafted at 06:45 +01:00, sent at 07:00 +01:00
        2026-08-24 is held by the editor: it is not sent as long as `hold = true` is in its file
        2026-08-24 waits to be approved: a proof has links for it, and `newsdigest approve 2026-08-24` does it too
        2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; it was not drafted
        2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; it was drafted
        2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; its editor holds it
        2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; it was not approved
        ");
    }
}
