//! Who takes what comes back (RFC 5321 section 5.1, RFC 7505).

use std::net::IpAddr;

use crate::model::dns::{Answers, Missing, Question, Record, RecordKind, Unanswered};

use super::{State, Subject, Topic, Verdict};

/// The hosts that take mail for a domain, the preferred first.
pub(super) enum Exchanges {
    Hosts(Vec<String>),
    /// The domain itself, for it has an address and no MX.
    Itself,
    /// It says that it takes no mail (a null MX).
    Refused,
    None,
    Unanswered(Unanswered),
}

pub(super) fn of(domain: &str, answers: &mut Answers) -> Result<Exchanges, Missing> {
    let records = match answers
        .to(Question::new(domain, RecordKind::Exchange))?
        .records()
    {
        Ok(records) => records,
        Err(why) => return Ok(Exchanges::Unanswered(why)),
    };
    let exchanges = records.into_iter().filter_map(|record| match record {
        Record::Exchange { preference, host } => Some((preference, host)),
        _ => None,
    });
    let mut exchanges: Vec<_> = exchanges.collect();
    exchanges.sort();
    if exchanges.is_empty() {
        let is_there = has_address(domain, answers)?;
        return Ok(match is_there {
            Ok(true) => Exchanges::Itself,
            Ok(false) => Exchanges::None,
            Err(why) => Exchanges::Unanswered(why),
        });
    }
    if exchanges.iter().all(|(_, host)| host.is_empty()) {
        return Ok(Exchanges::Refused);
    }
    let hosts = exchanges
        .into_iter()
        .map(|(_, host)| host)
        .filter(|host| !host.is_empty());
    Ok(Exchanges::Hosts(hosts.collect()))
}

pub(super) fn has_address(
    name: &str,
    answers: &mut Answers,
) -> Result<Result<bool, Unanswered>, Missing> {
    let kinds = [RecordKind::Address4, RecordKind::Address6];
    let all = kinds.map(|kind| answers.to(Question::new(name, kind)));
    let mut outcome = Ok(false);
    for answer in all {
        match answer?.addresses() {
            Ok(addresses) if !addresses.is_empty() => return Ok(Ok(true)),
            Ok(_) => {}
            Err(why) => outcome = Err(why),
        }
    }
    Ok(outcome)
}

pub(super) fn verdicts(subject: &Subject, answers: &mut Answers) -> Result<Vec<Verdict>, Missing> {
    const NEEDED: &str = "an MX record that names the server which takes its mail";
    let domain = &subject.envelope;
    let verdict =
        |state, what: &str, hint| Verdict::new(Topic::BounceDomain, state, domain, what, hint);
    let is_needed = if subject.provider.is_some() && !subject.takes_bounces {
        State::Weak
    } else {
        State::Wrong
    };
    Ok(match of(domain, answers)? {
        Exchanges::None => vec![verdict(
            is_needed,
            "nobody takes mail for it: it has neither MX nor address",
            NEEDED,
        )],
        Exchanges::Refused => vec![verdict(
            is_needed,
            "says that it takes no mail (a null MX)",
            NEEDED,
        )],
        Exchanges::Unanswered(why) => vec![verdict(
            State::Unknown,
            &format!("who takes its mail is not known: {why}"),
            "ask again later",
        )],
        Exchanges::Itself => vec![verdict(
            State::Weak,
            "has no MX record: senders fall back to its address",
            NEEDED,
        )],
        Exchanges::Hosts(hosts) => {
            let found: Vec<_> = hosts
                .iter()
                .take(10)
                .map(|host| (host, has_address(host, answers)))
                .collect();
            let mut all = Vec::new();
            for (host, is_there) in found {
                all.push(match is_there? {
                    Ok(true) => verdict(State::Good, &format!("its mail goes to `{host}`"), ""),
                    Ok(false) if host.parse::<IpAddr>().is_ok() => verdict(
                        State::Wrong,
                        &format!("its MX is the address `{host}`: an MX must be a name"),
                        NEEDED,
                    ),
                    Ok(false) => verdict(
                        State::Wrong,
                        &format!("its MX `{host}` has no address"),
                        NEEDED,
                    ),
                    Err(why) => verdict(
                        State::Unknown,
                        &format!("the address of its MX `{host}` is not known: {why}"),
                        "ask again later",
                    ),
                });
            }
            all
        }
    })
}

/// The host that is asked first for a domain's mail, if DNS names one, and an address of it.
#[must_use]
pub fn first_exchange(domain: &str, answers: &mut Answers) -> Option<(String, IpAddr)> {
    let host = match of(domain, answers).ok()? {
        Exchanges::Hosts(hosts) => hosts.into_iter().next()?,
        Exchanges::Itself => domain.to_owned(),
        _ => return None,
    };
    let kinds = [RecordKind::Address4, RecordKind::Address6];
    let all = kinds.map(|kind| answers.to(Question::new(&host, kind)));
    let mut addresses = all
        .into_iter()
        .filter_map(|answer| answer.ok()?.addresses().ok()?.first().copied());
    addresses.next().map(|address| (host, address))
}
