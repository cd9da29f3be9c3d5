//! Tokens: what is in a link or a bounce address instead of a reader's name. Whoever finds one learns nothing from it, and cannot make
//! another (RFC 8058 section 6: opaque, hard to forge).
//!
//! # Form
//! `version and purpose, key, number, run, seal` in lower-case base32: 39 characters as a rule, 53 at most, so that with a prefix it fits the 64
//! octets of a local part (RFC 5321 section 4.5.3.1.1). Mail systems fold case, so capitals read the same. The seal is HMAC-SHA-256 over all
//! before it and the newsletter's id, cut to 16 octets (RFC 2104 section 5): another newsletter's token is no token here, nor is one of another
//! purpose.

use aws_lc_rs::{constant_time, hmac};

/// What its holder may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Leave, and see or change what the reader asked for.
    Leave = 1,
    /// Nothing: a bounce says whom it is about.
    Bounce = 2,
    /// Say yes to a sign-up.
    Confirm = 3,
    /// Approve an edition, or hold it.
    Approve = 4,
}

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// What it is for.
    pub purpose: Purpose,
    /// The reader's number in the ledger; of a confirmation, the sign-up's; of an approval, the link's.
    pub number: u64,
    /// The run whose letter bears it, where that matters; else 0.
    pub run: u64,
}

/// The keys of `secret.key`. The first one seals, all of them open: a key that is replaced goes on opening old links.
#[derive(Debug)]
pub struct Keys(Vec<(u8, hmac::Key)>);

/// Why a file holds no keys. What is in it is never shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// A line is something else.
    #[error(
        "line {0} is no key: expected a number from 1 to 255, a space and 64 hexadecimal digits"
    )]
    Line(usize),
    /// A number comes twice.
    #[error("key {0} appears twice")]
    Twice(u8),
    /// There is none.
    #[error("no key is in it")]
    Empty,
}

const VERSION: u8 = 1;
const SEAL: usize = 16;

impl Keys {
    /// Reads the text of the file: a key a line, newest first; lines that begin with `#` are remarks.
    ///
    /// # Errors
    /// Which line is wrong.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let mut keys: Vec<(u8, hmac::Key)> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, octets) = line
                .split_once(' ')
                .and_then(read_key)
                .ok_or(KeysError::Line(number))?;
            if keys.iter().any(|(known, _)| *known == id) {
                return Err(KeysError::Twice(id));
            }
            keys.push((id, hmac::Key::new(hmac::HMAC_SHA256, &octets)));
        }
        if keys.is_empty() {
            Err(KeysError::Empty)
        } else {
            Ok(Self(keys))
        }
    }

    /// The text of a file with one key, of fresh random octets.
    #[must_use]
    pub fn file(random: &[u8; 32]) -> String {
        let digits = random.map(|octet| format!("{octet:02x}")).concat();
        format!(
            "# Seals the links in letters and their bounce addresses: keep it, and keep it secret.\n\
             # A new key goes on top, under another number; those below keep old links working.\n1 {digits}\n"
        )
    }

    /// The number of the key that seals.
    #[must_use]
    pub fn newest(&self) -> u8 {
        self.0.first().map_or(0, |(id, _)| *id)
    }

    /// The same keys, sealing with that one; `None` if it is not there.
    #[must_use]
    pub fn sealing_with(&self, id: u8) -> Option<Self> {
        let mut keys = self.0.clone();
        let at = keys.iter().position(|(known, _)| *known == id)?;
        keys.swap(0, at);
        Some(Self(keys))
    }

    /// The token as text, for the newsletter of that id.
    #[must_use]
    pub fn seal(&self, newsletter: &str, token: &Token) -> String {
        let Some((id, key)) = self.0.first() else {
            return String::new();
        };
        let mut octets = vec![VERSION << 4 | token.purpose as u8, *id];
        push_number(token.number, &mut octets);
        push_number(token.run, &mut octets);
        let seal = sealed(key, newsletter, &octets);
        octets.extend_from_slice(&seal.as_ref()[..SEAL]);
        base32(&octets)
    }

    /// What the address ends with at which `of` reaches us, so that nobody else knows it: one of each key, the newest first.
    pub fn address_secrets<'k>(&'k self, of: &'k str) -> impl Iterator<Item = String> + 'k {
        self.0.iter().map(move |(_, key)| {
            let mut context = hmac::Context::with_key(key);
            context.update(b"newsdigest address\0");
            context.update(of.as_bytes());
            base32(&context.sign().as_ref()[..20])
        })
    }

    /// A name for what `octets` are: the same for the same, and not to be guessed by whoever has the octets and not the key.
    #[must_use]
    pub fn picture_name(&self, octets: &[u8]) -> String {
        let Some((_, key)) = self.0.first() else {
            return String::new();
        };
        let mut context = hmac::Context::with_key(key);
        context.update(b"newsdigest picture\0");
        context.update(octets);
        base32(&context.sign().as_ref()[..SEAL])
    }

    /// What a text says that [`Keys::seal`] made for the newsletter of that id; anything else is `None`, in the same time.
    #[must_use]
    pub fn open(&self, newsletter: &str, text: &str) -> Option<Token> {
        let octets = octets(text)?;
        let (said, seal) = octets.split_at_checked(octets.len().checked_sub(SEAL)?)?;
        let (&[kind, id], mut rest) = said.split_first_chunk()?;
        let purpose = [
            Purpose::Leave,
            Purpose::Bounce,
            Purpose::Confirm,
            Purpose::Approve,
        ]
        .into_iter()
        .find(|purpose| VERSION << 4 | *purpose as u8 == kind)?;
        let (_, key) = self.0.iter().find(|(known, _)| *known == id)?;
        let expected = sealed(key, newsletter, said);
        constant_time::verify_slices_are_equal(&expected.as_ref()[..SEAL], seal).ok()?;
        let (number, run) = (pull_number(&mut rest)?, pull_number(&mut rest)?);
        rest.is_empty().then_some(Token {
            purpose,
            number,
            run,
        })
    }
}

fn read_key((id, digits): (&str, &str)) -> Option<(u8, [u8; 32])> {
    let id = id.parse().ok().filter(|id| *id > 0)?;
    let digits = digits.trim();
    let mut octets = [0; 32];
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (octet, at) in octets.iter_mut().zip((0..).step_by(2)) {
        *octet = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
    }
    Some((id, octets))
}

fn sealed(key: &hmac::Key, newsletter: &str, said: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    for part in [b"newsdigest token\0", newsletter.as_bytes(), b"\0", said] {
        context.update(part);
    }
    context.sign()
}

/// What stands for a text that is to be forgotten and yet known again: whoever has not the salt learns nothing from it by trying.
#[must_use]
pub fn keyed_hash(salt: &[u8], text: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), text.as_bytes());
    base32(&tag.as_ref()[..SEAL])
}

/// Seven bits an octet, the lowest first; the high bit says that more follow (LEB128).
fn push_number(mut number: u64, octets: &mut Vec<u8>) {
    while number >= 0x80 {
        octets.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    octets.push((number & 0x7f) as u8);
}

fn pull_number(octets: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&octet, rest) = octets.split_first()?;
        *octets = rest;
        number |= u64::from(octet & 0x7f).checked_shl(shift)?;
        if octet & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Base32 (RFC 4648 section 6) in small letters, without padding: mail systems fold case.
#[must_use]
pub fn base32(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len().div_ceil(5) * 8);
    let (mut bits, mut held) = (0_u32, 0);
    for &octet in octets {
        bits = bits << 8 | u32::from(octet);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(LETTERS[(bits >> held & 31) as usize]));
        }
    }
    if held > 0 {
        text.push(char::from(LETTERS[(bits << (5 - held) & 31) as usize]));
    }
    text
}

/// Its inverse, in capitals too. One text for the same octets: whatever [`base32`] would not have written is `None`.
fn octets(text: &str) -> Option<Vec<u8>> {
    if text.len() > 64 {
        return None;
    }
    let mut octets = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes() {
        let byte = byte.to_ascii_lowercase();
        let five = LETTERS.iter().position(|letter| *letter == byte)?;
        bits = bits << 5 | u32::try_from(five).ok()?;
        held += 5;
        if held >= 8 {
            held -= 8;
            octets.push((bits >> held & 0xff) as u8);
        }
    }
    (base32(&octets).len() == text.len() && bits & ((1 << held) - 1) == 0).then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TOKEN: Token = Token {
        purpose: Purpose::Leave,
        number: 123_456,
        run: 0,
    };

    fn keys(ids: &[u8]) -> Keys {
        let line = |id: &u8| format!("{id} {}\n", format!("{id:02x}").repeat(32));
        let text: Vec<String> = ids.iter().map(line).collect();
        Keys::parse(&text.concat()).unwrap()
    }

    #[test]
    fn a_token_is_short_and_says_nothing() {
        let text = keys(&[1]).seal("harbour", &TOKEN);
        insta::assert_snapshot!(text, @"cea4brahadavvwrsd2h4wnkbry24367rfhua");
        let longest = Token {
            purpose: Purpose::Bounce,
            number: u64::MAX,
            run: u64::from(u32::MAX),
        };
        let text = keys(&[255]).seal("harbour", &longest);
        assert!("b+".len() + text.len() <= 64, "{}", text.len());
        assert_eq!(keys(&[255]).open("harbour", &text), Some(longest));
    }

    #[test]
    fn only_the_newsletter_that_sealed_it_opens_it() {
        let text = keys(&[1]).seal("harbour", &TOKEN);
        assert_eq!(keys(&[1]).open("harbour", &text), Some(TOKEN));
        assert_eq!(
            keys(&[1]).open("harbour", &text.to_uppercase()),
            Some(TOKEN)
        );
        assert_eq!(keys(&[1]).open("city", &text), None);
        assert_eq!(keys(&[2]).open("harbour", &text), None);
        for other in [
            "",
            "a",
            &text[1..],
            &format!("{text}a"),
            &text.replace(['2', 'a'], "b"),
        ] {
            assert_eq!(keys(&[1]).open("harbour", other), None, "{other}");
        }
    }

    #[test]
    fn keys_are_replaced_and_old_links_go_on_working() {
        let old = keys(&[1]).seal("harbour", &TOKEN);
        let both = keys(&[2, 1]);
        assert_eq!(both.open("harbour", &old), Some(TOKEN));
        assert_ne!(both.seal("harbour", &TOKEN), old);
        assert_eq!(both.sealing_with(1).unwrap().seal("harbour", &TOKEN), old);
        assert!(both.sealing_with(3).is_none());
        let file = Keys::file(&[7; 32]);
        assert_eq!(Keys::parse(&file).unwrap().newest(), 1);
    }

    #[test]
    fn what_is_wrong_with_a_file() {
        let told = |text: &str| Keys::parse(text).unwrap_err().to_string();
        let key = "ab".repeat(32);
        insta::assert_snapshot!(
            [told(""), told("# none\n\n1 abc"), told(&format!("0 {key}")), told(&format!("1 {key}\n1 {key}\n"))].join("\n"),
            @"
        no key is in it
        line 3 is no key: expected a number from 1 to 255, a space and 64 hexadecimal digits
        line 1 is no key: expected a number from 1 to 255, a space and 64 hexadecimal digits
        key 1 appears twice
        "
        );
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_is_opened(number in any::<u64>(), run in any::<u64>(), id in 1_u8..) {
            let token = Token { purpose: Purpose::Bounce, number, run };
            let text = keys(&[id]).seal("h", &token);
            prop_assert_eq!(keys(&[id]).open("h", &text), (text.len() <= 64).then_some(token));
        }

        #[test]
        fn nothing_else_is(text in "[a-z2-7]{0,70}|\\PC{0,40}") {
            prop_assert_eq!(keys(&[1]).open("h", &text), None);
        }

        #[test]
        fn a_changed_letter_breaks_it(at in 0_usize..40, letter in 0_usize..32) {
            let text = keys(&[1]).seal("h", &TOKEN);
            let mut changed = text.clone().into_bytes();
            let at = at % changed.len();
            changed[at] = LETTERS[letter];
            let changed = String::from_utf8(changed).unwrap();
            prop_assert_eq!(keys(&[1]).open("h", &changed).is_some(), changed == text);
        }

        #[test]
        fn base32_comes_back(raw in proptest::collection::vec(any::<u8>(), 0..40)) {
            let text = base32(&raw);
            prop_assert_eq!(octets(&text), Some(raw));
        }
    }
}
