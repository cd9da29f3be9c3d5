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
