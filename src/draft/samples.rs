//! Samples of services that know totals, or people now, but no times.

use chrono::{DateTime, Utc};

use crate::analytics::{self, Granularity, Service, Span};
use crate::config::{Config, ReadershipKind, ReadershipSource};
use crate::ledger::{Ledger, LedgerError};
use crate::model::page_views::{ReadershipReport, Sample};
use crate::model::zone::Zone;

/// The services of the config that are worth a sample: they do not know views by the hour themselves.
pub fn sampled(config: &Config) -> impl Iterator<Item = &Service> {
    config
        .readership
        .iter()
        .filter_map(|source| match &source.kind {
            ReadershipKind::Service(service)
                if service.kind.granularity() != Granularity::Hours =>
            {
                Some(&**service)
            }
            _ => None,
        })
}

/// Those of them whose `every` has passed since their last sample.
///
/// # Errors
/// The ledger cannot be read.
pub fn due<'a>(
    config: &'a Config,
    ledger: &Ledger,
    now: DateTime<Utc>,
) -> Result<Vec<&'a Service>, LedgerError> {
    let mut due = Vec::new();
    for service in sampled(config) {
        let Some(every) = service.every else {
            continue;
        };
        // One from the future was taken by a clock that was wrong.
        let last = ledger.last_sample(&service.name)?;
        if last.is_none_or(|last| last > now || now - last >= every) {
            due.push(service);
        }
    }
    Ok(due)
}

/// The samples that were kept of each source since then; none of those that need none.
pub(super) fn kept(
    sources: &[&ReadershipSource],
    ledger: Option<&Ledger>,
    since: DateTime<Utc>,
) -> Result<Vec<Vec<Sample>>, LedgerError> {
    let kept = sources.iter().map(|source| match (&source.kind, ledger) {
        (ReadershipKind::Service(service), Some(ledger)) => ledger.samples(&service.name, since),
        _ => Ok(Vec::new()),
    });
    kept.collect()
}

/// Asks each service, all at once, and keeps what it says as a sample; the report of each.
///
/// # Errors
/// The ledger cannot be written.
pub async fn take(
    services: &[&Service],
    ledger: &mut Ledger,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<Vec<ReadershipReport>, LedgerError> {
    let asked = services.iter().map(|service| ask(service, zone, now));
    let mut reports = Vec::new();
    for (service, (samples, report)) in services
        .iter()
        .zip(futures_util::future::join_all(asked).await)
    {
        if !samples.is_empty() {
            ledger.keep_samples(&service.name, &samples, now)?;
        }
        reports.push(report);
    }
    Ok(reports)
}

/// What a service says now, after the samples that were kept of it: views by time.
pub(super) async fn continued(
    service: &Service,
    mut samples: Vec<Sample>,
    zone: &Zone,
    now: DateTime<Utc>,
) -> ReadershipReport {
    let (newest, report) = ask(service, zone, now).await;
    samples.retain(|sample| sample.at < now);
    samples.extend(newest);
    let (readings, as_of) = analytics::series(service.kind.granularity(), &samples, zone);
    ReadershipReport {
        as_of,
        readings,
        ..report
    }
}

/// Totals are those since midnight: a span that moves on would let them fall all the time.
async fn ask(
    service: &Service,
    zone: &Zone,
    now: DateTime<Utc>,
) -> (Vec<Sample>, ReadershipReport) {
    let span = Span {
        from: zone.begins(zone.day(now)),
        to: now,
    };
    analytics::sample(service, span).await
}
