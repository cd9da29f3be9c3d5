//! The envelope in which Amazon SNS puts what SES tells, and its signature: RSA over named fields, by a certificate that SNS serves itself.
//! "Verifying the signatures of Amazon SNS messages" and "HTTP/HTTPS notification JSON formats" in AWS's developer guide.
//!
//! Nothing in an envelope is believed before its signature is. Where the certificate may come from is decided by the topics that the config names: only the host of SNS
//! in that topic's region is asked, over TLS.

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RsaParameters,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;

use super::json::{self, str_at};
use super::proof::{ProofError, SENT_AGAIN, is_fresh};
use crate::model::line::Line;
use crate::model::link::Link;

/// A topic of SNS, by its name in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    arn: String,
    host: String,
}

impl Topic {
    /// `arn:aws:sns:eu-west-1:123456789012:bounces`.
    ///
    /// # Errors
    /// The sentence that says what it should be.
    pub fn parse(arn: &str) -> Result<Self, String> {
        let parts: Vec<&str> = arn.split(':').collect();
        let is_word = |word: &str| {
            let mut bytes = word.bytes();
            !word.is_empty() && bytes.all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let is_region = |word: &str| is_word(word) && !word.contains(['.', '_']);
        let end = match parts[..] {
            ["arn", partition, "sns", region, account, name]
                if is_region(region)
                    && account.len() == 12
                    && account.bytes().all(|b| b.is_ascii_digit())
                    && is_word(name) =>
            {
                match partition {
                    "aws" | "aws-us-gov" => Some((region, "amazonaws.com")),
                    "aws-cn" => Some((region, "amazonaws.com.cn")),
                    _ => None,
                }
            }
            _ => None,
        };
        let (region, end) = end.ok_or_else(|| {
            format!(
                "`{}` is no topic of Amazon SNS: expected one such as `arn:aws:sns:eu-west-1:123456789012:bounces`",
                Line::clean_to(arn, 100)
            )
        })?;
        Ok(Self {
            arn: arn.to_owned(),
            host: format!("sns.{region}.{end}"),
        })
    }

    /// Whether an address is one of SNS in this topic's region, over TLS and at the usual port.
    fn serves(&self, link: &Link) -> bool {
        let url = link.url();
        url.scheme() == "https"
            && url.host_str() == Some(&self.host)
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    }
}

/// What SNS says.
#[derive(Debug)]
pub enum EnvelopeKind {
    /// Something was published: what.
    Notification(String),
    /// Somebody wants the topic to be sent here. To ask that address once says yes.
    Subscription(Link),
    /// The topic is not sent here any more.
    Ended,
}

/// An envelope of a topic that the config names. What it says is to be believed once [`Envelope::proven_by`] is fine.
#[derive(Debug)]
pub struct Envelope {
    pub kind: EnvelopeKind,
    /// Where the certificate of its signature is.
    pub certificate: Link,
    pub(super) signed: String,
    signature: Vec<u8>,
    with: &'static RsaParameters,
}

impl Envelope {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// It is no envelope, or of another topic than these, or its time or its addresses are wrong.
    pub fn read(body: &[u8], topics: &[Topic], now: DateTime<Utc>) -> Result<Self, ProofError> {
        let value: Value = serde_json::from_slice(body).map_err(|_| ProofError::Unsigned)?;
        let arn = str_at(&value, "/TopicArn");
        let topic = topics.iter().find(|topic| topic.arn == arn);
        let topic = topic.ok_or(if arn.is_empty() {
            ProofError::Unsigned
        } else {
            ProofError::Foreign
        })?;
        let link = |name| Link::parse(str_at(&value, name)).map_err(|_| ProofError::Forged);
        let certificate = link("/SigningCertURL")?;
        let path = certificate.url().path();
        let is_pem = path.starts_with("/SimpleNotificationService-")
            && path.rsplit_once('.').is_some_and(|(_, end)| end == "pem");
        if !topic.serves(&certificate) || !is_pem || certificate.url().query().is_some() {
            return Err(ProofError::Forged);
        }
        let message = str_at(&value, "/Message").to_owned();
        let (kind, fields): (_, &[&str]) = match str_at(&value, "/Type") {
            "Notification" => (
                EnvelopeKind::Notification(message),
                &[
                    "Message",
                    "MessageId",
                    "Subject",
                    "Timestamp",
                    "TopicArn",
                    "Type",
                ],
            ),
            kind @ ("SubscriptionConfirmation" | "UnsubscribeConfirmation") => (
                if kind == "SubscriptionConfirmation" {
                    EnvelopeKind::Subscription(confirms(link("/SubscribeURL")?, topic)?)
                } else {
                    EnvelopeKind::Ended
                },
                &[
                    "Message",
                    "MessageId",
                    "SubscribeURL",
                    "Timestamp",
                    "Token",
                    "TopicArn",
                    "Type",
                ],
            ),
            _ => return Err(ProofError::Unsigned),
        };
        let mut signed = String::new();
        for name in fields {
            // A field that is not there, as `Subject` often is, is not signed either.
            if let Some(text) = value[*name].as_str() {
                signed.extend([name, "\n", text, "\n"]);
            }
        }
        let with = match json::text(&value, "/SignatureVersion").as_deref() {
            Some("1") => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Some("2") => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(ProofError::Unsigned),
        };
        let signature = str_at(&value, "/Signature");
        let at = json::instant(value.get("Timestamp")).ok_or(ProofError::Stale)?;
        is_fresh(at, now, SENT_AGAIN)?;
        Ok(Self {
            kind,
            certificate,
            signed,
            signature: BASE64.decode(signature).map_err(|_| ProofError::Forged)?,
            with,
        })
    }

    /// Checks the signature by the certificate that is at [`Envelope::certificate`].
    ///
    /// # Errors
    /// It is not right.
    pub fn proven_by(&self, certificate: &Certificate) -> Result<(), ProofError> {
        let key = ParsedPublicKey::new(self.with, &certificate.0);
        let key = key.map_err(|_| ProofError::Forged)?;
        let verified = key.verify_sig(self.signed.as_bytes(), &self.signature);
        verified.map_err(|_| ProofError::Forged)
    }
}

/// The public key of a certificate of SNS, in DER.
#[derive(Clone, Debug)]
pub struct Certificate(Vec<u8>);

impl Certificate {
    /// Reads a PEM file. That SNS gave it over TLS is all that makes it one of SNS.
    #[must_use]
    pub fn parse(pem: &[u8]) -> Option<Self> {
        let der = CertificateDer::from_pem_slice(pem).ok()?;
        let certificate = webpki::EndEntityCert::try_from(&der).ok()?;
        Some(Self(certificate.subject_public_key_info().to_vec()))
    }
}

/// `SubscribeURL`, if asking it does nothing but confirm that topic.
fn confirms(link: Link, topic: &Topic) -> Result<Link, ProofError> {
    let only = |wanted: &str| {
        let mut all = link.url().query_pairs().filter(|(name, _)| name == wanted);
        let value = all.next().map(|(_, value)| value.into_owned());
        value.filter(|_| all.next().is_none())
    };
    let is_right = topic.serves(&link)
        && link.url().path() == "/"
        && only("Action").as_deref() == Some("ConfirmSubscription")
        && only("TopicArn").as_deref() == Some(&*topic.arn);
    is_right.then_some(link).ok_or(ProofError::Forged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics() {
        for (arn, is_one) in [
            ("arn:aws:sns:eu-west-1:123456789012:bounces", true),
            ("arn:aws-cn:sns:cn-north-1:123456789012:b_1.fifo", true),
            ("arn:aws:sns:evil.example/:123456789012:b", false),
            ("arn:aws:sns:eu-west-1:1234:b", false),
            ("arn:aws:sqs:eu-west-1:123456789012:b", false),
            ("arn:other:sns:eu-west-1:123456789012:b", false),
            ("arn:aws:sns:eu-west-1:123456789012:", false),
        ] {
            assert_eq!(Topic::parse(arn).is_ok(), is_one, "{arn}");
        }
    }

    #[test]
    fn envelopes_from_elsewhere() {
        let arn = "arn:aws:sns:eu-west-1:123456789012:bounces";
        let topics = [Topic::parse(arn).unwrap()];
        let now = "2026-08-24T05:46:00Z".parse().unwrap();
        let read = |arn: &str, certificate: &str, time: &str, version: &str| {
            let body = format!(
                r#"{{"Type":"Notification","TopicArn":"{arn}","Message":"m","MessageId":"i","Timestamp":"{time}","SignatureVersion":"{version}","Signature":"AAAA","SigningCertURL":"{certificate}"}}"#
            );
            Envelope::read(body.as_bytes(), &topics, now).map(|envelope| envelope.signed)
        };
        let (host, time) = (
            "https://sns.eu-west-1.amazonaws.com",
            "2026-08-24T05:45:59.123Z",
        );
        let right = format!("{host}/SimpleNotificationService-abc.pem");
        assert_eq!(
            read(arn, &right, time, "1").unwrap(),
            format!(
                "Message\nm\nMessageId\ni\nTimestamp\n{time}\nTopicArn\n{arn}\nType\nNotification\n"
            )
        );
        for certificate in [
            "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-abc.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-abc.pem",
            "https://evil.example/SimpleNotificationService-abc.pem",
            "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-abc.pem",
            "https://x@sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem",
            "https://sns.eu-west-1.amazonaws.com/bucket/SimpleNotificationService-abc.pem",
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem?x=1",
            "",
        ] {
            assert_eq!(
                read(arn, certificate, time, "1"),
                Err(ProofError::Forged),
                "{certificate}"
            );
        }
        assert_eq!(
            read(&arn.replace("bounces", "others"), &right, time, "1"),
            Err(ProofError::Foreign)
        );
        assert_eq!(
            read(arn, &right, "2026-08-22T05:45:59Z", "1"),
            Err(ProofError::Stale)
        );
        assert_eq!(read(arn, &right, time, "3"), Err(ProofError::Unsigned));
    }
}
