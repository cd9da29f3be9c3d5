//! aiosmtpd, a relay that nobody of us wrote: answers by rule, STARTTLS, addresses beyond ASCII.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::newsroom::{NOW, Newsroom, TODAY};
use crate::{answers, free_port, tool, wait_until};

/// A running `relay.py`. Dropped, it is killed.
pub(crate) struct Relay {
    child: Child,
    /// Where the letters are that it took.
    pub(crate) folder: tempfile::TempDir,
    pub(crate) port: u16,
}

impl Relay {
    pub(crate) fn start(more: &[&str], rules: &str) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let mut child = Command::new(tool("python3", "python3 python3-aiosmtpd"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/relay.py"))
            .arg(port.to_string())
            .arg(folder.path())
            .args(more)
            .stdin(Stdio::piped())
            // It prints a trace of every handshake that fails.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(rules.as_bytes()).unwrap();
        drop(input);
        let mut relay = Self {
            child,
            folder,
            port,
        };
        wait_until("aiosmtpd listens", || {
            let ended = relay.child.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "`relay.py` ended: is python3-aiosmtpd installed?"
            );
            answers(port)
        });
        relay
    }

    /// The letters it took.
    fn letters(&self) -> Vec<String> {
        let mut files: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| fs::read_to_string(file).unwrap())
            .collect()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn aiosmtpd_by_its_rules() {
    let rules = "rcpt ada@example.org 1 451 4.7.1 greylisted\nrcpt bob@example.org 9 550 5.1.1 no such user\n\
                 data cleo@example.org 1 451 4.3.0 try again\ndata dan@example.org 9 552 5.3.4 too big for you\n";
    for (more, zoe) in [(&["SMTPUTF8"][..], true), (&[], false)] {
        let relay = Relay::start(more, rules);
        let names = ["ada", "bob", "cleo", "dan", "zoë"];
        let readers = names.map(|name| format!("{name}@example.org"));
        let room = Newsroom::new()
            .subscribers(&readers.each_ref().map(String::as_str))
            .config(
                "relay",
                &format!("host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 2\nretry_after = \"0s\"\nattempts = 2", relay.port),
            );
        room.run(&["send"]).exits(3);
        let tally = room.tally();
        let expected = if zoe { (3, 1, 1) } else { (2, 2, 1) };
        assert_eq!(
            (tally.accepted, tally.rejected, tally.given_up),
            expected,
            "{tally:?}"
        );
        let letters = relay.letters();
        let to = |name: &str| {
            letters
                .iter()
                .filter(|letter| letter.starts_with(&format!("X-To: {name}@example.org\r\n")))
                .count()
        };
        let expected = [1, 0, 1, 0, usize::from(zoe)];
        assert_eq!(names.map(to), expected);
        let given_up = room.run(&["status", TODAY, "--given-up"]).exits(0).stdout;
        assert_eq!(given_up, "dan@example.org  552 5.3.4 too big for you\n");
    }
}

/// An authority with a certificate that is good, one that has expired and one for another name.
fn certificates(folder: &Path) {
    let script = r#"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=authority -days 30
        touch index.txt
        printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nunique_subject=no\ncopy_extensions=copy\n[p]\nCN=supplied\n' > ca.cnf
        for name in good expired other; do
            host=localhost; test $name = other && host=elsewhere.example
            dates="-days 30"; test $name = expired && dates="-startdate 20200101000000Z -enddate 20200201000000Z"
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.csr -subj /CN=$host -addext subjectAltName=DNS:$host
            openssl ca -batch -rand_serial -config ca.cnf -cert ca.pem -keyfile ca.key -in $name.csr -out $name.pem -notext $dates
        done"#;
    let output = Command::new("/bin/sh")
        .args(["-ec", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "openssl (Debian: openssl): {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_certificate_that_is_not_good_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let file = |name: &str| folder.path().join(name).display().to_string();
    let send = |certificate: &str, authority: &str| {
        let relay = Relay::start(
            &[
                &file(&format!("{certificate}.pem")),
                &file(&format!("{certificate}.key")),
            ],
            "",
        );
        let room = Newsroom::new().config(
            "relay",
            &format!(
                "host = \"localhost\"\nport = {}\nsecurity = \"starttls\"",
                relay.port
            ),
        );
        let output = Command::new(env!("CARGO_BIN_EXE_newsdigest"))
            .args(["send", "--now", NOW])
            .current_dir(room.path(""))
            .env("SSL_CERT_FILE", authority)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said, relay.letters())
    };
    let authority = file("ca.pem");
    let (code, said, letters) = send("good", &authority);
    assert_eq!((code, letters.len()), (Some(0), 3), "{said}");
    assert!(letters[0].contains("\r\nX-Tls: True\r\n"), "{}", letters[0]);
    for (certificate, authority, why) in [
        ("expired", &authority, "certificate expired"),
        ("other", &authority, "not valid for name"),
        ("good", &file("other.pem"), "UnknownIssuer"),
    ] {
        let (code, said, letters) = send(certificate, authority);
        assert_eq!((code, letters.len()), (Some(1), 0), "{certificate}: {said}");
        assert!(
            said.contains(why) && said.contains("nothing was frozen or sent"),
            "{certificate}: {said}"
        );
    }
}
