use super::*;

#[test]
fn who_is_known_to_rewrite() {
    use Rewritten::{Date, MessageId};
    for (host, expected) in [
        ("email-smtp.eu-west-1.amazonaws.com", vec![MessageId, Date]),
        (
            "email-smtp-fips.us-east-1.amazonaws.com",
            vec![MessageId, Date],
        ),
        ("smtp-relay.brevo.com", vec![MessageId]),
        ("smtp.example.com", vec![]),
        ("ec2-192-0-2-1.compute.amazonaws.com", vec![]),
    ] {
        assert_eq!(known_to_rewrite(host), expected, "{host}");
    }
}

#[test]
fn names_for_ehlo() {
    for name in ["mail.example.org", "[192.0.2.1]", "[IPv6:2001:db8::1]"] {
        assert_eq!(parse_hello(name).as_deref(), Ok(name));
    }
    for name in [
        "",
        "mail",
        "x y.example",
        "[mail]",
        "[2001:db8::1]",
        "a.example\r\nRSET",
        "192.0.2.1",
        "192.0.2.300",
    ] {
        assert!(parse_hello(name).is_err(), "{name}");
    }
}

#[test]
fn a_password_in_the_clear_is_found() {
    let handover = |host: &str, security, login: bool| {
        Handover::to(Relay::Smtp(Box::new(Smtp {
            host: host.to_owned(),
            port: 25,
            security,
            login: login.then(|| Login {
                user: "digest".to_owned(),
                password: SecretString::from("open".to_owned()),
            }),
            hello: None,
            pipelining: Pipelining::On,
            limits: StepLimits::RFC_5321,
        })))
    };
    for (host, security, login, found) in [
        ("smtp.example.com", Security::None, true, true),
        ("192.0.2.1", Security::None, true, true),
        ("smtp.example.com", Security::None, false, false),
        ("smtp.example.com", Security::StartTls, true, false),
        ("localhost", Security::None, true, false),
        ("127.0.0.1", Security::None, true, false),
        ("::1", Security::None, true, false),
    ] {
        let finding = handover(host, security, login).finding();
        assert_eq!(finding.is_some(), found, "{host}");
    }
}

#[test]
fn the_waits_grow_up_to_a_day() {
    let handover = Handover::to(Relay::Outbox("outbox".into()));
    let minutes = [0, 1, 2, 3, 10, 11, 1_000].map(|n| handover.wait(n).num_minutes());
    assert_eq!(minutes, [1, 2, 4, 8, 1_024, 1_440, 1_440]);
}
