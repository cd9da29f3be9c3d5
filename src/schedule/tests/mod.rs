mod local;

use chrono::{NaiveTime, TimeDelta, Weekday};
use proptest::prelude::*;

use super::EditionStage::{Drafted, Held, Missing, Over, Unapproved};
use super::*;

fn schedule(zone: &str, days: &str, times: [&str; 3]) -> Schedule {
    let [cut_off, send_at, not_after] = times;
    let not_after = EndTime::parse(not_after).unwrap();
    let [cut_off, send_at] = [cut_off, send_at].map(|text| parse_time(text).unwrap());
    Schedule {
        days: Days::parse(days).unwrap(),
        times: Times::new(Some(cut_off), send_at, Some(not_after)).unwrap(),
        more: Vec::new(),
        holidays: BTreeSet::new(),
        zone: Zone::bundled(zone).unwrap(),
        only: None,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The run of that day on the clocks of its zone, with what is remarkable.
fn shown(zone: &str, times: [&str; 3], on: &str) -> String {
    let schedule = schedule(zone, "daily", times);
    let Some(run) = schedule.run_of(&Slug::of(day(on))) else {
        return format!("{zone}, {on}: no run");
    };
    let local = |instant| schedule.zone.at(instant).format("%d %H:%M %:z").to_string();
    let mut lines = vec![format!(
        "{zone}, {on}: {}, {}, {}",
        local(run.cut_off),
        local(run.send_at),
        local(run.not_after)
    )];
    lines.extend(
        schedule
            .remarks(&run)
            .iter()
            .map(|remark| format!("  {remark}")),
    );
    lines.join("\n")
}

/// The same of several zones, times and days.
fn all_shown(runs: &[(&str, [&str; 3], &str)]) -> String {
    let all = runs.iter().map(|(zone, times, on)| shown(zone, *times, on));
    all.collect::<Vec<_>>().join("\n")
}

#[test]
fn days_on_which_the_clocks_change() {
    let said = all_shown(&[
        ("Europe/Lisbon", ["06:45", "07:00", "09:00"], "2026-08-24"),
        ("Europe/Lisbon", ["06:45", "07:00", "09:00"], "2026-03-29"),
        ("Europe/Lisbon", ["00:50", "01:30", "03:00"], "2026-03-29"),
        ("Europe/Lisbon", ["01:10", "01:20", "01:50"], "2026-03-29"),
        ("Europe/Lisbon", ["00:45", "01:30", "02:30"], "2026-10-25"),
        (
            "America/New_York",
            ["02:15", "02:30", "03:00"],
            "2026-03-08",
        ),
        (
            "America/New_York",
            ["01:00", "01:30", "03:00"],
            "2026-11-01",
        ),
        ("Asia/Tehran", ["00:00", "00:30", "02:00"], "2022-03-22"),
        ("Asia/Tehran", ["23:00", "23:30", "23:59"], "2022-09-21"),
        (
            "Australia/Lord_Howe",
            ["02:00", "02:15", "02:45"],
            "2026-10-04",
        ),
        (
            "Australia/Lord_Howe",
            ["01:15", "01:45", "02:15"],
            "2026-04-05",
        ),
        ("Pacific/Apia", ["06:45", "07:00", "09:00"], "2011-12-29"),
        ("Pacific/Apia", ["06:45", "07:00", "09:00"], "2011-12-30"),
        ("Pacific/Apia", ["06:45", "07:00", "09:00"], "2011-12-31"),
        ("America/Nuuk", ["22:45", "23:15", "23:45"], "2026-03-28"),
    ]);
    insta::assert_snapshot!(said, @"
    Europe/Lisbon, 2026-08-24: 24 06:45 +01:00, 24 07:00 +01:00, 24 09:00 +01:00
    Europe/Lisbon, 2026-03-29: 29 06:45 +01:00, 29 07:00 +01:00, 29 09:00 +01:00
      the clocks change from +00:00 to +01:00
    Europe/Lisbon, 2026-03-29: 29 00:50 +00:00, 29 02:00 +01:00, 29 03:00 +01:00
      the clocks change from +00:00 to +01:00
      the clocks move `send_at` from 01:30 to 02:00
    Europe/Lisbon, 2026-03-29: 29 02:00 +01:00, 29 02:00 +01:00, 29 02:30 +01:00
      the clocks change from +00:00 to +01:00
      the clocks move `cut_off` from 01:10 to 02:00
      the clocks move `send_at` from 01:20 to 02:00
      the clocks move `not_after` from 01:50 to 02:30
    Europe/Lisbon, 2026-10-25: 25 00:45 +01:00, 25 01:30 +01:00, 25 02:30 +00:00
      the clocks change from +01:00 to +00:00
      01:30 (`send_at`) comes twice, and the first is meant
    America/New_York, 2026-03-08: 08 03:00 -04:00, 08 03:00 -04:00, 08 03:30 -04:00
      the clocks change from -05:00 to -04:00
      the clocks move `cut_off` from 02:15 to 03:00
      the clocks move `send_at` from 02:30 to 03:00
      the clocks move `not_after` from 03:00 to 03:30
    America/New_York, 2026-11-01: 01 01:00 -04:00, 01 01:30 -04:00, 01 03:00 -05:00
      the clocks change from -04:00 to -05:00
      01:00 (`cut_off`) comes twice, and the first is meant
      01:30 (`send_at`) comes twice, and the first is meant
    Asia/Tehran, 2022-03-22: 22 01:00 +04:30, 22 01:00 +04:30, 22 02:00 +04:30
      the clocks move `cut_off` from 00:00 to 01:00
      the clocks move `send_at` from 00:30 to 01:00
    Asia/Tehran, 2022-09-21: 21 23:00 +04:30, 21 23:30 +04:30, 21 23:59 +04:30
      the clocks change from +04:30 to +03:30
      23:00 (`cut_off`) comes twice, and the first is meant
      23:30 (`send_at`) comes twice, and the first is meant
      23:59 (`not_after`) comes twice, and the first is meant
    Australia/Lord_Howe, 2026-10-04: 04 02:30 +11:00, 04 02:30 +11:00, 04 02:45 +11:00
      the clocks change from +10:30 to +11:00
      the clocks move `cut_off` from 02:00 to 02:30
      the clocks move `send_at` from 02:15 to 02:30
    Australia/Lord_Howe, 2026-04-05: 05 01:15 +11:00, 05 01:45 +11:00, 05 02:15 +10:30
      the clocks change from +11:00 to +10:30
      01:45 (`send_at`) comes twice, and the first is meant
    Pacific/Apia, 2011-12-29: 29 06:45 -10:00, 29 07:00 -10:00, 29 09:00 -10:00
      the clocks change from -10:00 to +14:00
    Pacific/Apia, 2011-12-30: no run
    Pacific/Apia, 2011-12-31: 31 06:45 +14:00, 31 07:00 +14:00, 31 09:00 +14:00
    America/Nuuk, 2026-03-28: 28 22:45 -02:00, 29 00:00 -01:00, 29 00:30 -01:00
      the clocks change from -02:00 to -01:00
      the clocks move `send_at` from 23:15 to 00:00
      the clocks move `not_after` from 23:45 to 00:30
    ");
}

#[test]
fn holidays_and_days_of_the_week_are_left_out() {
    let mut schedule = schedule("Europe/Lisbon", "mon-fri", ["06:45", "07:00", "09:00"]);
    schedule.holidays = ["2026-12-25", "2026-12-26", "2027-01-01"].map(day).into();
    let next = |after: &str, count| -> Vec<String> {
        let runs = schedule.runs(at(after)).take(count);
        runs.map(|run| run.slug.day().format("%a %d").to_string())
            .collect()
    };
    assert_eq!(
        next("2026-12-23T12:00:00Z", 4),
        ["Thu 24", "Mon 28", "Tue 29", "Wed 30"]
    );
    // Not over yet, then over.
    assert_eq!(next("2026-12-23T08:59:59Z", 1), ["Wed 23"]);
    assert_eq!(next("2026-12-23T09:00:00Z", 1), ["Thu 24"]);
    // A Saturday that would have had no run is not left out.
    let left_out: Vec<NaiveDate> = schedule
        .left_out(day("2026-12-20"), day("2026-12-31"))
        .collect();
    assert_eq!(left_out, [day("2026-12-25")]);
    // What is sent by hand on a holiday is never too late.
    let too_late = ["2026-12-24", "2026-12-25"].map(|on| schedule.not_after(&Slug::of(day(on))));
    assert_eq!(too_late, [Some(at("2026-12-24T09:00:00Z")), None]);
}

#[test]
fn what_is_due() {
    let schedule = schedule("Europe/Lisbon", "daily", ["06:45", "07:00", "09:00"]);
    let due = |now: &str, stage| {
        let day = |run: Planned| run.slug.day().format("%d").to_string();
        match schedule.due(at(&format!("2026-12-{now}:00Z")), |_| stage) {
            Due::Draft(run) => format!("draft {}", day(run)),
            Due::Send(run) => format!("send {}", day(run)),
            Due::Held(run) => format!("held {}", day(run)),
            Due::Unapproved(run) => format!("unapproved {}", day(run)),
            Due::Nothing { until } => until.unwrap().format("until %d %H:%M").to_string(),
        }
    };
    for (now, stage, expected) in [
        ("01T06:44", Missing, "until 01 06:45"),
        ("01T06:45", Missing, "draft 01"),
        ("01T06:45", Drafted, "until 01 07:00"),
        ("01T06:50", Held, "until 01 07:00"),
        ("01T07:00", Drafted, "send 01"),
        ("01T07:00", Held, "held 01"),
        ("01T06:50", Unapproved, "until 01 07:00"),
        ("01T07:00", Unapproved, "unapproved 01"),
        ("01T07:00", Over, "until 02 06:45"),
        // Missed, and caught up until it is too late.
        ("01T08:59", Missing, "send 01"),
        ("01T08:59", Drafted, "send 01"),
        ("01T09:00", Missing, "until 02 06:45"),
        ("01T09:00", Drafted, "until 02 06:45"),
        // Sent by hand before its time, or a clock that was set back.
        ("01T06:45", Over, "until 02 06:45"),
        ("01T06:10", Over, "until 01 06:45"),
    ] {
        assert_eq!(due(now, stage), expected, "{now} {stage:?}");
    }
}

#[test]
fn only_begun_runs_are_asked_about() {
    let schedule = schedule("Europe/Lisbon", "daily", ["06:45", "07:00", "09:00"]);
    let mut asked = Vec::new();
    schedule.due(at("2026-12-01T07:30:00Z"), |run| {
        asked.push(run.slug.day());
        Over
    });
    assert_eq!(asked, [day("2026-12-01")]);
}

#[test]
fn more_than_one_edition_of_a_day() {
    let further = |name: &str, days: &str, [cut_off, send_at, not_after]: [&str; 3]| {
        let time = |text| parse_time(text).unwrap();
        let end = EndTime::parse(not_after).unwrap();
        FurtherEdition {
            name: name.parse().unwrap(),
            days: Days::parse(days).unwrap(),
            times: Times::new(Some(time(cut_off)), time(send_at), Some(end)).unwrap(),
        }
    };
    let mut schedule = schedule("Europe/Lisbon", "mon-fri", ["06:45", "07:00", "09:00"]);
    let evening = further("evening", "daily", ["22:45", "23:00", "01:00 next day"]);
    schedule.more = vec![evening, further("noon", "mon", ["11:45", "12:00", "13:00"])];
    assert_eq!(schedule.overlap(), None);
    let runs = schedule.runs(at("2026-12-06T00:30:00Z")).take(6);
    let runs = runs.map(|run| format!("{} {}", run.slug, run.not_after.format("%d %H:%M")));
    insta::assert_snapshot!(runs.collect::<Vec<_>>().join("\n"), @"
    2026-12-05-evening 06 01:00
    2026-12-06-evening 07 01:00
    2026-12-07 07 09:00
    2026-12-07-noon 07 13:00
    2026-12-07-evening 08 01:00
    2026-12-08 08 09:00
    ");
    // The edition that it is time for: yesterday's until it is over, the first before it begins, the last that has begun.
    for (now, edition) in [
        ("2026-12-07T00:59:00Z", "2026-12-06-evening"),
        ("2026-12-07T01:00:00Z", "2026-12-07"),
        ("2026-12-07T11:44:00Z", "2026-12-07"),
        ("2026-12-07T11:45:00Z", "2026-12-07-noon"),
        ("2026-12-07T20:00:00Z", "2026-12-07-noon"),
        ("2026-12-06T10:00:00Z", "2026-12-06-evening"),
    ] {
        assert_eq!(schedule.edition(at(now)).to_string(), edition, "{now}");
    }
    let end = |slug: &str| schedule.not_after(&slug.parse().unwrap());
    assert_eq!(end("2026-12-07-evening"), Some(at("2026-12-08T01:00:00Z")));
    assert_eq!(end("2026-12-07b"), Some(at("2026-12-07T09:00:00Z")));
    assert_eq!(
        (end("2026-12-08-noon"), end("2026-12-07-dawn")),
        (None, None)
    );
    // One that is not over when another begins would hold it up, on the same day or the next.
    let mut check = |name: &str, days: &str, times| {
        schedule.more = vec![further(name, days, times)];
        schedule.overlap().is_some()
    };
    assert!(check("noon", "mon", ["08:00", "12:00", "13:00"]));
    assert!(!check("noon", "sat", ["08:00", "12:00", "13:00"]));
    assert!(check("late", "sun", ["22:00", "23:00", "06:46 next day"]));
    assert!(!check("late", "fri", ["22:00", "23:00", "06:46 next day"]));
    assert!(check(
        "long",
        "sat,sun",
        ["10:00", "11:00", "10:01 next day"]
    ));
}

/// A run over midnight in a night in which the clocks change.
#[test]
fn the_day_after_in_a_night_in_which_the_clocks_change() {
    let said = all_shown(&[
        (
            "Europe/Lisbon",
            ["22:45", "23:00", "01:30 next day"],
            "2026-03-28",
        ),
        (
            "Europe/Lisbon",
            ["22:45", "23:00", "01:30 next day"],
            "2026-10-24",
        ),
        (
            "America/Nuuk",
            ["22:45", "23:15", "00:15 next day"],
            "2026-03-28",
        ),
    ]);
    insta::assert_snapshot!(said, @"
    Europe/Lisbon, 2026-03-28: 28 22:45 +00:00, 28 23:00 +00:00, 29 02:00 +01:00
      the clocks move `not_after` from 01:30 to 02:00
    Europe/Lisbon, 2026-10-24: 24 22:45 +01:00, 24 23:00 +01:00, 25 01:30 +01:00
      01:30 (`not_after`) comes twice, and the first is meant
    America/Nuuk, 2026-03-28: 28 22:45 -02:00, 29 00:00 -01:00, 29 00:15 -01:00
      the clocks change from -02:00 to -01:00
      the clocks move `send_at` from 23:15 to 00:00
    ");
}

const ZONES: [&str; 9] = [
    "Europe/Lisbon",
    "America/New_York",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Nuuk",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/Santiago",
];

proptest! {
    #[test]
    fn runs_are_in_order_on_their_days_and_none_is_missing(
        zone in prop::sample::select(&ZONES[..]),
        minutes in prop::collection::btree_set(0_u32..24 * 60, 3),
        drafted_when_sent: bool,
        week in 1_u8..128,
        from in 1_000_000_000_i64..2_500_000_000,
        holidays in prop::collection::btree_set(0_i64..60, 0..4),
    ) {
        let mut minutes = minutes.into_iter().map(|minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap());
        let [first, send_at, not_after] = [(); 3].map(|()| minutes.next().unwrap());
        let cut_off = if drafted_when_sent { send_at } else { first };
        let from = DateTime::from_timestamp(from, 0).unwrap();
        let zone = Zone::bundled(zone).unwrap();
        let names: Vec<String> = (0..7).filter(|bit| week & (1 << bit) != 0)
            .map(|bit| Weekday::try_from(bit).unwrap().to_string()).collect();
        let schedule = Schedule {
            days: Days::parse(&names.join(",")).unwrap(),
            times: Times::new(Some(cut_off), send_at, Some(EndTime { time: not_after, is_next_day: false })).unwrap(),
            more: Vec::new(),
            holidays: holidays.iter().map(|days| zone.day(from) + TimeDelta::days(*days)).collect(),
            zone,
            only: None,
        };
        let end = from + TimeDelta::days(400);
        let runs: Vec<Planned> = schedule.runs(from).take_while(|run| run.cut_off < end).collect();

        for run in &runs {
            prop_assert!(run.cut_off <= run.send_at && run.send_at < run.not_after && from < run.not_after, "{run:?}");
            let tomorrow = schedule.zone.begins(run.slug.day().succ_opt().unwrap());
            for instant in [run.cut_off, run.send_at, run.not_after] {
                // On its day, or where the clocks skip the day's end, right behind it.
                let late = instant - tomorrow;
                prop_assert!(schedule.zone.day(instant) == run.slug.day() || (late >= TimeDelta::zero() && late < TimeDelta::hours(1)), "{run:?}");
            }
        }
        for pair in runs.windows(2) {
            let instants = |run: &Planned| [run.cut_off, run.send_at, run.not_after];
            let rises = instants(&pair[0]).into_iter().zip(instants(&pair[1])).all(|(this, next)| this < next);
            prop_assert!(pair[0].slug.day() < pair[1].slug.day() && rises, "{pair:?}");
        }
        // Hour by hour through the year: every day that there is, and that has a run, is among them.
        let mut days = BTreeSet::new();
        let mut hour = from;
        while hour < end {
            days.insert(schedule.zone.day(hour));
            hour += TimeDelta::hours(1);
        }
        let wanted: Vec<NaiveDate> = days.into_iter()
            .filter(|day| names.contains(&day.weekday().to_string()) && !schedule.holidays.contains(day))
            .filter(|day| {
                let run = schedule.run_of(&Slug::of(*day)).unwrap();
                run.not_after > from && run.cut_off < end
            })
            .collect();
        let found: Vec<NaiveDate> = runs.iter().map(|run| run.slug.day()).filter(|day| wanted.contains(day)).collect();
        prop_assert_eq!(&found, &wanted);
        prop_assert!(runs.len() - wanted.len() <= 1, "{:?} {:?}", runs, wanted);
    }
}
