//! The links in proofs.

use mail_parser::MessageParser;

use super::{BEA, FILE, OLE, edit, run};
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;
use crate::serve::{HOST, Serving};

fn room(post: &PostOffice, approval: &str) -> Newsroom {
    crate::serve::room()
        .relay(post.port(), 1)
        .config("approval", approval)
}

/// The path of the link in the last proof for that address; the text part says the same as the HTML.
fn link(post: &PostOffice, to: &str) -> Option<String> {
    let letters = post.letters();
    let letter = letters.iter().rev().find(|letter| letter.to == [to])?;
    let read = MessageParser::default().parse(&letter.message).unwrap();
    let (text, html) = (read.body_text(0).unwrap(), read.body_html(0).unwrap());
    let start = "https://news.harbourtimes.example/";
    let at = text.find(&format!("{start}approve/"))?;
    let link = text[at..].split_whitespace().next().unwrap().to_owned();
    assert!(html.contains(&format!("href=\"{link}\"")), "{html}");
    Some(link.trim_start_matches(start).to_owned())
}

#[test]
fn the_button_approves_once_and_a_look_does_nothing() {
    let post = PostOffice::open();
    let room = room(&post, &format!("needs = 2\nby = [\"{BEA}\", \"{OLE}\"]"));
    room.run(&["draft"]).exits(0);
    room.run(&["proof", BEA, "Ole@harbourtimes.example", "eve@example.org"])
        .exits(0);
    let (bea, ole) = (
        link(&post, BEA).unwrap(),
        link(&post, "Ole@harbourtimes.example").unwrap(),
    );
    assert_ne!(bea, ole);
    assert_eq!(
        link(&post, "eve@example.org"),
        None,
        "who may not approve has no link"
    );
    let serving = Serving::start(&room);
    let pages = serving.pages;
    for _ in 0..3 {
        let (status, page) = pages.get(&bea);
        assert_eq!(status, 200);
        for words in [
            BEA,
            "A very fat seal blocks the slipway; Rowers",
            "0 of 2 approvals",
            "value=\"approve\"",
            "value=\"hold\"",
        ] {
            assert!(page.contains(words), "{words} is not in {page}");
        }
    }
    room.run(&["send"]).exits(1).says("has 0 of the 2");
    // A form of another site, a form that says nothing, other methods.
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    let foreign = format!("{HOST}{kind}Sec-Fetch-Site: cross-site\r\n");
    let answer = pages.ask(&format!("POST /{bea}"), &foreign, "do=approve");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(pages.post(&bea, "").0, 400);
    assert_eq!(pages.post(&bea, "do=send").0, 400);
    assert!(
        pages
            .ask(&format!("HEAD /{bea}"), HOST, "")
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        pages
            .ask(&format!("DELETE /{bea}"), HOST, "")
            .starts_with("HTTP/1.1 405")
    );
    room.run(&["send"]).exits(1).says("has 0 of the 2");

    let (status, page) = pages.post(&bea, "do=approve");
    assert!(status == 200 && page.contains("1 of 2 approvals"), "{page}");
    for pressed in ["do=approve", "do=hold"] {
        let (status, page) = pages.post(&bea, pressed);
        assert!(status == 410 && page.contains("It is spent"), "{page}");
        assert!(!page.contains("<button"), "{page}");
    }
    assert!(!room.read(FILE).contains("\nhold = true"));
    // A second proof for the same person is a second link, and no second approval.
    room.run(&["proof", BEA]).exits(0);
    let (status, page) = pages.post(&link(&post, BEA).unwrap(), "do=approve");
    assert!(status == 200 && page.contains("1 of 2 approvals"), "{page}");
    room.run(&["send"]).exits(1).says("has 1 of the 2");
    assert_eq!(pages.post(&ole, "do=approve").0, 200);
    room.run(&["send"]).exits(0);
    let by = run(&room)["let_go"]["approvals"].clone();
    assert_eq!((&by[0]["way"], &by[1]["by"]), (&"link".into(), &OLE.into()));
    // It is too late for whatever link there is.
    room.run(&["proof", BEA]).exits(0);
    let late = link(&post, BEA).unwrap();
    let (_, page) = pages.get(&late);
    assert!(
        page.contains("neither approved nor held") && !page.contains("<button"),
        "{page}"
    );
    assert_eq!(pages.post(&late, "do=hold").0, 410);
    let mut program = serving.program;
    let log = program.heard();
    assert!(
        log.contains("2026-08-24 was approved by b***@h***.example, by a proof's link"),
        "{log}"
    );
    assert!(!log.contains("bea@") && !log.contains("approve/"), "{log}");
}

#[test]
fn hold_is_written_into_the_file_as_it_is() {
    let post = PostOffice::open();
    let room = room(&post, &format!("by = [\"{BEA}\"]"));
    room.run(&["draft"]).exits(0);
    edit(&room, "# the lede", "# the lede, says Bea");
    room.run(&["proof", BEA]).exits(0);
    let bea = link(&post, BEA).unwrap();
    let pages = Serving::start(&room);
    // A hold counts whatever was changed since, an approval does not.
    edit(
        &room,
        "headline = \"Why the tide tables were wrong\"",
        "headline = \"Another\"",
    );
    let before = room.read(FILE);
    let (status, page) = pages.pages.post(&bea, "do=approve");
    assert_eq!(status, 410);
    assert!(
        page.contains("<li>the headline of `Another`</li>") && page.contains("value=\"hold\""),
        "{page}"
    );
    let (status, page) = pages.pages.post(&bea, "do=hold");
    assert!(
        status == 200 && page.contains("Held: the edition of 2026-08-24"),
        "{page}"
    );
    let after = room.read(FILE);
    assert_eq!(
        after,
        before.replace("# hold = true   # not to be sent", "hold = true")
    );
    room.run(&["send"]).exits(1).says("is held by the editor");
    assert_eq!(pages.pages.post(&bea, "do=hold").0, 410);
    let log = room.run(&["edition", "log"]).exits(0).stdout;
    assert!(
        log.contains("held by a proof's link by bea@harbourtimes.example"),
        "{log}"
    );
}

#[test]
fn a_link_ends_and_is_of_one_person_and_one_newsroom() {
    let post = PostOffice::open();
    let room = room(&post, &format!("by = [\"{BEA}\", \"{OLE}\"]"))
        .config("schedule", "send_at = \"07:00\"\nnot_after = \"09:00\"");
    room.run(&["draft"]).exits(0);
    room.run(&["proof", BEA]).exits(0);
    let bea = link(&post, BEA).unwrap();
    {
        let serving = Serving::start(&room);
        let token = bea.trim_start_matches("approve/");
        let flipped = format!(
            "{}{}",
            &token[..token.len() - 1],
            if token.ends_with('a') { 'b' } else { 'a' }
        );
        for forged in [
            flipped,
            String::new(),
            crate::serve::token(newsdigest::model::token::Purpose::Leave, 1),
            crate::serve::token(newsdigest::model::token::Purpose::Approve, 99),
        ] {
            let path = format!("approve/{forged}");
            assert_eq!(serving.pages.get(&path).0, 404, "{forged}");
            assert_eq!(serving.pages.post(&path, "do=approve").0, 404);
        }
        // It opens nothing else.
        for other in ["leave", "preferences", "confirm"] {
            assert_eq!(serving.pages.get(&format!("{other}/{token}")).0, 404);
        }
    }
    let config = room.read("newsdigest.toml");
    room.file(
        "newsdigest.toml",
        config.replace("\"bea@harbourtimes.example\", ", ""),
    );
    {
        let serving = Serving::start(&room);
        let (status, page) = serving.pages.post(&bea, "do=approve");
        assert!(
            status == 410 && page.contains("not among those who may approve"),
            "{page}"
        );
    }
    room.file("newsdigest.toml", config);
    let room = room.at("2026-08-24T08:00:01Z");
    let serving = Serving::start(&room);
    let (status, page) = serving.pages.post(&bea, "do=approve");
    assert!(
        status == 410 && page.contains("was good until 2026-08-24 at 09:00"),
        "{page}"
    );
    assert_eq!(serving.pages.post(&bea, "do=hold").0, 410);
    drop(serving);
    room.run(&["send", "--despite", "late"])
        .exits(1)
        .says("nobody has approved");
}

/// Whoever has no pages of ours is told the command.
#[test]
fn without_pages_a_proof_says_what_to_type() {
    let post = PostOffice::open();
    let room = super::room(&post, &format!("by = [\"{BEA}\"]"));
    room.run(&["draft"]).exits(0);
    room.run(&["proof", BEA]).exits(0);
    let letters = post.letters();
    let read = MessageParser::default().parse(&letters[0].message).unwrap();
    let text = read.body_text(0).unwrap().into_owned();
    assert!(
        text.contains(&format!("newsdigest approve {TODAY} --as {BEA}")),
        "{text}"
    );
}

#[test]
fn the_clock_waits_for_an_approval() {
    let post = PostOffice::open();
    let room = room(&post, &format!("by = [\"{BEA}\"]"))
        .config("schedule", "send_at = \"07:00\"")
        .at("2026-08-24T06:00:00Z");
    room.run(&["draft"]).exits(0);
    let mut serving = Serving::start(&room);
    serving.program.says("2026-08-24 waits to be approved");
    drop(serving);
    assert_eq!(post.letters().len(), 0);
    room.run(&["approve"]).exits(0);
    let mut serving = Serving::start(&room);
    serving.program.says("3 accepted");
    assert_eq!(post.letters().len(), 3);
    drop(serving);
    // What nobody approved in time was not sent.
    let room = room.at("2026-08-25T08:00:00Z");
    room.file("editions/2026-08-25.toml", room.read(FILE));
    let mut serving = Serving::start(&room);
    serving.program.says(
        "was not sent to its end by 09:00 +01:00, and now it is too late; it was not approved",
    );
}
