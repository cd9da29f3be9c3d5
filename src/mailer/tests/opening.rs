//! The log-in and TLS.

use super::super::Login;
use super::*;

#[tokio::test]
async fn log_in() {
    let offer = "< 220 post\n> EHLO\n< 250-post\n< 250 AUTH PLAIN\n> AUTH PLAIN AGRpZ2VzdABvcGVu\n";
    for (script, expected) in [
        (format!("{offer}< 235 welcome\n"), "open"),
        (
            format!("{offer}< 535 5.7.8 wrong password\n"),
            "about us: `relay` refused the log-in: `535 5.7.8 wrong password`",
        ),
        (
            format!("{offer}< 454 4.7.0 later\n"),
            "again: `relay` refused the log-in: `454 4.7.0 later`",
        ),
        (
            format!("{offer}< 250 ok\n"),
            "again: `relay` is out of step at the log-in: expected `235`, but found `250 ok`",
        ),
        (
            HELLO.into(),
            "about us: `relay` offers no log-in: expected `AUTH PLAIN` or `AUTH LOGIN`",
        ),
    ] {
        let office = Office::open(&script).await;
        let mut smtp = smtp(&office);
        smtp.login = Some(Login {
            user: "digest".into(),
            password: "open".into(),
        });
        assert_eq!(talk(&smtp, 0).await, expected);
        assert!(!format!("{smtp:?}").contains("open"));
    }
}

#[tokio::test]
async fn never_falls_back_to_plain() {
    let starttls = "< 220 post\n> EHLO\n< 250-post\n< 250 STARTTLS\n> STARTTLS\n";
    for (security, script, expected) in [
        (
            Security::StartTls,
            HELLO.into(),
            "about us: `relay` does not offer STARTTLS, so the connection would not be secure",
        ),
        (
            Security::StartTls,
            format!("{starttls}< 454 4.7.0 not now\n> QUIT\n< 221 bye\n"),
            "again: `relay` refused TLS: `454 4.7.0 not now`",
        ),
        (
            Security::StartTls,
            format!("{starttls}< 220 go\nhang up\n"),
            "again: `relay` hung up at TLS",
        ),
        (
            Security::Tls,
            HELLO.into(),
            "about us: no secure connection to `relay`: received corrupt message of type InvalidContentType",
        ),
    ] {
        let office = Office::open(&script).await;
        let smtp = Smtp {
            security,
            ..smtp(&office)
        };
        assert_eq!(talk(&smtp, 1).await, expected);
    }
}
