//! Rotated, packed, broken and long files.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

fn zstd(text: &str) -> Vec<u8> {
    compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
}

fn found(path: &std::path::Path, since: DateTime<Utc>) -> Vec<LogFile> {
    let place = LogPlace::Disk(path.to_owned());
    super::super::files::find(&Line::clean("web"), &place, since, since).0
}

#[test]
fn rotations_are_one_log() {
    let pieces: Vec<String> = (0..6)
        .map(|minute| combined(minute, minute, "/news/caf%C3%A9", PERSON))
        .collect();
    let gzip = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let skipped = [0x52, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let folder = folder(&[
        ("access.log", pieces[5].as_bytes()),
        ("access.log.1", pieces[4].as_bytes()),
        ("access.log.1.gz", &gzip(&pieces[4])),
        (
            "access.log.2.gz",
            &[gzip(&pieces[2]), gzip(&pieces[3])].concat(),
        ),
        (
            "access.log.3.zst",
            &[&skipped[..], &zstd(&pieces[0]), &skipped, &zstd(&pieces[1])].concat(),
        ),
        ("access.log.empty", b""),
    ]);
    insta::assert_snapshot!(shown(&folder, &whole(&folder, "access.log*")), @"
    example.com/news/caf%C3%A9: 05:05 5, 05:10 1
    access.log.1.gz: begins like `access.log.1`, as a copy does: left out
    as of 24 05:05:07
    ");
    insta::assert_snapshot!(shown(&folder, &whole(&folder, "error.log*")), @r"
    error.log*: matches no file
    as of never
    ");
    assert_eq!(
        shown(&folder, &whole(&folder, "error.log")),
        "error.log: does not exist\nas of never"
    );
    insta::assert_snapshot!(shown(&folder, &whole(&folder, ".")), @r"
    .: is not a file
    as of never
    ");
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_is_the_file() {
    let folder = folder(&[(
        "a.log",
        combined(0, 1, "/news/caf%C3%A9", PERSON).as_bytes(),
    )]);
    std::os::unix::fs::symlink(folder.path().join("a.log"), folder.path().join("b.log")).unwrap();
    assert_eq!(
        shown(&folder, &whole(&folder, "*.log")),
        "example.com/news/caf%C3%A9: 05:05 1\nas of 24 05:00:07"
    );
}

#[test]
fn what_was_not_written_to_is_not_read() {
    let line = |minute| combined(minute, minute, "/news/caf%C3%A9", PERSON);
    let logs = folder(&[("a.log", line(0).as_bytes()), ("b.log", line(1).as_bytes())]);
    let touch = |name: &str, time: &str| {
        let file = std::fs::File::options()
            .append(true)
            .open(logs.path().join(name))
            .unwrap();
        file.set_modified(at(time).into()).unwrap();
    };
    touch("a.log", "2026-08-23T05:00:00Z");
    touch("b.log", "2026-08-24T06:00:00Z");
    insta::assert_snapshot!(shown(&logs, &whole(&logs, "*.log")), @r"
    example.com/news/caf%C3%A9: 05:05 1
    as of 24 05:01:07
    ");
    // Of a log that stands still the newest file says since when.
    touch("b.log", "2026-08-23T05:00:00Z");
    touch("a.log", "2026-08-22T05:00:00Z");
    assert!(shown(&logs, &whole(&logs, "*.log")).ends_with("as of 24 05:01:07"));
}

#[test]
fn what_breaks_off_is_used_as_far_as_it_goes() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    for minute in 0..9 {
        encoder
            .write_all(combined(minute, minute, "/news/caf%C3%A9", PERSON).as_bytes())
            .unwrap();
    }
    let packed = encoder.finish().unwrap();
    let cut = folder(&[("a.gz", &packed[..packed.len() / 2])]);
    insta::assert_snapshot!(shown(&cut, &whole(&cut, "a.gz")), @r"
    example.com/news/caf%C3%A9: 05:05 4
    a.gz: it breaks off or is damaged; 4 lines before that could be read
    as of 24 05:03:07
    ");
    let packed = zstd(&combined(0, 1, "/news/caf%C3%A9", PERSON));
    let cut = folder(&[
        ("a.zst", &[&packed[..], &packed[..20]].concat()),
        ("b.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff"),
    ]);
    insta::assert_snapshot!(shown(&cut, &whole(&cut, "[ab].*")), @r"
    example.com/news/caf%C3%A9: 05:05 1
    a.zst: it breaks off or is damaged; 1 line before that could be read
    b.gz: it breaks off or is damaged; no line was read
    as of 24 05:00:07
    ");
    // A log that is being written ends anywhere.
    let line = combined(0, 1, "/news/caf%C3%A9", PERSON);
    for end in 0..line.len() {
        let shown = one(
            "a.log",
            &format!(
                "{line}{}",
                &combined(1, 2, "/news/caf%C3%A9", PERSON)[..end]
            ),
            None,
        );
        let views = if end == line.len() - 1 { 2 } else { 1 };
        assert!(
            shown.starts_with(&format!("example.com/news/caf%C3%A9: 05:05 {views}\nas of")),
            "{shown}"
        );
    }
}

#[test]
fn the_line_that_is_named_is_the_line() {
    for block in [1 << 10, 1 << 12, 1 << 16] {
        let mut log = combined(0, 1, "/news/caf%C3%A9", PERSON).repeat(997);
        log += &"x".repeat(3 * super::super::files::MAX_LINE);
        log += "\n";
        log += &combined(0, 1, "/news/caf%C3%A9", PERSON).repeat(1002);
        let without_long = log.replacen(
            &"x".repeat(3 * super::super::files::MAX_LINE),
            "192.0.2.1 - -",
            1,
        );
        let both = folder(&[
            ("a.log", log.as_bytes()),
            ("b.log", (without_long + "nonsense\n").as_bytes()),
        ]);
        let cut = Cut { workers: 2, block };
        for name in ["a.log", "b.log"] {
            let said = shown(&both, &read_as(&both, name, None, cut));
            assert!(
                said.contains("\na.log: line 998: ") || said.contains("\nb.log: line 998: "),
                "{block}: {said}"
            );
        }
        let last = combined(0, 1, "/news/caf%C3%A9", PERSON).repeat(4_321) + "nonsense\n";
        let last = folder(&[("a.log", last.as_bytes())]);
        let said = shown(&last, &read_as(&last, "a.log", None, cut));
        assert!(said.contains("a.log: line 4322: "), "{block}: {said}");
    }
}

#[test]
fn only_the_window_of_a_long_log_is_read() {
    // Three days, a line every 20 seconds; the days before the window are of another form, which would be named if it were read.
    let mut log = String::new();
    for line in 0..3 * 4320_u32 {
        let (day, hour, minute) = (22 + line / 4320, line % 4320 / 180, line % 180 / 3);
        let bad = if day == 22 {
            ""
        } else {
            " HTTP/1.1\" 200 512 \"-\" \"Firefox\""
        };
        let filler = if day == 22 {
            "\" ".repeat(30)
        } else {
            "x".repeat(60)
        };
        _ = writeln!(
            log,
            "192.0.2.1 - - [{day}/Aug/2026:{hour:02}:{minute:02}:07 +0000] \"GET /{line}{bad}{filler}"
        );
    }
    log.push_str(&combined(0, 9, "/news/caf%C3%A9", PERSON));
    let folder = folder(&[("long.log", log.as_bytes())]);
    let mut files = found(&folder.path().join("long.log"), at("2026-08-23T06:00:00Z"));
    let utc = Zone::utc();
    let mut clock = LogTime::new(&utc);
    let layouts = Layouts::known();
    let layout = layouts
        .of(
            combined(0, 1, "/", PERSON).trim_end().as_bytes(),
            &mut clock,
        )
        .unwrap();
    files[0].begin_at(at("2026-08-23T06:00:00Z").timestamp(), |line| {
        layout.time(line, &mut clock)
    });
    let skipped = &log[..usize::try_from(files[0].from).unwrap()];
    assert!(skipped.ends_with('\n') && skipped.contains("22/Aug/2026:12"));
    assert!(!skipped.contains("23/Aug/2026:05:50"));
    // Two logs in one file are in no order.
    let folder = folder_of_two(&log);
    let mut files = found(&folder.path().join("two.log"), at("2026-08-23T06:00:00Z"));
    files[0].begin_at(at("2026-08-23T06:00:00Z").timestamp(), |line| {
        layout.time(line, &mut clock)
    });
    assert_eq!(files[0].from, 0);
}

fn folder_of_two(log: &str) -> TempDir {
    folder(&[("two.log", log.repeat(2).as_bytes())])
}
