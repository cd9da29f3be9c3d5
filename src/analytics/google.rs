//! A service account of Google: its key file, and the token it is exchanged for (RFC 7523).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::answer::json;
use super::fault::Fault;
use super::request::Request;

/// How long a token is asked for; Google gives an hour at most.
const LIFE: TimeDelta = TimeDelta::minutes(10);

/// What a service account's key file says.
pub struct ServiceAccount {
    email: String,
    key: RsaKeyPair,
    token_uri: Url,
}

#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type")]
    kind: Option<String>,
    client_email: Option<String>,
    private_key: Option<String>,
    token_uri: Option<String>,
}

impl std::fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ServiceAccount").field(&self.email).finish()
    }
}

impl ServiceAccount {
    /// Reads a key file.
    ///
    /// # Errors
    /// It is none; the sentence says what it is instead, and never repeats what is in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: KeyFile = serde_json::from_str(text)
            .map_err(|_| "expected the JSON key of a service account".to_owned())?;
        if let Some(kind) = file.kind.filter(|kind| kind != "service_account") {
            let kind = crate::model::line::Line::clean_to(&kind, 40);
            return Err(format!(
                "expected the key of a service account, but it is of type `{kind}`"
            ));
        }
        let lacks = |name: &str| format!("the key of the service account lacks `{name}`");
        let email = file.client_email.ok_or_else(|| lacks("client_email"))?;
        let pem = file.private_key.ok_or_else(|| lacks("private_key"))?;
        let unusable = || "its `private_key` is no RSA key in PKCS #8 form".to_owned();
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| unusable())?;
        let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| unusable())?;
        let token_uri = file
            .token_uri
            .unwrap_or_else(|| "https://oauth2.googleapis.com/token".to_owned());
        let token_uri = Url::parse(&token_uri)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or("its `token_uri` is not a web address")?;
        Ok(Self {
            email,
            key,
            token_uri,
        })
    }

    /// Who it is, as it must be added to the property.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The request for a token of that scope: an assertion, signed with RS256.
    pub(super) fn token_request(&self, scope: &str, now: DateTime<Utc>) -> Result<Request, Fault> {
        let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let claims = serde_json::json!({
            "iss": self.email,
            "scope": scope,
            "aud": self.token_uri.as_str(),
            "iat": now.timestamp(),
            "exp": (now + LIFE).timestamp(),
        });
        let header = serde_json::json!({"alg": "RS256", "typ": "JWT"});
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| Fault::says("its assertion could not be signed"))?;
        let assertion = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        let request = Request::post_form(
            self.token_uri.clone(),
            &[
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", &assertion),
            ],
        );
        Ok(request.hides(&SecretString::from(assertion)))
    }
}

/// The token in the answer.
pub(super) fn token(body: &str) -> Result<SecretString, Fault> {
    #[derive(Deserialize)]
    struct Token {
        access_token: String,
    }
    let Token { access_token } =
        json(body).map_err(|fault| Fault::says(format!("no token was given: {fault}")))?;
    Ok(SecretString::from(access_token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_key() {
        let said = |text: &str| ServiceAccount::parse(text).unwrap_err();
        insta::assert_snapshot!([
            "-----BEGIN PRIVATE KEY-----",
            r#"{"type":"authorized_user","client_email":"a"}"#,
            r#"{"type":"service_account","private_key":"SECRET"}"#,
            r#"{"type":"service_account","client_email":"a@b"}"#,
            r#"{"type":"service_account","client_email":"a@b","private_key":"SECRET"}"#,
        ].map(said).join("\n"), @"
        expected the JSON key of a service account
        expected the key of a service account, but it is of type `authorized_user`
        the key of the service account lacks `client_email`
        the key of the service account lacks `private_key`
        its `private_key` is no RSA key in PKCS #8 form
        ");
    }
}
