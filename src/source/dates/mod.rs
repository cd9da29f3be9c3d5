//! Dates as feeds and pages write them: numbers and words in any order, in sixteen languages.
//!
//! Nothing is guessed. Where the order of day and month cannot be told, or a zone has a name that is not known, a date is not read: hours
//! off, or months off, is worse than nothing.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::date_words::{MONTHS, ZONE_RULES, ZONES};
use crate::model::zone::Zone;

/// The longest date, in octets.
const LONGEST: usize = 160;

/// When something was published, as far as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    /// Of a mere day, when it began.
    pub at: DateTime<Utc>,
    /// Whether only the day is known.
    pub is_day: bool,
}

impl Date {
    /// The instant; of a mere day its middle, or the middle of what has passed of it. Taken as published when it began, the stories of a
    /// whole day would be too old for the edition of the next morning, and be in none.
    pub(super) fn middle(self, now: DateTime<Utc>) -> DateTime<Utc> {
        if self.is_day {
            of_day(self.at, now)
        } else {
            self.at
        }
    }
}

/// The middle of the day that began at `start`, or of what has passed of it.
pub(super) fn of_day(start: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    start + (now - start).clamp(TimeDelta::zero(), TimeDelta::days(1)) / 2
}

/// Whether `date` is midnight in universal time, as which many systems write a day.
pub(super) fn is_midnight(date: DateTime<Utc>) -> bool {
    date.time() == NaiveTime::MIN
}

/// The date that `text` names, if it can be told. One without a zone is of `zone`.
pub(super) fn parse(text: &str, zone: &Zone) -> Option<Date> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(Date {
            at: instant.to_utc(),
            is_day: false,
        });
    }
    since_1970(text).or_else(|| {
        let mut parts = Parts::default();
        for word in simplified(text).split_whitespace() {
            parts.take(word)?;
        }
        parts.date(zone)
    })
}

/// Seconds or milliseconds since 1970.
fn since_1970(text: &str) -> Option<Date> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = text.parse().ok()?;
    let at = match text.len() {
        10 => DateTime::from_timestamp(number, 0),
        13 => DateTime::from_timestamp_millis(number),
        _ => None,
    };
    at.map(|at| Date { at, is_day: false })
}

/// The text with ASCII digits, with words and numbers apart, without what is in brackets.
fn simplified(text: &str) -> String {
    let mut simple = String::with_capacity(text.len());
    let mut inside = 0_usize;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let before = simple.chars().next_back().unwrap_or(' ');
        let next = characters.peek().copied().unwrap_or(' ');
        match c {
            '(' | '[' => inside += 1,
            ')' | ']' => inside = inside.saturating_sub(1),
            _ if inside > 0 => {}
            '年' | '月' | '년' | '월' | '−' | '–' | '—' => simple.push('-'),
            '日' | '일' | '分' | '秒' | '분' | '초' | ',' | '،' | '，' | '、' | ';' | '|' | '·' =>
            {
                simple.push(' ');
            }
            '時' | '时' | '시' | '點' | '点' => simple.push(':'),
            // `2026-08-24T05:10` and `23-Aug-2026`.
            'T' | 't' if before.is_ascii_digit() && next.is_ascii_digit() => simple.push(' '),
            '-' if before.is_ascii_digit() && next.is_alphabetic() => simple.push(' '),
            '-' if before.is_alphabetic()
                && next.is_ascii_digit()
                && month(simple.rsplit(' ').next().unwrap_or_default()).is_some() =>
            {
                simple.push(' ');
            }
            // Marks of direction.
            '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' => {}
            c => match digit(c) {
                Some(digit) => simple.push(digit),
                None => simple.push(c),
            },
        }
    }
    for (written, meant) in [
        ("كانون الثاني", "يناير"),
        ("تشرين الأول", "أكتوبر"),
        ("تشرين الثاني", "نوفمبر"),
        ("كانون الأول", "ديسمبر"),
        ("午前", " ante "),
        ("上午", " ante "),
        ("午後", " post "),
        ("下午", " post "),
    ] {
        if simple.contains(written) {
            simple = simple.replace(written, meant);
        }
    }
    simple
}

/// The ASCII digit that an Arabic, Persian, Devanagari or full-width one is.
fn digit(c: char) -> Option<char> {
    let zero = [0x660_u32, 0x6f0, 0x966, 0xff10]
        .into_iter()
        .find(|zero| (*zero..zero + 10).contains(&u32::from(c)))?;
    char::from_digit(u32::from(c) - zero, 10)
}

/// What the words of a date have said.
#[derive(Default)]
struct Parts {
    /// A date written in one piece.
    day: Option<NaiveDate>,
    month: Option<u32>,
    /// Single numbers, and whether a point follows.
    numbers: Vec<(u32, usize, bool)>,
    clock: Option<NaiveTime>,
    afternoon: Option<bool>,
    /// Minutes east.
    offset: Option<i32>,
    rules: Option<Zone>,
}

impl Parts {
    /// `None` if the word makes the whole unreadable.
    fn take(&mut self, written: &str) -> Option<()> {
        let lower = written.to_lowercase();
        let word = lower.trim_end_matches(['.', ':']);
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number(word, lower.ends_with('.'));
        }
        if self.clock.is_some() && self.zone(word) {
            return Some(());
        }
        match word.replace('.', "").as_str() {
            "am" | "ص" | "öö" if self.clock.is_some() => self.afternoon = Some(false),
            "pm" | "م" | "ös" if self.clock.is_some() => self.afternoon = Some(true),
            "ante" => self.afternoon = Some(false),
            "post" => self.afternoon = Some(true),
            _ => match month(word) {
                // The last word that may be a month is it: a Spanish Tuesday is written like March.
                Some(month) => self.month = Some(month),
                None if self.clock.is_some()
                    && self.offset.is_none()
                    && looks_like_zone(written) =>
                {
                    return None;
                }
                None => {}
            },
        }
        Some(())
    }

    fn number(&mut self, word: &str, point: bool) -> Option<()> {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let (head, tail) = word.split_at(digits);
        let value: Option<u32> = head.parse().ok();
        if tail.is_empty() && self.day.is_some() && self.clock.is_none() && matches!(digits, 4 | 6)
        {
            // `20260824T051000`.
            self.clock = Some(time(&[
                &head[..2],
                &head[2..4],
                head.get(4..).unwrap_or("0"),
            ])?);
        } else if tail.is_empty() && digits == 8 {
            self.day = Some(NaiveDate::parse_from_str(head, "%Y%m%d").ok()?);
        } else if tail.is_empty() && digits == 14 {
            self.number(&head[..8], false)?;
            self.number(&head[8..], false)?;
        } else if tail.starts_with(':') || (tail.starts_with('h') && digits <= 2) {
            self.clock(word)?;
        } else if tail.starts_with(['-', '/', '.']) {
            self.day = Some(triple(word)?);
        } else if digits <= 2 && ["am", "pm", "uhr"].contains(&tail) {
            self.clock = Some(time(&[head, "0", "0"])?);
            self.afternoon = (tail != "uhr").then_some(tail == "pm");
        } else if self.clock.is_some() || digits == 6 && !tail.is_empty() && self.day.is_some() {
            if self.clock.is_none() {
                self.number(head, false)?;
                self.zone(tail).then_some(())?;
            } else {
                // A year may follow the clock: `Sun Aug 23 15:07:00 2026`.
                self.numbers.push((value?, digits, point));
            }
        } else {
            self.numbers.push((value?, digits, point));
        }
        Some(())
    }

    /// `15:07`, `15:07:41.123+0200`, `5:10pm`, `15h07`.
    fn clock(&mut self, word: &str) -> Option<()> {
        if self.clock.is_some() {
            return None;
        }
        let end = word
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | 'h'))
            .unwrap_or(word.len());
        let (clock, rest) = word.split_at(end);
        let parts: Vec<&str> = clock
            .split([':', '.', 'h'])
            .filter(|part| !part.is_empty())
            .collect();
        self.clock = Some(time(&parts)?);
        match rest {
            "" => {}
            "am" => self.afternoon = Some(false),
            "pm" => self.afternoon = Some(true),
            rest => self.zone(rest).then_some(())?,
        }
        Some(())
    }

    /// Whether the word is a zone: `+0100`, `-03:00`, `+2`, `EST`, `GMT+0200`, `Europe/Lisbon`.
    fn zone(&mut self, word: &str) -> bool {
        let bare = ["gmt", "utc", "ut"]
            .iter()
            .find_map(|name| word.strip_prefix(name))
            .filter(|rest| rest.starts_with(['+', '-']))
            .unwrap_or(word);
        let named = |name: &&(&str, i32)| name.0 == word;
        if let Some(minutes) = offset(bare).or_else(|| Some(ZONES.iter().find(named)?.1)) {
            self.offset = self.offset.or(Some(minutes));
            return true;
        }
        let name = ZONE_RULES
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, rules)| *rules);
        let name = name.or(Some(word).filter(|word| word.contains('/')));
        let Some(rules) = name.and_then(|name| Zone::bundled(name).ok()) else {
            return false;
        };
        self.rules = Some(rules);
        true
    }

    fn date(self, zone: &Zone) -> Option<Date> {
        let day = self.day.map_or_else(|| self.in_words(), Some)?;
        let Some(mut clock) = self.clock else {
            return Some(Date {
                at: zone.begins(day),
                is_day: true,
            });
        };
        if let Some(afternoon) = self.afternoon {
            use chrono::Timelike as _;
            clock = clock.with_hour(clock.hour() % 12 + if afternoon { 12 } else { 0 })?;
        }
        let local = day.and_time(clock);
        let at = match self.offset {
            Some(minutes) => local
                .checked_sub_signed(TimeDelta::minutes(minutes.into()))?
                .and_utc(),
            None => self.rules.as_ref().unwrap_or(zone).first(local),
        };
        Some(Date { at, is_day: false })
    }

    /// `24 August 2026`, `August 24, 2026`, `2026. 8. 23.`
    fn in_words(&self) -> Option<NaiveDate> {
        let year = |(number, digits, _): (u32, usize, bool)| match digits {
            4 => i32::try_from(number).ok(),
            2 => i32::try_from(2000 + number).ok(),
            _ => None,
        };
        match (self.month, &self.numbers[..]) {
            (Some(month), [first, second, ..]) => {
                let (day, of) = if first.1 == 4 {
                    (second, first)
                } else {
                    (first, second)
                };
                NaiveDate::from_ymd_opt(year(*of)?, month, day.0)
            }
            (None, [a, b, c, ..]) if a.1 == 4 && a.2 => {
                NaiveDate::from_ymd_opt(year(*a)?, b.0, c.0)
            }
            (None, [a, b, c, ..]) if a.2 && b.2 => NaiveDate::from_ymd_opt(year(*c)?, b.0, a.0),
            _ => None,
        }
    }
}

/// `2026-08-24`, `2026/8/24`, `24.08.2026`; of `08/09/2026` nobody knows which is the month.
fn triple(word: &str) -> Option<NaiveDate> {
    let separator = word.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = word
        .split(separator)
        .filter(|part| !part.is_empty())
        .collect();
    let [a, b, c] = parts[..] else {
        return None;
    };
    let number = |part: &str| part.parse::<u32>().ok();
    let (first, second, third) = (number(a)?, number(b)?, number(c)?);
    let (year, month, day) = match (separator, a.len(), c.len()) {
        (_, 4, 1 | 2) => (first, second, third),
        ('.', 1 | 2, 4) => (third, second, first),
        ('.', 1 | 2, 2) => (2000 + third, second, first),
        (_, 1 | 2, 4) if first > 12 || first == second => (third, second, first),
        (_, 1 | 2, 4) if second > 12 => (third, first, second),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

fn time(parts: &[&str]) -> Option<NaiveTime> {
    let part = |at: usize| {
        parts
            .get(at)
            .map_or(Some(0), |part| part.parse::<u32>().ok())
    };
    let (hour, minute, second) = (part(0)?, part(1)?, part(2)?);
    NaiveTime::from_hms_opt(hour % 24, minute, second.min(59)).filter(|_| hour <= 24)
}

/// Minutes east of UTC.
fn offset(text: &str) -> Option<i32> {
    if let Ok(offset) = text.parse::<FixedOffset>() {
        return Some(offset.local_minus_utc() / 60);
    }
    let hours = text.strip_prefix(['+', '-'])?;
    let hours: i32 = hours.parse().ok().filter(|hours| *hours <= 14)?;
    Some(if text.starts_with('-') { -hours } else { hours } * 60)
}

/// An abbreviation where a zone would be.
fn looks_like_zone(word: &str) -> bool {
    (2..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn month(word: &str) -> Option<u32> {
    let lower = word.to_lowercase();
    let word = lower.trim_end_matches('.');
    // Hebrew writes "in" and the month as one word.
    let bare = word.strip_prefix('ב').unwrap_or(word);
    (1_u32..).zip(MONTHS).find_map(|(number, names)| {
        let mut names = names.split(' ');
        names
            .any(|name| name == word || name == bare)
            .then_some(number)
    })
}

#[cfg(test)]
mod tests;
