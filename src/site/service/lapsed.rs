//! Readers who give no sign of life for a long time are asked by a letter whether they still want it. Who does not answer is paused, and stays in
//! the file. Nobody is watched: a sign is what a reader does on our pages, and what the newsroom writes into the file.
//!
//! | killed | what is found | what is done |
//! |---|---|---|
//! | before the letter is handed over | the reader was asked | they are paused after the grace, unasked at worst |
//! | after it | the same | nothing: the letter does not go out again |
//! | before the pause is in the file | the change in the ledger | it is merged |

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::letters::{LetterError, Sessions};
use super::{NotDone, Profile, Service, SiteEvent, lock};
use crate::ledger::{Ledger, LedgerError, Silent};
use crate::message::Unsigned;
use crate::model::address::Address;
use crate::model::delivery::{Letter, Verdict};
use crate::model::edition::{Edition, Slug};
use crate::model::line::Line;
use crate::model::reader::{Preferences, ReaderId};
use crate::model::rhythm::Frequency;
use crate::model::subscriber::Paused;
use crate::model::token::Purpose;
use crate::render::SiteWord;
use crate::site::Publication;
use crate::subscriber_list::SubscriberList;

/// The file is looked through so often.
const EVERY: TimeDelta = TimeDelta::hours(12);
/// Of the readers one in so many is asked each time, and so many at least: a month until all of an old list were asked.
const PART: usize = 60;
const AT_LEAST: u32 = 25;
/// So many are paused at a time at most.
const PAUSED: u32 = 10_000;

impl Service {
    /// Asks and pauses those whose time it is; when to look again.
    pub(super) async fn lapse(
        self: &Arc<Self>,
        ledger: &mut Ledger,
    ) -> Result<Option<DateTime<Utc>>, LetterError> {
        let Some(lapsed) = self.lapsed else {
            return Ok(None);
        };
        let now = self.now();
        let today = self.zone.day(now);
        let next = *lock(&self.looked) + EVERY;
        if now < next {
            return Ok(Some(next));
        }
        *lock(&self.looked) = now;
        // A file that cannot be read is told of where it is merged.
        let readers = self.listed_readers().await.unwrap_or_default();
        // A large file takes seconds, and nobody who asks for a page waits for them.
        tokio::task::block_in_place(|| ledger.known_to_get(&readers, now))?;
        let part = u32::try_from(readers.len() / PART).unwrap_or(u32::MAX);
        let most = part.max(AT_LEAST);
        // Started again, it begins no new part.
        let most = most.saturating_sub(ledger.asked_since(now - EVERY)?);
        for silent in ledger.silent_since(now - lapsed.grace, PAUSED)? {
            let Ok(profile) = self.if_gets_letters(silent.reader, today).await else {
                continue;
            };
            let paused = profile.map(|profile| Preferences {
                paused: Paused::Yes,
                ..profile.preferences
            });
            if ledger.pauses_silent(&silent, paused.as_ref(), now)? && paused.is_some() {
                self.changed.notify_one();
                self.tell(&SiteEvent::PausedBySilence);
            }
        }
        let mut sessions = Sessions::default();
        for silent in ledger.silent(now - lapsed.ask_after, most)? {
            let Ok(profile) = self.if_gets_letters(silent.reader, today).await else {
                continue;
            };
            let Some(profile) = profile else {
                ledger.gets_none(silent.reader, now)?;
                continue;
            };
            let letter = self.asking_letter(&silent, &profile)?;
            if !ledger.asks_silent(&silent, Some(now))? {
                continue;
            }
            match self.hand_over(&letter, &mut sessions).await {
                Ok(Verdict::Accepted(_) | Verdict::InDoubt) => self.tell(&SiteEvent::AskedSilent),
                Ok(Verdict::Rejected(reply) | Verdict::Deferred(reply)) => {
                    ledger.asks_silent(&silent, None)?;
                    self.tell(&SiteEvent::NotAskedSilent(reply));
                }
                Err(error) => {
                    ledger.asks_silent(&silent, None)?;
                    return Err(error);
                }
            }
        }
        sessions.close().await;
        Ok(Some(now + EVERY))
    }

    /// The reader, if they get letters. An error says that file or ledger cannot be read: nobody knows, and it is looked again later.
    async fn if_gets_letters(
        self: &Arc<Self>,
        reader: ReaderId,
        today: NaiveDate,
    ) -> Result<Option<Profile>, NotDone> {
        match Arc::clone(self).profile(reader).await {
            Ok(profile) => Ok(Some(profile).filter(|profile| profile.gets_letters(today))),
            Err(NotDone::Unknown | NotDone::Expired) => Ok(None),
            Err(NotDone::Later) => Err(NotDone::Later),
        }
    }

    /// Who gets letters as the list has it, and since when; `None`: it cannot be read.
    async fn listed_readers(self: &Arc<Self>) -> Option<Vec<(Address, DateTime<Utc>)>> {
        let service = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || {
            let place = service.subscribers_in;
            let list = SubscriberList::open(&service.subscribers, place, &service.ledger).ok()?;
            let list = list.load().ok()?;
            let now = service.now();
            let today = service.zone.day(now);
            let getting = list.each().filter_map(|one| match one {
                Ok(one) if one.paused.on(today) => None,
                Ok(one) => {
                    let since = one
                        .since
                        .map_or(now, |day| service.zone.begins(day).min(now));
                    Some(Ok((one.address, since)))
                }
                Err(error) => Some(Err(error)),
            });
            getting.collect::<Result<_, LedgerError>>().ok()
        });
        read.await.ok()?
    }

    /// What the reader gets, as they know it: the week instead of others, and alerts where they get nothing else.
    fn known_as(&self, profile: &Profile) -> Arc<Publication> {
        let is_weekly = profile.preferences.rhythm.frequency == Frequency::Weekly;
        let mut weeks = self.weeks_of_any(&profile.gets).filter(|_| is_weekly);
        if let Some(week) = weeks.next() {
            return Arc::clone(self.publication_of(std::slice::from_ref(&week.name)));
        }
        let alerts = self.alerts().filter(|_| profile.alerts);
        let only = alerts.filter(|_| profile.gets.is_empty() && !self.newsletters.is_empty());
        only.unwrap_or_else(|| Arc::clone(self.publication_of(&profile.gets)))
    }

    fn asking_letter(&self, silent: &Silent, profile: &Profile) -> Result<Letter, Unsigned> {
        let publication = &self.known_as(profile);
        let day = publication.newsletter.zone.day(self.now());
        let number = silent.reader.number();
        let link = publication.token(Purpose::Leave, number, 0);
        let link = publication.public.stay(&link);
        let say = |word| {
            let name = &publication.newsletter.name;
            publication.template.say(word, name)
        };
        let words = [
            say(SiteWord::LapsedText),
            format!("[**{}**]({link})", say(SiteWord::Stay)),
            say(SiteWord::LapsedElse),
        ];
        let subject = Some(Line::clean(&say(SiteWord::Lapsed)));
        let edition = Edition {
            opening: subject.clone(),
            subject,
            note: Some(words.join("\n\n")),
            ..Edition::new(Slug::of(day))
        };
        // Another silence is another letter: a mailbox takes none whose Message-ID it knows.
        let since = silent.last.timestamp_millis().cast_unsigned();
        let secret = publication.token(Purpose::Leave, number, since);
        self.own_letter(
            publication,
            &edition,
            &secret,
            silent.reader,
            &silent.address,
        )
    }

    /// The reader wants to go on; who was paused by silence is no longer.
    ///
    /// # Errors
    /// There is no such reader, or the ledger cannot be written.
    pub async fn stay(self: Arc<Self>, reader: ReaderId) -> Result<(), NotDone> {
        let profile = Arc::clone(&self).profile(reader).await?;
        let silent = self.or_later(lock(&self.questions).is_paused_by_silence(reader))?;
        let is_resumed = silent && profile.preferences.paused == Paused::Yes;
        let resumed = is_resumed.then_some(Preferences {
            paused: Paused::No,
            ..profile.preferences
        });
        let stayed = self.writer.stay(reader, resumed, self.now()).await;
        self.changed.notify_one();
        super::readers::known(self.or_later(stayed)?)
    }
}
