//! What a reader gets who has confirmed a sign-up: at once the newest edition, or the newsroom's first letter of welcome; then up to three letters more,
//! a day apart. None comes beside an edition of the day, and none twice: each is noted in the ledger before it is handed over.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::letters::{LetterError, Sessions};
use super::sent::frozen;
use super::{NotDone, Profile, Service, SiteEvent};
use crate::ledger::{Ledger, LedgerError, Run, Target, WelcomeDue};
use crate::message::{LetterKind, LetterTemplate, RunKey, Unsigned};
use crate::model::address::Address;
use crate::model::delivery::{Letter, Verdict};
use crate::model::edition::{Edition, Slug};
use crate::model::newsletter::Newsletter;
use crate::model::public::Public;
use crate::model::reader::ReaderId;
use crate::model::token::Purpose;
use crate::render;
use crate::site::Publication;

/// So many are taken at a time.
const BATCH: u32 = 100;
/// So far apart are a letter of welcome and an edition.
const APART: TimeDelta = TimeDelta::hours(4);
/// Two letters of welcome are a day apart; one that was put off comes a little nearer to the next one.
const DAY: TimeDelta = TimeDelta::days(1);
const AT_LEAST: TimeDelta = TimeDelta::hours(20);
/// An edition older than that is no welcome.
const STALE: TimeDelta = TimeDelta::days(8);
/// After this a letter that did not leave is looked at again.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// What is to be done about the next letter.
enum Step {
    /// This edition, under the head and with the Message-ID of its run; or the newsroom's own words.
    Send(Box<Edition>, Option<Box<Run>>),
    PassOver,
    Later(DateTime<Utc>),
    /// The reader gets no more of them.
    Over,
}

impl Service {
    /// Hands over the letters of welcome that are due; when the next one is.
    pub(super) async fn welcome(
        self: &Arc<Self>,
        ledger: &mut Ledger,
    ) -> Result<Option<DateTime<Utc>>, LetterError> {
        if self.publications.iter().all(|one| one.welcome.is_none()) {
            return Ok(None);
        }
        let mut sessions = Sessions::default();
        loop {
            let (due, next) = ledger.welcomes_due(BATCH, self.now())?;
            if due.is_empty() {
                sessions.close().await;
                return Ok(next);
            }
            for one in &due {
                let publication = Arc::clone(self.publication_of(&one.newsletters));
                let profile = Arc::clone(self).profile(one.reader).await;
                let next = one.confirmed + DAY * i32::from(one.number);
                let (edition, run) = match step(one, &publication, profile, ledger, self.now())? {
                    Step::Send(edition, run) => (edition, run),
                    Step::PassOver => {
                        if !ledger.welcome_begun(one, next)? {
                            ledger.welcome_over(one)?;
                        }
                        continue;
                    }
                    Step::Later(at) => {
                        ledger.welcome_later(one, at)?;
                        continue;
                    }
                    Step::Over => {
                        ledger.welcome_over(one)?;
                        continue;
                    }
                };
                let letter = self.welcome_letter(one, &publication, &edition, run.as_deref())?;
                if !ledger.welcome_begun(one, next.max(self.now() + AT_LEAST))? {
                    ledger.welcome_over(one)?;
                    continue;
                }
                // From here on a kill leaves it unsent at worst.
                match self.hand_over(&letter, &mut sessions).await {
                    Ok(Verdict::Accepted(_) | Verdict::InDoubt) => self.tell(&SiteEvent::Welcomed),
                    Ok(Verdict::Rejected(reply)) => {
                        ledger.welcome_over(one)?;
                        self.tell(&SiteEvent::NotWelcomed(reply));
                    }
                    Ok(Verdict::Deferred(reply)) => {
                        ledger.welcome_later(one, self.now() + AGAIN)?;
                        self.tell(&SiteEvent::NotWelcomed(reply));
                    }
                    Err(error) => {
                        ledger.welcome_later(one, self.now() + AGAIN)?;
                        return Err(error);
                    }
                }
            }
        }
    }

    fn welcome_letter(
        &self,
        due: &WelcomeDue,
        publication: &Publication,
        edition: &Edition,
        run: Option<&Run>,
    ) -> Result<Letter, Unsigned> {
        let Some(run) = run else {
            let number = u64::from(due.number);
            let secret = publication.token(Purpose::Confirm, due.sign_up, number);
            return self.own_letter(publication, edition, &secret, due.reader, &due.address);
        };
        let own = &publication.newsletter;
        let frozen = run.newsletter(own);
        let under = (frozen.as_ref().unwrap_or(own), run.id.number());
        self.letter_of(
            publication,
            edition,
            run.key,
            under,
            due.reader,
            &due.address,
        )
    }

    /// A letter of our own words to one reader: it is in no archive, and its links are not counted. Message-ID and boundary follow from the end
    /// of `secret`, a token that is the same for the same letter and no other.
    pub(super) fn own_letter(
        &self,
        publication: &Publication,
        edition: &Edition,
        secret: &str,
        reader: ReaderId,
        to: &Address,
    ) -> Result<Letter, Unsigned> {
        let key = secret.as_bytes().last_chunk().copied().unwrap_or_default();
        let mut newsletter = publication.newsletter.clone();
        newsletter.public = newsletter.public.map(Public::without_archive);
        newsletter.link_query = None;
        self.letter_of(publication, edition, key, (&newsletter, 0), reader, to)
    }

    fn letter_of(
        &self,
        publication: &Publication,
        edition: &Edition,
        key: [u8; 16],
        (newsletter, run): (&Newsletter, u64),
        reader: ReaderId,
        to: &Address,
    ) -> Result<Letter, Unsigned> {
        let relay = self.relays.of_domain(to.domain());
        let newsletter = &relay.letterhead(newsletter);
        let pages = render::pages(edition, newsletter, &publication.template);
        let (slug, now) = (&edition.slug, self.now());
        LetterTemplate::new(
            newsletter,
            slug,
            &pages,
            &RunKey(key),
            now,
            LetterKind::Edition,
        )
        .signed(relay.signer.as_ref())
        .sealed(newsletter, Some(&publication.keys), run)
        .letter(reader.number(), to, None)
    }
}

fn step(
    due: &WelcomeDue,
    publication: &Publication,
    profile: Result<Profile, NotDone>,
    ledger: &Ledger,
    now: DateTime<Utc>,
) -> Result<Step, LedgerError> {
    let Some(welcome) = &publication.welcome else {
        return Ok(Step::Over);
    };
    let profile = match profile {
        Ok(profile) => profile,
        Err(NotDone::Later) => return Ok(Step::Later(now + AGAIN)),
        Err(NotDone::Unknown | NotDone::Expired) => return Ok(Step::Over),
    };
    let day = publication.newsletter.zone.day(now);
    if !profile.gets_letters(day) || !profile.is_sent(publication) {
        return Ok(Step::Over);
    }
    let is_late = now > due.confirmed + DAY * i32::from(due.number);
    let own_words = welcome.letter(due.number);
    if own_words.is_none() && due.number > 1 || is_late && due.number == 1 {
        return Ok(Step::PassOver);
    }
    let beside = beside(due, publication, ledger, now)?;
    if let Some(words) = own_words {
        return Ok(match beside {
            Some(until) => Step::Later(until),
            None => Step::Send(Box::new(words.on(Slug::of(day))), None),
        });
    }
    if beside.is_some() {
        // The edition of the day is their first.
        return Ok(Step::PassOver);
    }
    let newest = ledger.sent(publication.runs_of())?.into_iter().next();
    let Some(newest) = newest.filter(|sent| now - sent.frozen < STALE) else {
        return Ok(Step::PassOver);
    };
    let Some((run, edition)) = frozen(publication, ledger, &newest.slug)? else {
        return Ok(Step::PassOver);
    };
    if ledger.has_copy(run.id, due.reader)? {
        return Ok(Step::PassOver);
    }
    let own = edition.for_sections(&profile.preferences.sections);
    Ok(Step::Send(
        Box::new(own.unwrap_or(edition)),
        Some(Box::new(run)),
    ))
}

/// Until when a letter would come beside an edition: one that the reader got lately, or one that is about to be frozen.
fn beside(
    due: &WelcomeDue,
    publication: &Publication,
    ledger: &Ledger,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, LedgerError> {
    let id = &publication.newsletter.id;
    if let Some(copy) = ledger.last_copy(due.reader, id, now - APART)? {
        return Ok(Some(copy + APART));
    }
    let schedule = publication.schedule.as_ref();
    let Some(run) = schedule.and_then(|schedule| schedule.runs(now).next()) else {
        return Ok(None);
    };
    let is_near = run.send_at - now < APART && now - run.send_at < APART;
    let is_frozen = || ledger.run(publication.runs_of(), &run.slug, &Target::Relay);
    Ok((is_near && is_frozen()?.is_none()).then_some(run.send_at + APART))
}
