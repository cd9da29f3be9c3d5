//! What a browser does at the pages of the preview and the desk, by plain sockets.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use crate::newsroom::{Newsroom, PATIENCE, Running};

/// The preview of that newsroom, and where it answers.
pub(crate) fn open(room: &Newsroom) -> (Running, String) {
    open_page(room, "preview")
}

/// The page of that verb.
pub(crate) fn open_page(room: &Newsroom, verb: &str) -> (Running, String) {
    let mut running = room.spawn(&[verb, "--port", "0"]);
    let url = running.says("http://127.0.0.1:");
    let address = url.split("//").nth(1).unwrap();
    let address = address.trim_matches(|c: char| !c.is_ascii_digit());
    (running, address.to_owned())
}

pub(crate) fn ends(running: Running) {
    running.interrupt();
    assert_eq!(running.wait().status, Some(0));
}

pub(crate) fn get(address: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    answer(address, &request)
}

/// The whole answer to a request that asks for the end of the connection.
pub(crate) fn answer(address: &str, request: &str) -> String {
    let mut answer = String::new();
    let mut stream = send(address, request);
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Sends a request; the answer is read from the stream, and must not keep anybody waiting.
pub(crate) fn send(address: &str, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// Opens the stream of events that the page listens to.
pub(crate) fn listen(address: &str) -> TcpStream {
    let request =
        format!("GET /events HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n");
    let mut stream = send(address, &request);
    read_until(&mut stream, "\r\n\r\n");
    // The first one tells the version that is there already.
    next_event(&mut stream);
    stream
}

/// Waits until the page shows `text`; one change of a file may be several events.
pub(crate) fn becomes(events: &mut TcpStream, address: &str, text: &str) {
    loop {
        next_event(events);
        if get(address, "/").contains(text) {
            return;
        }
    }
}

pub(crate) fn next_event(events: &mut TcpStream) {
    read_until(events, "data:");
    read_until(events, "\n\n");
}

fn read_until(stream: &mut TcpStream, end: &str) {
    let mut read = Vec::new();
    let mut byte = [0];
    // The server says now and then that it is still there, so the socket's own time limit is not enough.
    let deadline = Instant::now() + PATIENCE;
    while !read.ends_with(end.as_bytes()) {
        assert!(Instant::now() < deadline, "the page says nothing new");
        stream.read_exact(&mut byte).expect("the page says nothing");
        read.extend(byte);
    }
}
