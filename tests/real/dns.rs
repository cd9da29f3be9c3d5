//! A whole BIND with zones of our own, asked as a resolver: right and wrong twins, aliases and their loops, answers that need TCP, failures, silence.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use crate::newsroom::Newsroom;
use crate::{answers, free_port, open_folder, tool, wait_until};

/// A running BIND. Dropped, it is stopped.
struct Bind {
    _folder: tempfile::TempDir,
    port: u16,
    program: Child,
}

impl Drop for Bind {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Bind {
    /// With zones `h.example`, `other.example` and `2.0.192.in-addr.arpa`, each with the lines of the zone that belong to it; of `broken.example` it knows that it should
    /// know it, and fails.
    fn start(zone: &str) -> Self {
        let folder = open_folder();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let port = free_port();
        let mut config = format!(
            "options {{ directory \"{}\"; pid-file none; session-keyfile none; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; dnssec-validation no; \
             check-names primary ignore; allow-query {{ any; }}; max-udp-size 1232; }};\ncontrols {{ }};\nlogging {{ channel c {{ file \"{}\"; }}; category default {{ c; }}; }};\n",
            folder.path().display(),
            at("log"),
        );
        for origin in [
            "example",
            "h.example",
            "other.example",
            "2.0.192.in-addr.arpa",
        ] {
            let mut text = format!(
                "$ORIGIN {origin}.\n$TTL 60\n@ SOA ns.{origin}. a.{origin}. 1 60 60 60 60\n@ NS ns.other.example.\n"
            );
            let lines = zone.lines().map(str::trim);
            let own = lines.filter(|line| {
                let name = line.split(' ').next().unwrap_or_default();
                origin != "example" && name.ends_with(&format!("{origin}."))
            });
            for line in own {
                text += line;
                text.push('\n');
            }
            if origin == "example" {
                // A zone without the address of a name server below it is none.
                text += "ns.other.example. A 127.0.0.1\n";
            }
            fs::write(at(origin), text).unwrap();
            writeln!(
                config,
                "zone \"{origin}\" {{ type primary; file \"{}\"; }};",
                at(origin)
            )
            .unwrap();
        }
        fs::write(at("broken"), "this is no zone\n").unwrap();
        writeln!(
            config,
            "zone \"broken.example\" {{ type primary; file \"{}\"; }};",
            at("broken")
        )
        .unwrap();
        fs::write(at("named.conf"), config).unwrap();
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
        }
        let program = Command::new(tool("named", "bind9"))
            .args(["-f", "-c", &at("named.conf")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let log = folder.path().join("log");
        let bind = Self {
            port,
            program,
            _folder: folder,
        };
        wait_until("BIND has its zones", || {
            answers(port)
                && fs::read_to_string(&log).is_ok_and(|log| log.contains("all zones loaded"))
        });
        bind
    }
}

/// What a newsroom that does everything right has in DNS; `KEY` is its key, in pieces.
const RIGHT: &str = "
    bounce.h.example. TXT \"v=spf1 include:spf.other.example -all\"
    spf.other.example. TXT \"v=spf1 ip4:192.0.2.7 -all\"
    bounce.h.example. MX 10 mx.h.example.
    mx.h.example. A 127.0.0.1
    mail.h.example. A 192.0.2.7
    7.2.0.192.in-addr.arpa. PTR mail.h.example.
    s1._domainkey.h.example. TXT KEY
    _dmarc.h.example. TXT \"v=DMARC1; p=none; rua=mailto:a@h.example\"
    h.example. A 192.0.2.8
    ns.other.example. A 127.0.0.1
    ns.h.example. A 127.0.0.1";

fn newsroom() -> (Newsroom, String) {
    let room = Newsroom::new();
    let config = room
        .read("newsdigest.toml")
        .replace("digest@harbourtimes.example", "digest@h.example");
    room.file("newsdigest.toml", config);
    room.run(&["dkim", "keygen"]).exits(0);
    let more = "\n[dkim]\ndomain = \"h.example\"\nselector = \"s1\"\nkey_file = \"dkim.pem\"\n\n[bounces]\ndomain = \"bounce.h.example\"\n\n[relay]\nhost = \"127.0.0.1\"\nport = 9\nsecurity = \"none\"\nsends_from = [\"192.0.2.7\"]\n";
    let config = room.read("newsdigest.toml");
    room.file("newsdigest.toml", config + more);
    let record = room.run(&["dkim", "record"]).exits(0).data();
    let pieces = record[record.find('(').unwrap()..].to_owned();
    (
        room,
        pieces.lines().map(str::trim).collect::<Vec<_>>().join(" "),
    )
}

/// What is said of it that is not good, but for relay, TLS, one-click and the server of the bounce domain.
fn told(room: &Newsroom, port: u16) -> String {
    let config = room.read("newsdigest.toml");
    room.file(
        "newsdigest.toml",
        format!("{config}\n[check]\nresolvers = [\"127.0.0.1:{port}\"]\n"),
    );
    let json = room.run(&["--json", "check", "--online"]).exits(1).json();
    room.file("newsdigest.toml", config);
    let verdicts = json["deliverability"]["verdicts"].as_array().unwrap();
    let text = |verdict: &serde_json::Value, key: &str| verdict[key].as_str().unwrap().to_owned();
    let mut all: Vec<String> = Vec::new();
    for verdict in verdicts {
        let topic = text(verdict, "topic");
        let is_elsewhere = ["tls", "one-click"].contains(&topic.as_str())
            || text(verdict, "what").starts_with("which takes");
        if !is_elsewhere && text(verdict, "state") != "good" {
            all.push(format!(
                "{} {topic}: {} {}",
                text(verdict, "state"),
                text(verdict, "place"),
                text(verdict, "what")
            ));
        }
    }
    all.join("\n")
}

/// The zone with these lines in place of those that begin with the same name and kind.
fn but(zone: &str, lines: &str) -> String {
    let beginning = |line: &str| line.trim().split(' ').take(2).collect::<Vec<_>>().join(" ");
    let new: Vec<String> = lines.lines().map(beginning).collect();
    let kept = zone.lines().filter(|line| !new.contains(&beginning(line)));
    let kept: Vec<&str> = kept.collect();
    let added = lines.lines().filter(|line| !line.ends_with(" -"));
    format!(
        "{}\n{}",
        kept.join("\n"),
        added.collect::<Vec<_>>().join("\n")
    )
}

#[test]
fn right_and_wrong_twins_of_every_record() {
    let (room, key) = newsroom();
    let right = RIGHT.replace("KEY", &key);
    let long = "x".repeat(250);
    let huge: String = (0..40).map(|_| format!("\"{long}\" ")).collect();
    let begun = Instant::now();
    let bind = Bind::start(&right);
    assert_eq!(told(&room, bind.port), "");
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    let mut said = String::new();
    for lines in [
        // Nothing there, and something else there.
        "bounce.h.example. TXT -",
        "bounce.h.example. TXT \"hello\"",
        "spf.other.example. TXT -",
        "spf.other.example. TXT \"v=spf1 ip4:192.0.2.8 -all\"",
        "bounce.h.example. TXT \"v=spf1 -all\"\nbounce.h.example. TXT \"v=spf1 ip4:192.0.2.7 -all\"",
        "bounce.h.example. TXT \"v=spf1 include:a.broken.example -all\"",
        // A text beside the record that only TCP can carry.
        &format!(
            "bounce.h.example. TXT {huge}\nbounce.h.example. TXT \"v=spf1 ip4:192.0.2.7 -all\""
        ),
        // An alias, a chain of them, and a loop.
        "bounce.h.example. TXT -\nbounce.h.example. MX -\nbounce.h.example. CNAME b1.h.example.\nb1.h.example. CNAME b2.h.example.\nb2.h.example. TXT \"v=spf1 ip4:192.0.2.7 -all\"\nb2.h.example. MX 10 mx.h.example.",
        "_dmarc.h.example. TXT -\n_dmarc.h.example. CNAME d1.h.example.\nd1.h.example. CNAME _dmarc.h.example.",
        "mx.h.example. A -\nmx.h.example. CNAME gone.h.example.",
        "bounce.h.example. MX 0 .",
        "_dmarc.h.example. TXT -",
        "_dmarc.h.example. TXT \"v=DMARC1; p=none\"\n_dmarc.h.example. TXT \"v=DMARC1; p=reject\"",
        "_dmarc.h.example. TXT \"v=DMARC1; p=reject; adkim=s; aspf=s; pct=10; rua=mailto:a@h.example\"",
        "s1._domainkey.h.example. TXT -",
        "s1._domainkey.h.example. TXT \"v=DKIM1; p=\"",
        "7.2.0.192.in-addr.arpa. PTR -",
        "7.2.0.192.in-addr.arpa. PTR mail.other.example.",
        "default._bimi.h.example. TXT \"v=BIMI1; l=https://h.example/logo.svg; a=https://h.example/logo.pem\"",
    ] {
        let bind = Bind::start(&but(&right, lines));
        let shown = if lines.len() > 500 {
            "a text of 10,000 octets beside it"
        } else {
            lines
        };
        let _ = write!(said, "# {shown}\n{}\n", told(&room, bind.port));
    }
    insta::assert_snapshot!(said, @r#"
    # bounce.h.example. TXT -
    wrong spf: bounce.h.example has no SPF record
    # bounce.h.example. TXT "hello"
    wrong spf: bounce.h.example has no SPF record
    # spf.other.example. TXT -
    wrong spf: bounce.h.example its SPF record cannot be used: it relies on the record of `spf.other.example`, which has none
    # spf.other.example. TXT "v=spf1 ip4:192.0.2.8 -all"
    wrong spf: bounce.h.example its SPF record forbids `192.0.2.7` to send (fail)
    # bounce.h.example. TXT "v=spf1 -all"
    bounce.h.example. TXT "v=spf1 ip4:192.0.2.7 -all"
    wrong spf: bounce.h.example its SPF record cannot be used: `bounce.h.example` has more than one SPF record
    # bounce.h.example. TXT "v=spf1 include:a.broken.example -all"
    unknown spf: bounce.h.example its SPF record could not be followed: `a.broken.example`: the DNS resolver answered `Server Failure`
    # a text of 10,000 octets beside it

    # bounce.h.example. TXT -
    bounce.h.example. MX -
    bounce.h.example. CNAME b1.h.example.
    b1.h.example. CNAME b2.h.example.
    b2.h.example. TXT "v=spf1 ip4:192.0.2.7 -all"
    b2.h.example. MX 10 mx.h.example.

    # _dmarc.h.example. TXT -
    _dmarc.h.example. CNAME d1.h.example.
    d1.h.example. CNAME _dmarc.h.example.
    unknown dmarc: h.example whether there is a DMARC record is not known: `_dmarc.h.example`: the DNS resolver answered `Server Failure`
    # mx.h.example. A -
    mx.h.example. CNAME gone.h.example.
    wrong bounce-domain: bounce.h.example its MX `mx.h.example` has no address
    # bounce.h.example. MX 0 .
    wrong bounce-domain: bounce.h.example says that it takes no mail (a null MX)
    # _dmarc.h.example. TXT -
    wrong dmarc: h.example has no DMARC record
    # _dmarc.h.example. TXT "v=DMARC1; p=none"
    _dmarc.h.example. TXT "v=DMARC1; p=reject"
    wrong dmarc: h.example `_dmarc.h.example` has more than one DMARC record, and receivers pass over all of them
    # _dmarc.h.example. TXT "v=DMARC1; p=reject; adkim=s; aspf=s; pct=10; rua=mailto:a@h.example"
    weak dmarc: h.example its DMARC record has `pct`, which RFC 9989 has taken out: the policy holds for all letters
    weak dmarc: h.example the envelope domain `bounce.h.example` is not aligned with it (strictly): SPF does not count for DMARC
    # s1._domainkey.h.example. TXT -
    wrong dkim: s1._domainkey.h.example DNS knows no key of that name
    # s1._domainkey.h.example. TXT "v=DKIM1; p="
    wrong dkim: s1._domainkey.h.example the key in DNS is revoked (`p=` is empty)
    # 7.2.0.192.in-addr.arpa. PTR -
    wrong relay-names: 192.0.2.7 has no name (PTR)
    # 7.2.0.192.in-addr.arpa. PTR mail.other.example.
    wrong relay-names: 192.0.2.7 is called `mail.other.example`, which does not lead back to it
    # default._bimi.h.example. TXT "v=BIMI1; l=https://h.example/logo.svg; a=https://h.example/logo.pem"
    weak bimi: default._bimi.h.example a logo is shown only where the DMARC policy is `quarantine` or `reject`
    "#);
}

#[test]
fn silence_and_refusals_cost_one_line_and_little_time() {
    let (room, _) = newsroom();
    // A datagram that nobody reads, and a connection that nobody answers.
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let connections = TcpListener::bind(("127.0.0.1", port));
    let begun = Instant::now();
    let said = told(&room, port);
    assert!(begun.elapsed().as_secs() < 12, "{:?}", begun.elapsed());
    assert_eq!(said.lines().count(), 1, "{said}");
    drop((silent, connections));
    // Somebody who answers nonsense.
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut datagram = [0; 2_000];
        while let Ok((_, from)) = socket.recv_from(&mut datagram) {
            let _ = socket.send_to(&[0xff; 600], from);
        }
    });
    let said = told(&room, port);
    assert_eq!(said.lines().count(), 1, "{said}");
}
