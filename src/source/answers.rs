//! Whether anything is behind the links that a letter will print.

use std::time::Duration;

use super::enrich::TIME;
use super::fetch::{FetchError, Web};
use super::guard::is_same_server;
use super::kind::{Source, named};
use super::limits::Limits;
use super::polite;
use crate::model::link::Link;

/// The time for all of them, in times for one link.
const TIMES: u32 = 12;

/// Asks every link, a few at once, and says in their order what is dead about those that are: the server answers 404, 410 or an error of
/// its own, or nothing. A refusal (401, 403, 429) is none: paywalls and guards against robots let people in. A link on the host of a
/// source, or of the paper, may be a private address. Those that may not be asked through a proxy, or for which no time was left, are not
/// in the answer; the time is twelve times that of one link, which `limits` says and 10 s bound.
///
/// # Errors
/// Nothing can be asked from this machine.
pub async fn answers(
    links: &[Link],
    sources: &[Source],
    limits: &Limits,
) -> Result<Vec<(Link, Result<(), String>)>, FetchError> {
    let homes = named(sources);
    let web = Web::new(homes.clone())?;
    let time = limits.time.min(TIME);
    let (web, homes) = (&web, &homes);
    let ask = |place: usize| answer(web, &links[place], homes, time);
    let asked = polite::each(links, time * TIMES, ask).await.into_iter();
    Ok(asked
        .filter_map(|(place, answer)| Some((links[place].clone(), answer?)))
        .collect())
}

/// `None`: it may not be asked through the proxy.
async fn answer(
    web: &Web,
    link: &Link,
    homes: &[Link],
    time: Duration,
) -> Option<Result<(), String>> {
    let home = homes.iter().find(|home| is_same_server(home, link));
    match web.answers(home, link, time).await {
        Err(FetchError::Unnamed(_)) => None,
        Err(FetchError::Status(status)) if !matches!(status, 404 | 410 | 500..) => Some(Ok(())),
        answer => Some(answer.map_err(|error| error.explained())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::line::Line;
    use crate::model::link::Origin;
    use crate::source::fetch::tests::{Act, answer, serve};
    use crate::source::{Kind, LIMITS};

    fn link(text: &str) -> Link {
        Link::parse(text).unwrap()
    }

    fn source(at: &str) -> Source {
        Source {
            site: link(at),
            ..Source::of(
                Line::clean("the paper"),
                Kind::Feed(Origin::Path("news.xml".into())),
            )
        }
    }

    async fn asked(links: &[Link], server: &str, limits: &Limits) -> Vec<String> {
        let answers = answers(links, &[source(server)], limits).await.unwrap();
        let said = |(link, answer): (Link, Result<(), String>)| {
            format!(
                "{} {}",
                link.url().path(),
                answer.err().unwrap_or_else(|| "lives".into())
            )
        };
        answers.into_iter().map(said).collect()
    }

    #[tokio::test]
    async fn what_is_dead_and_what_only_seems_so() {
        let server = serve(|request| {
            let mut words = request.split(' ');
            let (method, path) = (
                words.next().unwrap_or_default(),
                words.next().unwrap_or_default(),
            );
            match (method, path) {
                ("HEAD", "/get-only") => answer("405 Method Not Allowed", "", ""),
                ("GET", "/get-only") => {
                    assert!(request.contains("range: bytes=0-0"), "{request}");
                    answer("206 Partial Content", "", "<")
                }
                ("HEAD", "/endless") => Act::Say(String::new()),
                ("GET", "/endless") => Act::Endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
                (_, "/gone") => answer("410 Gone", "", ""),
                (_, "/broken") => answer("503 Service Unavailable", "", ""),
                (_, "/paywall") => answer("403 Forbidden", "", ""),
                (_, "/moved") => answer("301 Moved Permanently", "Location: /there\r\n", ""),
                (_, "/to-gone") => answer("302 Found", "Location: /gone\r\n", ""),
                (_, "/inside") => answer("302 Found", "Location: http://localhost:1/\r\n", ""),
                (_, "/there") => answer("200 OK", "", ""),
                _ => answer("404 Not Found", "", ""),
            }
        })
        .await;
        let paths = [
            "there", "get-only", "endless", "none", "gone", "broken", "paywall", "moved",
            "to-gone", "inside",
        ];
        let links = paths.map(|path| link(&format!("{server}/{path}")));
        insta::assert_snapshot!(asked(&links, &server, &LIMITS).await.join("\n"), @"
        /there lives
        /get-only lives
        /endless lives
        /none answered 404
        /gone answered 410
        /broken answered 503
        /paywall lives
        /moved lives
        /to-gone answered 410
        /inside leads to `localhost:1`, which is not on the public internet
        ");
    }

    #[tokio::test]
    async fn silence_ends_and_what_is_private_is_not_asked() {
        let server = serve(|_| Act::Silence).await;
        let limits = Limits {
            time: Duration::from_millis(50),
            ..LIMITS
        };
        let silent = link(&format!("{server}/silent"));
        let private = link("http://127.0.0.2:1/admin");
        insta::assert_snapshot!(asked(&[silent, private], &server, &limits).await.join("\n"), @"
        /silent took longer than 0.05 s
        /admin leads to `127.0.0.2:1`, which is not on the public internet
        ");
    }

    #[tokio::test]
    async fn a_host_that_says_nothing_does_not_hold_up_for_ever() {
        let server = serve(|_| Act::Silence).await;
        let limits = Limits {
            time: Duration::from_millis(10),
            ..LIMITS
        };
        let links: Vec<Link> = (0..400).map(|n| link(&format!("{server}/{n}"))).collect();
        let asked = asked(&links, &server, &limits).await.len();
        assert!((1..400).contains(&asked), "{asked}");
    }
}
