//! What is said of editions that were not sent in time.

use super::*;

/// Lets the clock look at the schedule then; the editions of which it says that they were missed.
fn missed(room: &Room, keeper: &mut Keeper, time: &str) -> Vec<String> {
    let said = Arc::new(Mutex::new(Vec::new()));
    let mut setup = room.at(time);
    setup.tell = Box::new({
        let said = Arc::clone(&said);
        move |_, event| {
            if let ClockEvent::Missed { run, .. } = event {
                said.lock().unwrap().push(run.slug.to_string());
            }
        }
    });
    turn(keeper, &setup);
    std::mem::take(&mut *said.lock().unwrap())
}

/// Of an edition that its editor holds.
#[test]
fn it_is_said_also_when_the_ledger_failed_meanwhile() {
    let room = Room::new("");
    let keeper = &mut Keeper::default();
    room.turn(keeper, "06:45");
    let edition = room.read("editions/2026-08-24.toml");
    room.write(
        "editions/2026-08-24.toml",
        &edition.replace("# hold = true", "hold = true"),
    );
    room.turn(keeper, "07:00");
    let config = (room.at("07:00").read_newsroom)().ok().unwrap();
    let ledger = &config.newsletters[0].ledger.path;
    let aside = room.path("aside");
    fs::rename(ledger, &aside).unwrap();
    fs::create_dir(ledger).unwrap();
    assert_eq!(missed(&room, keeper, "09:00"), [""; 0]);
    assert_eq!(keeper.failures, 1);
    fs::remove_dir(ledger).unwrap();
    fs::rename(&aside, ledger).unwrap();
    assert_eq!(missed(&room, keeper, "09:10"), ["2026-08-24"]);
    assert_eq!(missed(&room, keeper, "09:11"), [""; 0]);
}

#[test]
fn a_run_that_ended_after_midnight_is_missed_too() {
    let room = Room::new(
        "[[schedule.more]]\nname = \"evening\"\nsend_at = \"23:00\"\nnot_after = \"01:00 next day\"\n",
    );
    let first_look = |time| missed(&room, &mut Keeper::default(), time);
    assert_eq!(first_look("01:00"), ["2026-08-23-evening"]);
    assert_eq!(first_look("09:00"), ["2026-08-23-evening", "2026-08-24"]);
}
