//! Letters as they leave, read again by another program's parser.

use super::*;
use crate::model::address::Mailbox;
use crate::model::link::Link;
use crate::model::newsletter::Language;
use crate::model::pages::Slotted;
use crate::model::public::Public;
use crate::model::token::{Purpose, Token};
use crate::model::zone::Zone;
use mail_parser::{MessageParser, MimeHeaders as _};
use proptest::prelude::*;

const KEY: RunKey = RunKey(*b"0123456789abcdef");

fn newsletter() -> Newsletter {
    Newsletter {
        id: "harbour".into(),
        name: Line::clean("Harbour in your inbox"),
        from: Mailbox::parse("The Harbour Times <digest@harbourtimes.example>").unwrap(),
        reply_to: Some(Mailbox::parse("newsroom@harbourtimes.example").unwrap()),
        site: Link::parse("https://harbourtimes.example/").unwrap(),
        address: Line::clean("1 Quay Street, Port Ellery"),
        unsubscribe: Some(
            Unsubscribe::parse("https://harbourtimes.example/leave?a=1&b=2").unwrap(),
        ),
        language: Language::parse("en-GB").unwrap(),
        zone: Zone::bundled("Europe/Lisbon").unwrap(),
        link_query: None,
        public: None,
        bounces: None,
        is_complaint_address_told: false,
        headers: Vec::new(),
    }
}

fn pages(subject: &str, text: &str) -> Pages {
    let slot = crate::model::pages::Slot::Unsubscribe.marker();
    Pages {
        subject: Line::clean(subject),
        opening: Line::clean("An opening"),
        html: Slotted::cut(&format!(
            "<p>{text}</p><a href=\"{slot}\">Unsubscribe</a>\n"
        )),
        text: Slotted::cut(&format!("{text}\n\nUnsubscribe:\n{slot}\n")),
    }
}

fn press(newsletter: &Newsletter, pages: &Pages, kind: LetterKind) -> LetterTemplate {
    let slug = "2026-08-24".parse().unwrap();
    let date = "2026-08-24T05:45:00Z".parse().unwrap();
    LetterTemplate::new(newsletter, &slug, pages, &KEY, date, kind)
}

fn ada(press: &LetterTemplate) -> Letter {
    let ada = Address::parse("ada@example.org").unwrap();
    press.letter(7, &ada, Some(&Line::clean("Ada"))).unwrap()
}

fn source(letter: &Letter) -> String {
    String::from_utf8(letter.bytes.clone())
        .unwrap()
        .replace('\r', "")
}

#[test]
fn a_letter() {
    let letter = ada(&press(
        &newsletter(),
        &pages("Ferry fares", "Good morning."),
        LetterKind::Edition,
    ));
    assert_eq!(letter.from.reveal(), "digest@harbourtimes.example");
    insta::assert_snapshot!(source(&letter), @r#"
    From: The Harbour Times <digest@harbourtimes.example>
    Subject: Ferry fares
    Date: Mon, 24 Aug 2026 06:45:00 +0100
    Reply-To: newsroom@harbourtimes.example
    List-Id: Harbour in your inbox <harbour.harbourtimes.example>
    List-Unsubscribe: <https://harbourtimes.example/leave?a=1&b=2>
    List-Help: <mailto:newsroom@harbourtimes.example>
    Precedence: bulk
    Auto-Submitted: auto-generated
    Feedback-ID: 2026-08-24:edition:digest:harbour
    To: Ada <ada@example.org>
    Message-ID: <upwlqr5cwoqjow5r4e5ncb3f@harbourtimes.example>
    MIME-Version: 1.0
    Content-Language: en-GB
    Content-Type: multipart/alternative;
     boundary="=_y5o3iquokab24zjzjv6e4alu"

    --=_y5o3iquokab24zjzjv6e4alu
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: quoted-printable

    Good morning.

    Unsubscribe:
    https://harbourtimes.example/leave?a=3D1&b=3D2=


    --=_y5o3iquokab24zjzjv6e4alu
    Content-Type: text/html; charset=utf-8
    Content-Transfer-Encoding: quoted-printable

    <p>Good morning.</p><a href=3D"=
    https://harbourtimes.example/leave?a=3D1&amp;b=3D2=
    ">Unsubscribe</a>

    --=_y5o3iquokab24zjzjv6e4alu--
    "#);
}

/// RFC 8058: the pair of fields as it must be, never folded, a link of the reader's own, and an envelope sender that names them.
#[test]
fn one_click() {
    let newsletter = Newsletter {
        public: Some(Public::parse("https://news.harbourtimes.example/in-your-inbox").unwrap()),
        bounces: Some("bounce.harbourtimes.example".to_owned()),
        is_complaint_address_told: true,
        ..newsletter()
    };
    let pages = pages("Ferry fares", "Good morning.");
    let keys = Arc::new(Keys::parse(&Keys::file(&[7; 32])).unwrap());
    let sealed = |kind| press(&newsletter, &pages, kind).sealed(&newsletter, Some(&keys), 3);
    let letter = ada(&sealed(LetterKind::Edition));
    let source = source(&letter);
    let link = source
        .lines()
        .find_map(|line| line.strip_prefix("List-Unsubscribe: <"))
        .unwrap()
        .trim_end_matches('>');
    assert!(source.contains("\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"));
    assert!(
        source.contains(
            "\nList-Archive: <https://news.harbourtimes.example/in-your-inbox/editions>\n"
        )
    );
    let token = link
        .strip_prefix("https://news.harbourtimes.example/in-your-inbox/leave/")
        .unwrap();
    let leave = Token {
        purpose: Purpose::Leave,
        number: 7,
        run: 0,
    };
    assert_eq!(keys.open("harbour", token), Some(leave));
    let mail = MessageParser::default().parse(&letter.bytes).unwrap();
    assert!(mail.body_text(0).unwrap().contains(link) && mail.body_html(0).unwrap().contains(link));
    let verp = letter.from.local().strip_prefix(BOUNCES).unwrap();
    assert_eq!(letter.from.domain(), "bounce.harbourtimes.example");
    let bounce = Token {
        purpose: Purpose::Bounce,
        number: 7,
        run: 3,
    };
    assert_eq!(keys.open("harbour", verp), Some(bounce));
    assert!(letter.from.local().len() <= 64);

    let proof = ada(&sealed(LetterKind::Proof));
    assert_eq!(proof.from, newsletter.from.address);
    assert!(
        !String::from_utf8(proof.bytes)
            .unwrap()
            .contains("List-Unsubscribe")
    );
}

/// RFC 9477: complaints have an address of their own in each letter, which the signature covers; no proof has one, nor a letter of a run that was frozen without it.
#[test]
fn where_complaints_go() {
    let newsletter = Newsletter {
        bounces: Some("bounce.harbourtimes.example".to_owned()),
        is_complaint_address_told: true,
        ..newsletter()
    };
    let keys = Arc::new(Keys::parse(&Keys::file(&[7; 32])).unwrap());
    let key = Key::generate_ed25519().unwrap();
    let signer = Signer::new("harbourtimes.example".into(), vec![("e1".to_owned(), key)]);
    let signer = Arc::new(signer);
    let letter = |newsletter: &Newsletter, kind| {
        let press = press(newsletter, &pages("Ferry fares", "Good morning."), kind);
        let press = press.sealed(newsletter, Some(&keys), 3);
        ada(&press.signed(Some(&signer)))
    };
    let field = |letter: &Letter| {
        let source = source(letter).replace("\n ", " ");
        let mut lines = source.lines();
        let field = lines.find_map(|line| line.strip_prefix("CFBL-Address: ").map(str::to_owned));
        let mut signatures = source.lines();
        let signature = signatures.find(|line| line.starts_with("DKIM-Signature: "));
        let names = signature.unwrap().replace(' ', "");
        let is_signed = names.split([':', ';']).any(|name| name == "CFBL-Address");
        (field, is_signed)
    };
    let edition = letter(&newsletter, LetterKind::Edition);
    let told = format!("{}; report=arf", edition.from.reveal());
    assert_eq!(edition.from.domain(), "bounce.harbourtimes.example");
    assert_eq!(field(&edition), (Some(told), true));
    assert_eq!(
        field(&letter(&newsletter, LetterKind::Proof)),
        (None, false)
    );
    let older = Newsletter {
        is_complaint_address_told: false,
        ..newsletter
    };
    assert_eq!(field(&letter(&older, LetterKind::Edition)), (None, false));
}

#[test]
fn a_proof_unsubscribes_nobody() {
    let newsletter = newsletter();
    let pages = pages("Ferry fares", "Good morning.");
    let proof = ada(&press(&newsletter, &pages, LetterKind::Proof));
    let source = source(&proof);
    assert!(source.contains("Subject: [Proof] Ferry fares\n"));
    assert!(!source.contains("List-Unsubscribe"));
    assert!(source.contains("\nhttps://harbourtimes.example/#unsubscribe=\n"));
    assert_ne!(
        proof.message_id,
        ada(&press(&newsletter, &pages, LetterKind::Edition)).message_id
    );
}

#[test]
fn the_same_letter_again_and_another_for_another_reader() {
    let press = press(&newsletter(), &pages("Ferry", "Fares"), LetterKind::Edition);
    assert_eq!(ada(&press).bytes, ada(&press).bytes);
    let bob = press
        .letter(8, &Address::parse("bob@example.org").unwrap(), None)
        .unwrap();
    assert_ne!(ada(&press).message_id, bob.message_id);
    assert!(press.size() < bob.bytes.len() && bob.bytes.len() < press.size() + 400);
}

#[test]
fn feedback_names_are_long_enough_and_short_enough() {
    let slug = "2026-08-24b".parse().unwrap();
    for (id, expected) in [
        ("ft", "2026-08-24b:proof:digest:ft-news"),
        (
            "the-harbour-times-morning",
            "2026-08-24b:proof:digest:the-harbour-tim",
        ),
    ] {
        assert_eq!(feedback_id(id, &slug, LetterKind::Proof), expected);
    }
}

#[test]
fn an_address_beyond_ascii_stands_as_it_is() {
    let press = press(&newsletter(), &pages("Ferry", "Fares"), LetterKind::Edition);
    let letter = press
        .letter(9, &Address::parse("zoë@bücher.example").unwrap(), None)
        .unwrap();
    assert!(source(&letter).contains("\nTo: zoë@xn--bcher-kva.example\n"));
}

proptest! {
    #[test]
    fn a_letter_comes_back(
        subject in "\\PC{1,200}", name in "\\PC{0,100}", from in "\\PC{0,100}", text in "([a-zA-Z .\n]|\\PC){0,400}",
    ) {
        let mut newsletter = newsletter();
        newsletter.from.name = Line::non_empty(&from);
        newsletter.name = Line::clean(&format!("x{from}"));
        let pages = pages(&subject, &text);
        let press = press(&newsletter, &pages, LetterKind::Edition);
        let name = Line::clean(&name);
        let letter = press.letter(1, &Address::parse("ada@example.org").unwrap(), Some(&name)).unwrap();

        prop_assert!(letter.bytes.is_ascii());
        let source = std::str::from_utf8(&letter.bytes).unwrap();
        for line in source.split("\r\n") {
            prop_assert!(line.len() <= 76 && !line.contains(['\r', '\n']), "{}", line);
        }
        let mail = MessageParser::default().parse(&letter.bytes).unwrap();
        let fields: Vec<_> = mail.headers().iter().map(|field| field.name().to_owned()).collect();
        prop_assert_eq!(fields.join(" "), "From Subject Date Reply-To List-ID List-Unsubscribe List-Help Precedence \
            Auto-Submitted Feedback-ID To Message-ID MIME-Version Content-Language Content-Type");
        prop_assert_eq!(mail.subject().unwrap_or_default(), pages.subject.as_str());
        let sender = mail.from().and_then(|from| from.first()).unwrap();
        prop_assert_eq!(sender.name(), newsletter.from.name.as_ref().map(Line::as_str));
        prop_assert_eq!(mail.message_id(), Some(letter.message_id.as_str()));
        let fill = |page: &Slotted, uri: &str| page.fill(|_| uri.to_owned()).replace('\n', "\r\n");
        let leave = "https://harbourtimes.example/leave?a=1&b=2";
        prop_assert_eq!(mail.parts.len(), 3);
        prop_assert!(mail.parts[1].is_content_type("text", "plain") && mail.parts[2].is_content_type("text", "html"));
        prop_assert_eq!(mail.parts[1].text_contents().unwrap_or_default(), fill(&pages.text, leave));
        prop_assert_eq!(mail.parts[2].text_contents().unwrap_or_default(), fill(&pages.html, &escape_html(leave)));
    }
}
