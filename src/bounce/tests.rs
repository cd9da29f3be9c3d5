use super::*;
use proptest::prelude::*;

/// Takes the place of a letter's token in the samples.
const TOKEN: &str = "cea4brahadavvwrsd2h4wnkbry24367rfhua";

fn sample(name: &str) -> String {
    let file = format!("{}/tests/bounces/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(file)
        .unwrap()
        .replace("TOKEN", TOKEN)
}

fn told(name: &str) -> String {
    match read(sample(name).as_bytes()).said {
        Said::Failed(failure) => format!("{}: {failure}", failure.class.code()),
        other => format!("{other:?}"),
    }
}

#[test]
fn every_form_we_know() {
    let folder = format!("{}/tests/bounces", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".eml")?.to_owned()))
        .collect();
    names.sort();
    let lines: Vec<String> = names
        .iter()
        .map(|name| format!("{name}: {}", told(name)))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    answer: NoBounce
    away: AutoReply
    blocked: about-us: 550 5.7.1 Message rejected due to the reputation of the sender
    challenge: about-us: Your message could not be delivered: your address is unknown to the recipient. Please confirm that you are a person.
    chinese: soft: 邮件无法发送到您指定的地址。 <a***@e***.org>:
    complaint: Complained
    complaint_header_only: Complained
    delivered: Delivered
    dragonfly: hard: 550 5.1.1 <a***@e***.org>: no such user
    exchange: hard: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a***@e***.org not found by SMTP address lookup
    exchange_2003: hard: on Mon, 24 Aug 2026 05:49:00 +0000 The recipient name is not recognized MSEXCH:IMS:EXAMPLE:EXCHANGE 0 (000C05A6) Unknown Recipient
    exim: hard: 550 5.0.0 No such user here
    exim_delayed: Delayed
    exim_text: hard: Unrouteable address
    filter_after_data: soft: 550 5.0.0 User unknown
    forwarded: hard: 550 5.1.1 <a***@e***.org>: user unknown
    full: soft: 552 5.2.2 <a***@e***.org>: mailbox is over quota
    gmail_classic: hard: 550 5.1.1 no mailbox here by that name
    google_group: about-us: Hallo, die Gruppe "harbour" existiert nicht, oder Sie haben keine Berechtigung, dort Nachrichten zu posten. Hilfe: https://groups.google.com/support/
    hmailserver_mail: about-us: 550 MAIL FROM: Unknown user
    html_japanese: hard: 宛先不明です。
    left_the_company: NoBounce
    letter: NoBounce
    list_notice: NoBounce
    list_of_three: soft: 5.2.2
    mail_local: hard: 554 ----- Transcript of session follows ----- mail.local: unknown user: ada
    microsoft: Complained
    not_spam: NoBounce
    opensmtpd: hard: 524 5.2.4 Mailing list expansion problem: <a***@e***.org>
    postfix_delayed: Delayed
    postfix_expired: temporary: 4.4.1 connect to mx.example.org[..]:25: Connection timed out
    postfix_unknown: hard: 550 5.1.1 <a***@e***.org>: user unknown
    qmail: hard: 5.1.1 Sorry, no mailbox here by that name. (#5.1.1)
    qmail_tired: temporary: 4.1.2 Sorry, I couldn't find any host by that name. (#4.1.2) I'm not going to try again; this message has been in the queue too long.
    quoted: NoBounce
    sendmail: hard: 550 <a***@e***.org>... User unknown 550 <a***@e***.org>... User unknown
    ses_json: hard: 550 5.1.1 user unknown
    workmail: hard: 550 5.1.1 user unknown
    yahoo: Complained
    yahoo_failure: hard: 554 delivery error: dd This user doesn't have an account here
    zoho: soft: 550 5.2.2 ERROR_CODE :5.2.2 Mailbox full
    "#);
}

#[test]
fn a_token_is_found_wherever_it_stands() {
    for name in [
        "postfix_unknown",
        "exim",
        "exim_text",
        "exchange",
        "qmail",
        "sendmail",
        "complaint",
        "yahoo",
        "microsoft",
    ] {
        assert_eq!(read(sample(name).as_bytes()).tokens, [TOKEN], "{name}");
        // Where no server noted the address it came to.
        let anonymous = sample(name).replace("To: b+", "Nobody: b+");
        let bounce = read(anonymous.as_bytes());
        assert_eq!(bounce.tokens, [TOKEN], "{name}");
    }
}

#[test]
fn the_address_it_came_to_is_trusted_most() {
    let other = TOKEN.replace('c', "d");
    let text = sample("postfix_unknown").replacen(
        &format!("To: b+{TOKEN}@"),
        &format!("To: b+{}@", other.to_uppercase()),
        1,
    );
    assert_eq!(read(text.as_bytes()).tokens, [other, TOKEN.to_owned()]);
}

#[test]
fn the_same_message_is_the_same_however_it_is_stored() {
    let digest = |text: &str| read(text.as_bytes()).digest;
    let text = sample("postfix_unknown");
    let stored = format!("X-Original-To: someone\r\n{}", text.replace('\n', "\r\n"));
    assert_eq!(digest(&text), digest(&stored));
    let later = text.replace("05:50:01", "05:50:02");
    assert_ne!(digest(&text), digest(&later));
    let other = text.replace("5.1.1", "5.2.2");
    assert_ne!(digest(&text), digest(&other));
    let bare = |text: &str| text.replace("Date:", "X:").replace("Message-Id:", "X:");
    assert_ne!(
        digest(&bare(&text)),
        digest(&bare(&text).replace("sorry", "happy"))
    );
}

#[test]
fn dates_in_seconds() {
    assert_eq!(read(sample("qmail").as_bytes()).dated, Some(1_787_550_600));
    assert_eq!(read(b"Date: yesterday\n\n").dated, None);
}

#[test]
fn a_message_as_large_as_may_be_is_read_in_time() {
    // Thirty thousand multiparts whose ends are nowhere: a scanner that looks for each of them to the end would not be done today.
    let part = |n| format!("--x\nContent-Type: multipart/mixed; boundary=y{n}\n\n");
    let parts: Vec<String> = (0..30_000).map(part).collect();
    let many = format!(
        "Content-Type: multipart/mixed; boundary=x\n\n{}",
        parts.concat()
    );
    assert_eq!(read(many.as_bytes()).said, Said::NoBounce);
    let status = "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n";
    let long = format!(
        "Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n{}",
        status.repeat(40_000)
    );
    assert!(matches!(read(long.as_bytes()).said, Said::Failed(_)));
    assert!(read(&vec![b'a'; 3_000_000]).tokens.is_empty());
}

fn line() -> impl Strategy<Value = String> {
    proptest::sample::select(vec![
        "",
        "--x",
        "--x--",
        "--y",
        "Content-Type: multipart/report; boundary=x",
        "Content-Type: multipart/mixed; boundary=\"y\"",
        "Content-Type: message/delivery-status",
        "Content-Type: message/feedback-report",
        "Content-Type: message/rfc822",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "Action: failed",
        "Action: (",
        "Status: 5.1.1",
        "Status: 5.",
        "Diagnostic-Code: smtp; 550 5.1.1 x",
        "Diagnostic-Code: ;",
        "Diagnostic-Code: 550",
        "X-Failed-Recipients: a@b",
        "Hi. This is the qmail-send program",
        "<a@b>:",
        "The following address(es) failed:",
        "  a@b",
        "This message was created automatically by mail delivery software",
        "----- The following addresses had permanent fatal errors -----",
        "----- Transcript of session follows -----",
        "-",
        "=4",
        "YQ",
        "é\u{1F600}",
        "550 é",
        "5501 ",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        _ = read(&bytes);
    }

    #[test]
    fn never_panics_on_what_looks_like_a_bounce(lines in proptest::collection::vec(line(), 0..40), end in prop_oneof![Just("\n"), Just("\r\n")]) {
        let bounce = read(lines.join(end).as_bytes());
        if let Said::Failed(failure) = bounce.said {
            prop_assert!(!failure.to_string().contains('\n'));
        }
    }

    #[test]
    fn never_panics_on_a_sample_cut_and_changed(cut in 0_usize..4_000, at in 0_usize..4_000, byte in any::<u8>()) {
        for name in ["postfix_unknown", "exim_text", "exchange", "qmail"] {
            let mut bytes = sample(name).into_bytes();
            let length = bytes.len();
            bytes[at % length] = byte;
            _ = read(&bytes[..cut % length]);
        }
    }
}
