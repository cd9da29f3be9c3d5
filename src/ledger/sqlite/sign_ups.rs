//! Sign-ups on the readers' page, from the form to the confirmation.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, ToSql};

use super::changes::{Said, note};
use super::preferences::StoredPreferences;
use super::sign_of_life::alive;
use super::{Ledger, instant, millis, runs, suppression, text_of};
use crate::ledger::LedgerError;
use crate::ledger::policy::{self, Admission, SIGN_UPS_AN_HOUR, SignUpFacts};
use crate::ledger::state::{ChangeKind, LetterState};
use crate::model::address::Address;
use crate::model::inbox::Inbox;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterKey;
use crate::model::reader::{ReaderId, SignUp, SignUpId};

/// Writes a sign-up down; `false`: later. What is not done here is not said either: the answer tells nobody who reads the newsletter.
pub(super) fn sign(
    db: &Connection,
    sign_up: &SignUp,
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    let inbox = Inbox::of(&sign_up.address);
    match policy::admission(&facts(db, sign_up, &inbox, now)?) {
        Admission::Later => return Ok(false),
        Admission::NoLetter => return touch(db).map(|()| true),
        Admission::Letter => {}
    }
    db.prepare_cached(
        "INSERT INTO sign_up (key, address, name, sections, form, consent, client, at, inbox, newsletters, alerts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        &*sign_up.address.key(),
        sign_up.address.reveal(),
        sign_up.name.as_ref().map(Line::as_str),
        serde_json::to_string(&sign_up.sections).unwrap_or_else(|_| "[]".into()),
        sign_up.form.as_str(),
        sign_up.consent.as_str(),
        sign_up.client.map(|client| client.to_string()),
        millis(now),
        inbox.reveal(),
        serde_json::to_string(&sign_up.newsletters).unwrap_or_else(|_| "[]".into()),
        sign_up.alerts,
    ))?;
    Ok(true)
}

fn facts(
    db: &Connection,
    sign_up: &SignUp,
    inbox: &Inbox,
    now: DateTime<Utc>,
) -> rusqlite::Result<SignUpFacts> {
    let count = |sql: &str, values: &[&dyn ToSql]| {
        db.prepare_cached(sql)?
            .query_row(values, |row| row.get::<_, u32>(0))
    };
    let waiting = format!(
        "SELECT count(*) FROM sign_up WHERE letter = {}",
        LetterState::Waiting
    );
    // Whether the sign-up so many before this one came within the hour.
    let hour = "SELECT count(*) FROM (SELECT at FROM sign_up ORDER BY id DESC LIMIT 1 OFFSET ?1) WHERE at BETWEEN ?2 AND ?3";
    let today = "SELECT count(*) FROM sign_up WHERE inbox = ?1 AND at BETWEEN ?2 AND ?3 AND confirmed IS NULL";
    let ago = |time: TimeDelta| millis(now - time);
    let suppressed = match suppression::known(db, &sign_up.address.key())? {
        Some(reader) => suppression::of(db, reader)?.map(|(why, _)| why),
        None => None,
    };
    Ok(SignUpFacts {
        letters_waiting: count(&waiting, &[])?,
        is_hour_full: count(
            hour,
            &[
                &(SIGN_UPS_AN_HOUR - 1),
                &ago(TimeDelta::hours(1)),
                &millis(now),
            ],
        )? > 0,
        suppressed,
        letters_today: count(
            today,
            &[&inbox.reveal(), &ago(TimeDelta::days(1)), &millis(now)],
        )?,
    })
}

/// Writes and leaves everything as it was. It proves that the disk takes it, which reading does not; and it takes as long as any other answer.
pub(super) fn touch(db: &Connection) -> rusqlite::Result<()> {
    // To write what is there already would not do: SQLite sees that and writes nothing.
    db.prepare_cached("INSERT INTO salt VALUES (x'')")?
        .execute([])?;
    db.prepare_cached("DELETE FROM salt WHERE value = x''")?
        .execute([])
        .map(drop)
}

struct SignUpRow {
    id: i64,
    address: Address,
    kept: StoredPreferences,
    consent: String,
    at: DateTime<Utc>,
    /// Once it is confirmed.
    reader: Option<i64>,
}

impl Ledger {
    /// Whether that sign-up can be confirmed.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn can_confirm(&self, id: SignUpId, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        self.read(|db| look(db, id, now))
            .map(|found| found.is_some())
    }
}

/// The sign-up, if it can be confirmed, or was and the reader has not left since.
fn look(db: &Connection, id: SignUpId, now: DateTime<Utc>) -> rusqlite::Result<Option<SignUpRow>> {
    let Ok(number) = i64::try_from(id.number()) else {
        return Ok(None);
    };
    let found = db
        .prepare_cached(
            "SELECT address, name, sections, consent, at, reader, newsletters, alerts FROM sign_up WHERE id = ?1",
        )?
        .query_row([number], |row| {
            // An older program took addresses that are none.
            let Ok(address) = Address::parse(&text_of(row, 0)?) else {
                return Ok(None);
            };
            let newsletters = serde_json::from_str(&text_of(row, 6)?).unwrap_or_default();
            Ok(Some(SignUpRow {
                id: number,
                address,
                kept: StoredPreferences::signed_up(
                    row.get::<_, Option<String>>(1)?.as_deref(),
                    &row.get::<_, String>(2)?,
                    newsletters,
                    row.get(7)?,
                ),
                consent: row.get(3)?,
                at: instant(row.get(4)?),
                reader: row.get(5)?,
            }))
        })
        .optional()?;
    let Some(found) = found.flatten() else {
        return Ok(None);
    };
    let is_over = match found.reader {
        // Once they have left, it would not be true to welcome them.
        Some(reader) => suppression::has_left(db, reader)?,
        None => policy::is_sign_up_over(found.at, now),
    };
    Ok((!is_over).then_some(found))
}

/// `newsletters` are all that there are, where there are several, and `alerts` is the id of the alerts; `today` is the day that is written beside the reader.
pub(super) fn confirm(
    db: &Connection,
    id: SignUpId,
    (newsletters, alerts): (&[NewsletterKey], Option<&str>),
    (now, today): (DateTime<Utc>, NaiveDate),
) -> rusqlite::Result<Option<ReaderId>> {
    let Some(mut found) = look(db, id, now)? else {
        return Ok(None);
    };
    let welcome = |reader: i64| Some(ReaderId::from_ledger(reader.cast_unsigned()));
    if let Some(reader) = found.reader {
        return Ok(welcome(reader));
    }
    let key = found.address.key();
    let reader = suppression::reader(db, &key)?;
    // A reader who was erased is back under their own name.
    db.prepare_cached("UPDATE reader SET key = ?2 WHERE id = ?1 AND key <> ?2")?
        .execute((reader, &*key))?;
    // Whatever became of the letter, none goes out any more.
    db.prepare_cached(
        "UPDATE sign_up SET confirmed = ?2, reader = ?3, letter = max(letter, ?4), welcome = 0 WHERE id = ?1",
    )?
    .execute((
        found.id,
        millis(now),
        reader,
        LetterState::HandedOver as i64,
    ))?;
    alive(db, reader, now)?;
    let suppressed = suppression::of(db, reader)?;
    // They are told nothing else than anybody.
    if policy::may_come_back(suppressed.map(|(why, _)| why)) {
        db.prepare_cached("DELETE FROM suppressed WHERE reader = ?1")?
            .execute([reader])?;
        let of_alerts = alerts.map(str::to_owned).into_iter();
        let of_alerts: Vec<String> = of_alerts.chain(runs::alerts(db)?).collect();
        // Who had left all of them comes back to what they chose now, and to nothing else: of those neither that are not there now.
        if suppressed.is_some() {
            let mut others = of_alerts.clone();
            if !newsletters.is_empty() {
                others.extend(newsletters.iter().map(|one| one.id.clone()));
                others.extend(runs::newsletters(db)?);
            }
            for id in others {
                suppression::leaves(db, reader, &id, now)?;
            }
        }
        for one in newsletters {
            if found.kept.names(&one.name) {
                suppression::wants(db, reader, &one.id)?;
            }
        }
        if newsletters.is_empty() {
            for (id, _) in suppression::left_by(db, reader)? {
                if !of_alerts.contains(&id) {
                    suppression::wants(db, reader, &id)?;
                }
            }
        }
        if let Some(id) = alerts.filter(|_| found.kept.alerts()) {
            suppression::wants(db, reader, id)?;
        }
        found.kept.beside(newsletters);
        let said = Said {
            preferences: &found.kept,
            consent: Some((&found.consent, today)),
        };
        let address = found.address.reveal();
        note(db, reader, ChangeKind::Join, address, Some(said), now)?;
    }
    Ok(welcome(reader))
}
