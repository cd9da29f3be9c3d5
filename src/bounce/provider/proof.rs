//! Whether a provider really said it. Mailgun and SendGrid sign with keys that the config names; SNS with a certificate of Amazon's (`sns`); the others sign nothing, and
//! the secret in the address is all the proof there is.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::json;

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    #[error("it is not signed, or not as this provider signs")]
    Unsigned,
    #[error("its signature is not right")]
    Forged,
    #[error("it was signed too long ago, or in the future")]
    Stale,
    #[error("it is from a topic that `topics` does not name")]
    Foreign,
    #[error("its signature was used before, for something else")]
    Used,
}

/// SendGrid and SNS send an event again for a day at most.
pub(super) const SENT_AGAIN: TimeDelta = TimeDelta::hours(25);
/// Mailgun does for eight hours.
const SENT_AGAIN_BY_MAILGUN: TimeDelta = TimeDelta::hours(12);
/// How far a provider's clock may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::minutes(10);

/// That something was signed neither too long ago nor in the future.
pub(super) fn is_fresh(
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    oldest: TimeDelta,
) -> Result<(), ProofError> {
    if now - at <= oldest && at - now <= AHEAD {
        Ok(())
    } else {
        Err(ProofError::Stale)
    }
}

/// Mailgun signs a time and a token of its own, and not what it says: a signature is good for one body only. Both are cut to 16 bytes of their SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    pub token: [u8; 16],
    pub body: [u8; 16],
}

/// The key with which Mailgun signs.
#[derive(Debug)]
pub struct SigningKey(hmac::Key);

impl SigningKey {
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()))
    }

    /// Checks `signature`: the hexadecimal HMAC-SHA-256 of timestamp and token.
    ///
    /// # Errors
    /// It is not signed with this key, or not now.
    pub fn proves(&self, body: &[u8], now: DateTime<Utc>) -> Result<Once, ProofError> {
        let value: Value = serde_json::from_slice(body).map_err(|_| ProofError::Unsigned)?;
        let field = |name| json::text(&value, name).ok_or(ProofError::Unsigned);
        let timestamp = field("/signature/timestamp")?;
        let token = field("/signature/token")?;
        let signature = octets(&field("/signature/signature")?).ok_or(ProofError::Forged)?;
        // Without a border a digit could move from one to the other: a timestamp has ten digits, the token is as long as it is.
        let is_timestamp = timestamp.len() <= 12 && timestamp.bytes().all(|b| b.is_ascii_digit());
        if !is_timestamp || token.len() < 16 {
            return Err(ProofError::Unsigned);
        }
        let signed = format!("{timestamp}{token}");
        hmac::verify(&self.0, signed.as_bytes(), &signature).map_err(|_| ProofError::Forged)?;
        let at = json::instant(value.pointer("/signature/timestamp")).ok_or(ProofError::Stale)?;
        is_fresh(at, now, SENT_AGAIN_BY_MAILGUN)?;
        Ok(Once {
            token: cut(signed.as_bytes()),
            body: cut(body),
        })
    }
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    let pair = |at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let is_hex = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex
        .then(|| (0..hex.len()).step_by(2).map(pair).collect())
        .flatten()
}

fn cut(octets: &[u8]) -> [u8; 16] {
    let mut cut = [0; 16];
    cut.copy_from_slice(&digest(&SHA256, octets).as_ref()[..16]);
    cut
}

/// What SendGrid sends beside a body: `X-Twilio-Email-Event-Webhook-Signature` and `-Timestamp`.
#[derive(Clone, Copy, Debug)]
pub struct Signatures<'h> {
    pub signature: Option<&'h str>,
    pub timestamp: Option<&'h str>,
}

/// The key by which SendGrid's signatures are checked: ECDSA over P-256.
#[derive(Debug)]
pub struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// The key as SendGrid shows it, in base64, or in a PEM file.
    ///
    /// # Errors
    /// The sentence that says what it should be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.starts_with("-----"));
        let text: String = lines.flat_map(str::split_whitespace).collect();
        let wrong = || {
            "holds no verification key of SendGrid: expected base64 that begins with `MFkw`"
                .to_owned()
        };
        let octets = BASE64.decode(text).map_err(|_| wrong())?;
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, octets);
        key.map(Self).map_err(|_| wrong())
    }

    /// Checks the signature over timestamp and body.
    ///
    /// # Errors
    /// It is not signed with this key, or not now.
    pub fn proves(
        &self,
        signatures: Signatures<'_>,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), ProofError> {
        let (Some(signature), Some(timestamp)) = (signatures.signature, signatures.timestamp)
        else {
            return Err(ProofError::Unsigned);
        };
        let signature = BASE64.decode(signature).map_err(|_| ProofError::Forged)?;
        let signed = [timestamp.as_bytes(), body].concat();
        let verified = self.0.verify_sig(&signed, &signature);
        verified.map_err(|_| ProofError::Forged)?;
        let seconds: i64 = timestamp.parse().map_err(|_| ProofError::Stale)?;
        let at = DateTime::from_timestamp(seconds, 0).ok_or(ProofError::Stale)?;
        is_fresh(at, now, SENT_AGAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-08-24T05:46:00Z".parse().unwrap()
    }

    #[test]
    fn a_signature_of_mailgun_is_good_now_and_for_one_key() {
        let body = |timestamp: i64, key: &str| {
            let token = "0123456789abcdef0123456789abcdef0123456789abcdef01";
            let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
            let tag = hmac::sign(&key, format!("{timestamp}{token}").as_bytes());
            let hex = tag.as_ref().iter().map(|byte| format!("{byte:02x}"));
            let hex = hex.collect::<Vec<_>>().concat();
            format!(
                r#"{{"signature":{{"timestamp":"{timestamp}","token":"{token}","signature":"{hex}"}}}}"#
            )
        };
        let key = SigningKey::new("k");
        let proves = |body: &str| key.proves(body.as_bytes(), now());
        let at = now().timestamp();
        assert!(proves(&body(at, "k")).is_ok());
        assert_eq!(proves(&body(at, "l")), Err(ProofError::Forged));
        assert_eq!(proves(&body(at - 86_400, "k")), Err(ProofError::Stale));
        assert_eq!(proves(&body(at + 3_600, "k")), Err(ProofError::Stale));
        assert_eq!(proves("{}"), Err(ProofError::Unsigned));
        // A digit moved from the token to the time: other fields, the same signed text.
        let moved = body(at, "k").replace("\",\"token\":\"0", "0\",\"token\":\"");
        assert!(proves(&moved).is_err());
        let twice = (
            proves(&body(at, "k")).unwrap(),
            proves(&format!("{} ", body(at, "k"))).unwrap(),
        );
        assert_eq!(twice.0.token, twice.1.token);
        assert_ne!(twice.0.body, twice.1.body);
    }
}
