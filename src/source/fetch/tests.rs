//! Reading from a server that is slow, large, broken or sly; other tests of the room ask the same one.

use super::*;
use crate::source::LIMITS;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a request for a path.
pub(in crate::source) type Script = fn(&str) -> Act;

pub(in crate::source) enum Act {
    /// Writes this and closes.
    Say(String),
    /// Writes this and then goes on writing.
    Endless(&'static str),
    /// Says nothing and keeps the connection.
    Silence,
    /// Begins and never ends, an octet at a time.
    Drips(&'static str),
}

async fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut piece).await.unwrap_or(0);
        if count == 0 {
            break;
        }
        head.extend_from_slice(&piece[..count]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A server on this machine; its address without the path.
pub(in crate::source) async fn serve(script: Script) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                match script(&head_of(&mut stream).await) {
                    Act::Say(answer) => _ = stream.write_all(answer.as_bytes()).await,
                    Act::Endless(head) => {
                        _ = stream.write_all(head.as_bytes()).await;
                        while stream.write_all(&[b'x'; 1000]).await.is_ok() {}
                    }
                    Act::Silence => std::future::pending().await,
                    Act::Drips(head) => {
                        _ = stream.write_all(head.as_bytes()).await;
                        while stream.write_all(b"x").await.is_ok() {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                    }
                }
            });
        }
    });
    format!("http://{address}")
}

pub(in crate::source) fn answer(status: &str, headers: &str, body: &str) -> Act {
    Act::Say(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ))
}

async fn get(at: &str, limits: &Limits) -> Result<Fetched, FetchError> {
    fetch(&Link::parse(at).unwrap(), None, limits).await
}

async fn refused(at: &str, limits: &Limits) -> String {
    get(at, limits).await.unwrap_err().explained()
}

#[tokio::test]
async fn reads_and_remembers() {
    let server = serve(|request| {
        assert!(request.contains("user-agent: newsdigest/"), "{request}");
        if request.contains("if-none-match: \"1\"") {
            answer("304 Not Modified", "", "")
        } else {
            answer(
                "200 OK",
                "ETag: \"1\"\r\nContent-Type: text/xml; charset=\"ISO-8859-1\"\r\n",
                "hello",
            )
        }
    })
    .await;
    let link = Link::parse(&format!("{server}/rss")).unwrap();
    let first = fetch(&link, None, &LIMITS).await.unwrap();
    let remembered = first.remember.unwrap();
    assert_eq!(
        (
            first.body.as_slice(),
            remembered.url.as_str(),
            remembered.etag.as_deref()
        ),
        (b"hello".as_slice(), link.as_str(), Some("\"1\""))
    );
    let second = fetch(&link, Some(&remembered), &LIMITS).await.unwrap();
    assert_eq!(
        (second.body.as_slice(), second.remember),
        (b"hello".as_slice(), None)
    );
}

#[tokio::test]
async fn answers_that_are_none() {
    let server = serve(
        |request| match request.split(' ').nth(1).unwrap_or_default() {
            "/gone" => answer("410 Gone", "", ""),
            "/broken" => answer("502 Bad Gateway", "", ""),
            "/same" => answer("304 Not Modified", "", ""),
            "/nowhere" => answer("302 Found", "", ""),
            _ => Act::Say("SSH-2.0-OpenSSH\r\n".into()),
        },
    )
    .await;
    for (path, expected) in [
        ("/gone", "answered 410"),
        ("/broken", "answered 502"),
        ("/same", "answered 304"),
        ("/nowhere", "answered 302"),
        ("/ssh", "could not be read: invalid HTTP version parsed"),
    ] {
        assert_eq!(
            refused(&format!("{server}{path}"), &LIMITS).await,
            expected,
            "{path}"
        );
    }
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let words = refused(&format!("http://{closed}/?key=secret"), &LIMITS).await;
    assert!(
        words.starts_with("could not be read: connection refused"),
        "{words}"
    );
    let words = refused("http://no-such-host.invalid/?key=secret", &LIMITS).await;
    assert_eq!(
        words,
        "could not be found: no address is known for `no-such-host.invalid`"
    );
}

#[tokio::test]
async fn too_large_and_endless() {
    let limits = Limits {
        bytes: 4_000,
        ..LIMITS
    };
    let server = serve(
        |request| match request.split(' ').nth(1).unwrap_or_default() {
            "/said" => answer("200 OK", "", &"x".repeat(4_001)),
            "/exactly" => answer("200 OK", "", &"x".repeat(4_000)),
            _ => Act::Endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        },
    )
    .await;
    assert_eq!(
        refused(&format!("{server}/said"), &limits).await,
        "is larger than 4 kB"
    );
    assert_eq!(
        refused(&format!("{server}/endless"), &limits).await,
        "is larger than 4 kB"
    );
    assert_eq!(
        get(&format!("{server}/exactly"), &limits)
            .await
            .unwrap()
            .body
            .len(),
        4_000
    );
}

#[tokio::test]
async fn silence_ends() {
    let server = serve(|_| Act::Silence).await;
    let limits = Limits {
        time: Duration::from_millis(50),
        ..LIMITS
    };
    assert_eq!(refused(&server, &limits).await, "took longer than 0.05 s");
}

#[tokio::test]
async fn redirects_within_the_host_are_followed() {
    let server = serve(
        |request| match request.split(' ').nth(1).unwrap_or_default() {
            "/old" => answer("301 Moved Permanently", "Location: /new/\r\n", ""),
            "/new/" => answer("200 OK", "", "here"),
            "/file" => answer("302 Found", "Location: file:///etc/passwd\r\n", ""),
            _ => answer("302 Found", "Location: /again\r\n", ""),
        },
    )
    .await;
    let found = get(&format!("{server}/old"), &LIMITS).await.unwrap();
    assert_eq!(
        (found.body.as_slice(), found.url.as_str()),
        (b"here".as_slice(), format!("{server}/new/").as_str())
    );
    assert_eq!(
        refused(&format!("{server}/loop"), &LIMITS).await,
        "redirects more than 5 times"
    );
    assert_eq!(
        refused(&format!("{server}/file"), &LIMITS).await,
        "redirects to something else than a web page"
    );
}

#[tokio::test]
async fn redirects_to_private_addresses_are_refused() {
    let server = serve(|request| {
        let to = match request.split(' ').nth(1).unwrap_or_default() {
            "/literal" => "http://127.0.0.2/admin",
            "/metadata" => "http://169.254.169.254/latest",
            "/number" => "http://2130706434/",
            "/six" => "http://[::ffff:10.0.0.1]/",
            "/octal" => "http://0177.0.0.1/",
            "/hex" => "http://0x7f000001/",
            "/short" => "http://127.1/",
            "/dotted" => "http://127.0.0.1./",
            "/nothing" => "http://0.0.0.0/",
            "/nat64" => "http://[64:ff9b::a00:1]/",
            "/6to4" => "http://[2002:a00:1::]/",
            "/port" => "http://127.0.0.1:1/admin",
            "/tls" => "https://127.0.0.1/admin",
            _ => "http://localhost:1/",
        };
        answer("302 Found", &format!("Location: {to}\r\n"), "")
    })
    .await;
    for (path, host) in [
        ("/literal", "127.0.0.2"),
        ("/metadata", "169.254.169.254"),
        ("/number", "127.0.0.2"),
        ("/six", "[::ffff:a00:1]"),
        ("/octal", "127.0.0.1"),
        ("/hex", "127.0.0.1"),
        ("/short", "127.0.0.1"),
        ("/dotted", "127.0.0.1"),
        ("/nothing", "0.0.0.0"),
        ("/nat64", "[64:ff9b::a00:1]"),
        ("/6to4", "[2002:a00:1::]"),
        ("/port", "127.0.0.1:1"),
        ("/tls", "127.0.0.1"),
        ("/name", "localhost:1"),
    ] {
        assert_eq!(
            refused(&format!("{server}{path}"), &LIMITS).await,
            format!("leads to `{host}`, which is not on the public internet")
        );
    }
}

#[test]
fn a_server_is_a_host_and_its_port() {
    let same = |one: &str, other: &str| {
        let [one, other] = [one, other].map(|text| Link::parse(text).unwrap());
        is_same_server(&one, &other)
    };
    assert!(same("http://cms.example/a", "https://cms.example/b"));
    assert!(same("http://cms.example:80/", "http://CMS.example/"));
    assert!(same(
        "http://cms.example:8080/",
        "http://cms.example:8080/b"
    ));
    assert!(!same("http://cms.example/", "http://cms.example:8080/"));
    assert!(!same("http://cms.example:8080/", "https://cms.example/"));
    assert!(!same("http://cms.example/", "http://cms.example./"));
    assert!(!same("http://cms.example/", "http://www.cms.example/"));
}

#[tokio::test]
async fn of_a_storys_page_the_beginning_is_read() {
    let server = serve(|request| {
        assert!(request.contains("accept: text/html"), "{request}");
        match request.split(' ').nth(1).unwrap_or_default() {
            "/said" => answer("200 OK", "", &"x".repeat(4_001)),
            _ => Act::Endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        }
    })
    .await;
    let limits = Limits {
        bytes: 4_000,
        ..LIMITS
    };
    let web = Web::new(Vec::new()).unwrap();
    for path in ["/said", "/endless"] {
        let link = Link::parse(&format!("{server}{path}")).unwrap();
        let read = web.fetch(&link, Wanted::Beginning, None, &limits).await;
        assert_eq!(read.unwrap().body.len(), 4_000);
    }
}

#[test]
fn charsets() {
    for (kind, expected) in [
        ("text/xml", None),
        ("text/xml; charset=UTF-8", Some("UTF-8")),
        ("text/xml;q=1; Charset=\"koi8-r\"", Some("koi8-r")),
    ] {
        assert_eq!(charset(kind).as_deref(), expected, "{kind}");
    }
}

#[test]
fn every_sentence() {
    let all = [
        FetchError::Status(503),
        FetchError::Slow(Duration::from_secs(20)),
        FetchError::Large(10 << 20),
        FetchError::Redirects,
        FetchError::Location(Link::parse("ftp://h.example").unwrap_err()),
        FetchError::Private(Line::clean("10.0.0.1")),
        FetchError::Unnamed(Line::clean("cdn.example:8080")),
        FetchError::Unknown(Line::clean("nosuch.example")),
    ];
    insta::assert_snapshot!(all.map(|error| error.explained()).join("\n"), @"
    answered 503
    took longer than 20 s
    is larger than 10 MB
    redirects more than 5 times
    redirects to something else than a web page
    leads to `10.0.0.1`, which is not on the public internet
    leads to `cdn.example:8080`: through the proxy only servers that the config names are asked
    could not be found: no address is known for `nosuch.example`
    ");
}
