//! DKIM (RFC 6376, RFC 8463): a signature under the newsroom's domain over every letter's header and body.
//!
//! Both forms are relaxed, for mail systems fold and trim on the way. The body is signed whole: with `l=` anybody could append to it
//! (section 8.2). Fields that must not be added on the way are listed once more than they occur (section 5.4.2). The same letter at the same
//! time gives the same signature, so a letter sent again is the same to the octet.

mod canonical;
mod key;

pub use key::{Key, KeyError, NoKey};

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};

/// Signs letters for one domain.
#[derive(Clone, Debug)]
pub struct Signer {
    domain: String,
    /// Selector and key of each signature.
    keys: Arc<[(String, Key)]>,
    /// Fields that the relay replaces.
    rewritten: Vec<Rewritten>,
}

/// A field that some relays set anew, whatever the letter had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewritten {
    MessageId,
    Date,
}

impl Rewritten {
    /// Reads the field's name, in any letters.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::MessageId, Self::Date]
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(name))
    }

    /// The field's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessageId => "Message-ID",
            Self::Date => "Date",
        }
    }
}

/// A letter could not be signed: the machine's cryptography failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the letter could not be signed")]
pub struct Unsigned;

/// Fields that are listed once more than they occur: one more of them would deceive a reader, or turn one-click unsubscribing off.
const OVERSIGNED: [&str; 13] = [
    "From",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];
/// Fields that are signed where they occur.
const SIGNED: [&str; 7] = [
    "In-Reply-To",
    "References",
    "List-Help",
    "List-Archive",
    "Auto-Submitted",
    "Feedback-ID",
    "CFBL-Address",
];
/// Octets of a line of the field.
const LINE: usize = 76;

impl Signer {
    /// Signs with every one of `keys` for `domain`, which is in A-labels (RFC 8616).
    #[must_use]
    pub fn new(domain: String, keys: Vec<(String, Key)>) -> Self {
        Self {
            domain,
            keys: keys.into(),
            rewritten: Vec::new(),
        }
    }

    /// The same without these fields: neither signed nor oversigned.
    #[must_use]
    pub fn leaving_out(&self, rewritten: &[Rewritten]) -> Self {
        Self {
            rewritten: rewritten.to_vec(),
            ..self.clone()
        }
    }

    /// The domain signed for.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Selector and key of each signature.
    #[must_use]
    pub fn keys(&self) -> &[(String, Key)] {
        &self.keys
    }

    /// The `DKIM-Signature` fields of a letter, to be put before it. `at` is said to be the time of signing.
    pub(super) fn sign(&self, letter: &[u8], at: DateTime<Utc>) -> Result<String, Unsigned> {
        let end = letter
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .ok_or(Unsigned)?;
        let (header, body) = (&letter[..end + 2], &letter[end + 4..]);
        let fields = canonical::fields(header);
        let hash = BASE64.encode(canonical::body_hash(body));
        let (names, signed) = signed(&fields, &self.rewritten);
        let mut signatures = String::new();
        for (selector, key) in self.keys.iter() {
            let field = self.unsealed(key, selector, at, &names, &hash);
            let mut data = signed.clone();
            canonical::field(field.as_bytes(), &mut data);
            let seal = BASE64.encode(key.sign(&data)?);
            signatures.push_str(&field);
            fold(&seal, &mut signatures);
            signatures.push_str("\r\n");
        }
        Ok(signatures)
    }

    /// The field up to `b=`.
    fn unsealed(
        &self,
        key: &Key,
        selector: &str,
        at: DateTime<Utc>,
        names: &[&str],
        hash: &str,
    ) -> String {
        let mut field = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed;\r\n d={}; s={selector}; t={};\r\n h=",
            key.algorithm(),
            self.domain,
            at.timestamp()
        );
        let mut line = 3;
        for (index, name) in names.iter().enumerate() {
            let more = if index + 1 < names.len() { ":" } else { ";" };
            if line + name.len() + 1 > LINE {
                field.push_str("\r\n ");
                line = 1;
            }
            field.push_str(name);
            field.push_str(more);
            line += name.len() + 1;
        }
        field.push_str("\r\n bh=");
        field.push_str(hash);
        field.push_str(";\r\n b=");
        field
    }
}

/// The names to list, and the fields in relaxed form, in that order (section 5.4.2: of several of one name the last first).
fn signed(fields: &[&[u8]], rewritten: &[Rewritten]) -> (Vec<&'static str>, Vec<u8>) {
    let mut names = Vec::new();
    let mut data = Vec::new();
    for (name, over) in OVERSIGNED
        .into_iter()
        .map(|name| (name, true))
        .chain(SIGNED.into_iter().map(|name| (name, false)))
        .filter(|(name, _)| rewritten.iter().all(|one| one.name() != *name))
    {
        let of_name = fields.iter().rev().filter(|field| {
            let colon = field.iter().position(|&b| b == b':').unwrap_or(field.len());
            field[..colon]
                .trim_ascii_end()
                .eq_ignore_ascii_case(name.as_bytes())
        });
        for field in of_name {
            canonical::field(field, &mut data);
            data.extend_from_slice(b"\r\n");
            names.push(name);
        }
        if over {
            names.push(name);
        }
    }
    (names, data)
}

/// Base64 may be broken anywhere (section 3.2: FWS in `b=` is ignored).
fn fold(text: &str, out: &mut String) {
    let mut room = LINE - 3;
    let mut rest = text;
    while rest.len() > room {
        let (line, more) = rest.split_at(room);
        out.push_str(line);
        out.push_str("\r\n ");
        rest = more;
        room = LINE - 1;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &[u8] = b"From: H <d@h.example>\r\nSubject: Ferry\r\n fares\r\nTo: ada@example.org\r\nX-Other: 1\r\n\r\nBody\r\n";

    fn at() -> DateTime<Utc> {
        "2026-08-24T05:45:00Z".parse().unwrap()
    }

    fn signer(keys: Vec<(String, Key)>) -> Signer {
        Signer::new("h.example".into(), keys)
    }

    /// What the key signed, as a verifier puts it together from the letter and the field (section 6.1.3).
    fn verified(signature: &str, letter: &[u8], key: &Key) {
        let field = signature.trim_end_matches("\r\n");
        let (unsealed, seal) = field.rsplit_once(" b=").unwrap();
        let seal = BASE64.decode(seal.replace(['\r', '\n', ' '], "")).unwrap();
        let (_, listed) = unsealed.split_once("\r\n h=").unwrap();
        let (listed, _) = listed.split_once(';').unwrap();
        let header = &letter[..letter
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 2];
        let mut left = canonical::fields(header);
        let mut data = Vec::new();
        for name in listed.replace("\r\n ", "").split(':') {
            let last = left.iter().rposition(|field| {
                let text = String::from_utf8_lossy(field).to_lowercase();
                text.starts_with(&format!("{}:", name.to_lowercase()))
            });
            if let Some(at) = last {
                canonical::field(left.remove(at), &mut data);
                data.extend(b"\r\n");
            }
        }
        canonical::field(format!("{unsealed} b=").as_bytes(), &mut data);
        assert!(key.verifies(&data, &seal), "{signature}");
    }

    #[test]
    fn a_letter_is_signed_once_for_each_key() {
        let keys = vec![
            ("s1".to_owned(), Key::generate_rsa().unwrap()),
            ("e1".to_owned(), Key::generate_ed25519().unwrap()),
        ];
        let signer = signer(keys);
        let signed = signer.sign(LETTER, at()).unwrap();
        assert_eq!(signed, signer.sign(LETTER, at()).unwrap(), "the same again");
        let (rsa, ed25519) = signed.split_at(signed.rfind("DKIM-Signature").unwrap());
        verified(rsa, LETTER, &signer.keys[0].1);
        verified(ed25519, LETTER, &signer.keys[1].1);
        assert!(signed.lines().all(|line| line.len() <= LINE), "{signed}");
        let (unsealed, _) = ed25519.split_once("b=").unwrap();
        insta::assert_snapshot!(unsealed.replace("\r\n", "\n"), @"
        DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
         d=h.example; s=e1; t=1787550300;
         h=From:From:Reply-To:To:To:Cc:Subject:Subject:Date:Message-ID:MIME-Version:
         Content-Type:Content-Transfer-Encoding:List-Id:List-Unsubscribe:
         List-Unsubscribe-Post;
         bh=x/N8/ivRfGMxF56p8/vkrTaHlPadGijHRWz0MB878Wk=;
        ");
    }

    #[test]
    fn a_changed_letter_has_another_signature() {
        let signer = signer(vec![("e1".to_owned(), Key::generate_ed25519().unwrap())]);
        let signed = |letter: &[u8]| signer.sign(letter, at()).unwrap();
        let text = String::from_utf8_lossy(LETTER).into_owned();
        let same = |changed: &str| signed(changed.as_bytes()) == signed(LETTER);
        assert!(!same(&text.replace("Body", "Bodies")));
        assert!(!same(&text.replace("Ferry", "Fish")));
        assert!(!same(&text.replace("To:", "To: bob@example.org\r\nTo:")));
        assert!(same(&text.replace("X-Other: 1", "X-Other: 2")));
        assert!(same(
            &text
                .replace("Body", "Body  ")
                .replace("Ferry\r\n fares", "Ferry fares")
        ));
        assert!(signer.sign(b"no header", at()).is_err());
    }
}
