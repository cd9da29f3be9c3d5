//! Pictures, asked for as mail programs would, and no kind that they do not show.

use std::time::Duration;

use super::enrich::TIME;
use super::fetch::{FetchError, Fetched, Wanted, Web};
use super::guard::is_same_server;
use super::kind::{Source, named};
use super::limits::Limits;
use super::polite;
use crate::model::link::Link;

/// How much is read of a picture of which only kind and size are wanted.
const BEGINNING: u64 = 256_000;

/// How much of each picture is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Much {
    /// Enough to know kind and size.
    Beginning,
    All,
}

/// Asks for every picture, a few at once, and gives in their order what `take` made of the answers that came in `time`. The time for one is what
/// `limits` says, and 10 s at most. Private addresses are refused but for the servers of `sources`.
///
/// # Errors
/// Nothing can be asked from this machine.
pub async fn pictures<T, F: Future<Output = T>>(
    links: &[Link],
    sources: &[Source],
    much: Much,
    limits: &Limits,
    time: Duration,
    take: impl Fn(usize, Result<Fetched, FetchError>) -> F,
) -> Result<Vec<(usize, T)>, FetchError> {
    let homes = named(sources);
    let web = Web::new(homes.clone())?;
    let (wanted, bytes) = match much {
        Much::Beginning => (Wanted::PictureBeginning, BEGINNING),
        Much::All => (Wanted::Picture, limits.bytes),
    };
    let limits = &Limits {
        time: limits.time.min(TIME),
        bytes,
        ..*limits
    };
    let (web, homes, take) = (&web, &homes, &take);
    let ask = |place: usize| {
        let link = &links[place];
        async move {
            let home = homes.iter().find(|home| is_same_server(home, link));
            let fetched = web.fetch_from(home, link, wanted, None, limits).await;
            take(place, fetched).await
        }
    };
    Ok(polite::each(links, time, ask).await)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::line::Line;
    use crate::model::link::Origin;
    use crate::source::fetch::tests::{Act, answer, serve};
    use crate::source::{Kind, LIMITS};

    fn sources(at: &str) -> [Source; 1] {
        [Source {
            site: Link::parse(at).unwrap(),
            ..Source::of(
                Line::clean("the paper"),
                Kind::Feed(Origin::Path("news.xml".into())),
            )
        }]
    }

    /// What each path gives: how much came, how much there is.
    async fn asked(server: &str, paths: &[&str], much: Much, limits: &Limits) -> Vec<String> {
        let link = |path: &&str| Link::parse(&format!("{server}/{path}")).unwrap();
        let links: Vec<Link> = paths.iter().map(link).collect();
        let time = Duration::from_mins(1);
        let said = |_, fetched: Result<Fetched, FetchError>| async {
            match fetched {
                Ok(fetched) => format!("{} of {:?}", fetched.body.len(), fetched.whole),
                Err(error) => error.explained(),
            }
        };
        let answers = pictures(&links, &sources(server), much, limits, time, said).await;
        answers
            .unwrap()
            .into_iter()
            .map(|(_, answer)| answer)
            .collect()
    }

    #[tokio::test]
    async fn a_server_that_drips_holds_nobody_up() {
        let server = serve(|request| match request.split(' ').nth(1) {
            Some("/drip" | "/drip?2") => {
                Act::Drips("HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n")
            }
            Some("/mute") => Act::Silence,
            _ => answer("200 OK", "Content-Type: image/jpeg\r\n", "abc"),
        })
        .await;
        let limits = Limits {
            time: Duration::from_millis(300),
            ..LIMITS
        };
        let paths = ["drip", "mute", "drip?2", "good"];
        insta::assert_snapshot!(asked(&server, &paths, Much::All, &limits).await.join("\n"), @"
        took longer than 0.3 s
        took longer than 0.3 s
        took longer than 0.3 s
        3 of Some(3)
        ");
    }

    #[tokio::test]
    async fn octets_come_as_they_are_and_as_many_as_are_wanted() {
        let server = serve(|request| {
            assert!(request.contains("accept: image/jpeg") && !request.contains("avif"));
            match request.split(' ').nth(1) {
                Some("/large") => Act::Endless("HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n"),
                Some("/endless") => Act::Endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
                // A server says such things of pictures too: they are not text.
                _ => answer(
                    "200 OK",
                    "ETag: \"1\"\r\nContent-Type: image/jpeg; charset=utf-16\r\n",
                    "\u{e4}bcdef",
                ),
            }
        })
        .await;
        let limits = Limits {
            bytes: 500_000,
            ..LIMITS
        };
        let paths = ["large", "endless", "good"];
        insta::assert_snapshot!(asked(&server, &paths, Much::All, &limits).await.join("\n"), @"
        is larger than 500 kB
        is larger than 500 kB
        7 of Some(7)
        ");
        insta::assert_snapshot!(asked(&server, &paths, Much::Beginning, &limits).await.join("\n"), @"
        256000 of Some(900000)
        256000 of None
        7 of Some(7)
        ");
    }

    #[tokio::test]
    async fn other_servers_of_this_machine_are_none_of_ours() {
        let server =
            serve(|_| answer("302 Found", "Location: http://localhost:1/a.jpg\r\n", "")).await;
        let said = asked(&server, &["a.jpg"], Much::All, &LIMITS).await;
        assert_eq!(
            said,
            ["leads to `localhost:1`, which is not on the public internet"]
        );
        let elsewhere = asked("http://127.0.0.1:9", &["a.jpg"], Much::All, &LIMITS).await;
        assert!(elsewhere[0].contains("could not be read"), "{elsewhere:?}");
    }
}
