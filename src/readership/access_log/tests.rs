//! Logs of all kinds, from the door.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tempfile::TempDir;

use super::*;

const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, body) in files {
        std::fs::write(folder.path().join(name), body).unwrap();
    }
    folder
}

fn read_as(folder: &TempDir, pattern: &str, format: Option<&str>, cut: Cut) -> Report {
    let log = AccessLog {
        name: Line::clean("web"),
        path: folder.path().join(pattern),
        format: format.map(|text| Format::parse(text).unwrap()),
        crawlers: vec!["acme".to_owned()],
    };
    let keys = ["www/", "ferry", "caf%C3%A9", "s?id=7"].map(|path| match path {
        "www/" => StoryKey::restore("example.org/news/ferry"),
        path => StoryKey::restore(&format!("example.com/news/{path}")),
    });
    let zone = Zone::bundled("Europe/Berlin").unwrap();
    let window = (at("2026-08-23T06:00:00Z"), at("2026-08-24T06:02:00Z"));
    read_cut(&log, &HashSet::from(keys), window, &zone, 42, cut)
}

fn whole(folder: &TempDir, pattern: &str) -> Report {
    read_as(folder, pattern, None, Cut { workers: 2, block: 1 << 16 })
}

/// The readers by story and time, and what was said, without the folder's name.
fn shown(folder: &TempDir, report: &Report) -> String {
    let mut lines: Vec<String> = report
        .readings
        .iter()
        .map(|(key, reading)| {
            let Reading::Series(points) = reading else {
                panic!("expected a series, but found {reading:?}");
            };
            let points = points.iter().map(|(at, views)| format!("{} {views}", at.format("%H:%M")));
            format!("{}: {}", key.as_str(), points.collect::<Vec<_>>().join(", "))
        })
        .collect();
    lines.sort();
    let misses = report.misses.iter().map(|miss| {
        let source = miss.source.as_str().rsplit('/').next().unwrap_or_default();
        format!("{source}: {}", miss.what)
    });
    let place = folder.path().to_string_lossy().into_owned();
    let as_of = report.as_of.map_or("never".to_owned(), |at| at.format("%d %H:%M:%S").to_string());
    lines.extend(misses);
    lines.push(format!("as of {as_of}"));
    lines.join("\n").replace(&*place, "")
}

fn one(name: &str, body: &str, format: Option<&str>) -> String {
    let folder = folder(&[(name, body.as_bytes())]);
    let report = read_as(&folder, name, format, Cut { workers: 1, block: 1 << 16 });
    shown(&folder, &report)
}

/// A line in the combined format: minutes from 05:00 UTC on the day.
fn combined(minute: u32, client: u32, target: &str, agent: &str) -> String {
    let (hour, minute) = (7 + minute / 60, minute % 60);
    format!(
        "192.0.2.{client} - - [24/Aug/2026:{hour:02}:{minute:02}:07 +0200] \"GET {target} HTTP/1.1\" 200 512 \"-\" \"{agent}\"\n"
    )
}

#[test]
fn every_form_is_known_by_its_lines() {
    let common = |before: &str| {
        format!("{before}192.0.2.1 - - [24/Aug/2026:07:10:07 +0200] \"GET /news/caf%C3%A9 HTTP/1.1\" 200 512\n")
    };
    let quoted = |before: &str, after: &str| {
        common(before).replace('\n', &format!(" \"-\" \"{PERSON}\"{after}\n"))
    };
    for (form, log) in [
        ("combined", quoted("", "")),
        ("with more fields", quoted("", " \"198.51.100.7\" rt=0.003")),
        ("of a host", quoted("www.example.com ", "")),
        ("of a host and port", quoted("example.com:443 ", "")),
        ("with a user with spaces", quoted("", "").replace("- - [", "- Ada B. [")),
        ("absolute", quoted("", "").replace("GET /", "GET https://www.example.com/")),
        ("with quotation marks", quoted("", "").replace("\"-\"", r#""https://x/?\" \\\"""#)),
        ("of Traefik", quoted("", " 1 \"web@docker\" \"http://10.0.0.1:80\" 2ms")),
        ("with CRLF", quoted("", "\r")),
        ("nginx JSON", format!(r#"{{"time_iso8601":"2026-08-24T07:10:07+02:00","remote_addr":"192.0.2.1","request":"GET /news/caf%C3%A9 HTTP/2.0","status": "200","http_user_agent":"{PERSON}"}}{}"#, "\n")),
        ("another nginx JSON", format!(r#"{{"ip": "192.0.2.1","host": "www.example.com","path": "/news/café?utm_source=x","status": "200","user_agent": "{PERSON}","date": "2026-08-24T07:10:07+02:00"}}{}"#, "\n")),
        ("Caddy", format!(r#"{{"level":"info","ts":1787548207.8155608,"request":{{"remote_ip":"192.0.2.1","client_ip":"192.0.2.1","method":"GET","host":"example.com","uri":"/news/caf%C3%A9/","headers":{{"User-Agent":["{PERSON}"]}}}},"status":200,"resp_headers":{{"Date":["x"]}}}}{}"#, "\n")),
        ("Traefik JSON", format!(r#"{{"ClientAddr":"192.0.2.1:4711","ClientHost":"192.0.2.1","DownstreamStatus":200,"OriginStatus":0,"RequestHost":"example.com","RequestMethod":"GET","RequestPath":"/news/caf%C3%A9","StartUTC":"2026-08-24T05:10:07.123Z","request_User-Agent":"{PERSON}","time":"2026-08-24T05:10:07Z"}}{}"#, "\n")),
        ("CloudFront", format!("#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header\n2026-08-24\t05:10:07\tFRA2\t182\t192.0.2.1\tGET\td1.cloudfront.net\t/news/caf%C3%A9\t200\t-\t{}\t-\t-\tHit\tx==\twww.example.com\n", PERSON.replace(' ', "%2520"))),
        ("IIS", format!("#Software: IIS\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status time-taken\r\n2026-08-24 05:10:07 10.0.0.1 GET /news/café utm_source=x 443 - 192.0.2.1 {} 200 15\r\n", PERSON.replace(' ', "+"))),
    ] {
        assert_eq!(
            one("access.log", &log, None),
            "example.com/news/caf%C3%A9: 05:15 1\nas of 24 05:10:07",
            "{form}: {log}"
        );
    }
    insta::assert_snapshot!(one("access.log", &common(""), None), @r"
    example.com/news/caf%C3%A9: 05:15 1
    web: its lines do not name the client's program: crawlers are counted as readers
    as of 24 05:10:07
    ");
    assert_eq!(
        one("access.log", &common("example.com "), None),
        one("access.log", &common(""), None)
    );
}

#[test]
fn as_the_server_says_it() {
    for (format, line) in [
        (
            r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for""#,
            r#"10.0.0.1 - - [24/Aug/2026:07:10:07 +0200] "GET /news/caf%C3%A9 HTTP/1.1" 200 5 "-" "Firefox" "192.0.2.1, 10.0.0.2""#,
        ),
        (
            r"${msec}|$request_method|$host|$request_uri|$remote_addr|$status",
            "1787548207.815|GET|www.example.com|/news/caf%C3%A9?x=1|192.0.2.1|304",
        ),
        (
            r#"{"t":"$time_iso8601","u":"$request_uri","a":"$http_user_agent","c":"$remote_addr"}"#,
            r#"{"t":"2026-08-24T07:10:07+02:00","u":"/news/caf%C3%A9","a":"\"Firefox\",","c":"192.0.2.1"}"#,
        ),
        (
            r#"%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\""#,
            r#"example.com:443 192.0.2.1 - ada [24/Aug/2026:07:10:07 +0200] "GET /news/caf%C3%A9 HTTP/1.1" 200 5 "-" "Firefox""#,
        ),
        (
            r"%{%s}t\t%m\t%U%q\t%a\t%>s\t%{X-Forwarded-For}i",
            "1787548207\tGET\t/news/caf%C3%A9?a b\t192.0.2.1\t200\t-",
        ),
        (
            r"%{X-Forwarded-For}i %{%Y-%m-%d %H:%M:%S}t 100%% <%r> %s",
            "192.0.2.1 2026-08-24 07:10:07 100% <GET /news/caf%C3%A9 HTTP/1.1> 200",
        ),
    ] {
        let shown = one("access.log", &format!("{line}\n"), Some(format));
        let expected = "example.com/news/caf%C3%A9: 05:15 1";
        assert_eq!(shown.lines().next().unwrap(), expected, "{format}\n{shown}");
    }
    let said = [
        "combined",
        "$remote_addr $status",
        "%h %t %b",
        "$time_local$request $remote_addr",
        "${time_local $request",
        "$",
        "%t %r %h %",
        "%t %r %{X",
        "",
    ]
    .map(|text| Format::parse(text).map(drop).unwrap_err());
    insta::assert_snapshot!(said.join("\n"), @"
    expected a format as nginx (`$remote_addr ..`) or Apache (`%h ..`) writes it, but found neither `$` nor `%`
    it lacks a time (`$time_local`, `%t`), and a request (`$request`, `%r`)
    it lacks a request (`$request`, `%r`)
    two fields stand side by side: expected a space or other text between
    expected `}` after `${time_local`
    expected a name after `$`, such as `$remote_addr`
    expected a letter after the last `%`, such as `%h`
    expected `}` after `%{`
    expected a format as nginx (`$remote_addr ..`) or Apache (`%h ..`) writes it, but found neither `$` nor `%`
    ");
}

#[test]
fn only_readers_count() {
    let line = |from: &str, to: &str| combined(10, 1, "/news/caf%C3%A9", PERSON).replacen(from, to, 1);
    for (log, counted) in [
        (line("", ""), true),
        (line("\" 200 ", "\" 204 "), true),
        (line("\" 200 ", "\" 304 "), true),
        (line("\" 200 ", "\" 301 "), false),
        (line("\" 200 ", "\" 404 "), false),
        (line("\" 200 ", "\" 500 "), false),
        (line("GET", "HEAD"), false),
        (line("GET", "POST"), false),
        (line(PERSON, "-"), false),
        (line(PERSON, ""), false),
        (line(PERSON, "Googlebot/2.1"), false),
        (line(PERSON, "Acme Monitor"), false),
        (line("GET /news/caf%C3%A9 HTTP/1.1", "\\x16\\x03\\x01"), false),
        (line("GET /news/caf%C3%A9 HTTP/1.1", "-"), false),
        (line("GET /news/caf%C3%A9 HTTP/1.1", "GET /news/caf%C3%A9"), true),
        (line("24/Aug", "22/Aug"), false),
    ] {
        let shown = one("access.log", &log, None);
        assert_eq!(shown.starts_with("example.com/news/caf%C3%A9: 05:15 1"), counted, "{log}{shown}");
        assert!(!shown.contains("another form"), "{log}{shown}");
    }
    let prefetched = format!(
        r#"{{"ts":1787548207,"request":{{"client_ip":"192.0.2.1","uri":"/news/caf%C3%A9","headers":{{"User-Agent":["{PERSON}"],"Sec-Purpose":["prefetch;anonymous-client-ip"]}}}},"status":200}}{}"#,
        "\n"
    );
    insta::assert_snapshot!(one("access.log", &prefetched, None), @r"
    web: 1 request, 1 of them of today's stories, none by a reader: crawlers, failures, or no program named
    as of 24 05:10:07
    ");
}

#[test]
fn a_client_reads_a_story_once_a_visit() {
    let log: String = [
        combined(0, 1, "/news/caf%C3%A9", PERSON),
        combined(20, 1, "/news/caf%C3%A9/?utm_source=x", PERSON),
        combined(45, 1, "/news/caf%C3%A9/amp", PERSON),
        combined(45, 1, "/news/s?id=7", PERSON),
        combined(45, 1, "/news/s?id=8", PERSON),
        combined(46, 2, "/news/caf%C3%A9", PERSON),
        combined(46, 1, "/news/caf%C3%A9", "Safari"),
        combined(58, 3, "/news/caf%C3%A9", PERSON),
        combined(59, 3, "/news/ferry", PERSON),
        // A clock that runs fast by a little: now. By more: no.
        combined(65, 4, "/news/caf%C3%A9", PERSON),
        combined(69, 5, "/news/caf%C3%A9", PERSON),
        combined(80, 1, "/", PERSON),
    ]
    .concat();
    insta::assert_snapshot!(one("access.log", &log, None), @r"
    example.com/news/caf%C3%A9: 05:05 1, 05:50 2, 06:00 1, 06:02 1
    example.com/news/s?id=7: 05:50 1
    access.log: 2 lines more than 5 minutes in the future: left out
    web: 1 request for a path that stories of two hosts have, and no host is named: not counted
    as of 24 06:02:00
    ");
}

#[test]
fn rotations_are_one_log() {
    let pieces: Vec<String> = (0..6).map(|minute| combined(minute, minute, "/news/caf%C3%A9", PERSON)).collect();
    let gzip = |text: &str| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |text: &str| compress_to_vec(text.as_bytes(), CompressionLevel::Fastest);
    let skipped = [0x52, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let folder = folder(&[
        ("access.log", pieces[5].as_bytes()),
        ("access.log.1", pieces[4].as_bytes()),
        ("access.log.1.gz", &gzip(&pieces[4])),
        ("access.log.2.gz", &[gzip(&pieces[2]), gzip(&pieces[3])].concat()),
        ("access.log.3.zst", &[&skipped[..], &zstd(&pieces[0]), &skipped, &zstd(&pieces[1])].concat()),
        ("access.log.empty", b""),
    ]);
    insta::assert_snapshot!(shown(&folder, &whole(&folder, "access.log*")), @r"
    example.com/news/caf%C3%A9: 05:05 5, 05:10 1
    access.log.1.gz: begins like `access.log.1`, as a copy does: left out
    as of 24 05:05:07
    ");
    insta::assert_snapshot!(shown(&folder, &whole(&folder, "error.log*")), @r"
    error.log*: no file is there
    as of never
    ");
    assert_eq!(shown(&folder, &whole(&folder, "error.log")), "error.log: no file is there\nas of never");
    insta::assert_snapshot!(shown(&folder, &whole(&folder, ".")), @r"
    .: expected a file, but found something else
    as of never
    ");
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_is_the_file() {
    let folder = folder(&[("a.log", combined(0, 1, "/news/caf%C3%A9", PERSON).as_bytes())]);
    std::os::unix::fs::symlink(folder.path().join("a.log"), folder.path().join("b.log")).unwrap();
    assert_eq!(
        shown(&folder, &whole(&folder, "*.log")),
        "example.com/news/caf%C3%A9: 05:05 1\nas of 24 05:00:07"
    );
}

#[test]
fn what_breaks_off_is_used_as_far_as_it_goes() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    for minute in 0..9 {
        encoder.write_all(combined(minute, minute, "/news/caf%C3%A9", PERSON).as_bytes()).unwrap();
    }
    let packed = encoder.finish().unwrap();
    let cut = folder(&[("a.gz", &packed[..packed.len() / 2])]);
    insta::assert_snapshot!(shown(&cut, &whole(&cut, "a.gz")), @r"
    example.com/news/caf%C3%A9: 05:05 4
    a.gz: it breaks off after 4 lines; they were read
    as of 24 05:03:07
    ");
    // A log that is being written ends anywhere.
    let line = combined(0, 1, "/news/caf%C3%A9", PERSON);
    for end in 0..line.len() {
        let shown = one("a.log", &format!("{line}{}", &combined(1, 2, "/news/caf%C3%A9", PERSON)[..end]), None);
        let views = if end == line.len() - 1 { 2 } else { 1 };
        assert!(shown.starts_with(&format!("example.com/news/caf%C3%A9: 05:05 {views}\nas of")), "{shown}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let line = |minute| combined(minute, 1, "/news/caf%C3%A9", PERSON);
    let log = [
        line(0),
        "\n# a remark\n\0\u{1}\u{2}junk\n".to_owned(),
        line(1).replace("24/Aug", "24/Agu"),
        line(2).replace('\n', &format!("{}\n", "x".repeat(100_000))),
        "Aug 24 07:00:07 host program: no year\n".to_owned(),
        line(40),
        format!(r#"{{"ts":1787548207,"ip":"192.0.2.7","uri":"/news/caf%C3%A9","user_agent":"{PERSON}"}}{}"#, "\n"),
        line(41),
    ]
    .concat();
    insta::assert_snapshot!(one("access.log", &log, None), @r"
    example.com/news/caf%C3%A9: 05:05 1, 05:15 1, 05:45 1
    access.log: line 4: expected the combined format, but it has another form, and so have 3 more; 4 lines could be read
    as of 24 05:41:07
    ");
    insta::assert_snapshot!(one("access.log", "one\ntwo\n", None), @r"
    access.log: line 1: expected the combined format, but it has another form, and so has 1 more; no line was read
    as of never
    ");
    insta::assert_snapshot!(one("access.log", &line(0), Some("%h|%t|%r")), @r"
    access.log: line 1: expected the given format, but it has another form; no line was read
    as of never
    ");
    insta::assert_snapshot!(one("access.log", &line(0).replace("caf", "kaf"), None), @r"
    web: 1 request, none of them of today's stories
    as of 24 05:00:07
    ");
    insta::assert_snapshot!(one("access.log", &line(0).replace("24/Aug", "20/Aug"), None), @r"
    web: no request in the time that counts
    as of 20 05:00:07
    ");
    assert_eq!(one("access.log", "", None), "as of never");
}

#[test]
fn fields_may_be_named_anew() {
    let log = format!(
        "#Fields: date time c-ip cs-uri-stem cs(User-Agent)\n2026-08-24 05:00:07 192.0.2.1 /news/café {0}\n\
         #Fields: date time cs-uri-stem c-ip cs(User-Agent)\n2026-08-24 05:01:07 /news/café 192.0.2.2 {0}\n\
         2026-08-24 05:02:07 /news/café 192.0.2.3 {0}\n",
        PERSON.replace(' ', "+")
    );
    let folder = folder(&[("iis.log", log.as_bytes())]);
    for block in [1, 60, 150, 1000] {
        let report = read_as(&folder, "iis.log", None, Cut { workers: 2, block });
        assert_eq!(shown(&folder, &report), "example.com/news/caf%C3%A9: 05:05 3\nas of 24 05:02:07", "{block}");
    }
}

#[test]
fn only_the_window_of_a_long_log_is_read() {
    // Three days, a line every 20 seconds; the days before the window are of another form, which would be named if it were read.
    let mut log = String::new();
    for line in 0..3 * 4320_u32 {
        let (day, hour, minute) = (22 + line / 4320, line % 4320 / 180, line % 180 / 3);
        let bad = if day == 22 { "" } else { " HTTP/1.1\" 200 512 \"-\" \"Firefox\"" };
        log.push_str(&format!(
            "192.0.2.1 - - [{day}/Aug/2026:{hour:02}:{minute:02}:07 +0000] \"GET /{line}{bad}{}\n",
            if day == 22 { "\" ".repeat(30) } else { "x".repeat(60) }
        ));
    }
    log.push_str(&combined(0, 9, "/news/caf%C3%A9", PERSON));
    let folder = folder(&[("long.log", log.as_bytes())]);
    let (mut files, _) = files::find(&folder.path().join("long.log"), at("2026-08-23T06:00:00Z"));
    let layout = Layouts::known().0[0].clone();
    let utc = Zone::utc();
    let mut clock = Clock::new(&utc);
    files[0].begin_at(at("2026-08-23T06:00:00Z").timestamp(), |line| layout.time(line, &mut clock));
    let skipped = &log[..usize::try_from(files[0].from).unwrap()];
    assert!(skipped.ends_with('\n') && skipped.contains("22/Aug/2026:12"));
    assert!(!skipped.contains("23/Aug/2026:05:50"));
    // Two logs in one file are in no order.
    let folder = folder_of_two(&log);
    let (mut files, _) = files::find(&folder.path().join("two.log"), at("2026-08-23T06:00:00Z"));
    files[0].begin_at(at("2026-08-23T06:00:00Z").timestamp(), |line| layout.time(line, &mut clock));
    assert_eq!(files[0].from, 0);
}

fn folder_of_two(log: &str) -> TempDir {
    folder(&[("two.log", log.repeat(2).as_bytes())])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cut_and_order_change_nothing(
        lines in proptest::collection::vec((0_u32..70, 0_u32..4, 0_usize..5), 1..60),
        swaps in proptest::collection::vec((0_usize..60, 0_usize..60), 0..20),
        block in 1_usize..2000,
        split in 0_usize..60,
    ) {
        let mut lines: Vec<String> = lines.into_iter().map(|(minute, client, kind)| match kind {
            0 => "junk\n".to_owned(),
            1 => format!(r#"{{"ts":{},"ip":"192.0.2.{client}","uri":"/news/s?id=7","user_agent":"x"}}{}"#, 1_787_547_600 + minute * 60, "\n"),
            2 => format!("example.org {}", combined(minute, client, "/news/ferry", PERSON)),
            _ => combined(minute, client, "/news/caf%C3%A9", PERSON),
        }).collect();
        let expected = {
            let folder = folder(&[("access.log", lines.concat().as_bytes())]);
            whole(&folder, "access.log")
        };
        let first_bad = |report: &Report| report.misses.iter().map(|miss| {
            miss.what.as_str().split_once("another form").map_or(miss.what.as_str(), |(_, rest)| rest).to_owned()
        }).collect::<Vec<_>>();
        for (a, b) in swaps {
            let count = lines.len();
            lines.swap(a % count, b % count);
        }
        let all = folder(&[("access.log", lines.concat().as_bytes())]);
        let report = read_as(&all, "access.log", None, Cut { workers: 3, block });
        prop_assert_eq!(&report.readings, &expected.readings);
        prop_assert_eq!(report.as_of, expected.as_of);
        prop_assert_eq!(first_bad(&report), first_bad(&expected));
        let split = split.min(lines.len());
        let (first, second) = (lines[..split].concat(), lines[split..].concat());
        if first != second && !first.starts_with(&second) && !second.starts_with(&first) {
            let halves = folder(&[("access.log", second.as_bytes()), ("access.log.1", first.as_bytes())]);
            let report = whole(&halves, "access.log*");
            prop_assert_eq!(&report.readings, &expected.readings);
        }
    }

    #[test]
    fn never_panics(
        junk in proptest::collection::vec(any::<u8>(), 0..300),
        like in "(#Fields: (date|time|c-ip|cs-uri-stem| ){0,6}\n|192.0.2.1 - - \\[..?/Aug/20.{4}:07:00:07 .0200\\] \"GET /news/.{0,9}\" 2.{3}\n|\\{\"ts\":[0-9]{0,11}\\}?\n){0,5}",
        packed in 0_usize..3,
        block in 1_usize..99,
    ) {
        let magic: &[u8] = [&b""[..], b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\x28\xb5\x2f\xfd\x04\0"][packed];
        let folder = folder(&[("a", &[magic, &junk].concat()), ("b", &[like.as_bytes(), &junk].concat())]);
        _ = read_as(&folder, "[ab]", None, Cut { workers: 2, block });
    }

    #[test]
    fn no_format_panics(text in "[$%{}a-zA-Z\"\\\\ >_]{0,40}") {
        _ = Format::parse(&text);
    }
}
