//! `subscribers why`: all that is known of one reader. `subscribers erase`: forget them, with a receipt. Addresses are shown in full: the person
//! typed them.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report};
use super::subscribers_list::{load, open as open_list, read, rhythm_words};
use super::suppress::addresses;
use crate::config::Config;
use crate::ledger::Ledger;
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::subscriber::{Paused, Subscriber};
use crate::subscriber_list::merge;

/// The last copies that are shown.
const COPIES: usize = 5;

pub(super) fn why(
    address: &str,
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let (address, blocks, list) = blocks_of(address, config, report)?;
    let listed = blocks.first();
    let ledger = open::ledger_if_any(config)?;
    let held = held(&address, ledger.as_ref())?;
    let newsroom = setting.newsroom()?;
    let newsletters: Vec<(String, &'static str)> = newsroom
        .with_alerts()
        .map(|config| {
            let name = config.name.as_ref();
            let name = name.map_or(&*config.newsletter.id, NewsletterName::as_str);
            let day = setting.slug(config).day();
            (name.to_owned(), fate(config, day, listed, &held))
        })
        .collect();
    let there = newsroom.names();
    let named = listed.and_then(|listed| listed.newsletters.as_ref());
    let gone = named.into_iter().flatten();
    let gone = gone.filter(|name| !newsroom.is_of_one() && !there.contains(name));
    let gone = gone.map(|name| (name.to_string(), "there is no such newsletter"));
    let newsletters: Vec<_> = newsletters.into_iter().chain(gone).collect();
    if setting.json() {
        let mut value = held;
        value["email"] = address.reveal().into();
        value["subscriber"] = json!(listed);
        value["newsletters"] = newsletters
            .iter()
            .map(|(name, fate)| json!({ "newsletter": name, "fate": fate }))
            .collect();
        report.json(&value);
        return Ok(Exit::Done);
    }
    let mut lines = vec![
        address.reveal().to_owned(),
        match listed {
            Some(listed) => format!("in {list}: {}", in_list(listed)),
            None => format!("not in {list}"),
        },
    ];
    lines.extend(
        newsletters
            .iter()
            .map(|(name, fate)| format!("{name}: {fate}")),
    );
    lines.push(match &held["suppressed"] {
        Value::Null => "not on the suppression list".to_owned(),
        row => format!(
            "on the suppression list: {} since {}",
            text(&row["reason"]),
            text(&row["since"])
        ),
    });
    for row in rows(&held, "left") {
        lines.push(format!(
            "left `{}` at {}",
            text(&row["newsletter"]),
            text(&row["since"])
        ));
    }
    let heard = &held["sign_of_life"];
    for (key, words) in [
        ("last", "last sign of life"),
        ("asked", "asked whether they still want letters"),
        ("paused", "paused, since they did not answer"),
    ] {
        if let Some(at) = heard[key].as_str() {
            lines.push(format!("{words}: {at}"));
        }
    }
    for row in rows(&held, "sign_ups") {
        let confirmed = match &row["confirmed"] {
            Value::Null => "not confirmed".to_owned(),
            at => format!("confirmed {}", text(at)),
        };
        lines.push(format!(
            "signed up {} by `{}`, {confirmed}: `{}`",
            text(&row["asked"]),
            text(&row["form"]),
            text(&row["consent"])
        ));
    }
    for row in rows(&held, "bounces") {
        lines.push(format!(
            "came back {}: {} `{}`",
            text(&row["at"]),
            text(&row["class"]),
            text(&row["words"])
        ));
    }
    let copies = rows(&held, "copies");
    for row in copies.iter().rev().take(COPIES) {
        lines.push(format!(
            "copy of {}: {} at {}",
            text(&row["edition"]),
            text(&row["state"]),
            text(&row["at"])
        ));
    }
    if copies.len() > COPIES {
        report.hint(format!(
            "`newsdigest status --of {}` shows all {} copies",
            address.reveal(),
            copies.len()
        ));
    }
    report.data(&lines.join("\n"));
    Ok(Exit::Done)
}

/// What becomes of a newsletter's edition of that day for that reader.
fn fate(
    config: &Config,
    day: NaiveDate,
    listed: Option<&Subscriber>,
    held: &Value,
) -> &'static str {
    let left = rows(held, "left");
    let has_left = |id: &str| left.iter().any(|row| row["newsletter"] == id);
    match listed {
        None => "does not get it: not in the list",
        Some(_) if held["suppressed"].is_object() => "does not get it: on the suppression list",
        Some(_) if has_left(&config.newsletter.id) => "does not get it: left it",
        Some(listed) if !config.is_wanted_by(listed, |id, _| has_left(id)) => {
            if listed.rhythm.frequency.is_daily() || !config.has_week {
                "does not get it: did not ask for it"
            } else {
                "does not get it: gets the newsletter of the week instead"
            }
        }
        Some(listed) if listed.paused.on(day) => "gets it, but for the pause",
        Some(_) => "gets it",
    }
}

pub(super) fn erase(
    address: &str,
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let (address, blocks, list) = blocks_of(address, config, report)?;
    let blocks = blocks.len();
    let mut ledger = open::ledger(config)?;
    let now = setting.now();
    let rows = ledger.erase(&address, now)?;
    let zone = &config.newsletter.zone;
    let merged = merge(&mut ledger, &config.subscribers, zone, now);
    let merged = merged.map_err(|error| {
        Failure::error(error)
            .exit(Exit::TryAgain)
            .still("the reader is forgotten in the ledger and gets no letter; their block is still in the file")
    })?;
    report.waiting(&merged.waiting);
    let at = zone.at(now).to_rfc3339();
    if setting.json() {
        report.json(
            &json!({ "email": address.reveal(), "erased": at, "blocks": blocks, "ledger": rows }),
        );
        return Ok(Exit::Done);
    }
    report.data(&format!(
        "erased {at}: {}\nblocks of {list}: {blocks}\nsign-ups: {}\nchanges: {}\nbounces: {}\ncopies without name and address from now on: {}\nkept: a mark made of the address, from which it cannot be read, so that no list brings the reader back",
        address.reveal(),
        rows.sign_ups,
        rows.changes,
        rows.bounces,
        rows.copies,
    ));
    report.hint("letters in an outbox folder, backups and logs are yours to delete");
    Ok(Exit::Done)
}

/// The address that was typed, and its blocks in the file.
fn blocks_of(
    address: &str,
    config: &Config,
    report: Report,
) -> Result<(Address, Vec<Subscriber>, String), Failure> {
    let typed = addresses(&[address.to_owned()])?.pop();
    let address = typed.ok_or_else(|| Failure::says("no address was given"))?;
    let list = load(open_list(config, report)?)?;
    let (mut blocks, _) = read(&list, report)?;
    blocks.retain(|one| one.address.key() == address.key());
    Ok((address, blocks, list.name().to_owned()))
}

/// All that the ledger holds of them.
fn held(address: &Address, ledger: Option<&Ledger>) -> Result<Value, Failure> {
    let Some(ledger) = ledger else {
        return Ok(json!({}));
    };
    Ok(match ledger.reader_of(address)? {
        Some(reader) => ledger.held_of(reader)?,
        None => json!({}),
    })
}

fn rows<'v>(held: &'v Value, key: &str) -> &'v [Value] {
    held[key].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> Line {
    Line::clean(value.as_str().unwrap_or_default())
}

fn in_list(listed: &Subscriber) -> String {
    let mut words = Vec::new();
    words.extend(listed.name.iter().map(|name| format!("name {name}")));
    if let Some(newsletters) = &listed.newsletters {
        let names: Vec<&str> = newsletters.iter().map(NewsletterName::as_str).collect();
        words.push(format!("newsletters {}", names.join(", ")));
    }
    if !listed.sections.is_empty() {
        let sections: Vec<&str> = listed.sections.iter().map(Line::as_str).collect();
        words.push(format!("sections {}", sections.join(", ")));
    }
    words.extend(rhythm_words(&listed.rhythm));
    words.extend(listed.since.map(|since| format!("since {since}")));
    words.extend(
        listed
            .consent
            .iter()
            .map(|consent| format!("consent `{consent}`")),
    );
    match listed.paused {
        Paused::No => {}
        Paused::Yes => words.push("paused".to_owned()),
        Paused::Until(day) => words.push(format!("paused until {day}")),
    }
    if words.is_empty() {
        "nothing but the address".to_owned()
    } else {
        words.join("; ")
    }
}
