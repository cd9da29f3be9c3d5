mod missed;
mod several;

use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;
use std::sync::Mutex;

use chrono::{DateTime, Utc};

use super::*;
use crate::config::Surroundings;
use crate::ledger::Target;
use crate::model::stop::{Stop, Stopper};
use crate::model::world::Random;
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
    fn at(&self, time: &str) -> ClockSetup {
        let now: DateTime<Utc> = format!("2026-08-24T{time}:00+01:00").parse().unwrap();
        let config = self.path("newsdigest.toml");
        ClockSetup {
            ledger: crate::ledger::FileWatch::default(),
            shared: SharedHarvests::default(),
            read_newsroom: Box::new(move || {
                let surroundings = Surroundings {
                    environment: &|_| None,
                    zoneinfo: Path::new("/usr/share/zoneinfo"),
                };
                Newsroom::read(&config, &surroundings)
            }),
            world: World {
                clock: Arc::new(move || now),
                random: RANDOM,
                stop: Stop::never(),
                who: None,
                turn: Arc::default(),
            },
            tell: Box::new(|_, _| {}),
        }
    }

    /// Lets the clock look at the schedule then, and says how many letters and proofs there are and whether there is an edition.
    fn turn(&self, keeper: &mut Keeper, time: &str) -> String {
        turn(keeper, &self.at(time));
        self.count()
    }

    fn count(&self) -> String {
        let edition = self.path("editions/2026-08-24.toml").exists();
        let (letters, proofs) = letters(&self.path("outbox"));
        format!("{edition} {letters} {proofs}")
    }

    fn is_frozen(&self) -> bool {
        let config = (self.at("07:00").read_newsroom)()
            .ok()
            .unwrap()
            .newsletters
            .remove(0);
        let ledger = Ledger::open_if_any(&config.ledger).unwrap();
        let slug: Slug = "2026-08-24".parse().unwrap();
        ledger.is_some_and(|ledger| {
            let run = ledger.run(None, &slug, &sends::target(&config)).unwrap();
            run.is_some_and(|run| run.target != Target::Relay)
        })
    }
}

const RANDOM: Random = Random(|bytes| {
    for byte in bytes {
        *byte = RandomState::new().build_hasher().finish().to_le_bytes()[0];
    }
    Ok(())
});

fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(1).enable_all().build().unwrap()
}

fn turn(keeper: &mut Keeper, newsroom: &ClockSetup) -> Option<DateTime<Utc>> {
    runtime().block_on(keeper.turn(newsroom))
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
fn a_day_has_more_than_one_edition() {
    let room = Room::new(
        "[[schedule.more]]\nname = \"evening\"\nsend_at = \"17:00\"\nnot_after = \"01:00 next day\"\n",
    );
    let evening = || room.path("editions/2026-08-24-evening.toml").exists();
    let keeper = &mut Keeper::default();
    assert_eq!(room.turn(keeper, "06:45"), "true 0 0");
    assert_eq!(room.turn(keeper, "07:00"), "true 3 0");
    assert_eq!(
        (room.turn(keeper, "16:44"), evening()),
        ("true 3 0".to_owned(), false)
    );
    assert_eq!(
        (room.turn(keeper, "16:45"), evening()),
        ("true 3 0".to_owned(), true)
    );
    // A restart between the two knows both.
    let keeper = &mut Keeper::default();
    assert_eq!(room.turn(keeper, "17:00"), "true 6 0");
    assert_eq!(room.turn(keeper, "23:59"), "true 6 0");
}

#[test]
fn drafts_and_sends_once() {
    let room = Room::new("proof_to = [\"desk@harbourtimes.example\"]\n");
    let mut clock = Keeper::default();
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
    assert_eq!(room.turn(&mut Keeper::default(), "07:00"), sent);
    assert_eq!(room.turn(&mut Keeper::default(), "06:45"), sent);
}

#[test]
fn a_missed_run_is_caught_up_until_it_is_too_late() {
    let room = Room::new("");
    assert_eq!(room.turn(&mut Keeper::default(), "09:00"), "false 0 0");
    let sent = room.turn(&mut Keeper::default(), "08:59");
    assert!(sent.starts_with("true ") && sent != "true 0 0", "{sent}");
}

#[test]
fn an_editor_holds_it_and_lets_it_go() {
    let room = Room::new("");
    let mut clock = Keeper::default();
    room.turn(&mut clock, "06:45");
    let edition = room.read("editions/2026-08-24.toml");
    let held = edition.replace("# hold = true", "hold = true");
    assert_ne!(edition, held);
    room.write("editions/2026-08-24.toml", &held);
    assert_eq!(room.turn(&mut clock, "07:00"), "true 0 0");
    assert_eq!(room.turn(&mut Keeper::default(), "08:00"), "true 0 0");
    assert_eq!(room.turn(&mut Keeper::default(), "09:00"), "true 0 0");
    room.write("editions/2026-08-24.toml", &edition);
    assert_ne!(room.turn(&mut clock, "08:30"), "true 0 0");
}

#[test]
fn an_edition_that_is_there_stays() {
    let room = Room::new("proof_to = [\"desk@harbourtimes.example\"]\n");
    let mine = "[[top]]\nheadline = \"Mine\"\nurl = \"https://harbourtimes.example/mine\"\n";
    fs::create_dir(room.path("editions")).unwrap();
    room.write("editions/2026-08-24.toml", mine);
    assert_eq!(room.turn(&mut Keeper::default(), "06:45"), "true 0 0");
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
    let mut clock = Keeper::default();
    for (time, reached) in [
        ("06:45", EditionStage::Drafted),
        ("06:46", EditionStage::Drafted),
        ("07:00", EditionStage::Over),
        ("07:01", EditionStage::Over),
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
    let mut clock = Keeper::default();
    let mut wait = |time: &str| {
        let newsroom = room.at(time);
        let wake = turn(&mut clock, &newsroom).unwrap();
        ((wake - newsroom.world.now()).num_seconds() + 30) / 60
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
    let mut clock = Keeper::default();
    assert_eq!(room.turn(&mut clock, "06:00"), "false 0 0");
    clock.failures = 9;
    assert_eq!(room.turn(&mut clock, "06:57"), "false 0 0");
    assert_eq!(clock.again, clock.run.as_ref().map(|run| run.send_at));
    fs::rename(room.path("elsewhere"), room.path("stories")).unwrap();
    let sent = room.turn(&mut clock, "07:00");
    assert!(sent.starts_with("true ") && sent != "true 0 0", "{sent}");
}

#[test]
fn two_clocks_are_one() {
    let room = Room::new("proof_to = [\"desk@harbourtimes.example\"]\n");
    let alone = Room::new("proof_to = [\"desk@harbourtimes.example\"]\n");
    let mut clock = Keeper::default();
    alone.turn(&mut clock, "06:45");
    let expected = alone.turn(&mut clock, "07:00");
    let both = |time: &str| {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| turn(&mut Keeper::default(), &room.at(time)));
            }
        });
    };
    both("06:45");
    both("07:00");
    // Whoever came second in the lock finds nothing left.
    assert_eq!(room.turn(&mut Keeper::default(), "07:05"), expected);
}

#[test]
fn a_clock_ends_when_it_is_asked_to() {
    fn is_send(future: impl Future<Output = ()> + Send) -> impl Future<Output = ()> + Send {
        future
    }
    let room = Room::new("");
    let (stopper, stop) = Stop::new();
    let drafted = Mutex::new(Some(stopper));
    let mut newsroom = room.at("06:45");
    newsroom.world.stop = stop;
    newsroom.tell = Box::new(move |_, event| {
        if let ClockEvent::Drafted { .. } = event {
            drafted.lock().unwrap().take().unwrap().ask();
        }
    });
    runtime().block_on(is_send(keep(Arc::new(newsroom))));
    assert_eq!(room.count(), "true 0 0");
}

/// Asks for the stop at the nth look at the clock or event, and notes how far the edition was then.
struct Stopping {
    stopper: Stopper,
    left: Mutex<usize>,
    /// Whether the edition was frozen, and how many letters there were.
    then: Mutex<Option<(bool, usize)>>,
}

impl Stopping {
    fn pass(&self, room: &Path, is_frozen: impl Fn() -> bool) {
        let mut left = self.left.lock().unwrap();
        if *left == 0 && self.then.lock().unwrap().is_none() {
            *self.then.lock().unwrap() = Some((is_frozen(), letters(&room.join("outbox")).0));
            self.stopper.ask();
        }
        *left = left.saturating_sub(1);
    }
}

/// A stop at whatever instant: waiting, choosing, between draft and freeze, while the freeze is prepared, while letters leave.
#[test]
fn after_a_stop_nothing_is_frozen_and_no_letter_begins() {
    let mut stages = std::collections::BTreeSet::new();
    for place in 0.. {
        let room = Arc::new(Room::new("proof_to = [\"desk@harbourtimes.example\"]\n"));
        let (stopper, stop) = Stop::new();
        let stopping = Arc::new(Stopping {
            stopper,
            left: Mutex::new(place),
            then: Mutex::new(None),
        });
        let mut newsroom = room.at("07:00");
        let now = newsroom.world.now();
        let pass = {
            let (room, stopping) = (Arc::clone(&room), Arc::clone(&stopping));
            move || stopping.pass(room.0.path(), || room.is_frozen())
        };
        newsroom.world.stop = stop;
        newsroom.world.clock = Arc::new({
            let pass = pass.clone();
            move || {
                pass();
                now
            }
        });
        newsroom.tell = Box::new(move |_, _| pass());
        turn(&mut Keeper::default(), &newsroom);
        let Some((was_frozen, letters_then)) = *stopping.then.lock().unwrap() else {
            assert!(place > 10, "the stop was never asked for");
            break;
        };
        let (letters_now, _) = letters(&room.path("outbox"));
        assert_eq!(room.is_frozen(), was_frozen, "at {place}");
        // The one letter that was under way.
        assert!(letters_now <= letters_then + 1, "at {place}");
        stages.insert((room.path("editions/2026-08-24.toml").exists(), was_frozen));
        // What was stopped goes on, and everybody gets their letter.
        room.turn(&mut Keeper::default(), "07:05");
        let whole = Room::new("");
        whole.turn(&mut Keeper::default(), "07:05");
        assert_eq!(
            letters(&room.path("outbox")).0,
            letters(&whole.path("outbox")).0
        );
    }
    // Before the draft, behind it, and behind the freeze.
    let all = [(false, false), (true, false), (true, true)];
    assert_eq!(stages, std::collections::BTreeSet::from(all));
}

/// The relay's quota is used up: nothing is tried, said or read before it is renewed.
#[test]
fn it_waits_for_the_quotas_next_day() {
    let room = Room::new("");
    let paused = Some("2026-08-24T08:00:00+01:00".parse().unwrap());
    let mut keeper = Keeper::default();
    keeper.paused = paused;
    let newsroom = ClockSetup {
        read_newsroom: Box::new(|| panic!("it reads the config")),
        ..room.at("07:59")
    };
    assert_eq!(turn(&mut keeper, &newsroom), paused);
    assert_eq!(room.turn(&mut keeper, "08:00"), "true 3 0");
}
