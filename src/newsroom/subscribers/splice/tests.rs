use proptest::prelude::*;

use super::*;

fn someone(address: &str) -> Subscriber {
    Subscriber::new(Address::parse(address).unwrap())
}

fn removing(before: &str, addresses: &[&str], after: &str) {
    let leavers: Vec<Address> = addresses
        .iter()
        .map(|text| Address::parse(text).unwrap())
        .collect();
    for line_end in ["\n", "\r\n"] {
        let lines = |text: &str| text.replace('\n', line_end);
        let (new, removed) = without("s.toml", &lines(before), &leavers).unwrap();
        assert_eq!(new.unwrap(), lines(after), "{line_end:?}");
        assert_eq!(removed.unknown, []);
    }
}

const TOWN: &str = r#"# Who gets the digest.

# the editor
[[subscriber]]
email = "ada@example.org" # work
name  = "Ada"

# ---- readers ----

[[subscriber]]
email = "Bo@example.org"

paused = true
# back in spring

# from the fair
# (paper form)
[[subscriber]]
email = 'info@bücher.example'
name = """
# not a comment"""
# she insists
[[subscriber]]
email="dee@example.org"
"#;

#[test]
fn a_block_goes_with_its_remarks_and_nothing_else() {
    removing(
        TOWN,
        &["ADA@example.org"],
        r#"# Who gets the digest.

# ---- readers ----

[[subscriber]]
email = "Bo@example.org"

paused = true
# back in spring

# from the fair
# (paper form)
[[subscriber]]
email = 'info@bücher.example'
name = """
# not a comment"""
# she insists
[[subscriber]]
email="dee@example.org"
"#,
    );
    removing(
        TOWN,
        &["bo@example.org", "info@xn--bcher-kva.example"],
        r#"# Who gets the digest.

# the editor
[[subscriber]]
email = "ada@example.org" # work
name  = "Ada"

# ---- readers ----
# she insists
[[subscriber]]
email="dee@example.org"
"#,
    );
    removing(
        TOWN,
        &["dee@example.org", "bo@example.org"],
        r#"# Who gets the digest.

# the editor
[[subscriber]]
email = "ada@example.org" # work
name  = "Ada"

# ---- readers ----

# from the fair
# (paper form)
[[subscriber]]
email = 'info@bücher.example'
name = """
# not a comment"""
"#,
    );
}

#[test]
fn the_first_the_last_the_only_and_the_double() {
    let a = "[[subscriber]]\nemail = \"a@example.org\"\n";
    let b = "[[subscriber]]\nemail = \"b@example.org\"\n";
    for (before, leaver, after) in [
        (format!("{a}\n{b}"), "a@example.org", b.to_owned()),
        (format!("{a}\n{b}"), "b@example.org", a.into()),
        (format!("{a}{b}"), "a@example.org", b.into()),
        (format!("{a}{b}"), "b@example.org", a.into()),
        (a.into(), "a@example.org", String::new()),
        (format!("{a}\n{b}\n{a}"), "a@example.org", b.into()),
        (
            format!("{MARK}{a}\n{b}"),
            "a@example.org",
            format!("{MARK}{b}"),
        ),
    ] {
        removing(&before, &[leaver], &after);
    }
}

#[test]
fn new_blocks_come_last_in_the_same_line_ends() {
    let mut bee = someone("Bee@Example.org");
    bee.name = Line::non_empty("Bee \"B\" \\ Marsh");
    bee.sections = vec![Line::clean("News"), Line::clean("City")];
    bee.since = "2026-08-01".parse().ok();
    bee.consent = Line::non_empty("sign-up form");
    bee.paused = Paused::Until("2026-09-01".parse().unwrap());
    let newcomers = [
        someone("ADA@example.org"),
        bee,
        someone("cy@example.org"),
        someone("CY@example.org"),
    ];
    let (new, added) = with("s.toml", TOWN, &newcomers).unwrap();
    let new = new.unwrap();
    insta::assert_snapshot!(new.strip_prefix(TOWN).unwrap().trim(), @r#"
    [[subscriber]]
    email = "Bee@example.org"
    name = "Bee \"B\" \\ Marsh"
    sections = ["News", "City"]
    since = 2026-08-01
    consent = "sign-up form"
    paused = 2026-09-01

    [[subscriber]]
    email = "cy@example.org"
    "#);
    assert_eq!(added.added, 2);
    assert_eq!(
        added.already,
        [newcomers[0].address.clone(), newcomers[3].address.clone()]
    );
    let old = "[[subscriber]]\r\nemail = \"a@example.org\"\r\n\r\n";
    let (new, _) = with("s.toml", old, &newcomers[2..3]).unwrap();
    assert_eq!(
        new.unwrap(),
        "[[subscriber]]\r\nemail = \"a@example.org\"\r\n\r\n[[subscriber]]\r\nemail = \"cy@example.org\"\r\n\r\n"
    );
    assert_eq!(with("s.toml", TOWN, &newcomers[..1]).unwrap().0, None);
}

/// Files as people leave them: blocks, remarks, empty lines, marks, either line end, with or without a last one.
fn files() -> impl Strategy<Value = String> {
    let plain = |n| format!("[[subscriber]]\nemail = \"old{n}@example.org\"\n");
    let trap = |n| {
        format!(
            "[[subscriber]] # x\n\nemail = 'old{n}@example.org'\nname = '''\n[[subscriber]]\n# '''\n"
        )
    };
    let piece = prop_oneof![
        3 => (0..20_usize).prop_map(plain),
        1 => (0..20_usize).prop_map(trap),
        2 => Just("\n".to_owned()),
        1 => Just("  \n".to_owned()),
        2 => Just("# a remark\n".to_owned()),
    ];
    (proptest::collection::vec(piece, 0..8), 0..8_u8).prop_map(|(pieces, form)| {
        let mut text = pieces.concat();
        if form & 1 > 0 {
            text.truncate(text.trim_end_matches('\n').len());
        }
        if form & 2 > 0 {
            text = text.replace('\n', "\r\n");
        }
        if form & 4 > 0 {
            text.insert(0, MARK);
        }
        text
    })
}

fn newcomers() -> impl Strategy<Value = Vec<Subscriber>> {
    let sections = proptest::collection::vec(".{1,8}", 0..3);
    let one = (0..40_usize, ".{0,12}", sections, 0..3_usize);
    let one = one.prop_map(|(n, name, sections, paused)| Subscriber {
        newsletters: None,
        name: Line::non_empty(&name),
        sections: sections
            .iter()
            .filter_map(|text| Line::non_empty(text))
            .collect(),
        paused: [
            Paused::No,
            Paused::Yes,
            Paused::Until("2026-09-01".parse().unwrap()),
        ][paused],
        rhythm: crate::model::rhythm::Rhythm {
            alerts: n % 2 == 0,
            ..Default::default()
        },
        ..someone(&format!("New{n}@example.org"))
    });
    proptest::collection::vec(one, 1..4)
}

proptest! {
    #[test]
    fn adding_and_removing_gives_the_same_bytes(text in files(), newcomers in newcomers()) {
        let all = |text: &str| -> Vec<Subscriber> {
            Subscribers::of("s.toml", text).map(|listed| listed.unwrap().subscriber).collect()
        };
        let (new, added) = with("s.toml", &text, &newcomers).unwrap();
        let new = new.unwrap();
        let mut expected = all(&text);
        let before = expected.len();
        let mut seen = HashSet::new();
        expected.extend(newcomers.iter().filter(|one| seen.insert(one.address.clone())).cloned());
        prop_assert_eq!(added.added, expected.len() - before);
        prop_assert_eq!(all(&new), expected);
        let leavers: Vec<Address> = seen.into_iter().collect();
        let (old, removed) = without("s.toml", &new, &leavers).unwrap();
        prop_assert_eq!(removed, Removed { removed: leavers.len(), unknown: vec![] });
        prop_assert_eq!(old.unwrap(), text);
    }
}
