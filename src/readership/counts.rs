//! Files of counts: a row for each story, or for each story and time, from whatever wrote it.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::line::Line;
use crate::link::{Link, StoryKey};
use crate::readers::{Reading, Report};
use crate::story::Miss;
use crate::zone::Zone;

use super::table::{self, Row, Shape};
use super::{Input, number, when};

/// So many bad lines are named; the rest are counted.
const NAMED: usize = 3;
/// A time this far ahead is a clock that runs fast, and is taken as now; beyond it the row is left out.
const FAST_CLOCK: TimeDelta = TimeDelta::minutes(5);

/// Reads files of counts and merges them: the same story's series become one, its totals add up. Where one file has times for a story and
/// another a total, the series stands, since it says more. Columns are found by name, the format by looking.
///
/// `zone` is for times without an offset. Without a time column the counts are as old as the file; if its age is not known either, they
/// count as taken now. What could not be used is in [`Report::misses`]; rows that are no page (`(not set)`, totals) are not.
#[must_use]
pub fn read_counts(source: Line, inputs: &[Input], zone: &Zone, now: DateTime<Utc>) -> Report {
    let mut report = Report::of(source);
    for input in inputs {
        read_one(input, zone, now, &mut report);
    }
    join_paths(&mut report.readings);
    for reading in report.readings.values_mut() {
        if let Reading::Series(points) = reading {
            points.sort_by_key(|(at, _)| *at);
            points.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 = kept.1.saturating_add(next.1);
                }
                same
            });
        }
    }
    report
}

fn read_one(input: &Input, zone: &Zone, now: DateTime<Utc>, report: &mut Report) {
    // Follows a byte-order mark, so that what Excel saves as "Unicode text" is read too.
    let (text, _, _) = encoding_rs::UTF_8.decode(&input.body);
    let taken = input.taken.unwrap_or(now).min(now);
    let mut gather = Gather {
        zone,
        now,
        taken,
        stories: HashMap::new(),
        keys: Vec::new(),
        readings: Vec::new(),
        last_time: (String::new(), None),
        newest: None,
        taken_rows: 0,
        bad: Named::default(),
        ahead: Named::default(),
    };
    let mut miss = |what: &str| {
        report.misses.push(Miss {
            source: input.name.clone(),
            what: Line::clean(what),
        });
    };
    let shape = match table::rows(&text, |row| gather.take(&row)) {
        Ok(shape) => shape,
        Err(what) => return miss(&what),
    };
    let taken_rows = gather.taken_rows;
    let rest = match taken_rows {
        0 => "no row was taken".to_owned(),
        1 => "the other row was taken".to_owned(),
        many => format!("the other {many} rows were taken"),
    };
    if let Some(bad) = gather.bad.told(shape) {
        miss(&format!("{bad}; {rest}"));
    }
    if let Some(ahead) = gather.ahead.told(shape) {
        miss(&format!("from the future: {ahead}; {rest}"));
    }
    if taken_rows == 0 && gather.bad.count + gather.ahead.count == 0 {
        miss("no row names a page");
    }
    report.as_of = report.as_of.max(gather.newest);
    for (key, reading) in gather.keys.into_iter().zip(gather.readings) {
        if let Some(reading) = reading {
            merge(&mut report.readings, key, reading);
        }
    }
}

/// What one file gives, row by row.
struct Gather<'a> {
    zone: &'a Zone,
    now: DateTime<Utc>,
    taken: DateTime<Utc>,
    /// By the text as written, so that an address is parsed once for all its rows; `None`: no page.
    stories: HashMap<String, Option<usize>>,
    keys: Vec<StoryKey>,
    /// `None` until a row of it was good.
    readings: Vec<Option<Reading>>,
    /// Rows come sorted by time more often than not.
    last_time: (String, Option<when::When>),
    newest: Option<DateTime<Utc>>,
    taken_rows: u64,
    bad: Named,
    ahead: Named,
}

impl Gather<'_> {
    fn take(&mut self, row: &Row<'_>) {
        let story = match self.stories.get(&*row.url) {
            Some(story) => *story,
            None => self.meet(&row.url),
        };
        let Some(story) = story else {
            return;
        };
        let Some(views) = number::count(&row.views) else {
            return self.bad.add(row.at, "a number of views", &row.views);
        };
        let at = match &row.time {
            None => self.taken,
            Some(time) => {
                if self.last_time.0 != **time {
                    self.last_time = (time.to_string(), when::read(time, self.zone));
                }
                let Some(when) = self.last_time.1 else {
                    return self.bad.add(row.at, "a time", time);
                };
                if when.from > self.now + FAST_CLOCK {
                    return self.ahead.add(row.at, "a time in the past", time);
                }
                // A day or hour that is not over was counted up to when the file was written.
                if when.to > when.from {
                    when.to.min(self.taken).max(when.from).min(self.now)
                } else {
                    when.to.min(self.now)
                }
            }
        };
        self.taken_rows += 1;
        self.newest = self.newest.max(Some(at));
        let reading = self.readings[story].get_or_insert_with(|| match row.time {
            Some(_) => Reading::Series(Vec::new()),
            None => Reading::Total(0),
        });
        match reading {
            Reading::Series(points) if views > 0 => points.push((at, views)),
            Reading::Series(_) => {}
            Reading::Total(total) => *total = total.saturating_add(views),
            Reading::Rank(_) => {}
        }
    }

    fn meet(&mut self, text: &str) -> Option<usize> {
        let story = key(text).map(|key| {
            self.keys.push(key);
            self.readings.push(None);
            self.keys.len() - 1
        });
        self.stories.insert(text.to_owned(), story);
        story
    }
}

/// Rows that were left out: the first few by line, the others by number.
#[derive(Default)]
struct Named {
    first: Vec<(u64, &'static str, Line)>,
    count: usize,
}

impl Named {
    fn add(&mut self, at: u64, expected: &'static str, found: &str) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push((at, expected, Line::clean_to(found, 40)));
        }
    }

    fn told(&self, shape: Shape) -> Option<String> {
        let line = match shape {
            Shape::Csv => "line",
            Shape::Json => "item",
        };
        let mut told: Vec<String> = self
            .first
            .iter()
            .map(|(at, expected, found)| {
                format!("{line} {at}: expected {expected}, but found `{found}`")
            })
            .collect();
        match self.count - self.first.len() {
            0 => {}
            more => told.push(format!("and {more} more")),
        }
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// The key of a page as exports write it: a whole address, one without its scheme (GA4), or a path. Anything else is no page.
fn key(text: &str) -> Option<StoryKey> {
    let text = text.trim();
    if text.contains("://") {
        return Link::parse(text).ok().map(|link| link.key());
    }
    if text.contains(char::is_whitespace) {
        return None;
    }
    if text.starts_with('/') && !text.starts_with("//") {
        return path_key(text);
    }
    let bare = text.trim_start_matches('/');
    let (host, _) = bare.split_once('/')?;
    if host.contains('.') {
        return Link::parse(&format!("https://{bare}"))
            .ok()
            .map(|link| link.key());
    }
    path_key(&format!("/{bare}"))
}

fn path_key(path: &str) -> Option<StoryKey> {
    if path.is_ascii() {
        return Some(StoryKey::of_path(path));
    }
    // Percent-encoded as in the stories' own addresses; the host goes again.
    let link = Link::parse(&format!("https://path.invalid{path}")).ok()?;
    Some(link.key().path_only())
}

fn merge(readings: &mut HashMap<StoryKey, Reading>, key: StoryKey, new: Reading) {
    match (readings.get_mut(&key), new) {
        (Some(Reading::Series(points)), Reading::Series(more)) => points.extend(more),
        (Some(Reading::Total(total)), Reading::Total(more)) => *total = total.saturating_add(more),
        (Some(Reading::Series(_)), Reading::Total(_)) => {}
        (_, new) => _ = readings.insert(key, new),
    }
}

/// A path without a host is the page of the one host that has it: one file has whole addresses, another paths.
fn join_paths(readings: &mut HashMap<StoryKey, Reading>) {
    let is_path = |key: &StoryKey| key.as_str().starts_with('/');
    if !readings.keys().any(is_path) || readings.keys().all(is_path) {
        return;
    }
    let mut hosts: HashMap<StoryKey, Vec<StoryKey>> = HashMap::new();
    for key in readings.keys().filter(|key| !is_path(key)) {
        hosts.entry(key.path_only()).or_default().push(key.clone());
    }
    for (path, mut keys) in hosts {
        if let [_] = keys[..]
            && let Some(whole) = keys.pop()
            && let Some(reading) = readings.remove(&path)
        {
            merge(readings, whole, reading);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn read(inputs: &[Input]) -> Report {
        read_counts(
            Line::clean("views"),
            inputs,
            &Zone::bundled("Europe/Lisbon").unwrap(),
            now(),
        )
    }

    /// The readings in order of their keys, then the misses.
    fn told(report: &Report) -> String {
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
            ("twice", b"url,views\n/ferry?fbclid=1,1200\n/ferry/,4\n/fish,35\n"),
        ] {
            let report = read(&[input(export, body)]);
            let told = told(&report).replace("h.example", "");
            assert_eq!(told, "/ferry: 1204\n/fish: 35", "{export}");
            assert_eq!(report.as_of, Some(now() - TimeDelta::minutes(10)));
        }
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
            input("junk", &[0u8, 159, 146, 150, 10, 0][..]),
        ])), @"
        /ferry: 3
        /fish: 24 05:00=5
        ! bad.csv: line 3: expected a number of views, but found `many`; line 4: expected a number of views, but found `many`; line 5: expected a number of views, but found `many`; and 5 more; the other row was taken
        ! times.csv: line 2: expected a time, but found `soon`; the other row was taken
        ! times.csv: from the future: line 4: expected a time in the past, but found `2026-08-25 06:00`; the other row was taken
        ! ahead.json: from the future: item 1: expected a time in the past, but found `2027-01-01`; no row was taken
        ! error.html: expected columns such as `url` and `views`, but found `<!doctype html>`
        ! columns.csv: expected columns such as `url` and `views`, but found `story,clicks`
        ! cut.json: expected JSON, but EOF while parsing a string at line 1 column 25
        ! shape.json: expected a JSON list of objects, alone or as `results`, `data` or `rows`
        ! keys.json: expected keys such as `url` and `views`, but found `clicks`, `title`
        ! list.json: expected objects in the JSON list, but found none
        ! none.json: expected objects in the JSON list, but it is empty
        ! empty.csv: expected a table, but it is empty
        ! header.csv: no row names a page
        ! junk: expected columns such as `url` and `views`, but found `���`
        ");
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
}
