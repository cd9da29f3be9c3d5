//! The names of a relay of the newsroom's own: its addresses must have one that leads back, and it must greet with one.

use std::net::IpAddr;

use crate::model::dns::{Answers, Missing, Question, Record};

use super::{State, Subject, Topic, Verdict};

/// More names of an address than this are not looked at.
const MOST_NAMES: usize = 10;

pub(super) fn verdicts(subject: &Subject, answers: &mut Answers) -> Result<Vec<Verdict>, Missing> {
    // A provider sees to its own.
    if subject.provider.is_some() {
        return Ok(Vec::new());
    }
    let names = subject
        .sends_from
        .iter()
        .map(|address| of_address(*address, answers));
    let names: Vec<_> = names.collect();
    let greeting = greeting(subject, answers);
    let mut all = Vec::new();
    for verdict in names {
        all.push(verdict?);
    }
    all.extend(greeting?);
    Ok(all)
}

fn of_address(address: IpAddr, answers: &mut Answers) -> Result<Verdict, Missing> {
    const HINT: &str = "whoever rents you the address sets its PTR record; the name in it must have the address as A or AAAA";
    let place = address.to_string();
    let verdict =
        |state, what: &str, hint| Verdict::new(Topic::RelayNames, state, &place, what, hint);
    let names = match answers.to(Question::names_of(address))?.records() {
        Ok(records) => records,
        Err(why) => {
            return Ok(verdict(
                State::Unknown,
                &format!("its name is not known: {why}"),
                "ask again later",
            ));
        }
    };
    let names: Vec<String> = names
        .into_iter()
        .filter_map(|record| match record {
            Record::Name(name) => Some(name),
            _ => None,
        })
        .take(MOST_NAMES)
        .collect();
    if names.is_empty() {
        return Ok(verdict(State::Wrong, "has no name (PTR)", HINT));
    }
    let back: Vec<_> = names
        .iter()
        .map(|name| answers.to(Question::addresses_like(address, name)))
        .collect();
    let mut unknown = None;
    for (name, answer) in names.iter().zip(back) {
        match answer?.addresses() {
            Ok(addresses) if addresses.contains(&address) => {
                return Ok(if is_generic(name, address) {
                    verdict(
                        State::Weak,
                        &format!(
                            "is called `{name}`, like a line of somebody's home: Yahoo and others refuse such names"
                        ),
                        HINT,
                    )
                } else {
                    verdict(
                        State::Good,
                        &format!("is called `{name}`, which leads back to it"),
                        "",
                    )
                });
            }
            Ok(_) => {}
            Err(why) => unknown = Some(why),
        }
    }
    let name = &names[0];
    Ok(match unknown {
        Some(why) => verdict(
            State::Unknown,
            &format!("is called `{name}`; whether that leads back is not known: {why}"),
            "ask again later",
        ),
        None => verdict(
            State::Wrong,
            &format!("is called `{name}`, which does not lead back to it"),
            HINT,
        ),
    })
}

/// Whether a name is made from its address, as providers of access do for their customers.
fn is_generic(name: &str, address: IpAddr) -> bool {
    let IpAddr::V4(address) = address else {
        return false;
    };
    let octets = address.octets().map(|octet| octet.to_string());
    let parts: Vec<&str> = name
        .split(|sign: char| !sign.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let forwards: Vec<&str> = octets.iter().map(String::as_str).collect();
    let backwards: Vec<&str> = forwards.iter().rev().copied().collect();
    parts
        .windows(4)
        .any(|window| window == forwards || window == backwards)
}

const GREET_BY_NAME: &str =
    "the relay's own name (Postfix: `myhostname`) should be the one of its address";

/// What the relay calls itself should lead to an address that it sends from.
fn greeting(subject: &Subject, answers: &mut Answers) -> Result<Vec<Verdict>, Missing> {
    let Some(name) = subject
        .relay_name
        .as_deref()
        .filter(|_| !subject.sends_from.is_empty())
    else {
        return Ok(Vec::new());
    };
    let verdict =
        |state, what: &str, hint| vec![Verdict::new(Topic::RelayNames, state, name, what, hint)];
    let questions = subject
        .sends_from
        .iter()
        .map(|address| Question::addresses_like(*address, name));
    let found: Vec<_> = questions.map(|question| answers.to(question)).collect();
    let mut all = Vec::new();
    for answer in found {
        match answer?.addresses() {
            Ok(addresses) => all.extend(addresses),
            Err(why) => {
                return Ok(verdict(
                    State::Unknown,
                    &format!(
                        "the relay greets with this name; whether it leads anywhere is not known: {why}"
                    ),
                    "ask again later",
                ));
            }
        }
    }
    Ok(if all.is_empty() {
        verdict(
            State::Weak,
            "the relay greets with this name, which DNS does not know",
            GREET_BY_NAME,
        )
    } else if subject
        .sends_from
        .iter()
        .any(|address| all.contains(address))
    {
        verdict(
            State::Good,
            "the relay greets with this name, which leads to an address that it sends from",
            "",
        )
    } else {
        verdict(
            State::Weak,
            "the relay greets with this name, which leads to no address of `sends_from`",
            GREET_BY_NAME,
        )
    })
}
