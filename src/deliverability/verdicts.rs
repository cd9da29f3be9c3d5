//! All judgements from DNS, each with what is to be mended.

use crate::model::dns::{Answer, Answers, Missing, Question, RecordKind};

use super::dmarc::{self, Walk};
use super::spf::{self, Sender, SpfResult};
use super::{State, Subject, Topic, Verdict, bimi, dkim, exchange, relay_names};

/// What can be judged with the answers so far. Where `answers` wants none afterwards, that is all.
#[must_use]
pub fn verdicts(subjects: &[Subject], answers: &mut Answers) -> Vec<Verdict> {
    let mut all = Vec::new();
    for subject in subjects {
        for judge in [
            of_spf,
            dkim::verdicts,
            of_dmarc,
            exchange::verdicts,
            relay_names::verdicts,
            of_public_host,
            bimi::verdicts,
        ] {
            // What is missing is wanted now, and judged in the next round.
            all.extend(judge(subject, answers).unwrap_or_default());
        }
    }
    if let Some(why) = answers
        .is_nothing_known()
        .filter(|_| answers.wanted().next().is_none())
    {
        let what = format!(
            "{why}: SPF, DKIM, DMARC and the names of domains and relays were not looked at"
        );
        let hint = "`[check] resolvers` names others than this machine's";
        return vec![Verdict::new(Topic::Dns, State::Unknown, "DNS", &what, hint)];
    }
    all
}

const ADD_TO_SPF: &str = "add the relay's address, or the `include:` that its provider names, to the domain's SPF record";

fn of_spf(subject: &Subject, answers: &mut Answers) -> Result<Vec<Verdict>, Missing> {
    let domain = &subject.envelope;
    let verdict = |state, what: &str, hint| Verdict::new(Topic::Spf, state, domain, what, hint);
    let sender = |address| Sender {
        address,
        local: "b+probe".to_owned(),
        domain: domain.clone(),
        hello: subject
            .relay_name
            .clone()
            .unwrap_or_else(|| "unknown".to_owned()),
    };
    // An address for documentation, which nobody sends from (RFC 5737).
    let nobody = sender([192, 0, 2, 255].into());
    let sound = spf::check(answers, &nobody);
    let extent = spf::extent(answers, &nobody);
    let addresses = subject.sends_from.iter();
    let results: Vec<_> = addresses
        .map(|address| (address, spf::check(answers, &sender(*address))))
        .collect();
    let (sound, extent) = (sound?, extent?);
    let mut all = Vec::new();
    match sound {
        SpfResult::None => {
            let hint = "publish a TXT record such as `v=spf1 ip4:ADDRESS -all`, or with the `include:` that the relay's provider names";
            let what = "has no SPF record";
            return Ok(vec![match subject.provider {
                Some(provider) => verdict(
                    State::Weak,
                    &format!(
                        "{what}; {provider} puts an envelope sender of its own, unless it was given this domain"
                    ),
                    hint,
                ),
                None => verdict(State::Wrong, what, hint),
            }]);
        }
        SpfResult::PermError(what) => {
            let hint = "receivers give the whole record up: correct it";
            all.push(verdict(
                State::Wrong,
                &format!("its SPF record cannot be used: {what}"),
                hint,
            ));
            return Ok(all);
        }
        SpfResult::TempError(what) => {
            all.push(verdict(
                State::Unknown,
                &format!("its SPF record could not be followed: {what}"),
                "mend the name servers of that name, or ask again later",
            ));
            return Ok(all);
        }
        SpfResult::Pass | SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral => {}
    }
    if extent.is_open {
        all.push(verdict(
            State::Wrong,
            "its SPF record lets everybody send (`+all`)",
            "end it with `-all` or `~all`",
        ));
    } else if !extent.ends {
        all.push(verdict(
            State::Weak,
            "its SPF record says nothing of other addresses",
            "end it with `-all` or `~all`",
        ));
    }
    if extent.uses_ptr {
        all.push(verdict(
            State::Weak,
            "its SPF record uses `ptr`, which receivers may pass over",
            "name the addresses with `ip4:` and `ip6:`",
        ));
    }
    if extent.lookups > 10 {
        let what = format!(
            "its SPF record takes {} look-ups where nothing matches earlier: beyond 10 receivers give it up",
            extent.lookups
        );
        all.push(verdict(
            State::Wrong,
            &what,
            "name addresses with `ip4:` and `ip6:`, and take out what no longer sends",
        ));
    }
    for (address, result) in results {
        let (state, what, hint) = match result? {
            SpfResult::Pass => (
                State::Good,
                format!(
                    "its SPF record lets `{address}` send ({} of 10 look-ups)",
                    extent.lookups
                ),
                "",
            ),
            SpfResult::PermError(what) => (
                State::Wrong,
                format!("its SPF record cannot be used for `{address}`: {what}"),
                "receivers give the whole record up: correct it",
            ),
            SpfResult::TempError(what) => (
                State::Unknown,
                format!("its SPF record could not be followed for `{address}`: {what}"),
                "ask again later",
            ),
            SpfResult::Fail => (
                State::Wrong,
                format!("its SPF record forbids `{address}` to send (fail)"),
                ADD_TO_SPF,
            ),
            SpfResult::SoftFail => (
                State::Wrong,
                format!("its SPF record does not let `{address}` send (softfail)"),
                ADD_TO_SPF,
            ),
            SpfResult::Neutral | SpfResult::None => (
                State::Wrong,
                format!("its SPF record does not say that `{address}` may send (neutral)"),
                ADD_TO_SPF,
            ),
        };
        all.push(verdict(state, &what, hint));
    }
    if subject.sends_from.is_empty() {
        let what = format!(
            "its SPF record is sound ({} of 10 look-ups); whether the relay's address is in it is not known",
            extent.lookups
        );
        let hint = "`[relay] sends_from = [\"ADDRESS\"]` says from which addresses the relay sends";
        let state = if subject.provider.is_some() {
            State::Good
        } else {
            State::Unknown
        };
        all.push(verdict(state, &what, hint));
    }
    Ok(all)
}

fn of_dmarc(subject: &Subject, answers: &mut Answers) -> Result<Vec<Verdict>, Missing> {
    let from = &subject.from;
    let verdict = |state, what: &str, hint| Verdict::new(Topic::Dmarc, state, from, what, hint);
    let walk = dmarc::walk(answers, from);
    let exists = exists(from, answers);
    let (walk, exists) = (walk?, exists?);
    let mut all = Vec::new();
    if let Some(name) = &walk.doubled {
        let what = format!(
            "`_dmarc.{name}` has more than one DMARC record, and receivers pass over all of them"
        );
        all.push(verdict(State::Wrong, &what, "leave one of them"));
    }
    if let Some((name, why)) = &walk.unanswered
        && walk.policy().is_none()
        && all.is_empty()
    {
        let what = format!("whether there is a DMARC record is not known: `_dmarc.{name}`: {why}");
        return Ok(vec![verdict(
            State::Unknown,
            &what,
            "mend the name servers of that name, or ask again later",
        )]);
    }
    let Some((found, wish)) = walk.policy().zip(walk.wish(exists)) else {
        if walk.policy().is_some() {
            all.push(verdict(State::Wrong, "its DMARC record says nothing that counts: `p`, `sp` or `np` is missing or misspelt", "`p` is `none`, `quarantine` or `reject`"));
        } else if all.is_empty() {
            all.push(verdict(State::Wrong, "has no DMARC record", "publish a TXT record at `_dmarc` such as `v=DMARC1; p=none; rua=mailto:dmarc@DOMAIN`"));
        }
        return Ok(all);
    };
    let place = if found.domain == *from {
        String::new()
    } else {
        format!(", by the record of `{}`", found.domain)
    };
    let policy = &found.policy;
    all.push(verdict(
        State::Good,
        &format!("its DMARC policy is `{}`{place}", wish.name()),
        "",
    ));
    if policy.own.is_none() || policy.is_wish_wrong {
        all.push(verdict(
            State::Weak,
            "its DMARC record is read as `p=none`, for `p`, `sp` or `np` is missing or misspelt",
            "`p` is `none`, `quarantine` or `reject`",
        ));
    }
    if policy.is_test {
        all.push(verdict(
            State::Weak,
            "its DMARC record is a test (`t=y`): receivers are asked not to carry it out",
            "take `t=y` out once the reports are good",
        ));
    }
    if !policy.outdated.is_empty() {
        let what = format!(
            "its DMARC record has `{}`, which RFC 9989 has taken out: the policy holds for all letters",
            policy.outdated.join("`, `")
        );
        all.push(verdict(
            State::Weak,
            &what,
            "take it out; `t=y` is for tests",
        ));
    }
    if !policy.has_reports {
        all.push(verdict(
            State::Weak,
            "its DMARC record asks for no reports (`rua`)",
            "`rua=mailto:ADDRESS` says where receivers report who sends as the domain",
        ));
    }
    all.extend(alignment(subject, &walk, answers)?);
    Ok(all)
}

/// Whether what passes SPF and DKIM passes for the domain of `From`.
fn alignment(
    subject: &Subject,
    walk: &Walk,
    answers: &mut Answers,
) -> Result<Vec<Verdict>, Missing> {
    let Some(found) = walk.policy() else {
        return Ok(Vec::new());
    };
    let (is_spf_strict, is_dkim_strict) = (found.policy.is_spf_strict, found.policy.is_dkim_strict);
    let spf = dmarc::is_aligned(answers, walk, &subject.envelope, is_spf_strict);
    let dkim = subject.signing.as_ref().map(|(domain, _)| {
        (
            domain,
            dmarc::is_aligned(answers, walk, domain, is_dkim_strict),
        )
    });
    let spf = spf?;
    let dkim = match dkim {
        None => None,
        Some((domain, aligned)) => Some((domain, aligned?)),
    };
    let verdict =
        |state, what: &str, hint| Verdict::new(Topic::Dmarc, state, &subject.from, what, hint);
    let strictly = |is_strict| if is_strict { " (strictly)" } else { "" };
    let mut all = Vec::new();
    let is_any = spf || dkim.is_some_and(|(_, aligned)| aligned);
    // One of the two must be; where neither is, DMARC fails.
    let state = if is_any { State::Weak } else { State::Wrong };
    if !spf && subject.provider.is_none() {
        let what = format!(
            "the envelope domain `{}` is not aligned with it{}: SPF does not count for DMARC",
            subject.envelope,
            strictly(is_spf_strict)
        );
        all.push(verdict(
            state,
            &what,
            "an envelope domain below that of `From`",
        ));
    }
    if let Some((domain, false)) = dkim {
        let what = format!(
            "the signing domain `{domain}` is not aligned with it{}: the signature does not count for DMARC",
            strictly(is_dkim_strict)
        );
        all.push(verdict(state, &what, "sign as the domain of `From`"));
    }
    Ok(all)
}

/// The host that letters name in List-Unsubscribe.
fn of_public_host(subject: &Subject, answers: &mut Answers) -> Result<Vec<Verdict>, Missing> {
    let Some(host) = &subject.public_host else {
        return Ok(Vec::new());
    };
    let verdict =
        |state, what: &str, hint| vec![Verdict::new(Topic::OneClick, state, host, what, hint)];
    Ok(match exchange::has_address(host, answers)? {
        Ok(true) => Vec::new(),
        Ok(false) => verdict(
            State::Wrong,
            "which letters name in List-Unsubscribe, has no address in DNS",
            "an A or AAAA record of the host of `[public] url`",
        ),
        Err(why) => verdict(
            State::Unknown,
            &format!("whether the host of List-Unsubscribe is in DNS is not known: {why}"),
            "ask again later",
        ),
    })
}

/// Whether DNS knows the domain; where it does not say, it is taken to.
fn exists(domain: &str, answers: &mut Answers) -> Result<bool, Missing> {
    let kinds = [
        RecordKind::Exchange,
        RecordKind::Address4,
        RecordKind::Address6,
    ];
    let all = kinds.map(|kind| answers.to(Question::new(domain, kind)));
    for answer in all {
        if answer? != Answer::NoSuchName {
            return Ok(true);
        }
    }
    Ok(false)
}
