//! What stands below the bar: the letters in their frames, the plain text, the reasons, the edition file, the letter's own headers.

use maud::{Markup, html};

use super::super::{Reason, Showing, Source, Variant};
use super::{Switches, kilobytes, ticked};
use crate::line::clean_lines;
use crate::link::Link;

/// The two widths side by side. Frames are named, so that the script finds each again.
pub(super) fn letters(showing: &Showing, switches: &Switches) -> Markup {
    html! {
        @if showing.variants.is_empty() {
            p.empty { "No pages yet." }
        } @else {
            (frame(showing, switches, "phone", "Phone", 375))
            (frame(showing, switches, "desktop", "Desktop", 800))
        }
    }
}

/// The version in the address makes a frame load again; its policy is in the answer, and `sandbox` repeats it here.
fn frame(showing: &Showing, switches: &Switches, id: &str, words: &str, width: u32) -> Markup {
    let title = format!("The letter, {width} pixels wide");
    let pictures = if switches.pictures_off {
        "&pictures=off"
    } else {
        ""
    };
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (words) small { (width) " px" } }
            div.screen {
                iframe name=(id) title=(title) width=(width) sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
                    src={ "/html?variant=" (switches.variant) (pictures) "&v=" (showing.version) } {}
            }
        }
    }
}

pub(super) fn text(variant: Option<&Variant>, switches: &Switches) -> Markup {
    html! {
        header {
            h2 #text-title { "Plain text" }
            @if variant.is_some() { p { a href={ "/text?variant=" (switches.variant) } { "As a file" } } }
        }
        @if let Some(variant) = variant {
            pre.sheet.plain tabindex="0" {
                @for line in variant.text.lines() { (linked(line)) "\n" }
            }
        } @else { p.empty { "No pages yet." } }
    }
}

/// A line that is nothing but a web address becomes a link, as in most mail programs.
fn linked(line: &str) -> Markup {
    let bare = line.trim_start();
    let link = bare
        .starts_with("http")
        .then(|| Link::parse(bare).ok())
        .flatten();
    html! {
        @if let Some(link) = link {
            (line[..line.len() - bare.len()]) a href=(link.as_str()) target="_blank" rel="noreferrer" { (bare) }
        } @else { (line) }
    }
}

pub(super) fn why(reasons: &[Reason]) -> Markup {
    let (chosen, passed_over): (Vec<&Reason>, Vec<&Reason>) =
        reasons.iter().partition(|reason| !reason.slots.is_empty());
    let best = reasons
        .iter()
        .filter_map(|reason| reason.score)
        .fold(0.0, f64::max);
    html! {
        header {
            h2 #why-title { "Why these stories" }
            @if !reasons.is_empty() {
                input #find.scripted type="search" placeholder="Find a story" aria-label="Find a story" aria-keyshortcuts="/" autocomplete="off";
            }
        }
        @if reasons.is_empty() { p.empty { "No reasons are known for this edition." } }
        @if !chosen.is_empty() {
            h3 { "Chosen" small { (counted_stories(chosen.len())) } }
            ol.reasons { @for reason in chosen { (row(reason, best)) } }
        }
        @if !passed_over.is_empty() {
            h3 { "Passed over" small { (counted_stories(passed_over.len())) } }
            ol.reasons.passed { @for reason in passed_over { (row(reason, best)) } }
        }
    }
}

fn row(reason: &Reason, best: f64) -> Markup {
    html! {
        li {
            p.slots { @for (list, place) in &reason.slots { span class={ "slot " (list.key()) } { (list.words()) " " b { (place) } } } }
            div {
                p.headline { a href=(reason.url.as_str()) target="_blank" rel="noreferrer" { (reason.headline) } }
                p.because { (ticked(reason.why.as_str())) }
                p.fine { @if let Some(section) = &reason.section { span { (section) } } span { (reason.url.host()) } }
            }
            div.score {
                @if let Some(score) = reason.score {
                    p { (number(score)) }
                    (bar(score, best))
                }
                @if !reason.parts.is_empty() {
                    dl { @for (name, part) in &reason.parts { div { dt { (name.replace('_', " ")) } dd { (number(*part)) } } } }
                }
            }
        }
    }
}

/// The score against the best of all; drawn as SVG because the page's policy allows no inline style.
fn bar(score: f64, best: f64) -> Markup {
    let length = if best > 0.0 {
        (100.0 * score / best).clamp(0.0, 100.0)
    } else {
        0.0
    };
    html! {
        svg viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true" {
            rect.rail width="100" height="3" {}
            rect.fill width=(format!("{length:.1}")) height="3" {}
        }
    }
}

pub(super) fn source(showing: &Showing) -> Markup {
    html! {
        header { h2 #source-title { "Edition file" @if let Some(source) = &showing.source { small { code { (source.file) } } } } }
        @if let Some(Source { text, .. }) = &showing.source {
            pre.sheet.numbered tabindex="0" {
                @for line in text.lines() {
                    span class={ "line" (ink(line)) } { (line) "\n" }
                }
            }
        } @else {
            p.empty { "There is no edition file yet. " code { "newsdigest draft" } " writes one; edit it freely and this page follows." }
        }
    }
}

/// How a line of TOML is set: enough to find one's way, no more.
fn ink(line: &str) -> &'static str {
    match line.trim_start().as_bytes() {
        [b'#', ..] => " comment",
        [b'[', ..] => " table",
        _ => "",
    }
}

pub(super) fn letter(variant: Option<&Variant>, switches: &Switches) -> Markup {
    html! {
        header {
            h2 #letter-title { "The letter as it is handed over" }
            @if variant.is_some() {
                p {
                    a href={ "/eml?variant=" (switches.variant) } download { "Download .eml" }
                    a href={ "/html?variant=" (switches.variant) } target="_blank" { "HTML alone" }
                }
            }
        }
        @if let Some(variant) = variant {
            pre.sheet tabindex="0" {
                @for line in clean_lines(&headers(&variant.letter)).lines() { (header_line(line)) "\n" }
            }
            p.fine {
                span { (kilobytes(variant.letter.len())) " in all" } span { (kilobytes(variant.html.len())) " HTML" }
                span { (kilobytes(variant.text.len())) " plain text" }
            }
        } @else { p.empty { "No letter yet." } }
    }
}

/// Everything before the first empty line.
fn headers(letter: &[u8]) -> String {
    let end = letter
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or(letter.len());
    String::from_utf8_lossy(&letter[..end]).into_owned()
}

fn header_line(line: &str) -> Markup {
    let name = line
        .split_once(':')
        .map(|(name, _)| name)
        .filter(|name| !name.contains(' '));
    html! {
        @if let Some(name) = name { b { (name) } (line[name.len()..]) } @else { (line) }
    }
}

fn counted_stories(count: usize) -> String {
    if count == 1 {
        "1 story".to_owned()
    } else {
        format!("{count} stories")
    }
}

/// Scores differ by orders of magnitude; three figures are enough to compare them.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    let plain = format!("{value:.digits$}").replace('-', "−");
    let whole = plain.find('.').unwrap_or(plain.len());
    let mut grouped = String::with_capacity(plain.len() + 4);
    for (at, c) in plain.char_indices() {
        if at < whole
            && at > 0
            && (whole - at) % 3 == 0
            && grouped.ends_with(|c: char| c.is_ascii_digit())
        {
            grouped.push(',');
        }
        grouped.push(c);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_figures() {
        for (value, shown) in [
            (0.0, "0.00"),
            (-0.058, "−0.06"),
            (12.34, "12.3"),
            (999.6, "1,000"),
            (1_204_000.0, "1,204,000"),
            (-1_204.0, "−1,204"),
        ] {
            assert_eq!(number(value), shown);
        }
    }

    #[test]
    fn only_a_whole_line_becomes_a_link() {
        for (text, html) in [
            (
                "   https://harbour.example/a?b=1&c",
                "   <a href=\"https://harbour.example/a?b=1&amp;c\" target=\"_blank\" rel=\"noreferrer\">https://harbour.example/a?b=1&amp;c</a>",
            ),
            (
                "see https://harbour.example/",
                "see https://harbour.example/",
            ),
            ("httpd is down", "httpd is down"),
            ("<b>", "&lt;b&gt;"),
        ] {
            assert_eq!(linked(text).into_string(), html);
        }
    }

    #[test]
    fn headers_end_at_the_first_empty_line() {
        assert_eq!(headers(b"A: 1\r\n b\r\n\r\nC: 2\r\n\r\n"), "A: 1\r\n b");
        assert_eq!(headers(b"A: 1"), "A: 1");
        assert_eq!(
            header_line("List-Id: <x>").into_string(),
            "<b>List-Id</b>: &lt;x&gt;"
        );
        assert_eq!(header_line(" folded: on").into_string(), " folded: on");
    }
}
