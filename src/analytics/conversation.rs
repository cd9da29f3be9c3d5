//! A conversation with a service: what is asked, and what each answer means. No I/O here.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

pub(super) use super::fault::Fault;
use super::tally::Tally;
use crate::model::letter_links::EditionLinks;
use crate::model::line::Line;

/// What a service is asked for.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Views,
    /// Visits that an edition's letters brought, by what their links said.
    Arrivals(Arc<EditionLinks>),
}

/// What a service calls the pairs of our links; `known` are the names that it keeps, each with its own word for it.
///
/// # Errors
/// It does not keep one of them.
pub(super) fn own_words(
    links: &EditionLinks,
    service: &str,
    known: &[(&str, &'static str)],
) -> Result<Vec<&'static str>, Fault> {
    let own = |name: &String| {
        let found = known.iter().find(|(pair, _)| pair == name);
        found.map(|(_, own)| *own).ok_or_else(|| {
            let kept: Vec<&str> = known.iter().map(|(pair, _)| *pair).collect();
            Fault::says(format!(
                "cannot tell arrivals: of the pairs in `[links] add` {service} keeps only `{}`, not `{}`",
                kept.join("`, `"),
                Line::clean_to(name, 40)
            ))
        })
    };
    links.names().iter().map(own).collect()
}

/// A conversation with one service. The wire sends its requests and brings back the answers.
pub(super) trait Conversation: Send {
    /// The first request.
    ///
    /// # Errors
    /// Nothing can be asked; the sentence says why.
    fn begin(&mut self) -> Result<Request, Fault>;

    /// Takes the body of a good answer: adds its rows to `tally`, and says what to ask next.
    ///
    /// # Errors
    /// The answer is an error in disguise, or no answer to what was asked.
    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault>;

    /// Whether two answers in a row may be the same and mean two things: it asks for one day after another.
    fn may_repeat(&self) -> bool {
        false
    }

    /// What a person should look at when the service answers with that status.
    fn hint(&self, status: u16) -> Option<&'static str>;
}

/// One HTTP request. It has no `Debug`: its headers and its body may hold a key.
pub(super) struct Request {
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, SecretString)>,
    /// What is posted, with its type; `None`: a GET.
    pub(super) body: Option<(&'static str, Vec<u8>)>,
    /// What must not appear in any message, whoever repeats it.
    pub(super) secrets: Vec<SecretString>,
}

impl Request {
    pub(super) fn get(url: Url) -> Self {
        Self {
            url,
            headers: Vec::new(),
            body: None,
            secrets: Vec::new(),
        }
    }

    pub(super) fn post_json(url: Url, json: &serde_json::Value) -> Self {
        Self {
            body: Some(("application/json", json.to_string().into_bytes())),
            ..Self::get(url)
        }
    }

    pub(super) fn post_form(url: Url, pairs: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        Self {
            body: Some(("application/x-www-form-urlencoded", form.into_bytes())),
            ..Self::get(url)
        }
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
