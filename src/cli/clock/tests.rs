use std::fs;
use std::path::Path;

use clap::Parser as _;

use super::*;
use crate::cli::arguments::Arguments;
use crate::model::zone::Zone;
use crate::newsroom::starter;

/// The sample newsroom of 2026-08-24, 06:45 in Lisbon, with a schedule: letters go to a folder.
struct Room(tempfile::TempDir);

const SCHEDULE: &str = "\n[schedule]\ndays = \"daily\"\ncut_off = \"06:45\"\nsend_at = \"07:00\"\nnot_after = \"09:00\"\n";

impl Room {
    fn new(lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let zone = Zone::bundled("Europe/Lisbon").unwrap();
        let now = "2026-08-24T05:45:00Z".parse().unwrap();
        starter::create(folder.path(), &starter::files(now, &zone)).unwrap();
        let room = Self(folder);
        let config = fs::read_to_string(room.path("newsdigest.toml")).unwrap();
        room.write("newsdigest.toml", &format!("{config}{SCHEDULE}{lines}"));
        room
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// At that time of the day in Lisbon.
    fn setting(&self, time: &str) -> Setting {
        let now = format!("2026-08-24T{time}:00+01:00");
        let config = self.path("newsdigest.toml");
        let config = config.to_str().unwrap();
        let words = [
            "newsdigest",
            "--config",
            config,
            "--now",
            &now,
            "-q",
            "check",
        ];
        Setting::new(Arguments::try_parse_from(words).unwrap().options).unwrap()
    }

    /// Lets the clock look at the schedule then, and says how many letters and proofs there are and whether there is an edition.
    fn turn(&self, clock: &mut Clock, time: &str) -> String {
        let setting = self.setting(time);
        clock.turn(&setting, report());
        let edition = self.path("editions/2026-08-24.toml").exists();
        let (letters, proofs) = letters(&self.path("outbox"));
        format!("{edition} {letters} {proofs}")
    }
}

fn report() -> Report {
    let quiet = ["newsdigest", "-q", "check"];
    Report::new(&Arguments::try_parse_from(quiet).unwrap().options)
}

/// Letters and proofs in a folder.
fn letters(outbox: &Path) -> (usize, usize) {
    let entries = fs::read_dir(outbox).into_iter().flatten();
    let texts = entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let (proofs, letters): (Vec<String>, Vec<String>) =
        texts.partition(|text| text.contains("\nSubject: [Proof]"));
    (letters.len(), proofs.len())
}

#[test]
fn drafts_and_sends_once() {
    let room = Room::new("proof_to = [\"desk@harbourtimes.example\"]\n");
    let mut clock = Clock::default();
    assert_eq!(room.turn(&mut clock, "06:44"), "false 0 0");
    assert_eq!(room.turn(&mut clock, "06:45"), "true 0 1");
    assert_eq!(room.turn(&mut clock, "06:59"), "true 0 1");
    let sent = room.turn(&mut clock, "07:00");
    assert!(
        sent.starts_with("true ") && sent.ends_with(" 1") && sent != "true 0 1",
        "{sent}"
    );
    for time in ["07:01", "08:59", "09:00", "12:00"] {
        assert_eq!(room.turn(&mut clock, time), sent);
    }
    // A clock that was set back, and one that was started anew.
    assert_eq!(room.turn(&mut clock, "07:00"), sent);
    assert_eq!(room.turn(&mut Clock::default(), "07:00"), sent);
    assert_eq!(room.turn(&mut Clock::default(), "06:45"), sent);
}

#[test]
fn a_missed_run_is_caught_up_until_it_is_too_late() {
    let room = Room::new("");
    assert_eq!(room.turn(&mut Clock::default(), "09:00"), "false 0 0");
    let sent = room.turn(&mut Clock::default(), "08:59");
    assert!(sent.starts_with("true ") && sent != "true 0 0", "{sent}");
}

#[test]
fn an_editor_holds_it_and_lets_it_go() {
    let room = Room::new("");
    let mut clock = Clock::default();
    room.turn(&mut clock, "06:45");
    let edition = room.read("editions/2026-08-24.toml");
    let held = edition.replace("# hold = true", "hold = true");
    assert_ne!(edition, held);
    room.write("editions/2026-08-24.toml", &held);
    assert_eq!(room.turn(&mut clock, "07:00"), "true 0 0");
    assert_eq!(room.turn(&mut Clock::default(), "08:00"), "true 0 0");
    assert_eq!(room.turn(&mut Clock::default(), "09:00"), "true 0 0");
    room.write("editions/2026-08-24.toml", &edition);
    assert_ne!(room.turn(&mut clock, "08:30"), "true 0 0");
}

#[test]
fn an_edition_that_is_there_stays() {
    let room = Room::new("proof_to = [\"desk@harbourtimes.example\"]\n");
    let mine = "[[top]]\nheadline = \"Mine\"\nurl = \"https://harbourtimes.example/mine\"\n";
    fs::create_dir(room.path("editions")).unwrap();
    room.write("editions/2026-08-24.toml", mine);
    assert_eq!(room.turn(&mut Clock::default(), "06:45"), "true 0 0");
    assert_eq!(room.read("editions/2026-08-24.toml"), mine);
}

#[test]
fn a_quiet_day_is_asked_twice_and_no_more() {
    let room = Room::new("");
    let config = room.read("newsdigest.toml");
    room.write(
        "newsdigest.toml",
        &config.replacen("#minimum = 3", "minimum = 100", 1),
    );
    let mut clock = Clock::default();
    for (time, reached) in [
        ("06:45", Stage::Drafted),
        ("06:46", Stage::Drafted),
        ("07:00", Stage::Over),
        ("07:01", Stage::Over),
    ] {
        assert_eq!(room.turn(&mut clock, time), "false 0 0");
        assert_eq!((clock.reached, clock.failures), (reached, 0), "{time}");
    }
}

#[test]
fn what_failed_is_tried_again_later_and_later() {
    let room = Room::new("");
    let config = room.read("newsdigest.toml");
    room.write("newsdigest.toml", "[newsletter");
    let mut clock = Clock::default();
    let mut wait = |time: &str| {
        let setting = room.setting(time);
        let wake = clock.turn(&setting, report()).unwrap();
        ((wake - setting.now()).num_seconds() + 30) / 60
    };
    assert_eq!(
        ["06:45", "06:47", "06:50", "06:55"].map(&mut wait),
        [1, 2, 4, 5]
    );
    // Not before its time, but at once when the clock was set back by hours.
    assert_eq!(["06:57", "03:00"].map(&mut wait), [3, 5]);
    room.write("newsdigest.toml", &config);
    assert_eq!(room.turn(&mut clock, "06:52"), "true 0 0");
    assert_eq!(clock.failures, 0);
}

#[test]
fn what_could_not_be_drafted_is_not_late_for_that() {
    let room = Room::new("");
    fs::rename(room.path("stories"), room.path("elsewhere")).unwrap();
    let mut clock = Clock::default();
    assert_eq!(room.turn(&mut clock, "06:00"), "false 0 0");
    clock.failures = 9;
    assert_eq!(room.turn(&mut clock, "06:57"), "false 0 0");
    assert_eq!(clock.again, clock.run.map(|run| run.send_at));
    fs::rename(room.path("elsewhere"), room.path("stories")).unwrap();
    let sent = room.turn(&mut clock, "07:00");
    assert!(sent.starts_with("true ") && sent != "true 0 0", "{sent}");
}

#[test]
fn two_clocks_are_one() {
    let room = Room::new("proof_to = [\"desk@harbourtimes.example\"]\n");
    let alone = Room::new("proof_to = [\"desk@harbourtimes.example\"]\n");
    let mut clock = Clock::default();
    alone.turn(&mut clock, "06:45");
    let expected = alone.turn(&mut clock, "07:00");
    let both = |time: &str| {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| Clock::default().turn(&room.setting(time), report()));
            }
        });
    };
    both("06:45");
    both("07:00");
    // Whoever came second in the lock finds nothing left.
    assert_eq!(room.turn(&mut Clock::default(), "07:05"), expected);
}

#[test]
fn a_clock_that_nobody_can_stop_stops() {
    fn is_send(future: impl Future + std::marker::Send) -> impl Future + std::marker::Send {
        future
    }
    let room = Room::new("");
    let (tell, told) = watch::channel(false);
    drop(tell);
    let setting = Arc::new(room.setting("06:45"));
    let runtime = open::runtime().unwrap();
    runtime.block_on(is_send(keep(setting, report(), told)));
    assert!(room.path("editions/2026-08-24.toml").exists());
}

#[test]
fn its_words() {
    let room = Room::new("");
    let config = room.setting("06:00").config().unwrap();
    let schedule = config.schedule.unwrap();
    let run = schedule.run_of("2026-08-24".parse().unwrap()).unwrap();
    let mut said = vec![
        words::NO_SCHEDULE.to_owned(),
        words::next(&run, &schedule),
        words::held(&run),
    ];
    for stage in [Stage::Missing, Stage::Drafted, Stage::Held] {
        said.extend(words::missed(&run, stage, &schedule));
    }
    assert_eq!(words::missed(&run, Stage::Over, &schedule), None);
    insta::assert_snapshot!(said.join("\n"), @"
    there is no `[schedule]`: nothing is drafted or sent by the clock
    the next edition is that of Mon 2026-08-24: drafted at 06:45 +01:00, sent at 07:00 +01:00
    2026-08-24 is held by the editor: it is not sent as long as `hold = true` stands in its file
    2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; it was not drafted
    2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; it was drafted
    2026-08-24 was not sent to its end by 09:00 +01:00, and now it is too late; its editor holds it
    ");
}
