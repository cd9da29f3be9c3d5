//! Keys, records and signatures, as a newsroom meets them. Whether others find the signatures good is asked in `tests/real`.

use crate::newsroom::Newsroom;
use crate::postoffice::PostOffice;

const SECTION: &str =
    "domain = \"harbourtimes.example\"\nselector = \"s1\"\nkey_file = \"dkim.pem\"";

#[test]
fn a_key_is_made_named_and_used() {
    let room = Newsroom::new();
    let made = room.run(&["dkim", "keygen"]).exits(0);
    insta::assert_snapshot!(made.words(), @r#"
    `dkim.pem` holds a new RSA-2048 key that only you may read; put this into the DNS of `harbourtimes.example`:

    hint: in newsdigest.toml, under `[dkim]`: `domain = "harbourtimes.example"`, `selector = "s1"`, `key_file = "dkim.pem"`; wait until the record can be seen
    "#);
    let record = made.stdout;
    assert!(
        record.starts_with("s1._domainkey.harbourtimes.example. IN TXT ( \"v=DKIM1; k=rsa; p=")
    );
    assert!(
        record.split('"').all(|piece| piece.len() <= 255),
        "{record}"
    );
    let pem = room.read("dkim.pem");
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(room.path("dkim.pem"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    room.run(&["dkim", "keygen"])
        .exits(1)
        .says("already exists");
    assert_eq!(room.read("dkim.pem"), pem, "a key is never written over");
    room.run(&["dkim", "keygen", "--ed25519", "--selector", "e1"])
        .exits(0);

    let post = PostOffice::open();
    let section =
        format!("{SECTION}\ned25519 = {{ selector = \"e1\", key_file = \"dkim-ed25519.pem\" }}");
    let room = room.config("dkim", &section).relay(post.port(), 1);
    let records = room.run(&["dkim", "record"]).exits(0).stdout;
    assert!(
        records.starts_with(&record) && records.contains("e1._domainkey"),
        "{records}"
    );
    room.run(&["send"]).exits(0);
    let letters = post.accepted();
    assert_eq!(letters.len(), 3);
    for letter in &letters {
        let text = String::from_utf8_lossy(&letter.message).into_owned();
        assert!(text.starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=harbourtimes.example; s=s1;"), "{text}");
        assert_eq!(
            text.matches("\r\nDKIM-Signature: v=1; a=ed25519-sha256;")
                .count(),
            1
        );
        let (signatures, _) = text.split_once("\r\nFrom:").unwrap();
        assert!(
            !signatures.contains(" l="),
            "a signature over part of a body"
        );
    }
    // A proof too.
    room.run(&["proof", "me@example.org"]).exits(0);
    assert!(post.accepted()[3].message.starts_with(b"DKIM-Signature: "));
}

#[test]
fn what_is_wrong_with_a_key_is_said() {
    let room = Newsroom::new().config("dkim", SECTION);
    let mut said = room.run(&["check"]).exits(1).words();
    let wrong = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    room.file("dkim.pem", wrong);
    said += &room.run(&["check"]).exits(1).words();
    room.secret("dkim.pem", wrong);
    said += &room.run(&["check"]).exits(1).words();
    let room = room.config("dkim", "domain = \"other.example\"\nselector = \"s 1\"");
    said += &room.run(&["check"]).exits(1).words();
    let room = room.config("dkim", "domain = \"harbourtimes.example\"");
    said += &room.run(&["check"]).exits(1).words();
    insta::assert_snapshot!(said, @r#"
    error: `dkim.pem` does not exist
       ──▶ newsdigest.toml:19:12
       │
    19 │ key_file = "dkim.pem"
       │            ^^^^^^^^^^
    1 problem in `newsdigest.toml`; what it names was not looked at
    error: `dkim.pem` holds a secret, but everybody on this machine may read it: `chmod 600 dkim.pem` shuts it
       ──▶ newsdigest.toml:19:12
       │
    19 │ key_file = "dkim.pem"
       │            ^^^^^^^^^^
    1 problem in `newsdigest.toml`; what it names was not looked at
    error: `dkim.pem` holds no private key in PEM form
       ──▶ newsdigest.toml:19:12
       │
    19 │ key_file = "dkim.pem"
       │            ^^^^^^^^^^
    1 problem in `newsdigest.toml`; what it names was not looked at
    error: letters come from `harbourtimes.example`, and a signature by `other.example` says nothing about that
       ──▶ newsdigest.toml:17:10
       │
    17 │ domain = "other.example"
       │          ^^^^^^^^^^^^^^^

    error: `s 1` is no selector: expected letters, digits and hyphens, such as `s1`
       ──▶ newsdigest.toml:18:12
       │
    18 │ selector = "s 1"
       │            ^^^^^
    2 problems in `newsdigest.toml`; what it names was not looked at
    error: `[dkim]` must give `domain`, `selector` and `key_file`
       ──▶ newsdigest.toml:16:1
       │
    16 │ [dkim]
       │ ^^^^^^
    1 problem in `newsdigest.toml`; what it names was not looked at

    hint: `newsdigest dkim keygen` makes a key, and says what to write
    "#);
    Newsroom::bare()
        .run(&["dkim", "keygen", "--domain", "a b"])
        .exits(1)
        .says("is no domain");
    Newsroom::new()
        .run(&["dkim", "record"])
        .exits(1)
        .says("letters are not signed");
}
