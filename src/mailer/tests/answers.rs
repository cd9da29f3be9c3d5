//! Answers as relays really write them: the three digits decide, and nothing is believed that was not asked for.

use super::*;

#[tokio::test]
async fn words_behind_the_digits_may_be_anything() {
    let accepted = [MAIL, RCPT, DATA, "< 250 ok\n"].concat();
    for (answer, expected) in [
        ("250 re\\xE7u", "Accepted(250 re\u{fffd}u)"),
        ("250 2.0.0 \\xE9", "Accepted(250 2.0.0 \u{fffd})"),
        ("250", "Accepted(250)"),
        ("250 ", "Accepted(250)"),
        ("250-\\xFF\\r\\n250", "Accepted(250 \u{fffd})"),
        ("250\\x00ok", "Accepted(250 ok)"),
        ("554 refus\\xE9", "Deferred(554 refus\u{fffd})"),
    ] {
        let script = format!("{MAIL}{RCPT}{DATA}< {answer}\n{accepted}");
        let said = play(2, &[HELLO, &script]).await;
        assert_eq!(said, format!("{expected}\nAccepted(250 ok)\nopen"));
    }
    for answer in ["550 \\xED\\xE5\\xF2", "550 Bo\\xEEte inconnue", "550"] {
        let script = format!("{MAIL}> RCPT\n< {answer}\n> RSET\n< 250\n{accepted}");
        let said = play(2, &[HELLO, &script]).await;
        assert!(
            said.starts_with("Rejected(550") && said.ends_with("Accepted(250 ok)\nopen"),
            "{said}"
        );
    }
    let script = "< 220\n> EHLO\n< 250-\\xE9\\r\\n250 SIZE\n> MAIL\n< 250\n> RCPT\n< 250\n> DATA\n< 354\n> .\n< 250\n";
    assert_eq!(play(1, &[script]).await, "Accepted(250)\nopen");
}

#[tokio::test]
async fn an_answer_of_many_lines_is_still_an_answer() {
    let lines = "250-x\\r\\n".repeat(14_000);
    let script = format!("{MAIL}{RCPT}{DATA}< {lines}250 ok\n");
    let said = one(&script).await;
    assert!(said.starts_with("Accepted(250 x x x"), "{said}");
}

/// The answer to a question that was not asked yet would be the answer to the wrong one from then on.
#[tokio::test]
async fn an_answer_that_comes_too_early_ends_the_conversation() {
    for (script, expected) in [
        (
            "< 220 post\\r\\n250-post\\r\\n250 AUTH PLAIN\n".to_owned(),
            "again: `relay` spoke before it was asked at EHLO: `250-post 250 AUTH PLAIN`",
        ),
        (
            format!("{HELLO}> MAIL\n< 250 ok\\r\\n250 ok\n"),
            "again: `relay` spoke before it was asked at RCPT: `250 ok`\nover",
        ),
        // It would count as accepted.
        (
            format!("{HELLO}{MAIL}{RCPT}> DATA\n< 354 go\\r\\n250 2.0.0 queued\n"),
            "again: `relay` spoke before it was asked at the letter: `250 2.0.0 queued`\nover",
        ),
        (
            format!("{HELLO}{MAIL}{RCPT}> DATA\n< 354 go\\r\\n2\n"),
            "again: `relay` spoke before it was asked at the letter: `2`\nover",
        ),
        // But it may say at any time that it hangs up.
        (
            format!("{HELLO}> MAIL\n< 250 ok\\r\\n421 closing\n"),
            "Deferred(421 closing)\nover",
        ),
    ] {
        assert_eq!(play(1, &[&script]).await, expected);
    }
    let together = "< 220 post\n> EHLO\n< 250-post\\r\\n250 PIPELINING\n> MAIL\n> RCPT\n> DATA\n< 250 ok\\r\\n250 ok\\r\\n354 go\\r\\n250 taken\n";
    let office = Office::open(together).await;
    let smtp = Smtp {
        pipelining: Pipelining::On,
        ..smtp(&office)
    };
    assert_eq!(
        talk(&smtp, 1).await,
        "again: `relay` spoke before it was asked at the letter: `250 taken`\nover"
    );
}

/// An answer that came in plain text must not be believed inside TLS (CVE-2021-33515 is the same in a server).
#[tokio::test]
async fn whatever_is_behind_the_answer_to_starttls_ends_the_conversation() {
    let starttls = "< 220 post\n> EHLO\n< 250-post\n< 250 STARTTLS\n> STARTTLS\n";
    for behind in [
        "235 in",
        "250 ok",
        "354 go",
        "550 no",
        "421 bye",
        "250-x\\r\\n250 AUTH PLAIN",
        "2",
        "",
    ] {
        let office = Office::open(&format!("{starttls}< 220 go\\r\\n{behind}\n")).await;
        let smtp = Smtp {
            security: Security::StartTls,
            ..smtp(&office)
        };
        let said = talk(&smtp, 1).await;
        assert!(
            said.starts_with("about us: no secure connection to `relay`: `")
                && said.contains("in plain text"),
            "{said}"
        );
        let heard = office.heard().await;
        assert!(heard.ends_with("STARTTLS\n"), "TLS began: {heard:?}");
    }
    // In a segment of its own it meets TLS, which knows no such thing.
    let office = Office::open(&format!("{starttls}< 220 go\n< 250 ok\n")).await;
    let smtp = Smtp {
        security: Security::StartTls,
        ..smtp(&office)
    };
    let said = talk(&smtp, 1).await;
    assert!(said.starts_with("about us: no secure connection"), "{said}");
}
