//! The sitemaps that an index names: which of them are read, and how many.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use chrono::DateTime;
use tokio::time::Instant;

use super::feed::FeedContext;
use super::fetch::{Remembered, Wanted, Web};
use super::limits::Limits;
use super::reading::{Document, OUR_FAULT, Reader, Reading};
use super::sections::Sections;
use super::sitemap::{CHILDREN, Child, Sitemap, read};
use crate::model::dates::DateStyle;
use crate::model::link::Link;

/// How deep indexes may be in one another. The protocol allows no second one; papers have it all the same.
const DEPTH: usize = 2;

/// After how many times the time of one address no further sitemap is begun.
const TIMES: u32 = 3;

/// The sitemaps that would be read for an index as it was last time.
pub(super) fn recalled(index: &Remembered) -> Vec<Link> {
    let base = Link::parse(&index.url).ok();
    let known = FeedContext {
        url: base.as_ref(),
        section: None,
        sections: &Sections::default(),
        items: 0,
        paragraphs: 0,
        now: DateTime::UNIX_EPOCH,
        dates: &DateStyle::universal(),
    };
    match read(&index.body, &known) {
        Ok(Sitemap::Index(children, _)) => children.into_iter().map(|child| child.url).collect(),
        _ => Vec::new(),
    }
}

/// Reads the sitemaps that the index at `home` names, and adds what they give to `reading`. One that lies on another host must be public.
pub(super) async fn follow(
    home: &Link,
    reader: &Arc<Reader>,
    web: &Web,
    remembered: &HashMap<String, Remembered>,
    limits: &Limits,
    reading: &mut Reading,
) {
    let end = Instant::now() + limits.time * TIMES;
    let mut seen = HashSet::from([home.clone()]);
    let mut waiting: VecDeque<(Link, usize)> = VecDeque::new();
    let add = |children: Vec<Child>, depth: usize, waiting: &mut VecDeque<_>| {
        waiting.extend(children.into_iter().map(|child| (child.url, depth)));
    };
    add(std::mem::take(&mut reading.children), 1, &mut waiting);
    while let Some((link, depth)) = waiting.pop_front() {
        if seen.len() > CHILDREN {
            break;
        }
        if !seen.insert(link.clone()) {
            continue;
        }
        if Instant::now() >= end {
            reading.misses.push(format!(
                "is an index whose sitemaps take longer than {} s; {} of them were not read",
                (limits.time * TIMES).as_secs_f64(),
                waiting.len() + 1
            ));
            break;
        }
        let asked = Instant::now();
        let fetched = web
            .fetch_from(
                Some(home),
                &link,
                Wanted::Feed,
                remembered.get(link.as_str()),
                limits,
            )
            .await;
        reading.took += asked.elapsed();
        // The query may carry a key.
        let name = link.as_str().split('?').next().unwrap_or_default();
        match fetched {
            Err(error) => {
                reading.failed += 1;
                reading.may_come_back |= error.may_pass();
                reading
                    .misses
                    .push(format!("`{name}` {}", error.explained()));
            }
            Ok(fetched) => {
                let (reader, about) = (Arc::clone(reader), name.to_owned());
                let read = tokio::task::spawn_blocking(move || {
                    reader.fetched(&Document::Sitemap, &about, fetched)
                });
                let mut child = read.await.unwrap_or_else(|_| Reading {
                    misses: vec![format!("`{name}` {OUR_FAULT}")],
                    failed: 1,
                    ..Reading::default()
                });
                let inner = std::mem::take(&mut child.children);
                if depth < DEPTH {
                    add(inner, depth + 1, &mut waiting);
                } else if !inner.is_empty() {
                    let what = "is an index within an index, and one too many";
                    reading.misses.push(format!("`{name}` {what}"));
                }
                reading.absorb(child);
            }
        }
    }
    if reading.stories.len() > limits.items {
        reading
            .stories
            .sort_by_key(|(story, _)| Reverse(story.published));
        reading.stories.truncate(limits.items);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::model::line::Line;
    use crate::model::link::Origin;
    use crate::source::{Gathered, Kind, LIMITS, Source, asked_too, gather};

    /// What the server answers to a request; nothing: it is silent and keeps the connection.
    type Script = fn(&str) -> Vec<u8>;

    async fn serve(script: Script) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut head, mut piece) = (Vec::new(), [0; 1024]);
                    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                        match stream.read(&mut piece).await {
                            Ok(count @ 1..) => head.extend_from_slice(&piece[..count]),
                            _ => return,
                        }
                    }
                    let answer = script(&String::from_utf8_lossy(&head));
                    if answer.is_empty() {
                        std::future::pending::<()>().await;
                    }
                    _ = stream.write_all(&answer).await;
                });
            }
        });
        format!("http://{address}")
    }

    fn answer(status: &str, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\nETag: \"{length}\"\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    }

    fn index(names: &[&str]) -> Vec<u8> {
        let name = |name: &&str| format!("<sitemap><loc>{name}</loc></sitemap>");
        let all: String = names.iter().map(name).collect();
        answer(
            "200 OK",
            format!("<sitemapindex>{all}</sitemapindex>").as_bytes(),
        )
    }

    async fn gathered(at: &str, limits: &Limits, known: &[Remembered]) -> (Source, Gathered) {
        let source = Source::of(
            Line::clean("s"),
            Kind::Sitemap(Origin::Url(Link::parse(at).unwrap())),
        );
        let known = known.iter().map(|page| (page.url.clone(), page.clone()));
        let now = "2026-08-24T06:00:00Z".parse().unwrap();
        let found = gather(std::slice::from_ref(&source), &known.collect(), limits, now).await;
        (source, found)
    }

    fn said(gathered: &Gathered, server: &str) -> String {
        let harvest = &gathered.harvest;
        let stories = harvest
            .candidates
            .iter()
            .map(|one| one.story.headline.to_string());
        let misses = harvest
            .misses
            .iter()
            .map(|miss| miss.what.as_str().replace(server, ""));
        stories.chain(misses).collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn an_index_is_followed_and_remembered() {
        let server = serve(|request| {
            if request.contains("if-none-match") {
                return answer("304 Not Modified", b"");
            }
            match request.split(' ').nth(1).unwrap_or_default() {
                "/all.xml" => index(&[
                    "/pages.xml",
                    "/news.xml?key=1",
                    "http://127.0.0.2/news.xml",
                    "/all.xml?news",
                    "/news-gone.xml?key=secret",
                ]),
                "/all.xml?news" => index(&["/news-deep.xml", "/all.xml"]),
                "/news-deep.xml" => index(&["/news-deeper.xml"]),
                "/news.xml?key=1" => {
                    let mut gzip =
                        flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                    gzip.write_all(b"<urlset><url><loc>/a</loc><lastmod>2026-08-24</lastmod><n:news><n:title>A</n:title></n:news></url></urlset>").unwrap();
                    answer("200 OK", &gzip.finish().unwrap())
                }
                _ => answer("404 Not Found", b""),
            }
        })
        .await;
        let at = format!("{server}/all.xml");
        let (source, first) = gathered(&at, &LIMITS, &[]).await;
        insta::assert_snapshot!(said(&first, &server), @"
        A
        `http://127.0.0.2/news.xml` leads to `127.0.0.2`, which is not on the public internet
        `/news-gone.xml` answered 404
        `/news-deep.xml` is an index within an index, and one too many
        ");
        let health = &first.harvest.health[0];
        assert_eq!((health.stories, health.without_date), (1, 0));
        let asked = asked_too(&source, &first.remember[0]);
        assert_eq!(asked[0].as_str(), format!("{server}/news.xml?key=1"));
        let kept: Vec<&str> = first
            .remember
            .iter()
            .map(|page| page.url.as_str())
            .collect();
        assert!(kept.contains(&asked[0].as_str()), "{kept:?}");

        let (_, second) = gathered(&at, &LIMITS, &first.remember).await;
        assert_eq!(second.harvest.candidates, first.harvest.candidates);
        let kept: Vec<&str> = second
            .remember
            .iter()
            .map(|kept| kept.url.as_str())
            .collect();
        assert_eq!(kept, [source.seen_key()]);
    }

    #[tokio::test]
    async fn slow_sitemaps_do_not_add_up() {
        let server = serve(|request| {
            if request.contains("/all.xml") {
                index(&["/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"])
            } else {
                Vec::new()
            }
        })
        .await;
        let limits = Limits {
            time: Duration::from_millis(50),
            ..LIMITS
        };
        let (_, found) = gathered(&format!("{server}/all.xml"), &limits, &[]).await;
        let misses = found.harvest.misses;
        assert_eq!(
            misses.last().unwrap().what,
            "is an index whose sitemaps take longer than 0.15 s; 5 of them were not read"
        );
        assert_eq!((found.harvest.failed, found.harvest.health.len()), (1, 0));
    }

    #[test]
    fn news_first_and_the_newest_of_all() {
        let child = |url: &str, modified: &str| Child {
            url: Link::parse(url).unwrap(),
            modified: crate::model::dates::parse(modified, &DateStyle::universal())
                .map(|date| date.at),
        };
        let names = |children: Vec<Child>| {
            crate::source::sitemap::worth_reading(children)
                .iter()
                .map(|child| child.url.url().path().to_owned())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let pages = vec![
            child("https://news.example/a", ""),
            child("https://news.example/b", "2026-08-01"),
            child("https://news.example/newsletters", "2026-08-24"),
        ];
        assert_eq!(names(pages.clone()), "/newsletters /b /a");
        let with_news = [pages, vec![child("https://news.example/News-1", "")]].concat();
        assert_eq!(names(with_news), "/News-1");
    }
}
