//! The editor's note: Markdown with paragraphs, lists, emphasis and links. Other Markdown becomes one of these; HTML in it is printed as
//! it is, so that the editor sees it in the preview; pictures become their words.

use maud::{Markup, html};
use pulldown_cmark::{Event, Parser, Tag};

use crate::model::line::clean_lines;
use crate::model::link::Link;
use crate::render::keys::Class;
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// Something that is on lines of its own.
enum Part {
    Paragraph(Vec<Span>),
    List {
        from: Option<u64>,
        items: Vec<Vec<Part>>,
    },
}

/// Something within a line.
enum Span {
    Words(String),
    Break,
    Emphasis(Vec<Span>),
    Strong(Vec<Span>),
    Link(Link, Vec<Span>),
}

/// Lists and emphasis nested deeper than this become flat: nobody wrote that on purpose, and drawing is recursive.
const DEPTH: usize = 8;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let note = page.edition.note.as_ref();
    note.map_or_else(
        || html! {},
        |note| {
            let note = page.element("div", Class::Note, markdown_html(page, note, CLASSES));
            super::part(page, None, note)
        },
    )
}

/// Those of the note itself.
pub(super) const CLASSES: Classes = [Class::Paragraph, Class::Points, Class::TextLink];

/// The classes of paragraphs, lists and links.
pub(super) type Classes = [Class; 3];

/// Markdown as HTML, for whatever block has some.
pub(super) fn markdown_html(page: &Printing<'_>, markdown: &str, classes: Classes) -> Markup {
    html! { @for part in parse(markdown) { (part_html(page, &part, classes)) } }
}

fn part_html(page: &Printing<'_>, part: &Part, classes: Classes) -> Markup {
    let [paragraph, points, _] = classes;
    let items = |items: &[Vec<Part>]| {
        html! {
            @for item in items {
                li {
                    @if let [Part::Paragraph(spans)] = item.as_slice() { (spans_html(page, spans, classes)) }
                    @else { @for part in item { (part_html(page, part, classes)) } }
                }
            }
        }
    };
    match part {
        Part::Paragraph(spans) => page.element("p", paragraph, spans_html(page, spans, classes)),
        Part::List {
            from: Some(1),
            items: all,
        } => page.element("ol", points, items(all)),
        Part::List {
            from: Some(from),
            items: all,
        } => page.element(&format!("ol start=\"{from}\""), points, items(all)),
        Part::List {
            from: None,
            items: all,
        } => page.element("ul", points, items(all)),
    }
}

fn spans_html(page: &Printing<'_>, spans: &[Span], classes: Classes) -> Markup {
    let [.., link_class] = classes;
    html! {
        @for span in spans {
            @match span {
                Span::Words(words) => (page.words(words)),
                Span::Break => br;,
                Span::Emphasis(spans) => em { (spans_html(page, spans, classes)) },
                Span::Strong(spans) => strong { (spans_html(page, spans, classes)) },
                Span::Link(link, spans) => (page.link(link_class, &page.href(link), spans_html(page, spans, classes))),
            }
        }
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    let Some(note) = &page.edition.note else {
        return;
    };
    plain.gap();
    markdown_text(page, plain, note);
}

/// Markdown as plain text.
pub(super) fn markdown_text(page: &Printing<'_>, plain: &mut Plain, markdown: &str) {
    for part in parse(markdown) {
        part_text(page, plain, &part, "");
        plain.gap();
    }
}

/// The links in Markdown that are printed as links.
#[must_use]
pub fn links_in(markdown: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut parts = parse(markdown);
    while let Some(part) = parts.pop() {
        match part {
            Part::Paragraph(spans) => {
                let mut all = Vec::new();
                spans_text(&spans, &mut String::new(), &mut all);
                links.extend(all.into_iter().cloned());
            }
            Part::List { items, .. } => parts.extend(items.into_iter().flatten()),
        }
    }
    links
}

fn part_text(page: &Printing<'_>, plain: &mut Plain, part: &Part, first: &str) {
    match part {
        Part::Paragraph(spans) => {
            let (mut words, mut links) = (String::new(), Vec::new());
            spans_text(spans, &mut words, &mut links);
            let mut first = first.to_owned();
            for line in words.split('\n') {
                plain.lines(&first, line.trim());
                first = " ".repeat(first.len());
            }
            for link in links {
                plain.address(&page.href(link));
            }
        }
        Part::List { from, items } => {
            let indent = " ".repeat(first.len());
            for (index, item) in (0_u64..).zip(items) {
                let sign = from.map_or_else(
                    || "- ".to_owned(),
                    |from| format!("{}. ", from.saturating_add(index)),
                );
                let mut first = format!("{indent}{sign}");
                for part in item {
                    part_text(page, plain, part, &first);
                    first = " ".repeat(first.len());
                }
            }
        }
    }
}

fn spans_text<'s>(spans: &'s [Span], words: &mut String, links: &mut Vec<&'s Link>) {
    for span in spans {
        match span {
            Span::Words(text) => words.push_str(text),
            Span::Break => words.push('\n'),
            Span::Emphasis(spans) | Span::Strong(spans) => spans_text(spans, words, links),
            Span::Link(link, spans) => {
                spans_text(spans, words, links);
                links.push(link);
            }
        }
    }
}

/// What is open while Markdown is read.
enum Kind {
    Lines,
    Paragraph,
    Heading,
    List(Option<u64>),
    Item,
    Emphasis,
    Strong,
    Link(Link),
    Inline,
}

struct Frame {
    kind: Kind,
    parts: Vec<Part>,
    spans: Vec<Span>,
    items: Vec<Vec<Part>>,
}

impl Frame {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            parts: Vec::new(),
            spans: Vec::new(),
            items: Vec::new(),
        }
    }

    /// Loose words become a paragraph.
    fn settle(&mut self) {
        if !self.spans.is_empty() {
            self.parts
                .push(Part::Paragraph(std::mem::take(&mut self.spans)));
        }
    }

    /// Takes in a part that has ended.
    fn take(&mut self, mut inner: Self) {
        match inner.kind {
            Kind::Emphasis => self.spans.push(Span::Emphasis(inner.spans)),
            Kind::Strong => self.spans.push(Span::Strong(inner.spans)),
            Kind::Link(link) => self.spans.push(Span::Link(link, inner.spans)),
            Kind::Inline => self.spans.append(&mut inner.spans),
            Kind::Heading => {
                self.settle();
                self.parts
                    .push(Part::Paragraph(vec![Span::Strong(inner.spans)]));
            }
            Kind::Item => {
                inner.settle();
                self.items.push(inner.parts);
            }
            Kind::List(from) => {
                // Items too deep to be items.
                inner.settle();
                if !inner.parts.is_empty() {
                    inner.items.push(inner.parts);
                }
                self.settle();
                self.parts.push(Part::List {
                    from,
                    items: inner.items,
                });
            }
            Kind::Paragraph | Kind::Lines => {
                inner.settle();
                self.settle();
                self.parts.append(&mut inner.parts);
            }
        }
    }
}

fn parse(note: &str) -> Vec<Part> {
    let mut root = Frame::new(Kind::Lines);
    let mut open: Vec<Frame> = Vec::new();
    for event in Parser::new(note) {
        let depth = open.len();
        let words = match event {
            Event::Start(tag) => {
                open.push(Frame::new(kind(tag, depth)));
                continue;
            }
            Event::End(_) => {
                if let Some(inner) = open.pop() {
                    open.last_mut().unwrap_or(&mut root).take(inner);
                }
                continue;
            }
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                Span::Words(cleaned(&text))
            }
            Event::SoftBreak => Span::Words(" ".to_owned()),
            Event::HardBreak => Span::Break,
            Event::Rule => {
                open.last_mut().unwrap_or(&mut root).settle();
                continue;
            }
            _ => continue,
        };
        open.last_mut().unwrap_or(&mut root).spans.push(words);
    }
    root.settle();
    root.parts
}

fn kind(tag: Tag<'_>, depth: usize) -> Kind {
    let deep = depth >= DEPTH;
    match tag {
        Tag::Paragraph => Kind::Paragraph,
        Tag::Heading { .. } => Kind::Heading,
        Tag::List(from) if !deep => Kind::List(from),
        Tag::Item if !deep => Kind::Item,
        Tag::Emphasis if !deep => Kind::Emphasis,
        Tag::Strong if !deep => Kind::Strong,
        Tag::Link { dest_url, .. } => Link::parse(&dest_url).map_or(Kind::Inline, Kind::Link),
        Tag::Emphasis
        | Tag::Strong
        | Tag::Strikethrough
        | Tag::Superscript
        | Tag::Subscript
        | Tag::Image { .. } => Kind::Inline,
        _ => Kind::Lines,
    }
}

/// Entities such as `&#2;` bring back what cleaning the file took away.
fn cleaned(text: &str) -> String {
    let mut clean = clean_lines(text).replace('\n', " ");
    if text.ends_with(char::is_whitespace) {
        clean.push(' ');
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    fn check(note: &str) -> (String, String) {
        let mut edition = sample::edition(&["Ferry fares rise"]);
        edition.note = Some(note.to_owned());
        let template = sample::broadsheet("en");
        let newsletter = sample::newsletter();
        let page = Printing::new(&edition, &newsletter, &template);
        let mut plain = Plain::default();
        text(&page, &mut plain);
        (bare(&html(&page).into_string()), plain.finish())
    }

    /// Without its styles, which are not looked at here.
    fn bare(html: &str) -> String {
        let mut parts = html.split(" style=\"");
        let mut bare = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            bare.push_str(part.split_once('"').unwrap().1);
        }
        bare.replace(" class=\"text-link\"", "")
    }

    #[test]
    fn markdown_in_both_forms() {
        let (html, text) = check(
            "Good *morning*,\n**readers**. See [our map](https://harbour.example/map).\n\n- one\n- two\n\n3. three",
        );
        insta::assert_snapshot!(html, @r#"<div class="note"><p>Good <em>morning</em>, <strong>readers</strong>. See <a href="https://harbour.example/map?utm_source=newsletter">our map</a>.</p><ul><li>one</li><li>two</li></ul><ol start="3"><li>three</li></ol></div>"#);
        insta::assert_snapshot!(text, @r#"
        Good morning, readers. See our map.
        https://harbour.example/map?utm_source=newsletter

        - one
        - two

        3. three
        "#);
    }

    #[test]
    fn nothing_harmful_comes_through() {
        let (html, text) = check(
            "<script>alert(1)</script> [x](javascript:alert(1)) ![seal](https://e.example/p.gif) &#2;unsubscribe&#3;",
        );
        insta::assert_snapshot!(html, @r#"<div class="note"><p>&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1)) ![seal](http<wbr>s://e.exampl<wbr>e/p.gif) &amp;#2;unsubscribe&amp;#3;</p></div>"#);
        insta::assert_snapshot!(text, @r#"
        <script>alert(1)</script> [x](javascript:alert(1))
        ![seal](https://e.example/p.gif) &#2;unsubscribe&#3;
        "#);
    }

    #[test]
    fn deep_nesting_is_flat() {
        for note in [
            format!("{} end", "- ".repeat(5_000)),
            format!("{} end", "> ".repeat(5_000)),
            "*a ".repeat(3_000),
            "[".repeat(9_000),
        ] {
            let (html, _) = check(&note);
            assert!(html.matches("<ul").count() <= DEPTH);
        }
    }
}
