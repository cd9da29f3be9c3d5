//! A request to a service.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// One HTTP request. It has no `Debug`: its headers and its body may hold a key.
pub(super) struct Request {
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, SecretString)>,
    /// What is posted, with its type; `None`: a GET.
    pub(super) body: Option<(&'static str, Vec<u8>)>,
    /// What must not appear in any message, whoever repeats it.
    pub(super) secrets: Vec<SecretString>,
    /// How long to wait before it is sent.
    pub(super) pause: Duration,
}

impl Request {
    pub(super) const fn get(url: Url) -> Self {
        Self {
            url,
            headers: Vec::new(),
            body: None,
            secrets: Vec::new(),
            pause: Duration::ZERO,
        }
    }

    pub(super) fn post(url: Url, kind: &'static str, body: String) -> Self {
        Self {
            body: Some((kind, body.into_bytes())),
            ..Self::get(url)
        }
    }

    pub(super) fn post_json(url: Url, json: &serde_json::Value) -> Self {
        Self::post(url, "application/json", json.to_string())
    }

    pub(super) fn post_form(url: Url, pairs: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        Self::post(url, "application/x-www-form-urlencoded", form)
    }

    /// With `Authorization: Bearer`.
    pub(super) fn bearer(self, token: &SecretString) -> Self {
        let value = SecretString::from(format!("Bearer {}", token.expose_secret()));
        self.header("authorization", value).hides(token)
    }

    pub(super) fn header(mut self, name: &'static str, value: SecretString) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The secret is in it, and must be in no message.
    pub(super) fn hides(mut self, secret: &SecretString) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    pub(super) fn after(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }
}

/// An address below that of a server, whose own path may be a folder: `https://host/stats` and `api/v2` make `https://host/stats/api/v2`.
pub(super) fn below(server: &Url, path: &str) -> Url {
    let mut url = server.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_be_a_folder() {
        let below = |server: &str| below(&Url::parse(server).unwrap(), "api/v2/query").to_string();
        assert_eq!(
            below("https://stats.example"),
            "https://stats.example/api/v2/query"
        );
        assert_eq!(
            below("http://10.0.0.1:8000/stats/?key=1#a"),
            "http://10.0.0.1:8000/stats/api/v2/query"
        );
    }
}
