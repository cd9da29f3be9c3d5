//! DMARC: what a domain wants done with letters that only pretend to be its own (RFC 9989).

#[cfg(test)]
mod tests;

use crate::model::dns::{Answers, Missing, Question, RecordKind, Unanswered, plain_name};

/// What is wanted of receivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    None,
    Quarantine,
    Reject,
}

impl Wish {
    fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "none" => Self::None,
            "quarantine" => Self::Quarantine,
            "reject" => Self::Reject,
            _ => return None,
        })
    }

    /// As a record says it.
    #[must_use]
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// Whether a domain is one below which others register theirs, such as `com`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PublicSuffix {
    Yes,
    No,
    #[default]
    Unsaid,
}

/// A record (section 4.7). What is wrong in it counts as not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a tag of the record")]
pub(super) struct Policy {
    /// `p`.
    pub(super) own: Option<Wish>,
    /// `sp`.
    pub(super) below: Option<Wish>,
    /// `np`.
    pub(super) nowhere: Option<Wish>,
    /// `p`, `sp` or `np` is there, but says nothing that is known.
    pub(super) is_wish_wrong: bool,
    /// `adkim=s`.
    pub(super) is_dkim_strict: bool,
    /// `aspf=s`.
    pub(super) is_spf_strict: bool,
    /// `t=y`: the wish is not to be carried out yet.
    pub(super) is_test: bool,
    /// `rua` names an address.
    pub(super) has_reports: bool,
    /// Tags that RFC 9989 has taken out: `pct`, `rf`, `ri`.
    pub(super) outdated: Vec<&'static str>,
    suffix: PublicSuffix,
}

impl Policy {
    /// Reads a text at `_dmarc`; `None`: it is no record.
    #[must_use]
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut tags = text.split(';').map(|tag| {
            let (name, value) = tag.split_once('=').unwrap_or((tag, ""));
            (name.trim().to_ascii_lowercase(), value.trim())
        });
        tags.next()
            .filter(|(name, value)| name == "v" && *value == "DMARC1")?;
        let mut policy = Self::default();
        let mut is_reported_to = false;
        for (name, value) in tags {
            let wish = Wish::parse(value);
            policy.is_wish_wrong |= wish.is_none() && ["p", "sp", "np"].contains(&name.as_str());
            let is = |expected: &str| value.eq_ignore_ascii_case(expected);
            match name.as_str() {
                "p" => policy.own = wish,
                "sp" => policy.below = wish,
                "np" => policy.nowhere = wish,
                "adkim" => policy.is_dkim_strict = is("s"),
                "aspf" => policy.is_spf_strict = is("s"),
                "t" => policy.is_test = is("y"),
                "psd" if is("y") => policy.suffix = PublicSuffix::Yes,
                "psd" if is("n") => policy.suffix = PublicSuffix::No,
                "rua" => {
                    is_reported_to = value.split(',').any(|uri| {
                        let mail = uri.trim().get(..7);
                        mail.is_some_and(|mail| mail.eq_ignore_ascii_case("mailto:"))
                            && uri.contains('@')
                    });
                }
                "pct" => policy.outdated.push("pct"),
                "rf" => policy.outdated.push("rf"),
                "ri" => policy.outdated.push("ri"),
                _ => {}
            }
        }
        policy.has_reports = is_reported_to;
        Some(policy)
    }
}

/// A record where the tree walk met it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) domain: String,
    pub(super) policy: Policy,
}

/// What a tree walk met (section 4.10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Walk {
    from: String,
    /// The longest name first.
    pub(super) found: Vec<Found>,
    /// A name with several records, all of which receivers pass over.
    pub(super) doubled: Option<String>,
    /// A name of which DNS did not say whether it has a record.
    pub(super) unanswered: Option<(String, Unanswered)>,
}

/// At most so many names are asked for.
const MOST: usize = 8;

/// The domains that a walk from that one visits: itself, then its parents, but none of more than seven labels.
fn visited(domain: &str) -> Vec<String> {
    let labels: Vec<&str> = domain.split('.').collect();
    let parents = (1..labels.len()).map(|from| &labels[from..]);
    let parents = parents.filter(|labels| labels.len() < MOST);
    std::iter::once(&labels[..])
        .chain(parents)
        .map(|labels| labels.join("."))
        .collect()
}

/// Walks from a domain up to its top, or to where a record says that it ends.
///
/// # Errors
/// Answers are missing.
pub(super) fn walk(answers: &mut Answers, domain: &str) -> Result<Walk, Missing> {
    let domain = plain_name(domain);
    let question = |name: &str| Question::new(&format!("_dmarc.{name}"), RecordKind::Text);
    let names = visited(&domain);
    // All at once: at most eight.
    for name in &names {
        let _ = answers.to(question(name));
    }
    let mut walk = Walk {
        from: domain,
        ..Walk::default()
    };
    for name in names {
        let texts = match answers.to(question(&name))?.texts() {
            Ok(texts) => texts,
            Err(why) => {
                walk.unanswered.get_or_insert((name, why));
                continue;
            }
        };
        let mut policies = texts.iter().filter_map(|text| Policy::parse(text));
        let Some(policy) = policies.next() else {
            continue;
        };
        if policies.next().is_some() {
            walk.doubled.get_or_insert(name);
            continue;
        }
        let is_end = match policy.suffix {
            PublicSuffix::No => true,
            PublicSuffix::Yes => name != walk.from,
            PublicSuffix::Unsaid => false,
        };
        walk.found.push(Found {
            domain: name,
            policy,
        });
        if is_end {
            break;
        }
    }
    Ok(walk)
}

impl Walk {
    /// The organisation's domain (section 4.10.2).
    #[must_use]
    pub(super) fn organisation(&self) -> &str {
        for found in &self.found {
            match found.policy.suffix {
                PublicSuffix::No => return &found.domain,
                PublicSuffix::Yes if found.domain != self.from => {
                    // The domain one label below it.
                    let front = self.from.len() - found.domain.len() - 1;
                    let below = self.from[..front].rfind('.').map_or(0, |dot| dot + 1);
                    return &self.from[below..];
                }
                _ => {}
            }
        }
        self.found.last().map_or(&self.from, |found| &found.domain)
    }

    /// The record that counts for letters of the domain that the walk began at (section 4.10.1): its own, its organisation's, or its public suffix's.
    #[must_use]
    pub(super) fn policy(&self) -> Option<&Found> {
        let at = |domain: &str| self.found.iter().find(|found| found.domain == domain);
        let suffix = || {
            let mut all = self.found.iter();
            all.find(|found| found.policy.suffix == PublicSuffix::Yes)
        };
        at(&self.from)
            .or_else(|| at(self.organisation()))
            .or_else(suffix)
    }

    /// What is wanted for letters of the domain that the walk began at; `None`: no record that counts. `exists`: DNS knows that domain.
    #[must_use]
    pub(super) fn wish(&self, exists: bool) -> Option<Wish> {
        let Found { domain, policy } = self.policy()?;
        if policy.own.is_none() || policy.is_wish_wrong {
            return policy.has_reports.then_some(Wish::None);
        }
        if *domain == self.from {
            return policy.own;
        }
        let below = policy.below.or(policy.own);
        if exists {
            below
        } else {
            policy.nowhere.or(below)
        }
    }
}

/// Whether an identifier's domain is aligned with the one of `From` (section 4.4).
///
/// # Errors
/// Answers are missing.
pub(super) fn is_aligned(
    answers: &mut Answers,
    from: &Walk,
    other: &str,
    is_strict: bool,
) -> Result<bool, Missing> {
    let other = plain_name(other);
    if other == from.from {
        return Ok(true);
    }
    if is_strict {
        return Ok(false);
    }
    Ok(walk(answers, &other)?.organisation() == from.organisation())
}
