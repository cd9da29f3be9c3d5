//! The program at a terminal: what it asks, and how wide it writes.

use crate::newsroom::{CTRL_C, Newsroom, TODAY};
use crate::postoffice::PostOffice;

const UNSEEN: &str = "Nobody has drafted the edition";

/// An edition that nobody has drafted is mailed to people at a terminal only if somebody says yes.
#[test]
fn send_asks_before_it_mails_an_edition_that_nobody_has_drafted() {
    for (arguments, typed, asks, letters) in [
        (&["send"][..], "n\n", true, 0),
        (&["send"], "\n", true, 0),
        (&["send"], "\u{4}", true, 0),
        (&["send"], CTRL_C, true, 0),
        (&["send"], "yesterday\n", true, 0),
        (&["send"], "Y\n", true, 3),
        (&["send"], "yes\n", true, 3),
        (&["send", "--yes"], "n\n", false, 3),
        (&["send", "--dry-run"], "n\n", false, 0),
        (&["send", "--sample"], "n\n", false, 0),
    ] {
        let post = PostOffice::open();
        let room = Newsroom::new().relay(post.port(), 1);
        let (code, said) = room.at_a_terminal(100, arguments, typed);
        assert_eq!(
            said.contains(UNSEEN),
            asks,
            "{arguments:?} {typed:?}\n{said}"
        );
        let is_refused = asks && letters == 0;
        assert_eq!(code, i32::from(is_refused), "{said}");
        assert_eq!(
            said.contains("nothing was drafted or sent"),
            is_refused,
            "{said}"
        );
        assert_eq!(
            post.letters().len(),
            letters,
            "{arguments:?} {typed:?}\n{said}"
        );
        let is_drafted = room.has(&format!("editions/{TODAY}.toml"));
        assert_eq!(is_drafted, !is_refused && !arguments.contains(&"--sample"));
    }
    // Somebody drafted it, it was begun before, or it goes to a folder.
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["draft"]).exits(0);
    assert!(!room.at_a_terminal(100, &["send"], "n\n").1.contains(UNSEEN));
    std::fs::remove_file(room.path(&format!("editions/{TODAY}.toml"))).unwrap();
    assert!(!room.at_a_terminal(100, &["send"], "n\n").1.contains(UNSEEN));
    assert_eq!(post.letters().len(), 3);
    assert_eq!(Newsroom::new().at_a_terminal(100, &["send"], "n\n").0, 0);
}

#[test]
fn the_table_of_sources_is_as_wide_as_the_terminal_and_cuts_no_name() {
    let name = "a-feed-of-which-the-name-says-at-length-what-is-in-it.xml";
    for (columns, beside) in [(64, false), (80, false), (140, true)] {
        let room = Newsroom::new();
        let config = room.read("newsdigest.toml");
        let more = format!("[[source]]\nfeed = \"{name}\"\n[[source]]\nfeed = \"gone.xml\"\n");
        room.file("newsdigest.toml", format!("{config}\n{more}"));
        let item = "<item><title>A story of its own</title><link>https://harbourtimes.example/own</link></item>";
        room.file(
            name,
            format!("<rss version=\"2.0\"><channel>{item}</channel></rss>"),
        );
        let (_, said) = room.at_a_terminal(columns, &["draft"], "");
        let lines: Vec<&str> = said.lines().map(str::trim_end).collect();
        let line = lines.iter().find(|line| line.starts_with(name)).unwrap();
        assert_eq!(line.len() > name.len(), beside, "{columns}\n{said}");
        let heading = lines
            .iter()
            .find(|line| line.starts_with("source "))
            .unwrap();
        assert!(heading.len() <= usize::from(columns), "{said}");
        // What is wrong with it is said once.
        assert_eq!(said.matches("does not exist").count(), 1, "{said}");
    }
}
