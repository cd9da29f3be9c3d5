//! A service on 127.0.0.1 that answers as a test's function says, and remembers what it was asked.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::Value;

use crate::newsroom::PATIENCE;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    pub(super) query: HashMap<String, String>,
    pub(super) headers: HashMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Call {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body, which must be JSON and said to be.
    pub(super) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body, which must be a form and said to be.
    pub(super) fn form(&self) -> HashMap<String, String> {
        assert_eq!(
            self.header("content-type"),
            "application/x-www-form-urlencoded"
        );
        pairs(std::str::from_utf8(&self.body).unwrap())
    }
}

fn pairs(text: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

/// What it is answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// So many octets more are promised than come.
    pub(super) cut: usize,
    /// Nothing comes at all.
    pub(super) is_silent: bool,
}

impl Answer {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            cut: 0,
            is_silent: false,
        }
    }

    pub(super) fn ok(body: &Value) -> Self {
        Self::new(200, body.to_string())
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn silence() -> Self {
        Self {
            is_silent: true,
            ..Self::new(200, "")
        }
    }
}

/// The service. A request that its function panics at is answered 500, and the panic fails the test when the service is dropped.
pub(super) struct Server {
    port: u16,
    calls: Arc<Mutex<Vec<Call>>>,
    wrong: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn open(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            calls: Arc::default(),
            wrong: Arc::default(),
        };
        let answer = Arc::new(answer);
        let (calls, wrong) = (Arc::clone(&server.calls), Arc::clone(&server.wrong));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, calls, wrong) =
                    (Arc::clone(&answer), Arc::clone(&calls), Arc::clone(&wrong));
                thread::spawn(move || {
                    if let Some(call) = read(&stream) {
                        calls.lock().unwrap().push(call.clone());
                        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                            answer(&call)
                        }));
                        let answer = caught.unwrap_or_else(|panic| {
                            let said = panic.downcast_ref::<String>().cloned();
                            let said = said.or_else(|| {
                                panic.downcast_ref::<&str>().map(|text| (*text).to_owned())
                            });
                            wrong.lock().unwrap().push(said.unwrap_or_default());
                            Answer::new(500, "")
                        });
                        _ = write(&stream, &answer);
                    }
                    _ = stream.shutdown(Shutdown::Both);
                });
            }
        });
        server
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every request so far.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(
            wrong.is_empty() || thread::panicking(),
            "asked wrongly: {wrong:#?}"
        );
    }
}

fn read(stream: &TcpStream) -> Option<Call> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut input = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    input.read_line(&mut first).ok()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut call = Call {
        method: method.to_owned(),
        path: path.to_owned(),
        query: pairs(query),
        ..Call::default()
    };
    for line in input.by_ref().lines() {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        call.headers
            .insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    call.body = vec![0; call.header("content-length").parse().unwrap_or(0)];
    input.read_exact(&mut call.body).ok()?;
    Some(call)
}

fn write(mut stream: &TcpStream, answer: &Answer) -> std::io::Result<()> {
    if answer.is_silent {
        while stream.read(&mut [0; 64])? > 0 {}
        return Ok(());
    }
    let mut head = format!("HTTP/1.1 {} -\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    write!(
        head,
        "Content-Length: {}\r\n\r\n",
        answer.body.len() + answer.cut
    )
    .unwrap();
    stream.write_all(head.as_bytes())?;
    stream.write_all(&answer.body)
}
