use std::fmt::Write as _;

use super::*;
use crate::model::dns::{
    Answer, Answers, Missing, Question, Record, RecordKind, Unanswered, plain_name,
};

/// A zone, as lines `NAME KIND VALUE`; `fail` is a name of which nothing is known.
fn answer(zone: &str, question: &Question) -> Answer {
    let mut is_there = false;
    let mut records = Vec::new();
    for line in zone.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, rest) = line.split_once(' ').unwrap();
        let (kind, value) = rest.split_once(' ').unwrap_or((rest, ""));
        if plain_name(name) != question.name {
            continue;
        }
        is_there = true;
        records.extend(match (kind, question.kind) {
            ("FAIL", _) => {
                return Answer::Unanswered(Unanswered::Refused("Server Failure".to_owned()));
            }
            ("TXT", RecordKind::Text) => Some(Record::Text(value.to_owned())),
            ("A", RecordKind::Address4) | ("AAAA", RecordKind::Address6) => {
                Some(Record::Address(value.parse().unwrap()))
            }
            ("MX", RecordKind::Exchange) => Some(Record::Exchange {
                preference: 10,
                host: value.to_owned(),
            }),
            ("PTR", RecordKind::Pointer) => Some(Record::Name(value.to_owned())),
            _ => None,
        });
    }
    if is_there {
        Answer::Records(records)
    } else {
        Answer::NoSuchName
    }
}

/// What is told once everything that comes up is answered from the zone.
pub(super) fn with_zone<T>(
    zone: &str,
    mut ask: impl FnMut(&mut Answers) -> Result<T, Missing>,
) -> T {
    let mut answers = Answers::default();
    for _ in 0..100 {
        if let Ok(told) = ask(&mut answers) {
            return told;
        }
        let wanted: Vec<Question> = answers.wanted().cloned().collect();
        for question in wanted {
            let answer = answer(zone, &question);
            answers.learn(question, answer);
        }
    }
    panic!("it never has enough answers");
}

/// A newsroom that does everything right, with a relay of its own.
fn subject() -> Subject {
    Subject {
        from: "h.example".to_owned(),
        envelope: "bounce.h.example".to_owned(),
        takes_bounces: true,
        signing: Some((
            "h.example".to_owned(),
            vec![SigningKey {
                selector: "s1".to_owned(),
                record: "v=DKIM1; k=rsa; p=MIIB".to_owned(),
                algorithm: "rsa-sha256",
            }],
        )),
        sends_from: vec!["192.0.2.7".parse().unwrap()],
        provider: None,
        relay_name: Some("mail.h.example".to_owned()),
        public_host: Some("news.h.example".to_owned()),
    }
}

const RIGHT: &str = "
    bounce.h.example TXT v=spf1 ip4:192.0.2.7 -all
    bounce.h.example MX mail.h.example
    mail.h.example A 192.0.2.7
    news.h.example A 192.0.2.8
    h.example A 192.0.2.8
    7.2.0.192.in-addr.arpa PTR mail.h.example
    s1._domainkey.h.example TXT v=DKIM1; k=rsa; p=MIIB
    _dmarc.h.example TXT v=DMARC1; p=reject; rua=mailto:a@h.example";

/// All that is said of a subject, a line each; what is good only where `all`.
fn told(subject: &Subject, zone: &str, all: bool) -> String {
    let verdicts = with_zone(zone, |answers| {
        let verdicts = verdicts(std::slice::from_ref(subject), answers);
        let is_done = answers.wanted().next().is_none();
        is_done.then_some(verdicts).ok_or(Missing)
    });
    let told = verdicts
        .iter()
        .filter(|verdict| all || verdict.state != State::Good);
    let told = told.map(
        |Verdict {
             topic,
             state,
             place,
             what,
             ..
         }| format!("{state:?} {}: {place} {what}", topic.name()),
    );
    told.collect::<Vec<_>>().join("\n")
}

/// The zone with one line in place of those that begin with its name and kind.
fn but(line: &str) -> String {
    let mut words = line.trim().split(' ');
    let beginning = format!("{} {} ", words.next().unwrap(), words.next().unwrap());
    let kept = RIGHT
        .lines()
        .filter(|one| !one.trim().starts_with(&beginning));
    let kept: Vec<&str> = kept.collect();
    let is_taken_out = line.ends_with(" -");
    format!(
        "{}\n{}",
        kept.join("\n"),
        if is_taken_out { "" } else { line }
    )
}

#[test]
fn a_newsroom_that_does_everything_right() {
    insta::assert_snapshot!(told(&subject(), RIGHT, true), @"
    Good spf: bounce.h.example its SPF record lets `192.0.2.7` send (0 of 10 look-ups)
    Good dkim-record: s1._domainkey.h.example the key in DNS is the config's
    Good dmarc: h.example its DMARC policy is `reject`
    Good bounce-domain: bounce.h.example its mail goes to `mail.h.example`
    Good relay-names: 192.0.2.7 is called `mail.h.example`, which leads back to it
    Good relay-names: mail.h.example the relay greets with this name, which leads to an address that it sends from
    ");
}

#[test]
fn each_fault_is_found_and_nothing_else() {
    let mut said = String::new();
    for line in [
        "bounce.h.example TXT -",
        "bounce.h.example TXT v=spf1 ip4:192.0.2.8 -all",
        "bounce.h.example TXT v=spf1 ip4:192.0.2.8 ~all",
        "bounce.h.example TXT v=spf1 ip4:192.0.2.8",
        "bounce.h.example TXT v=spf1 +all",
        "bounce.h.example TXT v=spf1 ptr ip4:192.0.2.7 -all",
        "bounce.h.example MX -",
        "bounce.h.example MX 192.0.2.7",
        "bounce.h.example MX nowhere.example",
        "7.2.0.192.in-addr.arpa PTR -",
        "7.2.0.192.in-addr.arpa PTR other.example",
        "7.2.0.192.in-addr.arpa PTR 192-0-2-7.dsl.example\n192-0-2-7.dsl.example A 192.0.2.7",
        "news.h.example A -",
        "s1._domainkey.h.example TXT -",
        "s1._domainkey.h.example TXT v=DKIM1; t=y; p=MIIB",
        "_dmarc.h.example TXT -",
        "_dmarc.h.example TXT v=DMARC1; p=reject; rua=mailto:a@h.example\n_dmarc.h.example TXT v=DMARC1; p=none",
        "_dmarc.h.example TXT v=DMARC1; p=none; pct=50",
        "_dmarc.h.example TXT v=DMARC1; p=reject; aspf=s; t=y; rua=mailto:a@h.example",
        "_dmarc.h.example TXT v=DMARC1; p=rejct",
        "_dmarc.h.example FAIL",
        "default._bimi.h.example TXT v=BIMI1; l=http://h.example/logo.svg",
        "default._bimi.h.example TXT v=BIMI1; l=https://h.example/logo.svg; a=https://h.example/logo.pem",
    ] {
        let _ = write!(said, "# {line}\n{}\n", told(&subject(), &but(line), false));
    }
    insta::assert_snapshot!(said, @"
    # bounce.h.example TXT -
    Wrong spf: bounce.h.example has no SPF record
    # bounce.h.example TXT v=spf1 ip4:192.0.2.8 -all
    Wrong spf: bounce.h.example its SPF record forbids `192.0.2.7` to send (fail)
    # bounce.h.example TXT v=spf1 ip4:192.0.2.8 ~all
    Wrong spf: bounce.h.example its SPF record does not let `192.0.2.7` send (softfail)
    # bounce.h.example TXT v=spf1 ip4:192.0.2.8
    Weak spf: bounce.h.example its SPF record says nothing of other addresses
    Wrong spf: bounce.h.example its SPF record does not say that `192.0.2.7` may send (neutral)
    # bounce.h.example TXT v=spf1 +all
    Wrong spf: bounce.h.example its SPF record lets everybody send (`+all`)
    # bounce.h.example TXT v=spf1 ptr ip4:192.0.2.7 -all
    Weak spf: bounce.h.example its SPF record uses `ptr`, which receivers may pass over
    # bounce.h.example MX -
    Wrong bounce-domain: bounce.h.example nobody takes mail for it: it has neither MX nor address
    # bounce.h.example MX 192.0.2.7
    Wrong bounce-domain: bounce.h.example its MX is the address `192.0.2.7`: an MX must be a name
    # bounce.h.example MX nowhere.example
    Wrong bounce-domain: bounce.h.example its MX `nowhere.example` has no address
    # 7.2.0.192.in-addr.arpa PTR -
    Wrong relay-names: 192.0.2.7 has no name (PTR)
    # 7.2.0.192.in-addr.arpa PTR other.example
    Wrong relay-names: 192.0.2.7 is called `other.example`, which does not lead back to it
    # 7.2.0.192.in-addr.arpa PTR 192-0-2-7.dsl.example
    192-0-2-7.dsl.example A 192.0.2.7
    Weak relay-names: 192.0.2.7 is called `192-0-2-7.dsl.example`, like a line of somebody's home: Yahoo and others refuse such names
    # news.h.example A -
    Wrong one-click: news.h.example which letters name in List-Unsubscribe, has no address in DNS
    # s1._domainkey.h.example TXT -
    Wrong dkim-record: s1._domainkey.h.example DNS knows no key of that name
    # s1._domainkey.h.example TXT v=DKIM1; t=y; p=MIIB
    Weak dkim-record: s1._domainkey.h.example the key in DNS is in test mode (`t=y`): receivers treat the letters as unsigned
    # _dmarc.h.example TXT -
    Wrong dmarc: h.example has no DMARC record
    # _dmarc.h.example TXT v=DMARC1; p=reject; rua=mailto:a@h.example
    _dmarc.h.example TXT v=DMARC1; p=none
    Wrong dmarc: h.example `_dmarc.h.example` has more than one DMARC record, and receivers pass over all of them
    # _dmarc.h.example TXT v=DMARC1; p=none; pct=50
    Weak dmarc: h.example its DMARC record has `pct`, which RFC 9989 has taken out: the policy holds for all letters
    Weak dmarc: h.example its DMARC record asks for no reports (`rua`)
    # _dmarc.h.example TXT v=DMARC1; p=reject; aspf=s; t=y; rua=mailto:a@h.example
    Weak dmarc: h.example its DMARC record is a test (`t=y`): receivers are asked not to carry it out
    Weak dmarc: h.example the envelope domain `bounce.h.example` is not aligned with it (strictly): SPF does not count for DMARC
    # _dmarc.h.example TXT v=DMARC1; p=rejct
    Wrong dmarc: h.example its DMARC record says nothing that counts: `p`, `sp` or `np` is missing or misspelt
    # _dmarc.h.example FAIL
    Unknown dmarc: h.example whether there is a DMARC record is not known: `_dmarc.h.example`: the DNS resolver answered `Server Failure`
    # default._bimi.h.example TXT v=BIMI1; l=http://h.example/logo.svg
    Weak bimi: default._bimi.h.example names no logo at an https address (`l=`)
    # default._bimi.h.example TXT v=BIMI1; l=https://h.example/logo.svg; a=https://h.example/logo.pem
    ");
}

#[test]
fn a_provider_sees_to_its_own_addresses_and_names() {
    let subject = Subject {
        provider: Some("Mailgun"),
        sends_from: Vec::new(),
        envelope: "h.example".to_owned(),
        takes_bounces: false,
        signing: None,
        relay_name: None,
        public_host: None,
        ..subject()
    };
    insta::assert_snapshot!(told(&subject, RIGHT, true), @"
    Weak spf: h.example has no SPF record; Mailgun puts an envelope sender of its own, unless it was given this domain
    Unknown dkim-record: h.example letters are not signed here; whether Mailgun signs as this domain cannot be seen from here
    Good dmarc: h.example its DMARC policy is `reject`
    Weak bounce-domain: h.example has no MX record: senders fall back to its address
    ");
}

#[test]
fn names_below_and_strangers() {
    let below = Subject {
        from: "news.h.example".to_owned(),
        ..subject()
    };
    insta::assert_snapshot!(told(&below, RIGHT, false), @"");
    let stranger = Subject {
        signing: Some(("other.example".to_owned(), Vec::new())),
        envelope: "else.example".to_owned(),
        ..subject()
    };
    insta::assert_snapshot!(told(&stranger, RIGHT, false), @"
    Wrong spf: else.example has no SPF record
    Weak dkim-record: other.example no key is an RSA key, and many receivers know no other
    Wrong dmarc: h.example the envelope domain `else.example` is not aligned with it: SPF does not count for DMARC
    Wrong dmarc: h.example the signing domain `other.example` is not aligned with it: the signature does not count for DMARC
    Wrong bounce-domain: else.example nobody takes mail for it: it has neither MX nor address
    ");
}

#[test]
fn where_dns_says_nothing_one_line_is_said() {
    let mut answers = Answers::default();
    for _ in 0..50 {
        let _ = verdicts(&[subject()], &mut answers);
        let wanted: Vec<Question> = answers.wanted().cloned().collect();
        for question in wanted {
            answers.learn(question, Answer::Unanswered(Unanswered::Silent));
        }
    }
    let said = verdicts(&[subject()], &mut answers);
    let said: Vec<&str> = said.iter().map(|verdict| verdict.what.as_str()).collect();
    insta::assert_snapshot!(said.join("\n"), @"no DNS resolver answered in time: SPF, DKIM, DMARC and the names of domains and relays were not looked at");
}

#[test]
fn what_is_demanded_is_as_ready_as_the_worst_that_was_found() {
    let verdict = |topic, state, what| Verdict::new(topic, state, "h.example", what, "mend it");
    let all = demands(&[
        verdict(Topic::Spf, State::Good, "well"),
        verdict(Topic::Spf, State::Wrong, "wrong"),
        verdict(Topic::Spf, State::Wrong, "wrong too"),
        verdict(Topic::Dkim, State::Good, "well"),
        verdict(Topic::Dmarc, State::Weak, "so so"),
        verdict(Topic::Tls, State::Unknown, "who knows"),
    ]);
    let said: Vec<String> = all
        .iter()
        .map(|demand| format!("{}: {:?} {}", demand.what, demand.state, demand.mend))
        .collect();
    insta::assert_snapshot!(said.join("\n"), @"
    SPF passes: Wrong `h.example` wrong: mend it
    DKIM passes: Good 
    DMARC record, aligned: Weak `h.example` so so: mend it
    relay's address has a name: Unknown not looked at
    TLS: Unknown `h.example` who knows: mend it
    one-click leave: Unknown not looked at
    ");
}
