//! Access logs in a bucket of a real S3 server (moto), which checks nothing of signatures but speaks S3's lists, ranges and errors.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::newsroom::Newsroom;
use crate::{answers, free_port, python, wait_until};

const SECRET: &str = "secret-that-nobody-sees";
const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0";

/// A server of its own, with one bucket `logs`. Dropped, it is gone.
struct Server {
    port: u16,
    child: Child,
}

impl Server {
    fn start() -> Self {
        let port = free_port();
        let child = Command::new(python("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { port, child };
        wait_until("moto answers", || answers(port));
        server.curl(&["-X", "PUT"], "");
        server
    }

    /// Asks the server for something of the bucket.
    fn curl(&self, arguments: &[&str], name: &str) {
        let done = Command::new(crate::tool("curl", "curl"))
            .args(["-sS", "--fail", "-o", "/dev/null", "-H", "Authorization: AWS4-HMAC-SHA256 Credential=key/20260824/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"])
            .args(arguments)
            .arg(format!("http://127.0.0.1:{}/logs/{name}", self.port))
            .status();
        assert!(done.unwrap().success(), "{name}");
    }

    fn put(&self, room: &Newsroom, name: &str, body: &[u8]) {
        room.file("object", body);
        let file = room.path("object");
        self.curl(&["--upload-file", file.to_str().unwrap()], name);
    }

    /// The Harbour, which counts by that log.
    fn room(&self, log: &str) -> Newsroom {
        Newsroom::new()
            .config("[readership]", &format!("access_log = \"{log}\""))
            .environment(
                "AWS_ENDPOINT_URL",
                &format!("http://127.0.0.1:{}", self.port),
            )
            .environment("AWS_ALLOW_HTTP", "true")
            .environment("AWS_REGION", "us-east-1")
            .environment("AWS_ACCESS_KEY_ID", "key")
            .environment("AWS_SECRET_ACCESS_KEY", SECRET)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn lines(people: usize, time: &str, story: usize) -> String {
    let line = |person| {
        format!(
            "192.0.2.{person} - - [{time} +0000] \"GET /story-{story} HTTP/1.1\" 200 512 \"-\" \"{PERSON}\"\n"
        )
    };
    (0..people).map(line).collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// The views of stories 1 to 3, and what was missed.
fn told(room: &Newsroom) -> (Vec<Option<u64>>, String) {
    let output = room.run(&["explain", "--json"]).exits(0);
    assert!(!output.stdout.contains(SECRET) && !output.stderr.contains(SECRET));
    let told: Value = serde_json::from_str(&output.stdout).unwrap();
    let all = told["candidates"].as_array().unwrap();
    let views = (1..=3).map(|number| {
        let url = format!("https://harbourtimes.example/story-{number}");
        all.iter()
            .find(|story| story["url"] == url.as_str())
            .unwrap()["views"]
            .as_u64()
    });
    let misses = told["misses"].as_array().unwrap().iter();
    let misses = misses.map(|miss| {
        format!(
            "{}: {}",
            miss["source"].as_str().unwrap(),
            miss["what"].as_str().unwrap()
        )
    });
    (views.collect(), misses.collect::<Vec<_>>().join("\n"))
}

#[test]
fn logs_of_the_window_are_read_out_of_a_bucket() {
    let server = Server::start();
    let room = server.room("s3://logs/cdn/{date}/*.gz");
    server.put(
        &room,
        "cdn/2026-08-23/20-a.gz",
        &gzip(&lines(7, "23/Aug/2026:20:10:00", 2)),
    );
    server.put(
        &room,
        "cdn/2026-08-24/05-a.gz",
        &gzip(&lines(9, "24/Aug/2026:05:10:00", 1)),
    );
    // Longer than what is fetched of its beginning, and the last lines count.
    let noise: String = (0..40_000).map(|n| format!("192.0.2.9 - - [24/Aug/2026:05:12:00 +0000] \"GET /{n:x}{:x} HTTP/1.1\" 200 1 \"-\" \"{PERSON}\"\n", n * 7_919)).collect();
    server.put(
        &room,
        "cdn/2026-08-24/05-b.gz",
        &gzip(&(noise + &lines(4, "24/Aug/2026:05:20:00", 3))),
    );
    // Not of the window, not of the pattern, not in that folder.
    server.put(
        &room,
        "cdn/2026-08-20/05-a.gz",
        &gzip(&lines(90, "24/Aug/2026:05:10:00", 1)),
    );
    server.put(
        &room,
        "cdn/2026-08-24/05-a.txt",
        lines(90, "24/Aug/2026:05:10:00", 1).as_bytes(),
    );
    server.put(
        &room,
        "cdn/2026-08-24/deep/05.gz",
        &gzip(&lines(90, "24/Aug/2026:05:10:00", 1)),
    );
    server.put(
        &room,
        "cdn/2026-08-24x/05.gz",
        &gzip(&lines(90, "24/Aug/2026:05:10:00", 1)),
    );
    assert_eq!(
        told(&room),
        (vec![Some(9), Some(7), Some(4)], String::new())
    );
    // The same by a name in which the day is not a folder, and by a whole name.
    server.put(
        &room,
        "E123.2026-08-24-05.x.gz",
        &gzip(&lines(5, "24/Aug/2026:05:10:00", 3)),
    );
    server.put(
        &room,
        "E123.2026-08-01-05.x.gz",
        &gzip(&lines(5, "24/Aug/2026:05:10:00", 3)),
    );
    let found = told(&server.room("s3://logs/E123.{date}-*.gz"));
    assert_eq!(found, (vec![None, None, Some(5)], String::new()));
    let found = told(&server.room("s3://logs/E123.2026-08-24-05.x.gz"));
    assert_eq!(found.0, [None, None, Some(5)]);
}

#[test]
fn what_a_bucket_refuses_is_a_miss_and_the_edition_is_made() {
    let server = Server::start();
    let room = server.room("s3://logs/cdn/{date}/*.gz");
    assert_eq!(
        told(&room).1,
        "s3://logs/cdn/{date}/*.gz: no object has such a name"
    );
    let (_, missed) = told(&server.room("s3://elsewhere/cdn/*.gz"));
    assert_eq!(
        missed,
        "s3://elsewhere/cdn/*.gz: could not be read: NoSuchBucket: The specified bucket does not exist"
    );
    // Half an object, and one that is none.
    let whole = gzip(&lines(9, "24/Aug/2026:05:10:00", 1));
    server.put(&room, "cdn/2026-08-24/a.gz", &whole[..whole.len() / 2]);
    server.put(&room, "cdn/2026-08-24/b.gz", b"<html>\nno log\n</html>\n");
    server.put(
        &room,
        "cdn/2026-08-24/c.gz",
        &gzip(&lines(6, "24/Aug/2026:05:10:00", 2)),
    );
    let (views, missed) = told(&room);
    assert_eq!(views[1], Some(6), "{missed}");
    assert!(
        missed.contains("s3://logs/cdn/2026-08-24/a.gz")
            && missed.contains("s3://logs/cdn/2026-08-24/b.gz"),
        "{missed}"
    );
    drop(server);
    let (_, missed) = told(&room);
    assert!(missed.contains("could not be read"), "{missed}");
    room.run(&["draft"]).exits(0);
}
