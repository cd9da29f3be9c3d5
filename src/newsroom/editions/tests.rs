use std::collections::BTreeMap;

use super::*;
use crate::model::edition::Placed;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Story;

fn files(folder: &Path) -> EditionFiles {
    EditionFiles::of(folder.to_owned(), &"sport".parse().unwrap())
}

fn edition(slug: &str, headline: &str) -> Edition {
    let story = Story::new(
        Line::clean(headline),
        Link::parse("https://harbourtimes.example/ferry").unwrap(),
    );
    Edition {
        top: vec![Placed {
            story,
            pin: false,
            why: Line::non_empty("rank 1 of 1"),
        }],
        ..Edition::new(slug.parse().unwrap())
    }
}

#[test]
fn written_read_and_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let editions = files(&folder.path().join("editions"));
    let put = |edition: &Edition, why: &str, overwrite| {
        let why = BTreeMap::from([("why", why)]);
        let now = "2026-08-24T05:45:00Z".parse().unwrap();
        write(
            &editions,
            edition,
            edition,
            &why,
            now,
            &Zone::utc(),
            overwrite,
        )
    };
    let why = |why: &str| format!("{{\n  \"why\": \"{why}\"\n}}");
    let first = edition("2026-08-24", "Ferry fares");
    assert_eq!(list(&editions).unwrap(), []);
    assert_eq!(read(&editions, &first.slug), Ok(None));
    assert_eq!(read_why(&editions, &first.slug).unwrap(), None);
    let path = put(&first, "one", Overwrite::Refuse).unwrap();
    assert_eq!(path, editions.folder.join("2026-08-24.toml"));
    assert_eq!(read(&editions, &first.slug), Ok(Some(first.clone())));

    let other = edition("2026-08-24", "Gulls");
    let refused = put(&other, "two", Overwrite::Refuse).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("`{}` already exists", path.display())
    );
    let read_back = || read_why(&editions, &first.slug).unwrap().unwrap();
    assert_eq!(read_back(), why("one"));
    put(&other, "two", Overwrite::Replace).unwrap();
    assert_eq!(read(&editions, &first.slug), Ok(Some(other)));
    assert_eq!(read_back(), why("two"));

    put(&edition("2026-08-24b", "More"), "", Overwrite::Refuse).unwrap();
    put(&edition("2026-08-23", "Less"), "", Overwrite::Refuse).unwrap();
    fs::write(editions.folder.join("notes.toml"), "").unwrap();
    let names: Vec<String> = list(&editions)
        .unwrap()
        .iter()
        .map(Slug::to_string)
        .collect();
    assert_eq!(names, ["2026-08-23", "2026-08-24", "2026-08-24b"]);
}

#[test]
fn what_was_drafted_is_remembered_until_its_file_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (drafted, written) = (
        edition("2026-08-24", "Gulls"),
        edition("2026-08-24", "Hers"),
    );
    let slug = &drafted.slug;
    assert_eq!(read_hand(&files(folder.path()), slug), Ok(None));
    let now = "2026-08-24T05:45:00Z".parse().unwrap();
    let nothing = BTreeMap::<&str, &str>::new();
    let replace = Overwrite::Replace;
    let (zone, path) = (Zone::utc(), &files(folder.path()));
    write(path, &written, &drafted, &nothing, now, &zone, replace).unwrap();
    let hand = |drafted| Ok(Some(Hand::of(written.clone(), drafted)));
    assert_eq!(read_hand(path, slug), hand(Some(drafted.clone())));
    for broken in ["", "[1]", "{\"drafted\": \"[[top]]\"}"] {
        fs::write(why_path_of(path, slug), broken).unwrap();
        assert_eq!(read_hand(path, slug), hand(None));
    }
    fs::remove_file(why_path_of(path, slug)).unwrap();
    assert_eq!(read_hand(path, slug), hand(None));
}

#[test]
fn a_file_without_a_story_is_no_edition_but_may_hold_an_editors_words() {
    let folder = tempfile::tempdir().unwrap();
    let slug: Slug = "2026-08-24".parse().unwrap();
    fs::write(path_of(&files(folder.path()), &slug), "note = \"Closed\"\n").unwrap();
    let problems = read(&files(folder.path()), &slug).unwrap_err();
    assert!(problems[0].what.starts_with("no story is in `"));
    assert!(read_hand(&files(folder.path()), &slug).unwrap().is_some());
}

#[test]
fn problems_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let slug: Slug = "2026-08-24".parse().unwrap();
    let said = || {
        let problems = read(&files(folder.path()), &slug).unwrap_err();
        let place = folder.path().to_string_lossy().into_owned() + "/";
        problems[0].to_string().replace(&place, "")
    };
    fs::write(path_of(&files(folder.path()), &slug), "subjet = \"x\"\n").unwrap();
    insta::assert_snapshot!(said(), @r#"
    unknown key `subjet`
      ──▶ 2026-08-24.toml:1:1
      │
    1 │ subjet = "x"
      │ ^^^^^^
    hint: did you mean `subject`?
    "#);
    fs::write(
        path_of(&files(folder.path()), &slug),
        b"subject = \"\xff\"\n",
    )
    .unwrap();
    insta::assert_snapshot!(said(), @"`2026-08-24.toml` must be UTF-8 text, but line 1 holds bytes that are not");
}

#[test]
fn an_edition_of_another_newsletter_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let editions = files(folder.path());
    let text =
        "newsletter = \"morning\"\n[[top]]\nheadline = \"A\"\nurl = \"https://h.example/1\"\n";
    let slug: Slug = "2026-08-24".parse().unwrap();
    let refused = |text: &str| {
        fs::write(path_of(&editions, &slug), text).unwrap();
        let hand = read_hand(&editions, &slug).is_err();
        (read(&editions, &slug).is_err(), hand)
    };
    assert_eq!(refused(text), (true, true));
    assert_eq!(refused(&text.replace("morning", "sport")), (false, false));
    let problems = "newsletter = \"2026-08-24\"\n";
    assert_eq!(refused(problems), (true, true));
}
