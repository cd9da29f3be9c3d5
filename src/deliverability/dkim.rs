//! DKIM: is the key at the selector ours, and may receivers use it (RFC 6376 section 3.6.1, RFC 8301)?

use crate::model::dns::{Answers, Missing, Question, RecordKind};
use crate::model::line::Line;

use super::{SigningKey, State, Subject, Topic, Verdict};

/// What is wrong with a key's record; `None`: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Flaw {
    /// Receivers cannot verify with it.
    Broken(&'static str),
    /// They can, but it does not say what a sender of real letters means.
    Weak(&'static str),
}

/// Judges the texts at the key's name, if `ours` is what must be there.
fn flaw(ours: &str, texts: &[String]) -> Option<Flaw> {
    let text = match texts {
        [] => return Some(Flaw::Broken("DNS knows no key of that name")),
        [text] => text,
        _ => {
            return Some(Flaw::Broken(
                "DNS knows several texts of that name, and receivers may take any",
            ));
        }
    };
    // Without `k=` a key is RSA.
    let kind = |text: &str| tag(text, "k").unwrap_or_else(|| "rsa".to_owned());
    let has = |name: &str, wanted: &[&str]| {
        let list = tag(text, name);
        list.is_none_or(|list| {
            list.split(':')
                .any(|one| wanted.contains(&one.to_ascii_lowercase().as_str()))
        })
    };
    let key = tag(text, "p");
    let our_key = tag(ours, "p");
    Some(match key {
        _ if tag(text, "v").is_some_and(|version| version != "DKIM1") => {
            Flaw::Broken("the text in DNS is of another version than `v=DKIM1`")
        }
        None => Flaw::Broken("the text in DNS is no key"),
        Some(key) if key.is_empty() => Flaw::Broken("the key in DNS is revoked (`p=` is empty)"),
        Some(key) if Some(&key) != our_key.as_ref() || kind(text) != kind(ours) => {
            let is_short =
                our_key.is_some_and(|ours| key.len() < ours.len()) && kind(text) == kind(ours);
            let is_cut = is_short && our_key_begins(ours, &key);
            Flaw::Broken(if is_cut {
                "the key in DNS is only the beginning of the config's: a text of more than 255 octets must be split, not cut"
            } else if is_short {
                "DNS has another key than the config's, and a shorter one"
            } else {
                "DNS has another key than the config's"
            })
        }
        Some(_) if !has("h", &["sha256"]) => {
            Flaw::Broken("the key in DNS is not for SHA-256 (`h=`), with which letters are signed")
        }
        Some(_) if !has("s", &["*", "email"]) => {
            Flaw::Broken("the key in DNS is not for mail (`s=`)")
        }
        Some(_)
            if tag(text, "t").is_some_and(|flags| {
                flags.split(':').any(|flag| flag.eq_ignore_ascii_case("y"))
            }) =>
        {
            Flaw::Weak(
                "the key in DNS is in test mode (`t=y`): receivers treat the letters as unsigned",
            )
        }
        Some(_) => return None,
    })
}

fn our_key_begins(ours: &str, key: &str) -> bool {
    tag(ours, "p").is_some_and(|ours| ours.starts_with(key))
}

/// The value of a tag, without white space.
fn tag(text: &str, name: &str) -> Option<String> {
    let mut tags = text.split(';').filter_map(|tag| tag.split_once('='));
    let (_, value) = tags.find(|(key, _)| key.trim() == name)?;
    Some(value.split_whitespace().collect())
}

/// The name of a key's record.
fn name(selector: &str, domain: &str) -> Line {
    Line::clean_to(&format!("{selector}._domainkey.{domain}"), 253)
}

pub(super) fn verdicts(subject: &Subject, answers: &mut Answers) -> Result<Vec<Verdict>, Missing> {
    let Some((domain, keys)) = &subject.signing else {
        let hint = "`[dkim]`, with `newsdigest dkim keygen`, signs letters as the paper";
        return Ok(vec![match subject.provider {
            Some(provider) => Verdict::new(
                Topic::Dkim,
                State::Unknown,
                &subject.from,
                &format!(
                    "letters are not signed here; whether {provider} signs as this domain cannot be seen from here"
                ),
                hint,
            ),
            None => Verdict::new(
                Topic::Dkim,
                State::Wrong,
                &subject.from,
                "letters are not signed",
                hint,
            ),
        }]);
    };
    let answers = keys.iter().map(|key| (key, of_key(domain, key, answers)));
    let answers: Vec<_> = answers.collect();
    let mut all = Vec::new();
    for (_, verdict) in answers {
        all.push(verdict?);
    }
    if !keys.iter().any(|key| key.algorithm == "rsa-sha256") {
        all.push(Verdict::new(
            Topic::Dkim,
            State::Weak,
            domain,
            "no key is an RSA key, and many receivers know no other",
            "`[dkim]` with an RSA key too",
        ));
    }
    Ok(all)
}

fn of_key(domain: &str, key: &SigningKey, answers: &mut Answers) -> Result<Verdict, Missing> {
    const HINT: &str = "`newsdigest dkim record` prints what must be in DNS";
    let name = name(&key.selector, domain);
    let verdict =
        |state, what: &str, hint| Verdict::new(Topic::Dkim, state, name.as_str(), what, hint);
    let answer = answers.to(Question::new(name.as_str(), RecordKind::Text))?;
    Ok(match answer.texts() {
        Err(why) => verdict(
            State::Unknown,
            &format!("the key was not compared: {why}"),
            "ask again later",
        ),
        Ok(texts) => match flaw(&key.record, &texts) {
            None => verdict(State::Good, "the key in DNS is the config's", ""),
            Some(Flaw::Broken(what)) => verdict(State::Wrong, what, HINT),
            Some(Flaw::Weak(what)) => verdict(State::Weak, what, "take `t=y` out of the record"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_every_kind() {
        let ours = "v=DKIM1; k=rsa; p=MIIBIjAN";
        let said: Vec<&str> = [
            &["v=DKIM1; k=rsa; p=MIIBIjAN"][..],
            &["p=MIIB IjAN;t=s"],
            &["v=DKIM1; h=sha1:sha256; s=email; p=MIIBIjAN"],
            &[],
            &["p=MIIBIjAN", "x"],
            &["hello"],
            &["v=DKIM1; p="],
            &["v=DKIM1; k=rsa; p=AAAAAAAA"],
            &["v=DKIM1; k=rsa; p=AAAA"],
            &["v=DKIM1; k=rsa; p=MIIB"],
            &["v=DKIM1; k=ed25519; p=MIIBIjAN"],
            &["v=DKIM2; p=MIIBIjAN"],
            &["v=DKIM1; h=sha1; p=MIIBIjAN"],
            &["v=DKIM1; s=tlsrpt; p=MIIBIjAN"],
            &["v=DKIM1; t=s:y; p=MIIBIjAN"],
        ]
        .iter()
        .map(|texts| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            match flaw(ours, &texts) {
                None => "well",
                Some(Flaw::Broken(what) | Flaw::Weak(what)) => what,
            }
        })
        .collect();
        insta::assert_snapshot!(said.join("\n"), @"
        well
        well
        well
        DNS knows no key of that name
        DNS knows several texts of that name, and receivers may take any
        the text in DNS is no key
        the key in DNS is revoked (`p=` is empty)
        DNS has another key than the config's
        DNS has another key than the config's, and a shorter one
        the key in DNS is only the beginning of the config's: a text of more than 255 octets must be split, not cut
        DNS has another key than the config's
        the text in DNS is of another version than `v=DKIM1`
        the key in DNS is not for SHA-256 (`h=`), with which letters are signed
        the key in DNS is not for mail (`s=`)
        the key in DNS is in test mode (`t=y`): receivers treat the letters as unsigned
        ");
    }
}
