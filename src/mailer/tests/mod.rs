//! The table of the room, line by line, played by a scripted relay over a real socket.

mod answers;
mod limits;
mod opening;
mod postoffice;
mod together;

use std::time::Duration;

use tokio::time::timeout;

use crate::model::address::Address;
use crate::model::delivery::Letter;

use super::{Pipelining, Security, Session, SessionError, Smtp, Stage, StepLimits};
use postoffice::Office;

const HELLO: &str = "< 220 post ready\n> EHLO\n< 250-post\n< 250 SMTPUTF8\n";
const MAIL: &str = "> MAIL\n< 250 ok\n";
const RCPT: &str = "> RCPT\n< 250 ok\n";
const DATA: &str = "> DATA\n< 354 go\n> .\n";

fn smtp(office: &Office) -> Smtp {
    Smtp {
        host: office.address.ip().to_string(),
        port: office.address.port(),
        security: Security::None,
        login: None,
        hello: Some("mail.harbour.example".into()),
        pipelining: Pipelining::Off,
        limits: StepLimits::RFC_5321,
    }
}

fn letter(to: &str) -> Letter {
    Letter {
        from: Address::parse("digest@harbour.example").unwrap(),
        to: Address::parse(to).unwrap(),
        message_id: "abc@harbour.example".into(),
        bytes: b"Subject: x\r\n\r\n.dot\r\n..\r\n\r\n".to_vec(),
    }
}

/// Opens a session and hands `letters` letters over, a line each; `open` or `over` says how the session is left.
async fn talk(smtp: &Smtp, letters: usize) -> String {
    let letters: Vec<_> = (0..letters).map(|_| letter("ada@example.org")).collect();
    talk_of(smtp, &letters).await
}

/// The same for these letters, each announced with the one before.
async fn talk_of(smtp: &Smtp, letters: &[Letter]) -> String {
    let name = smtp.to_string();
    let say = |error: &SessionError| {
        let what = if error.is_about_us() {
            "about us"
        } else {
            "again"
        };
        format!("{what}: {error}").replace(&name, "relay")
    };
    let mut session = match Session::open(smtp).await {
        Ok(session) => session,
        Err(error) => return say(&error),
    };
    let mut lines = Vec::new();
    for (letter, next) in letters.iter().zip(1..) {
        lines.push(match session.hand_over(letter, letters.get(next)).await {
            Ok((_, verdict)) => format!("{verdict:?}"),
            Err(error) => say(&error),
        });
    }
    lines.push(if session.is_open() { "open" } else { "over" }.into());
    session.close().await;
    lines.join("\n")
}

async fn play(letters: usize, script: &[&str]) -> String {
    let office = Office::open(&script.concat()).await;
    talk(&smtp(&office), letters).await
}

async fn one(script: &str) -> String {
    play(1, &[HELLO, script]).await
}

#[tokio::test]
async fn accepted() {
    let office =
        Office::open(&[HELLO, MAIL, RCPT, DATA, "< 250 2.0.0 queued as 1\n"].concat()).await;
    assert_eq!(
        talk(&smtp(&office), 1).await,
        "Accepted(250 2.0.0 queued as 1)\nopen"
    );
    insta::assert_snapshot!(office.heard().await, @"
    EHLO mail.harbour.example
    MAIL FROM:<digest@harbour.example>
    RCPT TO:<ada@example.org>
    DATA
    Subject: x

    ..dot
    ...

    .
    QUIT
    ");
}

#[tokio::test]
async fn verdicts_by_stage() {
    let reset = "> RSET\n< 250 ok\n";
    let accepted = [MAIL, RCPT, DATA, "< 250 ok\n"].concat();
    for (script, expected) in [
        (
            format!("{MAIL}> RCPT\n< 550 5.1.1 <ada@example.org> unknown\n{reset}{accepted}"),
            "Rejected(550 5.1.1 <a***@e***.org> unknown)\nAccepted(250 ok)\nopen",
        ),
        (
            format!("{MAIL}> RCPT\n< 451 4.3.0 later\n{reset}{accepted}"),
            "Deferred(451 4.3.0 later)\nAccepted(250 ok)\nopen",
        ),
        (
            format!("> MAIL\n< 451 later\n{accepted}"),
            "Deferred(451 later)\nAccepted(250 ok)\nopen",
        ),
        (
            format!("{MAIL}{RCPT}> DATA\n< 452 4.3.1 no room\n{reset}{accepted}"),
            "Deferred(452 4.3.1 no room)\nAccepted(250 ok)\nopen",
        ),
        (
            format!("{MAIL}{RCPT}{DATA}< 554 5.7.1 spam\n{accepted}"),
            "Deferred(554 5.7.1 spam)\nAccepted(250 ok)\nopen",
        ),
        (
            format!("{MAIL}{RCPT}> DATA\n< 554 5.7.1 not this\n{reset}{accepted}"),
            "Deferred(554 5.7.1 not this)\nAccepted(250 ok)\nopen",
        ),
        (
            format!("{MAIL}{RCPT}{DATA}< 452 4.3.1 no room\n{accepted}"),
            "Deferred(452 4.3.1 no room)\nAccepted(250 ok)\nopen",
        ),
        (
            format!("{MAIL}> RCPT\n< 252 cannot say\n{DATA}< 250 ok\n{accepted}"),
            "Accepted(250 ok)\nAccepted(250 ok)\nopen",
        ),
        (
            format!("{MAIL}> RCPT\n< 552 5.2.2 full\n{reset}{accepted}"),
            "Rejected(552 5.2.2 full)\nAccepted(250 ok)\nopen",
        ),
        (
            format!("{MAIL}> RCPT\n< 551 not here\n{reset}{accepted}"),
            "Rejected(551 not here)\nAccepted(250 ok)\nopen",
        ),
        // It takes leave of the session between two letters.
        (
            format!("{accepted}> MAIL\n< 421 4.7.0 too many\nhang up\n"),
            "Accepted(250 ok)\nagain: `relay` refused MAIL: `421 4.7.0 too many`\nover",
        ),
        (
            format!("{accepted}> MAIL\n< 221 bye\nhang up\n"),
            "Accepted(250 ok)\nagain: `relay` is out of step at MAIL: expected `250`, but found `221 bye`\nover",
        ),
        (
            format!("{accepted}hang up\n"),
            "Accepted(250 ok)\nagain: `relay` hung up at MAIL\nover",
        ),
        (
            format!("{MAIL}{RCPT}{DATA}< 250-two\n< 250 lines\n{accepted}"),
            "Accepted(250 two lines)\nAccepted(250 ok)\nopen",
        ),
        (
            "> MAIL\n< 421 4.7.0 closing\nhang up\n".into(),
            "Deferred(421 4.7.0 closing)\nagain: the conversation with `relay` is over\nover",
        ),
        (
            format!("{MAIL}> RCPT\n< 421 closing\nhang up\n"),
            "Deferred(421 closing)\nagain: the conversation with `relay` is over\nover",
        ),
    ] {
        assert_eq!(play(2, &[HELLO, &script]).await, expected);
    }
}

#[tokio::test]
async fn three_refused_then_one_accepted_on_one_connection() {
    let refused = [MAIL, "> RCPT\n< 550 no such user\n> RSET\n< 250 ok\n"].concat();
    let script = [HELLO, &refused.repeat(3), MAIL, RCPT, DATA, "< 250 ok\n"];
    assert_eq!(
        play(4, &script).await,
        format!(
            "{}Accepted(250 ok)\nopen",
            "Rejected(550 no such user)\n".repeat(3)
        )
    );
}

#[tokio::test]
async fn about_us() {
    for (script, expected) in [
        (
            "> MAIL\n< 550 5.7.1 blocked\n",
            "about us: `relay` refused MAIL: `550 5.7.1 blocked`\nopen",
        ),
        (
            "> MAIL\n< 250 ok\n> RCPT\n< 554 5.7.1 Relay access denied\n",
            "about us: `relay` refused RCPT: `554 5.7.1 Relay access denied`\nopen",
        ),
        (
            "> MAIL\n< 250 ok\n> RCPT\n< 454 4.7.1 relay access denied\n",
            "about us: `relay` refused RCPT: `454 4.7.1 relay access denied`\nopen",
        ),
        (
            "> MAIL\n< 250 ok\n> RCPT\n< 550 5.1.8 your domain does not exist\n",
            "about us: `relay` refused RCPT: `550 5.1.8 your domain does not exist`\nopen",
        ),
        (
            "> MAIL\n< 250 ok\n> RCPT\n< 554 policy\n",
            "about us: `relay` refused RCPT: `554 policy`\nopen",
        ),
    ] {
        assert_eq!(one(script).await, expected);
    }
    assert_eq!(
        play(1, &["< 554 no service\n"]).await,
        "about us: `relay` refused the greeting: `554 no service`"
    );
    assert_eq!(
        play(1, &["< HTTP/1.1 400 Bad Request\n"]).await,
        "about us: `relay` gave no SMTP answer at the greeting: expected a three-digit code, but found `HTTP/1.1 400 Bad Request`"
    );
}

#[tokio::test]
async fn lost_before_the_dot() {
    let mail = "again: `relay` hung up at MAIL\nover";
    assert_eq!(one("hang up\n").await, mail);
    assert_eq!(one("> MAIL\nhang up\n").await, mail);
    assert_eq!(
        one("> MAIL\n< 250 ok\n> RCPT\n< 250 ok\n> DATA\nhang up\n").await,
        "again: `relay` hung up at DATA\nover"
    );
    assert_eq!(
        one("> MAIL\n< 354 go\n").await,
        "again: `relay` is out of step at MAIL: expected `250`, but found `354 go`\nover"
    );
    assert_eq!(
        play(1, &["< 421 too many\n"]).await,
        "again: `relay` refused the greeting: `421 too many`"
    );
    assert_eq!(
        play(1, &["hang up\n"]).await,
        "again: `relay` hung up at the greeting"
    );
}

#[tokio::test]
async fn nobody_there() {
    let office = Office::open("").await;
    let smtp = Smtp {
        // Port 0 is nobody's.
        port: 0,
        ..smtp(&office)
    };
    let said = talk(&smtp, 1).await;
    assert!(said.starts_with("again: cannot reach `relay`: "), "{said}");
}

#[tokio::test]
async fn in_doubt_after_the_dot() {
    for end in ["hang up\n", "< 354 what\n", "< nonsense\n", "flood\n"] {
        assert_eq!(
            play(1, &[HELLO, MAIL, RCPT, DATA, end]).await,
            "InDoubt\nover",
            "{end}"
        );
    }
}

#[tokio::test]
async fn a_letter_that_did_not_leave_whole_is_not_in_doubt() {
    let office = Office::open(&[HELLO, MAIL, RCPT, "> DATA\n< 354 go\nstall\n"].concat()).await;
    let mut smtp = smtp(&office);
    smtp.limits.content = Duration::from_millis(200);
    let mut session = Session::open(&smtp).await.unwrap();
    let mut letter = letter("ada@example.org");
    letter.bytes.resize(32 << 20, b'x');
    let error = session.hand_over(&letter, None).await.unwrap_err();
    assert_eq!(
        (error.stage, !error.is_about_us(), session.is_open()),
        (Stage::Content, true, false)
    );
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    let said = play(1, &["< 220 post\n> EHLO\nflood\n"]).await;
    insta::assert_snapshot!(said, @"about us: `relay` gave no SMTP answer at EHLO: an answer of more than 200,000 octets");
}

#[tokio::test]
async fn a_dropped_step_ends_the_session() {
    let office = Office::open(&[HELLO, "> MAIL\nstall\n"].concat()).await;
    let mut session = Session::open(&smtp(&office)).await.unwrap();
    let letter = letter("ada@example.org");
    let dropped = timeout(Duration::from_millis(40), session.hand_over(&letter, None)).await;
    assert!(dropped.is_err() && !session.is_open());
}

/// What is offered is used, and a letter too large for the relay never leaves.
#[tokio::test]
async fn size_and_reports() {
    let offer = |size: &str| {
        let offer = format!("> EHLO\n< 250-post\n< 250-DSN\n< 250 SIZE {size}\n");
        format!("< 220 post\n{offer}")
    };
    let script = [&offer("30"), MAIL, RCPT, DATA, "< 250 ok\n"].concat();
    let office = Office::open(&script).await;
    assert_eq!(talk(&smtp(&office), 1).await, "Accepted(250 ok)\nopen");
    let heard = office.heard().await;
    let said: Vec<&str> = heard.lines().skip(1).take(2).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    MAIL FROM:<digest@harbour.example> SIZE=26 RET=HDRS ENVID=abc@harbour.example
    RCPT TO:<ada@example.org> NOTIFY=FAILURE ORCPT=rfc822;ada@example.org
    ");

    let office = Office::open(&offer("20")).await;
    insta::assert_snapshot!(talk(&smtp(&office), 1).await, @"
    about us: `relay` takes letters of at most 20 octets, but this one has 26
    open
    ");
    assert!(!office.heard().await.contains("MAIL"));
    let office = Office::open(&offer("20")).await;
    let session = Session::open(&smtp(&office)).await.unwrap();
    assert!(session.takes(20).is_ok() && session.takes(21).unwrap_err().is_about_us());
}

#[tokio::test]
async fn addresses_beyond_ascii() {
    let zoe = letter("zoë@example.org");
    let office = Office::open(&[HELLO, MAIL, RCPT, DATA, "< 250 ok\n"].concat()).await;
    let mut session = Session::open(&smtp(&office)).await.unwrap();
    let (_, verdict) = session.hand_over(&zoe, None).await.unwrap();
    assert_eq!(format!("{verdict:?}"), "Accepted(250 ok)");
    session.close().await;
    assert!(
        office
            .heard()
            .await
            .contains("> BODY=8BITMIME SMTPUTF8\nRCPT TO:<zoë@example.org>\n")
    );

    let script = [
        "< 220 post\n> EHLO\n< 250 post\n",
        MAIL,
        RCPT,
        DATA,
        "< 250 ok\n",
    ]
    .concat();
    let office = Office::open(&script).await;
    let mut session = Session::open(&smtp(&office)).await.unwrap();
    let (_, verdict) = session.hand_over(&zoe, None).await.unwrap();
    assert_eq!(
        format!("{verdict:?}"),
        "Rejected(553 5.6.7 the address needs SMTPUTF8, which the relay does not offer)"
    );
    let (_, verdict) = session
        .hand_over(&letter("ada@example.org"), None)
        .await
        .unwrap();
    assert_eq!(format!("{verdict:?}"), "Accepted(250 ok)");
}
