//! Answers of services that were saved to a file, such as by `curl` in a cron job.

use super::answer;
use super::fault::Fault;
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
    let start = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if !start.trim_ascii_start().starts_with(b"[") && !start.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let done = read(&answer::text(start.to_vec()), zone, &mut tally)?;
    let failed = done.err().map(|fault| fault.to_string());
    Some(tally.report(name, failed.as_deref(), &[]))
}

fn read(body: &str, zone: &Zone, tally: &mut Tally) -> Option<Result<(), Fault>> {
    let start = body.trim_ascii_start();
    let head = &start[..start.floor_char_boundary(HEAD)];
    let has = |key: &str| head.contains(key);
    let all = |keys: &[&str]| keys.iter().all(|key| has(key));
    Some(if start.starts_with('[') {
        if has("\"nb_hits\"") {
            matomo(start, tally)
        } else if all(&["\"name\"", "\"pageviews\"", "\"visits\""]) || all(&["\"x\"", "\"y\""]) {
            umami::saved(start, tally)
        } else {
            return None;
        }
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
        parsely::saved(start, tally)
    } else if all(&["\"result\"", "\"message\""]) {
        matomo(start, tally)
    } else {
        return None;
    })
}

fn matomo(body: &str, tally: &mut Tally) -> Result<(), Fault> {
    let came = matomo::saved(body, tally)?;
    tally.may_be_cut(came, 100, "Matomo", "filter_limit");
    Ok(())
}
