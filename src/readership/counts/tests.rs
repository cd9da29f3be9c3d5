//! Exports as analytics write them; one file, since all of it goes by one fixture and is mostly tables.

use super::*;
use crate::model::letter_links::LinkQuery;
use crate::model::newsletter::Language;
use crate::model::zone::Zone;
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    "2026-08-24T06:30:00Z".parse().unwrap()
}

fn input(name: &str, body: impl Into<Vec<u8>>) -> Input {
    Input {
        name: Line::clean(name),
        body: body.into(),
        taken: Some(now() - TimeDelta::minutes(10)),
    }
}

fn read(inputs: &[Input]) -> ReadershipReport {
    read_named(inputs, &Names::default())
}

fn read_named(inputs: &[Input], names: &Names) -> ReadershipReport {
    read_in("pt", inputs, names)
}

fn read_in(language: &str, inputs: &[Input], names: &Names) -> ReadershipReport {
    read_counts(
        Line::clean("views"),
        inputs,
        names,
        &LetterLinks::of(
            LinkQuery::parse("utm_source=letter&utm_medium=email")
                .ok()
                .as_ref(),
            "harbour",
        ),
        &DateStyle::new(
            Zone::bundled("Europe/Lisbon").unwrap(),
            &Language::parse(language).unwrap(),
        ),
        now(),
    )
}

/// The readings in order of their keys, then the misses.
fn told(report: &ReadershipReport) -> String {
    let mut lines: Vec<String> = report
        .readings
        .iter()
        .map(|(key, reading)| match reading {
            Reading::Rank(place) => format!("{} at {place}", key.as_str()),
            Reading::Total(views) => format!("{}: {views}", key.as_str()),
            Reading::Series(points) => {
                let points: Vec<String> = points
                    .iter()
                    .map(|(at, views)| format!(" {}={views}", at.format("%d %H:%M")))
                    .collect();
                format!("{}:{}", key.as_str(), points.concat())
            }
        })
        .collect();
    lines.sort();
    let misses = report.misses.iter();
    lines.extend(misses.map(|miss| format!("! {}: {}", miss.source, miss.what)));
    lines.join("\n")
}

#[test]
fn remarks_above_a_table_say_how_old_it_is() {
    let as_of = |above: &str| {
        let body = format!("{above}Page path,Views\n/a,3\n");
        let report = read(&[input("ga4.csv", body)]);
        assert_eq!(told(&report), "/a: 3");
        report.as_of.unwrap().format("%m-%d %H:%M").to_string()
    };
    for (above, expected) in [
        (
            "# ----\n# Start date: 20260110\n# End date: 20260111\n",
            "01-12 00:00",
        ),
        (
            "# Startdatum: 20260110\n# Enddatum: 20260110\n\n",
            "01-11 00:00",
        ),
        ("# Start date: 20260110\n", "08-24 06:20"),
        (
            "\"# Start date: 20260101\"\n\"# End date: 20260823\"\n",
            "08-23 23:00",
        ),
        ("# 20260101-20260110\n", "01-11 00:00"),
        ("# 2026-01-01 - 2026-01-10\n", "01-11 00:00"),
        // Of a day that is not over: up to when the file was written.
        (
            "# Start date: 20260801\n# End date: 20260824\n",
            "08-24 06:20",
        ),
        ("# End date: 20261231\n", "08-24 06:20"),
        ("# Property: 20999999\n# Pages: 123456\n", "08-24 06:20"),
        ("Start 20260110\n", "08-24 06:20"),
    ] {
        assert_eq!(as_of(above), expected, "{above}");
    }
}

#[test]
fn what_nobody_sees_is_left_out() {
    for body in [
        "sep=;\nurl;views\n/caf%C3%A9;3\n",
        "\u{feff}url\u{200b},views,\n\u{200b}/caf%C3%A9,3\u{200b},\n",
        "ur\u{2060}l\tviews\t\n/caf\u{200d}%C3%A9\t3\t\n",
    ] {
        assert_eq!(
            told(&read(&[input("a.csv", body)])),
            "/caf%C3%A9: 3",
            "{body}"
        );
    }
    let ansi = b"url;Seitenaufrufe\r\n/caf\xe9;3;\r\n".to_vec();
    assert_eq!(told(&read(&[input("a.csv", ansi)])), "/caf%C3%A9: 3");
}

#[test]
fn exports_in_five_languages() {
    for header in [
        "Seitenpfad und Bildschirmklasse,Aufrufe,Aktive Nutzer",
        "Chemin de la page et classe de l'écran,Vues,Utilisateurs actifs",
        "Chemin de la page et classe de l’écran,Vues,Utilisateurs actifs",
        "Ruta de página y clase de pantalla,Vistas,Usuarios activos",
        "Percorso pagina e classe schermata,Visualizzazioni,Utenti attivi",
        "Caminho da página e classe da tela,Visualizações,Usuários ativos",
        "Seiten-URL,Seitenansichten,Besuche",
        "URL de la page,Vues de page,Visites",
        "URL de página,Páginas vistas,Páginas vistas únicas",
        "URL de página,Vistas de la página,Visitas",
        "Etiqueta,Páginas vistas,Visitas",
        "Etichetta,Visualizzazioni pagina,Visite",
        "Rótulo,Visualizações de página,Visitas",
    ] {
        let body = format!("{header}\n/ferry,1204,7\n/fish,35,7\n");
        let report = read(&[input("export", body)]);
        assert_eq!(told(&report), "/ferry: 1204\n/fish: 35", "{header}");
    }
    for header in [
        "Seitenpfad,Aufrufe,Datum,Stunde",
        "Chemin de la page,Vues,Jour,Heure",
        "Ruta de página,Vistas,Fecha,Hora",
        "Percorso pagina,Visualizzazioni,Data,Ora",
        "Caminho da página,Visualizações,Data,Hora",
    ] {
        let report = read(&[input(
            "export",
            format!("{header}\n/ferry,12,2026-08-24,5\n"),
        )]);
        assert_eq!(told(&report), "/ferry: 24 04:00=12", "{header}");
    }
}

#[test]
fn a_quote_that_is_never_closed_costs_its_own_line() {
    let rows = |quote: &str| -> String {
        let rows: Vec<String> = (0..30_000)
            .map(|n| format!("/story-{n},{quote}{n}\n"))
            .collect();
        rows.concat()
    };
    let whole = rows("");
    let report = read(&[input(
        "export",
        format!("url,views\n/a,1\n\"/b,2\n{whole}/c,3\n"),
    )]);
    assert_eq!(report.readings.len(), 30_002);
    assert_eq!(
        report.misses[0].what,
        "line 3: expected a row, but found `a line without an end (an open quote?)`; the other 30002 rows were taken"
    );
    let rows = rows("\"");
    let report = read(&[input("export", format!("url,views\r\n{rows}"))]);
    assert_eq!(report.misses.len(), 1);
    let commas = format!("url,views\n/a,{}\n/b,2\n", "1,".repeat(1_000_000));
    assert_eq!(
        told(&read(&[input("export", commas)])).lines().next(),
        Some("/b: 2")
    );
    let commas = format!("url,views\n/a,\"{}\"\n/b,2\n", "1,".repeat(4_000));
    assert_eq!(read(&[input("export", commas)]).readings.len(), 1);
}

/// Whatever the export, ferry has 1,204 views and fish 35.
#[test]
fn as_each_export_writes_it() {
    let utf_16: Vec<u8> = "\u{feff}url\tviews\r\n/ferry\t1 204\r\n/fish\t35\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (export, body) in [
        ("plain", &b"url,views\n/ferry,1204\n/fish,35\n"[..]),
        ("Plausible", b"name,visitors,pageviews,bounce_rate\n/ferry,800,1204,40\n/fish,20,35,\n"),
        ("Plausible, visitors only", b"page,visitors\n/ferry,1204\n/fish,35"),
        ("Matomo", b"label,nb_visits,nb_hits,url\nferry,9,1204,https://h.example/ferry\nfish,3,35,https://h.example/fish"),
        ("Matomo, German Excel", "\u{feff}sep=;\r\nLabel;Pageviews\r\n/ferry;1.204\r\n/fish;35\r\n".as_bytes()),
        ("GA4", b"# ----\n# Pages and screens\n# Start date: 20260823\n\nPage path and screen class,Views,Users\n,1239,900\n/ferry,1204,800\n/fish,35,20\n(not set),3,1\n"),
        ("GA4, location", b"Full page URL,Views\nh.example/ferry,\"1,204\"\nh.example/fish,35\n"),
        ("Umami", b"[{\"x\":\"/ferry\",\"y\":1204},{\"x\":\"/fish\",\"y\":35}]"),
        ("results", b"{\"results\":[{\"page\":\"/ferry\",\"visitors\":9,\"pageviews\":\"1,204\"},{\"page\":\"/fish\",\"pageviews\":35.0}]}"),
        ("data", b"{\"meta\":1,\"data\":[{\"url\":\"https://www.h.example/ferry/?utm_source=x\",\"views\":1204},{\"url\":\"//h.example/fish\",\"views\":35}]}"),
        ("spaces around", b"\n  url ; views \n /ferry ; 1 204 \n\n /fish ; 35 \nTotal;1239\n"),
        ("Excel, Unicode text", &utf_16),
        ("quoted", b"\"Title\";\"URL\";\"Views\"\r\n\"Ferry; \"\"fares\"\"\nrise\";\"/ferry\";\"1.204\"\r\nThe \"fish\";/fish;35,0\r\n"),
        ("Windows-1252", b"url;views\r\n/ferry;1\xa0204\r\n/fish;35\r\n"),
        ("Macintosh", b"Most read\r\rurl,views\r/ferry,1204\r/fish,35\r"),
        ("titles above", b"Most read: \"news\"\nAug 24, 2026\n,,\n#|url|views\n#1|/ferry|1204\n#2|/fish|35\n"),
        ("JSON Lines", b"{\"url\":\"/ferry\",\"views\":1204}\n{\"views\":3,\"url\":null}\n{\"views\":35,\"tags\":[{\"url\":1}],\"url\":\"/fish\"}\n"),
        ("figures come late", b"[{\"url\":\"/seal\"},[],4,{\"rank\":7,\"url\":\"/ferry\",\"views\":1203.9},{\"url\":\"/fish\",\"views\":35}]"),
        ("twice", b"url,views\n/ferry?fbclid=1,1200\n/ferry/,4\n/fish,35\n"),
    ] {
        let report = read(&[input(export, body)]);
        let told = told(&report).replace("h.example", "");
        assert_eq!(told, "/ferry: 1204\n/fish: 35", "{export}");
        assert_eq!(report.as_of, Some(now() - TimeDelta::minutes(10)));
    }
}

#[test]
fn most_read_lists() {
    for body in [
        "rank,url\n1,/ferry\n2,/fish\n",
        "#;Headline;Link\n#1;Ferry;/ferry\n#2;Fish;/fish\n",
        "time,url,rank\n2026-08-24T06:20:00Z,/ferry,1\n2026-08-24T06:20:00Z,/fish,2\n",
        "[{\"rank\":1,\"title\":\"Ferry\",\"url\":\"/ferry\"},{\"rank\":\"2.\",\"title\":\"Fish\",\"url\":\"/fish\"}]",
        "rank,url\n3,/ferry\n2,/fish\n1,/ferry/?utm_source=x\n",
    ] {
        let report = read(&[input("x", body)]);
        assert_eq!(told(&report), "/ferry at 1\n/fish at 2", "{body}");
        assert_eq!(report.as_of, Some(now() - TimeDelta::minutes(10)));
    }
    insta::assert_snapshot!(told(&read(&[
        input("list", "Most read\n\nrank,url\n1,/ferry\n0,/fish\ntop,/seal\n99999999999,/gull\n"),
        input("views", "url,views\n/ferry,9\n"),
        input("list again", "rank,url\n2,/ferry\n2,/seal\n"),
    ])), @"
    /ferry: 9
    /seal at 2
    ! list: line 5: expected a place from 1, but found `0`; line 6: expected a place from 1, but found `top`; line 7: expected a place from 1, but found `99999999999`; the other row was taken
    ");
}

#[test]
fn by_time() {
    for body in [
        "time,url,count\n2026-08-24T05:00:00Z,/ferry,4\n2026-08-24T04:00:00Z,/ferry,3\n2026-08-24T05:00:00+00:00,/ferry/,1\n",
        "date,hour,page,views\n2026-08-24,5,/ferry,3\n2026-08-24,06:00,/ferry,5\n",
        "dateHour,pagePath,screenPageViews\n2026082404,/ferry,3\n2026082405,/ferry,5\n2026082405,/ferry,0\n",
        "[{\"timestamp\":1787544000,\"url\":\"/ferry\",\"views\":3},{\"timestamp\":1787547600,\"url\":\"/ferry\",\"views\":5}]",
    ] {
        let report = read(&[input("x", body)]);
        assert_eq!(told(&report), "/ferry: 24 04:00=3 24 05:00=5", "{body}");
        assert_eq!(report.as_of, Some("2026-08-24T05:00:00Z".parse().unwrap()));
    }
    // The hour and the day that are not over were counted when the file was written.
    insta::assert_snapshot!(told(&read(&[
        input("ga4", "datehour;path;views\n2026082407;/ferry;2\n"),
        input("by day", "day,url,views\n2026-08-23,/fish,70\n2026-08-24,/fish,8\n"),
    ])), @"
    /ferry: 24 06:20=2
    /fish: 23 23:00=70 24 06:20=8
    ");
}

#[test]
fn times_as_spreadsheets_write_them() {
    for (language, four, five) in [
        ("de", "24.08.2026 05:00", "24.08.2026 06:00"),
        ("en", "24.8.26 5:00", "24.8.26 6:00:00"),
        ("en", "8/24/2026 5:00 AM", "8/24/2026 6:00:00 AM"),
        ("fr", "24/08/2026 05:00", "24/08/2026 06:00"),
        ("nl", "24-08-2026 05:00", "24-08-2026 06:00"),
        ("ja", "2026/8/24 5:00", "2026/8/24 6:00"),
        ("es", "24 de agosto de 2026 5:00", "24 ago 2026, 06:00"),
    ] {
        let body = format!("time;url;views\n{four};/ferry;3\n{five};/ferry;5\n");
        let report = read_in(language, &[input("x", body)], &Names::default());
        assert_eq!(told(&report), "/ferry: 24 04:00=3 24 05:00=5", "{four}");
    }
    for (body, shown) in [
        (
            "day,hour,url,views\n23.08.2026,23,/ferry,3\n",
            "/ferry: 23 22:00=3",
        ),
        (
            "day,url,views\n23.08.2026,/ferry,3\n24.08.2026,/ferry,5\n",
            "/ferry: 23 23:00=3 24 06:20=5",
        ),
    ] {
        let report = read_in("de", &[input("x", body)], &Names::default());
        assert_eq!(told(&report), shown);
    }
    // Which of the two is the month only a country knows.
    let body = "time,url,views\n08/07/2026 05:00,/ferry,3\n";
    let shown = ["pt", "en-US", "en"]
        .map(|language| told(&read_in(language, &[input("x", body)], &Names::default())));
    insta::assert_snapshot!(shown.join("\n"), @"
    /ferry: 08 04:00=3
    /ferry: 07 04:00=3
    ! x: line 2: expected a time such as `2026-08-24 06:00`, but found `08/07/2026 05:00`; no row was taken
    ");
}

#[test]
fn several_files_are_one() {
    insta::assert_snapshot!(told(&read(&[
        input("a", "url,views\nhttps://h.example/ferry,1200\nhttps://h.example/fish,9\n"),
        input("b", "path,views\n/ferry,4\n/seal,1\n"),
        input("c", "time,url,views\n2026-08-24 07:00,/fish,5\n2026-08-24 06:00,/news/caf\u{e9},1\n"),
        input("d", "time,url,views\n2026-08-24 06:00,/fish,6\n2026-08-24 07:00,/fish,1\n"),
    ])), @"
    /news/caf%C3%A9: 24 05:00=1
    /seal: 1
    h.example/ferry: 1204
    h.example/fish: 24 05:00=6 24 06:00=6
    ");
}

#[test]
fn what_could_not_be_read_is_named() {
    let many: String = (0..8)
        .map(|n| ["/s", &n.to_string(), ",many\n"].concat())
        .collect();
    insta::assert_snapshot!(told(&read(&[
        input("bad.csv", format!("url,views\n/ferry,3\n{many}")),
        input("times.csv", "time,url,views\nsoon,/fish,3\n2026-08-24 06:00,/fish,5\n2026-08-25 06:00,/fish,2\n"),
        input("ahead.json", "[{\"time\":\"2027-01-01\",\"url\":\"/a\",\"views\":3}]"),
        input("error.html", "<!doctype html>\n<title>Not found</title>"),
        input("columns.csv", "story,clicks\n/ferry,3\n"),
        input("cut.json", "{\"results\":[{\"page\":\"/fer"),
        input("shape.json", "{\"error\":\"no\"}"),
        input("keys.json", "[{\"title\":\"Ferry\",\"clicks\":3}]"),
        input("list.json", "[1,2]"),
        input("none.json", "[]"),
        input("empty.csv", " \n"),
        input("header.csv", "url,views\n"),
        input("long.csv", ["url,views", &",".repeat(20_000), "\n/ferry,9\n"].concat()),
        input("junk", &[0u8, 159, 146, 150, 10, 0][..]),
    ])), @r#"
    /ferry: 3
    /fish: 24 05:00=5
    ! bad.csv: line 3: expected a number of views, but found `many`; line 4: expected a number of views, but found `many`; line 5: expected a number of views, but found `many`; and 5 more; the other row was taken
    ! times.csv: line 2: expected a time such as `2026-08-24 06:00`, but found `soon`; the other row was taken
    ! times.csv: from the future: line 4: expected a time in the past, but found `2026-08-25 06:00`; the other row was taken
    ! ahead.json: from the future: item 1: expected a time in the past, but found `2027-01-01`; no row was taken
    ! error.html: expected a table, but found a page: does its address ask for a log-in?
    ! columns.csv: expected columns such as `url` and `views`, but found `story,clicks`: name them in its `[[readership]]`, as in `url = "Page"` and `views = "Hits"`
    ! cut.json: expected JSON, but EOF while parsing a string at line 1 column 25
    ! shape.json: expected a JSON list of objects, alone or as `results`, `data` or `rows`
    ! keys.json: expected keys such as `url` and `views`, but found `title`, `clicks`: name them in its `[[readership]]`, as in `url = "Page"` and `views = "Hits"`
    ! list.json: expected objects in the JSON list, but found none
    ! none.json: expected objects in the JSON list, but it is empty
    ! empty.csv: expected a table, but it is empty
    ! header.csv: no row names a page
    ! long.csv: expected columns such as `url` and `views`, but found `url,views,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,…`: name them in its `[[readership]]`, as in `url = "Page"` and `views = "Hits"`
    ! junk: expected columns such as `url` and `views`, but found `Ÿ’–`: name them in its `[[readership]]`, as in `url = "Page"` and `views = "Hits"`
    "#);
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        _ = read(&[input("x", body)]);
    }

    #[test]
    fn takes_any_table(rows in "(url|time|/a|h\\.b/c|[0-9.,;\t\"#\n\u{e9}{}\\[\\]:-]){0,60}") {
        _ = read(&[input("x", format!("time,url,views\n{rows}")), input("y", format!("[{{\"url\":\"{rows}\"}}]"))]);
    }
}

#[test]
fn columns_may_be_named() {
    let names = Names {
        url: Line::non_empty("Seiten-URL"),
        views: Line::non_empty("Aufrufe"),
        time: Line::non_empty("Stand"),
    };
    let body = "\u{feff}Stand;Seiten_url;Views;aufrufe\n2026-08-24 06:00;/a;9;1.204\n";
    let json = r#"[{"Stand":"2026-08-24T05:00:00Z","Seiten-URL":"/a","Aufrufe":"3"}]"#;
    let other = "url,views\n/a,3\n";
    let files = [
        input("a.csv", body),
        input("a.json", json),
        input("b.csv", other),
    ];
    insta::assert_snapshot!(told(&read_named(&files, &names)), @"
    /a: 24 05:00=1207
    ! b.csv: expected columns `Seiten-URL`, `Aufrufe`, `Stand`, but found `url,views`
    ");
}

#[test]
fn counters_as_they_stood_are_told_from_views() {
    let table = |views: [u64; 4]| {
        let rows = (0..5).flat_map(|story| {
            (3..).zip(views).map(move |(hour, views)| {
                format!("2026-08-24T0{hour}:00:00Z,/{story},{}\n", views + story)
            })
        });
        format!("time,url,views\n{}", rows.collect::<String>())
    };
    let of = |views| told(&read(&[input("a.csv", table(views))]));
    let rising = of([100, 100, 130, 190]);
    insta::assert_snapshot!(rising.lines().take(1).chain(rising.lines().skip(5)).collect::<Vec<_>>().join("\n"), @"
    /0: 24 03:00=100 24 04:00=0 24 05:00=30 24 06:00=60
    ! views: its counts only ever rise: taken as totals so far, not as views since the count before
    ");
    assert!(!of([100, 90, 130, 190]).contains("totals so far"));
    assert!(!of([1, 1, 1, 1]).contains("totals so far"));
}

#[test]
fn views_from_our_own_letters_are_counted_apart() {
    let body = "url,views\n/a?utm_medium=email&utm_source=letter,40\n/a,2\n/a?utm_source=letter,1\n\
                https://h.example/b?utm_source=letter&utm_medium=email#x,7\n";
    let report = read(&[input("a", body)]);
    assert_eq!((told(&report).as_str(), report.from_letters), ("/a: 3", 47));
}

/// Of each line all lines before it were counted: a night's counts took hours.
#[test]
fn json_lines_are_read_in_one_pass() {
    let lines = "{\"url\":\"/ferry\",\"views\":1}\n".repeat(150_000);
    let report = read(&[input("night.jsonl", lines)]);
    assert_eq!(told(&report), "/ferry: 150000");
}
