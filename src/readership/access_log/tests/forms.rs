//! How lines are written.

use super::*;

#[test]
fn every_form_is_known_by_its_lines() {
    let common = |before: &str| {
        format!(
            "{before}192.0.2.1 - - [24/Aug/2026:07:10:07 +0200] \"GET /news/caf%C3%A9 HTTP/1.1\" 200 512\n"
        )
    };
    let quoted = |before: &str, after: &str| {
        common(before).replace('\n', &format!(" \"-\" \"{PERSON}\"{after}\n"))
    };
    for (form, log) in [
        ("combined", quoted("", "")),
        ("with more fields", quoted("", " \"198.51.100.7\" rt=0.003")),
        ("of a host", quoted("www.example.com ", "")),
        (
            "behind syslog's words",
            quoted("Aug 24 07:10:07 web1 nginx: ", ""),
        ),
        (
            "behind syslog's words on the 8th",
            quoted("Aug  8 07:10:07 web1 nginx: ", ""),
        ),
        (
            "behind those of journald",
            quoted("2026-08-24T07:10:07+0200 web1 nginx[17]: ", ""),
        ),
        ("of a host and port", quoted("example.com:443 ", "")),
        (
            "with a user with spaces",
            quoted("", "").replace("- - [", "- Ada B. ["),
        ),
        (
            "absolute",
            quoted("", "").replace("GET /", "GET https://www.example.com/"),
        ),
        (
            "with quotation marks",
            quoted("", "").replace("\"-\"", r#""https://x/?\" \\\"""#),
        ),
        (
            "of Traefik",
            quoted("", " 1 \"web@docker\" \"http://10.0.0.1:80\" 2ms"),
        ),
        ("with CRLF", quoted("", "\r")),
        (
            "nginx JSON",
            format!(
                r#"{{"time_iso8601":"2026-08-24T07:10:07+02:00","remote_addr":"192.0.2.1","request":"GET /news/caf%C3%A9 HTTP/2.0","status": "200","http_user_agent":"{PERSON}"}}{}"#,
                "\n"
            ),
        ),
        (
            "another nginx JSON",
            format!(
                r#"{{"ip": "192.0.2.1","host": "www.example.com","path": "/news/café?utm_source=x","status": "200","user_agent": "{PERSON}","date": "2026-08-24T07:10:07+02:00"}}{}"#,
                "\n"
            ),
        ),
        (
            "Caddy",
            format!(
                r#"{{"level":"info","ts":1787548207.8155608,"request":{{"remote_ip":"192.0.2.1","client_ip":"192.0.2.1","method":"GET","host":"example.com","uri":"/news/caf%C3%A9/","headers":{{"User-Agent":["{PERSON}"]}}}},"status":200,"resp_headers":{{"Date":["x"]}}}}{}"#,
                "\n"
            ),
        ),
        (
            "Traefik JSON",
            format!(
                r#"{{"ClientAddr":"192.0.2.1:4711","ClientHost":"192.0.2.1","DownstreamStatus":200,"OriginStatus":0,"RequestHost":"example.com","RequestMethod":"GET","RequestPath":"/news/caf%C3%A9","StartUTC":"2026-08-24T05:10:07.123Z","request_User-Agent":"{PERSON}","time":"2026-08-24T05:10:07Z"}}{}"#,
                "\n"
            ),
        ),
        (
            "CloudFront",
            format!(
                "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header\n2026-08-24\t05:10:07\tFRA2\t182\t192.0.2.1\tGET\td1.cloudfront.net\t/news/caf%C3%A9\t200\t-\t{}\t-\t-\tHit\tx==\twww.example.com\n",
                PERSON.replace(' ', "%2520")
            ),
        ),
        (
            "through proxies",
            quoted("", "").replacen("192.0.2.1", "203.0.113.1, 10.1.2.3", 1),
        ),
        (
            "of a host, through proxies",
            quoted("www.example.com ", "").replacen(
                "192.0.2.1",
                "unknown, 203.0.113.1, 10.1.2.3",
                1,
            ),
        ),
        (
            "ALB",
            format!(
                "https 2026-08-24T05:10:07.127531Z app/paper/50dc6c 192.0.2.1:2817 10.0.0.1:80 0.001 0.102 0.000 200 200 225 24950 \"GET https://www.example.com:443/news/caf%C3%A9 HTTP/2.0\" \"{PERSON}\" ECDHE-RSA TLSv1.2 arn:aws:x \"Root=1\" \"www.example.com\" \"arn:aws:acm\" 0 2026-08-24T05:10:06.023000Z \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\"\n"
            ),
        ),
        (
            "ELB",
            format!(
                "2026-08-24T05:10:07.945958Z paper 192.0.2.1:2817 - 0.000086 -1 -1 200 - 0 57 \"GET https://example.com:443/news/caf%C3%A9 HTTP/1.1\" \"{PERSON}\" DHE-RSA TLSv1.2\n2026-08-24T05:10:07.945958Z paper 192.0.2.1:2817 10.0.0.1:80 0.001 0.000028 0.000041 - - 82 305 \"- - - \" \"-\" - -\n"
            ),
        ),
        (
            "S3",
            format!(
                "b659b576cff1e15e paper-bucket [24/Aug/2026:05:10:07 +0000] 192.0.2.1 - EB3502676500C6BE WEBSITE.GET.OBJECT news/caf%25C3%25A9 \"GET /news/caf%C3%A9 HTTP/1.1\" 200 - 368 368 10 9 \"-\" \"{PERSON}\" -\n"
            ),
        ),
        (
            "of a container",
            quoted("2026-08-24T05:10:07.1Z stdout F ", ""),
        ),
        (
            "bunny.net",
            format!(
                "HIT|200|1787548207123|412|390|192.0.2.1|-|https://example.com/news/caf%C3%A9|DE|{PERSON}|ab12|DE\n"
            ),
        ),
        (
            "Envoy",
            format!(
                "[2026-08-24T05:10:07.123Z] \"GET /news/caf%C3%A9 HTTP/2\" 200 - 0 512 3 2 \"192.0.2.1\" \"{PERSON}\" \"cc21d9b0\" \"example.com\" \"10.0.0.2:80\"\n"
            ),
        ),
        (
            "Envoy JSON",
            format!(
                r#"{{"start_time":"2026-08-24T05:10:07.123Z","method":"GET","path":"/news/caf%C3%A9","protocol":"HTTP/2","response_code":200,"x_forwarded_for":"192.0.2.1","user_agent":"{PERSON}","authority":"example.com"}}{}"#,
                "\n"
            ),
        ),
        (
            "Cloudflare's Logpush",
            format!(
                r#"{{"ClientIP":"192.0.2.1","ClientRequestHost":"example.com","ClientRequestMethod":"GET","ClientRequestURI":"/news/caf%C3%A9","EdgeEndTimestamp":"2026-08-24T05:10:08Z","EdgeResponseBytes":5,"EdgeResponseStatus":200,"EdgeStartTimestamp":"2026-08-24T05:10:07Z","RayID":"3a","ClientRequestUserAgent":"{PERSON}"}}{}"#,
                "\n"
            ),
        ),
        (
            "Azure Front Door",
            format!(
                r#"{{"time":"2026-08-24T05:10:07.1Z","category":"FrontDoorAccessLog","properties":{{"httpMethod":"GET","requestUri":"https://example.com:443/news/caf%C3%A9","userAgent":"{PERSON}","clientIp":"192.0.2.1","clientPort":"1","httpStatusCode":"200","hostName":"example.com"}}}}{}"#,
                "\n"
            ),
        ),
        (
            "Vercel",
            format!(
                r#"{{"id":"1","timestamp":1787548207123,"source":"lambda","proxy":{{"method":"GET","scheme":"https","host":"example.com","path":"/news/caf%C3%A9","userAgent":["{PERSON}"],"statusCode":200,"clientIp":"192.0.2.1"}}}}{}"#,
                "\n"
            ),
        ),
        (
            "IIS 6",
            format!(
                "#Software: Microsoft Internet Information Services 6.0\r\n#Date: 2026-08-24 05:00:00\r\n#Fields: date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-substatus sc-status \r\n2026-08-24 05:10:07 W3SVC1 10.0.0.1 GET /news/café - 80 - 192.0.2.1 HTTP/1.1 {} \"a=1; b=(direct)|c; d=2\" - example.com 0 200 \r\n",
                PERSON.replace(' ', "+")
            ),
        ),
        (
            "IIS 5, with times only",
            format!(
                "#Date: 2026-08-24 05:00:00\r\n#Fields: time c-ip cs-method cs-uri-stem cs(User-Agent) sc-status \r\n05:10:07 192.0.2.1 GET /news/café {} 200 \r\n",
                PERSON.replace(' ', "+")
            ),
        ),
        (
            "IIS",
            format!(
                "#Software: IIS\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status time-taken\r\n2026-08-24 05:10:07 10.0.0.1 GET /news/café utm_source=x 443 - 192.0.2.1 {} 200 15\r\n",
                PERSON.replace(' ', "+")
            ),
        ),
    ] {
        assert_eq!(
            one("access.log", &log, None),
            "example.com/news/caf%C3%A9: 05:15 1\nas of 24 05:10:07",
            "{form}: {log}"
        );
        // The same as the only line of a file whose end is not written yet.
        assert_eq!(
            one("access.log", log.trim_end(), None),
            one("access.log", &log, None),
            "{form}"
        );
    }
    for prefix in [
        "",
        "Aug 24 07:10:07 lb haproxy[6801]: ",
        "<134>1 2026-08-24T07:10:07+02:00 lb haproxy 6801 - - ",
    ] {
        for captured in ["", "{example.com|Mozilla} {} "] {
            let log = format!(
                "{prefix}192.0.2.1:55008 [24/Aug/2026:07:10:07.584] ft_https~ bk_https/a 0/0/0/72/72 200 7456 - - ---- 5/4/0/1/0 0/0 {captured}\"GET /news/caf%C3%A9 HTTP/1.1\"\n"
            );
            assert_eq!(
                one("access.log", &log, None),
                one("access.log", &common(""), None),
                "{log}"
            );
        }
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
            r#"10.0.0.1 - - [24/Aug/2026:07:10:07 +0200] "GET /news/caf%C3%A9 HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/127.0" "192.0.2.1, 10.0.0.2""#,
        ),
        (
            r"${msec}|$request_method|$host|$request_uri|$remote_addr|$status",
            "1787548207.815|GET|www.example.com|/news/caf%C3%A9?x=1|192.0.2.1|304",
        ),
        (
            "[$time_iso8601] $remote_addr $request_method $uri$is_args$args $status",
            "[2026-08-24T07:10:07+02:00] 192.0.2.1 GET /news/caf%C3%A9?a=b&c 200",
        ),
        (
            r#"{"t":"$time_iso8601","u":"$request_uri","a":"$http_user_agent","c":"$remote_addr"}"#,
            r#"{"t":"2026-08-24T07:10:07+02:00","u":"/news/caf%C3%A9","a":"Mozilla/5.0 (\"Firefox\",)","c":"192.0.2.1"}"#,
        ),
        (
            r#"%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\""#,
            r#"example.com:443 192.0.2.1 - ada [24/Aug/2026:07:10:07 +0200] "GET /news/caf%C3%A9 HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/127.0""#,
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
        assert_eq!(
            shown(&folder, &report),
            "example.com/news/caf%C3%A9: 05:05 3\nas of 24 05:02:07",
            "{block}"
        );
    }
}

#[test]
fn midnight_passes_in_a_log_of_times_only() {
    // One of 23 h is written after midnight.
    let times = [
        "22:59:07", "23:50:07", "00:00:07", "23:59:58", "00:01:07", "05:01:07",
    ];
    let agent = PERSON.replace(' ', "+");
    let lines = times
        .iter()
        .zip(1..)
        .map(|(time, client)| format!("{time} 192.0.2.{client} /news/caf%C3%A9 {agent}\n"));
    let log = format!(
        "#Date: 2026-08-23 20:00:00\n#Fields: time c-ip cs-uri-stem cs(User-Agent)\n{}",
        lines.collect::<String>()
    );
    let folder = folder(&[("iis.log", log.as_bytes())]);
    for block in [1, 60, 150, 1000] {
        let report = read_as(&folder, "iis.log", None, Cut { workers: 2, block });
        assert_eq!(
            shown(&folder, &report),
            "example.com/news/caf%C3%A9: 23:00 1, 23:55 1, 00:00 1, 00:05 2, 05:05 1\nas of 24 05:01:07",
            "{block}"
        );
    }
}

#[test]
fn midnight_may_pass_before_the_first_line() {
    let agent = PERSON.replace(' ', "+");
    for (said, time, expected) in [
        (
            "2026-08-23 23:58:12",
            "05:01:07",
            "05:05 1\nas of 24 05:01:07",
        ),
        (
            "2026-08-24 00:00:01",
            "23:59:58",
            "00:00 1\nas of 23 23:59:58",
        ),
        ("2026-08-24", "05:01:07", "05:05 1\nas of 24 05:01:07"),
    ] {
        let log = format!(
            "#Date: {said}\n#Fields: time c-ip cs-uri-stem cs(User-Agent)\n{time} 192.0.2.1 /news/caf%C3%A9 {agent}\n"
        );
        let shown = one("iis.log", &log, None);
        assert_eq!(
            shown,
            format!("example.com/news/caf%C3%A9: {expected}"),
            "{log}"
        );
    }
}

#[test]
fn the_format_of_iis_has_days_as_its_machine_writes_them() {
    for (date, time) in [
        ("8/24/2026", "7:10:07"),
        ("08/24/26", "07:10:07"),
        ("24.08.2026", "07:10:07"),
        ("24/08/2026", "07:10:07"),
        ("2026-08-24", "07:10:07"),
    ] {
        let log = format!(
            "192.0.2.1, -, {date}, {time}, W3SVC1, SERVER, 10.0.0.1, 15, 200, 1234, 200, 0, GET, /news/caf%C3%A9, -,\n"
        );
        assert_eq!(
            one("iis.log", &log, None),
            "example.com/news/caf%C3%A9: 05:15 1\nweb: its lines do not name the client's program: crawlers are counted as readers\nas of 24 05:10:07",
            "{log}"
        );
    }
}

#[test]
fn fields_may_not_be_enough() {
    let log = "#Fields: date time cs-uri-stem\n2026-08-24 05:00:07 /news/ferry\n";
    insta::assert_snapshot!(one("iis.log", log, None), @r"
    iis.log: its `#Fields:` lack a client
    as of never
    ");
}

#[test]
fn a_proxy_speaks_for_its_clients() {
    let line = |forwarded: &str| {
        combined(10, 1, "/news/caf%C3%A9", PERSON).replace('\n', &format!(" {forwarded}\n"))
    };
    let views = |others: [&str; 2]| {
        let shown = one("access.log", &others.map(line).concat(), None);
        shown
            .lines()
            .next()
            .unwrap()
            .rsplit_once(' ')
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(
        views(["\"198.51.100.1, 10.0.0.1\"", "\"10.1.2.3, 198.51.100.2\""]),
        "2"
    );
    assert_eq!(
        views(["\"2001:db8::1\" 0.003", "\"2001:db8::2\" 0.003"]),
        "2"
    );
    // Not a client's address: the server's behind, a private one, a time, nonsense.
    assert_eq!(
        views(["\"198.51.100.1:8080\"", "\"198.51.100.2:8080\""]),
        "1"
    );
    assert_eq!(views(["\"10.0.0.1\"", "\"100.64.1.2\""]), "1");
    assert_eq!(views(["0.003", "\"unknown"]), "1");
}
