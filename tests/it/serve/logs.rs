//! What is said while readers come and go.

use newsdigest::model::token::Purpose;

use super::{HOST, ONE_CLICK, Serving, room, token};
use crate::postoffice::PostOffice;

/// Everything that is logged, with `-v`, of a send and of a day at the door: no address, no token, no client.
#[test]
fn a_whole_run_names_nobody() {
    let post = PostOffice::open()
        .reply_to("bob@example.org", "550 5.1.1 <bob@example.org>: unknown")
        .reply_to("dee@example.org", "550 5.1.1 <dee@example.org>: unknown");
    let room = room().relay(post.port(), 1);
    let sent = room.run(&["-v", "send"]).exits(3);
    let mut said = sent.stdout + &sent.stderr;
    let mut serving = Serving::start_as(&room, &["-v", "serve"]);
    let (leave, confirm) = (token(Purpose::Leave, 1), token(Purpose::Confirm, 9));
    let (pages, forged) = (serving.pages, leave.replace('a', "b"));
    let status = |line: &str, body: &str| {
        let fields = format!(
            "{HOST}X-Forwarded-For: 203.0.113.9\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        );
        pages.ask(line, &fields, body)[9..12].to_owned()
    };
    assert_eq!(status("POST /", "email=dee@example.org"), "200");
    assert_eq!(status(&format!("GET /confirm/{confirm}"), ""), "410");
    for text in [&leave, &forged] {
        for page in ["", "/data", "/erase"] {
            status(&format!("GET /preferences/{text}{page}"), "");
        }
    }
    room.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"eve@example\"\nname = \"\"\"\n",
    );
    // While the file cannot be read no preferences are shown; erasing waits for it.
    status(&format!("POST /preferences/{leave}"), "name=Frances");
    status(&format!("POST /leave/{leave}"), ONE_CLICK);
    status(&format!("POST /preferences/{leave}/erase"), "");
    serving.program.has_said("did not take a letter to confirm");
    serving.program.has_said("subscribers file yet");
    serving.program.interrupt();
    let rest = serving.program.wait().exits(0);
    said += &(rest.stdout + &rest.stderr);
    assert!(
        said.contains("method=POST page=leave status=200 ms="),
        "{said}"
    );
    for secret in [
        "@example",
        "Frances",
        "203.0.113",
        &leave[4..],
        &forged[4..],
        &confirm[4..],
    ] {
        assert!(!said.contains(secret), "`{secret}` in:\n{said}");
    }
}

/// What the clock drafts is one line of the log: no table of sources, no list of stories.
#[test]
fn a_draft_is_one_line() {
    let room = room()
        .config("schedule", "send_at = \"07:00\"")
        .at("2026-08-24T05:50:00Z");
    let mut program = room.spawn(&["serve"]);
    program.has_said(" chosen");
    program.interrupt();
    let said = program.wait().exits(0).stderr;
    let about: Vec<&str> = said
        .lines()
        .filter(|line| !line.contains("readers reach it") && !line.contains("answering what"))
        .collect();
    assert_eq!(about.len(), 2, "the next run, and the draft:\n{said}");
    assert!(
        about[1].starts_with("Harbour in your inbox, 2026-08-24: "),
        "{said}"
    );
}
