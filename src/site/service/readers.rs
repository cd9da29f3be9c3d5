//! What a reader asks for themselves.

use std::sync::Arc;

use chrono::NaiveDate;

use super::{NotDone, Service, lock};
use crate::ledger::ReaderRecord;
use crate::model::address::Address;
use crate::model::newsletter_name::{NewsletterKey, NewsletterName};
use crate::model::reader::{LeftNewsletter, Preferences, ReaderId, SignUp, SignUpId, Switched};
use crate::model::rhythm::Frequency;
use crate::model::subscriber::Subscriber;
use crate::newsroom::subscribers::Index;
use crate::site::Publication;
use crate::subscriber_list::ListError;

/// What is known of a reader.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Their address. A letter may have been passed on: show it masked, as `Display` does.
    pub address: Address,
    /// Whether they get letters, pauses aside: they are in the file and not suppressed.
    pub subscribed: bool,
    /// What they chose; the same as everybody's if they are not in the file.
    pub preferences: Preferences,
    /// Which of several newsletters they get.
    pub gets: Vec<NewsletterName>,
    /// Whether they get alerts, where there are any.
    pub alerts: bool,
    /// Whether they get anything, pauses aside: the only newsletter, one of several, or alerts.
    pub gets_any: bool,
}

impl Profile {
    /// Whether they get letters on that day.
    pub(super) fn gets_letters(&self, day: NaiveDate) -> bool {
        self.subscribed && self.gets_any && !self.preferences.paused.on(day)
    }

    /// Whether they are sent the editions of that newsletter. Who wants letters weekly gets the newsletter of the week instead, where there is one.
    pub(super) fn is_sent(&self, publication: &Publication) -> bool {
        let is_weekly = self.preferences.rhythm.frequency == Frequency::Weekly;
        let name = publication.name();
        name.is_none_or(|name| self.gets.contains(name) && !(is_weekly && publication.has_week))
    }
}

#[expect(
    clippy::missing_errors_doc,
    reason = "NotDone says it: Expired for sign-ups only, Unknown for readers only"
)]
impl Service {
    /// No letter any more, from the answer on; also when they left before.
    pub async fn leave(self: Arc<Self>, reader: ReaderId) -> Result<(), NotDone> {
        let left = self.writer.leave(reader, self.now()).await;
        known(self.or_later(left)?)
    }

    /// No letter any more of that one of several newsletters.
    pub async fn leave_one(
        self: Arc<Self>,
        reader: ReaderId,
        newsletter: LeftNewsletter,
    ) -> Result<(), NotDone> {
        let left = self.writer.leave_one(reader, newsletter, self.now()).await;
        known(self.or_later(left)?)
    }

    /// A letter with a link to confirm. The answer is the same for everybody, whether or not a letter goes out.
    pub async fn sign_up(self: Arc<Self>, mut sign_up: SignUp) -> Result<(), NotDone> {
        sign_up.client = sign_up.client.filter(|_| self.keep_client);
        let taken = self.writer.sign_up(sign_up, self.now()).await;
        self.signed_up.notify_one();
        self.or_later(taken)?.then_some(()).ok_or(NotDone::Later)
    }

    /// Whether a sign-up can be confirmed; changes nothing.
    pub async fn can_confirm(self: Arc<Self>, id: SignUpId) -> Result<(), NotDone> {
        self.look(move |service| {
            let can = lock(&service.questions).can_confirm(id, service.now());
            service.or_later(can)?.then_some(()).ok_or(NotDone::Expired)
        })
        .await
    }

    /// The sign-up was meant, the second time too. The reader's links are made with their number.
    pub async fn confirm(self: Arc<Self>, id: SignUpId) -> Result<ReaderId, NotDone> {
        let now = self.now();
        let alerts = self.alerts().map(|alerts| alerts.newsletter.id.clone());
        let confirmed = self.writer.confirm(id, now, self.zone.day(now), alerts);
        let confirmed = confirmed.await;
        self.changed.notify_one();
        // A letter of welcome may be due.
        self.signed_up.notify_one();
        self.or_later(confirmed)?.ok_or(NotDone::Expired)
    }

    pub async fn change(
        self: Arc<Self>,
        reader: ReaderId,
        preferences: Preferences,
        switched: Switched,
    ) -> Result<(), NotDone> {
        let changed = self
            .writer
            .change(reader, preferences, switched, self.now());
        let changed = changed.await;
        self.changed.notify_one();
        known(self.or_later(changed)?)
    }

    /// Forgets the reader, but for what it takes never to write to them again.
    pub async fn erase(self: Arc<Self>, reader: ReaderId) -> Result<(), NotDone> {
        let erased = self.writer.erase(reader, self.now()).await;
        self.changed.notify_one();
        known(self.or_later(erased)?)
    }

    pub async fn profile(self: Arc<Self>, reader: ReaderId) -> Result<Profile, NotDone> {
        self.look(move |service| {
            let known = service.known(reader)?;
            let listed = service.listed(&known.address);
            let listed = listed.map_err(|_| NotDone::Later)?;
            let chosen = known.chosen(listed.as_ref().map(Preferences::of));
            let is_listed = chosen.is_some();
            let preferences = chosen.unwrap_or(Preferences::NONE);
            let wants = |one: &&NewsletterKey| match &preferences.newsletters {
                Some(chosen) => chosen.contains(&one.name),
                None => one.is_default,
            };
            let gets = service.newsletters.iter().filter(wants);
            let has_left = |one: &NewsletterKey| known.left.contains(&one.id);
            let mut gets: Vec<NewsletterName> = (gets.filter(|one| !has_left(one)))
                .map(|one| one.name.clone())
                .collect();
            if preferences.rhythm.frequency == Frequency::Weekly {
                // Who left the newsletter of the week gets none of those that it comes instead of.
                gets.retain(|name| {
                    let mut weeks = service.weeks_of(name).peekable();
                    weeks.peek().is_none() || weeks.any(|week| !has_left(week))
                });
            }
            let alerts = service.alerts();
            let alerts = alerts.is_some_and(|one| !known.left.contains(&one.newsletter.id));
            let alerts = alerts && preferences.rhythm.alerts;
            Ok(Profile {
                gets_any: alerts || !gets.is_empty() || service.newsletters.is_empty(),
                gets,
                alerts,
                address: known.address,
                subscribed: known.suppressed.is_none() && is_listed,
                preferences,
            })
        })
        .await
    }

    /// All that is held of the reader, as JSON.
    pub async fn export(
        self: Arc<Self>,
        newsletter: Arc<Publication>,
        reader: ReaderId,
    ) -> Result<String, NotDone> {
        self.look(move |service| {
            let known = service.known(reader)?;
            let listed = service.listed(&known.address);
            let listed = listed.map_err(|_| NotDone::Later)?;
            let subscriber = listed.map(|one| {
                let mut value = serde_json::json!(one);
                value["address"] = one.address.reveal().into();
                value
            });
            let held = lock(&service.questions).held_of(reader);
            let mut held = service.or_later(held)?;
            held["newsletter"] = newsletter.newsletter.name.as_str().into();
            held["address"] = known.address.reveal().into();
            held["subscriber"] = subscriber.into();
            Ok(format!("{held:#}\n"))
        })
        .await
    }

    /// The newsletters of the week that weekly readers get instead of that one.
    pub(in crate::site) fn weeks_of(
        &self,
        newsletter: &NewsletterName,
    ) -> impl Iterator<Item = &NewsletterKey> {
        self.weeks_of_any(std::slice::from_ref(newsletter))
    }

    /// The same, instead of any of these.
    pub(in crate::site) fn weeks_of_any(
        &self,
        asked: &[NewsletterName],
    ) -> impl Iterator<Item = &NewsletterKey> {
        let all = self.newsletters.iter();
        all.filter(move |one| one.is_instead_of_any(asked))
    }

    fn known(&self, reader: ReaderId) -> Result<ReaderRecord, NotDone> {
        let known = lock(&self.questions).known(reader);
        self.or_later(known)?.ok_or(NotDone::Unknown)
    }

    /// What the list says of that reader.
    fn listed(&self, address: &Address) -> Result<Option<Subscriber>, ListError> {
        {
            let questions = lock(&self.questions);
            if questions.subscribers_version()?.is_some() {
                return Ok(questions.subscriber(address)?);
            }
        }
        let mut index = lock(&self.index);
        if !index.as_ref().is_some_and(Index::is_current) {
            *index = None;
            *index = Some(Index::of(&self.subscribers)?);
        }
        let Some(index) = index.as_ref() else {
            return Ok(None);
        };
        Ok(index.find(address)?)
    }
}

pub(super) fn known(is_known: bool) -> Result<(), NotDone> {
    is_known.then_some(()).ok_or(NotDone::Unknown)
}
