//! The letter: an edition's pages become the bytes of one message per reader (RFC 5322, RFC 2045).
//! It never touches a socket, a clock or dice, and only a signature can fail.
//!
//! # What a letter is
//! `multipart/alternative`, plain text first, HTML last (RFC 2046 section 5.1.4), ASCII only, each part quoted-printable or base64,
//! whichever is shorter. Body lines hold at most 76 octets, header lines at most 76 but for a URI, address or Message-ID that is
//! longer by itself. One exception to ASCII: an address that only an SMTPUTF8 relay takes is in `To` as it is (RFC 6532).
//!
//! # The same again
//! Every byte follows from the arguments: the same run key, reader and date give the same letter, so what is sent again after a crash
//! has the same Message-ID, and a mailbox that has it already can tell. Message-ID and boundary are hashes of the run key; the
//! boundary begins with `=_`, which neither encoding can produce.
//!
//! # Leaving
//! The slot [`Slot::Unsubscribe`](crate::model::pages::Slot::Unsubscribe) gets the newsletter's URI; in the HTML part `&` and its like are escaped. In a proof, and where a
//! newsletter has no such URI (a rehearsal), it gets the front page with `#unsubscribe`, and there is no List-Unsubscribe field. Where
//! `[public]` is set, each letter has a link of its own, offers one-click (RFC 8058), and leads to the reader's preferences
//! (`Slot::Preferences`); in a proof that is the front page with `#preferences`.

mod body;
mod confirm;
mod header;
mod sign;
mod tokens;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};

use crate::model::address::Address;
use crate::model::delivery::Letter;
use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::model::newsletter::{Newsletter, Unsubscribe};
use crate::model::pages::Pages;
use crate::model::token::{Keys, base32};

pub use confirm::confirmation;
pub use sign::{Key, KeyError, NoKey, Rewritten, Signer, Unsigned};
pub use tokens::BOUNCES;

use body::EncodedPart;
use header::HeaderField;
use tokens::{Links, ReaderTokens};

/// Sixteen random octets that a run is given when it is frozen; they set its letters apart from every other run's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RunKey(pub [u8; 16]);

/// For whom the letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// For a subscriber.
    Edition,
    /// For a colleague: `[Proof] ` before the subject, and nobody can unsubscribe with it.
    Proof,
}

/// An edition's letter as fixed pieces, encoded once; per reader they are only copied and the few open places filled.
pub struct LetterTemplate {
    from: Address,
    key: RunKey,
    kind: LetterKind,
    /// The fields that are the same for all, but for those of MIME.
    fields: String,
    /// MIME's fields and what comes before the text part.
    before_text: String,
    text: EncodedPart,
    before_html: String,
    html: EncodedPart,
    after: String,
    /// What every reader gets, where there are no links for each.
    links: Links,
    tokens: Option<ReaderTokens>,
    /// The run whose letters it answers, and the domain of their Message-IDs.
    answers: Option<(RunKey, String)>,
    /// When it says it was written, and who signs it.
    date: DateTime<Utc>,
    signer: Option<Arc<Signer>>,
}

impl LetterTemplate {
    /// Sets an edition. `key` is the run's, `date` the time of its freeze: both stay the same when a letter is sent again.
    #[must_use]
    pub fn new(
        newsletter: &Newsletter,
        slug: &Slug,
        pages: &Pages,
        key: &RunKey,
        date: DateTime<Utc>,
        kind: LetterKind,
    ) -> Self {
        let from = &newsletter.from.address;
        let leave = newsletter
            .unsubscribe
            .as_ref()
            .filter(|_| kind == LetterKind::Edition && newsletter.public.is_none())
            .map(Unsubscribe::uri);
        let boundary = format!("=_{}", token(&[&key.0, b"boundary"]));
        let text = EncodedPart::new(&pages.text);
        let html = EncodedPart::new(&pages.html);
        let part = |kind: &str, part: &EncodedPart| {
            format!(
                "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n",
                part.encoding()
            )
        };
        let inert = |fragment| {
            let mut front = newsletter.site.url().clone();
            front.set_fragment(Some(fragment));
            front.to_string()
        };
        let fields = fields(newsletter, slug, pages, date, kind, leave.as_deref());
        let links = Links {
            leave: leave.unwrap_or_else(|| inert("unsubscribe")),
            preferences: inert("preferences"),
        };
        Self {
            from: from.clone(),
            key: *key,
            kind,
            fields,
            before_text: format!(
                "MIME-Version: 1.0\r\nContent-Language: {}\r\n\
                 Content-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n\r\n{}",
                newsletter.language.tag(),
                part("plain", &text)
            ),
            text,
            before_html: format!("\r\n{}", part("html", &html)),
            html,
            after: format!("\r\n--{boundary}--\r\n"),
            links,
            tokens: None,
            answers: None,
            date,
            signer: None,
        }
    }

    /// The same, every letter signed.
    #[must_use]
    pub fn signed(self, signer: Option<&Arc<Signer>>) -> Self {
        Self {
            signer: signer.cloned(),
            ..self
        }
    }

    /// The same, every letter an answer to its reader's letter of that run, which came from that domain (RFC 5322 section 3.6.4).
    #[must_use]
    pub fn answering(self, run: Option<(RunKey, String)>) -> Self {
        Self {
            answers: run,
            ..self
        }
    }

    /// The same, every letter of that run with links and a bounce address of its own, as far as the newsletter has them.
    #[must_use]
    pub fn sealed(self, newsletter: &Newsletter, keys: Option<&Arc<Keys>>, run: u64) -> Self {
        let keys = keys.filter(|_| self.kind == LetterKind::Edition);
        let tokens = keys.map(|keys| ReaderTokens {
            keys: Arc::clone(keys),
            newsletter: newsletter.id.clone(),
            public: newsletter.public.clone(),
            bounces: newsletter.bounces.clone(),
            is_complaint_address_told: newsletter.is_complaint_address_told,
            run,
        });
        Self { tokens, ..self }
    }

    /// The letter for one reader; `reader` is their number in the ledger.
    ///
    /// # Errors
    /// It could not be signed.
    pub fn letter(
        &self,
        reader: u64,
        to: &Address,
        name: Option<&Line>,
    ) -> Result<Letter, Unsigned> {
        let id = match self.kind {
            LetterKind::Edition => letter_id(&self.key, reader),
            LetterKind::Proof => token(&[&self.key.0, &reader.to_be_bytes(), b"proof"]),
        };
        let message_id = format!("{id}@{}", self.from.domain());
        let links = self.links(reader);
        let leave = &links.leave;
        let html_links = links.in_html();
        // Room for what is filled in, so that the letter is never moved while it grows.
        let mut bytes = Vec::with_capacity(self.size() + 1_024 + 16 * html_links.leave.len());
        bytes.extend_from_slice(self.fields.as_bytes());
        let own = [
            HeaderField::new("To").mailbox(name, to).end(),
            HeaderField::new("Message-ID")
                .token(&format!("<{message_id}>"))
                .end(),
        ];
        for field in own {
            bytes.extend_from_slice(field.as_bytes());
        }
        if let Some((run, domain)) = &self.answers {
            let answered = format!("<{}@{domain}>", letter_id(run, reader));
            for name in ["In-Reply-To", "References"] {
                let field = HeaderField::new(name).token(&answered).end();
                bytes.extend_from_slice(field.as_bytes());
            }
        }
        if let Some(public) = self
            .tokens
            .as_ref()
            .and_then(|tokens| tokens.public.as_ref())
        {
            let link = HeaderField::new("List-Unsubscribe").token(&format!("<{leave}>"));
            bytes.extend_from_slice(link.end().as_bytes());
            // RFC 8058 section 3.1, to the letter; section 4 wants both signed.
            if public.is_secure() {
                bytes.extend_from_slice(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
            }
        }
        let tokens = self.tokens.as_ref();
        let sender = tokens.and_then(|tokens| tokens.sender(reader));
        // RFC 9477; it wants the field signed.
        if let Some(sender) = &sender
            && tokens.is_some_and(|tokens| tokens.is_complaint_address_told)
        {
            let field = HeaderField::new("CFBL-Address").token(&format!("{};", sender.reveal()));
            bytes.extend_from_slice(field.token("report=arf").end().as_bytes());
        }
        bytes.extend_from_slice(self.before_text.as_bytes());
        self.text.fill(|slot| links.get(slot), &mut bytes);
        bytes.extend_from_slice(self.before_html.as_bytes());
        self.html.fill(|slot| html_links.get(slot), &mut bytes);
        bytes.extend_from_slice(self.after.as_bytes());
        if let Some(signer) = &self.signer {
            let signatures = signer.sign(&bytes, self.date)?;
            bytes.splice(..0, signatures.into_bytes());
        }
        Ok(Letter {
            from: sender.unwrap_or_else(|| self.from.clone()),
            to: to.clone(),
            message_id,
            bytes,
        })
    }

    /// The HTML page as a letter of this press carries it, before transfer encoding: for those who look at it elsewhere.
    #[must_use]
    pub fn html(&self, pages: &Pages) -> String {
        let links = self.links(0).in_html();
        pages.html.fill(|slot| links.get(slot).to_owned())
    }

    /// The plain text, in the same way.
    #[must_use]
    pub fn text(&self, pages: &Pages) -> String {
        let links = self.links(0);
        pages.text.fill(|slot| links.get(slot).to_owned())
    }

    /// What fills that reader's slots; number 0 is nobody.
    fn links(&self, reader: u64) -> Links {
        let own = self.tokens.as_ref().and_then(|tokens| tokens.links(reader));
        own.unwrap_or_else(|| self.links.clone())
    }

    /// Octets of a letter, but for what differs from reader to reader (a few hundred).
    #[must_use]
    pub fn size(&self) -> usize {
        [
            &self.fields,
            &self.before_text,
            &self.before_html,
            &self.after,
        ]
        .iter()
        .map(|piece| piece.len())
        .sum::<usize>()
            + self.text.len()
            + self.html.len()
    }
}

/// The header fields that are the same for every reader.
fn fields(
    newsletter: &Newsletter,
    slug: &Slug,
    pages: &Pages,
    date: DateTime<Utc>,
    kind: LetterKind,
    leave: Option<&str>,
) -> String {
    let from = &newsletter.from;
    let answers = newsletter.reply_to.as_ref().unwrap_or(from);
    let subject = match kind {
        LetterKind::Edition => pages.subject.as_str().to_owned(),
        LetterKind::Proof => format!("[Proof] {}", pages.subject),
    };
    let date = newsletter
        .zone
        .at(date)
        .format("%a, %-d %b %Y %H:%M:%S %z")
        .to_string();
    let mut fields = HeaderField::new("From")
        .mailbox(from.name.as_ref(), &from.address)
        .end();
    fields += &HeaderField::new("Subject").text(subject.trim_end()).end();
    fields += &HeaderField::new("Date").text(&date).end();
    if let Some(reply_to) = &newsletter.reply_to {
        fields += &HeaderField::new("Reply-To")
            .mailbox(reply_to.name.as_ref(), &reply_to.address)
            .end();
    }
    // RFC 2919
    fields += &HeaderField::new("List-Id")
        .phrase(newsletter.name.as_str())
        .token(&format!("<{}.{}>", newsletter.id, from.address.domain()))
        .end();
    // RFC 2369; each reader's letter has a link of its own.
    if let Some(leave) = leave {
        fields += &HeaderField::new("List-Unsubscribe")
            .token(&format!("<{leave}>"))
            .end();
    }
    if let Some(public) = newsletter
        .public
        .as_ref()
        .filter(|public| public.archive && kind == LetterKind::Edition)
    {
        fields += &HeaderField::new("List-Archive")
            .token(&format!("<{}>", public.editions()))
            .end();
    }
    let help = Unsubscribe::Mail(answers.address.clone()).uri();
    fields += &HeaderField::new("List-Help")
        .token(&format!("<{help}>"))
        .end();
    // Not in any standard (RFC 3834 section 3.1.8 mentions it), but what keeps many out-of-office answers away.
    fields += "Precedence: bulk\r\n";
    // RFC 3834 section 5
    fields += "Auto-Submitted: auto-generated\r\n";
    fields += &HeaderField::new("Feedback-ID")
        .token(&feedback_id(&newsletter.id, slug, kind))
        .end();
    fields + &extra(newsletter)
}

/// The fields that the relay wants.
fn extra(newsletter: &Newsletter) -> String {
    let fields = newsletter.headers.iter();
    fields
        .map(|header| HeaderField::new(header.name()).text(header.value()).end())
        .collect()
}

/// `edition:copy:what:sender` as Gmail's feedback loop reads it: the sender is stable and 5 to 15 characters long, and nothing in it
/// belongs to one reader.
fn feedback_id(id: &str, slug: &Slug, kind: LetterKind) -> String {
    let copy = match kind {
        LetterKind::Edition => "edition",
        LetterKind::Proof => "proof",
    };
    let mut sender = id.to_owned();
    if sender.len() < 5 {
        sender += "-news";
    }
    sender.truncate(15);
    format!("{slug}:{copy}:digest:{sender}")
}

/// What is before the `@` in the Message-ID of a reader's letter of that run.
#[must_use]
pub fn letter_id(key: &RunKey, reader: u64) -> String {
    token(&[&key.0, &reader.to_be_bytes(), b"edition"])
}

/// 24 characters of base32 (120 bits of SHA-256): mail systems fold case, and the Message-ID still fits its line.
fn token(parts: &[&[u8]]) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in parts {
        hash.update(part);
    }
    base32(&hash.finish().as_ref()[..15])
}

/// `=XX`, the escape of quoted-printable and of the encoded word `Q`.
fn escape(byte: u8) -> String {
    format!("={byte:02X}")
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
