//! Why the work was not done, in words: what happened, what is still true, what to do next, and the exit code.

use std::fmt::Write as _;

use super::exit::Exit;
use super::open::no_ledger;
use super::report::{Failure, Report, grouped};
use super::tally::{despite, halted};
use crate::check;
use crate::clock::MorningError;
use crate::config::NoKeys;
use crate::draft::{AlertStoryError, DraftError};
use crate::ledger::{LedgerError, SendLockError};
use crate::model::finding::Finding;
use crate::send::{AlertRefused, ApproveError, Halt, ReaderKeysError, SendError};

pub(super) fn of(error: MorningError, report: Report) -> Failure {
    match error {
        MorningError::Config(problems) => {
            Failure::problems(problems).still("nothing was changed or sent")
        }
        MorningError::Draft(error) => draft(error, report),
        MorningError::Send(error) => send(error),
        MorningError::Proof(halt) => proof(halt),
        MorningError::Halted(sent) => halted(*sent),
        MorningError::Ledger(error) => no_ledger(error),
        MorningError::Stopped(stopped) => stop(stopped),
    }
}

/// The same in one line, for those who do not read the terminal.
pub(super) fn words(error: MorningError) -> String {
    of(error, Report::silent()).words()
}

/// A stop before anything existed: whoever runs it again begins anew.
fn stop(stopped: impl Into<anyhow::Error>) -> Failure {
    Failure::error(stopped)
        .exit(Exit::TryAgain)
        .still("nothing was frozen or sent")
}

pub(super) fn draft(error: DraftError, report: Report) -> Failure {
    const STILL: &str = "nothing was written or sent";
    match error {
        DraftError::NoSource {
            ref misses,
            may_come_back,
        } => {
            report.misses(misses);
            Failure::error(error)
                .exit(Exit::failed(may_come_back))
                .still(STILL)
        }
        DraftError::Lacking { ref misses, .. } => {
            report.misses(misses);
            Failure::error(error)
                .exit(Exit::TryAgain)
                .still(STILL)
                .hint("run it again when that source answers, or take `must = true` from it")
        }
        DraftError::Ledger(error) => no_ledger(error),
        DraftError::Hand(problems) => Failure::problems(problems)
            .still(STILL)
            .hint("mend the file, or remove it if nothing in it is worth keeping"),
        DraftError::Edition(problems) => Failure::problems(problems)
            .still("nothing was sent")
            .hint("`newsdigest check` shows every problem in every file"),
        DraftError::Exists(_) => Failure::error(error).still("nothing was changed").hint(
            "`newsdigest preview` shows it; `newsdigest draft --force` chooses anew and keeps what you wrote and pinned",
        ),
        DraftError::Frozen(..) => Failure::error(error)
            .still("nothing was changed; what is drafted now would reach nobody")
            .hint("`newsdigest preview` shows what was frozen; `--date` with a letter behind the day drafts another edition"),
        DraftError::Correction(ref slug) => {
            let hint = slug.corrected().map_or_else(String::new, |slug| {
                format!("`newsdigest correct {slug}` opens one; a person writes it")
            });
            Failure::error(error).still(STILL).hint(hint)
        }
        DraftError::Write(error) => Failure::error(error).still(STILL),
        DraftError::Random(error) => Failure::error(error).still(STILL),
        DraftError::Stopped(stopped) => Failure::error(stopped).exit(Exit::TryAgain).still(STILL),
    }
}

pub(super) fn send(error: SendError) -> Failure {
    const STILL: &str = "nothing was sent";
    match error {
        SendError::Problems(problems) => Failure::problems(problems).still(STILL),
        SendError::Locked(held @ SendLockError::Other { .. }) => Failure::error(held)
            .exit(Exit::TryAgain)
            .still("this run sent nothing")
            .hint("`newsdigest status` says how far it is"),
        SendError::Locked(held) => Failure::error(held).still("this run sent nothing"),
        SendError::Ledger(LedgerError::Asked(stopped)) | SendError::Stopped(stopped) => {
            stop(stopped)
        }
        SendError::Ledger(error) => no_ledger(error),
        SendError::Lost(error) => Failure::error(error).exit(Exit::TryAgain),
        SendError::TooLate { slug, end } => Failure::says(format!(
            "it is too late for the edition of {slug}: nothing of it leaves after {}",
            end.format("%H:%M")
        ))
        .still(STILL)
        .hint(despite(&slug)),
        SendError::Unfinished { slug, queued } => {
            Failure::says(format!("the edition of {slug} is not sent to its end"))
                .still(STILL)
                .hint(format!(
                    "`newsdigest send --date {slug}` finishes it, {} to go",
                    grouped(queued)
                ))
        }
        SendError::OfAnother { .. } => Failure::error(error)
            .still(STILL)
            .hint("each newsletter needs a `path` of its own in `[ledger]`"),
        SendError::Letterhead(_) => Failure::error(error).still(STILL),
        SendError::HeldByEditor { ref file, .. } => {
            let hint = format!(
                "`hold = true` is in `{}`; without it the edition can be sent",
                file.display()
            );
            Failure::error(error)
                .still("nothing was frozen or sent")
                .hint(hint)
        }
        SendError::Unapproved(ref state) => {
            let hint = format!(
                "`newsdigest approve {}` approves it as it is now; a proof sent to those in `by` below `[approval]` has links for it",
                state.slug
            );
            Failure::error(error)
                .still("nothing was frozen or sent")
                .hint(hint)
        }
        SendError::NothingToCorrect(_) => Failure::error(error)
            .still("nothing was frozen or sent")
            .hint("a correction goes to those who got the edition, from the same place"),
        SendError::NoSubscriber(_) => Failure::error(error)
            .still(STILL)
            .hint("`newsdigest subscribers add ADDRESS` adds one"),
        SendError::NoReader {
            is_alerts: true, ..
        } => Failure::error(error)
            .still(STILL)
            .hint("`alerts = true` beside a reader says that they want them"),
        SendError::Alert(refused) => alert(refused),
        SendError::NoReader { .. } => Failure::error(error).still(STILL).hint(
            "`newsletters = [..]` beside a reader says which they get; `default = true` below `[newsletter]` gives it to all who do not say",
        ),
        SendError::Subscribers(error) => {
            Failure::problems(vec![check::no_list(&error)]).still(STILL)
        }
        SendError::Merge(error) => Failure::error(error).still(STILL),
        SendError::Found(grave) => found(&grave),
        SendError::Relay(error) => {
            let exit = Exit::failed(error.may_pass());
            Failure::error(error)
                .exit(exit)
                .still("nothing was frozen or sent")
        }
        SendError::Keys(error) => keys(error),
        SendError::Random(error) => Failure::error(error).still(STILL),
    }
}

pub(super) fn approve(error: ApproveError) -> Failure {
    const STILL: &str = "nothing was approved";
    let hint = match &error {
        ApproveError::NotAsked => {
            "`[approval]` with `by = [\"bea@your.domain\"]` asks for approvals before an edition goes out"
        }
        ApproveError::NoApprover(_) => "`by` says who may approve",
        ApproveError::NotDrafted(_) => "`newsdigest draft` writes it",
        ApproveError::Frozen(..) => "`newsdigest status` says what became of it",
        ApproveError::Problems(_) | ApproveError::Ledger(_) => "",
    };
    match error {
        ApproveError::Problems(problems) => Failure::problems(problems).still(STILL),
        ApproveError::Ledger(error) => no_ledger(error),
        error => Failure::error(error).still(STILL).hint(hint),
    }
}

fn alert(refused: AlertRefused) -> Failure {
    let hint = match &refused {
        AlertRefused::Unknown => "`[alerts]` with `name = \"Harbour alerts\"` is all that it takes",
        AlertRefused::Quiet { .. } => {
            "`quiet` below `[alerts]` says when; the story can be in the next edition"
        }
        AlertRefused::Enough { .. } => "`max_per_day` below `[alerts]` says how many",
        AlertRefused::SentBefore(_) => "`--again` sends it once more",
        AlertRefused::Section { .. } => {
            "`--section` names another one; `sections` below `[alerts]` says which there are"
        }
    };
    Failure::error(refused)
        .still("nothing was frozen or sent")
        .hint(hint)
}

pub(super) fn alert_story(error: AlertStoryError) -> Failure {
    let hint = match &error {
        AlertStoryError::Elsewhere { .. } => {
            Some("an alert is of the paper's own story; `site` below `[newsletter]` names its site")
        }
        AlertStoryError::NoHeadline(_) => Some(
            "a page says it in `og:title` or JSON-LD; a story file (`newsdigest alert story.toml`) needs no page",
        ),
        AlertStoryError::Unread { .. } => {
            Some("a story file (`newsdigest alert story.toml`) needs no page")
        }
        AlertStoryError::NotOne { .. } | AlertStoryError::Stopped(_) => None,
    };
    let exit = match error {
        AlertStoryError::Stopped(_) => Exit::TryAgain,
        _ => Exit::Problem,
    };
    let failure = Failure::error(error)
        .exit(exit)
        .still("nothing was frozen or sent");
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Findings that stop a send, the first of them in full.
fn found(grave: &[Finding]) -> Failure {
    let Some(first) = grave.first() else {
        return Failure::says("the look before sending stopped the send");
    };
    let mut hint = format!("{}; `newsdigest send", first.hint);
    for finding in grave {
        _ = write!(hint, " --despite {}", finding.name);
    }
    hint.push_str("` sends all the same");
    Failure::says(format!("{} {}: {}", first.place, first.what, first.why))
        .still("nothing was frozen or sent")
        .hint(hint)
}

pub(super) fn keys(error: ReaderKeysError) -> Failure {
    match error {
        ReaderKeysError::None(NoKeys::Problem(problem)) => {
            Failure::problems(vec![problem]).still("nothing was changed or sent")
        }
        ReaderKeysError::Lost { .. } => Failure::error(error)
            .still("nothing was sent")
            .hint("old keys stay in the file, below the new one"),
        ReaderKeysError::None(error) => Failure::error(error).still("nothing was changed or sent"),
    }
}

pub(super) fn proof(halt: Halt) -> Failure {
    let exit = Exit::failed(halt.may_pass() || matches!(halt, Halt::Interrupted));
    Failure::error(halt)
        .exit(exit)
        .still("the subscribers got nothing")
}
