//! What verbs print with `--json`, held against the schemas of `docs/schemas` by Python's jsonschema.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::newsroom::{Newsroom, TODAY};
use crate::sink::Sink;
use crate::{free_port, open_folder, tool};

/// What is wrong with answers, each beside the name of its schema.
fn wrong(answers: &[(&str, String)]) -> String {
    let mut child = Command::new(tool("python3", "python3 python3-jsonschema"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/real/schemas.py"
        ))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for (schema, answer) in answers {
        let value: serde_json::Value = serde_json::from_str(answer).unwrap();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schemas");
        writeln!(input, "{folder}/{schema}.json\t{value}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "is python3-jsonschema installed?");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_verbs_print_as_json_is_what_its_schema_says() {
    let (letters, port) = (open_folder(), free_port());
    let room = Newsroom::new()
        .config(
            "links",
            "add = \"utm_source=letter&utm_campaign={day}&utm_content={slot}\"",
        )
        .config("[readership]", "access_log = \"web.log\"")
        .config("[line]", "label = \"Weather\"\nfile = \"gone.txt\"")
        .config("question", "text = \"Was it worth it?\"")
        .config("public", "url = \"https://news.harbourtimes.example/\"")
        .relay(port, 2);
    room.file(
        "web.log",
        "192.0.2.1 - - [24/Aug/2026:05:00:00 +0000] \"GET /story-3 HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0\"\n",
    );
    let mut answers = Vec::new();
    let mut take = |room: &Newsroom, schema: &'static str, arguments: &[&str], code: i32| {
        let said = room.run(&[&["--json"], arguments].concat()).exits(code);
        answers.push((schema, said.stdout));
    };
    take(&room, "check", &["check"], 0);
    take(&room, "explain", &["explain"], 0);
    take(&room, "dry-run", &["send", "--dry-run"], 0);
    take(&room, "draft", &["draft", "--force"], 0);
    take(&room, "explain", &["explain", "ferry"], 0);
    let sink = Sink::start(port, letters.path());
    room.run(&["send"]).exits(0);
    drop(sink);
    take(&room, "dry-run", &["send", "--dry-run"], 0);
    take(&room, "status", &["status"], 0);
    take(&room, "status", &["status", TODAY, "--left-out"], 0);
    room.file("stories/9.toml", "[[story]]\nheadlin = \"x\"\n");
    take(&room, "check", &["check"], 1);
    let room = room.at("2026-08-25T06:00:00Z");
    let came = |place: &str| {
        format!(
            "192.0.2.7 - - [24/Aug/2026:09:00:00 +0000] \"GET /story-3?utm_source=letter&utm_campaign={TODAY}&utm_content={place} HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0\"\n"
        )
    };
    room.file("web.log", room.read("web.log") + &came("top-1"));
    take(&room, "results", &["results"], 0);
    take(&room, "results", &["results", "--selection", "30d"], 0);
    let quiet = room.config("selection", "minimum = 90");
    take(&quiet, "draft", &["draft"], 0);
    take(&quiet, "dry-run", &["send", "--dry-run"], 0);
    let broken = quiet.config("newsletter", "id = \"harbour\"");
    take(&broken, "check", &["check"], 1);
    assert_eq!(wrong(&answers), "");
}
