//! What came back of letters that the relay took, and when that is reason enough to stop.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::audit::text;
use super::claims::Refused;
use super::suppression::holds;
use super::{Ledger, LedgerError, instant, millis};
use crate::bounce::Class;
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::subscriber::Suppression;

/// One thing that came back, about a reader whom its token named.
#[derive(Clone, Debug)]
pub struct Returned {
    /// The reader's number.
    pub reader: u64,
    /// The run whose letter it was; 0: not told.
    pub run: u64,
    /// What it says.
    pub what: Comeback,
    /// Its words.
    pub words: Line,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The same for the same message: read twice, it counts once.
    pub digest: [u8; 16],
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comeback {
    /// The letter was not delivered.
    Failed(Class),
    /// She calls it spam.
    Complained,
}

impl Comeback {
    /// The name kept in the ledger, and shown.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Failed(class) => class.code(),
            Self::Complained => "complaint",
        }
    }
}

/// How many soft bounces are too many: `soft` editions within `within` (`[bounces]`).
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// So many of them.
    pub soft: u32,
    /// In so long.
    pub within: TimeDelta,
}

/// What followed from something that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was written down.
    Noted,
    /// It was written down, and the reader is on the suppression list for it. `None`: their key cannot be read as an address.
    Suppressed(Option<Address>),
    /// It was written down before, or too many are of hers.
    Known,
    /// The ledger knows no such reader: her letter was sent from another one.
    Stranger,
}

/// One row of what came back of a reader's letters.
#[derive(Clone, Debug)]
pub struct CameBack {
    /// The number of the run whose letter it was, if that was told.
    pub run: Option<i64>,
    /// What: `hard`, `soft`, `temporary`, `about-us` or `complaint`.
    pub what: Line,
    /// Its words.
    pub words: Line,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// So many rows a reader: somebody who writes bounces with a token of hers fills no disk.
const MOST: u32 = 200;

impl Ledger {
    /// Writes down what came back, in one commit, and suppresses whose mailbox is gone (at once), was closed too often (`patience`), or who
    /// complained. What is temporary or about us never suppresses. A suppression that is lifted later begins anew: what led to it does not
    /// count again.
    ///
    /// # Errors
    /// The ledger cannot be written; nothing is then.
    pub fn note_returned(
        &mut self,
        all: &[Returned],
        patience: Patience,
        now: DateTime<Utc>,
    ) -> Result<Vec<Outcome>, LedgerError> {
        self.write(|db| all.iter().map(|one| note(db, one, patience, now)).collect())
    }

    /// What came back of the letters to that address, oldest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn came_back(&self, address: &Address) -> Result<Vec<CameBack>, LedgerError> {
        self.read(|db| {
            db.prepare("SELECT run, class, words, at FROM bounce WHERE reader = (SELECT id FROM reader WHERE key = ?1) ORDER BY at, id")?
                .query_map([&*address.key()], |row| {
                    Ok(CameBack {
                        run: row.get(0)?,
                        what: Line::clean(&row.get::<_, String>(1)?),
                        words: Line::clean(&row.get::<_, String>(2)?),
                        at: instant(row.get(3)?),
                    })
                })?
                .collect()
        })
    }
}

fn note(
    db: &Connection,
    one: &Returned,
    patience: Patience,
    now: DateTime<Utc>,
) -> rusqlite::Result<Outcome> {
    let reader = i64::try_from(one.reader).unwrap_or_default();
    let Some(key) = db
        .prepare_cached("SELECT key FROM reader WHERE id = ?1")?
        .query_row([reader], |row| Ok(text(row.get_ref(0)?).into_owned()))
        .optional()?
    else {
        return Ok(Outcome::Stranger);
    };
    let (rows, same) = db
        .prepare_cached(
            "SELECT count(*), coalesce(sum(digest = ?2), 0) FROM bounce WHERE reader = ?1",
        )?
        .query_row((reader, one.digest), |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?))
        })?;
    if same > 0 || rows >= MOST {
        return Ok(Outcome::Known);
    }
    let run = i64::try_from(one.run).ok().filter(|run| *run > 0);
    // A clock that runs ahead elsewhere keeps nothing in the window for longer.
    let at = millis(one.at.min(now));
    db.prepare_cached("INSERT INTO bounce (reader, run, class, words, at, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute((reader, run, one.what.code(), one.words.as_str(), at, one.digest))?;
    let reason = match one.what {
        Comeback::Complained => Suppression::Complained,
        Comeback::Failed(Class::Hard) => Suppression::Bounced,
        Comeback::Failed(Class::Soft) if is_too_often(db, reader, patience, now)? => {
            Suppression::Bounced
        }
        Comeback::Failed(_) => return Ok(Outcome::Noted),
    };
    if holds(db, reader)? {
        return Ok(Outcome::Noted);
    }
    db.prepare_cached("INSERT INTO suppressed (reader, reason, since) VALUES (?1, ?2, ?3)")?
        .execute((reader, reason.code(), millis(now)))?;
    db.prepare_cached("UPDATE bounce SET spent = 1 WHERE reader = ?1")?
        .execute([reader])?;
    Ok(Outcome::Suppressed(Address::parse(&key).ok()))
}

/// Counts a refusal at RCPT like a bounce of the copy's letter; written down twice, it counts once.
pub(super) fn note_refused(
    db: &Connection,
    refused: &Refused,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let (reader, run): (i64, i64) = db
        .prepare_cached("SELECT reader, run FROM copy WHERE id = ?1")?
        .query_row([refused.copy], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut digest = *b"........ refused";
    digest[..8].copy_from_slice(&refused.copy.to_be_bytes());
    let one = Returned {
        reader: u64::try_from(reader).unwrap_or_default(),
        run: u64::try_from(run).unwrap_or_default(),
        what: Comeback::Failed(refused.class),
        words: refused.words.clone(),
        at: now,
        digest,
    };
    note(db, &one, refused.patience, now).map(|_| ())
}

/// Whether letters of so many editions came back within the time. An edition counts once, however many servers wrote about it.
fn is_too_often(
    db: &Connection,
    reader: i64,
    patience: Patience,
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    let since = millis(now - patience.within);
    let editions: u32 = db
        .prepare_cached("SELECT count(DISTINCT coalesce(run, -id)) FROM bounce WHERE reader = ?1 AND class = 'soft' AND spent = 0 AND at > ?2")?
        .query_row((reader, since), |row| row.get(0))?;
    Ok(editions >= patience.soft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::{AboutUs, Hard, Soft, Temporary};

    const PATIENCE: Patience = Patience {
        soft: 3,
        within: TimeDelta::days(14),
    };

    fn day(day: i64) -> DateTime<Utc> {
        instant(1_787_550_300_000) + TimeDelta::days(day)
    }

    struct Case {
        ledger: Ledger,
        _folder: tempfile::TempDir,
    }

    impl Case {
        /// A ledger that knows one reader, by the number 1.
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
            ledger
                .suppress(&[ada()], Suppression::ByHand, day(0))
                .unwrap();
            ledger.unsuppress(&[ada()]).unwrap();
            Self {
                ledger,
                _folder: folder,
            }
        }

        fn note(&mut self, what: Comeback, number: u8, run: u64, at: i64, now: i64) -> Outcome {
            let returned = Returned {
                reader: 1,
                run,
                what,
                words: Line::clean("550 5.1.1 user unknown"),
                at: day(at),
                digest: [number; 16],
            };
            self.ledger
                .note_returned(&[returned], PATIENCE, day(now))
                .unwrap()
                .remove(0)
        }

        fn reasons(&self) -> Vec<Suppression> {
            let all = self.ledger.suppressed().unwrap().rows;
            all.iter().map(|one| one.reason).collect()
        }
    }

    fn ada() -> Address {
        Address::parse("ada@example.org").unwrap()
    }

    #[test]
    fn what_suppresses() {
        for (what, expected) in [
            (Comeback::Failed(Hard), vec![Suppression::Bounced]),
            (Comeback::Complained, vec![Suppression::Complained]),
            (Comeback::Failed(Soft), vec![]),
            (Comeback::Failed(Temporary), vec![]),
            (Comeback::Failed(AboutUs), vec![]),
        ] {
            let mut case = Case::new();
            case.note(what, 1, 1, 0, 0);
            assert_eq!(case.reasons(), expected, "{what:?}");
        }
    }

    #[test]
    fn read_twice_it_counts_once() {
        let mut case = Case::new();
        assert_eq!(
            case.note(Comeback::Failed(Hard), 1, 1, 0, 0),
            Outcome::Suppressed(Some(ada()))
        );
        case.ledger.unsuppress(&[ada()]).unwrap();
        assert_eq!(
            case.note(Comeback::Failed(Hard), 1, 1, 0, 1),
            Outcome::Known
        );
        assert_eq!(case.reasons(), []);
        assert_eq!(case.ledger.came_back(&ada()).unwrap().len(), 1);
    }

    #[test]
    fn soft_ones_count_by_edition_within_the_time() {
        let soft = Comeback::Failed(Soft);
        let mut case = Case::new();
        // Three reports of one edition, an old one, and a temporary one: only two count.
        for (number, run, at) in [(1, 7, 20), (2, 7, 20), (3, 7, 21), (4, 8, 1)] {
            assert_eq!(case.note(soft, number, run, at, 21), Outcome::Noted);
        }
        assert_eq!(
            case.note(Comeback::Failed(Temporary), 5, 9, 21, 21),
            Outcome::Noted
        );
        assert_eq!(case.note(soft, 6, 10, 21, 21), Outcome::Noted);
        assert_eq!(
            case.note(soft, 7, 11, 99, 21),
            Outcome::Suppressed(Some(ada()))
        );
        assert_eq!(case.reasons(), [Suppression::Bounced]);
        // Lifted by hand: what led to it does not count again.
        case.ledger.unsuppress(&[ada()]).unwrap();
        assert_eq!(case.note(soft, 8, 12, 22, 22), Outcome::Noted);
        assert_eq!(case.reasons(), []);
    }

    #[test]
    fn an_earlier_reason_stays() {
        let mut case = Case::new();
        case.ledger
            .suppress(&[ada()], Suppression::ByHand, day(0))
            .unwrap();
        assert_eq!(case.note(Comeback::Complained, 1, 1, 0, 0), Outcome::Noted);
        assert_eq!(case.reasons(), [Suppression::ByHand]);
    }

    #[test]
    fn strangers_and_floods() {
        let mut case = Case::new();
        let mut returned = Returned {
            reader: 2,
            run: 1,
            what: Comeback::Failed(Hard),
            words: Line::clean("x"),
            at: day(0),
            digest: [0; 16],
        };
        for reader in [0, 2, u64::MAX] {
            returned.reader = reader;
            let outcome =
                case.ledger
                    .note_returned(std::slice::from_ref(&returned), PATIENCE, day(0));
            assert_eq!(outcome.unwrap(), [Outcome::Stranger], "{reader}");
        }
        returned.reader = 1;
        returned.what = Comeback::Failed(AboutUs);
        let flood: Vec<Returned> = (0..=MOST)
            .map(|number| {
                let mut one = returned.clone();
                one.digest[..4].copy_from_slice(&number.to_be_bytes());
                one
            })
            .collect();
        let outcomes = case.ledger.note_returned(&flood, PATIENCE, day(0)).unwrap();
        assert_eq!(outcomes.last(), Some(&Outcome::Known));
        assert_eq!(case.ledger.came_back(&ada()).unwrap().len(), MOST as usize);
    }
}
