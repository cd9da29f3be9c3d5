//! While letters go out: what happens is said in place on a terminal, else now and then in a plain line.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::report::{EVERY, Report, counted, grouped};
use crate::cli::{findings, ledger};
use crate::config::Config;
use crate::ledger::Pruned;
use crate::model::delivery::Reply;
use crate::model::line::Line;
use crate::model::zone::Zone;
use crate::send::{Progress, SendEvent};

/// Tells what a send does.
pub(in crate::cli) struct Narrator {
    report: Report,
    newsletter: Line,
    zone: Zone,
    bar: Option<ProgressBar>,
    began: Instant,
    spoken: Duration,
    /// What was said last, so that it is not said by every conversation.
    throttled: Option<u16>,
    waiting: Option<chrono::DateTime<chrono::Utc>>,
}

impl Narrator {
    pub(in crate::cli) fn new(report: Report, config: &Config) -> Self {
        Self {
            report,
            newsletter: config.newsletter.name.clone(),
            zone: config.newsletter.zone.clone(),
            bar: None,
            began: Instant::now(),
            spoken: Duration::ZERO,
            throttled: None,
            waiting: None,
        }
    }

    pub(in crate::cli) fn tell(&mut self, event: SendEvent) {
        let report = self.report;
        match event {
            SendEvent::OlderGivenUp {
                slug,
                end,
                given_up,
            } => report.warn(format!(
                "the edition of {slug} was not sent to its end by {}: {} given up, too late",
                end.format("%H:%M"),
                counted(given_up, "copy is", "copies are")
            )),
            SendEvent::NobodyGetsIt { list } => report.say(format!(
                "nobody in {list} gets `{}`: nothing is sent",
                self.newsletter
            )),
            SendEvent::BrokenRows(rows) => report.broken(&rows),
            SendEvent::ChangesWait(readers) => report.waiting(&readers),
            SendEvent::Misread {
                problems,
                list,
                blocks,
            } => {
                report.problems(&problems);
                report.warn(format!(
                    "{} of {list} cannot be read: who it is for gets nothing until it is mended",
                    counted(blocks, "block", "blocks")
                ));
            }
            SendEvent::TooManySets { readers } => report.warn(format!(
                "the subscribers ask for more than 4,096 different parts of the edition: {} the whole of it",
                match readers {
                    1 => "1 of them gets".to_owned(),
                    many => format!("{} of them get", grouped(many)),
                }
            )),
            SendEvent::Pruned(Pruned { copies: 0, .. }) => {}
            SendEvent::Pruned(pruned) => report.detail(ledger::words(pruned)),
            SendEvent::NotPruned(why) => {
                report.warn(format!("old copies stay in the ledger for now: {why}"));
            }
            SendEvent::OlderInDoubt { slug, in_doubt } => report.warn(format!(
                "{} of the edition of {slug} may have arrived or not: `newsdigest send --date {slug}` sends them again, `newsdigest send --date {slug} --in-doubt skip` leaves them so",
                counted(in_doubt, "copy", "copies"),
            )),
            SendEvent::OlderUnfinished { slug, queued } => report.warn(format!(
                "the edition of {slug} is not sent to its end: `newsdigest send --date {slug}` finishes it, {} to go",
                grouped(queued)
            )),
            SendEvent::AlertFirst => {
                self.say("an alert goes first: the letters wait for it".to_owned());
            }
            SendEvent::LateThere(copies) => report.warn(format!(
                "{} given up: by their readers' clocks it is too late",
                counted(copies, "copy is", "copies are")
            )),
            SendEvent::OthersStop => {
                self.say("a send in progress is stopping for this alert".to_owned());
            }
            SendEvent::AlertUnfinished { slug, queued } => report.warn(format!(
                "the alert of {slug} is not sent to its end: `newsdigest alert` goes on with it, {} to go",
                grouped(queued)
            )),
            SendEvent::StayInDoubt(copies) => report.warn(format!(
                "{} stay in doubt: the last run stopped while the relay held them; they are not sent again",
                counted(copies, "copy", "copies")
            )),
            SendEvent::MayArriveTwice(copies) => report.warn(format!(
                "{} may arrive twice: the last run stopped while the relay held them; they go out again with the same Message-ID",
                counted(copies, "copy", "copies")
            )),
            SendEvent::ChangedSince(slug) => report.warn(format!(
                "{slug}: your changes came after the freeze: readers get the edition as it was frozen, which `newsdigest preview` shows"
            )),
            SendEvent::Unapproved(lacking) => report.warn(format!(
                "{lacking}; it goes out all the same (`at_send = \"send\"`)"
            )),
            SendEvent::UnapprovedRehearsal(lacking) => {
                report.say(format!("{lacking}; a rehearsal needs none"));
            }
            SendEvent::GoesOn { slug, queued } => report.say(format!(
                "{slug}: goes on where it stopped, {} to go",
                grouped(queued)
            )),
            SendEvent::Found(findings) => findings::print(&findings, report),
            SendEvent::RelayIsSlow { relay } => {
                report.say(format!("waiting for `{relay}` to answer"));
            }
            SendEvent::Frozen {
                slug,
                recipients,
                left_out,
                took,
            } => {
                report.say(format!(
                    "{}, {slug}: frozen for {}, {} left out",
                    self.newsletter,
                    counted(recipients, "recipient", "recipients"),
                    grouped(left_out)
                ));
                report.detail(format!("the freeze took {:.2} s", took.as_secs_f64()));
            }
            SendEvent::NothingIsLeft(slug) => {
                report.say(format!("{slug}: nothing is left to hand over"));
            }
            SendEvent::HandedOver { took } => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
                report.detail(format!("the letters took {:.2} s", took.as_secs_f64()));
            }
            SendEvent::Progress(progress) => self.progress(&progress),
            SendEvent::Reconnecting { why, wait } => self.say(format!(
                "the conversation with the relay ended ({why}); again in {} s",
                wait.as_secs()
            )),
            SendEvent::Fewer { why } => self.say(format!(
                "one conversation with the relay fewer ({why}); the others go on"
            )),
            SendEvent::RelayLeft { relay, why } => self.say(format!(
                "goes on without the relay `{relay}`: {why}"
            )),
            SendEvent::DoubtElsewhere { relay, copies } => report.warn(format!(
                "{} may be at `{relay}`, which is not in the config any more, and stay in doubt: `--in-doubt resend` sends them by another relay",
                counted(copies, "copy", "copies")
            )),
            SendEvent::SetAside(why) => self.say(format!(
                "one copy is set aside, and the others go on: {why}"
            )),
            SendEvent::Throttled(reply) => self.throttled(&reply),
            SendEvent::Waiting { until } => {
                if self.waiting.replace(until) != Some(until) {
                    self.say(format!(
                        "the rest was deferred; tried again at {}",
                        self.zone.at(until).format("%H:%M:%S")
                    ));
                }
            }
        }
    }

    fn throttled(&mut self, reply: &Reply) {
        if self.throttled.replace(reply.code) != Some(reply.code) {
            self.say(format!(
                "the relay asks for patience (`{reply}`): going slower"
            ));
        }
    }

    fn progress(&mut self, progress: &Progress) {
        let done = progress.accepted + progress.rejected;
        if self.report.is_live() {
            let bar = self.bar.get_or_insert_with(bar);
            bar.set_length(done + progress.left);
            bar.set_position(done);
        } else if self.began.elapsed() >= self.spoken + EVERY {
            self.spoken = self.began.elapsed();
            self.report.say(in_words(progress, self.spoken));
        }
    }

    fn say(&self, text: String) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.report.say(text)),
            None => self.report.say(text),
        }
    }
}

fn bar() -> ProgressBar {
    // Its own rate has thirteen decimals.
    let rate = |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
        _ = write!(out, "{:.0}/s", state.per_sec());
    };
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{bar:30} {human_pos}/{human_len}  {rate:>8}  {eta} left") {
        Ok(style) => bar.with_style(style.with_key("rate", rate)),
        Err(_) => bar,
    }
}

fn in_words(progress: &Progress, elapsed: Duration) -> String {
    let rate = (progress.accepted + progress.rejected) as f64 / elapsed.as_secs_f64().max(0.001);
    let left = if rate > 0.0 {
        format!(", about {:.0} s left", progress.left as f64 / rate)
    } else {
        String::new()
    };
    format!(
        "{} accepted, {} rejected, {} to go, {rate:.0}/s{left}",
        grouped(progress.accepted),
        grouped(progress.rejected),
        grouped(progress.left)
    )
}
