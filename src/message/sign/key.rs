//! The newsroom's secret keys, and the DNS records that make their other halves known.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use super::Unsigned;

/// A secret key. It never prints.
pub struct Key(Secret);

enum Secret {
    /// `rsa-sha256`, which every verifier knows; 2048 bits and more (RFC 8301).
    Rsa(RsaKeyPair),
    /// `ed25519-sha256` (RFC 8463), which not all do.
    Ed25519(Ed25519KeyPair),
}

/// Why a file holds no key that letters can be signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No `-----BEGIN .. PRIVATE KEY-----`.
    #[error("holds no private key in PEM form")]
    NoPem,
    /// So few bits that receivers doubt its signatures (RFC 8301 section 3.2), or too many.
    #[error(
        "holds an RSA key of {0} bits: expected 2048 to 8192, as `newsdigest dkim keygen` makes it"
    )]
    Length(usize),
    /// A key for something else.
    #[error("holds no key that DKIM knows: expected RSA of 2048 to 8192 bits, or Ed25519")]
    Unknown,
}

/// The machine gave no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key could be made")]
pub struct NoKey;

impl Key {
    /// Reads a key in PEM form, PKCS #8 or PKCS #1.
    ///
    /// # Errors
    /// There is none, or none of a kind and length that letters can be signed with.
    pub fn parse(pem: &[u8]) -> Result<Self, KeyError> {
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|_| KeyError::NoPem)?;
        let bytes = der.secret_der();
        if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes) {
            return Ok(Self(Secret::Ed25519(key)));
        }
        // aws-lc-rs takes RSA keys of 2048 to 8192 bits only.
        RsaKeyPair::from_pkcs8(bytes)
            .or_else(|_| RsaKeyPair::from_der(bytes))
            .map(|key| Self(Secret::Rsa(key)))
            .map_err(|_| rsa_bits(bytes).map_or(KeyError::Unknown, KeyError::Length))
    }

    /// A fresh RSA key of 2048 bits.
    ///
    /// # Errors
    /// The machine's cryptography failed.
    pub fn generate_rsa() -> Result<Self, NoKey> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| NoKey)?;
        Ok(Self(Secret::Rsa(key)))
    }

    /// A fresh Ed25519 key.
    ///
    /// # Errors
    /// The machine's cryptography failed.
    pub fn generate_ed25519() -> Result<Self, NoKey> {
        let key = Ed25519KeyPair::generate().map_err(|_| NoKey)?;
        Ok(Self(Secret::Ed25519(key)))
    }

    /// The key as a file keeps it: PKCS #8 in PEM form.
    ///
    /// # Errors
    /// The machine's cryptography failed.
    pub fn to_pem(&self) -> Result<String, NoKey> {
        let der: Pkcs8V1Der<'_> = match &self.0 {
            Secret::Rsa(key) => key.as_der(),
            Secret::Ed25519(key) => key.as_der(),
        }
        .map_err(|_| NoKey)?;
        let text = BASE64.encode(der.as_ref());
        let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, more) = rest.split_at(rest.len().min(64));
            pem += line;
            pem.push('\n');
            rest = more;
        }
        Ok(pem + "-----END PRIVATE KEY-----\n")
    }

    /// The text of the record at `SELECTOR._domainkey.DOMAIN` (RFC 6376 section 3.6.1, RFC 8463 section 4).
    ///
    /// # Errors
    /// The machine's cryptography failed.
    pub fn record(&self) -> Result<String, NoKey> {
        Ok(match &self.0 {
            Secret::Rsa(key) => {
                let der: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(|_| NoKey)?;
                format!("v=DKIM1; k=rsa; p={}", BASE64.encode(der.as_ref()))
            }
            Secret::Ed25519(key) => {
                format!(
                    "v=DKIM1; k=ed25519; p={}",
                    BASE64.encode(key.public_key().as_ref())
                )
            }
        })
    }

    /// What signatures of this key call themselves.
    #[must_use]
    pub const fn algorithm(&self) -> &'static str {
        match self.0 {
            Secret::Rsa(_) => "rsa-sha256",
            Secret::Ed25519(_) => "ed25519-sha256",
        }
    }

    pub(super) fn sign(&self, data: &[u8]) -> Result<Vec<u8>, Unsigned> {
        match &self.0 {
            Secret::Rsa(key) => {
                let mut seal = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut seal)
                    .map_err(|_| Unsigned)?;
                Ok(seal)
            }
            // RFC 8463 section 3: what is signed is the hash.
            Secret::Ed25519(key) => {
                let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, data);
                Ok(key.sign(hash.as_ref()).as_ref().to_vec())
            }
        }
    }
}

/// The length of an RSA key in PKCS #8 or PKCS #1 (RFC 5958 section 2, RFC 8017 appendix A.1.2); `None` if it is none.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    let (SEQUENCE, key, _) = element(der)? else {
        return None;
    };
    let (INTEGER, _version, rest) = element(key)? else {
        return None;
    };
    match element(rest)? {
        (INTEGER, modulus, _) => {
            let from = modulus.iter().position(|octet| *octet != 0)?;
            Some((modulus.len() - from) * 8 - modulus[from].leading_zeros() as usize)
        }
        (SEQUENCE, _algorithm, rest) => rsa_bits(element(rest)?.1),
        _ => None,
    }
}

const INTEGER: u8 = 2;
const SEQUENCE: u8 = 0x30;

/// The first element in DER: its tag, its content, and what comes behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], rest) = der.split_first_chunk()?;
    let (length, rest) = if length < 0x80 {
        (length.into(), rest)
    } else {
        let (octets, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        let length = octets.iter().try_fold(0_usize, |sum, octet| {
            sum.checked_mul(256)?.checked_add(usize::from(*octet))
        });
        (length?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.algorithm())
    }
}

#[cfg(test)]
impl Key {
    /// Whether `seal` is this key's over `data`.
    pub(super) fn verifies(&self, data: &[u8], seal: &[u8]) -> bool {
        use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
        match &self.0 {
            Secret::Rsa(key) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
                    .verify(data, seal)
                    .is_ok()
            }
            Secret::Ed25519(key) => {
                let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, data);
                UnparsedPublicKey::new(&ED25519, key.public_key().as_ref())
                    .verify(hash.as_ref(), seal)
                    .is_ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for key in [
            Key::generate_rsa().unwrap(),
            Key::generate_ed25519().unwrap(),
        ] {
            let again = Key::parse(key.to_pem().unwrap().as_bytes()).unwrap();
            assert_eq!(again.record(), key.record());
            assert_eq!(again.algorithm(), key.algorithm());
            assert!(key.verifies(b"data", &again.sign(b"data").unwrap()));
            assert!(!key.verifies(b"date", &again.sign(b"data").unwrap()));
            assert!(!format!("{key:?}").contains('='), "a secret prints");
        }
        // 32 octets in base64 (RFC 8463 section 4.2).
        let record = Key::generate_ed25519().unwrap().record().unwrap();
        assert_eq!(record.len(), "v=DKIM1; k=ed25519; p=".len() + 44);
    }

    const PKCS8_1024: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAKbS/gWEZ+W5cfGu\n\
        Jq6WUcKYfpyPcE604QSNWxYKoh+O5p+ZpqFsDc9lKBZfrLh47NPiMx8rlWt3Kgiw\n\
        Kc9MabC+IGLo+1pdzD5U8psy/c/J34pEcQJTxEX8Ex+cltJ6+d/mxf9djrTx3SX2\n\
        zW5kPqBADQ8CvHUzcjIp6K99nDkzAgMBAAECgYEAoi0Vs4lfc61PPxL9GdaaTyHu\n\
        XAb5uBoRclp1BT17FFDYlKlLmzuvRUJisTV7dK5iFS2eYxv8m0dyPpX7X0I6r3w6\n\
        /8m/mNd7doSPw3SlPNWaS211waTmBdbF/WHd8mSBHLDOevEFVakhRWA+GifdeMgo\n\
        nHl7SkSeZjlYqRVYBAkCQQDYYWbQbS3OR4bidUx/lEMYje0kxDlByk9A5gsRq+n7\n\
        KCvadNCxP0okV6qIMoYefoFj+gpGXR0ur+NgzOs71BkVAkEAxV6xoPALsBegw8Nr\n\
        gmBIJMy81PcACSp86vwTB0QLsUGhyC5GEJDanSWyEp6su1Kn2QTYDb6s4M5VroZe\n\
        y3aLJwJAL4wPrKMhGp/rCt4dpjctGzssrhSURFmxWqByNDrjmnX0VPewWBKBN0Uw\n\
        SudXQ2InCpIKKfYSEI1D2KSO2EG+FQJBAIGR+Oq+q+2elVvvHtUogDQodI8a2Fss\n\
        GXXqplNOyJ5Fh//y4OxfLCWeaZjvslYHnUlLdMsRMk0jJ/y7GeBYomECQQDJEHQ1\n\
        yxIBsgXlWuiMHEdxjJDrs4MJ0npYAuG9USmGQlFDhFEcP1uygJch9rHgq0wkrkOV\n\
        4zxGRL0QN2LyGRS2\n\
        -----END PRIVATE KEY-----\n";
    const PKCS1_512: &str = "-----BEGIN RSA PRIVATE KEY-----\n\
        MIIBOgIBAAJBANw3Lc45DApBukCWr/WXRel1EPJYBCHuicsZ2H8cCzBKp7YVIRx8\n\
        7y7TWdreyiVfPXPrc6muQWPpMIRepLkzJbsCAwEAAQJAGmTmsZP21HfiSgGFn4r9\n\
        Dyk/2bwg6qw7icNURo/m62eeRFpQUUGXeoWeY05ZkaTgESrLf+Bh/9RuU0/eRpUE\n\
        aQIhAPvZ3Fm8AIc5Cj6DRa/SvV7pEVhl7Zaon0jBp9AJtDCVAiEA39fmoN5jBs2y\n\
        Ih+doxLWeulFkaUSgZheuciS/pUe2Q8CIBDT9sg8KqDea9PPe6mK4EJmOlV4wg5O\n\
        CA6ZefgJnfOdAiEAoiNyI85SLohqYntCJPAtOaSkxsWqLQMggjP9/bgoOxMCIBMP\n\
        5iF+8XxT8A4YPhZK5drIo4QL3WEuDADl9FIt25Fi\n\
        -----END RSA PRIVATE KEY-----\n";

    #[test]
    fn what_is_no_key() {
        for (pem, error) in [
            ("", KeyError::NoPem),
            (
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                KeyError::NoPem,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                KeyError::Unknown,
            ),
            (PKCS8_1024, KeyError::Length(1_024)),
            (PKCS1_512, KeyError::Length(512)),
        ] {
            assert_eq!(Key::parse(pem.as_bytes()).unwrap_err(), error, "{pem}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60)) {
            _ = rsa_bits(&bytes);
            _ = rsa_bits(&[&[0x30, 0x84, 0, 0, 0, 40, 2, 1, 0, 0x30, 0][..], &bytes].concat());
        }
    }
}
