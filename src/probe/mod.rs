//! Readers' one-click address, tried from outside as a mailbox provider would use it (RFC 8058), with a token of nobody: it must answer, and nothing changes.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

use crate::model::line::Line;
use crate::model::link::Link;

/// The longest that an answer may take; providers wait no longer either.
const PATIENCE: Duration = Duration::from_secs(6);

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OneClick {
    /// The newsroom's own server answers, and opens its tokens.
    Works,
    /// It leads elsewhere, and providers do not follow (RFC 8058 section 3.1).
    Redirects(u16),
    /// Something answers that does not know the newsroom's tokens: another server, or one with other keys.
    Stranger(u16),
    /// Whatever is in between, or the server itself, does not let it through.
    Refuses(u16),
    /// There is no answer.
    Silent(Line),
}

/// Tries an address whose token is sealed as a reader's is, but is nobody's.
pub async fn one_click(address: &Link) -> OneClick {
    let client = Client::builder()
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .build();
    let Ok(client) = client else {
        return OneClick::Silent(Line::clean("nothing can be asked from this machine"));
    };
    let post = |body: &'static str| {
        let form = "application/x-www-form-urlencoded";
        client
            .post(address.as_str())
            .header(CONTENT_TYPE, form)
            .body(body)
            .send()
    };
    // A server of ours tells a form that is no one-click from a token that it cannot open.
    let (known, clicked) = tokio::join!(post("probe=1"), post("List-Unsubscribe=One-Click"));
    let (known, clicked) = match (known, clicked) {
        (Ok(known), Ok(clicked)) => (known.status(), clicked.status()),
        (Err(error), _) | (_, Err(error)) => return OneClick::Silent(words(&error)),
    };
    match (known, clicked) {
        (_, status) if status.is_redirection() => OneClick::Redirects(status.as_u16()),
        // Nobody has left: there is no such reader.
        (StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND | StatusCode::OK) => OneClick::Works,
        (StatusCode::NOT_FOUND, status) => OneClick::Stranger(status.as_u16()),
        (_, StatusCode::NOT_FOUND | StatusCode::OK) => OneClick::Stranger(clicked.as_u16()),
        (_, status) => OneClick::Refuses(status.as_u16()),
    }
}

fn words(error: &reqwest::Error) -> Line {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Line::clean_to(&cause.to_string(), 200)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// What comes of a server that answers a form with the first status, and a click with the second.
    async fn tried(form: u16, click: u16) -> OneClick {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/leave/x", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = String::new();
                while !request.ends_with("probe=1") && !request.ends_with("One-Click") {
                    let mut octets = [0; 1_000];
                    let read = stream.read(&mut octets).await.unwrap();
                    request += std::str::from_utf8(&octets[..read]).unwrap();
                }
                assert!(!request.to_lowercase().contains("cookie"), "{request}");
                let is_click = request.ends_with("List-Unsubscribe=One-Click");
                let status = if is_click { click } else { form };
                let answer = format!(
                    "HTTP/1.1 {status} x\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let outcome = one_click(&Link::parse(&address).unwrap()).await;
        serving.await.unwrap();
        outcome
    }

    #[tokio::test]
    async fn answers_of_servers_that_are_ours_or_not() {
        assert_eq!(tried(400, 404).await, OneClick::Works);
        assert_eq!(tried(400, 302).await, OneClick::Redirects(302));
        assert_eq!(tried(404, 404).await, OneClick::Stranger(404));
        assert_eq!(tried(200, 200).await, OneClick::Stranger(200));
        assert_eq!(tried(403, 403).await, OneClick::Refuses(403));
        assert_eq!(tried(400, 503).await, OneClick::Refuses(503));
    }

    #[tokio::test]
    async fn nobody_there() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/leave/x", listener.local_addr().unwrap());
        drop(listener);
        let outcome = one_click(&Link::parse(&address).unwrap()).await;
        assert!(matches!(outcome, OneClick::Silent(_)), "{outcome:?}");
    }
}
