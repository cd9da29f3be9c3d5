//! Answers of services that were saved to a file, such as by `curl` in a cron job.

use super::conversation::Fault;
use super::span::Span;
use super::tally::Tally;
use super::{chartbeat, cloudflare, ga4, goatcounter, matomo, parsely, plausible, umami};
use crate::model::letter_links::LetterLinks;
use crate::model::line::Line;
use crate::model::page_views::ReadershipReport;
use crate::model::zone::Zone;

/// How far into a text the names are looked for that tell whose answer it is.
const HEAD: usize = 4_000;

/// Reads the answer of a service, if the text is one that `counts` does not read as a table anyway, or would misread. `span.to` is when it
/// was saved; `zone` is for hours without an offset.
#[must_use]
pub fn saved(
    name: &Line,
    body: &[u8],
    span: Span,
    zone: &Zone,
    letters: &LetterLinks,
) -> Option<ReadershipReport> {
    let mut tally = Tally::new(span, &[], letters);
    let done = read(body, zone, &mut tally)?;
    let failed = done.err().map(|fault| fault.to_string());
    Some(tally.report(name, failed.as_deref()))
}

/// Matomo gives so many rows unless it is asked for more, and does not say that there are others.
const MATOMO_ROWS: u64 = 100;

fn whole(rows: Result<u64, Fault>, tally: &mut Tally) -> Result<(), Fault> {
    if rows? == MATOMO_ROWS {
        tally.note("has exactly 100 rows, which is all that Matomo gives unless `filter_limit` asks for more");
    }
    Ok(())
}

fn read(body: &[u8], zone: &Zone, tally: &mut Tally) -> Option<Result<(), Fault>> {
    let start = body.trim_ascii_start();
    let head = &start[..start.len().min(HEAD)];
    let has = |key: &str| {
        head.windows(key.len())
            .any(|window| window == key.as_bytes())
    };
    let all = |keys: &[&str]| keys.iter().all(|key| has(key));
    Some(if start.starts_with(b"[") {
        if has("\"nb_hits\"") {
            whole(matomo::saved(start, tally), tally)
        } else if all(&["\"name\"", "\"pageviews\"", "\"visits\""]) || all(&["\"x\"", "\"y\""]) {
            umami::saved(start, tally)
        } else {
            return None;
        }
    } else if !start.starts_with(b"{") {
        return None;
    } else if has("\"dimensionHeaders\"") || has("\"dimensionValues\"") {
        ga4::saved(start, tally)
    } else if all(&["\"results\"", "\"dimensions\""]) {
        plausible::saved(start, zone, tally)
    } else if all(&["\"hits\"", "\"hourly\""]) {
        goatcounter::saved(start, zone, tally)
    } else if all(&["\"pages\"", "\"people\""]) {
        chartbeat::saved(start, tally)
    } else if has("\"httpRequestsAdaptiveGroups\"") || all(&["\"data\"", "\"errors\""]) {
        cloudflare::saved(start, tally)
    } else if all(&["\"data\"", "\"metrics\""]) || all(&["\"success\"", "\"message\""]) {
        parsely::saved(start, tally).map(drop)
    } else if all(&["\"result\"", "\"message\""]) {
        whole(matomo::saved(start, tally), tally)
    } else {
        return None;
    })
}
