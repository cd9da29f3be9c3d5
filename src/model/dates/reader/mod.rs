//! Walks along a date and keeps what its numbers and words say.

mod said;

use chrono::{NaiveDate, NaiveTime};

use super::simplify::simplified;
use super::words::{
    AFTERNOON, ERAS, FORENOON, ZONE_RULES, ZONES, is_one_of, looks_like_zone, month, says_hour,
};
use super::{LONGEST, Order, calendar};
use crate::model::zone::Zone;

/// What a date has said.
#[derive(Default)]
pub(super) struct Parts {
    /// A day written in one piece.
    day: Option<NaiveDate>,
    year: Option<u32>,
    month: Option<u32>,
    /// Whether the month has a Persian name.
    persian: bool,
    /// Numbers on their own.
    numbers: Vec<Number>,
    clock: Option<NaiveTime>,
    afternoon: Option<bool>,
    /// Minutes east.
    offset: Option<i32>,
    rules: Option<Zone>,
    /// The year before the first of the era that was named last.
    era: Option<u32>,
    /// Whether a `T` between digits came last: what follows is a time.
    time_next: bool,
    /// In which order the day and the month of a slashed date are, if that date itself tells it.
    pub order: Option<Order>,
}

#[derive(Clone, Copy)]
struct Number {
    value: u32,
    digits: usize,
    /// Whether a point follows.
    point: bool,
}

impl Number {
    /// `None` of more digits than any part of a date has.
    fn parse(digits: &str, point: bool) -> Option<Self> {
        Some(Self {
            value: digits.parse().ok()?,
            digits: digits.len(),
            point,
        })
    }

    /// The year it is if it is one.
    fn year(self) -> Option<u32> {
        match self.digits {
            4 => Some(self.value),
            2 => Some(2000 + self.value),
            _ => None,
        }
    }
}

impl Parts {
    /// What `text` says; `None` if something in it makes the whole unreadable. `order`: of `08/09/2026`.
    pub(super) fn read(text: &str, order: Option<Order>) -> Option<Self> {
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        let text = simplified(text);
        let mut parts = Self::default();
        let mut inside = Vec::new();
        let mut rest = text.as_str();
        let mut before = ' ';
        while let Some(c) = rest.chars().next() {
            let length = if let Some(end) = closing(c).and_then(|close| rest.find(close)) {
                inside.push(&rest[c.len_utf8()..end]);
                end
            } else if c.is_ascii_digit() {
                parts.numbers(rest, order)?
            } else if matches!(c, '+' | '-') && parts.offset_may_follow(c, before) {
                parts.offset(rest)?
            } else if c.is_alphabetic() {
                parts.word(rest, before)?
            } else {
                c.len_utf8()
            };
            let (read, more) = rest.split_at(length.max(c.len_utf8()));
            before = read.chars().next_back()?;
            rest = more;
        }
        // `15:07 +0200 (CEST)` says it twice, `15:07 (UTC+2)` and `15:07[Europe/Lisbon]` once.
        for words in inside {
            if parts.clock.is_some() && parts.offset.is_none() && parts.rules.is_none() {
                parts.bracketed(words.trim());
            }
        }
        Some(parts)
    }

    fn bracketed(&mut self, words: &str) {
        let name = words.split(['+', '-', ' ']).next().unwrap_or_default();
        let sign = words[name.len()..].trim_start();
        let known = self.zone(&words.to_lowercase()) || self.zone(&name.to_lowercase());
        if sign.starts_with(['+', '-']) && (known || name.is_empty()) {
            _ = self.offset(sign);
        }
    }

    fn offset_may_follow(&self, sign: char, before: char) -> bool {
        if sign == '+' && self.day.is_some() {
            return true;
        }
        let apart = sign == '-' && !before.is_whitespace() && !before.is_alphanumeric();
        self.clock.is_some() && !apart
    }

    /// `+0100`, `-03:00`, `+2`; how much of the text it takes. A sign before no digit is a dash.
    fn offset(&mut self, text: &str) -> Option<usize> {
        let (sign, digits) = text.split_at(1);
        let is_part = |c: char| c.is_ascii_digit() || c == ':';
        let end = digits.find(|c| !is_part(c)).unwrap_or(digits.len());
        let digits = &digits[..end];
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(1);
        }
        let (hours, minutes) = match digits.split_once(':') {
            Some(parts) => parts,
            None if digits.len() <= 2 => (digits, "0"),
            None => digits.split_at(digits.len() - 2),
        };
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        if hours > 14 || minutes > 59 {
            return None;
        }
        let east = if sign == "-" { -1 } else { 1 } * (hours * 60 + minutes);
        // Behind a name it is meant: `GMT+0200`.
        self.offset = Some(self.offset.filter(|named| *named != 0).unwrap_or(east));
        Some(1 + end)
    }

    /// Numbers up to the next thing that is none; how much of the text they take.
    fn numbers(&mut self, text: &str, order: Option<Order>) -> Option<usize> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut end = digits(text);
        let separator = text[end..].chars().next().unwrap_or(' ');
        let mut pieces = vec![&text[..end]];
        while matches!(separator, '-' | '/' | '.' | ':') && text[end..].starts_with(separator) {
            let more = digits(&text[end + 1..]);
            if more == 0 {
                break;
            }
            pieces.push(&text[end + 1..][..more]);
            end += 1 + more;
        }
        let point = text[end..].starts_with('.');
        let time_next = std::mem::take(&mut self.time_next);
        match (separator, &pieces[..]) {
            (_, [one]) if time_next && one.len() % 2 == 0 => {
                let piece = |at| one.get(at..at + 2).unwrap_or("0");
                self.clock([piece(0), piece(2), piece(4)])?;
            }
            (_, [one]) => return self.number(one, &text[end..]).map(|more| end + more),
            (':', [year, hour, minute, more @ ..]) if year.len() == 4 => {
                self.numbers.push(Number::parse(year, false)?);
                self.clock([hour, minute, more.first().copied().unwrap_or("0")])?;
            }
            (':', [hour, minute, more @ ..]) if more.len() < 2 => {
                self.clock([hour, minute, more.first().copied().unwrap_or("0")])?;
            }
            // `15.07`; `23.08. 2026` is a date.
            ('.', [hour, minute]) if minute.len() == 2 && !point => {
                self.clock([hour, minute, "0"])?;
            }
            ('.', [day, month]) if point => {
                self.numbers.push(Number::parse(day, true)?);
                self.numbers.push(Number::parse(month, true)?);
            }
            ('-' | '/' | '.', [first, second, third]) => {
                let written = [first, second, third].map(|piece| Number::parse(piece, false));
                let [Some(first), Some(second), Some(third)] = written else {
                    return None;
                };
                let day = self.triple(separator, [first, second, third], order)?;
                self.set_day(day)?;
            }
            _ => return None,
        }
        if self.clock.is_some() && separator == ':' {
            // A fraction of the last second.
            let fraction = text[end..].strip_prefix(['.', ',']).map_or(0, digits);
            end += if fraction > 0 { fraction + 1 } else { 0 };
        }
        Some(end)
    }

    /// A number on its own; how much of what follows belongs to it.
    fn number(&mut self, written: &str, behind: &str) -> Option<usize> {
        match written.len() {
            8 => return self.set_day(compact(written)?).map(|()| 0),
            12 | 14 => {
                let seconds = written.get(12..).filter(|text| !text.is_empty());
                self.clock([&written[8..10], &written[10..12], seconds.unwrap_or("0")])?;
                return self.set_day(compact(&written[..8])?).map(|()| 0);
            }
            _ => {}
        }
        let number = Number::parse(written, behind.starts_with('.'));
        let number = number.filter(|one| one.digits < 15)?;
        let unit = behind.trim_start();
        let first = unit.chars().next().unwrap_or(' ');
        let width = behind.len() - unit.len() + first.len_utf8();
        match first {
            '年' | '년' => {
                self.year = Some(number.value + self.era.take().unwrap_or(0));
                return Some(width);
            }
            '月' | '월' => self.month = Some(number.value),
            '日' | '일' | '号' | '號' => self.numbers.push(number),
            '時' | '时' | '시' | '點' | '点' => {
                return self.hour(written, &behind[width..], width);
            }
            'h' if !unit[1..].starts_with(char::is_alphabetic) && self.clock.is_none() => {
                return self.hour(written, &behind[width..], width);
            }
            _ if number.digits <= 2 && self.clock.is_none() && says_hour(unit) => {
                self.clock([written, "0", "0"])?;
                return Some(0);
            }
            _ if matches!(number.digits, 1 | 2 | 4) => {
                self.numbers.push(number);
                return Some(0);
            }
            _ => return None,
        }
        Some(width)
    }

    /// `15h07`, `15 h`, `15時07分`: the minutes that may follow, and how much of the text that is, with the `taken` before.
    fn hour(&mut self, hour: &str, behind: &str, taken: usize) -> Option<usize> {
        let minutes = behind.trim_start();
        let digits = minutes.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 2 {
            self.clock([hour, "0", "0"])?;
            return Some(taken);
        }
        self.clock([hour, &minutes[..digits], "0"])?;
        let rest = minutes[digits..].trim_start_matches(['分', '분']);
        // Of seconds nothing is kept.
        let seconds = rest.trim_start();
        let after = seconds.trim_start_matches(|c: char| c.is_ascii_digit());
        let end = after.strip_prefix(['秒', '초']).unwrap_or(rest);
        Some(taken + behind.len() - end.len())
    }

    fn clock(&mut self, pieces: [&str; 3]) -> Option<()> {
        let [Ok(hour), Ok(minute), Ok(second)] = pieces.map(str::parse::<u32>) else {
            return None;
        };
        let time = NaiveTime::from_hms_opt(hour % 24, minute, second.min(59));
        let time = time.filter(|_| hour <= 24 && self.clock.is_none())?;
        self.clock = Some(time);
        Some(())
    }

    fn set_day(&mut self, day: NaiveDate) -> Option<()> {
        self.day.replace(day).is_none().then_some(())
    }

    /// `2026-08-24`, `2026/8/24`, `24.08.2026`; of `08/09/2026` only an order tells which is the month.
    fn triple(
        &mut self,
        separator: char,
        [a, b, c]: [Number; 3],
        order: Option<Order>,
    ) -> Option<NaiveDate> {
        if a.digits == 4 {
            return calendar::day(a.value, b.value, c.value, false);
        }
        if separator == '.' {
            return calendar::day(c.year()?, b.value, a.value, false);
        }
        let own = match (a.value > 12, b.value > 12) {
            (true, _) => Some(Order::DayFirst),
            (_, true) => Some(Order::MonthFirst),
            _ => None,
        };
        if c.digits == 4 {
            self.order = own;
        } else if order.is_none() {
            return None;
        }
        match own.or(order) {
            Some(Order::DayFirst) => calendar::day(c.year()?, b.value, a.value, false),
            Some(Order::MonthFirst) => calendar::day(c.year()?, a.value, b.value, false),
            None if a.value == b.value => calendar::day(c.year()?, a.value, b.value, false),
            None => None,
        }
    }

    /// A word; how much of the text it takes. `None` if it makes the whole unreadable.
    fn word(&mut self, text: &str, before: char) -> Option<usize> {
        let mut end = 0;
        for (at, c) in text.char_indices() {
            let behind = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
            // `a.m`, `Europe/Lisbon`, `ago’`.
            let joins = matches!(c, '.' | '/' | '_') && behind.is_alphabetic();
            if !c.is_alphabetic() && !joins && !matches!(c, '׳' | '״' | '\'' | '’') {
                break;
            }
            end = at + c.len_utf8();
        }
        let written = &text[..end];
        let bare: String = written
            .chars()
            .filter(|c| !matches!(c, '׳' | '״' | '\'' | '’' | '.'))
            .flat_map(char::to_lowercase)
            // Of `İ` in small letters.
            .filter(|c| *c != '\u{307}')
            .collect();
        let next = text[end..].chars().next().unwrap_or(' ');
        if bare == "t" && before.is_ascii_digit() && next.is_ascii_digit() {
            self.time_next = true;
            return Some(end);
        }
        if let Some((_, years)) = ERAS.iter().find(|(era, _)| bare.ends_with(era)) {
            self.era = Some(*years);
        } else if self.clock.is_some() && self.zone(&bare) {
        } else if is_one_of(&bare, &FORENOON, self.clock.is_some()) {
            self.afternoon = Some(false);
        } else if is_one_of(&bare, &AFTERNOON, self.clock.is_some()) {
            self.afternoon = Some(true);
        } else if let Some((month, persian)) = bare.split('/').find_map(month) {
            // The last word that may be a month is it: a Spanish Tuesday is written like March.
            (self.month, self.persian) = (Some(month), persian);
        } else if self.clock.is_some() && self.offset.is_none() && looks_like_zone(written) {
            return None;
        }
        Some(end)
    }

    /// Whether the word names a zone, which then counts: `est`, `europe/lisbon`.
    fn zone(&mut self, word: &str) -> bool {
        if let Some((_, minutes)) = ZONES.iter().find(|(name, _)| *name == word) {
            self.offset = self.offset.or(Some(*minutes));
            return true;
        }
        let rules = ZONE_RULES.iter().find(|(name, _)| *name == word);
        let name = rules.map(|(_, rules)| *rules);
        let name = name.or(Some(word).filter(|word| word.contains('/')));
        let Some(rules) = name.and_then(|name| Zone::bundled(name).ok()) else {
            return false;
        };
        self.rules = Some(rules);
        true
    }
}

/// `20260824`.
fn compact(digits: &str) -> Option<NaiveDate> {
    let number = |from: usize, to: usize| digits.get(from..to)?.parse().ok();
    calendar::day(number(0, 4)?, number(4, 6)?, number(6, 8)?, false)
}

fn closing(open: char) -> Option<char> {
    [('(', ')'), ('[', ']'), ('（', '）'), ('<', '>')]
        .iter()
        .find_map(|(from, to)| (*from == open).then_some(*to))
}
