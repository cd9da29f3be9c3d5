//! What is said for a letter: MAIL and RCPT with what the relay offers, and the content with its final dot. Pure.

use std::fmt::Write as _;

use crate::model::delivery::{Letter, Reply, Verdict};

use super::super::error::{Cause, Stage};
use super::offer::Offer;

/// The envelope of one letter, ready to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commands {
    pub(super) mail: String,
    pub(super) rcpt: String,
}

/// Why a letter is not even offered to this relay.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Its recipient cannot be named here.
    Recipient(Verdict),
    /// The same would be true of every letter of ours.
    Us(Cause),
}

impl Commands {
    pub(super) fn of(letter: &Letter, offer: &Offer) -> Result<Self, Unfit> {
        let size = letter.bytes.len() as u64;
        if let Some(limit) = offer.size.filter(|&limit| size > limit) {
            return Err(Unfit::Us(Cause::TooLarge { size, limit }));
        }
        // Our own address may be in the header alone, when bounces come back to another one (RFC 6531 section 3.1).
        let beyond_ascii =
            letter.from.needs_smtputf8() || letter.to.needs_smtputf8() || !letter.bytes.is_ascii();
        if beyond_ascii && !offer.smtputf8 {
            return Err(
                if letter.to.needs_smtputf8() && !letter.from.needs_smtputf8() {
                    // RFC 6531 section 3.5
                    let why = "5.6.7 the address needs SMTPUTF8, which the relay does not offer";
                    Unfit::Recipient(Verdict::Rejected(Reply::new(553, why)))
                } else {
                    Unfit::Us(Cause::NoSmtpUtf8)
                },
            );
        }
        let mut mail = format!("MAIL FROM:<{}>", letter.from.reveal());
        let mut rcpt = format!("RCPT TO:<{}>", letter.to.reveal());
        // Writing to a String cannot fail.
        if offer.size.is_some() {
            _ = write!(mail, " SIZE={size}");
        }
        if beyond_ascii {
            mail.push_str(" BODY=8BITMIME SMTPUTF8");
        }
        if offer.dsn {
            // A report need not bring the letter back; its Message-ID says which it was. `ENVID` holds 100 octets (RFC 3461 section 4.4).
            mail.push_str(" RET=HDRS");
            let id = xtext(&letter.message_id);
            if id.len() <= 100 {
                _ = write!(mail, " ENVID={id}");
            }
            rcpt.push_str(" NOTIFY=FAILURE");
            // An address beyond ASCII would need another form (RFC 6533), which relays hardly know.
            if !letter.to.needs_smtputf8() {
                _ = write!(rcpt, " ORCPT=rfc822;{}", xtext(letter.to.reveal()));
            }
        }
        mail.push_str("\r\n");
        rcpt.push_str("\r\n");
        Ok(Self { mail, rcpt })
    }

    /// What is said at which step, DATA last: it is the command that must end a turn (RFC 2920 section 3.1).
    pub(super) fn steps(&self) -> [(Stage, &str); 3] {
        [
            (Stage::Sender, &self.mail),
            (Stage::Recipient, &self.rcpt),
            (Stage::Data, "DATA\r\n"),
        ]
    }
}

/// Printable ASCII but `+` and `=` as it is, all else as `+` and two hexadecimal digits (RFC 3461 section 4).
fn xtext(text: &str) -> String {
    let mut coded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'+' && byte != b'=' {
            coded.push(char::from(byte));
        } else {
            _ = write!(coded, "+{byte:02X}");
        }
    }
    coded
}

/// The letter as it goes over the wire: dots at a line's beginning doubled, the final dot behind it (RFC 5321 section 4.5.2).
pub(super) fn dotted(letter: &[u8]) -> Vec<u8> {
    let mut content = Vec::with_capacity(letter.len() + 1_024);
    for line in letter.split_inclusive(|&octet| octet == b'\n') {
        if line.starts_with(b".") {
            content.push(b'.');
        }
        content.extend_from_slice(line);
    }
    if !content.ends_with(b"\r\n") {
        content.extend_from_slice(b"\r\n");
    }
    content.extend_from_slice(b".\r\n");
    content
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Address;

    fn letter(from: &str, to: &str) -> Letter {
        Letter {
            from: Address::parse(from).unwrap(),
            to: Address::parse(to).unwrap(),
            message_id: "a+1@harbour.example".into(),
            bytes: b"Subject: x\r\n\r\n.\r\n".to_vec(),
        }
    }

    const ALL: Offer = Offer {
        starttls: false,
        login: None,
        pipelining: true,
        size: Some(17),
        dsn: true,
        smtputf8: true,
    };

    const ALL_BUT_SIZE: Offer = Offer { size: None, ..ALL };

    fn said(to: &str, offer: &Offer) -> String {
        match Commands::of(&letter("digest@harbour.example", to), offer) {
            Ok(commands) => format!("{}{}", commands.mail, commands.rcpt),
            Err(unfit) => format!("{unfit:?}"),
        }
    }

    #[test]
    fn only_what_is_offered() {
        insta::assert_snapshot!(said("ada+x=y@example.org", &Offer::default()), @r"
        MAIL FROM:<digest@harbour.example>
        RCPT TO:<ada+x=y@example.org>
        ");
        insta::assert_snapshot!(said("ada+x=y@example.org", &ALL), @r"
        MAIL FROM:<digest@harbour.example> SIZE=17 RET=HDRS ENVID=a+2B1@harbour.example
        RCPT TO:<ada+x=y@example.org> NOTIFY=FAILURE ORCPT=rfc822;ada+2Bx+3Dy@example.org
        ");
        insta::assert_snapshot!(said("zoë@example.org", &ALL), @r"
        MAIL FROM:<digest@harbour.example> SIZE=17 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2B1@harbour.example
        RCPT TO:<zoë@example.org> NOTIFY=FAILURE
        ");
    }

    #[test]
    fn a_letter_that_the_relay_cannot_take() {
        let plain = Offer::default();
        insta::assert_snapshot!(said("zoë@example.org", &plain), @"Recipient(Rejected(553 5.6.7 the address needs SMTPUTF8, which the relay does not offer))");
        let ours = letter("zoë@harbour.example", "ada@example.org");
        assert_eq!(
            Commands::of(&ours, &plain),
            Err(Unfit::Us(Cause::NoSmtpUtf8))
        );
        // Bounces go elsewhere, but our address in the header needs it all the same.
        let mut header = letter("b+token@bounce.harbour.example", "ada@example.org");
        header
            .bytes
            .extend_from_slice("From: zoë@harbour.example".as_bytes());
        assert_eq!(
            Commands::of(&header, &plain),
            Err(Unfit::Us(Cause::NoSmtpUtf8))
        );
        let mail = Commands::of(&header, &ALL_BUT_SIZE).unwrap().mail;
        assert!(mail.contains(" BODY=8BITMIME SMTPUTF8"), "{mail}");
        let small = Offer {
            size: Some(16),
            ..ALL
        };
        insta::assert_snapshot!(said("ada@example.org", &small), @"Us(TooLarge { size: 17, limit: 16 })");
    }
}
