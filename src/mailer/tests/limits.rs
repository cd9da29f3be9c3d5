//! Every time limit of RFC 5321 section 4.5.3.2, and ours. The relay stops time when it falls silent, so each test takes as long as it must.

use tokio::time::Instant;

use super::*;
use crate::mailer::Login;

/// What is said of a relay that falls silent there, and after how many seconds.
async fn silent(smtp: impl Fn(Smtp) -> Smtp, letters: usize, script: &str) -> (String, u64) {
    let office = Office::open(&format!("{script}stop the clock\nstall\n")).await;
    let smtp = smtp(super::smtp(&office));
    let began = Instant::now();
    let said = talk(&smtp, letters).await;
    let waited = began.elapsed().as_secs();
    tokio::time::resume();
    (said, waited)
}

#[tokio::test]
async fn silence_has_a_limit_at_every_step() {
    let same = |smtp| smtp;
    for (letters, script, limit, stage) in [
        (0, String::new(), 300, "the greeting"),
        (0, "< 220 post\n> EHLO\n".into(), 300, "EHLO"),
        (1, format!("{HELLO}> MAIL\n"), 300, "MAIL"),
        (1, format!("{HELLO}{MAIL}> RCPT\n"), 300, "RCPT"),
        (1, format!("{HELLO}{MAIL}{RCPT}> DATA\n"), 120, "DATA"),
        (
            2,
            format!("{HELLO}{MAIL}> RCPT\n< 550 5.1.1 no\n> RSET\n"),
            20,
            "RSET",
        ),
    ] {
        let (said, waited) = silent(same, letters, &script).await;
        let expected = format!("again: `relay` did not answer within {limit}s at {stage}");
        assert!(said.contains(&expected), "{said}");
        assert_eq!(waited, limit, "{stage}");
    }
    let (said, waited) = silent(same, 1, &format!("{HELLO}{MAIL}{RCPT}{DATA}")).await;
    assert_eq!((&*said, waited), ("InDoubt\nover", 600));
    let (said, waited) = silent(same, 0, &format!("{HELLO}> QUIT\n")).await;
    assert_eq!((&*said, waited), ("open", 5), "nothing hangs on QUIT");
}

#[tokio::test]
async fn silence_has_a_limit_before_the_first_letter() {
    let tls = |smtp| Smtp {
        security: Security::Tls,
        ..smtp
    };
    let (said, waited) = silent(tls, 0, "").await;
    assert_eq!(
        (&*said, waited),
        ("again: `relay` did not answer within 60s at TLS", 60)
    );
    let login = |smtp| Smtp {
        login: Some(Login {
            user: "digest".into(),
            password: "open".into(),
        }),
        ..smtp
    };
    let offer = "< 220 post\n> EHLO\n< 250-post\n< 250 AUTH PLAIN\n> AUTH\n";
    let (said, waited) = silent(login, 0, offer).await;
    assert_eq!(
        (&*said, waited),
        (
            "again: `relay` did not answer within 120s at the log-in",
            120
        )
    );
}
