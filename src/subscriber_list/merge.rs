//! What readers changed comes into the subscribers file.
//!
//! | killed | what is found | what is done |
//! |---|---|---|
//! | before the file is renamed | the old file, the change unmerged | merged |
//! | before the ledger knows | the new file, the change unmerged | merged again, which changes nothing |
//! | later | both | nothing |
//!
//! Where the list is in the ledger, what readers ask for is done by the time they are answered, and nothing is merged.
//!
//! A file that cannot be changed (locked, full of problems, a full disk) costs nothing but time: the change waits in the ledger.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::error::ListError;
use crate::ledger::{Change, Changes, Ledger, ReaderChange as Wanted};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::subscriber::Subscriber;
use crate::model::zone::Zone;
use crate::newsroom::subscribers::{Revision, Wish, hold};

/// What came into the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Changes that had not been merged before.
    pub new: usize,
    /// Changes that somebody had overwritten with an older copy of the file.
    pub again: usize,
    /// What is wrong with changes that cannot be read; they are set aside.
    pub broken: Vec<Line>,
    /// Readers whose own block in the file has a problem: what they changed is kept until it is mended.
    pub waiting: Vec<Address>,
}

/// Merges all changes that wait, and those of the last day that an older copy of the file has overwritten.
///
/// # Errors
/// The ledger or the file fails; whatever was not merged is kept.
pub fn merge(
    ledger: &mut Ledger,
    subscribers: &Path,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<Merged, ListError> {
    let changes = ledger.changes()?;
    if changes.is_empty() {
        return Ok(Merged::default());
    }
    if ledger.subscribers_version()?.is_some() {
        return clean_copies(ledger, changes, now);
    }
    // Read again under the lock: two who merge at once would else put back what the other has erased.
    let held = hold(subscribers)?;
    let changes = ledger.changes()?;
    if ledger.subscribers_version()?.is_some() {
        // The list has moved meanwhile.
        return clean_copies(ledger, changes, now);
    }
    let revisions: Vec<Revision> = changes
        .readable
        .iter()
        .map(|change| revision(change, zone))
        .collect();
    let outcomes = held.revise(&revisions)?;
    let mut merged = Merged::default();
    let mut done = Vec::new();
    for (change, outcome) in changes.readable.iter().zip(outcomes) {
        if outcome.waits {
            merged
                .waiting
                .extend(change.merged_over.is_none().then(|| change.address.clone()));
            continue;
        }
        match &change.merged_over {
            None => merged.new += 1,
            Some(_) if outcome.changed => merged.again += 1,
            Some(_) => continue,
        }
        done.push((change.id, outcome.before));
    }
    for (id, what) in changes.broken {
        done.push((id, None));
        merged.broken.push(what);
    }
    ledger.merged(&done, now)?;
    merged.broken.extend(ledger.take_refused());
    Ok(merged)
}

/// Where the list is in the ledger, all that is left to do is to clean the copies of erased readers.
fn clean_copies(
    ledger: &mut Ledger,
    changes: Changes,
    now: DateTime<Utc>,
) -> Result<Merged, ListError> {
    let mut merged = Merged::default();
    let mut done: Vec<_> = (changes.readable.iter())
        .map(|change| (change.id, None))
        .collect();
    for (id, what) in changes.broken {
        done.push((id, None));
        merged.broken.push(what);
    }
    ledger.merged(&done, now)?;
    merged.broken.extend(ledger.take_refused());
    Ok(merged)
}

fn revision(change: &Change, zone: &Zone) -> Revision {
    Revision {
        address: change.address.clone(),
        wish: match &change.wish {
            Wanted::Join {
                preferences,
                consent,
                defaults,
            } => Wish::Join {
                subscriber: Box::new(Subscriber {
                    since: Some(zone.day(change.at)),
                    consent: Some(consent.clone()),
                    ..(preferences.clone()).given_to(Subscriber::new(change.address.clone()))
                }),
                defaults: defaults.clone(),
            },
            Wanted::Prefer(preferences) => Wish::Prefer(preferences.clone()),
            Wanted::Erase => Wish::Erase,
        },
        only_over: change.merged_over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::ledger::{LedgerError, LedgerFile, ReadersWriter};
    use crate::model::reader::{Preferences, ReaderId, SignUp, SignUpId, Switched};
    use crate::model::subscriber::{Paused, Suppression};
    use crate::model::token::{Purpose, Token};

    fn at(path: &Path) -> LedgerFile {
        LedgerFile::new(path.to_owned(), path, "x")
    }

    /// What readers ask for is on the disk when it comes back.
    fn write(path: &Path, work: impl AsyncFnOnce(&ReadersWriter) -> Result<(), LedgerError>) {
        let (writer, thread) = ReadersWriter::start(Ledger::open(&at(path)).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(work(&writer)).unwrap();
        drop(writer);
        thread.finish().unwrap();
    }

    const fn reader() -> ReaderId {
        ReaderId::from_ledger(1)
    }

    const ADA: &str = "[[subscriber]]\nemail = \"ada@example.org\"\n";

    /// Where a ledger and a file are, and what time it is.
    struct Room {
        path: PathBuf,
        file: PathBuf,
        now: DateTime<Utc>,
        _folder: tempfile::TempDir,
    }

    impl Room {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            Self {
                path: folder.path().join("l.db"),
                file: folder.path().join("subscribers.toml"),
                now: "2026-11-24T05:00:00Z".parse().unwrap(),
                _folder: folder,
            }
        }

        /// A reader is in the file, and the ledger knows them.
        fn with_ada() -> (Self, Ledger) {
            let room = Self::new();
            std::fs::write(&room.file, ADA).unwrap();
            let mut ledger = Ledger::open(&at(&room.path)).unwrap();
            let ada = crate::model::address::Address::parse("ada@example.org").unwrap();
            ledger
                .suppress(&[ada], Suppression::ByHand, room.now)
                .unwrap();
            (room, ledger)
        }

        fn prefer(&self, wants: Preferences) {
            write(&self.path, async |writer| {
                let changed = writer.change(reader(), wants, Switched::default(), self.now);
                assert!(changed.await?);
                Ok(())
            });
        }
    }

    #[test]
    fn a_crash_at_any_step_neither_loses_nor_doubles_a_reader() {
        let room = Room::new();
        let Room {
            path, file, now, ..
        } = &room;
        let now = *now;
        let sign_up = SignUp {
            address: crate::model::address::Address::parse("Ada@example.org").unwrap(),
            name: None,
            sections: Vec::new(),
            newsletters: Vec::new(),
            alerts: false,
            form: Line::clean("page 1"),
            consent: Line::clean("Yes. (2026-11-24)"),
            client: None,
        };
        let token = Token {
            purpose: Purpose::Confirm,
            number: 1,
            run: 0,
        };
        write(path, async |writer| {
            assert!(writer.sign_up(sign_up, now).await?);
            let confirmed = writer
                .confirm(SignUpId::of(&token).unwrap(), now, now.date_naive(), None)
                .await?;
            assert_eq!(confirmed, Some(reader()));
            Ok(())
        });
        let mut ledger = Ledger::open(&at(path)).unwrap();
        let mut run = |now| merge(&mut ledger, file, &Zone::utc(), now).unwrap();
        // Killed with the new file in place, and the ledger not told.
        let changes = Ledger::open(&at(path)).unwrap().changes().unwrap().readable;
        hold(file)
            .unwrap()
            .revise(&[revision(&changes[0], &Zone::utc())])
            .unwrap();
        let text = "[[subscriber]]\nemail = \"Ada@example.org\"\nsince = 2026-11-24\nconsent = \"Yes. (2026-11-24)\"\n";
        let says = || std::fs::read_to_string(file).unwrap();
        assert_eq!(says(), text);
        assert_eq!(
            run(now),
            Merged {
                new: 1,
                ..Merged::default()
            }
        );
        assert_eq!((run(now), says().as_str()), (Merged::default(), text));
        // Killed before the new file was in place.
        write(path, async |writer| {
            assert!(writer.erase(reader(), now).await?);
            Ok(())
        });
        assert_eq!(
            run(now),
            Merged {
                new: 1,
                ..Merged::default()
            }
        );
        assert_eq!((run(now), says().as_str()), (Merged::default(), ""));
    }

    #[test]
    fn an_older_copy_of_the_file_is_mended_for_a_day() {
        let (room, mut ledger) = Room::with_ada();
        let file = &room.file;
        room.prefer(Preferences {
            name: Line::non_empty("Ada"),
            ..Preferences::NONE
        });
        let mut run = |hours| {
            let now = room.now + chrono::TimeDelta::hours(hours);
            merge(&mut ledger, file, &Zone::utc(), now).unwrap()
        };
        assert_eq!(run(0).new, 1);
        std::fs::write(file, ADA).unwrap();
        assert_eq!(
            run(1),
            Merged {
                again: 1,
                ..Merged::default()
            }
        );
        assert!(
            std::fs::read_to_string(file)
                .unwrap()
                .contains("name = \"Ada\"")
        );
        // Somebody wrote something else: that is the newer word.
        let newer = "[[subscriber]]\nemail = \"ada@example.org\"\nname = \"A.\"\n";
        std::fs::write(file, newer).unwrap();
        assert_eq!(run(2), Merged::default());
        std::fs::write(file, ADA).unwrap();
        assert_eq!(run(48).again, 1, "looked at for the last time");
        std::fs::write(file, ADA).unwrap();
        assert_eq!(run(49), Merged::default());
    }

    #[test]
    fn who_changed_their_mind_back_is_not_taken_for_an_older_copy() {
        let (room, mut ledger) = Room::with_ada();
        let mut run = || merge(&mut ledger, &room.file, &Zone::utc(), room.now).unwrap();
        for paused in [Paused::Yes, Paused::No] {
            room.prefer(Preferences {
                paused,
                ..Preferences::NONE
            });
            assert_eq!(run().new, 1);
        }
        assert_eq!(run(), Merged::default());
    }
}
