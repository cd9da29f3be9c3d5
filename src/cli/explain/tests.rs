use super::*;

#[test]
fn figures_and_parts_in_words() {
    let numbers = [0.0, 0.0004, 0.1812, 1.0, 1.25, 12.34, 99.4, 1_203.6, -2.5];
    assert_eq!(
        numbers.map(figure),
        [
            "0", "0", "0.181", "1", "1.25", "12.3", "99.4", "1,204", "-2.5"
        ]
    );
    let said = |name, value| {
        let summed = name == "fresh";
        let (words, figure) = ScorePart {
            name,
            value,
            summed,
        }
        .told();
        format!("{words} {figure}")
    };
    assert_eq!(said("age_hours", 2.0), "age 2 h");
    assert_eq!(
        said("expected_views_per_hour", 1204.0),
        "expected views 1,204/h"
    );
    assert_eq!(said("views_today", 950.0), "views today 950");
    assert_eq!(said("boost", 1.5), "boost x 1.5");
    assert_eq!(said("place", 2.0), "place 2");
    assert_eq!(said("fresh", 0.5), "fresh + 0.5");
}

#[test]
fn bars_are_as_wide_as_they_say() {
    assert_eq!(bar(0.0, 0.0, 2), "  ");
    assert_eq!(bar(9.0, 16.0, 2), "█▏");
    assert_eq!(bar(5.0, 4.0, 2), "██");
    assert_eq!(bar(-5.0, 4.0, 2), "  ");
}

#[test]
fn nothing_is_wider_than_a_terminal() {
    let row = |url: &str, event: serde_json::Value| {
        serde_json::json!({
            "headline": "日本の船は行く".repeat(20), "url": url, "section": "s".repeat(200),
            "published": null, "views": 12, "score": 2.5, "event": event,
            "sources": ["日本 ".repeat(50), "b"],
            "parts": {"age_hours": 123_456.7, "quite_a_long_name_for_a_part_of_a_score": 1e9, "日本の船は行く日本の船は行く日本の船": 3},
            "slots": {"top": 10, "most_read": 12, "latest": 3}, "why": "w".repeat(200),
        })
    };
    let told = serde_json::from_value(serde_json::json!({
        "now": "2026-08-24T05:45:00Z",
        "window": {"from": "2026-08-23T05:45:00Z", "to": "2026-08-24T05:45:00Z"},
        "formulas": {"top": "日本の船は行く ".repeat(20)},
        "candidates": [row("https://a.example/", ().into()), row("https://b.example/", "https://a.example/".into())],
    }));
    let told: Reasons = told.unwrap();
    let one = detail(&told.candidates[0], &told, &Zone::utc());
    assert_eq!(one.matches("same event").count(), 1, "{one}");
    for line in (one + &table(&told, &Zone::utc(), NEXT).0).lines() {
        assert!(
            unicode_width::UnicodeWidthStr::width(line) <= WIDTH,
            "{line}"
        );
    }
}
