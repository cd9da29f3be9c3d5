//! How the readers of each newsletter fared within thirty days, for those who watch.

use chrono::{DateTime, Utc};

use super::Service;
use crate::ledger::{AskedAs, Fared, Ledger, LedgerError};
use crate::model::metric::Metric;

/// A figure: its name, what it means, and where it is found.
type Figure = (&'static str, &'static str, fn(&Fared) -> Option<f64>);

#[expect(clippy::cast_precision_loss, reason = "counts of readers")]
const FIGURES: [Figure; 4] = [
    (
        "newsdigest_readers_gained",
        "Sign-ups that were confirmed within 30 days.",
        |fared| Some(fared.gained as f64),
    ),
    (
        "newsdigest_readers_left",
        "Readers who left within 30 days.",
        |fared| Some(fared.left as f64),
    ),
    (
        "newsdigest_complaints_per_thousand",
        "Complaints in a thousand copies within 30 days; Gmail wants less than 1, and never 3.",
        Fared::complaint_rate,
    ),
    (
        "newsdigest_complaints_level",
        "How many of Gmail's lines they have reached: 0; 1 from .1 % on; 2 from .3 % on.",
        |fared| Some(fared.complaint_level() as f64),
    ),
];

pub(super) fn metrics(
    service: &Service,
    ledger: &Ledger,
    now: DateTime<Utc>,
) -> Result<Vec<Metric>, LedgerError> {
    let mut all = Vec::new();
    let newsletters = service.publications.iter();
    let newsletters = newsletters.map(|one| (one, AskedAs::Newsletter(one.name())));
    let served = service.alerts();
    let alerts = served.iter().map(|one| (one, AskedAs::Alerts));
    for (one, asked_as) in newsletters.chain(alerts) {
        let fared = ledger.fared(one.runs_of(), asked_as, now - Fared::SPAN)?;
        all.push((one.name(), fared));
    }
    let mut metrics = Vec::new();
    for (name, help, of) in FIGURES {
        metrics.extend(Metric::of_each(name, help, &all, of));
    }
    let by_provider = ledger.complaint_rates(now - Fared::SPAN)?;
    metrics.extend(by_provider.iter().map(|one| Metric {
        name: "newsdigest_complaints_per_thousand_by_provider",
        help: "The same by the provider of the reader's mailbox, of all newsletters.",
        is_counter: false,
        labels: vec![("provider", one.provider.name().to_owned())],
        value: one.per_thousand(),
    }));
    Ok(metrics)
}
