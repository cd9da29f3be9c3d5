//! `07:00 local`: readers' own clocks.

use super::*;

/// When readers of a zone get the edition, and until when, in universal time.
fn hours_in(own: &str, theirs: &str, on: &str) -> [String; 2] {
    let mut schedule = schedule(own, "daily", ["06:45", "07:00", "09:00"]);
    schedule.times = schedule.times.local(true);
    let zone = Zone::bundled(theirs).unwrap();
    let hours = schedule.hours_in(&Slug::of(day(on)), Some(&zone)).unwrap();
    [hours.at, hours.until].map(|instant| instant.format("%d %H:%M").to_string())
}

#[test]
fn each_zone_has_its_own_hours() {
    for (own, theirs, on, expected) in [
        (
            "Europe/Lisbon",
            "America/New_York",
            "2026-08-24",
            ["24 11:00", "24 13:00"],
        ),
        // Lisbon's clocks have gone back, New York's not yet.
        (
            "Europe/Lisbon",
            "America/New_York",
            "2026-10-25",
            ["25 11:00", "25 13:00"],
        ),
        (
            "Europe/Lisbon",
            "America/New_York",
            "2026-11-02",
            ["02 12:00", "02 14:00"],
        ),
        // Where it has passed they get it with the newsletter's own, and have its time.
        (
            "Europe/Lisbon",
            "Asia/Tokyo",
            "2026-08-24",
            ["23 22:00", "24 08:00"],
        ),
        (
            "Europe/Lisbon",
            "Pacific/Kiritimati",
            "2026-08-24",
            ["23 17:00", "24 08:00"],
        ),
        (
            "Europe/Lisbon",
            "Etc/GMT+12",
            "2026-08-24",
            ["24 19:00", "24 21:00"],
        ),
        // At most 20 hours behind Auckland's 07:00.
        (
            "Pacific/Auckland",
            "Pacific/Honolulu",
            "2026-08-24",
            ["24 15:00", "24 17:00"],
        ),
        (
            "Pacific/Auckland",
            "America/New_York",
            "2026-08-24",
            ["24 11:00", "24 13:00"],
        ),
    ] {
        assert_eq!(hours_in(own, theirs, on), expected, "{theirs} by {own}");
    }
    // A time that the clocks skip is the first instant behind the gap.
    let mut early = schedule("Europe/Lisbon", "daily", ["02:00", "02:30", "09:00"]);
    early.times = early.times.local(true);
    let new_york = Zone::bundled("America/New_York").unwrap();
    let hours = early.hours_in(&Slug::of(day("2027-03-14")), Some(&new_york));
    assert_eq!(hours.unwrap().at, at("2027-03-14T07:00:00Z"));
    let run = early.run_of(&Slug::of(day("2027-03-14"))).unwrap();
    assert_eq!(
        run.not_after - run.send_at,
        TimeDelta::minutes(26 * 60 + 30)
    );
    assert!(parse_send_at("07:00 local").unwrap().1 && !parse_send_at("07:00").unwrap().1);
    for wrong in ["7 local", "local", "07:00 there", "07:00 local local"] {
        assert!(parse_send_at(wrong).is_err(), "{wrong}");
    }
}
