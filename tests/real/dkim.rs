//! Whether others find our signatures good: dkimpy, and OpenDKIM beside a Postfix. What was tampered with is bad to both.

use std::fs;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use crate::newsroom::Newsroom;
use crate::postfix::Postfix;
use crate::{answers, free_port, open_folder, say, tool, wait_until};

/// A newsroom that signs twice, and has links and bounce addresses of each reader's own.
fn signing() -> Newsroom {
    let room = Newsroom::new();
    room.run(&["dkim", "keygen"]).exits(0);
    room.run(&["dkim", "keygen", "--ed25519", "--selector", "e1"])
        .exits(0);
    room.config(
        "dkim",
        "domain = \"harbourtimes.example\"\nselector = \"s1\"\nkey_file = \"dkim.pem\"\ned25519 = { selector = \"e1\", key_file = \"dkim-ed25519.pem\" }",
    )
    .config("public", "url = \"https://news.harbourtimes.example/\"")
    .config("bounces", "domain = \"bounce.harbourtimes.example\"")
}

/// The records as `dkim record` prints them, pieces joined as resolvers do: a name and a text each.
fn records(room: &Newsroom) -> Vec<(String, String)> {
    let printed = room.run(&["dkim", "record"]).exits(0).stdout;
    printed
        .split(")\n")
        .filter(|record| !record.trim().is_empty())
        .map(|record| {
            let name = record.split(". IN TXT").next().unwrap().trim().to_owned();
            (name, record.split('"').skip(1).step_by(2).collect())
        })
        .collect()
}

/// What dkimpy says of each signature.
fn dkimpy(records: &[(String, String)], letter: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("records");
    let lines: String = records
        .iter()
        .map(|(name, text)| format!("{name}\t{text}\n"))
        .collect();
    fs::write(&file, lines).unwrap();
    let mut child = Command::new(tool("python3", "python3 python3-dkim python3-nacl"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/real/signatures.py"
        ))
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(letter.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "are python3-dkim and python3-nacl installed?"
    );
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().map(str::to_owned).collect()
}

/// OpenDKIM as a milter that only verifies. Dropped, it is killed.
struct OpenDkim {
    child: Child,
    _folder: tempfile::TempDir,
    port: u16,
}

impl OpenDkim {
    fn start(records: &[(String, String)]) -> Self {
        let (folder, port) = (open_folder(), free_port());
        let keys: String = records
            .iter()
            .map(|(name, text)| format!("{name} {text}\n"))
            .collect();
        fs::write(folder.path().join("keys"), keys).unwrap();
        let config = format!(
            "Mode v\nBackground no\nSyslog no\nAlwaysAddARHeader yes\nInternalHosts 192.0.2.1\nTestPublicKeys {}\n",
            folder.path().join("keys").display()
        );
        fs::write(folder.path().join("opendkim.conf"), config).unwrap();
        let child = Command::new(tool("opendkim", "opendkim"))
            .arg("-x")
            .arg(folder.path().join("opendkim.conf"))
            .args(["-p", &format!("inet:{port}@127.0.0.1")])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let milter = Self {
            child,
            _folder: folder,
            port,
        };
        wait_until("OpenDKIM listens", || answers(port));
        milter
    }
}

impl Drop for OpenDkim {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// What OpenDKIM wrote above a letter.
fn results(arrived: &str) -> String {
    let head = arrived.split("\n\n").next().unwrap().replace("\n\t", " ");
    let mut lines = head
        .lines()
        .filter(|line| line.starts_with("Authentication-Results:"));
    lines.next().unwrap_or_else(|| panic!("{head}")).to_owned()
}

#[test]
fn others_find_both_signatures_good_and_tampered_letters_bad() {
    let room = signing();
    let records = records(&room);
    let names: Vec<&str> = records.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "s1._domainkey.harbourtimes.example",
            "e1._domainkey.harbourtimes.example"
        ]
    );
    let milter = OpenDkim::start(&records);
    let readers: Vec<String> = (0..20).map(|number| format!("r{number}")).collect();
    let boxes: Vec<&str> = readers.iter().map(String::as_str).collect();
    let postfix = Postfix::start_with(
        &boxes,
        &format!(
            "smtpd_milters = inet:127.0.0.1:{}\nmilter_default_action = tempfail\n",
            milter.port
        ),
    );
    let room = room.relay(postfix.port, 1).subscribers(&["r0@example.org"]);
    room.run(&["send"]).exits(0);
    let arrived = postfix.letter("r0");
    assert_eq!(
        results(&arrived).matches("dkim=pass").count(),
        2,
        "{}",
        results(&arrived)
    );
    let start = arrived.find("DKIM-Signature:").unwrap();
    let letter = arrived[start..].replace('\n', "\r\n");
    let good = ["rsa-sha256 s1 good", "ed25519-sha256 e1 good"];
    assert_eq!(dkimpy(&records, &letter), good);
    assert!(letter.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));

    let token = letter
        .split("/leave/")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    let changed = |from: &str, to: &str| {
        let tampered = letter.replacen(from, to, 1);
        assert!(tampered != letter, "no `{from}` in the letter");
        tampered
    };
    // Folding and spaces are the post's own business.
    let folded = changed("\r\nSubject: ", "\r\nsubject:\r\n   ");
    assert_eq!(dkimpy(&records, &folded), good);
    let tampered = [
        changed("\r\nSubject: ", "\r\nSubject: x"),
        changed("\r\nFrom: ", "\r\nFrom: x"),
        changed("\r\nTo: ", "\r\nTo: x"),
        changed(token, "AAAAAAAA"),
        changed("One-Click\r\n", "One-Cluck\r\n"),
        changed("\r\nFrom: ", "\r\nFrom: evil@elsewhere.example\r\nFrom: "),
        changed("\r\nSubject: ", "\r\nSubject: Win a boat\r\nSubject: "),
        changed(
            "\r\nList-Unsubscribe:",
            "\r\nList-Unsubscribe: <https://elsewhere.example/>\r\nList-Unsubscribe:",
        ),
        changed(
            "\r\nMIME-Version: ",
            "\r\nCc: x@elsewhere.example\r\nMIME-Version: ",
        ),
        changed("\r\n\r\n--=_", "\r\n\r\n=_x\r\n--=_"),
        format!("{letter}more\r\n"),
    ];
    for (number, tampered) in tampered.iter().enumerate() {
        let verdicts = dkimpy(&records, tampered);
        assert!(
            verdicts.len() == 2 && verdicts.iter().all(|verdict| verdict.contains(" bad")),
            "{number}: {verdicts:?}"
        );
        let reader = &readers[number + 1];
        let said = say(
            postfix.port,
            &[
                "EHLO x\r\n",
                "MAIL FROM:<a@x.example>\r\n",
                &format!("RCPT TO:<{reader}@example.org>\r\n"),
                "DATA\r\n",
                &format!("{tampered}.\r\n"),
                "QUIT\r\n",
            ],
        );
        assert!(said.contains("\r\n221 "), "{said}");
        let results = results(&postfix.letter(reader));
        assert!(!results.contains("dkim=pass"), "{number}: {results}");
    }
}
