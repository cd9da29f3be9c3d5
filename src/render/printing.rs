//! What every block needs: the edition, the newsletter, the template, and how to print words, links and times.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::Datelike as _;
use maud::{Markup, PreEscaped, Render, html};

use super::arrangement::Arrangement;
use super::hyphens;
use super::keys::{Class, Form, Format, Names, Phrase, Switch};
use super::look::Look;
use super::template::Template;
use crate::model::edition::{Edition, List, Place};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::newsletter::Newsletter;
use crate::model::story::{Precision, Story};

/// One edition about to be printed.
pub(super) struct Printing<'a> {
    pub(super) edition: &'a Edition,
    pub(super) newsletter: &'a Newsletter,
    pub(super) template: &'a Template,
    pub(super) arrangement: Arrangement<'a>,
    look: &'a Look,
    rtl: bool,
    hyphenation: Option<hypher::Lang>,
    /// Whether anybody may read it, and so nobody can leave it.
    pub(super) public: bool,
    /// The addresses behind each headline; more than one only if two stories have the same.
    places: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Printing<'a> {
    pub(super) fn new(
        edition: &'a Edition,
        newsletter: &'a Newsletter,
        template: &'a Template,
    ) -> Self {
        let mut places: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut know = |headline: &'a Line, url: &'a Link| {
            let known = places.entry(headline.as_str()).or_default();
            if !known.contains(&url.as_str()) {
                known.push(url.as_str());
            }
        };
        for (_, placed) in edition.stories() {
            let story = &placed.story;
            let related = story
                .related
                .iter()
                .map(|related| (&related.headline, &related.url));
            for (headline, url) in std::iter::once((&story.headline, &story.url)).chain(related) {
                know(headline, url);
            }
        }
        for notice in &edition.notices {
            if let (Some(headline), Some(url)) = (&notice.headline, &notice.url) {
                know(headline, url);
            }
        }
        Self {
            edition,
            newsletter,
            template,
            arrangement: Arrangement::new(edition, template.settings()),
            look: template.look(),
            rtl: template.language().is_rtl(),
            hyphenation: hyphens::language(&template.language().primary()),
            public: false,
            places,
        }
    }

    /// The rules for dark and narrow screens, for the classes that this page has.
    pub(super) fn media(&self, body: &str) -> String {
        self.look
            .media(|class| body.contains(&format!("class=\"{}\"", class.key())))
    }

    pub(super) fn form(&self) -> Form {
        self.template.settings().form
    }

    /// The class and style of an element, written out.
    pub(super) fn styled(&self, class: Class) -> String {
        let attribute = |name: &str, value: &str| format!(" {name}=\"{value}\"");
        let name = self
            .look
            .class(class)
            .map(|class| attribute("class", class));
        let style = self
            .look
            .style(class)
            .map(|style| attribute("style", style.0));
        name.unwrap_or_default() + &style.unwrap_or_default()
    }

    /// An element; its name may have attributes behind it.
    pub(super) fn element(&self, name: &str, class: Class, inside: impl Render) -> Markup {
        let end = name.split(' ').next().unwrap_or(name);
        let mut out = format!("<{name}{}>", self.styled(class));
        inside.render_to(&mut out);
        PreEscaped(out + "</" + end + ">")
    }

    /// An element around words from outside.
    pub(super) fn say(&self, name: &str, class: Class, words: &str) -> Markup {
        self.element(name, class, self.words(words))
    }

    /// A link.
    pub(super) fn link(&self, class: Class, href: &str, words: impl Render) -> Markup {
        let href = html! { (href) }.into_string();
        self.element(&format!("a href=\"{href}\""), class, words)
    }

    /// A picture of that width and, if known, height; `more` is added to its style.
    pub(super) fn image(
        &self,
        class: Class,
        url: &Link,
        (width, height): (u32, Option<u32>),
        alt: &str,
        more: &str,
    ) -> Markup {
        let own = self.look.style(class).map_or("", |style| style.0);
        let (has_ground, has_words) = (own.contains("background"), !alt.is_empty());
        // A picture without words leaves no box where it is not shown; the rule for dark screens would draw it again.
        let kept = own
            .split(';')
            .filter(|one| has_words || !one.starts_with("background"));
        let mut style = kept.collect::<Vec<_>>().join(";");
        if has_ground && !has_words {
            style.push_str(";background-color:transparent !important");
        }
        let style = Some(style + more).filter(|style| !style.is_empty());
        html! {
            img src=(url.as_str()) width=(width) height=[height] alt=(alt)
                class=[self.look.class(class)] style=[style.map(PreEscaped)];
        }
    }

    pub(super) fn shows(&self, switch: Switch) -> bool {
        self.template.shows(switch)
    }

    /// A link as printed: the paper's own carry the newsletter's query.
    pub(super) fn href<'l>(&self, link: &'l Link) -> Cow<'l, str> {
        self.href_in(link, None)
    }

    /// The same of a story in that list: its place is said too, but not on the web, where nobody came by a letter.
    pub(super) fn story_href<'l>(&self, list: List, link: &'l Link) -> Cow<'l, str> {
        let listed = self.edition.list(list).iter();
        let mut numbered = (1..).zip(listed).filter(|_| !self.public);
        let number = numbered.find(|(_, placed)| placed.story.url == *link);
        self.href_in(link, number.map(|(number, _)| Place { list, number }))
    }

    fn href_in<'l>(&self, link: &'l Link, place: Option<Place>) -> Cow<'l, str> {
        let Newsletter { id, link_query, .. } = self.newsletter;
        let own = link_query
            .as_ref()
            .filter(|_| link.host() == self.newsletter.site.host());
        let query = own.map(|query| query.written(id, &self.edition.slug, place));
        match query.filter(|query| !query.is_empty()) {
            Some(query) => link.clone().with_query(&query).as_str().to_owned().into(),
            None => link.as_str().into(),
        }
    }

    /// Where the edition can be read on the web, if it will be kept there.
    pub(super) fn on_the_web(&self) -> Option<Link> {
        self.newsletter.public.as_ref()?.edition(&self.edition.slug)
    }

    /// Where one subscribes.
    pub(super) fn sign_up(&self) -> Cow<'_, str> {
        match &self.newsletter.public {
            Some(public) => public.url().into(),
            None => self.href(&self.newsletter.site),
        }
    }

    /// A headline as printed: the same words never lead to two places, so the second story of a headline gets a number.
    pub(super) fn headline<'l>(&self, headline: &'l Line, url: &Link) -> Cow<'l, str> {
        let places = self
            .places
            .get(headline.as_str())
            .map_or(&[] as &[_], Vec::as_slice);
        match places.iter().position(|place| *place == url.as_str()) {
            Some(at @ 1..) => format!("{headline} ({})", at + 1).into(),
            _ => headline.as_str().into(),
        }
    }

    /// Words of unknown script and length, as HTML.
    pub(super) fn words<'t>(&self, text: &'t str) -> Words<'t> {
        let turned = is_rtl(text).is_some_and(|rtl| rtl != self.rtl);
        Words {
            text,
            turned,
            language: self.hyphenation.filter(|_| !turned),
        }
    }

    /// The label over a story: its kicker, else its section where no heading says it.
    pub(super) fn label<'s>(&self, story: &'s Story, is_headed: bool) -> Option<&'s Line> {
        let section = story.section.as_ref().filter(|_| !is_headed);
        let label = story.kicker.as_ref().or(section);
        label.filter(|_| self.shows(Switch::Section))
    }

    /// `By Ana Reis`.
    pub(super) fn byline(&self, story: &Story) -> Option<String> {
        let byline = story
            .byline
            .as_ref()
            .filter(|_| self.shows(Switch::Byline))?;
        Some(self.phrase(Phrase::Byline, self.without_by(byline.as_str())))
    }

    /// A byline without the `By` that some sources write before it: the letter has its own.
    fn without_by<'b>(&self, byline: &'b str) -> &'b str {
        let (own, _) = self.template.words().phrase(Phrase::Byline);
        [own.trim(), "By"]
            .into_iter()
            .filter(|by| !by.is_empty())
            .find_map(|by| {
                let head = byline.get(..by.len())?;
                let rest = &byline[by.len()..];
                let name = rest.trim_start_matches([' ', '\u{a0}', ':']);
                let is_by = head.to_lowercase() == by.to_lowercase();
                (is_by && name.len() < rest.len() && !name.is_empty()).then_some(name)
            })
            .unwrap_or(byline)
    }

    /// `06:10`, or `Sun 23 Aug` for another day.
    pub(super) fn time(&self, story: &Story) -> Option<String> {
        let published = story.published.filter(|_| self.shows(Switch::Time))?;
        let (zone, words) = (&self.newsletter.zone, self.template.words());
        let format = if zone.day(published) == self.edition.slug.day() {
            Format::Time
        } else {
            Format::Earlier
        };
        // Of a mere day there is no time to print.
        (story.precision != Precision::Day || format == Format::Earlier)
            .then(|| words.moment(format, &zone.at(published)))
    }

    /// The same, as short as a column wants it: of a day less than a week away its weekday; of any other day and month in numbers.
    pub(super) fn short_time(&self, story: &Story) -> Option<String> {
        let day = self.newsletter.zone.day(story.published?);
        let ago = (self.edition.slug.day() - day).num_days();
        match (self.time(story), ago) {
            (Some(_), -6..=-1 | 1..=6) => {
                let weekday = day.weekday().num_days_from_monday();
                Some(
                    self.template
                        .words()
                        .name(Names::DaysShort, weekday as usize)
                        .to_owned(),
                )
            }
            (time, 0) => time,
            (time, _) => time.map(|_| self.template.words().day_in_numbers(day)),
        }
    }

    /// What is between two parts of a line. In lines from the right a mark keeps a time behind a Latin name from changing sides with it
    /// (Unicode Annex 9, rule W7).
    pub(super) fn dot(&self) -> &'static str {
        if self.rtl { "\u{200f} · " } else { " · " }
    }

    /// A phrase with its name in it.
    pub(super) fn phrase(&self, phrase: Phrase, name: &str) -> String {
        let (before, after) = self.template.words().phrase(phrase);
        format!("{before}{name}{after}")
    }
}

/// Text to be printed in HTML.
pub(super) struct Words<'t> {
    text: &'t str,
    turned: bool,
    /// By whose rules long words are broken.
    language: Option<hypher::Lang>,
}

impl Render for Words<'_> {
    fn render_to(&self, buffer: &mut String) {
        if self.turned {
            buffer.push_str("<span dir=\"auto\">");
        }
        hyphens::render(self.text, self.language, buffer);
        if self.turned {
            buffer.push_str("</span>");
        }
    }
}

/// The direction of the first letter that has one (Unicode Annex 9, rule P2, by blocks); `None` when there is no letter.
fn is_rtl(text: &str) -> Option<bool> {
    text.chars().find(|c| c.is_alphabetic()).map(|c| {
        matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}
