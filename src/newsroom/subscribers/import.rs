//! A table of subscribers that another program wrote: what can be taken is taken, and each line that cannot is named.

use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord, Trim};

use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::subscriber::{Paused, Subscriber};
use crate::newsroom::NewsroomError;
use crate::newsroom::table::plain;

/// What a table gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The good lines, in order; an address may come twice.
    pub subscribers: Vec<Subscriber>,
    /// The others.
    pub bad: Vec<BadLine>,
    /// The names of columns that mean nothing here, and were not read.
    pub ignored: Vec<Line>,
}

/// A line nobody was taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// From 1, as an editor counts them.
    pub line: usize,
    /// What is wrong, in the form of [`crate::model::problem::Problem::what`].
    pub what: String,
}

/// Reads CSV with a header line; between the cells stand commas, semicolons or tabs, whichever the header has most of. The columns are
/// `email` (also `e-mail`, `email address`, `address`), `name`, `sections` (between them `;`, `,` or `|`), `since`, `consent` and
/// `paused`, in any order and any case.
///
/// # Errors
/// [`NewsroomError::NoEmailColumn`]: it is no such table, and nobody was taken.
pub fn import(bytes: &[u8]) -> Result<Imported, NewsroomError> {
    // Excel's "Unicode text" is UTF-16 with its mark. Bytes that are not text become U+FFFD, and their lines are named below.
    let (mut text, _, _) = encoding_rs::UTF_8.decode(bytes);
    // Excel's "CSV (Macintosh)" ends lines as the Macs of 1984 did.
    if !text.contains('\n') {
        text = text.replace('\r', "\n").into();
    }
    let header_at = text.len() - text.trim_start().len();
    let header = &text[header_at..header_at + line_length(&text[header_at..])];
    let between = [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|&mark| header.bytes().filter(|&byte| byte == mark).count())
        .unwrap_or(b',');
    let reader = |text| {
        ReaderBuilder::new()
            .delimiter(between)
            .flexible(true)
            .has_headers(false)
            .trim(Trim::All)
            .from_reader(str::as_bytes(text))
    };
    let mut record = StringRecord::new();
    _ = reader(header).read_record(&mut record);
    let (columns, ignored) = Columns::of(&record)?;
    let mut imported = Imported {
        subscribers: Vec::new(),
        bad: Vec::new(),
        ignored,
    };
    let mut from = header_at + header.len();
    let mut lines = lines_in(&text[..from]);
    // A quote that is never closed swallows the lines after it. So a bad record of several lines costs only the first of them: the
    // reading begins again at the second.
    while from < text.len() {
        let rest = &text[from..];
        let mut table = reader(rest);
        from = text.len();
        // A flexible reader of text in memory cannot fail.
        while let Ok(true) = table.read_record(&mut record) {
            let (begin, skipped) = beginning(rest, &record);
            let line = lines + skipped + 1;
            match columns.subscriber(&record) {
                Ok(None) => {}
                Ok(Some(subscriber)) => imported.subscribers.push(subscriber),
                Err(what) => {
                    let second = begin + line_length(&rest[begin..]);
                    if position(table.position()) <= second {
                        imported.bad.push(BadLine { line, what });
                        continue;
                    }
                    imported.bad.push(BadLine {
                        line,
                        what: "a quote is opened in it and not closed".into(),
                    });
                    from = text.len() - rest.len() + second;
                    lines += lines_in(&rest[..second]);
                    break;
                }
            }
        }
    }
    Ok(imported)
}

/// Which column holds what, from 0.
struct Columns {
    count: usize,
    email: usize,
    name: Option<usize>,
    sections: Option<usize>,
    since: Option<usize>,
    consent: Option<usize>,
    paused: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<(Self, Vec<Line>), NewsroomError> {
        let names: Vec<String> = header
            .iter()
            .map(|name| {
                let letters = name.chars().filter(|c| c.is_alphanumeric());
                letters.flat_map(char::to_lowercase).collect()
            })
            .collect();
        let find = |known: &[&str]| {
            known
                .iter()
                .find_map(|known| names.iter().position(|name| name == known))
        };
        // In many exports `address` is where the person lives, beside a column `email`: it comes last.
        let Some(email) = find(&["email", "emailaddress", "mail", "address"]) else {
            return Err(NewsroomError::NoEmailColumn {
                found: header.iter().filter_map(Line::non_empty).collect(),
            });
        };
        let columns = Self {
            count: header.len(),
            email,
            name: find(&["name", "fullname", "firstname"]),
            sections: find(&["sections", "section"]),
            since: find(&["since"]),
            consent: find(&["consent"]),
            paused: find(&["paused"]),
        };
        let used = [
            Some(email),
            columns.name,
            columns.sections,
            columns.since,
            columns.consent,
            columns.paused,
        ];
        let ignored = header
            .iter()
            .enumerate()
            .filter(|(index, _)| !used.contains(&Some(*index)))
            .filter_map(|(_, name)| Line::non_empty(name))
            .collect();
        Ok((columns, ignored))
    }

    /// The subscriber of a record, or none in an empty one.
    fn subscriber(&self, record: &StringRecord) -> Result<Option<Subscriber>, String> {
        if record.iter().all(str::is_empty) {
            return Ok(None);
        }
        if record.iter().any(|cell| cell.contains('\u{fffd}')) {
            return Err("it holds bytes that are not UTF-8 text".into());
        }
        if record
            .iter()
            .any(|cell| cell.contains('\n') && cell.contains('@'))
        {
            return Err("the next line stands in one of its cells".into());
        }
        if record.len() > self.count {
            return Err(format!(
                "expected {} cells as in the header, but found {}",
                self.count,
                record.len()
            ));
        }
        let cell = |column: Option<usize>| {
            column
                .and_then(|column| record.get(column))
                .map_or("", |cell| plain(cell.trim()))
        };
        let email = cell(Some(self.email));
        if email.is_empty() {
            return Err("no address stands in it".into());
        }
        let sections = cell(self.sections).split([';', ',', '|']);
        Ok(Some(Subscriber {
            address: Address::parse(email).map_err(|error| error.to_string())?,
            name: Line::non_empty(cell(self.name)),
            sections: sections.filter_map(Line::non_empty).collect(),
            since: match cell(self.since) {
                "" => None,
                text => Some(day(text).ok_or_else(|| {
                    let found = Line::clean_to(text, 40);
                    format!("`since` must be a day such as 2026-08-24, but found `{found}`")
                })?),
            },
            consent: Line::non_empty(cell(self.consent)),
            paused: paused(cell(self.paused))?,
        }))
    }
}

fn paused(text: &str) -> Result<Paused, String> {
    match text.to_ascii_lowercase().as_str() {
        "" | "false" | "no" | "0" => Ok(Paused::No),
        "true" | "yes" | "1" => Ok(Paused::Yes),
        _ => day(text).map(Paused::Until).ok_or_else(|| {
            let found = Line::clean_to(text, 40);
            format!("`paused` must be true, false or a day such as 2026-08-24, but found `{found}`")
        }),
    }
}

/// `2026-08-24`, alone or before a time of day.
fn day(text: &str) -> Option<NaiveDate> {
    let (day, time) = text.split_at_checked(10)?;
    let plain = time.is_empty() || time.starts_with([' ', 'T']);
    NaiveDate::parse_from_str(day, "%Y-%m-%d")
        .ok()
        .filter(|_| plain)
}

/// Where in `text` the record begins, and how many lines stand before it. The reader counts the empty lines before a record as its own.
fn beginning(text: &str, record: &StringRecord) -> (usize, usize) {
    let Some(at) = record.position() else {
        return (0, 0);
    };
    let begin = position(at);
    let empty = text[begin..].len() - text[begin..].trim_start_matches(['\r', '\n']).len();
    let lines = usize::try_from(at.line()).unwrap_or(1) - 1;
    (begin + empty, lines + lines_in(&text[begin..begin + empty]))
}

fn position(at: &csv::Position) -> usize {
    usize::try_from(at.byte()).unwrap_or(usize::MAX)
}

/// The length of the first line, with its end.
fn line_length(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}

fn lines_in(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::newsroom::subscribers::export;

    fn said(text: impl AsRef<[u8]>) -> String {
        let imported = import(text.as_ref()).unwrap();
        let mut all: Vec<String> = imported
            .subscribers
            .iter()
            .map(|one| {
                let day = |day: NaiveDate| day.to_string();
                format!(
                    "{} name={} sections={:?} since={} consent={} {:?}",
                    one.address.reveal(),
                    one.name.as_ref().map_or("-", Line::as_str),
                    one.sections,
                    one.since.map_or("-".into(), day),
                    one.consent.as_ref().map_or("-", Line::as_str),
                    one.paused
                )
            })
            .collect();
        all.extend(
            imported
                .bad
                .iter()
                .map(|bad| format!("line {}: {}", bad.line, bad.what)),
        );
        if !imported.ignored.is_empty() {
            all.push(format!("ignored: {:?}", imported.ignored));
        }
        all.join("\n")
    }

    #[test]
    fn every_column() {
        insta::assert_snapshot!(said("\u{feff}E-Mail,Name,Sections,Since,Consent,Paused,City\r\nAda@Example.org,\"Marsh, Ada\",News; City|Opinion,2026-08-01,fair,,Port Ellery\r\n\r\nbo@example.org,,,2026-08-01T10:00:00Z,,yes\r\ninfo@b\u{fc}cher.example,,,,,2026-09-01,\r\n,,,,,,\r\n"), @r#"
        Ada@example.org name=Marsh, Ada sections=["News", "City", "Opinion"] since=2026-08-01 consent=fair No
        bo@example.org name=- sections=[] since=2026-08-01 consent=- Yes
        info@xn--bcher-kva.example name=- sections=[] since=- consent=- Until(2026-09-01)
        ignored: ["City"]
        "#);
        insta::assert_snapshot!(said("Address;Email Address;First Name\n1 Quay Street;ada@example.org;Ada\n"), @r#"
        ada@example.org name=Ada sections=[] since=- consent=- No
        ignored: ["Address"]
        "#);
        insta::assert_snapshot!(said("\n\nname\temail\nAda\tada@example.org"), @"ada@example.org name=Ada sections=[] since=- consent=- No");
        assert_eq!(
            said("email\rada@example.org\rbo@example.org\r")
                .lines()
                .count(),
            2
        );
        let utf16: Vec<u8> = "\u{feff}email\tname\nada@example.org\tZo\u{eb}\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        insta::assert_snapshot!(said(utf16), @"ada@example.org name=Zoë sections=[] since=- consent=- No");
    }

    #[test]
    fn each_bad_line_is_named_and_the_rest_taken() {
        let mut bytes = b"email,name,since,paused\n\
            a@example.org,Ada\n\
            b.example.org,Bo\n\
            ,Cy\n\
            d@example.org,Marsh, Dee,2026-08-01,no,x\n\
            \n\
            e@example.org,Eve,1/8/26\n\
            f@example.org,Flo,,soon\n\
            g@example.org,Zo\xeb\n\
            h@example.org,\"Hal\n\
            i@example.org,Ida\n\
            j@example.org,\"Jo \"\"J\"\" Bly\"\n"
            .to_vec();
        bytes.extend_from_slice(b"k@example.org,\"Kit\nl@example.org,Lou\n");
        insta::assert_snapshot!(said(bytes), @r#"
        a@example.org name=Ada sections=[] since=- consent=- No
        i@example.org name=Ida sections=[] since=- consent=- No
        j@example.org name=Jo "J" Bly sections=[] since=- consent=- No
        l@example.org name=Lou sections=[] since=- consent=- No
        line 3: `b.example.org` is not an email address: expected `name@domain`, but found no `@`
        line 4: no address stands in it
        line 5: expected 4 cells as in the header, but found 6
        line 7: `since` must be a day such as 2026-08-24, but found `1/8/26`
        line 8: `paused` must be true, false or a day such as 2026-08-24, but found `soon`
        line 9: it holds bytes that are not UTF-8 text
        line 10: a quote is opened in it and not closed
        line 13: a quote is opened in it and not closed
        "#);
    }

    #[test]
    fn a_table_without_addresses() {
        let said = |text: &str| import(text.as_bytes()).unwrap_err().to_string();
        insta::assert_snapshot!([said("ada@example.org\nbo@example.org\n"), said(""), said("Name,\u{1b}[31mCity\nAda,x\n")].join("\n"), @"
        the first line must name a column `email`, but found `ada@example.org`
        the first line must name a column `email`, but found nothing
        the first line must name a column `email`, but found `Name`, `[31mCity`
        ");
    }

    #[test]
    fn no_cell_becomes_a_formula() {
        let bytes = "email,name\n+ada@example.org,\"=HYPERLINK(\"\"https://x.example\"\")\"\n";
        let imported = import(bytes.as_bytes()).unwrap();
        let mut out = Vec::new();
        export(&imported.subscribers, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out.clone()).unwrap(), @r#"
        email,name,sections,since,consent,paused
        '+ada@example.org,"'=HYPERLINK(""https://x.example"")",,,,
        "#);
        assert_eq!(import(&out).unwrap(), imported);
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_in_again(names in proptest::collection::vec("[-=+@'\",;a\\u{e9} ]{0,6}", 0..6)) {
            let subscribers: Vec<Subscriber> = names.iter().enumerate().map(|(n, name)| Subscriber {
                address: Address::parse(&format!("-a{n}@example.org")).unwrap(),
                name: Line::non_empty(name),
                sections: vec![Line::clean("News"), Line::clean("City")],
                since: "2026-08-01".parse().ok(),
                consent: Line::non_empty("form, \"paper\""),
                paused: [Paused::No, Paused::Yes, Paused::Until("2026-09-01".parse().unwrap())][n % 3],
            }).collect();
            let mut out = Vec::new();
            export(&subscribers, &mut out).unwrap();
            let imported = import(&out).unwrap();
            prop_assert_eq!(imported.bad, vec![]);
            prop_assert_eq!(imported.subscribers, subscribers);
        }

        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[\"a@.\r\n,]{0,80}") {
            _ = import(&bytes);
            _ = import(format!("email,name\n{text}").as_bytes());
        }
    }
}
