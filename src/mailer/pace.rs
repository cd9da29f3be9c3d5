//! How fast letters leave: the rate that was asked for, and a gap that grows while the relay asks us to slow down.
//! It never looks at a letter. All sessions of a send share one pace.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::delivery::{Reply, Verdict};
use crate::line::Line;

use super::verdict::is_throttling;

/// The gap after the first request to slow down.
const FIRST_GAP: Duration = Duration::from_millis(500);
/// The longest gap; some providers want ten minutes of rest (Gmail's 4.7.28), which deferrals give each letter anyway.
const LONGEST_GAP: Duration = Duration::from_mins(1);
/// A gap below this is none.
const SHORTEST_GAP: Duration = Duration::from_millis(5);
/// What may be made up for after a timer was late. Timers are a millisecond coarse, gaps are often finer.
const CATCH_UP: Duration = Duration::from_millis(20);

/// Letters per time: `50/s`, `600/min`, `10000/h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    letters: u32,
    per: Per,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Per {
    Second,
    Minute,
    Hour,
}

/// A text that is not a rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a rate: expected a number of letters per time, such as `50/s`, `600/min` or `10000/h`"
)]
pub struct RateError(Line);

impl Rate {
    /// Parses a positive number, a slash and `s`, `min` or `h`.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let parse = || {
            let (letters, per) = text.split_once('/')?;
            let letters = letters.trim().parse().ok().filter(|&letters| letters > 0)?;
            let per = match per.trim() {
                "s" => Per::Second,
                "min" => Per::Minute,
                "h" => Per::Hour,
                _ => return None,
            };
            Some(Self { letters, per })
        };
        parse().ok_or_else(|| RateError(Line::clean_to(text, 40)))
    }

    /// The time from one letter to the next.
    #[must_use]
    pub fn gap(self) -> Duration {
        let per = match self.per {
            Per::Second => 1,
            Per::Minute => 60,
            Per::Hour => 3_600,
        };
        Duration::from_secs(per) / self.letters
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = match self.per {
            Per::Second => "s",
            Per::Minute => "min",
            Per::Hour => "h",
        };
        write!(f, "{}/{per}", self.letters)
    }
}

/// The pace of a send, shared by its sessions.
#[derive(Debug)]
pub struct Pace(Mutex<Beat>);

impl Pace {
    /// A pace of at most `rate`, or as fast as the relay takes it.
    #[must_use]
    pub fn new(rate: Option<Rate>) -> Self {
        Self(Mutex::new(Beat::new(
            rate.map_or(Duration::ZERO, Rate::gap),
        )))
    }

    /// Waits until the next letter may leave. Dropped while it waits, it has used its turn up.
    pub async fn turn(&self) {
        let now = Instant::now();
        let turn = self.beat(|beat| beat.book(now));
        if turn > now {
            sleep_until(turn).await;
        }
    }

    /// Takes note of what became of a letter: a request to slow down widens the gap, an accepted letter narrows it.
    pub fn heard(&self, verdict: &Verdict) {
        match verdict {
            Verdict::Accepted(_) => self.beat(Beat::quicken),
            Verdict::Deferred(reply) => self.refused(reply),
            Verdict::Rejected(_) | Verdict::InDoubt => {}
        }
    }

    /// Takes note of a refusal in the greeting or the log-in.
    pub fn refused(&self, reply: &Reply) {
        if is_throttling(reply) {
            self.slow_down();
        }
    }

    /// Widens the gap: a session was lost, and another is to be tried.
    pub fn slow_down(&self) {
        let now = Instant::now();
        self.beat(|beat| beat.slow_down(now));
    }

    /// The gap that the relay's requests to slow down have led to; zero when there is none.
    #[must_use]
    pub fn gap(&self) -> Duration {
        self.beat(|beat| beat.gap)
    }

    fn beat<T>(&self, act: impl FnOnce(&mut Beat) -> T) -> T {
        // Whoever panicked with the lock held left whole numbers behind.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The arithmetic, with time as an argument.
#[derive(Debug)]
struct Beat {
    /// The gap that was asked for.
    rate: Duration,
    /// The gap that the relay asked for.
    gap: Duration,
    /// When the next letter may leave; `None` before the first.
    next: Option<Instant>,
    /// When the gap last grew.
    grown: Option<Instant>,
}

impl Beat {
    const fn new(rate: Duration) -> Self {
        Self {
            rate,
            gap: Duration::ZERO,
            next: None,
            grown: None,
        }
    }

    /// Books a turn and says when it is.
    fn book(&mut self, now: Instant) -> Instant {
        let turn = self.next.map_or(now, |next| {
            now.checked_sub(CATCH_UP)
                .map_or(next, |earliest| next.max(earliest))
        });
        self.next = Some(turn + self.rate.max(self.gap));
        turn
    }

    fn slow_down(&mut self, now: Instant) {
        // Eight sessions hear the same request at once; that is one request.
        if self.grown.is_some_and(|grown| now < grown + self.gap) {
            return;
        }
        self.gap = (self.gap.max(self.rate) * 2).clamp(FIRST_GAP, LONGEST_GAP);
        self.grown = Some(now);
        self.next = self.next.max(Some(now + self.gap));
    }

    fn quicken(&mut self) {
        self.gap = self.gap * 7 / 8;
        if self.gap <= self.rate.max(SHORTEST_GAP) {
            self.gap = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (text, gap) in [
            ("50/s", 20_000),
            (" 600 / min", 100_000),
            ("10000/h", 360_000),
            ("5500/s", 181),
        ] {
            let rate = Rate::parse(text).unwrap();
            assert_eq!(rate.gap().as_micros(), gap, "{text}");
            assert_eq!(Rate::parse(&rate.to_string()), Ok(rate));
        }
        for text in ["", "50", "0/s", "-1/s", "50/d", "50/s/s", "1.5/s"] {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
        insta::assert_snapshot!(Rate::parse("fast\u{7}").unwrap_err(), @"`fast` is not a rate: expected a number of letters per time, such as `50/s`, `600/min` or `10000/h`");
    }

    fn millis(beat: &mut Beat, start: Instant, now: u64) -> i64 {
        let turn = beat.book(start + Duration::from_millis(now));
        let early = start.saturating_duration_since(turn).as_millis();
        i64::try_from((turn - start).as_millis()).unwrap() - i64::try_from(early).unwrap()
    }

    #[test]
    fn turns_keep_their_distance_and_are_not_saved_up() {
        let start = Instant::now() + Duration::from_secs(1);
        let mut beat = Beat::new(Duration::from_millis(10));
        let turns =
            [0, 0, 0, 35, 1_000, 1_000, 1_000, 1_000].map(|now| millis(&mut beat, start, now));
        assert_eq!(turns, [0, 10, 20, 30, 980, 990, 1_000, 1_010]);
        let mut free = Beat::new(Duration::ZERO);
        assert_eq!(
            [0, 0, 7].map(|now| millis(&mut free, start, now)),
            [0, 0, 0]
        );
    }

    #[test]
    fn slows_down_once_for_all_sessions_and_recovers() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut beat = Beat::new(Duration::ZERO);
        let mut gaps = Vec::new();
        for now in [
            0, 1, 2, 600, 700, 2_000, 9_000, 20_000, 40_000, 90_000, 200_000,
        ] {
            beat.slow_down(at(now));
            gaps.push(beat.gap.as_millis());
        }
        assert_eq!(
            gaps,
            [
                500, 500, 500, 1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000
            ]
        );
        assert_eq!(beat.book(at(200_001)), at(260_000));
        let accepted = std::iter::repeat_with(|| beat.quicken()).take(100).count();
        assert_eq!((accepted, beat.gap), (100, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_shared_pace_waits() {
        let pace = Pace::new(Rate::parse("600/min").ok());
        let start = Instant::now();
        for _ in 0..11 {
            pace.turn().await;
        }
        assert_eq!(start.elapsed().as_millis(), 1_000);
        pace.heard(&Verdict::Deferred(Reply::new(450, "4.7.1 too fast")));
        assert_eq!(pace.gap(), FIRST_GAP);
        pace.heard(&Verdict::Deferred(Reply::new(452, "4.2.2 full")));
        pace.heard(&Verdict::Accepted(Reply::new(250, "ok")));
        assert!(pace.gap() < FIRST_GAP);
    }
}
