//! What `check --online` finds out about how receivers see the newsroom: DNS, the relay, the one-click address.

use std::sync::{Arc, Mutex};

use rustls_pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::nameserver::NameServer;
use crate::newsroom::Newsroom;
use crate::postoffice::PostOffice;
use crate::serve::{Serving, room as with_readers_pages};

/// Whatever DNS must say of the newsroom, but for its keys.
const RIGHT: &str = "
    bounce.harbourtimes.example TXT v=spf1 ip4:192.0.2.7 -all
    bounce.harbourtimes.example MX mx.harbourtimes.example
    mx.harbourtimes.example A 127.0.0.1
    mail.harbourtimes.example A 192.0.2.7
    harbourtimes.example A 192.0.2.8
    localhost A 127.0.0.1
    7.2.0.192.in-addr.arpa PTR mail.harbourtimes.example
    _dmarc.harbourtimes.example TXT v=DMARC1; p=none; rua=mailto:dmarc@harbourtimes.example";

/// A newsroom with keys, an envelope domain and a relay on this machine.
fn sends(room: Newsroom, post: &PostOffice, names: &str) -> (Newsroom, NameServer) {
    let key = room.run(&["dkim", "keygen"]);
    key.exits(0);
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nsends_from = [\"192.0.2.7\"]",
        post.port()
    );
    let dkim = "domain = \"harbourtimes.example\"\nselector = \"s1\"\nkey_file = \"dkim.pem\"";
    let room = room
        .config("relay", &relay)
        .config("dkim", dkim)
        .config("bounces", "domain = \"bounce.harbourtimes.example\"");
    let record = room.run(&["dkim", "record"]).exits(0).data();
    let record: String = record.split('"').skip(1).step_by(2).collect();
    let names = names.replace("KEY", &record);
    let server = NameServer::with(&names);
    let room = room.config("check", &server.config());
    (room, server)
}

/// The states of what large providers demand, by name, and the names of the findings.
fn told(room: &Newsroom, code: i32) -> (Vec<String>, Vec<String>) {
    let output = room.run(&["--json", "check", "--online"]).exits(code);
    let json = output.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let demands = json["deliverability"]["demands"].as_array().unwrap().iter();
    let demands = demands.map(|one| format!("{}: {}", text(&one["what"]), text(&one["state"])));
    let findings = json["findings"].as_array().unwrap().iter();
    (
        demands.collect(),
        findings.map(|one| text(&one["name"])).collect(),
    )
}

#[test]
fn everything_is_ready_or_said_to_be_not() {
    let key = "\ns1._domainkey.harbourtimes.example TXT KEY";
    let post = PostOffice::open();
    let front = Tls::open();
    let url = format!(
        "url = \"https://localhost:{}/\"\nlisten = \"127.0.0.1:0\"",
        front.port
    );
    let room = with_readers_pages().config("public", &url);
    let (room, _names) = sends(room, &post, &format!("{RIGHT}{key}"));
    room.file("front.pem", &front.certificate);
    let room = room.environment("SSL_CERT_FILE", "front.pem");
    let serving = Serving::start(&room);
    front.leads_to(serving.pages.port());
    let (demands, findings) = told(&room, 0);
    insta::assert_snapshot!(demands.join("\n"), @"
    SPF passes: good
    DKIM passes: good
    DMARC record, aligned: good
    relay's address has a name: good
    TLS: good
    one-click leave: good
    ");
    assert!(findings.is_empty(), "{findings:?}");
    // Nobody has left.
    room.run(&["suppress", "--list"]).exits(0).says("empty");
    drop(serving);
    // Another server with the same address knows nothing of readers.
    let other = with_readers_pages();
    other.secret("secret.key", newsdigest::model::token::Keys::file(&[8; 32]));
    let other = other.config("public", &url);
    let serving = Serving::start(&other);
    front.leads_to(serving.pages.port());
    let (_, findings) = told(&room, 1);
    assert_eq!(findings, ["one-click"]);
    drop(serving);
    let (_, findings) = told(&room, 1);
    assert_eq!(findings, ["one-click"]);
}

#[test]
fn what_dns_lacks_is_named_once_and_mended_how() {
    let post = PostOffice::open();
    let (room, names) = sends(Newsroom::new(), &post, "harbourtimes.example A 192.0.2.8");
    let (demands, findings) = told(&room, 1);
    insta::assert_snapshot!(demands.join("\n"), @"
    SPF passes: wrong
    DKIM passes: wrong
    DMARC record, aligned: wrong
    relay's address has a name: wrong
    TLS: good
    one-click leave: wrong
    ");
    insta::assert_snapshot!(findings.join("\n"), @"
    spf
    dkim-record
    dmarc
    bounce-domain
    relay-names
    one-click
    ");
    assert!(names.asked() < 60, "{} questions", names.asked());
    let said = room.run(&["check", "--online"]).exits(1).words();
    let said = &said[said.find("what receivers see").unwrap()..];
    insta::assert_snapshot!(said, @r#"
    what receivers see:
    warning: `bounce.harbourtimes.example` has no SPF record (`spf`)
        publish a TXT record such as `v=spf1 ip4:ADDRESS -all`, or with the `include:` that the relay's provider names
    warning: `s1._domainkey.harbourtimes.example` DNS knows no key of that name (`dkim-record`)
        `newsdigest dkim record` prints what must be in DNS
    warning: `harbourtimes.example` has no DMARC record (`dmarc`)
        publish a TXT record at `_dmarc` such as `v=DMARC1; p=none; rua=mailto:dmarc@DOMAIN`
    warning: `bounce.harbourtimes.example` nobody takes mail for it: it has neither MX nor address (`bounce-domain`)
        an MX record that names the server which takes its mail
    warning: `192.0.2.7` has no name (PTR) (`relay-names`)
        whoever rents you the address sets its PTR record; the name in it must have the address as A or AAAA
      `127.0.0.1:[port]` is on this machine
    warning: `letters` offer no one-click leave (`one-click`)
        `[public] url = "https://.."` with `newsdigest serve` behind it

    what large providers demand from 5,000 letters a day:
      SPF passes                   not ready           Gmail, Yahoo, Microsoft
        `bounce.harbourtimes.example` has no SPF record: publish a TXT record such as `v=spf1 ip4:ADDRESS -all`, or with the `include:` that the relay's provider names
      DKIM passes                  not ready           Gmail, Yahoo, Microsoft
        `s1._domainkey.harbourtimes.example` DNS knows no key of that name: `newsdigest dkim record` prints what must be in DNS
      DMARC record, aligned        not ready           Gmail, Yahoo, Microsoft
        `harbourtimes.example` has no DMARC record: publish a TXT record at `_dmarc` such as `v=DMARC1; p=none; rua=mailto:dmarc@DOMAIN`
      relay's address has a name   not ready           Gmail, Yahoo
        `192.0.2.7` has no name (PTR): whoever rents you the address sets its PTR record; the name in it must have the address as A or AAAA
      TLS                          ready               Gmail
      one-click leave              not ready           Gmail, Yahoo
        `letters` offer no one-click leave: `[public] url = "https://.."` with `newsdigest serve` behind it
      also: readers who press "spam" below 0.1 % (never 0.3 %), which `newsdigest status` counts; leaving takes effect at once here

    sections that the sources give, and stories of each: `News` 2; `Business` 1; `City` 1; `Opinion` 1; `Sport` 1
    6 problems
    "#);
    // Offline nobody is asked.
    let before = names.asked();
    room.run(&["check"]).exits(0);
    assert_eq!(names.asked(), before);
}

#[test]
fn a_resolver_that_is_dead_costs_one_line() {
    let post = PostOffice::open();
    let (room, _names) = sends(Newsroom::new(), &post, "* SILENT x");
    let output = room.run(&["check", "--online"]).exits(1);
    let said = output.words();
    assert_eq!(said.matches("no DNS resolver").count(), 1, "{said}");
    assert!(!said.contains("SPF record"), "{said}");
}

#[test]
fn addresses_that_are_none_are_refused_with_their_place() {
    let room = Newsroom::new()
        .config(
            "relay",
            "outbox = \"outbox\"\nsends_from = [\"mail.example.org\"]",
        )
        .config(
            "check",
            "resolvers = [\"dns.example\", \"9.9.9.9\"]\nresolver = 1",
        );
    let said = room.run(&["check"]).exits(1).words();
    for what in [
        "`mail.example.org` is no address: expected one such as `192.0.2.1`",
        "`dns.example` is no address of a DNS resolver",
        "`resolver`",
    ] {
        assert!(said.contains(what), "{said}");
    }
}

/// TLS before a server of the newsroom, as a proxy does it.
struct Tls {
    port: u16,
    certificate: String,
    inner: Arc<Mutex<u16>>,
    _runtime: tokio::runtime::Runtime,
}

impl Tls {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner: Arc<Mutex<u16>> = Arc::default();
        let target = Arc::clone(&inner);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, port) = (acceptor.clone(), *target.lock().unwrap());
                // A client that hangs up ends its own conversation.
                tokio::spawn(async move {
                    let mut secure = acceptor.accept(stream).await?;
                    let mut inner = TcpStream::connect(("127.0.0.1", port)).await?;
                    tokio::io::copy_bidirectional(&mut secure, &mut inner).await
                });
            }
        });
        Self {
            port,
            certificate: cert.pem(),
            inner,
            _runtime: runtime,
        }
    }

    fn leads_to(&self, port: u16) {
        *self.inner.lock().unwrap() = port;
    }
}
