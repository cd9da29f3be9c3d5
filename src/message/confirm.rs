//! The letter with which a sign-up is confirmed. It is no part of a list yet, so it has no List fields, and nobody can leave by it.
//! Nothing that was typed into the form stands in it but the address: it goes to people who may never have seen the form.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::body::Part;
use super::header::Field;
use super::{Signer, Unsigned, token};
use crate::address::Address;
use crate::delivery::Letter;
use crate::newsletter::Newsletter;
use crate::pages::Pages;

/// Writes it. `secret` is what only her link holds: Message-ID and boundary are hashes of it, so that the letter is the same when it is
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
        Field::new("From")
            .mailbox(from.name.as_ref(), &from.address)
            .end(),
        Field::new("To").mailbox(None, to).end(),
        Field::new("Subject").text(pages.subject.as_str()).end(),
        Field::new("Date").text(&written.to_string()).end(),
        Field::new("Message-ID")
            .token(&format!("<{message_id}>"))
            .end(),
    ]
    .concat();
    if let Some(reply_to) = &newsletter.reply_to {
        text += &Field::new("Reply-To")
            .mailbox(reply_to.name.as_ref(), &reply_to.address)
            .end();
    }
    // RFC 3834 section 5
    text += "Auto-Submitted: auto-replied\r\n";
    text += &format!(
        "MIME-Version: 1.0\r\nContent-Language: {}\r\nContent-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n\r\n",
        newsletter.language.tag()
    );
    let mut bytes = text.into_bytes();
    for (kind, page) in [("plain", &pages.text), ("html", &pages.html)] {
        let part = Part::new(page);
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
