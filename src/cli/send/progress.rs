//! While letters go out: what happens is said in place on a terminal, else now and then in a plain line.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;

use crate::cli::Exit;
use crate::cli::open::{self, Setting};
use crate::cli::report::{EVERY, Failure, Report, grouped};
use crate::config::{Config, Handover};
use crate::ledger::{Ledger, Run};
use crate::mailer::Relay;
use crate::message::LetterTemplate;
use crate::model::zone::Zone;
use crate::send::{self, Event, Job, Outcome, Progress};

pub(super) fn hand_over(
    config: &Config,
    ledger: Ledger,
    run: &Run,
    presses: Vec<LetterTemplate>,
    not_after: Option<DateTime<Utc>>,
    setting: &Setting,
    report: Report,
) -> Result<Outcome, Failure> {
    let job = Job {
        ledger,
        run: run.id,
        presses,
        handover: rehearsed(&config.handover),
        not_after,
        clock: setting.clock(),
    };
    let zone = config.newsletter.zone.clone();
    open::runtime()?.block_on(async {
        let (tell, told) = mpsc::unbounded_channel();
        let stop = open::interruption(
            report,
            "stopping: letters under way are finished first; Ctrl-C again stops at once",
        );
        let voice = tokio::spawn(narrate(told, report, zone));
        let outcome = send::hand_over(job, stop, tell)
            .await
            .map_err(|error| Failure::error(error).exit(Exit::TryAgain));
        _ = voice.await;
        outcome
    })
}

/// A folder needs one conversation; more would only contend for the disk.
fn rehearsed(handover: &Handover) -> Handover {
    let mut handover = handover.clone();
    if matches!(handover.relay, Relay::Outbox(_)) {
        handover.connections = 1;
    }
    handover
}

/// Says what happens: in place on a terminal, else a plain line now and then.
async fn narrate(mut events: mpsc::UnboundedReceiver<Event>, report: Report, zone: Zone) {
    let bar = report.is_live().then(|| {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:30} {human_pos}/{human_len}  {per_sec:>12}  {eta} left",
        ) {
            bar.set_style(style);
        }
        bar
    });
    let say = |text: String| match &bar {
        Some(bar) => bar.suspend(|| report.say(text)),
        None => report.say(text),
    };
    let began = Instant::now();
    let (mut spoken, mut throttled, mut waiting) = (Duration::ZERO, None, None);
    while let Some(event) = events.recv().await {
        match event {
            Event::Progress(progress) => {
                let done = progress.accepted + progress.rejected;
                if let Some(bar) = &bar {
                    bar.set_length(done + progress.left);
                    bar.set_position(done);
                } else if began.elapsed() >= spoken + EVERY {
                    spoken = began.elapsed();
                    report.say(in_words(&progress, spoken));
                }
            }
            Event::Reconnecting { why, wait } => say(format!(
                "the conversation with the relay ended ({why}); again in {} s",
                wait.as_secs()
            )),
            Event::Fewer { why } => say(format!(
                "one conversation with the relay fewer ({why}); the others go on"
            )),
            Event::Throttled(reply) if throttled != Some(reply.code) => {
                throttled = Some(reply.code);
                say(format!(
                    "the relay asks for patience (`{reply}`): going slower"
                ));
            }
            Event::Throttled(_) => {}
            // Every conversation says it.
            Event::Waiting { until } if waiting == Some(until) => {}
            Event::Waiting { until } => {
                waiting = Some(until);
                say(format!(
                    "the rest was deferred; tried again at {}",
                    clock_time(&zone, until)
                ));
            }
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

fn clock_time(zone: &Zone, at: DateTime<Utc>) -> String {
    zone.at(at).format("%H:%M:%S").to_string()
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
