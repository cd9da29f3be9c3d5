use super::*;
use crate::deliverability::tests::with_zone;

fn sender(address: &str) -> Sender {
    Sender {
        address: address.parse().unwrap(),
        local: "strong-bad".to_owned(),
        domain: "email.example.com".to_owned(),
        hello: "mx.example.com".to_owned(),
    }
}

fn told(zone: &str, address: &str) -> String {
    let sender = sender(address);
    match with_zone(zone, |answers| check(answers, &sender)) {
        SpfResult::TempError(what) | SpfResult::PermError(what) => what,
        other => format!("{other:?}"),
    }
}

/// What the record says of 192.0.2.65, with what else there is in DNS.
fn says(record: &str, zone: &str) -> String {
    told(
        &format!("email.example.com TXT {record}\n{zone}"),
        "192.0.2.65",
    )
}

#[test]
fn mechanisms_match_or_do_not() {
    for (record, zone, expected) in [
        ("v=spf1 -all", "", "Fail"),
        ("v=spf1", "", "Neutral"),
        ("V=SPF1 ~ALL", "", "SoftFail"),
        ("v=spf1 ?all", "", "Neutral"),
        ("v=spf1 ip4:192.0.2.65 -all", "", "Pass"),
        ("v=spf1 ip4:192.0.2.64/31 -all", "", "Pass"),
        ("v=spf1 ip4:192.0.2.66/31 -all", "", "Fail"),
        ("v=spf1 ip4:0.0.0.0/0 -all", "", "Pass"),
        ("v=spf1 ip6:::/0 -all", "", "Fail"),
        ("v=spf1 -ip4:192.0.2.65 +all", "", "Fail"),
        ("v=spf1 a -all", "email.example.com A 192.0.2.65", "Pass"),
        ("v=spf1 a/24 -all", "email.example.com A 192.0.2.1", "Pass"),
        (
            "v=spf1 a:other.example.com//64 -all",
            "other.example.com A 192.0.2.65",
            "Pass",
        ),
        (
            "v=spf1 a:other.example.com -all",
            "other.example.com AAAA 2001:db8::1",
            "Fail",
        ),
        (
            "v=spf1 mx -all",
            "email.example.com MX mx.example.org\nmx.example.org A 192.0.2.65",
            "Pass",
        ),
        (
            "v=spf1 mx:example.org/30 -all",
            "example.org MX a.example.org\nexample.org MX b.example.org\nb.example.org A 192.0.2.64",
            "Pass",
        ),
        (
            "v=spf1 exists:%{ir}.%{l1r-}.%{d2} -all",
            "65.2.0.192.strong.example.com A 127.0.0.2",
            "Pass",
        ),
        (
            "v=spf1 ptr -all",
            "65.2.0.192.in-addr.arpa PTR a.email.example.com\na.email.example.com A 192.0.2.65",
            "Pass",
        ),
        (
            "v=spf1 ptr -all",
            "65.2.0.192.in-addr.arpa PTR a.email.example.com\na.email.example.com A 192.0.2.1",
            "Fail",
        ),
        (
            "v=spf1 ptr -all",
            "65.2.0.192.in-addr.arpa PTR aemail.example.com\naemail.example.com A 192.0.2.65",
            "Fail",
        ),
        (
            "v=spf1 include:example.org -all",
            "example.org TXT v=spf1 ip4:192.0.2.65 -all",
            "Pass",
        ),
        (
            "v=spf1 include:example.org ~all",
            "example.org TXT v=spf1 -all",
            "SoftFail",
        ),
        (
            "v=spf1 redirect=example.org",
            "example.org TXT v=spf1 ip4:192.0.2.65 -all",
            "Pass",
        ),
        (
            "v=spf1 ip4:192.0.2.1 redirect=example.org",
            "example.org TXT v=spf1 -all",
            "Fail",
        ),
        ("v=spf1 -all redirect=nowhere.example", "", "Fail"),
        ("v=spf1 unknown=x exp=why.example.org  -all", "", "Fail"),
        // What is no record is passed over.
        (
            "v=spf10 +all",
            "email.example.com TXT v=spf1 -all\nemail.example.com TXT hello",
            "Fail",
        ),
        ("spf1 +all", "", "None"),
        ("v=spf1\t+all", "", "None"),
    ] {
        assert_eq!(says(record, zone), expected, "{record}\n{zone}");
    }
    let six = "email.example.com TXT v=spf1 ip6:2001:db8::/32 a//64 -all\nemail.example.com AAAA 2001:db9::1";
    for (address, expected) in [
        ("2001:db8:1::1", "Pass"),
        ("2001:db9::2", "Pass"),
        ("2001:dba::1", "Fail"),
        ("192.0.2.1", "Fail"),
    ] {
        assert_eq!(told(six, address), expected, "{address}");
    }
}

#[test]
fn records_that_cannot_be_used() {
    let eleven = |line: &str| -> String {
        let lines = (0..11).map(|n| line.replace('N', &n.to_string()));
        lines.collect()
    };
    let many = eleven("\nexample.org MX mxN.example.org");
    let includes = eleven("iN.example.org TXT v=spf1 -all\n");
    let record = eleven(" include:iN.example.org");
    let said: Vec<String> = [
        ("v=spf1 -all", "email.example.com TXT v=spf1 +all"),
        ("v=spf1 ipv4:192.0.2.1 -all", ""),
        ("v=spf1 ip4:192.0.2 -all", ""),
        ("v=spf1 ip4:192.0.2.1/33 -all", ""),
        ("v=spf1 ip4:2001:db8::1 -all", ""),
        ("v=spf1 include: -all", ""),
        ("v=spf1 include -all", ""),
        ("v=spf1 all:example.org", ""),
        ("v=spf1 a:localhost -all", ""),
        ("v=spf1 a:example.123 -all", ""),
        ("v=spf1 exists:%{x}.example.org", ""),
        ("v=spf1 exists:%{c}.example.org", ""),
        ("v=spf1 exists:%{d0}.example.org", ""),
        ("v=spf1 exists:%(d).example.org", ""),
        ("v=spf1 redirect=a.example redirect=b.example", ""),
        ("v=spf1 redirect=nowhere.example", ""),
        ("v=spf1 include:nowhere.example -all", ""),
        ("v=spf1 include:email.example.com -all", ""),
        ("v=spf1 include:example.org -all", "example.org FAIL"),
        ("v=spf1 a:a.example b.example", ""),
        ("v=spf1 a:a.example a:b.example a:c.example -all", ""),
        ("v=spf1 mx:example.org -all", many.trim()),
        (&format!("v=spf1{record} -all"), &includes),
        ("v=spf1 \u{e4} -all", ""),
    ]
    .iter()
    .map(|(record, zone)| says(record, zone))
    .collect();
    insta::assert_snapshot!(said.join("\n"), @"
    `email.example.com` has more than one SPF record
    the record of `email.example.com`: `ipv4:192.0.2.1` is no mechanism that SPF knows
    the record of `email.example.com`: `ip4:192.0.2` is no address
    the record of `email.example.com`: `ip4:192.0.2.1/33` has a length of a network that there is not
    the record of `email.example.com`: `ip4:2001:db8::1` is no address of that kind
    the record of `email.example.com`: `include:` names no domain
    the record of `email.example.com`: `include` names no domain
    the record of `email.example.com`: `all:example.org` has something behind it that it cannot have
    the record of `email.example.com`: `a:localhost` does not end like the name of a domain
    the record of `email.example.com`: `a:example.123` does not end like the name of a domain
    the record of `email.example.com`: `exists:%{x}.example.org` has a macro that SPF does not know
    the record of `email.example.com`: `exists:%{c}.example.org` has a macro that SPF does not know
    the record of `email.example.com`: `exists:%{d0}.example.org` has a macro that SPF does not know
    the record of `email.example.com`: `exists:%(d).example.org` has a macro that SPF does not know
    the record of `email.example.com`: `redirect` is given twice
    it relies on the record of `nowhere.example`, which has none
    it relies on the record of `nowhere.example`, which has none
    it takes more than 10 look-ups
    `example.org`: the DNS resolver answered `Server Failure`
    the record of `email.example.com`: `b.example` is no mechanism that SPF knows
    more than 2 of its look-ups find nothing
    `mx` finds more than 10 names
    it takes more than 10 look-ups
    the record of `email.example.com`: `ä` is no mechanism that SPF knows
    ");
    assert_eq!(
        told("email.example.com FAIL", "192.0.2.1"),
        "`email.example.com`: the DNS resolver answered `Server Failure`"
    );
    assert_eq!(told("", "192.0.2.1"), "None");
}

/// The examples of RFC 7208 section 7.4.
#[test]
fn macros_as_the_rfc_shows_them() {
    let name = |text: &str, address: &str| {
        Pattern::parse(text)
            .unwrap()
            .name(&sender(address), "email.example.com")
    };
    for (text, expected) in [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        (
            "%{ir}.%{v}._spf.%{d2}",
            "3.2.0.192.in-addr._spf.example.com",
        ),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        (
            "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
            "bad.strong.lp.3.2.0.192.in-addr._spf.example.com",
        ),
        (
            "%{d2}.trusted-domains.example.net",
            "example.com.trusted-domains.example.net",
        ),
        (
            "%{S}.example.net",
            "strong-bad%40email.example.com.example.net",
        ),
    ] {
        assert_eq!(name(text, "192.0.2.3"), expected, "{text}");
    }
    let six =
        "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com";
    assert_eq!(name("%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01"), six);
    let long = name(
        &format!("{}.example.com", "%{d}.".repeat(30).trim_end_matches('.')),
        "192.0.2.3",
    );
    assert!(
        long.len() <= 253 && long.ends_with(".example.com"),
        "{long}"
    );
}

#[test]
fn what_a_record_costs() {
    let cost = |zone: &str| with_zone(zone, |answers| extent(answers, &sender("192.0.2.255")));
    let zone = "email.example.com TXT v=spf1 a mx include:a.example.org ip4:192.0.2.1 -all\na.example.org TXT v=spf1 include:b.example.org exists:%{i}.x.example ?all\nb.example.org TXT v=spf1 ptr +all";
    let expected = Extent {
        lookups: 6,
        is_open: false,
        uses_ptr: true,
        ends: true,
    };
    assert_eq!(cost(zone), expected);
    assert_eq!(
        cost(
            "email.example.com TXT v=spf1 a redirect=a.example.org\na.example.org TXT v=spf1 +all"
        )
        .lookups,
        2
    );
    assert!(
        cost("email.example.com TXT v=spf1 redirect=a.example.org\na.example.org TXT v=spf1 +all")
            .is_open
    );
    assert!(!cost("email.example.com TXT v=spf1 a").ends);
    // A record that includes itself ends too.
    assert!(cost("email.example.com TXT v=spf1 include:email.example.com -all").lookups > 10);
}
