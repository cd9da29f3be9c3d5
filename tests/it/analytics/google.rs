//! A service account, and the token server that checks its assertions as Google does.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::service::{Answer, Call, Server};
use crate::newsroom::Newsroom;

pub(super) const TOKEN: &str = "token-that-nobody-sees";
const EMAIL: &str = "digest@harbour.iam.gserviceaccount.com";

/// Its key, and the seconds since 1970 that Google's clock shows.
pub(crate) struct Google {
    key: KeyPair,
    now: i64,
}

impl Google {
    pub(crate) fn new() -> Self {
        let now = chrono::DateTime::parse_from_rfc3339(crate::newsroom::NOW).unwrap();
        Self {
            key: KeyPair::generate(KeySize::Rsa2048).unwrap(),
            now: now.timestamp(),
        }
    }

    /// The same a day ago: the machine's clock is wrong by a day.
    pub(super) fn yesterday(mut self) -> Self {
        self.now -= 24 * 3_600;
        self
    }

    /// The Harbour with one source of readership at that server, asked by this account.
    pub(super) fn room(&self, server: &Server, source: &str) -> Newsroom {
        let server = server.url();
        let lines = format!("{source}\nserver = \"{server}\"\nkey_file = \"google.json\"");
        let room = Newsroom::new().config("[readership]", &lines);
        room.secret("google.json", self.key_file(&server));
        room
    }

    /// The key file, for a token server at that address.
    pub(crate) fn key_file(&self, server: &str) -> String {
        let der: Pkcs8V1Der<'_> = self.key.as_der().unwrap();
        let base64 = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = base64
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            lines.join("\n")
        );
        json!({
            "type": "service_account", "project_id": "harbour", "private_key_id": "1",
            "private_key": pem, "client_email": EMAIL, "token_uri": format!("{server}/token"),
        })
        .to_string()
    }

    /// What the token server answers: the assertion must be signed by the account, for this server and scope, and of this hour.
    pub(super) fn token(&self, call: &Call, scope: &str) -> Answer {
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("POST", "/token")
        );
        let form = call.form();
        assert_eq!(
            form["grant_type"],
            "urn:ietf:params:oauth:grant-type:jwt-bearer"
        );
        let parts: Vec<&str> = form["assertion"].split('.').collect();
        let [header, claims, signature] = parts[..] else {
            panic!("three parts");
        };
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let read = |part: &str| -> Value { serde_json::from_slice(&decoded(part)).unwrap() };
        assert_eq!(read(header)["alg"], "RS256");
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.key.public_key().as_ref())
            .verify(format!("{header}.{claims}").as_bytes(), &decoded(signature))
            .expect("signed by the account");
        let claims = read(claims);
        assert_eq!(claims["iss"], EMAIL);
        assert_eq!(claims["scope"], scope);
        assert!(claims["aud"].as_str().unwrap().ends_with("/token"));
        let (iat, exp) = (
            claims["iat"].as_i64().unwrap(),
            claims["exp"].as_i64().unwrap(),
        );
        if iat > self.now + 300 || exp < self.now || exp > iat + 3_600 {
            let error = json!({"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."});
            let date = chrono::DateTime::from_timestamp(self.now, 0)
                .unwrap()
                .to_rfc2822();
            return Answer::new(400, error.to_string())
                .header("Date", &date.replace("+0000", "GMT"));
        }
        Answer::ok(&json!({"access_token": TOKEN, "expires_in": 3_599, "token_type": "Bearer"}))
    }
}
