//! The letter with which a sign-up is confirmed. It is no part of a list yet, so it has no List fields, and nobody can leave by it.
//! Nothing that was typed into the form is in it but the address: it goes to people who may never have seen the form.

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::body::EncodedPart;
use super::header::HeaderField;
use super::{Signer, Unsigned, token};
use crate::model::address::Address;
use crate::model::delivery::Letter;
use crate::model::newsletter::Newsletter;
use crate::model::pages::Pages;

/// Writes it. `secret` is what only the reader's link holds: Message-ID and boundary are hashes of it, so that the letter is the same when it is
/// sent again. `date` is that of the sign-up.
///
/// # Errors
/// It could not be signed.
pub fn confirmation(
    newsletter: &Newsletter,
    pages: &Pages,
    secret: &str,
    to: &Address,
    date: DateTime<Utc>,
    signer: Option<&Arc<Signer>>,
) -> Result<Letter, Unsigned> {
    let from = &newsletter.from;
    let message_id = format!(
        "{}@{}",
        token(&[secret.as_bytes(), b"message"]),
        from.address.domain()
    );
    let boundary = format!("=_{}", token(&[secret.as_bytes(), b"boundary"]));
    let written = newsletter.zone.at(date).format("%a, %-d %b %Y %H:%M:%S %z");
    let mut text = [
        HeaderField::new("From")
            .mailbox(from.name.as_ref(), &from.address)
            .end(),
        HeaderField::new("To").mailbox(None, to).end(),
        HeaderField::new("Subject")
            .text(pages.subject.as_str())
            .end(),
        HeaderField::new("Date").text(&written.to_string()).end(),
        HeaderField::new("Message-ID")
            .token(&format!("<{message_id}>"))
            .end(),
    ]
    .concat();
    if let Some(reply_to) = &newsletter.reply_to {
        text += &HeaderField::new("Reply-To")
            .mailbox(reply_to.name.as_ref(), &reply_to.address)
            .end();
    }
    // RFC 3834 section 5
    text += "Auto-Submitted: auto-replied\r\n";
    text += &super::extra(newsletter);
    _ = write!(
        text,
        "MIME-Version: 1.0\r\nContent-Language: {}\r\nContent-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n\r\n",
        newsletter.language.tag()
    );
    let mut bytes = text.into_bytes();
    for (kind, page) in [("plain", &pages.text), ("html", &pages.html)] {
        let part = EncodedPart::new(page);
        let head = format!(
            "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n",
            part.encoding()
        );
        bytes.extend_from_slice(head.as_bytes());
        part.fill(|_| "", &mut bytes);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    if let Some(signer) = signer {
        let signatures = signer.sign(&bytes, date)?;
        bytes.splice(..0, signatures.into_bytes());
    }
    Ok(Letter {
        from: from.address.clone(),
        to: to.clone(),
        message_id,
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;

    use super::*;
    use crate::model::line::Line;
    use crate::model::newsletter::Language;
    use crate::model::pages::Slotted;

    #[test]
    fn it_is_plain_mail_and_the_same_again() {
        let newsletter = Newsletter {
            id: "harbour".into(),
            name: Line::clean("Harbour in your inbox"),
            from: crate::model::address::Mailbox::parse("Hafen Köln <digest@harbour.example>")
                .unwrap(),
            reply_to: crate::model::address::Mailbox::parse("desk@harbour.example").ok(),
            site: crate::model::link::Link::parse("https://harbour.example/").unwrap(),
            address: Line::clean("1 Quay Street"),
            unsubscribe: None,
            language: Language::english(),
            zone: crate::model::zone::Zone::utc(),
            link_query: None,
            public: None,
            bounces: None,
            is_complaint_address_told: false,
            headers: Vec::new(),
        };
        let pages = Pages {
            subject: Line::clean("Bestätigen"),
            opening: Line::clean(""),
            html: Slotted::cut("<p>Grüße</p>"),
            text: Slotted::cut("Grüße\n"),
        };
        let to = Address::parse("ada@example.org").unwrap();
        let date = "2026-11-24T05:00:00Z".parse().unwrap();
        let write = |secret| confirmation(&newsletter, &pages, secret, &to, date, None).unwrap();
        let letter = write("abc");
        assert_eq!(letter.bytes, write("abc").bytes);
        assert_ne!(letter.message_id, write("abd").message_id);
        assert!(letter.bytes.is_ascii() && !letter.message_id.contains("abc"));
        let text = String::from_utf8_lossy(&letter.bytes);
        assert!(
            text.lines().all(|line| line.len() <= 78) && !text.contains("List-"),
            "{text}"
        );
        let read = MessageParser::default().parse(&letter.bytes).unwrap();
        assert_eq!(read.subject(), Some("Bestätigen"));
        assert_eq!(read.body_text(0).unwrap().trim_end(), "Grüße");
        assert_eq!(read.body_html(0).unwrap().trim_end(), "<p>Grüße</p>");
    }
}
