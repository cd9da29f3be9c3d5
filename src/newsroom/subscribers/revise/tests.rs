use proptest::prelude::*;

use super::*;
use crate::model::line::Line;

fn wants(name: &str, sections: &[&str], paused: Paused) -> Preferences {
    Preferences {
        newsletters: None,
        name: Line::non_empty(name),
        sections: sections.iter().map(|name| Line::clean(name)).collect(),
        paused,
        ..Preferences::NONE
    }
}

fn revision(address: &str, wish: Wish) -> Revision {
    Revision {
        address: Address::parse(address).unwrap(),
        wish,
        only_over: None,
    }
}

fn joins(address: &str, wanted: &Preferences) -> Revision {
    let subscriber = Subscriber {
        since: "2026-11-24".parse().ok(),
        consent: Line::non_empty("page 1"),
        ..(wanted.clone()).given_to(Subscriber::new(Address::parse(address).unwrap()))
    };
    revision(
        address,
        Wish::Join {
            subscriber: Box::new(subscriber),
            defaults: Vec::new(),
        },
    )
}

const TOWN: &str = "# ours\n\n# the editor\n[[subscriber]]\nemail = \"Ada@example.org\" # work\nname  = \"Ada\" # as she says\nsections = [\n  \"News\", # and\n  \"City\",\n]\nsince = 2026-08-01\n\n[[subscriber]]\nemail = \"bo@example.org\"";

#[test]
fn only_what_she_changed_is_changed() {
    let wanted = wants(
        "Ada \"L\"",
        &["Sport"],
        Paused::Until("2026-12-01".parse().unwrap()),
    );
    let all = [
        revision("ada@example.org", Wish::Prefer(wanted)),
        revision("bo@example.org", Wish::Prefer(wants("", &[], Paused::Yes))),
        revision(
            "nobody@example.org",
            Wish::Prefer(wants("x", &[], Paused::Yes)),
        ),
    ];
    let (new, outcomes) = revised("s.toml", TOWN, &all).unwrap();
    insta::assert_snapshot!(new, @r#"
    # ours

    # the editor
    [[subscriber]]
    email = "Ada@example.org" # work
    paused = 2026-12-01
    name  = "Ada \"L\"" # as she says
    sections = ["Sport"]
    since = 2026-08-01

    [[subscriber]]
    email = "bo@example.org"
    paused = true
    "#);
    assert_eq!(
        outcomes[0].before,
        Some(wants("Ada", &["News", "City"], Paused::No))
    );
    assert_eq!(outcomes[2].before, None);
    // And back: what is not said goes with its line.
    let back = [
        revision(
            "ada@example.org",
            Wish::Prefer(wants("Ada", &[], Paused::No)),
        ),
        revision("bo@example.org", Wish::Prefer(wants("", &[], Paused::No))),
    ];
    let (back, _) = revised("s.toml", &new, &back).unwrap();
    insta::assert_snapshot!(back, @r#"
    # ours

    # the editor
    [[subscriber]]
    email = "Ada@example.org" # work
    name  = "Ada" # as she says
    since = 2026-08-01

    [[subscriber]]
    email = "bo@example.org"
    "#);
}

#[test]
fn joining_twice_is_joining_once_and_erasing_takes_the_block() {
    let all = [
        joins("cleo@example.net", &wants("Cleo", &["News"], Paused::No)),
        joins("CLEO@example.net", &wants("Cleo", &["News"], Paused::No)),
        revision(
            "cleo@example.net",
            Wish::Prefer(wants("C", &[], Paused::No)),
        ),
        revision("ada@example.org", Wish::Erase),
    ];
    let (new, _) = revised("s.toml", TOWN, &all).unwrap();
    insta::assert_snapshot!(new, @r#"
    # ours

    [[subscriber]]
    email = "bo@example.org"

    [[subscriber]]
    email = "cleo@example.net"
    name = "C"
    since = 2026-11-24
    consent = "page 1"
    "#);
    let (again, outcomes) = revised("s.toml", &new, &all[3..]).unwrap();
    assert_eq!((again, outcomes[0].before.clone()), (new, None));
}

#[test]
fn one_who_stands_there_already_gets_what_she_chose_now() {
    let text = "[[subscriber]]\r\nemail = \"bo@example.org\"\r\npaused = true\r\n";
    let all = [joins("bo@example.org", &wants("", &["City"], Paused::No))];
    let (new, _) = revised("s.toml", text, &all).unwrap();
    assert_eq!(
        new,
        "[[subscriber]]\r\nemail = \"bo@example.org\"\r\nsections = [\"City\"]\r\n"
    );
}

#[test]
fn a_file_saved_from_an_older_copy_gets_it_again_and_a_newer_word_stays() {
    let (old, new) = (wants("", &[], Paused::No), wants("", &["News"], Paused::No));
    let again = Revision {
        only_over: Some(Some(old)),
        ..revision("bo@example.org", Wish::Prefer(new))
    };
    let file = |more: &str| format!("[[subscriber]]\nemail = \"bo@example.org\"\n{more}");
    let run = |text: &str| revised("s.toml", text, std::slice::from_ref(&again)).unwrap();
    assert_eq!(run(&file("")).0, file("sections = [\"News\"]\n"));
    let edited = file("name = \"Bo\"\n");
    let (kept, outcomes) = run(&edited);
    assert!(kept == edited && !outcomes[0].changed);
}

#[test]
fn what_an_editor_saves_meanwhile_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("subscribers.toml");
    let all = [joins("cy@example.org", &wants("", &[], Paused::No))];
    let prefers = [revision(
        "bo@example.org",
        Wish::Prefer(wants("Bo", &[], Paused::No)),
    )];
    let saved = "[[subscriber]]\nemail = \"bo@example.org\"\n";
    // Both find the file as it is while an editor has emptied it and not yet written.
    for (revisions, expected) in [(&all, "cy@example.org"), (&prefers, "name = \"Bo\"")] {
        std::fs::write(&path, "").unwrap();
        let mut editor = Some(saved);
        let read = |path: &Path| {
            let text = read_if_any(path, LARGEST);
            if let Some(saved) = editor.take() {
                std::fs::write(path, saved).unwrap();
            }
            text
        };
        let outcomes = hold(&path).unwrap().revise_as(revisions, read).unwrap();
        assert!(outcomes[0].changed);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(saved) && text.contains(expected), "{text}");
    }
    let mut count = 0;
    let restless = |path: &Path| {
        count += 1;
        std::fs::write(path, "#".repeat(count)).unwrap();
        Ok(String::new())
    };
    let error = hold(&path).unwrap().revise_as(&all, restless).unwrap_err();
    assert!(matches!(error, NewsroomError::Busy(..)));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "#####");
}

#[test]
fn a_file_with_problems_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("subscribers.toml");
    let open = "[[subscriber]]\nemail = \"ada@example.org\"\nname = \"\"\"\n";
    std::fs::write(&path, open).unwrap();
    let all = [joins("bo@example.org", &wants("", &[], Paused::No))];
    let error = hold(&path).unwrap().revise(&all).unwrap_err();
    assert!(matches!(error, NewsroomError::Broken(..)));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), open);
}

#[test]
fn a_block_with_a_problem_keeps_only_its_own_reader_waiting() {
    let text = "[[subscriber]]\nemail = \"ada@example.org\"\npaused = \"soon\"\n\n[[subscriber]]\nemial = 1\n\n[[subscriber]]\nemail = \"bo@example.org\n";
    let wanted = wants("Ada", &[], Paused::No);
    let all = [
        joins("ada@example.org", &wanted),
        joins("cy@example.org", &wants("", &[], Paused::No)),
        revision("ada@example.org", Wish::Prefer(wanted.clone())),
    ];
    let (new, outcomes) = revised("s.toml", text, &all).unwrap();
    assert_eq!(
        new,
        format!(
            "{text}\n[[subscriber]]\nemail = \"cy@example.org\"\nsince = 2026-11-24\nconsent = \"page 1\"\n"
        )
    );
    let waits: Vec<bool> = outcomes.iter().map(|outcome| outcome.waits).collect();
    assert_eq!(waits, [true, false, true]);
    // To go is what a reader may always do; and to come back then.
    let all = [
        revision("ada@example.org", Wish::Erase),
        joins("ada@example.org", &wanted),
    ];
    let (new, outcomes) = revised("s.toml", text, &all).unwrap();
    assert!(
        !new.contains("soon") && new.contains("name = \"Ada\""),
        "{new}"
    );
    assert!(outcomes.iter().all(|outcome| !outcome.waits));
    let (new, _) = revised("s.toml", text, &all[..1]).unwrap();
    assert!(!new.contains("ada@") && new.contains("emial"), "{new}");
}

proptest! {
    #[test]
    fn what_is_wanted_is_what_is_read_afterwards(
        name in "\\PC{0,12}", sections in proptest::collection::vec("\\PC{1,8}", 0..4), day in proptest::option::of(1_u32..28),
        before in "(name = 'x'\\n)?(paused = (true|2026-01-02) # y\\n)?(\"sections\" = \\[ 'a',\\n#b\\n \"c\" \\]\\n)?", crlf in any::<bool>(),
    ) {
        let sections: Vec<&str> = sections.iter().map(String::as_str).filter(|name| Line::non_empty(name).is_some()).collect();
        let paused = day.map_or(Paused::No, |day| Paused::Until(chrono::NaiveDate::from_ymd_opt(2026, 5, day).unwrap()));
        let wanted = wants(&name, &sections, paused);
        let mut text = format!("# first\n[[subscriber]]\nemail = \"bo@example.org\"\n{before}\n[[subscriber]]\nemail = \"cy@example.org\"\n");
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let all = [revision("bo@example.org", Wish::Prefer(wanted.clone()))];
        let (new, _) = revised("s.toml", &text, &all).unwrap();
        let read: Vec<_> = Subscribers::of("s.toml", &new).map(|listed| listed.unwrap().subscriber).collect();
        prop_assert_eq!(read.len(), 2);
        prop_assert_eq!(Preferences::of(&read[0]), wanted);
        prop_assert_eq!(Preferences::of(&read[1]), wants("", &[], Paused::No));
    }
}
