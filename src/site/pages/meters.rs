//! Counters, and how Prometheus reads them (its text format, version 0.0.4). No label says whose anything was.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::model::metric::Metric;
use crate::site::service::NotDone;

/// A request that was answered, without whose it was: no path, for a path holds a token, and no client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The page, such as `leave`; `other` where there is none.
    pub page: &'static str,
    /// Whether it was to change something.
    pub is_post: bool,
    pub status: u16,
    /// How long the answer took.
    pub took: Duration,
}

/// Told of every request that was answered.
pub type VisitListener = Box<dyn Fn(&Visit) + Send + Sync>;

/// The pages by their routes, and what reports and counters call them; the first is for what has no page.
pub(super) const PAGES: [(&str, &str); 20] = [
    ("", "other"),
    ("/", "subscribe"),
    ("/confirm/{token}", "confirm"),
    ("/leave/{token}", "leave"),
    ("/stay/{token}", "stay"),
    ("/preferences/{token}", "preferences"),
    ("/preferences/{token}/weekly", "weekly"),
    ("/preferences/{token}/data", "data"),
    ("/preferences/{token}/erase", "erase"),
    ("/answer/{day}/{answer}", "answer"),
    ("/approve/{token}", "approve"),
    ("/editions", "editions"),
    ("/editions/{day}", "edition"),
    ("/editions.atom", "feed"),
    ("/pictures/{name}", "picture"),
    ("/style.css", "style"),
    ("/hooks/{provider}/{secret}", "events"),
    ("/healthz", "healthz"),
    ("/readyz", "readyz"),
    ("/metrics", "metrics"),
];
/// The statuses we give; the last is for all others.
const STATUSES: [u16; 19] = [
    200, 303, 304, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 421, 422, 429, 500, 503, 0,
];

macro_rules! asked {
    ($($asked:ident = $name:literal,)*) => {
        /// What was asked of the service. Trapped: nothing, a program filled in the field that people do not see.
        #[derive(Clone, Copy, Debug)]
        pub(super) enum ServiceCall { $($asked,)* }
        const ASKS: [&str; [$($name),*].len()] = [$($name),*];
    };
}

asked! {
    Standing = "standing", Leave = "leave", SignUp = "sign_up", SignedUp = "signed_up", Confirm = "confirm",
    Prefer = "prefer", Export = "export", Erase = "erase", Editions = "editions", Edition = "edition",
    Events = "events", Stay = "stay", Question = "question", Answer = "answer",
    Approval = "approval", Approve = "approve", Ready = "ready", Numbers = "numbers", Trapped = "trapped",
}

const RESULTS: [&str; 4] = ["done", "unknown", "expired", "later"];

/// Counts since the process began.
pub(super) struct Meters {
    visits: [[AtomicU64; STATUSES.len()]; PAGES.len()],
    micros: [AtomicU64; PAGES.len()],
    asks: [[AtomicU64; RESULTS.len()]; ASKS.len()],
}

impl Meters {
    pub(super) fn new() -> Self {
        Self {
            visits: <_>::default(),
            micros: <_>::default(),
            asks: <_>::default(),
        }
    }

    /// `page` is its place in [`PAGES`].
    pub(super) fn visit(&self, page: usize, visit: &Visit) {
        let at = STATUSES.iter().position(|status| *status == visit.status);
        self.visits[page][at.unwrap_or(STATUSES.len() - 1)].fetch_add(1, Relaxed);
        let micros = u64::try_from(visit.took.as_micros()).unwrap_or(u64::MAX);
        self.micros[page].fetch_add(micros, Relaxed);
    }

    pub(super) fn asked(&self, asked: ServiceCall, not_done: Option<NotDone>) {
        let result = match not_done {
            None => 0,
            Some(NotDone::Unknown) => 1,
            Some(NotDone::Expired) => 2,
            Some(NotDone::Later) => 3,
        };
        self.asks[asked as usize][result].fetch_add(1, Relaxed);
    }

    /// Everything, with the numbers that others count. Every series is there from the beginning: a rate needs the nought before the one.
    pub(super) fn text(&self, open: usize, others: &[Metric]) -> String {
        let mut text = String::new();
        head(
            &mut text,
            "newsdigest_requests_total",
            "requests answered, by page and status",
            "counter",
        );
        for ((_, page), counts) in PAGES.iter().zip(&self.visits) {
            for (status, count) in STATUSES.iter().zip(counts) {
                let count = count.load(Relaxed);
                _ = writeln!(
                    text,
                    "newsdigest_requests_total{{page=\"{page}\",status=\"{status}\"}} {count}"
                );
            }
        }
        head(
            &mut text,
            "newsdigest_answer_seconds_total",
            "time it took to answer, by page",
            "counter",
        );
        for ((_, page), micros) in PAGES.iter().zip(&self.micros) {
            let seconds = micros.load(Relaxed) as f64 / 1e6;
            _ = writeln!(
                text,
                "newsdigest_answer_seconds_total{{page=\"{page}\"}} {seconds}"
            );
        }
        let help = "what readers asked for, by result; later: the ledger could not";
        head(&mut text, "newsdigest_asks_total", help, "counter");
        for (kind, counts) in ASKS.iter().zip(&self.asks) {
            for (result, count) in RESULTS.iter().zip(counts) {
                let count = count.load(Relaxed);
                _ = writeln!(
                    text,
                    "newsdigest_asks_total{{ask=\"{kind}\",result=\"{result}\"}} {count}"
                );
            }
        }
        head(
            &mut text,
            "newsdigest_connections",
            "connections open now",
            "gauge",
        );
        _ = writeln!(text, "newsdigest_connections {open}");
        let mut last = "";
        for number in others {
            if number.name != last {
                let kind = if number.is_counter {
                    "counter"
                } else {
                    "gauge"
                };
                head(&mut text, number.name, number.help, kind);
                last = number.name;
            }
            text.push_str(number.name);
            for (at, (name, value)) in number.labels.iter().enumerate() {
                let value = value
                    .replace('\\', "\\\\")
                    .replace('"', "\\\"")
                    .replace('\n', "\\n");
                _ = write!(
                    text,
                    "{}{name}=\"{value}\"",
                    if at == 0 { '{' } else { ',' }
                );
            }
            _ = writeln!(
                text,
                "{} {}",
                if number.labels.is_empty() { "" } else { "}" },
                number.value
            );
        }
        text
    }
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_prometheus_reads_it() {
        let meters = Meters::new();
        let leave = PAGES.iter().position(|(_, page)| *page == "leave");
        for status in [200, 200, 418] {
            let visit = Visit {
                page: "leave",
                is_post: true,
                status,
                took: Duration::from_millis(250),
            };
            meters.visit(leave.unwrap(), &visit);
        }
        meters.asked(ServiceCall::Ready, Some(NotDone::Later));
        meters.asked(ServiceCall::Trapped, None);
        let number = |labels, value| Metric {
            name: "newsdigest_copies",
            help: "copies by state",
            is_counter: false,
            labels,
            value,
        };
        let others = [
            number(
                vec![
                    ("state", "a\"b\\".to_owned()),
                    ("domain", "h.example".to_owned()),
                ],
                3.0,
            ),
            number(vec![], 0.5),
        ];
        let text = meters.text(2, &others);
        let counted: Vec<&str> = text.lines().filter(|line| !line.ends_with(" 0")).collect();
        insta::assert_snapshot!(counted.join("\n"), @r#"
        # HELP newsdigest_requests_total requests answered, by page and status
        # TYPE newsdigest_requests_total counter
        newsdigest_requests_total{page="leave",status="200"} 2
        newsdigest_requests_total{page="leave",status="0"} 1
        # HELP newsdigest_answer_seconds_total time it took to answer, by page
        # TYPE newsdigest_answer_seconds_total counter
        newsdigest_answer_seconds_total{page="leave"} 0.75
        # HELP newsdigest_asks_total what readers asked for, by result; later: the ledger could not
        # TYPE newsdigest_asks_total counter
        newsdigest_asks_total{ask="ready",result="later"} 1
        newsdigest_asks_total{ask="trapped",result="done"} 1
        # HELP newsdigest_connections connections open now
        # TYPE newsdigest_connections gauge
        newsdigest_connections 2
        # HELP newsdigest_copies copies by state
        # TYPE newsdigest_copies gauge
        newsdigest_copies{state="a\"b\\",domain="h.example"} 3
        newsdigest_copies 0.5
        "#);
    }
}
