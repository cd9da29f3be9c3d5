//! Looks at the files of a newsroom and says what is wrong with them. It changes nothing, and asks no network but for an edition's links and for what
//! receivers see of the newsroom. Stories and readership are not its work: what is wrong with those is found by gathering them.

mod links;
mod online;

pub use links::{LinkAnswers, dead_links};
pub use online::{RelaySeen, deliverability};

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::PathBuf;

use crate::analytics::Granularity;
use crate::bounce::provider::Provider;
use crate::config::{Config, Handover, Newsroom, ReadershipKind, ReadershipSource};
use crate::day_lines;
use crate::ledger::Ledger;
use crate::mailer::Relay;
use crate::model::address::Address;
use crate::model::edition::{Edition, MachineLine, Slug};
use crate::model::figures::{counted, grouped};
use crate::model::finding::Finding;
use crate::model::link::Origin;
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::{Problem, system_words};
use crate::model::rhythm::ZoneName;
use crate::model::story::Harvest;
use crate::model::subscriber::{ListPlace, Subscriber};
use crate::model::zone::Zone;
use crate::newsroom::{NewsroomError, editions as files};
use crate::preflight;
use crate::subscriber_list::{Examined, ListError, SubscriberList};

/// What was looked at, and what was found.
pub struct Checkup {
    /// What stops a verb from working.
    pub problems: Vec<Problem>,
    /// What does not stop anything, but is worth a look.
    pub remarks: Vec<String>,
    /// The files looked at.
    pub files: Vec<PathBuf>,
}

/// Checks all that the configs of these `newsletters` name; each with the edition that goes out next. The configs themselves have been read without
/// a problem. `all` are the newsletters that there are.
pub fn check(newsletters: &[(&Config, Slug)], all: &Newsroom) -> Checkup {
    let mut checkup = Checkup {
        problems: Vec::new(),
        remarks: Vec::new(),
        files: Vec::new(),
    };
    let Some((first, _)) = newsletters.first() else {
        return checkup;
    };
    checkup.files.push(first.file.clone());
    let mut names = all.names();
    if all.is_of_one() {
        names.extend(first.newsletter.id.parse());
    }
    let is_anyones = |config: &Config| config.name.is_none() || config.is_default;
    if all.broken.is_empty() && !all.newsletters.iter().any(is_anyones) {
        checkup.remarks.push("no newsletter says `default = true`: readers get only what `newsletters = [..]` beside them says".to_owned());
    }
    checkup.remarks.extend(all.weeks_of_nothing());
    let count = subscribers(first, &names, &mut checkup);
    if let Err(error) = Ledger::look(&first.ledger) {
        checkup.problems.push(no_list(&error.into()));
    } else if let Ok(Some(ledger)) = Ledger::open_if_any(&first.ledger) {
        checkup.remarks.extend(forgotten(&ledger, all));
    }
    for (config, day) in newsletters {
        checkup.files.extend(config.own_file());
        editions(config, day, &mut checkup);
        inputs(config, &mut checkup);
        letters(config, count, &mut checkup);
        checkup.remarks.extend(config.template.remark());
    }
    // What newsletters share is looked at with each of them, and told once.
    once(&mut checkup.problems);
    once(&mut checkup.remarks);
    once(&mut checkup.files);
    checkup
}

/// Ids whose letters the ledger knows and that no newsletter has: perhaps one was renamed.
fn forgotten(ledger: &Ledger, all: &Newsroom) -> Option<String> {
    let mut ids = ledger.newsletters().ok()?;
    let alerts = ledger.alerts().ok()?;
    ids.retain(|id| !alerts.contains(id) && all.ids().all(|known| known != id));
    // One that cannot be used may have any of them.
    let (first, more) = ids.split_first().filter(|_| all.broken.is_empty())?;
    let names = more
        .iter()
        .fold(format!("`{first}`"), |names, id| format!("{names}, `{id}`"));
    Some(format!(
        "letters were sent under {names}, which is the `id` of no newsletter: one that has another name now needs `id = \"{first}\"` below `[newsletter]`, or its runs and who left it are not known any more"
    ))
}

/// Keeps the first of those that are the same.
fn once<T: PartialEq>(all: &mut Vec<T>) {
    let mut kept = Vec::with_capacity(all.len());
    for one in all.drain(..) {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    *all = kept;
}

/// How many there are.
fn subscribers(config: &Config, names: &[NewsletterName], checkup: &mut Checkup) -> u64 {
    match examined(config, checkup) {
        Ok((name, examined)) => {
            let all = &examined.listing.subscribers;
            let count = all.len() as u64;
            if count == 0 && examined.listing.problems.is_empty() {
                checkup.remarks.push(format!("{name} holds no subscriber"));
            }
            checkup.problems.extend(examined.doubles);
            checkup.remarks.extend(examined.unreachable);
            checkup.remarks.extend(unknown_newsletters(all, names));
            checkup.remarks.extend(unknown_zones(all));
            checkup.problems.extend(examined.listing.problems);
            count
        }
        Err(error) => {
            checkup.problems.push(no_list(&error));
            0
        }
    }
}

fn examined(config: &Config, checkup: &mut Checkup) -> Result<(String, Examined), ListError> {
    let (file, place) = (&config.subscribers, config.subscribers_in);
    let list = SubscriberList::open(file, place, &config.ledger)?;
    checkup.remarks.extend(half_moved(config, &list));
    if let SubscriberList::File(path) = &list {
        checkup.files.push(path.clone());
    }
    let list = list.load()?;
    Ok((list.name().to_owned(), list.examine()?))
}

/// A remark on a config or a file that seems to say that the list of readers is in the file, though the ledger holds it.
#[must_use]
pub fn half_moved(config: &Config, list: &SubscriberList) -> Option<String> {
    let SubscriberList::Ledger(_) = list else {
        return None;
    };
    let file = config.subscribers.display();
    if config.subscribers_in == ListPlace::File {
        return Some(format!(
            "the list of readers is in the ledger, but `{}` does not say so: `newsdigest subscribers move --to ledger` writes it there",
            config.file.display()
        ));
    }
    config.subscribers.exists().then(|| {
        format!("`{file}` is not read: the list of readers is in the ledger; `newsdigest subscribers move --to ledger` gives the file another name")
    })
}

/// The newsletters that readers want and that are not there, each with how many want it.
fn unknown_newsletters(readers: &[Subscriber], known: &[NewsletterName]) -> Vec<String> {
    let mut unknown: BTreeMap<&NewsletterName, u64> = BTreeMap::new();
    let wanted = readers
        .iter()
        .flat_map(|reader| &reader.newsletters)
        .flatten();
    for name in wanted.filter(|name| !known.contains(name)) {
        *unknown.entry(name).or_default() += 1;
    }
    let told = unknown.into_iter().map(|(name, count)| {
        let readers = counted(count, "reader wants", "readers want");
        format!("{readers} the newsletter `{name}`, which is not there")
    });
    told.collect()
}

/// The time zones of readers that no database knows, each with who lives there.
fn unknown_zones(readers: &[Subscriber]) -> Vec<String> {
    let mut zones: BTreeMap<&ZoneName, Vec<&Address>> = BTreeMap::new();
    for reader in readers {
        if let Some(zone) = &reader.rhythm.time_zone {
            zones.entry(zone).or_default().push(&reader.address);
        }
    }
    zones.retain(|zone, _| Zone::bundled(zone.as_str()).is_err());
    let told = zones.into_iter().map(|(zone, readers)| {
        let more = match readers.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("the time zone `{zone}` of `{}`{more} is not known: letters come to them by the newsletter's clock", readers[0])
    });
    told.collect()
}

/// Why there is no list of readers, with what to do about it.
#[must_use]
pub fn no_list(error: &ListError) -> Problem {
    match error {
        ListError::Newsroom(error) => unreadable(error),
        error => {
            let problem = Problem::new(error.to_string());
            match error.hint() {
                Some(hint) => problem.hint(hint),
                None => problem,
            }
        }
    }
}

/// The error with what the system said of it.
#[must_use]
pub fn unreadable(error: &NewsroomError) -> Problem {
    match (error, error.source()) {
        (NewsroomError::Missing(..), _) => Problem::new(error.to_string())
            .hint("`newsdigest subscribers add ADDRESS` makes the file"),
        (_, Some(source)) => {
            Problem::new(format!("{error}: {}", system_words(&source.to_string())))
        }
        (_, None) => Problem::new(error.to_string()),
    }
}

fn editions(config: &Config, day: &Slug, checkup: &mut Checkup) {
    let folder = config.editions();
    let slugs = match files::list(&folder) {
        Ok(slugs) => slugs,
        Err(error) => return checkup.problems.push(unreadable(&error)),
    };
    for slug in slugs {
        let path = files::path_of(&folder, &slug);
        match files::read(&folder, &slug) {
            Err(problems) => checkup.problems.extend(problems),
            Ok(Some(edition)) if edition.hold && slug == *day => checkup.remarks.push(format!(
                "`hold = true` is in `{}`: the edition is not sent as long as it is",
                path.display()
            )),
            Ok(Some(edition)) if slug == *day => {
                checkup.remarks.extend(of_a_machine(config, &edition));
            }
            Ok(_) => {}
        }
        checkup.files.push(path);
    }
}

/// Words of a machine that no person has touched or approved.
fn of_a_machine(config: &Config, edition: &Edition) -> Option<String> {
    let lines: Vec<&str> = edition.machine_lines().map(MachineLine::key).collect();
    if lines.is_empty() {
        return None;
    }
    let (folder, id) = (config.editions(), &config.newsletter.id);
    let text = files::read_source(&folder, &edition.slug).ok().flatten();
    let ledger = Ledger::open_if_any(&config.ledger).ok().flatten();
    let is_approved = text.zip(ledger).is_some_and(|(text, ledger)| {
        let approved = ledger.is_text_approved(id, &edition.slug, &text);
        approved.unwrap_or(false)
    });
    (!is_approved).then(|| {
        format!(
            "`{}`: {} of the edition is a machine's, and no person has touched it",
            files::path_of(&folder, &edition.slug).display(),
            lines.join(" and ")
        )
    })
}

/// The files that stories and readership come from; what is wrong with them is found by reading them, as a draft does. A service is not
/// asked here, but whether its key is there is known.
fn inputs(config: &Config, checkup: &mut Checkup) {
    let stories = config
        .sources
        .iter()
        .map(|source| source.kind.origin().clone());
    let readers = config
        .readership
        .iter()
        .filter_map(ReadershipSource::origin);
    for origin in stories.chain(readers) {
        if let Origin::Path(path) = origin {
            checkup.files.push(path);
        }
    }
    for source in &config.readership {
        let ReadershipKind::Service(service) = &source.kind else {
            continue;
        };
        if let Some(missing) = service.missing() {
            let what = format!("{}: {missing}", service.name);
            checkup.problems.push(Problem::new(what));
        }
        if service.every.is_some() && service.kind.granularity() == Granularity::Hours {
            checkup.remarks.push(format!(
                "{}: `every` does nothing here, for it knows views by the hour itself: no samples are taken",
                service.name
            ));
        }
    }
}

/// What `init` invented and is still in the config, or among the stories.
#[must_use]
pub fn invented(config: &Config, harvest: &Harvest) -> Option<Finding> {
    let lines = config.daily.lines.iter().flat_map(|line| match &line.from {
        day_lines::Origin::Command { words, .. } => words.as_slice(),
        day_lines::Origin::File { .. } => &[],
    });
    let signed = config.daily.sign_off.iter();
    let signed = signed.map(|sign_off| sign_off.name.as_str());
    let stories = harvest.candidates.iter();
    let addresses = stories.map(|candidate| candidate.story.url.as_str());
    let words: Vec<&str> = (lines.map(String::as_str).chain(signed).chain(addresses)).collect();
    preflight::invented("the newsroom", &words.join("\n"), &config.newsletter)
}

/// That the relay is a provider's whose events nobody takes.
fn unheard(config: &Config, relay: &Handover) -> Option<String> {
    let Relay::Smtp(smtp) = &relay.relay else {
        return None;
    };
    let provider = Provider::of_relay(&smtp.host)?;
    let mut events = config.events.iter();
    if events.any(|events| events.provider == provider) {
        return None;
    }
    Some(format!(
        "what bounces at {provider} comes back to nobody: `[[events]]` with `from = \"{}\"` takes it (docs/providers.md)",
        provider.name()
    ))
}

/// What is to be known of a relay before letters go to it.
fn relay(config: &Config, relay: &Handover, subscribers: u64) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(unheard(config, relay));
    // Only who opens a conversation needs the password; `check --online` does.
    let missing = relay.password_missing.as_ref();
    remarks.extend(missing.map(|problem| problem.what.clone()));
    remarks.extend(relay.finding().map(|finding| finding.what.to_string()));
    if let Some(daily) = relay.daily {
        let days = subscribers.div_ceil(u64::from(daily)).max(1);
        let (daily, subscribers) = (grouped(u64::from(daily)), grouped(subscribers));
        remarks.push(if relay.name.is_some() {
            format!("`rate` lets {daily} letters leave a day (UTC)")
        } else if days == 1 {
            format!("`[relay] rate` lets {daily} letters leave a day (UTC), which is enough for {subscribers} subscribers once a day")
        } else {
            format!("`[relay] rate` lets {daily} letters leave a day (UTC): an edition for {subscribers} subscribers takes {days} days")
        });
    }
    if let Some(share) = &relay.share {
        remarks.push(format!(
            "new: {} letters at most on {}, growing to {} on the day number {}; steady readers first",
            grouped(u64::from(share.start)),
            share.from,
            grouped(u64::from(share.full)),
            share.days
        ));
    }
    if !relay.rewrites.is_empty() {
        let names: Vec<&str> = relay.rewrites.iter().map(|one| one.name()).collect();
        remarks.push(format!(
            "the relay replaces {}: not signed, and a copy sent again is not recognised as the same",
            names.join(" and ")
        ));
    }
    if let Some(name) = &relay.name {
        for remark in &mut remarks {
            remark.insert_str(0, &format!("relay `{name}`: "));
        }
    }
    remarks
}

/// What mail providers and the law want of a letter to real people (EMAIL: A1, A2).
fn letters(config: &Config, subscribers: u64, checkup: &mut Checkup) {
    if config.relays.is_real() {
        checkup.problems.extend(config.unsendable());
        for one in config.relays.each() {
            checkup.remarks.extend(relay(config, one, subscribers));
        }
    } else {
        checkup.remarks.push(
            "`[relay]` names no host: `send` writes letters to a folder, as a rehearsal".to_owned(),
        );
        checkup
            .remarks
            .extend(config.unsendable().map(|problem| problem.what));
    }
}
