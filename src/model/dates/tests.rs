use super::*;
use proptest::prelude::*;

fn style(zone: &str, language: &str) -> DateStyle {
    DateStyle::new(
        Zone::bundled(zone).unwrap(),
        &Language::parse(language).unwrap(),
    )
}

fn found(text: &str, zone: &str) -> String {
    told(parse(text, &style(zone, "en")))
}

fn told(date: Option<Date>) -> String {
    date.map_or("none".into(), |date| {
        let form = if date.is_day {
            "%Y-%m-%d day"
        } else {
            "%Y-%m-%d %H:%M:%S"
        };
        date.at.format(form).to_string()
    })
}

fn check(text: &str, expected: &str) {
    assert_eq!(found(text, "UTC"), expected, "{text}");
}

#[test]
fn a_mere_day_is_taken_at_its_middle() {
    let at = |text: &str| parse(text, &DateStyle::universal()).unwrap();
    let now = at("2026-08-24 06:30").at;
    let taken = |text: &str| at(text).middle(now).format("%d %H:%M").to_string();
    assert_eq!(taken("2026-08-23"), "23 12:00");
    assert_eq!(taken("2026-08-24"), "24 03:15");
    assert_eq!(taken("2026-08-25"), "25 00:00");
    assert_eq!(taken("2026-08-23 00:01"), "23 00:01");
    assert_eq!(taken("2026-08-23 00:00"), "23 00:00");
}

#[test]
fn reads_what_feeds_write() {
    check("2026-08-24T05:10:00+01:00", "2026-08-24 04:10:00");
    check("Mon, 24 Aug 2026 05:10:00 GMT", "2026-08-24 05:10:00");
    check("Tue, 24 Aug 2026 05:10:00 +0000", "2026-08-24 05:10:00");
    check("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24 22:42:40");
    check("mar, 24 feb 2026 08:00:00 +0100", "2026-02-24 07:00:00");
    check("Di, 24 März 2026 08:00 CET", "2026-03-24 07:00:00");
    check("mer. 3 juin 2026 08:00:00", "2026-06-03 08:00:00");
    check("August 24, 2026 5:10 pm EST", "2026-08-24 22:10:00");
    check("24th August 2026", "2026-08-24 day");
    check("Wed, 03 Jan 18 14:11:52 UT", "2018-01-03 14:11:52");
    check("2026-08-24 05:10", "2026-08-24 05:10:00");
    check("2026-08-24T05:10:00.123+0100", "2026-08-24 04:10:00");
    check("2026-08-24", "2026-08-24 day");
    check("Mon, 24 Aug 2026 24:00:00 +2", "2026-08-23 22:00:00");
    check("2026/8/23 15:07:41", "2026-08-23 15:07:41");
    check("23 August 2026 - 15:07", "2026-08-23 15:07:00");
    check("24.08.2026 05:00", "2026-08-24 05:00:00");
    check("24. 08. 2026 05:00 Uhr", "2026-08-24 05:00:00");
    check(
        "Sun Aug 23 2026 15:07:00 GMT+0200 (Central European Summer Time)",
        "2026-08-23 13:07:00",
    );
    check("Sun Aug 23 15:07:00 UTC 2026", "2026-08-23 15:07:00");
    check("Sun Aug 23 15:07:00 2026", "2026-08-23 15:07:00");
    check("23-Aug-2026 15:07", "2026-08-23 15:07:00");
    check("20260823T150741Z", "2026-08-23 15:07:41");
    check("20260823150741", "2026-08-23 15:07:41");
    check("8/23/2026, 3:07:00 PM", "2026-08-23 15:07:00");
    check("23/08/2026 15h07", "2026-08-23 15:07:00");
    check("1787483220", "2026-08-23 11:07:00");
    check("August 23, 2026 at 3:07 p.m. ET", "2026-08-23 19:07:00");
    check("2026-08-23T15:07:00[Europe/Lisbon]", "2026-08-23 14:07:00");
    check("2026-08-23T15:07:00Z[Europe/Lisbon]", "2026-08-23 15:07:00");
    check("2026-08-23 15:07 Europe/Lisbon", "2026-08-23 14:07:00");
    check("2026年8月23日 15:07", "2026-08-23 15:07:00");
    check("2026年8月23日(日) 15時07分", "2026-08-23 15:07:00");
    check("2026年8月23日 下午3:07", "2026-08-23 15:07:00");
    check("2026. augusztus 23.", "none");
    check("2026. 8. 23. 15:07", "2026-08-23 15:07:00");
    check("٢٣ أغسطس ٢٠٢٦ 15:07", "2026-08-23 15:07:00");
}

#[test]
fn months_in_all_our_languages() {
    for text in [
        "Sonntag, 23. August 2026",
        "domingo, 23 de agosto de 2026",
        "dimanche 23 août 2026",
        "domenica 23 agosto 2026",
        "zondag 23 augustus 2026",
        "niedziela, 23 sierpnia 2026",
        "воскресенье, 23 августа 2026 г.",
        "неділя, 23 серпня 2026 р.",
        "23 Ağustos 2026 Pazar",
        "الأحد 23 أغسطس 2026",
        "23 آب 2026",
        "یکشنبه ۲۳ اوت ۲۰۲۶",
        "יום ראשון, 23 באוגוסט 2026",
        "23 de ago. de 2026",
        "23 sie 2026",
        "23 авг. 2026",
    ] {
        check(text, "2026-08-23 day");
    }
    check("5 تشرين الثاني 2026", "2026-11-05 day");
    check("5 kasım 2026", "2026-11-05 day");
    check("5 listopada 2026", "2026-11-05 day");
    check("5 жовт. 2026", "2026-10-05 day");
}

#[test]
fn zones_count() {
    for (zone, expected) in [
        ("IST", "09:37"),
        ("SAST", "13:07"),
        ("NZDT", "02:07"),
        ("GMT+0200", "13:07"),
        ("UTC-3", "18:07"),
        ("GMT", "15:07"),
        ("Z", "15:07"),
        ("+05:30", "09:37"),
        ("AEST", "05:07"),
        ("PT", "22:07"),
    ] {
        check(
            &format!("Sun, 23 Aug 2026 15:07:00 {zone}"),
            &format!("2026-08-23 {expected}:00"),
        );
    }
    check("Sun, 23 Aug 2026 15:07:00 XYZT", "none");
}

#[test]
fn a_time_without_a_zone_is_the_papers() {
    assert_eq!(
        found("23 Aug 2026 15:07", "America/New_York"),
        "2026-08-23 19:07:00"
    );
    assert_eq!(
        found("2026-08-23T15:07:00", "Asia/Tokyo"),
        "2026-08-23 06:07:00"
    );
    assert_eq!(
        found("2026-08-23T15:07:00Z", "Asia/Tokyo"),
        "2026-08-23 15:07:00"
    );
    assert_eq!(found("2026-08-23", "Asia/Tokyo"), "2026-08-22 day");
}

#[test]
fn forms_that_newsrooms_send() {
    for text in [
        "15.07 Uhr, 23.08.2026",
        "23.8.2026, 15.07 Uhr",
        "23 ago 2026 ore 15.07",
        "23 aug. 2026 om 15.07 uur",
        "Söndag 23 augusti 2026 kl. 15.07",
        "23 août 2026 15 h 07",
        "23rd of August, 2026 3.07pm",
        "23 de agosto de 2026, 3:07 p. m.",
        "23 de agosto de 2026, 3:07 p.\u{a0}m.",
        "23 أغسطس 2026، 3:07 مساءً",
        "Sun,23Aug2026 15:07:00 GMT",
        "23/Aug/2026:17:07:00 +0200",
        "2026-08-23_15:07:00",
        "2026-08-23T15:07:00,123Z",
        "Sun, 23 Aug 2026 17:07:00 (UTC+2)",
        "Sun, 23 Aug 2026 17:07:00 +2:00",
        "Sun, 23 Aug 2026 17:07:00 +200",
        "Sun, 23 Aug 2026 17:07:00 GMT +0200",
        "月, 24 8月 2026 00:07:00 +0900",
        "星期日, 23 八月 2026 15:07",
        "2026年 8月 23日 15:07",
        "2026년 8월 23일 15시 7분",
        "2026年8月23日 午後3時7分",
        "二〇二六年八月二十三日 15:07",
        "令和8年8月23日 15:07",
        "民國115年8月23日 15:07",
        "1787497620.5",
    ] {
        check(text, "2026-08-23 15:07:00");
    }
    for text in [
        "یکشنبه ۲۳ اوتِ ۲۰۲۶",
        "۱ شهریور ۱۴۰۵",
        "۱۴۰۵/۶/۱",
        "<b>23 Aug 2026</b>",
        "23 آب/أغسطس 2026",
        "23 AĞUSTOS 2026",
    ] {
        check(text, "2026-08-23 day");
    }
    check("mardi 1er septembre 2026", "2026-09-01 day");
    check("1.º de agosto de 2026", "2026-08-01 day");
    check("23 ינו׳ 2025", "2025-01-23 day");
    check("5 EKİM 2025", "2025-10-05 day");
    check("5 ژانویهٔ 2025", "2025-01-05 day");
    check("2026-08-23T15Z", "2026-08-23 15:00:00");
    check("Sun, 23 Aug 2026 3pm", "2026-08-23 15:00:00");
}

#[test]
fn the_order_of_day_and_month_is_the_documents_then_the_languages() {
    let of = |language: &str, document: &[&str]| {
        let style = style("UTC", language).of_document(document.iter().copied());
        told(parse("05/08/2026", &style))
    };
    assert_eq!(of("pt", &[]), "2026-08-05 day");
    assert_eq!(of("ar", &["04\u{200f}/08\u{200f}/2026"]), "2026-08-05 day");
    assert_eq!(of("en-US", &[]), "2026-05-08 day");
    assert_eq!(of("en", &[]), "none");
    assert_eq!(of("ja", &[]), "none");
    assert_eq!(of("en", &["04/08/2026", "30/07/2026"]), "2026-08-05 day");
    assert_eq!(of("pt", &["08/14/2026 10:00"]), "2026-05-08 day");
    assert_eq!(of("en", &["30/07/2026", "08/14/2026"]), "none");
}

#[test]
fn does_not_guess() {
    for text in [
        "",
        "yesterday",
        "foo",
        "08/09/2026",
        "24/08/26",
        "2026-13-40",
        "24 Aug",
        "32 Aug 2026 10:00",
        "24 Aug 2026 99:00:00",
        "1",
        "vor 3 Stunden",
        "Sun, 23 Aug 2026 15:07:00 +9999",
        "Sun, 23 Aug 2026 15:07:00 AM",
        "23 Aug 2026 15:07 CET/CEST",
        "Sun, 23 Aug 2026 2026-08-22",
        "23 Aug 2026 15:07, first 22 Aug 2026 10:00",
        "2026",
    ] {
        check(text, "none");
    }
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,60}", close in "[0-9A-Za-z:+, ./-]{0,40}") {
        let style = DateStyle::universal();
        _ = parse(&text, &style);
        _ = parse(&close, &style);
    }
}
