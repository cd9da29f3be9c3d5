//! Commands that leave together: in one turn (`on`), and with the final dot of the letter before (`full`).

use super::*;

/// A relay that offers PIPELINING, and the letter's commands in one turn.
const OFFER: &str = "< 220 post ready\n> EHLO\n< 250-post\n< 250 PIPELINING\n";
const TURN: &str = "> MAIL\n> RCPT\n> DATA\n";

async fn together(letters: usize, script: &str) -> String {
    let office = Office::open(&[OFFER, script].concat()).await;
    let smtp = Smtp {
        pipelining: Pipelining::On,
        ..smtp(&office)
    };
    talk(&smtp, letters).await
}

/// The relay reads all three commands before it answers the first: whoever waits for an answer in between waits for ever.
#[tokio::test]
async fn commands_leave_together() {
    let fine = "< 250 ok\n< 250 ok\n< 354 go\n> .\n< 250 2.0.0 queued\n";
    let again = format!("> RSET\n{TURN}< 250 ok\n{fine}");
    for (answers, expected) in [
        (
            fine.to_owned() + TURN + fine,
            "Accepted(250 2.0.0 queued)\nAccepted(250 2.0.0 queued)\nopen",
        ),
        // As RFC 2920 would have it: no recipient, no data.
        (
            format!("< 250 ok\n< 550 5.1.1 unknown\n< 503 no recipient\n{again}"),
            "Rejected(550 5.1.1 unknown)\nAccepted(250 2.0.0 queued)\nopen",
        ),
        // As it may be all the same.
        (
            format!("< 250 ok\n< 550 5.1.1 unknown\n< 354 go\n> .\n< 554 nobody\n{TURN}{fine}"),
            "Rejected(550 5.1.1 unknown)\nAccepted(250 2.0.0 queued)\nopen",
        ),
        (
            format!("< 451 4.3.0 later\n< 503 no sender\n< 503 no sender\n{again}"),
            "Deferred(451 4.3.0 later)\nAccepted(250 2.0.0 queued)\nopen",
        ),
        // The letter's fate is known, the conversation is over.
        (
            "< 250 ok\n< 550 5.1.1 unknown\n< 421 too many\nhang up\n".to_owned(),
            "Rejected(550 5.1.1 unknown)\nagain: the conversation with `relay` is over\nover",
        ),
        (
            "< 250 ok\n< 550 5.1.1 unknown\nhang up\n".to_owned(),
            "Rejected(550 5.1.1 unknown)\nagain: the conversation with `relay` is over\nover",
        ),
    ] {
        let said = together(2, &(TURN.to_owned() + &answers)).await;
        assert_eq!(said, expected, "{answers}");
    }
    // Refused at MAIL, and yet it took the recipient: a dot would send them an empty letter.
    let odd = "< 451 4.3.0 later\n< 250 ok\n< 354 go\n> .\n< 250 2.0.0 queued\n";
    let said = together(2, &(TURN.to_owned() + odd)).await;
    insta::assert_snapshot!(said, @"
    Deferred(451 4.3.0 later)
    again: the conversation with `relay` is over
    over
    ");
    let said = together(1, &(TURN.to_owned() + "< 250 ok\nhang up\n")).await;
    insta::assert_snapshot!(said, @"
    again: `relay` hung up at RCPT
    over
    ");
}

/// One that does not offer it is spoken to one command at a time.
#[tokio::test]
async fn without_the_offer_each_waits() {
    let script = OFFER.replace("PIPELINING", "SIZE") + MAIL + RCPT + DATA + "< 250 ok\n";
    let office = Office::open(&script).await;
    let smtp = Smtp {
        pipelining: Pipelining::On,
        ..smtp(&office)
    };
    assert_eq!(talk(&smtp, 1).await, "Accepted(250 ok)\nopen");
}

/// What becomes of letters to `r1@example.org` .. when each is announced with the dot of the one before, and all that the relay heard.
async fn full(letters: usize, script: &str) -> (String, String) {
    let office = Office::open(&[OFFER, script].concat()).await;
    let smtp = Smtp {
        pipelining: Pipelining::Full,
        ..smtp(&office)
    };
    let said = talk_of(&smtp, &numbered(letters)).await;
    (said, office.heard().await)
}

fn numbered(letters: usize) -> Vec<Letter> {
    (1..=letters)
        .map(|n| letter(&format!("r{n}@example.org")))
        .collect()
}

/// The commands of the first letter, and its content; the second one's commands come before any answer to that.
const FIRST: &str =
    "> MAIL\n> RCPT\n> DATA\n< 250 ok\n< 250 ok\n< 354 go\n> .\n> MAIL\n> RCPT\n> DATA\n";

#[tokio::test]
async fn the_next_commands_ride_with_the_dot() {
    let fine = "< 250 ok\n< 250 ok\n< 354 go\n> .\n";
    let third = format!("{TURN}{fine}< 250 third\n");
    for (letters, answers, expected) in [
        (
            2,
            format!("< 250 first\n{fine}< 250 second\n"),
            "Accepted(250 first)\nAccepted(250 second)\nopen",
        ),
        // Refused at the dot: nothing of the next letter hangs on that.
        (
            2,
            format!("< 554 5.7.1 spam\n{fine}< 250 second\n"),
            "Deferred(554 5.7.1 spam)\nAccepted(250 second)\nopen",
        ),
        // The next is refused; the third goes its usual way.
        (
            3,
            format!(
                "< 250 first\n< 250 ok\n< 550 5.1.1 unknown\n< 503 nobody\n> RSET\n{TURN}< 250 ok\n{fine}< 250 third\n"
            ),
            "Accepted(250 first)\nRejected(550 5.1.1 unknown)\nAccepted(250 third)\nopen",
        ),
        (
            3,
            format!(
                "< 250 first\n< 250 ok\n< 550 5.1.1 unknown\n< 354 go\n> .\n< 554 nobody\n{third}"
            ),
            "Accepted(250 first)\nRejected(550 5.1.1 unknown)\nAccepted(250 third)\nopen",
        ),
        (
            3,
            format!(
                "< 250 first\n< 451 4.3.0 later\n< 503 sender\n< 503 sender\n> RSET\n{TURN}< 250 ok\n{fine}< 250 third\n"
            ),
            "Accepted(250 first)\nDeferred(451 4.3.0 later)\nAccepted(250 third)\nopen",
        ),
        (
            2,
            "< 250 first\n< 550 5.7.1 blocked\n< 503 sender\n< 503 sender\n".to_owned(),
            "Accepted(250 first)\nabout us: `relay` refused MAIL: `550 5.7.1 blocked`\nopen",
        ),
        // It takes leave at every point.
        (
            2,
            "< 421 closing\nhang up\n".to_owned(),
            "Deferred(421 closing)\nagain: the conversation with `relay` is over\nover",
        ),
        (
            2,
            "< 250 first\n< 421 too many\nhang up\n".to_owned(),
            "Accepted(250 first)\nagain: `relay` refused MAIL: `421 too many`\nover",
        ),
        // It hangs up at every point.
        (
            2,
            "hang up\n".to_owned(),
            "InDoubt\nagain: the conversation with `relay` is over\nover",
        ),
        (
            2,
            "< 250 first\nhang up\n".to_owned(),
            "Accepted(250 first)\nagain: `relay` hung up at MAIL\nover",
        ),
        (
            2,
            "< 250 first\n< 250 ok\nhang up\n".to_owned(),
            "Accepted(250 first)\nagain: `relay` hung up at RCPT\nover",
        ),
        (
            2,
            "< 250 first\n< 250 ok\n< 250 ok\nhang up\n".to_owned(),
            "Accepted(250 first)\nagain: `relay` hung up at DATA\nover",
        ),
        (
            2,
            "< 250 first\n< 250 ok\n< 250 ok\n< 354 go\n> .\nhang up\n".to_owned(),
            "Accepted(250 first)\nInDoubt\nover",
        ),
    ] {
        let (said, _) = full(letters, &(FIRST.to_owned() + &answers)).await;
        assert_eq!(said, expected, "{answers}");
    }
}

/// The reader was announced, and then suppressed: the relay waits for the letter, and hears nothing more.
#[tokio::test]
async fn an_announced_letter_that_is_withdrawn_never_arrives() {
    let [first, second, third] = <[Letter; 3]>::try_from(numbered(3)).unwrap();
    for instead in [Some(third), None] {
        let script = format!("{OFFER}{FIRST}< 250 first\n< 250 ok\n< 250 ok\n< 354 go\n");
        let office = Office::open(&script).await;
        let smtp = Smtp {
            pipelining: Pipelining::Full,
            ..smtp(&office)
        };
        let mut session = Session::open(&smtp).await.unwrap();
        let (_, verdict) = session.hand_over(&first, Some(&second)).await.unwrap();
        assert_eq!(format!("{verdict:?}"), "Accepted(250 first)");
        if let Some(third) = instead {
            let error = session.hand_over(&third, None).await.unwrap_err();
            assert!(!error.is_about_us() && !session.is_open(), "{error}");
        }
        session.close().await;
        let heard = office.heard().await;
        assert!(
            heard.ends_with("RCPT TO:<r2@example.org>\nDATA\n"),
            "{heard}"
        );
    }
}
