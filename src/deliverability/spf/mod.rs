//! SPF: may this address send as that domain (RFC 7208)?

mod macros;
mod record;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use crate::model::dns::{Answer, Answers, Missing, Question, Record, RecordKind, plain_name};
use crate::model::line::Line;
use macros::Pattern;
use record::{Bits, Directive, Mechanism, Policy, Qualifier, is_policy};

/// Who hands a letter to a receiver.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub(super) address: IpAddr,
    /// The envelope sender's part before the `@`.
    pub(super) local: String,
    /// And behind it.
    pub(super) domain: String,
    /// What the relay calls itself.
    pub(super) hello: String,
}

/// What a receiver finds (section 2.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SpfResult {
    Pass,
    Fail,
    SoftFail,
    Neutral,
    /// There is no record.
    None,
    /// DNS did not say.
    TempError(String),
    /// The record cannot be used.
    PermError(String),
}

/// What SPF allows (section 4.6.4).
const MOST_LOOKUPS: u32 = 10;
const MOST_VOIDS: u32 = 2;
/// Names of one MX or PTR answer.
const MOST_NAMES: usize = 10;

/// The records that a receiver meets on its way.
struct Walk<'a> {
    answers: &'a mut Answers,
    sender: &'a Sender,
    lookups: u32,
    voids: u32,
}

/// Why a walk ends before its time.
enum Stop {
    Missing,
    Found(SpfResult),
}

impl From<Missing> for Stop {
    fn from(_: Missing) -> Self {
        Self::Missing
    }
}

/// What a receiver finds for that sender.
///
/// # Errors
/// Answers are missing.
pub(super) fn check(answers: &mut Answers, sender: &Sender) -> Result<SpfResult, Missing> {
    let mut walk = Walk {
        answers,
        sender,
        lookups: 0,
        voids: 0,
    };
    match walk.host(&sender.domain) {
        Ok(result) | Err(Stop::Found(result)) => Ok(result),
        Err(Stop::Missing) => Err(Missing),
    }
}

impl Walk<'_> {
    fn host(&mut self, domain: &str) -> Result<SpfResult, Stop> {
        let policy = match policy(self.answers, domain)? {
            Ok(policy) => policy,
            Err(result) => return Ok(result),
        };
        self.want(&policy, domain);
        for Directive {
            qualifier,
            mechanism,
        } in &policy.directives
        {
            if self.matches(mechanism, domain)? {
                return Ok(match qualifier {
                    Qualifier::Pass => SpfResult::Pass,
                    Qualifier::Fail => SpfResult::Fail,
                    Qualifier::SoftFail => SpfResult::SoftFail,
                    Qualifier::Neutral => SpfResult::Neutral,
                });
            }
        }
        let Some(redirect) = &policy.redirect else {
            return Ok(SpfResult::Neutral);
        };
        self.count()?;
        let target = redirect.name(self.sender, domain);
        match self.host(&target)? {
            SpfResult::None => Ok(no_record(&target)),
            result => Ok(result),
        }
    }

    /// Wants at once what the record will ask for, as far as that is known.
    fn want(&mut self, policy: &Policy, domain: &str) {
        let (sender, most) = (self.sender, MOST_LOOKUPS as usize);
        let asking = policy
            .directives
            .iter()
            .map(|directive| &directive.mechanism);
        for mechanism in asking.filter(|one| one.looks_up()).take(most) {
            let name = |pattern: &Option<Pattern>| target(pattern.as_ref(), sender, domain);
            let question = match mechanism {
                Mechanism::Include(pattern) => {
                    Question::new(&pattern.name(sender, domain), RecordKind::Text)
                }
                Mechanism::Exists(pattern) => {
                    Question::new(&pattern.name(sender, domain), RecordKind::Address4)
                }
                Mechanism::A(pattern, _) => {
                    Question::addresses_like(sender.address, &name(pattern))
                }
                Mechanism::Mx(pattern, _) => Question::new(&name(pattern), RecordKind::Exchange),
                _ => continue,
            };
            // A name that is missing is wanted from here on, which is all that matters.
            let _ = self.answers.to(question);
        }
    }

    fn count(&mut self) -> Result<(), Stop> {
        self.lookups += 1;
        if self.lookups <= MOST_LOOKUPS {
            return Ok(());
        }
        Err(Stop::Found(too_many()))
    }

    fn matches(&mut self, mechanism: &Mechanism, domain: &str) -> Result<bool, Stop> {
        if mechanism.looks_up() {
            self.count()?;
        }
        let (sender, address) = (self.sender, self.sender.address);
        let name = |pattern: &Option<Pattern>| target(pattern.as_ref(), sender, domain);
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Ip { network, is_four } => {
                Ok(*is_four == address.is_ipv4() && network.holds(address))
            }
            Mechanism::Include(pattern) => self.include(&pattern.name(sender, domain)),
            Mechanism::Exists(pattern) => {
                let question = Question::new(&pattern.name(sender, domain), RecordKind::Address4);
                Ok(!self.records(question)?.is_empty())
            }
            Mechanism::A(pattern, bits) => self.is_address_of(&name(pattern), *bits),
            Mechanism::Mx(pattern, bits) => {
                let exchanges =
                    self.records(Question::new(&name(pattern), RecordKind::Exchange))?;
                if exchanges.len() > MOST_NAMES {
                    let words = format!("`mx` finds more than {MOST_NAMES} names");
                    return Err(Stop::Found(SpfResult::PermError(words)));
                }
                let hosts: Vec<String> = exchanges.into_iter().filter_map(host).collect();
                for host in &hosts {
                    let _ = self.answers.to(Question::addresses_like(address, host));
                }
                for host in &hosts {
                    if self.holds(host, *bits)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Mechanism::Ptr(pattern) => self.is_named(&plain_name(&name(pattern))),
        }
    }

    fn include(&mut self, target: &str) -> Result<bool, Stop> {
        match self.host(target)? {
            SpfResult::Pass => Ok(true),
            SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral => Ok(false),
            SpfResult::None => Err(Stop::Found(no_record(target))),
            wrong @ (SpfResult::TempError(_) | SpfResult::PermError(_)) => Err(Stop::Found(wrong)),
        }
    }

    fn is_address_of(&mut self, name: &str, bits: Bits) -> Result<bool, Stop> {
        let address = self.sender.address;
        let records = self.records(Question::addresses_like(address, name))?;
        Ok(is_among(&records, address, bits))
    }

    /// As above, for a name that an answer gave: it counts neither among the look-ups nor among the void ones.
    fn holds(&mut self, name: &str, bits: Bits) -> Result<bool, Stop> {
        let address = self.sender.address;
        let records = self.answer(Question::addresses_like(address, name))?;
        Ok(is_among(&records, address, bits))
    }

    /// Whether a name of the address, which leads back to it, is `target` or below it (section 5.5). Errors of DNS mean that it is not.
    fn is_named(&mut self, target: &str) -> Result<bool, Stop> {
        let address = self.sender.address;
        let names = self.answers.to(Question::names_of(address))?;
        let names: Vec<String> = names
            .records()
            .unwrap_or_default()
            .into_iter()
            .filter_map(host)
            .take(MOST_NAMES)
            .collect();
        for name in &names {
            let _ = self.answers.to(Question::addresses_like(address, name));
        }
        for name in names {
            let is_below = name
                .strip_suffix(target)
                .is_some_and(|front| front.is_empty() || front.ends_with('.'));
            let back = self.answers.to(Question::addresses_like(address, &name))?;
            if is_below && back.addresses().unwrap_or_default().contains(&address) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The records that a mechanism asks for; an empty answer is a void look-up.
    fn records(&mut self, question: Question) -> Result<Vec<Record>, Stop> {
        let records = self.answer(question)?;
        if records.is_empty() {
            self.voids += 1;
            if self.voids > MOST_VOIDS {
                let words = format!("more than {MOST_VOIDS} of its look-ups find nothing");
                return Err(Stop::Found(SpfResult::PermError(words)));
            }
        }
        Ok(records)
    }

    fn answer(&mut self, question: Question) -> Result<Vec<Record>, Stop> {
        let name = Line::clean_to(&question.name, 80);
        let answer = self.answers.to(question)?;
        answer
            .records()
            .map_err(|why| Stop::Found(SpfResult::TempError(format!("`{name}`: {why}"))))
    }
}

fn target(pattern: Option<&Pattern>, sender: &Sender, domain: &str) -> String {
    pattern.map_or_else(|| domain.to_owned(), |pattern| pattern.name(sender, domain))
}

fn is_among(records: &[Record], address: IpAddr, bits: Bits) -> bool {
    records.iter().any(|record| {
        matches!(record, Record::Address(one) if one.is_ipv4() == address.is_ipv4() && bits.around(*one).holds(address))
    })
}

fn host(record: Record) -> Option<String> {
    match record {
        Record::Exchange { host, .. } => Some(host),
        Record::Name(name) => Some(name),
        _ => None,
    }
}

fn too_many() -> SpfResult {
    SpfResult::PermError(format!("it takes more than {MOST_LOOKUPS} look-ups"))
}

fn no_record(target: &str) -> SpfResult {
    let target = Line::clean_to(target, 80);
    SpfResult::PermError(format!(
        "it relies on the record of `{target}`, which has none"
    ))
}

/// The record of a domain; the result where there is none to go by.
fn policy(answers: &mut Answers, domain: &str) -> Result<Result<Policy, SpfResult>, Missing> {
    let shown = Line::clean_to(domain, 80);
    let texts = match answers.to(Question::new(domain, RecordKind::Text))? {
        Answer::Unanswered(why) => {
            return Ok(Err(SpfResult::TempError(format!("`{shown}`: {why}"))));
        }
        answer => answer.texts().unwrap_or_default(),
    };
    let mut texts = texts.iter().filter(|text| is_policy(text));
    Ok(match (texts.next(), texts.next()) {
        (None, _) => Err(SpfResult::None),
        (Some(text), None) => Policy::parse(text)
            .map_err(|what| SpfResult::PermError(format!("the record of `{shown}`: {what}"))),
        (Some(_), Some(_)) => Err(SpfResult::PermError(format!(
            "`{shown}` has more than one SPF record"
        ))),
    })
}

/// What a record costs and allows, whoever sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// The look-ups of a receiver that no directive satisfies.
    pub(super) lookups: u32,
    /// `+all`: anybody may send.
    pub(super) is_open: bool,
    /// `ptr`, which should not be used (section 5.5).
    pub(super) uses_ptr: bool,
    /// What the record says of everybody else; `false`: nothing.
    pub(super) ends: bool,
}

/// Adds up what the record of `domain` and those that it relies on cost. What differs from sender to sender is counted, but not followed.
///
/// # Errors
/// Answers are missing.
pub(super) fn extent(answers: &mut Answers, sender: &Sender) -> Result<Extent, Missing> {
    let mut extent = Extent::default();
    let mut waiting = vec![(sender.domain.clone(), true)];
    let mut is_missing = false;
    while let Some((domain, is_own)) = waiting.pop() {
        // More than a receiver follows: enough is known.
        if extent.lookups > 3 * MOST_LOOKUPS {
            break;
        }
        let Ok(policy) = policy(answers, &domain) else {
            is_missing = true;
            continue;
        };
        let Ok(policy) = policy else { continue };
        for Directive {
            qualifier,
            mechanism,
        } in &policy.directives
        {
            extent.lookups += u32::from(mechanism.looks_up());
            match mechanism {
                Mechanism::All if is_own => {
                    extent.ends = true;
                    extent.is_open |= *qualifier == Qualifier::Pass;
                }
                Mechanism::Ptr(_) => extent.uses_ptr = true,
                Mechanism::Include(pattern) if pattern.is_plain() => {
                    waiting.push((pattern.name(sender, &domain), false));
                }
                _ => {}
            }
        }
        let has_all = policy
            .directives
            .iter()
            .any(|one| one.mechanism == Mechanism::All);
        if let Some(redirect) = policy.redirect.filter(|_| !has_all) {
            extent.lookups += 1;
            if redirect.is_plain() {
                waiting.push((redirect.name(sender, &domain), is_own));
            }
        }
    }
    if is_missing { Err(Missing) } else { Ok(extent) }
}
