//! An HTTP server on 127.0.0.1 with the routes a test gives it: feeds, pages, counts, and everything a bad server does.
//!
//! ```ignore
//! let feeds = FeedServer::open();
//! feeds.route("/rss", Page::new("application/rss+xml", xml).etag("\"1\""));
//! let room = Newsroom::new().config("[source]", &format!("feed = \"{}\"", feeds.url("/rss")));
//! ```

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use crate::newsroom::PATIENCE;

/// What a route answers.
#[derive(Clone)]
pub(crate) struct Page {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Whole(Vec<u8>),
    /// The same bytes again and again, until the client has had enough.
    Endless(Vec<u8>),
    /// Less than `Content-Length` promises.
    Cut(Vec<u8>),
    /// Not even a status line.
    Silence,
}

impl Page {
    /// 200 with that type and body.
    pub(crate) fn new(content_type: &str, body: impl AsRef<[u8]>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: Body::Whole(body.as_ref().to_vec()),
        }
        .header("Content-Type", content_type)
    }

    /// An error page.
    pub(crate) fn error(status: u16) -> Self {
        Self {
            status,
            ..Self::new(
                "text/html",
                "<!doctype html><title>Error</title><p>Something went wrong.",
            )
        }
    }

    /// 302 to that place.
    pub(crate) fn redirect(to: &str) -> Self {
        Self {
            status: 302,
            ..Self::new("text/plain", "")
        }
        .header("Location", to)
    }

    /// A body that never ends.
    pub(crate) fn endless(content_type: &str, again: &str) -> Self {
        Self {
            body: Body::Endless(again.repeat(4096 / again.len().max(1) + 1).into_bytes()),
            ..Self::new(content_type, "")
        }
    }

    /// A body that ends before its promised length.
    pub(crate) fn cut(content_type: &str, body: &str) -> Self {
        Self {
            body: Body::Cut(body.into()),
            ..Self::new(content_type, "")
        }
    }

    /// Takes the request and never answers.
    pub(crate) fn hang() -> Self {
        Self {
            body: Body::Silence,
            ..Self::new("text/plain", "")
        }
    }

    /// One more header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// An entity tag, with its quotes; a request that names it gets 304.
    pub(crate) fn etag(self, tag: &str) -> Self {
        self.header("ETag", tag)
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Path and query.
    pub(crate) path: String,
    headers: HashMap<String, String>,
    /// What it was answered with; 0 for silence.
    pub(crate) status: u16,
}

impl Request {
    /// A header field by its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(&name.to_ascii_lowercase())
            .map(String::as_str)
    }
}

#[derive(Default)]
struct Book {
    routes: HashMap<String, Page>,
    requests: Vec<Request>,
    streams: Vec<TcpStream>,
    watchers: Vec<Sender<()>>,
    closed: bool,
}

/// The server. Dropped, it hangs up on everybody.
pub(crate) struct FeedServer {
    port: u16,
    book: Arc<Mutex<Book>>,
}

impl FeedServer {
    /// Opens on a free port; every path is a 404 until it has a route.
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let book = Arc::new(Mutex::new(Book::default()));
        let shared = Arc::clone(&book);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                let book = Arc::clone(&shared);
                if lock(&book).closed {
                    break;
                }
                lock(&book).streams.extend(stream.try_clone());
                thread::spawn(move || {
                    // The client may hang up at any time.
                    _ = serve(&stream, &book);
                    _ = stream.shutdown(Shutdown::Both);
                });
            }
        });
        Self { port, book }
    }

    /// The whole address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Gives a path its page, in place of the one it had.
    pub(crate) fn route(&self, path: &str, page: Page) {
        self.book().routes.insert(path.to_owned(), page);
    }

    /// Every request, in order of arrival.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.book().requests.clone()
    }

    /// Hears of every request from now on.
    pub(crate) fn watch(&self) -> Receiver<()> {
        let (tell, told) = channel();
        self.book().watchers.push(tell);
        told
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }
}

impl Drop for FeedServer {
    fn drop(&mut self) {
        let mut book = self.book();
        book.closed = true;
        for stream in &book.streams {
            _ = stream.shutdown(Shutdown::Both);
        }
        drop(book);
        // Wakes the thread that waits for connections, so that it sees the end.
        _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// One request, one answer, end of connection.
fn serve(mut stream: &TcpStream, book: &Mutex<Book>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut input = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    input.read_line(&mut first)?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = HashMap::new();
    for line in input.by_ref().lines() {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut page = lock(book)
        .routes
        .get(&path)
        .cloned()
        .unwrap_or_else(|| Page::error(404));
    let tag = page
        .headers
        .iter()
        .find(|(name, _)| name == "ETag")
        .map(|(_, tag)| tag);
    if tag.is_some() && tag == headers.get("if-none-match") {
        page = Page {
            status: 304,
            body: Body::Whole(Vec::new()),
            ..page
        };
    }
    let status = if matches!(page.body, Body::Silence) {
        0
    } else {
        page.status
    };
    lock(book).requests.push(Request {
        path,
        headers,
        status,
    });
    for watcher in &lock(book).watchers {
        _ = watcher.send(());
    }
    let mut head = format!("HTTP/1.1 {status} -\r\nConnection: close\r\n");
    for (name, value) in &page.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    match &page.body {
        Body::Whole(body) => {
            stream.write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes())?;
            stream.write_all(body)
        }
        Body::Cut(body) => {
            stream.write_all(
                format!("{head}Content-Length: {}\r\n\r\n", body.len() + 1000).as_bytes(),
            )?;
            stream.write_all(body)
        }
        Body::Endless(again) => {
            stream.write_all(format!("{head}\r\n").as_bytes())?;
            loop {
                stream.write_all(again)?;
            }
        }
        Body::Silence => {
            while input.read(&mut [0; 1024])? > 0 {}
            Ok(())
        }
    }
}

mod tests {
    use super::*;

    fn get(feeds: &FeedServer, path: &str, header: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", feeds.port)).unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n").as_bytes())
            .unwrap();
        let mut answer = String::new();
        // At most a megabyte: one of the pages never ends.
        _ = stream.take(1 << 20).read_to_string(&mut answer);
        answer
    }

    #[test]
    fn pages_tags_and_redirects() {
        let feeds = FeedServer::open();
        feeds.route(
            "/rss?a=1",
            Page::new("application/rss+xml", "<rss/>").etag("\"1\""),
        );
        feeds.route("/old", Page::redirect("/rss"));
        let fresh = get(&feeds, "/rss?a=1", "");
        assert!(
            fresh.starts_with("HTTP/1.1 200 ")
                && fresh.ends_with("Content-Length: 6\r\n\r\n<rss/>"),
            "{fresh}"
        );
        assert!(get(&feeds, "/rss?a=1", "If-None-Match: \"1\"\r\n").starts_with("HTTP/1.1 304 "));
        assert!(get(&feeds, "/old", "").contains(
            "302 -\r\nConnection: close\r\nContent-Type: text/plain\r\nLocation: /rss\r\n"
        ));
        assert!(get(&feeds, "/none", "").starts_with("HTTP/1.1 404 "));
        let requests = feeds.requests();
        assert_eq!(
            requests
                .iter()
                .map(|request| request.status)
                .collect::<Vec<_>>(),
            [200, 304, 302, 404]
        );
        assert_eq!(
            (
                requests[1].path.as_str(),
                requests[1].header("If-None-Match")
            ),
            ("/rss?a=1", Some("\"1\""))
        );
        assert!(feeds.url("/x").ends_with("/x"));
    }

    #[test]
    fn bad_servers() {
        let feeds = FeedServer::open();
        feeds.route("/endless", Page::endless("text/xml", "<a>"));
        feeds.route("/cut", Page::cut("text/xml", "<rss>"));
        feeds.route("/hang", Page::hang());
        assert_eq!(get(&feeds, "/endless", "").len(), 1 << 20);
        assert!(get(&feeds, "/cut", "").ends_with("Content-Length: 1005\r\n\r\n<rss>"));
        let mut stream = TcpStream::connect(("127.0.0.1", feeds.port)).unwrap();
        stream.write_all(b"GET /hang HTTP/1.1\r\n\r\n").unwrap();
        drop(feeds);
        assert_eq!(stream.read(&mut [0; 8]).unwrap_or(0), 0);
    }
}
