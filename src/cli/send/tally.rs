//! The last words of a send: where everybody stands, and what to do about it.

use super::late;
use crate::cli::Exit;
use crate::cli::open::Setting;
use crate::cli::report::{Failure, Report, counted, grouped};
use crate::config::Config;
use crate::ledger::{Place, Run, Target};
use crate::model::delivery::Tally;
use crate::send::{Halt, Outcome};

/// What is said if the ledger's file was removed or replaced while the letters were handed over.
pub(super) fn moved(config: &Config, run: &Run, outcome: &Outcome) -> Option<Failure> {
    let path = config.ledger.display();
    let still = format!("{}: {}", run.slug, tally_in_words(&outcome.tally));
    let failure = match outcome.place {
        Place::Kept => return None,
        Place::PutBack => Failure::says(format!("`{path}` was removed while letters were handed over; it was written again, with all that this run wrote"))
            .hint(format!("find out what removed it; `newsdigest send --date {}` goes on where this run stopped", run.slug)),
        Place::Lost => Failure::says(format!("`{path}` was removed or replaced while letters were handed over: what this run wrote is lost"))
            .hint("the next `newsdigest send` would mail everybody again: put the right ledger back first"),
    };
    Some(failure.exit(Exit::TryAgain).still(still))
}

/// The last words of a send, and its exit code.
pub(super) fn finish(
    config: &Config,
    run: &Run,
    tally: &Tally,
    halt: Option<Halt>,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    if let (None, Target::Outbox(folder)) = (&halt, &run.target) {
        let letters = if tally.accepted > 0 && !std::path::Path::new(folder).exists() {
            format!(
                "{} written to `{folder}`, which is gone by now",
                counted(tally.accepted, "letter was", "letters were")
            )
        } else {
            format!(
                "{} in `{folder}`",
                counted(tally.accepted, "letter lies", "letters lie")
            )
        };
        report.say(format!("{letters}: a rehearsal, nobody was mailed"));
    }
    let summary = format!(
        "{}, {}: {}",
        config.newsletter.name,
        run.slug,
        tally_in_words(tally)
    );
    if setting.json() {
        report.json(&serde_json::json!({ "edition": run.slug.to_string(), "tally": tally, "halted": halt.as_ref().map(ToString::to_string) }));
    }
    if !tally.balances() {
        return Err(
            Failure::says(format!("the tally does not balance: {summary}"))
                .exit(Exit::TryAgain)
                .hint(
                    "this is a bug of newsdigest; please report it with the ledger kept as it is",
                ),
        );
    }
    // Nothing stopped the run, and yet it is not at its end: no exit code may say it is.
    let halt = halt.or((tally.queued > 0).then_some(Halt::Broken));
    let Some(halt) = halt else {
        report.say(&summary);
        hints(run, tally, report);
        return Ok(if tally.rejected + tally.in_doubt + tally.given_up > 0 {
            Exit::DoneWithRefusals
        } else {
            Exit::Done
        });
    };
    if matches!(halt, Halt::TooLate) {
        return Err(Failure::error(halt)
            .exit(Exit::TryAgain)
            .still(summary)
            .hint(late::despite(&run.slug)));
    }
    let again = format!(
        "`newsdigest send --date {}` goes on with {}",
        run.slug,
        match tally.queued {
            1 => "the one that is left".to_owned(),
            more => format!("the {} that are left", grouped(more)),
        }
    );
    Err(Failure::error(halt)
        .exit(Exit::TryAgain)
        .still(summary)
        .hint(again))
}

fn hints(run: &Run, tally: &Tally, report: Report) {
    let verb = |flag: &str| format!("`newsdigest status {} {flag}`", run.slug);
    let mut lists = Vec::new();
    if tally.rejected > 0 {
        lists.push(format!(
            "{} lists whom the relay refused",
            verb("--rejected")
        ));
    }
    if tally.in_doubt > 0 {
        lists.push(format!("{} lists the copies in doubt", verb("--in-doubt")));
    }
    if tally.given_up > 0 {
        lists.push(format!("{} lists those given up", verb("--given-up")));
    }
    if !lists.is_empty() {
        report.hint(lists.join("; "));
    }
}

/// `41,882 accepted, 13 rejected, 210 left out (42,105 subscribers)`: what is not nought, and always the accepted.
pub(in crate::cli) fn tally_in_words(tally: &Tally) -> String {
    let rest = [
        (tally.rejected, "rejected"),
        (tally.queued, "queued"),
        (tally.in_doubt, "in doubt"),
        (tally.given_up, "given up"),
        (tally.left_out, "left out"),
    ];
    let mut words = vec![format!("{} accepted", grouped(tally.accepted))];
    words.extend(
        rest.iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", grouped(*count))),
    );
    format!(
        "{} ({})",
        words.join(", "),
        counted(tally.subscribers, "subscriber", "subscribers")
    )
}
