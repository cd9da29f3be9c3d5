//! What the clock of `serve` does, in words: a line for a draft, a line for a send.

use std::fmt;

use super::report::{Failure, Report, counted};
use super::send::Narrator;
use super::tally::finish;
use super::{draft, failures, proof};
use crate::clock::{Event, Step};
use crate::model::address::Address;
use crate::model::zone::Zone;
use crate::schedule::{Planned, Schedule, Stage};

/// Says what happened; `narrator` tells of the send that is under way, if there is one.
pub(super) fn tell(event: Event<'_>, narrator: &mut Option<Narrator>, report: Report) {
    match event {
        Event::NoSchedule => report.say(NO_SCHEDULE),
        Event::Next { run, schedule } => report.say(next(run, schedule)),
        Event::Missed {
            run,
            stage,
            schedule,
        } => report.warn(missed(run, stage, schedule)),
        Event::Held(run) => report.warn(held(run)),
        Event::Drafted { draft, config }
        | Event::Step {
            step: Step::Drafted(draft),
            config,
        } => draft::logged(draft, config, report),
        Event::CameUp(path) => {
            report.say(format!("`{}` came up meanwhile, and stays", path.display()));
        }
        // Nobody asked for addresses: they stay masked.
        Event::Proofs {
            verdicts,
            slug,
            config,
        } => proof::verdicts_told(verdicts, Address::to_string, slug, config, report),
        Event::Step {
            step: Step::Sending(event),
            config,
        } => narrator
            .get_or_insert_with(|| Narrator::new(report, config))
            .tell(event),
        Event::Sent(sent) => {
            *narrator = None;
            if let Err(failure) = finish(sent, false, report) {
                print(&failure, report);
            }
        }
        Event::Failed(error) => {
            *narrator = None;
            print(&failures::of(error, report), report);
        }
        Event::Sampled(sampled) => {
            report.misses(&sampled.misses);
            if sampled.misses.is_empty() {
                let pages = counted(sampled.readings.len() as u64, "page", "pages");
                report.say(format!("{}: {pages} sampled", sampled.source));
            }
        }
        Event::SampleFailed(error) => report.warn(format!("no sample was kept: {error}")),
        Event::Stumbled => {
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
        run.day.format("%a %Y-%m-%d"),
        local(run.cut_off, &schedule.zone),
        local(run.send_at, &schedule.zone)
    )
}

fn held(run: &Planned) -> String {
    format!(
        "{} is held by the editor: it is not sent as long as `hold = true` stands in its file",
        run.day
    )
}

fn missed(run: &Planned, stage: Stage, schedule: &Schedule) -> String {
    let why = match stage {
        Stage::Over => "it was sent",
        Stage::Held => "its editor holds it",
        Stage::Missing => "it was not drafted",
        Stage::Drafted => "it was drafted",
    };
    format!(
        "{} was not sent to its end by {}, and now it is too late; {why}",
        run.day,
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
            holidays: std::collections::BTreeSet::new(),
            zone: Zone::bundled("Europe/Lisbon").unwrap(),
        };
        let run = schedule.run_of("2026-08-24".parse().unwrap()).unwrap();
        let mut said = vec![NO_SCHEDULE.to_owned(), next(&run, &schedule), held(&run)];
        for stage in [Stage::Missing, Stage::Drafted, Stage::Held] {
            said.push(missed(&run, stage, &schedule));
        }
        insta::assert_snapshot!(said.join("\n"), @"
        there is no `[schedule]`: nothing is drafted or sent by the clock
        the next edition is that of Mon 2026-08-24: drafted at 06:45 +01:00, sent at 07:00 +01:00
        2026-08-24 is held by the editor: it is not sent as long as `hold = true` stands in its file
        2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; it was not drafted
        2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; it was drafted
        2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; its editor holds it
        ");
    }
}
