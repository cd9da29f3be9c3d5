//! What counts, and what is said of the rest.

use super::*;

#[test]
fn only_readers_count() {
    let line =
        |from: &str, to: &str| combined(10, 1, "/news/caf%C3%A9", PERSON).replacen(from, to, 1);
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
        (
            line("GET /news/caf%C3%A9 HTTP/1.1", "\\x16\\x03\\x01"),
            false,
        ),
        (line("GET /news/caf%C3%A9 HTTP/1.1", "-"), false),
        (
            line("GET /news/caf%C3%A9 HTTP/1.1", "GET /news/caf%C3%A9"),
            true,
        ),
        (line("24/Aug", "22/Aug"), false),
    ] {
        let shown = one("access.log", &log, None);
        assert_eq!(
            shown.starts_with("example.com/news/caf%C3%A9: 05:15 1"),
            counted,
            "{log}{shown}"
        );
        assert!(!shown.contains("something else"), "{log}{shown}");
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
    insta::assert_snapshot!(one("access.log", &log, None), @"
    example.com/news/caf%C3%A9: 05:05 1, 05:50 1, 06:00 1, 06:02 1
    example.com/news/s?id=7: 05:50 1
    access.log: 2 lines more than 5 minutes in the future: left out
    web: 1 request for a path that stories of two hosts have, and no host is named: not counted
    as of 24 06:02:00
    ");
}

#[test]
fn hosts_tell_sites_apart_unless_none_is_a_storys() {
    let of =
        |host: &str, client| format!("{host} {}", combined(1, client, "/news/caf%C3%A9", PERSON));
    let strange = of("origin.internal:8080", 1);
    insta::assert_snapshot!(one("access.log", &(strange.clone() + &of("m.example.com", 2)), None), @r"
    example.com/news/caf%C3%A9: 05:05 1
    web: 1 request for a story's path, but on another host: not counted
    as of 24 05:01:07
    ");
    insta::assert_snapshot!(one("access.log", &strange, None), @r"
    example.com/news/caf%C3%A9: 05:05 1
    web: it names other hosts than the stories have: they were found by their paths alone
    as of 24 05:01:07
    ");
}

#[test]
fn a_proxy_hides_the_readers() {
    let log: String = (0..600)
        .map(|number| combined(number % 60, 1, "/news/caf%C3%A9", PERSON))
        .collect();
    insta::assert_snapshot!(one("access.log", &log, None), @r"
    example.com/news/caf%C3%A9: 05:05 1
    web: 600 views come from so few clients that they make 1 visit: is there a proxy before the server, or is the format another? expected the reader's address in each line, such as `X-Forwarded-For`
    as of 24 05:59:07
    ");
    let readers: String = (0..600)
        .map(|number| combined(number % 60, number, "/news/caf%C3%A9", PERSON))
        .collect();
    assert!(!one("access.log", &readers, None).contains("proxy"));
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
    access.log: line 4: expected the combined format, but found something else, as in 3 more; 4 lines could be read
    as of 24 05:41:07
    ");
    insta::assert_snapshot!(one("access.log", "one\ntwo\n", None), @r"
    access.log: line 1: expected the combined format, but found something else, as in 1 more; no line was read
    as of never
    ");
    insta::assert_snapshot!(one("access.log", &line(0), Some("%h|%t|%r")), @r"
    access.log: line 1: expected the given format, but found something else; no line was read
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
    assert_eq!(one("access.log", "", None), "web: it is empty\nas of never");
}
