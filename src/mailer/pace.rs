//! How fast letters leave: the rate that was asked for, and a brake while the relay asks us to slow down.
//! It never looks at a letter, and time is an argument. One [`Beat`] is for everybody, others for single domains.
//!
//! The brake halves the speed at every request to slow down, after a pause in which nothing leaves, and gives back a sixteenth of a letter
//! per second with every letter that is taken (additive increase, multiplicative decrease: Chiu and Jain 1989, as in TCP). So the speed doubles in eleven
//! seconds, and about one letter in two hundred is deferred where the limit is 20 a second.

use std::time::Duration;

use tokio::time::Instant;

use super::Rate;

/// The first pause after a request to slow down; it doubles while nothing is taken in between.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause and the longest gap; some providers want ten minutes of rest (Gmail's 4.7.28), which deferrals give each letter anyway.
const LONGEST_GAP: Duration = Duration::from_mins(1);
/// How much faster, in letters a second, with every letter that is taken.
const STEP: f64 = 1.0 / 16.0;
/// With a gap this short the brake is off, unless letters left faster than that before.
const FREE: Duration = Duration::from_millis(5);
/// What the speed is taken for before it is measured: letters a quarter of a second apart.
const UNMEASURED: Duration = Duration::from_millis(250);
/// What may be made up for after a timer was late. Timers are a millisecond coarse, gaps are often finer.
const CATCH_UP: Duration = Duration::from_millis(20);

/// When the next letter may leave.
#[derive(Clone, Debug)]
pub struct Beat {
    /// The gap that was asked for.
    rate: Duration,
    /// The gap of the brake; zero when it is off.
    gap: Duration,
    /// The gap at which the brake is off again.
    free: Duration,
    /// The last pause; zero when a letter was taken since.
    pause: Duration,
    /// The gaps as they were, the last thirty-two or so.
    measured: Duration,
    /// When the last letter left.
    last: Option<Instant>,
    /// When the next letter may leave; `None` before the first.
    next: Option<Instant>,
    /// Requests to slow down that come before this are the last one again, heard by another session.
    deaf_until: Option<Instant>,
}

impl Beat {
    /// At most `rate`, or as fast as the relay takes it.
    #[must_use]
    pub fn new(rate: Option<Rate>) -> Self {
        Self {
            rate: rate.map_or(Duration::ZERO, Rate::gap),
            gap: Duration::ZERO,
            free: Duration::ZERO,
            pause: Duration::ZERO,
            measured: UNMEASURED,
            last: None,
            next: None,
            deaf_until: None,
        }
    }

    /// When the next letter may leave; `None`: at once.
    #[must_use]
    pub fn ready(&self, now: Instant) -> Option<Instant> {
        self.next.filter(|&next| next > now)
    }

    /// Notes that a letter leaves.
    pub fn leave(&mut self, now: Instant) {
        let since = self.last.map_or(UNMEASURED, |last| now - last);
        self.measured = (self.measured * 31 + since.min(Duration::from_secs(1))) / 32;
        self.last = Some(now);
        let turn = self.next.map_or(now, |next| {
            now.checked_sub(CATCH_UP)
                .map_or(next, |earliest| next.max(earliest))
        });
        self.next = Some(turn + self.rate.max(self.gap));
    }

    /// Notes that the relay asks for patience.
    pub fn slow_down(&mut self, now: Instant) {
        if self.deaf_until.is_some_and(|end| now < end) {
            return;
        }
        if self.gap.is_zero() {
            self.free = self.measured.min(FREE).max(self.rate);
            self.gap = self.measured.max(self.rate);
        }
        self.gap = (self.gap * 2).min(LONGEST_GAP);
        self.pause = (self.pause * 2).clamp(FIRST_PAUSE, LONGEST_GAP);
        let end = now + self.pause.max(self.gap);
        self.next = self.next.max(Some(end));
        self.deaf_until = Some(end);
    }

    /// Notes that a letter was taken.
    pub fn quicken(&mut self) {
        self.pause = Duration::ZERO;
        if self.gap.is_zero() {
            return;
        }
        self.gap = Duration::from_secs_f64(1.0 / (self.gap.as_secs_f64().recip() + STEP));
        if self.gap <= self.free {
            self.gap = Duration::ZERO;
        }
    }

    /// The gap that requests to slow down have led to; zero when there is none.
    #[must_use]
    pub const fn gap(&self) -> Duration {
        self.gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_keep_their_distance_and_are_not_saved_up() {
        let start = Instant::now() + Duration::from_secs(1);
        let after = |millis| start + Duration::from_millis(millis);
        let mut beat = Beat::new(Rate::parse("100/s").ok());
        let mut left = Vec::new();
        // Timers that are late by up to 15 ms are made up for, an idle second is not.
        for now in [0, 1, 10, 35, 36, 37, 1_000, 1_001, 1_002, 1_003] {
            if beat.ready(after(now)).is_none() {
                beat.leave(after(now));
                left.push(now);
            }
        }
        assert_eq!(left, [0, 10, 35, 36, 1_000, 1_001, 1_002]);
        let mut free = Beat::new(None);
        free.leave(start);
        assert_eq!(free.ready(start), None);
    }

    #[test]
    fn slows_down_once_for_all_sessions() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut beat = Beat::new(None);
        let mut gaps = Vec::new();
        for now in [0, 1, 2, 600, 700, 2_000, 9_000, 20_000, 60_000, 200_000] {
            beat.slow_down(at(now));
            gaps.push(beat.gap().as_millis());
        }
        assert_eq!(
            gaps,
            [
                500, 500, 500, 1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000
            ]
        );
        assert_eq!(beat.ready(at(200_001)), Some(at(232_000)));
    }

    #[test]
    fn slows_down_from_the_speed_it_had_and_comes_back_to_it() {
        let start = Instant::now();
        let mut beat = Beat::new(None);
        let mut now = start;
        for _ in 0..1_000 {
            now += Duration::from_millis(1);
            beat.leave(now);
        }
        beat.slow_down(now);
        assert_eq!(beat.gap().as_millis(), 2, "half of 1,000/s");
        assert_eq!(beat.ready(now), Some(now + FIRST_PAUSE));
        let mut taken = 0;
        while !beat.gap().is_zero() {
            beat.quicken();
            taken += 1;
        }
        assert_eq!(taken, 8_000, "500/s more, a sixteenth with each");
    }

    /// A relay that takes 40 letters a second, and says 451 to all others.
    #[test]
    fn finds_the_limit_of_a_relay() {
        let start = Instant::now();
        let mut beat = Beat::new(None);
        let mut now = start;
        let (mut second, mut this_second, mut taken, mut refused) = (0, 0, 0, 0);
        while now < start + Duration::from_mins(10) {
            if let Some(ready) = beat.ready(now) {
                now = ready;
            }
            beat.leave(now);
            if (now - start).as_secs() > second {
                (second, this_second) = ((now - start).as_secs(), 0);
            }
            this_second += 1;
            if this_second <= 40 {
                taken += 1;
                beat.quicken();
            } else {
                refused += 1;
                beat.slow_down(now);
            }
            now += Duration::from_millis(1);
        }
        assert!((16_000..24_000).contains(&taken), "{taken} of 24,000");
        assert!(refused * 150 < taken, "{refused} refused, {taken} taken");
    }
}
