//! Days and times in words: strftime's formats, with the names and digits of a language.
//!
//! The names are plain data that a newsroom can read and change. chrono's own locales (glibc's) know no grammatical case beyond their own
//! formats, no `1er` and no 12-hour clock of a paper's style.

use std::fmt::Write as _;

use chrono::format::{Fixed, Item, Numeric, Pad};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike as _};

use super::keys::{Format, Names, Word};
use super::words::Words;
use crate::model::zone::Zone;

impl Words {
    /// A day in words.
    pub(super) fn day(&self, day: NaiveDate) -> String {
        self.spell(Format::Date, &day, 0, |item, text| {
            _ = write!(text, "{}", day.format_with_items(std::iter::once(item)));
        })
    }

    /// A time of day in words, or the day of an earlier one.
    pub(super) fn moment(&self, format: Format, moment: &DateTime<Zone>) -> String {
        let moment: DateTime<FixedOffset> = moment.fixed_offset();
        self.spell(format, &moment, moment.hour(), |item, text| {
            _ = write!(text, "{}", moment.format_with_items(std::iter::once(item)));
        })
    }

    /// A day of the year in numbers, day and month in the order of [`Format::Earlier`]: `23/8`, `23.8.`, `8/23`.
    pub(super) fn day_in_numbers(&self, day: NaiveDate) -> String {
        let (month, day) = (day.month(), day.day());
        let is_month = |item: &Item<'_>| {
            let names = [Fixed::ShortMonthName, Fixed::LongMonthName].map(Item::Fixed);
            names.contains(item) || matches!(item, Item::Numeric(Numeric::Month, _))
        };
        let is_day = |item: &Item<'_>| matches!(item, Item::Numeric(Numeric::Day, _));
        let mut parts = self.format(Format::Earlier).iter();
        let month_first = parts
            .find(|item| is_month(item) || is_day(item))
            .is_some_and(is_month);
        self.in_digits(match &*self.language().primary() {
            "de" | "pl" | "ru" | "tr" | "uk" => format!("{day}.{month}."),
            _ if month_first => format!("{month}/{day}"),
            _ => format!("{day}/{month}"),
        })
    }

    fn spell<'w>(
        &'w self,
        format: Format,
        day: &impl Datelike,
        hour: u32,
        plain: impl Fn(&'w Item<'static>, &mut String),
    ) -> String {
        let name = |names, index: u32| self.name(names, index as usize);
        let weekday = day.weekday().num_days_from_monday();
        let half = || name(Names::Halves, u32::from(hour >= 12));
        let mut text = String::new();
        for item in self.format(format) {
            match item {
                Item::Fixed(Fixed::LongMonthName) => text += name(Names::Months, day.month0()),
                Item::Fixed(Fixed::ShortMonthName) => {
                    text += name(Names::MonthsShort, day.month0());
                }
                Item::Fixed(Fixed::LongWeekdayName) => text += name(Names::Days, weekday),
                Item::Fixed(Fixed::ShortWeekdayName) => text += name(Names::DaysShort, weekday),
                Item::Fixed(Fixed::UpperAmPm) => text += half(),
                Item::Fixed(Fixed::LowerAmPm) => text += &half().to_lowercase(),
                Item::Numeric(Numeric::Day, Pad::None) if day.day() == 1 => {
                    text += self.word(Word::First);
                }
                // It cannot fail: the format was tried when it was read.
                item => plain(item, &mut text),
            }
        }
        self.in_digits(text)
    }

    /// The same with the language's digits.
    pub(super) fn in_digits(&self, text: String) -> String {
        let digits = self.word(Word::Digits);
        if digits == "0123456789" {
            return text;
        }
        let digit = |c: char| digits.chars().nth(c.to_digit(10)? as usize);
        text.chars().map(|c| digit(c).unwrap_or(c)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::date_format::parse;
    use super::super::words::FILES;
    use super::*;
    use crate::model::newsletter::Language;

    fn tags() -> Vec<&'static str> {
        FILES.iter().map(|(tag, _)| *tag).collect()
    }

    fn words(tag: &str) -> Words {
        Words::built_in(&Language::parse(tag).unwrap())
    }

    #[test]
    fn a_day_in_numbers() {
        let day = "2026-08-03".parse().unwrap();
        let of = |tag: &str| words(tag).day_in_numbers(day);
        let found = [
            "en", "en-US", "de", "fr", "ru", "ja", "zh", "fa", "tr", "he",
        ]
        .map(of);
        assert_eq!(
            found.join(" "),
            "3/8 8/3 3.8. 3/8 3.8. 8/3 8/3 ۳/۸ 3.8. 3/8"
        );
    }

    #[test]
    fn a_day_in_every_language() {
        let day = |tag: &str| {
            let (words, zone) = (words(tag), Zone::bundled("Europe/Lisbon").unwrap());
            let moment = zone.at("2026-08-01T17:05:00Z".parse().unwrap());
            let time = words.moment(Format::Time, &moment);
            let earlier = words.moment(Format::Earlier, &moment);
            format!(
                "{tag} | {} | {time} | {earlier}",
                words.day("2026-08-24".parse().unwrap())
            )
        };
        insta::assert_snapshot!(tags().into_iter().map(day).collect::<Vec<_>>().join("\n"), @"
        ar | الاثنين، 24 أغسطس 2026 | 18:05 | السبت، 1 أغسطس
        de | Montag, 24. August 2026 | 18:05 | Sa, 1. Aug.
        en | Monday, 24 August 2026 | 18:05 | Sat 1 Aug
        en-US | Monday, August 24, 2026 | 6:05 p.m. | Sat, Aug 1
        es | lunes, 24 de agosto de 2026 | 18:05 | sáb, 1 ago
        fa | دوشنبه ۲۴ اوت ۲۰۲۶ | ۱۸:۰۵ | شنبه ۱ اوت
        fr | lundi 24 août 2026 | 18h05 | sam. 1er août
        he | יום שני, 24 באוגוסט 2026 | 18:05 | שבת, 1 באוג׳
        it | lunedì 24 agosto 2026 | 18:05 | sab 1º ago
        ja | 2026年8月24日(月) | 18:05 | 8月1日(土)
        nl | maandag 24 augustus 2026 | 18:05 | za 1 aug
        pl | poniedziałek, 24 sierpnia 2026 | 18:05 | sob., 1 sie
        pt | segunda-feira, 24 de agosto de 2026 | 18:05 | sáb., 1 ago.
        pt-BR | segunda-feira, 24 de agosto de 2026 | 18h05 | sáb., 1º ago.
        ru | понедельник, 24 августа 2026 | 18:05 | сб, 1 авг.
        tr | 24 Ağustos 2026 Pazartesi | 18:05 | 1 Ağu Cmt
        uk | понеділок, 24 серпня 2026 | 18:05 | сб, 1 серп.
        zh | 2026年8月24日 星期一 | 18:05 | 8月1日 周六
        zh-Hant | 2026年8月24日 星期一 | 18:05 | 8月1日 週六
        ");
    }

    #[test]
    fn every_month_and_day_has_its_name() {
        for tag in tags() {
            let words = words(tag);
            for month in 1..=12 {
                for day in 1..=7 {
                    let day = NaiveDate::from_ymd_opt(2026, month, day).unwrap();
                    let shown = words.day(day)
                        + &words.moment(
                            Format::Earlier,
                            &Zone::utc().begins(day).with_timezone(&Zone::utc()),
                        );
                    assert!(
                        !shown.contains(['%', '{']) && !shown.is_empty(),
                        "{tag}: {shown}"
                    );
                }
            }
            for names in Names::ALL {
                for index in 0..names.count() {
                    assert!(
                        !words.name(*names, index).is_empty(),
                        "{tag}: {} {index}",
                        names.key()
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_day_in_any_zone_can_be_told(
            days in -96_000_000_i64..95_000_000,
            second in -8_000_000_000_000_i64..8_000_000_000_000,
            zone in prop::sample::select(vec!["Asia/Kathmandu", "America/Los_Angeles", "Pacific/Apia", "UTC"]),
            tag in prop::sample::select(tags()),
            format in "(%[aAbBcCdDeFgGhHIjklmMnpPrRsSTuUvVwWxXyYzZ%+.]|%-[dHIm]|[ a-z年])*",
        ) {
            let mut words = words(tag);
            let day = NaiveDate::from_epoch_days(i32::try_from(days).unwrap());
            let moment = DateTime::from_timestamp(second, 0).map(|moment| Zone::bundled(zone).unwrap().at(moment));
            for key in Format::ALL {
                if let Ok(items) = parse(*key, &format) {
                    words.set_format(*key, items);
                }
                if let Some(day) = day {
                    _ = words.day(day);
                }
                if let Some(moment) = &moment && *key != Format::Date {
                    _ = words.moment(*key, moment);
                }
            }
        }
    }
}
