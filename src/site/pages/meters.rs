//! Counters, and how Prometheus reads them (its text format, version 0.0.4). No label says whose anything was.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::Visit;
use super::route::Page;
use crate::model::ask::{Answer, Ask, Number};

/// The statuses we give; the last is for all others.
const STATUSES: [u16; 15] = [
    200, 304, 400, 403, 404, 405, 408, 410, 413, 421, 422, 429, 500, 503, 0,
];
const ASKS: [&str; 13] = [
    "standing",
    "leave",
    "sign_up",
    "signed_up",
    "confirm",
    "prefer",
    "export",
    "erase",
    "editions",
    "edition",
    "ready",
    "numbers",
    "trapped",
];
const RESULTS: [&str; 4] = ["done", "unknown", "expired", "later"];

/// Counts since the process began.
pub(super) struct Meters {
    visits: [[AtomicU64; STATUSES.len()]; Page::ALL.len()],
    micros: [AtomicU64; Page::ALL.len()],
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

    pub(super) fn visit(&self, page: Page, visit: &Visit) {
        let at = STATUSES.iter().position(|status| *status == visit.status);
        self.visits[page as usize][at.unwrap_or(STATUSES.len() - 1)].fetch_add(1, Relaxed);
        let micros = u64::try_from(visit.took.as_micros()).unwrap_or(u64::MAX);
        self.micros[page as usize].fetch_add(micros, Relaxed);
    }

    pub(super) fn asked(&self, kind: usize, answer: &Answer) {
        let result = match answer {
            Answer::Unknown => 1,
            Answer::Expired => 2,
            Answer::Later => 3,
            _ => 0,
        };
        self.asks[kind][result].fetch_add(1, Relaxed);
    }

    /// A program filled in the field that people do not see.
    pub(super) fn trapped(&self) {
        self.asks[ASKS.len() - 1][0].fetch_add(1, Relaxed);
    }

    /// Everything, with the numbers that others count. Every series is there from the beginning: a rate needs the nought before the one.
    pub(super) fn text(&self, open: usize, others: &[Number]) -> String {
        let mut text = String::new();
        head(
            &mut text,
            "newsdigest_requests_total",
            "requests answered, by page and status",
            "counter",
        );
        for (page, counts) in Page::ALL.iter().zip(&self.visits) {
            for (status, count) in STATUSES.iter().zip(counts) {
                let (page, count) = (page.name(), count.load(Relaxed));
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
        for (page, micros) in Page::ALL.iter().zip(&self.micros) {
            let (page, seconds) = (page.name(), micros.load(Relaxed) as f64 / 1e6);
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

/// The place of what is asked in [`ASKS`].
pub(super) const fn kind(ask: &Ask) -> usize {
    match ask {
        Ask::Standing(_) => 0,
        Ask::Leave(_) => 1,
        Ask::SignUp(_) => 2,
        Ask::SignedUp(_) => 3,
        Ask::Confirm(_) => 4,
        Ask::Prefer(..) => 5,
        Ask::Export(_) => 6,
        Ask::Erase(_) => 7,
        Ask::Editions => 8,
        Ask::Edition(_) => 9,
        Ask::Ready => 10,
        Ask::Numbers => 11,
    }
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn as_prometheus_reads_it() {
        let meters = Meters::new();
        for status in [200, 200, 418] {
            let visit = Visit {
                page: "leave",
                is_post: true,
                status,
                took: Duration::from_millis(250),
            };
            meters.visit(Page::Leave, &visit);
        }
        meters.asked(kind(&Ask::Ready), &Answer::Later);
        meters.trapped();
        let number = |labels, value| Number {
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
