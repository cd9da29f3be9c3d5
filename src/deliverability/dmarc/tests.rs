use super::*;
use crate::model::dns::{Answer, Record};

/// Answers to everything that comes up: these texts, and else that there is no such name.
fn walked<T>(zone: &[(&str, &str)], mut ask: impl FnMut(&mut Answers) -> Result<T, Missing>) -> T {
    let mut answers = Answers::default();
    loop {
        if let Ok(told) = ask(&mut answers) {
            return told;
        }
        let wanted: Vec<Question> = answers.wanted().cloned().collect();
        assert!(!wanted.is_empty());
        for question in wanted {
            let texts = zone.iter().filter(|(name, _)| *name == question.name);
            let records: Vec<_> = texts
                .map(|(_, text)| Record::Text((*text).to_owned()))
                .collect();
            let answer = if records.is_empty() {
                Answer::NoSuchName
            } else {
                Answer::Records(records)
            };
            answers.learn(question, answer);
        }
    }
}

#[test]
fn a_walk_visits_eight_names_at_most() {
    assert_eq!(
        visited("a.b.example.com"),
        ["a.b.example.com", "b.example.com", "example.com", "com"]
    );
    let long = "a.b.c.d.e.f.g.h.i.j.mail.example.com";
    let names = visited(long);
    assert_eq!(names.len(), MOST);
    assert_eq!(names[..2], [long, "g.h.i.j.mail.example.com"]);
}

#[test]
fn organisations_as_the_rfc_shows_them() {
    let plain = "v=DMARC1; p=none";
    for (zone, from, organisation, policy) in [
        (
            &[
                ("_dmarc.mail.example.com", plain),
                ("_dmarc.example.com", plain),
            ][..],
            "a.mail.example.com",
            "example.com",
            Some("example.com"),
        ),
        (
            &[("_dmarc.com", "v=DMARC1; psd=y; p=reject")],
            "a.mail.example.com",
            "example.com",
            Some("com"),
        ),
        (
            &[
                ("_dmarc.example.com", plain),
                ("_dmarc.mail.example.com", "v=DMARC1; p=none; psd=n"),
            ],
            "a.mail.example.com",
            "mail.example.com",
            Some("mail.example.com"),
        ),
        (
            &[
                ("_dmarc.a.example.com", plain),
                ("_dmarc.example.com", plain),
            ],
            "a.example.com",
            "example.com",
            Some("a.example.com"),
        ),
        // A public suffix that sends letters itself is its own organisation.
        (
            &[("_dmarc.gov.example", "v=DMARC1; p=none; psd=y")],
            "gov.example",
            "gov.example",
            Some("gov.example"),
        ),
        (
            &[("_dmarc.example", "v=DMARC1; p=none; psd=y")],
            "b.example",
            "b.example",
            Some("example"),
        ),
        (&[], "a.example.com", "a.example.com", None),
        // Two records at one name are none.
        (
            &[
                ("_dmarc.a.example.com", plain),
                ("_dmarc.a.example.com", plain),
            ],
            "a.example.com",
            "a.example.com",
            None,
        ),
    ] {
        let walk = walked(zone, |answers| walk(answers, from));
        assert_eq!(walk.organisation(), organisation, "{zone:?}");
        assert_eq!(
            walk.policy().map(|found| found.domain.as_str()),
            policy,
            "{zone:?}"
        );
    }
}

#[test]
fn what_is_wanted() {
    let told = |text: &str, from: &str, exists: bool| {
        let walk = walked(&[("_dmarc.example.com", text)], |answers| {
            walk(answers, from)
        });
        walk.wish(exists).map_or("no record", Wish::name)
    };
    for (text, own, below, nowhere) in [
        ("v=DMARC1; p=reject", "reject", "reject", "reject"),
        (
            "v=DMARC1;p=reject;sp=quarantine;np=none",
            "reject",
            "quarantine",
            "none",
        ),
        ("v=DMARC1 ; P=Reject ; sp=none", "reject", "none", "none"),
        ("v=DMARC1", "no record", "no record", "no record"),
        ("v=DMARC1; rua=mailto:a@example.com", "none", "none", "none"),
        (
            "v=DMARC1; p=rejekt; rua=mailto:a@example.com",
            "none",
            "none",
            "none",
        ),
        (
            "v=DMARC1; p=reject; sp=x",
            "no record",
            "no record",
            "no record",
        ),
        ("v=dmarc1; p=reject", "no record", "no record", "no record"),
        ("p=reject; v=DMARC1", "no record", "no record", "no record"),
        (
            "v=DMARC1.0; p=reject",
            "no record",
            "no record",
            "no record",
        ),
    ] {
        let all = [
            told(text, "example.com", true),
            told(text, "a.example.com", true),
            told(text, "a.example.com", false),
        ];
        assert_eq!(all, [own, below, nowhere], "{text}");
    }
}

#[test]
fn aligned_or_not() {
    let zone = [("_dmarc.example.com", "v=DMARC1; p=none")];
    let aligned = |from: &str, other: &str, is_strict| {
        walked(&zone, |answers| {
            let from = walk(answers, from)?;
            is_aligned(answers, &from, other, is_strict)
        })
    };
    assert!(aligned("news.example.com", "bounce.example.com", false));
    assert!(aligned("news.example.com", "NEWS.example.com.", true));
    assert!(!aligned("news.example.com", "example.com", true));
    assert!(!aligned("news.example.com", "example.org", false));
    // Without a record below which both are, they are strangers.
    assert!(!aligned("a.example.org", "b.example.org", false));
}

#[test]
fn tags_that_are_gone_and_tests() {
    let policy =
        Policy::parse("v=DMARC1; p=reject; pct=20; ri=60; t=y; adkim=s; rua=https://x").unwrap();
    assert_eq!(policy.outdated, ["pct", "ri"]);
    assert!(
        policy.is_test && policy.is_dkim_strict && !policy.is_spf_strict && !policy.has_reports
    );
}
