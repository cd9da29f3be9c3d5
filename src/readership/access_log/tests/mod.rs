//! Logs of all kinds, from the door.

mod any;
mod counting;
mod files;
mod forms;

use tempfile::TempDir;

use super::*;
use crate::model::letter_links::LinkQuery;

const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, body) in files {
        let mut file = std::fs::File::create(folder.path().join(name)).unwrap();
        std::io::Write::write_all(&mut file, body).unwrap();
        // The newest come first, and the clock may tick while they are written.
        file.set_modified(at("2026-08-24T06:00:00Z").into())
            .unwrap();
    }
    folder
}

fn read_as(folder: &TempDir, pattern: &str, format: Option<&str>, cut: Cut) -> ReadershipReport {
    let log = AccessLog {
        name: Line::clean("web"),
        place: LogPlace::Disk(folder.path().join(pattern)),
        format: format.map(|text| Format::parse(text).unwrap()),
        crawlers: vec!["acme".to_owned()],
        letters: LetterLinks::of(
            LinkQuery::parse("utm_source=letter&utm_medium=email")
                .ok()
                .as_ref(),
            "harbour",
        ),
    };
    let keys = ["www/", "ferry", "caf%C3%A9", "s?id=7"].map(|path| match path {
        "www/" => StoryKey::restore("example.org/news/ferry"),
        path => StoryKey::restore(&format!("example.com/news/{path}")),
    });
    let zone = Zone::bundled("Europe/Berlin").unwrap();
    let window = (at("2026-08-23T06:00:00Z"), at("2026-08-24T06:02:00Z"));
    read_cut(&log, &HashSet::from(keys), window, &zone, 42, cut)
}

fn whole(folder: &TempDir, pattern: &str) -> ReadershipReport {
    read_as(
        folder,
        pattern,
        None,
        Cut {
            workers: 2,
            block: 1 << 16,
        },
    )
}

/// The readers by story and time, and what was said, without the folder's name.
fn shown(folder: &TempDir, report: &ReadershipReport) -> String {
    let mut lines: Vec<String> = report
        .readings
        .iter()
        .map(|(key, reading)| {
            let Reading::Series(points) = reading else {
                panic!("expected a series, but found {reading:?}");
            };
            let points = points
                .iter()
                .map(|(at, views)| format!("{} {views}", at.format("%H:%M")));
            format!(
                "{}: {}",
                key.as_str(),
                points.collect::<Vec<_>>().join(", ")
            )
        })
        .collect();
    lines.sort();
    let misses = report.misses.iter().map(|miss| {
        let source = miss.source.as_str().rsplit('/').next().unwrap_or_default();
        format!("{source}: {}", miss.what)
    });
    let place = folder.path().to_string_lossy().into_owned();
    let as_of = report.as_of.map_or("never".to_owned(), |at| {
        at.format("%d %H:%M:%S").to_string()
    });
    lines.extend(misses);
    lines.push(format!("as of {as_of}"));
    lines.join("\n").replace(&*place, "")
}

fn one(name: &str, body: &str, format: Option<&str>) -> String {
    let folder = folder(&[(name, body.as_bytes())]);
    let report = read_as(
        &folder,
        name,
        format,
        Cut {
            workers: 1,
            block: 1 << 16,
        },
    );
    shown(&folder, &report)
}

/// A line in the combined format: minutes from 05:00 UTC on the day.
fn combined(minute: u32, client: u32, target: &str, agent: &str) -> String {
    let (hour, minute) = (7 + minute / 60, minute % 60);
    format!(
        "192.0.2.{client} - - [24/Aug/2026:{hour:02}:{minute:02}:07 +0200] \"GET {target} HTTP/1.1\" 200 512 \"-\" \"{agent}\"\n"
    )
}
