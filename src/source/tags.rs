//! Tags of an HTML page, by the rules of the standard's tokenizer, without a tree: enough for what is in its head, and to see
//! beforehand what building the tree would cost.

use std::borrow::Cow;

use super::decode;

/// Elements whose inside is text, whatever it looks like; as a browser with scripts on reads them.
const RAW: [&str; 9] = [
    "iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp",
];

/// Elements without an inside.
const VOID: [&str; 15] = [
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param",
    "source", "track", "wbr",
];

/// Elements whose end tag may be missing.
const OPTIONAL: [&str; 12] = [
    "dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr", "rt",
];

/// How far into a page its encoding is looked for, as in the standard.
const CHARSET: usize = 1_024;

/// What building a tree may cost: for every tag, the elements that are open then. A large front page comes to a million. A parser
/// looks at all of them, and sets those that were closed in the wrong order up again, so this bounds its time and memory.
const EFFORT: usize = 5_000_000;

/// One tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tag<'t> {
    /// Where its `<` is, in octets.
    pub at: usize,
    /// In whatever case it was written.
    pub name: &'t str,
    /// Everything behind the name.
    pub attributes: &'t str,
    /// What is inside, if that is only text.
    pub raw: &'t str,
    /// Whether it ends an element.
    pub close: bool,
    count: usize,
    /// Inside a drawing or a formula, where other rules hold.
    foreign: bool,
}

/// The tags of a page from front to end.
pub(super) struct Tags<'t> {
    text: &'t str,
    at: usize,
    foreign: usize,
}

impl<'t> Tags<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            foreign: 0,
        }
    }
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Tag<'t>> {
        loop {
            let at = self.at + self.text[self.at..].find('<')?;
            let rest = &self.text[at + 1..];
            let inside = rest.strip_prefix('/').unwrap_or(rest);
            if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
                self.at = at + 1 + skipped(rest)?;
                continue;
            }
            let close = inside.len() < rest.len();
            let end = inside
                .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
                .unwrap_or(inside.len());
            let name = &inside[..end];
            let (length, count) = attributes(&inside.as_bytes()[end..])?;
            self.at = self.text.len() - inside.len() + end + length;
            let mut tag = Tag {
                at,
                name,
                attributes: &inside[end..end + length - 1],
                raw: "",
                close,
                count,
                foreign: self.foreign > 0,
            };
            if is_any(name, &["svg", "math"]) && !tag.attributes.ends_with('/') {
                self.foreign = if close {
                    self.foreign.saturating_sub(1)
                } else {
                    self.foreign + 1
                };
            } else if !close && !tag.foreign && is_any(name, &RAW) {
                let rest = &self.text[self.at..];
                let end = rest
                    .match_indices("</")
                    .map(|(end, _)| end)
                    .find(|end| {
                        rest.as_bytes()
                            .get(end + 2..end + 2 + name.len())
                            .is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
                    })
                    .unwrap_or(rest.len());
                tag.raw = &rest[..end];
                self.at += end;
            }
            return Some(tag);
        }
    }
}

/// The length of what begins behind a `<` and is no tag: a comment, a declaration, nothing.
fn skipped(rest: &str) -> Option<usize> {
    if rest.starts_with("!--") {
        // `<!-->` is a whole comment.
        return rest
            .match_indices('>')
            .find(|(at, _)| rest[..*at].ends_with("--") || rest[3..*at].ends_with("--!"))
            .map(|(at, _)| at + 1);
    }
    if rest.starts_with(['!', '?']) {
        return rest.find('>').map(|end| end + 1);
    }
    Some(0)
}

/// The length of a tag's attributes with the `>`, and how many there are.
fn attributes(bytes: &[u8]) -> Option<(usize, usize)> {
    let until = |at: usize, ends: &dyn Fn(u8) -> bool| {
        bytes[at..]
            .iter()
            .position(|byte| ends(*byte))
            .map(|more| at + more)
    };
    let filled = |byte: u8| !byte.is_ascii_whitespace();
    let (mut at, mut count) = (0, 0);
    loop {
        at = until(at, &|byte| filled(byte) && byte != b'/')?;
        if bytes[at] == b'>' {
            return Some((at + 1, count));
        }
        count += 1;
        // A name may begin with `=`.
        at = until(at + 1, &|byte| {
            !filled(byte) || matches!(byte, b'/' | b'>' | b'=')
        })?;
        at = until(at, &filled)?;
        if bytes[at] != b'=' {
            continue;
        }
        at = until(at + 1, &filled)?;
        at = match bytes[at] {
            b'>' => at,
            quote @ (b'"' | b'\'') => until(at + 1, &|byte| byte == quote)? + 1,
            _ => until(at, &|byte| !filled(byte) || byte == b'>')?,
        };
    }
}

pub(super) fn is_any(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The text of a page's bytes: as the page says in a `<meta>`, if not all of it is UTF-8 anyway.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(CHARSET)]).to_ascii_lowercase();
    let charset = head.split_once("charset=").and_then(|(_, rest)| {
        rest.trim_start_matches(['"', '\''])
            .split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | ':' | '.'))
            .next()
    });
    decode::text(bytes, charset)
}

/// The part of a page, likely all of it, for which a tree is built without undue effort.
pub(super) fn bounded(page: &str) -> &str {
    let mut open: Vec<&str> = Vec::new();
    let (mut astray, mut effort) = (0, 0);
    for tag in Tags::new(page) {
        // A parser compares every attribute with all before it.
        effort += 1 + open.len() + astray + tag.count * tag.count / 8;
        if effort > EFFORT {
            return &page[..tag.at];
        }
        let same = |name: &&str| name.eq_ignore_ascii_case(tag.name);
        if tag.close {
            if let Some(at) = open.iter().rposition(same) {
                let inner = &open[at + 1..];
                astray += inner.iter().filter(|name| !is_any(name, &OPTIONAL)).count();
                open.truncate(at);
            }
            continue;
        }
        let alone = if tag.foreign {
            tag.attributes.ends_with('/')
        } else {
            is_any(tag.name, &VOID)
        };
        if alone {
            continue;
        }
        if !tag.foreign && is_any(tag.name, &OPTIONAL) {
            // `<li>` ends the `<li>` before it, and a paragraph in that.
            let inner = open
                .iter()
                .rev()
                .take_while(|name| !same(name) && is_any(name, &["p", "td", "th"]))
                .count();
            if let Some(at) = open.len().checked_sub(inner + 1)
                && same(&open[at])
            {
                open.truncate(at);
            }
        }
        open.push(tag.name);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(page: &str, expected: &str) {
        let found: Vec<String> = Tags::new(page)
            .map(|tag| {
                let mark = if tag.close { "/" } else { "" };
                format!("{mark}{}[{}]{}", tag.name, tag.attributes.trim(), tag.raw)
            })
            .collect();
        assert_eq!(found.join(" "), expected, "{page}");
    }

    #[test]
    fn tags_as_a_browser_finds_them() {
        check("<p>1 < 2 <b/></P >", "p[] b[/] /P[]");
        check(
            "<a title='a > b' x=\"<p>\" y=1>",
            "a[title='a > b' x=\"<p>\" y=1]",
        );
        check("<a b==\"><i>", "a[b==\"] i[]");
        check("<a \"><i>", "a[\"] i[]");
        check(
            "<script>if (a</b) '<p>'</Script><p>",
            "script[]if (a</b) '<p>' /Script[] p[]",
        );
        check(
            "<svg><title><p></title></svg>",
            "svg[] title[] p[] /title[] /svg[]",
        );
        check(
            "<!-- <p> ---><!--><b><!-- --!><!---><i><!DOCTYPE html><?x?></ p><u>",
            "b[] i[] u[]",
        );
        check("<style><p>", "style[]<p>");
        check("<p title=\"", "");
    }

    #[test]
    fn the_encoding_is_the_pages_own() {
        let page = b"<meta http-equiv=Content-Type content='text/html; charset=Shift_JIS'>\x83t\x83F\x83\x8a\x81[";
        assert!(decoded(page).ends_with("フェリー"));
        assert!(decoded("<meta charset=\"latin1\">é".as_bytes()).ends_with('é'));
        assert!(decoded(b"<meta charset=koi8-r>\xc4\xc1").ends_with("да"));
    }

    #[test]
    fn what_would_cost_too_much_is_cut() {
        let whole = |page: &str| assert_eq!(bounded(page).len(), page.len());
        whole(&"<div><p>One<p>Two<img><br></div>".repeat(50_000));
        whole(
            &"<ul><li>One<li><p>Two<li></ul><table><tr><td>1<td>2<tr><td>3</table>".repeat(20_000),
        );
        whole(&format!(
            "{}{}",
            "<div>".repeat(2_000),
            "</div>".repeat(1_000)
        ));
        for hostile in [
            "<div>",
            "<x><div></x>",
            "<li><dd>",
            "<div><font a=1></div>",
            "<svg><g><g></svg>",
            "<svg><title><div></title>",
        ] {
            let page = hostile.repeat(200_000);
            let kept = bounded(&page).len();
            assert!(kept < page.len() / 10, "{hostile}: {kept}");
        }
        let attributes = format!("<a{}><p>", " b".repeat(100_000));
        assert_eq!(bounded(&attributes), "");
    }

    proptest! {
        #[test]
        fn never_panics(page in "([<>&;/a-z =\"'!-]|svg|title|\\PC){0,200}") {
            _ = Tags::new(&page).count();
            _ = bounded(&page);
            _ = decoded(page.as_bytes());
        }
    }
}
