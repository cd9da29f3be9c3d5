//! BIMI: the logo that some mail programs show. Nobody demands it, so what is wrong with it is only worth a look.

use url::Url;

use crate::model::dns::{Answers, Missing, Question, RecordKind};

use super::dmarc::{self, Wish};
use super::{State, Subject, Topic, Verdict};

pub(super) fn verdicts(subject: &Subject, answers: &mut Answers) -> Result<Vec<Verdict>, Missing> {
    let walk = dmarc::walk(answers, &subject.from)?;
    let domains = [subject.from.as_str(), walk.organisation()];
    let name = |domain: &str| format!("default._bimi.{domain}");
    let found = domains.map(|domain| answers.to(Question::new(&name(domain), RecordKind::Text)));
    for (domain, answer) in domains.into_iter().zip(found) {
        let texts = answer?.texts().unwrap_or_default();
        let mut records = texts.iter().filter(|text| is_record(text));
        let Some(record) = records.next() else {
            continue;
        };
        let name = name(domain);
        let verdict = |state, what: &str, hint| Verdict::new(Topic::Bimi, state, &name, what, hint);
        if records.next().is_some() {
            return Ok(vec![verdict(
                State::Weak,
                "has more than one BIMI record, and none of them counts",
                "leave one of them",
            )]);
        }
        let logo = tag(record, "l");
        if logo.is_empty() && tag(record, "a").is_empty() {
            return Ok(vec![verdict(State::Good, "says that there is no logo", "")]);
        }
        let is_https = |text: &str| Url::parse(text).is_ok_and(|url| url.scheme() == "https");
        let mut all = Vec::new();
        if !is_https(logo) {
            all.push(verdict(
                State::Weak,
                "names no logo at an https address (`l=`)",
                "`l=https://HOST/logo.svg`, an SVG of the Tiny PS profile",
            ));
        } else if tag(record, "a").is_empty() {
            all.push(verdict(
                State::Weak,
                "names a logo without a certificate (`a=`): Yahoo shows it, Gmail and Apple do not",
                "a mark certificate (VMC or CMC) of the logo",
            ));
        }
        let wish = walk.wish(true);
        if !matches!(wish, Some(Wish::Quarantine | Wish::Reject))
            || walk.policy().is_some_and(|found| found.policy.is_test)
        {
            all.push(verdict(
                State::Weak,
                "a logo is shown only where the DMARC policy is `quarantine` or `reject`",
                "first look at the reports of DMARC, then raise the policy",
            ));
        }
        if all.is_empty() {
            all.push(verdict(State::Good, "names a logo and its certificate", ""));
        }
        return Ok(all);
    }
    Ok(Vec::new())
}

fn is_record(text: &str) -> bool {
    let version = text
        .split(';')
        .next()
        .and_then(|first| first.split_once('='));
    version.is_some_and(|(name, value)| name.trim() == "v" && value.trim() == "BIMI1")
}

fn tag<'t>(text: &'t str, name: &str) -> &'t str {
    let mut tags = text.split(';').filter_map(|tag| tag.split_once('='));
    tags.find(|(key, _)| key.trim() == name)
        .map_or("", |(_, value)| value.trim())
}
