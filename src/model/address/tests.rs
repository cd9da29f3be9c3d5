use super::*;
use proptest::prelude::*;

#[test]
fn accepts_and_normalises() {
    for (text, whole, key) in [
        (" Ada@Example.ORG ", "Ada@example.org", "ada@example.org"),
        (
            "a.b+c@sub.example.org",
            "a.b+c@sub.example.org",
            "a.b+c@sub.example.org",
        ),
        (
            "info@Bücher.example",
            "info@xn--bcher-kva.example",
            "info@xn--bcher-kva.example",
        ),
        (
            "юля@пример.рф",
            "юля@xn--e1afmkfd.xn--p1ai",
            "юля@xn--e1afmkfd.xn--p1ai",
        ),
        ("root@localhost", "root@localhost", "root@localhost"),
    ] {
        let address = Address::parse(text).unwrap();
        assert_eq!((address.reveal(), &*address.key()), (whole, key));
    }
    assert!(Address::parse("юля@example.org").unwrap().needs_smtputf8());
    assert!(!Address::parse("x@пример.рф").unwrap().needs_smtputf8());
}

#[test]
fn says_what_is_wrong() {
    let long = format!("{}@example.org", "a".repeat(65));
    let errors: Vec<String> = [
        "jane.example.org",
        "@example.org",
        "a b@example.org",
        "a..b@example.org",
        "\"a b\"@example.org",
        "a@b",
        "a@-b.org",
        "a@[127.0.0.1]",
        "a\r\nb@example.org",
        &long,
    ]
    .iter()
    .map(|text| Address::parse(text).unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @"
    `jane.example.org` is not an email address: expected `name@domain`, but found no `@`
    `@e***.org` is not an email address: nothing is before the `@`
    `a***@e***.org` is not an email address: a space is before the `@`
    `a***@e***.org` is not an email address: a dot is at the edge of the name or twice in a row
    `\"***@e***.org` is not an email address: a quoted name before the `@` is not supported
    `a***@b***` is not an email address: the domain has no dot
    `a***@-***.org` is not an email address: the domain is not a valid name
    `a***@[***.1]` is not an email address: the domain is not a valid name
    `a***@e***.org` is not an email address: a space is before the `@`
    `a***@e***.org` is not an email address: the part before the `@` is longer than 64 octets
    ");
}

#[test]
fn shown_masked() {
    let address = Address::parse("ada@mail.example.org").unwrap();
    assert_eq!(
        format!("{address} {address:?}"),
        "a***@m***.org a***@m***.org"
    );
}

#[test]
fn mailboxes() {
    let mailbox = Mailbox::parse("The Harbour Times <digest@harbourtimes.example>").unwrap();
    assert_eq!(mailbox.name.unwrap(), "The Harbour Times");
    assert_eq!(
        Mailbox::parse("\"A, B\" <a@b.org>").unwrap().name.unwrap(),
        "A, B"
    );
    assert_eq!(Mailbox::parse("a@b.org").unwrap().name, None);
    assert!(Mailbox::parse("A <a@b.org").is_err());
}

/// Every key in the ledger is read as an address again.
fn assert_key(text: &str) {
    if let Ok(address) = Address::parse(text) {
        let key = address.key().into_owned();
        let again =
            Address::parse(&key).unwrap_or_else(|error| panic!("{text:?}: {key:?}: {error}"));
        assert_eq!((&*again.key(), again.reveal()), (&*key, &*key), "{text:?}");
        assert!(key.len() <= 254 && again.local().len() <= 64, "{text:?}");
    }
}

#[test]
fn each_key_is_an_address_and_its_own_key() {
    // Ideographs, Hangul and what is unassigned or private are alike in this: every hundredth of them, and all the rest.
    let alike = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{e000}'..='\u{f8ff}' | '\u{20000}'..='\u{2f7ff}' | '\u{2fa20}'..='\u{dffff}' | '\u{e0200}'..);
    for c in ('\0'..=char::MAX).filter(|c| !alike(*c) || u32::from(*c) % 101 == 0) {
        // Alone, at the length where small letters may be too many octets, before and behind other letters.
        assert_key(&format!("{c}@example.org"));
        assert_key(&format!("a@{c}.example"));
        if !c.is_alphanumeric() {
            continue;
        }
        assert_key(&format!(
            "{}@example.org",
            c.to_string().repeat(64 / c.len_utf8())
        ));
        for (before, behind) in [
            ("a", ""),
            ("", "a"),
            ("A\u{3a3}", "\u{3a3}"),
            ("\u{1100}", "\u{11a8}"),
            ("i", "\u{307}"),
        ] {
            assert_key(&format!("{before}{c}{behind}@b.example"));
        }
        assert_key(&format!("a@b{c}\u{200d}c.{c}ü{c}.example"));
    }
}

#[test]
fn a_name_that_small_letters_break_is_refused() {
    for text in [
        "\u{130}@attacker.example",
        "\u{130}brahim@example.org",
        &format!("{}@example.org", "\u{23a}".repeat(32)),
        &format!("{}@example.org", "\u{23e}".repeat(22)),
        "a\u{200d}b@example.org",
    ] {
        assert!(Address::parse(text).is_err(), "{text}");
    }
    // 254 octets as it is written; in small letters one more than that is too many.
    let with_last = |octets: usize| {
        let label = |octets: usize| "a".repeat(octets);
        let domain = [label(63), label(63), label(63), label(octets)].join(".");
        Address::parse(&format!("\u{23a}\u{23a}@{domain}.example"))
    };
    assert!(with_last(47).is_ok() && with_last(48).is_err());
}

#[test]
fn one_reader_however_the_letters_are_composed() {
    for (one, other) in [
        ("zo\u{eb}@example.org", "zoe\u{308}@example.org"),
        (
            "\u{d55c}@example.org",
            "\u{1112}\u{1161}\u{11ab}@example.org",
        ),
        ("k@example.org", "\u{212a}@example.org"),
        ("\u{c5}@example.org", "\u{e5}@example.org"),
        ("\u{1c5}@example.org", "\u{1c4}@example.org"),
        ("\u{f900}@example.org", "\u{8c48}@example.org"),
    ] {
        let key = |text| Address::parse(text).unwrap().key().into_owned();
        assert_eq!(key(one), key(other));
    }
}

proptest! {
    #[test]
    fn every_key_is_an_address_and_its_own_key(text in "[\\p{L}\\p{N}\\p{M}.]{1,40}@[\\p{L}\\p{N}.-]{1,70}\\.[a-zé\u{fc}\u{430}]{2,9}|\\PC{0,70}@\\PC{0,20}") {
        assert_key(&text);
    }

    #[test]
    fn never_breaks_out_of_a_command(text in "\\PC{0,40}@\\PC{0,40}|.{0,80}") {
        if let Ok(address) = Address::parse(&text) {
            prop_assert!(!address.reveal().contains(['\r', '\n', ' ', '<', '>', '\0', ',', ';']));
            prop_assert!(address.domain().is_ascii());
            prop_assert_eq!(Address::parse(address.reveal()).unwrap(), address);
        }
    }
}
