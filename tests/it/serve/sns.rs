//! Events of Amazon SES in envelopes of SNS. Amazon is played by a proxy with a certificate of our own for its host: the program asks for certificates and confirms
//! subscriptions through it, and through nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::events::{path, sent, suppressed};
use super::{Serving, room};
use crate::newsroom::Newsroom;

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:bounces";
const AMAZON: &str = "sns.eu-west-1.amazonaws.com";

/// SNS, as far as a subscriber sees it.
struct Amazon {
    proxy: String,
    /// What a client must trust, as PEM.
    authority: String,
    /// Whom the proxy was asked for, and what was asked there.
    asked: Arc<Mutex<Vec<String>>>,
    key: RsaKeyPair,
    _runtime: tokio::runtime::Runtime,
}

impl Amazon {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let tls = rcgen::generate_simple_self_signed([AMAZON.to_owned()]).unwrap();
        let signs =
            rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
                .unwrap();
        let shown = rcgen::CertificateParams::new(["sns.amazonaws.com".to_owned()])
            .unwrap()
            .self_signed(&signs)
            .unwrap();
        let first = include_str!("../../events/sns_v1.pem");
        let files = HashMap::from([
            ("/SimpleNotificationService-one.pem", first.to_owned()),
            ("/SimpleNotificationService-two.pem", shown.pem()),
            ("/SimpleNotificationService-none.pem", "nothing".to_owned()),
            ("/", "<ConfirmSubscriptionResponse/>".to_owned()),
        ]);
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![tls.cert.der().clone()],
                PrivateKeyDer::try_from(tls.signing_key.serialize_der()).unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (seen, files) = (Arc::clone(&asked), Arc::new(files));
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, files, acceptor) =
                    (Arc::clone(&seen), Arc::clone(&files), acceptor.clone());
                tokio::spawn(async move { _ = answer(stream, &acceptor, &seen, &files).await });
            }
        });
        Self {
            proxy,
            authority: tls.cert.pem(),
            asked,
            key: RsaKeyPair::from_pkcs8(&signs.serialize_der()).unwrap(),
            _runtime: runtime,
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The envelope with that changed, signed as version 2; then with `after` changed, which the signature does not cover.
    fn envelope(&self, before: &Value, after: &Value) -> String {
        let mut envelope = json!({
            "Type": "Notification", "MessageId": "id", "TopicArn": TOPIC, "Message": "m", "Timestamp": "2026-08-24T05:44:30.123Z", "SignatureVersion": "2",
            "SigningCertURL": format!("https://{AMAZON}/SimpleNotificationService-two.pem"),
        });
        change(&mut envelope, before);
        let mut signed = String::new();
        for name in [
            "Message",
            "MessageId",
            "Subject",
            "SubscribeURL",
            "Timestamp",
            "Token",
            "TopicArn",
            "Type",
        ] {
            if let Some(text) = envelope[name].as_str() {
                signed.extend([name, "\n", text, "\n"]);
            }
        }
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .unwrap();
        envelope["Signature"] = BASE64.encode(signature).into();
        change(&mut envelope, after);
        envelope.to_string()
    }
}

fn change(envelope: &mut Value, changed: &Value) {
    for (name, value) in changed.as_object().unwrap() {
        envelope[name] = value.clone();
    }
}

/// The first line of a request; its head is read.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next_line().await.ok()??;
    while !lines.next_line().await.ok()??.is_empty() {}
    Some(first)
}

async fn answer(
    mut stream: TcpStream,
    acceptor: &TlsAcceptor,
    seen: &Mutex<Vec<String>>,
    files: &HashMap<&str, String>,
) -> Option<()> {
    let line = request(&mut stream).await?;
    seen.lock().unwrap().push(line.clone());
    if !line.starts_with(&format!("CONNECT {AMAZON}:443 ")) {
        return None;
    }
    stream.write_all(b"HTTP/1.1 200 ok\r\n\r\n").await.ok()?;
    let mut stream = acceptor.accept(stream).await.ok()?;
    let line = request(&mut stream).await?;
    let target = line.split(' ').nth(1)?.to_owned();
    seen.lock().unwrap().push(target.clone());
    let file = files.get(target.split('?').next()?);
    let (status, body) = file.map_or((404, ""), |body| (200, body));
    let answer = format!(
        "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

fn complaint(id: &str, to: &str) -> String {
    json!({
        "eventType": "Complaint", "mail": { "messageId": "m", "source": "digest@harbourtimes.example" },
        "complaint": { "feedbackId": id, "complainedRecipients": [{ "emailAddress": to }], "timestamp": "2026-08-24T05:44:00Z" },
    })
    .to_string()
}

fn subscribed(amazon: &Amazon) -> (Newsroom, String, Serving) {
    let (room, _) = sent(room(), &format!("from = \"ses\"\ntopics = [\"{TOPIC}\"]"));
    room.file("amazon.pem", &amazon.authority);
    let room = room
        .environment("SSL_CERT_FILE", "amazon.pem")
        .environment("HTTPS_PROXY", &amazon.proxy);
    let path = path(&room, "ses");
    let serving = Serving::start(&room);
    (room, path, serving)
}

#[test]
fn a_notification_is_believed_by_its_signature() {
    let amazon = Amazon::open();
    let (room, path, serving) = subscribed(&amazon);
    let take = |body: &str| serving.pages.event(&path, "", body);
    let good = json!({ "Message": complaint("a", "ada@example.org") });
    let with = |name: &str, value: &str| {
        let mut all = good.clone();
        all[name] = value.into();
        all
    };
    let none = json!({});
    let certificate = |url: &str| json!({ "SigningCertURL": url });
    let foreign = Amazon::open();
    for (body, expected) in [
        // Not from a topic of ours, not signed, signed by others, changed afterwards, too old.
        (
            amazon.envelope(
                &with("TopicArn", &TOPIC.replace("123456789012", "210987654321")),
                &none,
            ),
            403,
        ),
        (amazon.envelope(&good, &json!({ "Signature": "" })), 403),
        (
            amazon.envelope(&good, &json!({ "SignatureVersion": "1" })),
            403,
        ),
        (foreign.envelope(&good, &none), 403),
        (
            amazon.envelope(
                &good,
                &json!({ "Message": complaint("a", "bob@example.org") }),
            ),
            403,
        ),
        (amazon.envelope(&good, &json!({ "Subject": "x" })), 403),
        (
            amazon.envelope(&with("Timestamp", "2026-08-22T05:44:30Z"), &none),
            403,
        ),
        (
            amazon.envelope(&with("Timestamp", "2026-08-24T07:44:30Z"), &none),
            403,
        ),
        (complaint("a", "ada@example.org"), 403),
        // The certificate from elsewhere: nobody is asked.
        (
            amazon.envelope(
                &good,
                &certificate("https://evil.example/SimpleNotificationService-two.pem"),
            ),
            403,
        ),
        (
            amazon.envelope(
                &good,
                &certificate(
                    "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-two.pem",
                ),
            ),
            403,
        ),
        (
            amazon.envelope(
                &good,
                &certificate(
                    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-two.pem",
                ),
            ),
            403,
        ),
        // There is no certificate for now.
        (
            amazon.envelope(
                &good,
                &certificate(&format!(
                    "https://{AMAZON}/SimpleNotificationService-none.pem"
                )),
            ),
            503,
        ),
        (
            amazon.envelope(
                &good,
                &certificate(&format!(
                    "https://{AMAZON}/SimpleNotificationService-away.pem"
                )),
            ),
            503,
        ),
    ] {
        assert_eq!(take(&body), expected, "{body}");
        assert_eq!(suppressed(&room), [""; 0]);
    }
    assert_eq!(take(&amazon.envelope(&good, &none)), 200);
    assert_eq!(suppressed(&room), ["complained ada@example.org"]);
    // Signed as version 1, with SHA-1, as topics are unless they say otherwise.
    let first = include_str!("../../events/sns_v1.json");
    assert_eq!(take(&first.replace("v1-message", "v1-massage")), 403);
    assert_eq!(take(first), 200);
    assert_eq!(
        suppressed(&room),
        ["complained ada@example.org", "complained bob@example.org"]
    );
    // Told again after somebody lifted it.
    room.run(&["unsuppress", "ada@example.org", "bob@example.org"])
        .exits(0);
    assert_eq!(
        (take(first), take(&amazon.envelope(&good, &none))),
        (200, 200)
    );
    assert_eq!(suppressed(&room), [""; 0]);
    let asked = amazon.asked();
    let times = |what: &str| asked.iter().filter(|line| line.contains(what)).count();
    assert_eq!((times("-two.pem"), times("-one.pem")), (1, 1), "{asked:?}");
    assert!(
        asked
            .iter()
            .all(|line| !line.starts_with("CONNECT") || line.contains(AMAZON)),
        "{asked:?}"
    );
}

#[test]
fn only_a_topic_that_is_named_is_subscribed_to() {
    let amazon = Amazon::open();
    let (_room, path, mut serving) = subscribed(&amazon);
    let pages = serving.pages;
    let url = |host: &str, topic: &str| {
        format!("https://{host}/?Action=ConfirmSubscription&TopicArn={topic}&Token=2336412f37")
    };
    let asks = |topic: &str, url: &str| {
        amazon.envelope(&json!({ "Type": "SubscriptionConfirmation", "Token": "2336412f37", "SubscribeURL": url, "TopicArn": topic }), &json!({}))
    };
    let foreign = TOPIC.replace("bounces", "others");
    for body in [
        asks(&foreign, &url(AMAZON, &foreign)),
        asks(TOPIC, &url(AMAZON, &foreign)),
        asks(TOPIC, &url("evil.example", TOPIC)),
        asks(TOPIC, &url("127.0.0.1:8025", TOPIC)),
        asks(TOPIC, &url(AMAZON, TOPIC).replace("Confirm", "Delete")),
        asks(TOPIC, &url(AMAZON, TOPIC)).replace("2336412f37\",\"TopicArn", "x\",\"TopicArn"),
    ] {
        assert_eq!(pages.event(&path, "", &body), 403, "{body}");
    }
    assert!(amazon.asked().iter().all(|line| !line.contains("Action=")));
    assert_eq!(
        pages.event(&path, "", &asks(TOPIC, &url(AMAZON, TOPIC))),
        200
    );
    serving.program.says("Amazon SNS sends a topic here");
    assert_eq!(
        amazon
            .asked()
            .iter()
            .filter(|line| line.contains("Action=ConfirmSubscription"))
            .count(),
        1
    );
}
