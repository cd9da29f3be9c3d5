//! The schedule as it is shown, and an edition that its editor holds. What the clock does is tested beside it (`src/clock`).

use crate::newsroom::{Newsroom, TODAY};

fn room(lines: &str) -> Newsroom {
    Newsroom::new().config("schedule", lines)
}

fn shown(room: &Newsroom, arguments: &[&str]) -> String {
    let output = room.run(&[&["schedule"], arguments].concat());
    let code = output.status.unwrap();
    format!("{}{}= {code}\n", output.words(), output.data())
}

#[test]
fn the_next_runs_with_what_is_special_about_them() {
    let lines = "send_at = \"07:00\"\nholidays = [2026-10-05]\nholidays_file = \"holidays.txt\"";
    let room = room(lines).at("2026-10-02T08:30:00Z");
    room.file(
        "holidays.txt",
        "# Portugal\n\n2026-11-01  # a Sunday\n 2026-10-07\n2025-12-25",
    );
    insta::assert_snapshot!(shown(&room, &[]), @"
    Harbour in your inbox, Europe/Lisbon
    day             draft at  send at  not after
    Mon 2026-10-05  a holiday
    Tue 2026-10-06  06:45     07:00    09:00      +01:00
    Wed 2026-10-07  a holiday
    Thu 2026-10-08  06:45     07:00    09:00      +01:00
    Fri 2026-10-09  06:45     07:00    09:00      +01:00
    Mon 2026-10-12  06:45     07:00    09:00      +01:00
    Tue 2026-10-13  06:45     07:00    09:00      +01:00
    Wed 2026-10-14  06:45     07:00    09:00      +01:00
    Thu 2026-10-15  06:45     07:00    09:00      +01:00
    Fri 2026-10-16  06:45     07:00    09:00      +01:00
    Mon 2026-10-19  06:45     07:00    09:00      +01:00
    Tue 2026-10-20  06:45     07:00    09:00      +01:00
    = 0
    ");
    insta::assert_snapshot!(shown(&room, &["-n", "3", "--json"]), @r#"
    {
      "holidays": [
        "2026-10-05",
        "2026-10-07"
      ],
      "runs": [
        {
          "day": "2026-10-06",
          "draft_at": "2026-10-06T06:45:00+01:00",
          "edition": null,
          "not_after": "2026-10-06T09:00:00+01:00",
          "remarks": [],
          "send_at": "2026-10-06T07:00:00+01:00"
        },
        {
          "day": "2026-10-08",
          "draft_at": "2026-10-08T06:45:00+01:00",
          "edition": null,
          "not_after": "2026-10-08T09:00:00+01:00",
          "remarks": [],
          "send_at": "2026-10-08T07:00:00+01:00"
        },
        {
          "day": "2026-10-09",
          "draft_at": "2026-10-09T06:45:00+01:00",
          "edition": null,
          "not_after": "2026-10-09T09:00:00+01:00",
          "remarks": [],
          "send_at": "2026-10-09T07:00:00+01:00"
        }
      ],
      "time_zone": "Europe/Lisbon"
    }
    = 0
    "#);
}

#[test]
fn the_night_in_which_the_clocks_change() {
    let at = |now| {
        let lines =
            "days = \"sat,sun\"\ncut_off = \"00:30\"\nsend_at = \"01:30\"\nnot_after = \"03:00\"";
        shown(&room(lines).at(now), &["-n", "2"])
    };
    insta::assert_snapshot!(at("2026-10-23T00:00:00Z"), @"
    Harbour in your inbox, Europe/Lisbon
    day             draft at  send at  not after
    Sat 2026-10-24  00:30     01:30    03:00      +01:00
    Sun 2026-10-25  00:30     01:30    03:00      +01:00 to +00:00  the clocks change from +01:00 to +00:00; 01:30 (`send_at`) comes twice, and the first is meant
    = 0
    ");
    insta::assert_snapshot!(at("2027-03-27T00:00:00Z"), @"
    Harbour in your inbox, Europe/Lisbon
    day             draft at  send at  not after
    Sat 2027-03-27  00:30     01:30    03:00      +00:00
    Sun 2027-03-28  00:30     02:00    03:00      +00:00 to +01:00  the clocks change from +00:00 to +01:00; the clocks move `send_at` from 01:30 to 02:00
    = 0
    ");
}

#[test]
fn without_a_schedule() {
    insta::assert_snapshot!(shown(&Newsroom::new(), &[]), @r#"
    error: `newsdigest.toml` has no `[schedule]`: nothing is drafted or sent by the clock

    hint: `[schedule]` with `send_at = "07:00"` sends from Monday to Friday at seven
    = 1
    "#);
}

#[test]
fn a_held_edition_is_not_sent() {
    let room = room("send_at = \"07:00\"");
    room.run(&["draft"]).exits(0);
    let path = format!("editions/{TODAY}.toml");
    let free = room.read(&path);
    room.file(&path, free.replace("# hold = true", "hold = true"));
    for arguments in [&["send"][..], &["send", "--dry-run"]] {
        let output = room.run(arguments).exits(1);
        insta::allow_duplicates! {
            insta::assert_snapshot!(output.words(), @"
            error: 2026-08-24 is held by the editor
            nothing was frozen or sent

            hint: `hold = true` is in `editions/2026-08-24.toml`; without it the edition can be sent
            ");
        }
    }
    assert!(room.list("outbox").is_empty());
    insta::assert_snapshot!(shown(&room, &["-n", "1"]), @"
    Harbour in your inbox, Europe/Lisbon
    day             draft at  send at  not after
    Mon 2026-08-24  06:45     07:00    09:00      +01:00  held by the editor
    = 0
    ");

    // It may be proofed and drafted again, and stays held.
    room.run(&["proof", "desk@harbourtimes.example"]).exits(0);
    room.run(&["draft", "--force"]).exits(0);
    room.run(&["send"]).exits(1);

    room.file(&path, free);
    insta::assert_snapshot!(shown(&room, &["-n", "1"]), @"
    Harbour in your inbox, Europe/Lisbon
    day             draft at  send at  not after
    Mon 2026-08-24  06:45     07:00    09:00      +01:00  drafted
    = 0
    ");
    room.run(&["send"]).exits(0);
    insta::assert_snapshot!(shown(&room, &["-n", "1"]), @"
    Harbour in your inbox, Europe/Lisbon
    day             draft at  send at  not after
    Mon 2026-08-24  06:45     07:00    09:00      +01:00  sent
    = 0
    ");
    // What is frozen is past holding.
    let sent = room.read(&path).replace("# hold = true", "hold = true");
    room.file(&path, sent);
    room.run(&["send"]).exits(0);
}

const EVENING: &str = "days = \"daily\"\nsend_at = \"07:00\"\n[[schedule.more]]\nname = \"evening\"\ndays = \"mon\"\nsend_at = \"23:00\"\nnot_after = \"01:00 next day\"";

#[test]
fn a_day_has_more_than_one_hour() {
    insta::assert_snapshot!(shown(&room(EVENING), &["-n", "3"]), @"
    Harbour in your inbox, Europe/Lisbon
    day             draft at  send at  not after
    Mon 2026-08-24  06:45     07:00    09:00      +01:00
    Mon 2026-08-24  22:45     23:00    01:00 +1   +01:00  evening
    Tue 2026-08-25  06:45     07:00    09:00      +01:00
    = 0
    ");
    let told = room(EVENING).run(&["schedule", "-n", "2", "--json"]).json();
    assert_eq!(told["runs"][1]["name"], "evening");
    assert_eq!(told["runs"][1]["not_after"], "2026-08-25T01:00:00+01:00");
    // What is drafted and sent unless a day is named is what it is time for, also behind midnight.
    for (now, slug) in [
        ("2026-08-24T05:45:00Z", "2026-08-24"),
        ("2026-08-24T12:00:00Z", "2026-08-24"),
        ("2026-08-24T22:00:00Z", "2026-08-24-evening"),
        ("2026-08-24T23:59:00Z", "2026-08-24-evening"),
        ("2026-08-25T00:00:00Z", "2026-08-25"),
    ] {
        let room = room(EVENING).at(now);
        room.run(&["send"]).exits(0);
        assert!(
            room.has(&format!("editions/{slug}.toml")),
            "{now}: {:?}",
            room.list("editions")
        );
    }
}

#[test]
fn after_midnight_it_is_too_late_when_it_says_so() {
    let post = crate::postoffice::PostOffice::open();
    for (now, code) in [("2026-08-24T23:59:00Z", 0), ("2026-08-25T00:00:00Z", 1)] {
        let room = room(EVENING).relay(post.port(), 1).at(now);
        let sent = room
            .run(&["send", "--date", "2026-08-24-evening"])
            .exits(code);
        assert_eq!(
            sent.stderr.contains("it is too late"),
            code == 1,
            "{}",
            sent.stderr
        );
    }
}

#[test]
fn editions_of_a_day_are_told_apart() {
    let check = |more: &str, expected: &str| {
        let lines = format!("send_at = \"07:00\"\n[[schedule.more]]\n{more}");
        room(&lines).run(&["check"]).exits(1).says(expected);
    };
    check("send_at = \"17:00\"", "must have a `name`");
    check(
        "name = \"Evening\"\nsend_at = \"17:00\"",
        "cannot name an edition",
    );
    check(
        "name = \"noon\"\nsend_at = \"08:00\"",
        "`noon` would be drafted before the first edition is over",
    );
    check("name = \"noon\"", "must give `send_at`");
    check(
        "name = \"late\"\nsend_at = \"23:00\"\nnot_after = \"07:00 next day\"",
        "the first edition would be drafted before `late` is over",
    );
    check(
        "name = \"a\"\nsend_at = \"12:00\"\n[[schedule.more]]\nname = \"a\"\nsend_at = \"17:00\"",
        "there are two editions `a` of a day",
    );
}
