//! What is kept of providers' events from one request to the next: counts, certificates of SNS, and how many may be read at a time.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, Semaphore};
use tokio::time::Instant;

use super::limits::{BucketRate, Buckets};
use crate::bounce::provider::{Certificate, ProofError, Provider};
use crate::config::EventSource;
use crate::model::link::Link;
use crate::model::metric::Metric;
use crate::site::service::EventCounts;
use crate::source::{LIMITS, Limits, fetch};

/// So many bodies are held at a time.
const AT_ONCE: usize = 16;
/// Wrong secrets of a client: so many at once, then one in so long.
const WRONG: BucketRate = BucketRate {
    burst: 20,
    refill: Duration::from_secs(10),
};
/// A certificate of SNS is asked for again after so long; so many are kept.
const CERTIFICATE_GOOD_FOR: Duration = Duration::from_hours(24);
const CERTIFICATES: usize = 8;
/// What is asked of SNS.
const ASKED: Limits = Limits {
    time: Duration::from_secs(4),
    bytes: 64 << 10,
    ..LIMITS
};
/// That a provider is not believed is told once in so long.
const TOLD_AGAIN: Duration = Duration::from_mins(1);

/// Why a request is not taken.
pub(super) enum NotHeard {
    Proof(ProofError),
    /// It holds something else.
    Shape,
    /// The certificate cannot be had, or a subscription not be confirmed, for now.
    Later,
}

/// What became of events since the process began, and what is kept from one request to the next.
pub(super) struct EventState {
    /// Addresses with a wrong secret.
    pub(super) wrong: Buckets,
    /// Bodies that may still be read.
    pub(super) bodies: Semaphore,
    certificates: Turn<Vec<KeptCertificate>>,
    told: Mutex<Option<Instant>>,
    counts: [[AtomicU64; WHAT.len()]; Provider::ALL.len()],
}

/// A certificate of SNS, and when it was asked for.
struct KeptCertificate {
    url: String,
    asked: Instant,
    certificate: Certificate,
}

/// What is counted of each provider.
const WHAT: [&str; 7] = [
    "noted",
    "known",
    "stranger",
    "suppressed",
    "passed",
    "unreadable",
    "refused",
];
/// The place of requests that were not believed.
const REFUSED: usize = WHAT.len() - 1;

impl EventState {
    pub(super) fn new() -> Self {
        Self {
            wrong: Buckets::new(WRONG),
            bodies: Semaphore::new(AT_ONCE),
            certificates: Turn::default(),
            told: Mutex::default(),
            counts: <_>::default(),
        }
    }

    fn of(&self, provider: Provider) -> &[AtomicU64; WHAT.len()] {
        &self.counts[provider as usize]
    }

    pub(super) fn count(&self, provider: Provider, counts: EventCounts) {
        let EventCounts {
            noted,
            known,
            strangers,
            suppressed,
            passed,
            unreadable,
        } = counts;
        let all = [noted, known, strangers, suppressed, passed, unreadable];
        for (counter, count) in self.of(provider).iter().zip(all) {
            counter.fetch_add(count, Relaxed);
        }
    }

    /// Counts a request that is not believed. Whether the newsroom is to be told: now and then, for a wrong key in the config looks the same.
    pub(super) fn refuse(&self, provider: Provider) -> bool {
        self.of(provider)[REFUSED].fetch_add(1, Relaxed);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told.is_none_or(|at| at.elapsed() >= TOLD_AGAIN);
        if is_due {
            *told = Some(Instant::now());
        }
        is_due
    }

    /// The counts of the providers in the config.
    pub(super) fn metrics(&self, sources: &[Arc<EventSource>]) -> Vec<Metric> {
        let of = |source: &Arc<EventSource>| {
            let counts = self.of(source.provider);
            let provider = source.provider.name();
            WHAT.iter().zip(counts).map(move |(what, count)| Metric {
                name: "newsdigest_events_total",
                help: "events of mail providers, by what became of them; refused: requests that were not believed",
                is_counter: true,
                labels: vec![
                    ("from", provider.to_owned()),
                    ("what", (*what).to_owned()),
                ],
                value: count.load(Relaxed) as f64,
            })
        };
        sources.iter().flat_map(of).collect()
    }

    /// A certificate of SNS, from memory or from SNS. One is asked for at a time.
    pub(super) async fn certificate(&self, link: &Link) -> Result<Certificate, NotHeard> {
        let mut known = self.certificates.lock().await;
        known.retain(|one| one.asked.elapsed() < CERTIFICATE_GOOD_FOR);
        if let Some(found) = known.iter().find(|one| one.url == link.as_str()) {
            return Ok(found.certificate.clone());
        }
        // An answer that is none, as of somebody between, is not kept.
        let certificate = Certificate::parse(&asked(link).await?).ok_or(NotHeard::Later)?;
        if known.len() >= CERTIFICATES {
            known.remove(0);
        }
        known.push(KeptCertificate {
            url: link.as_str().to_owned(),
            asked: Instant::now(),
            certificate: certificate.clone(),
        });
        Ok(certificate)
    }
}

/// What SNS answers at exactly that address.
pub(super) async fn asked(link: &Link) -> Result<Vec<u8>, NotHeard> {
    let fetched = fetch(link, None, &ASKED).await;
    let fetched = fetched.map_err(|_| NotHeard::Later)?;
    if fetched.url == *link {
        Ok(fetched.body)
    } else {
        Err(NotHeard::Proof(ProofError::Forged))
    }
}
