//! The letter that asks whether a sign-up was meant: one question, one link, in the look and language of the editions.

use maud::{PreEscaped, html};

use super::document;
use super::keys::{Class, Phrase};
use super::plain::Plain;
use super::site_words::SiteWord;
use super::template::Template;
use crate::model::line::Line;
use crate::model::newsletter::Newsletter;
use crate::model::pages::{Pages, Slotted};

/// Renders it; `link` is where they confirm.
pub fn confirm(newsletter: &Newsletter, template: &Template, link: &str) -> Pages {
    let name = &newsletter.name;
    let say = |words| template.say(words, name);
    let (look, language) = (template.look(), template.language());
    let (lang, dir) = (language.tag(), language.direction());
    let (class, style) = (|of| look.class(of), |of| look.style(of));
    let media = look.media(|_| true);
    let subject = Line::clean(&format!("{}: {name}", say(SiteWord::Confirm)));
    let head = html! { @if !media.is_empty() { style { (PreEscaped(media)) } } };
    let body = html! {
        body class=[class(Class::Paper)] style=[style(Class::Paper)] {
            div role="article" aria-roledescription="email" aria-label=(name) lang=(lang) dir=(dir) class=[class(Class::Page)] style=[style(Class::Page)] {
                div class=[class(Class::Column)] style=[style(Class::Column)] {
                    div class=[class(Class::Note)] style=[style(Class::Note)] {
                        p class=[class(Class::Paragraph)] style=[style(Class::Paragraph)] { (say(SiteWord::LetterAsk)) }
                        p class=[class(Class::Paragraph)] style=[style(Class::Paragraph)] {
                            a href=(link) class=[class(Class::TextLink)] style=[style(Class::TextLink)] { strong { (say(SiteWord::Confirm)) } }
                        }
                        p class=[class(Class::Paragraph)] style=[style(Class::Paragraph)] { (say(SiteWord::LetterNotYou)) }
                    }
                    div class=[class(Class::Footer)] style=[style(Class::Footer)] {
                        p class=[class(Class::Line)] style=[style(Class::Line)] { (name) }
                        p class=[class(Class::Line)] style=[style(Class::Line)] { (newsletter.address) }
                    }
                }
            }
        }
    };
    let document = document::frame(template, &html! {}, &subject, &head, &body);
    let mut text = Plain::default();
    text.lines("", &say(SiteWord::LetterAsk));
    text.gap();
    let (before, after) = template.words().phrase(Phrase::Label);
    text.lines("", &format!("{before}{}{after}", say(SiteWord::Confirm)));
    text.address(link);
    text.gap();
    text.lines("", &say(SiteWord::LetterNotYou));
    text.gap();
    text.rule();
    text.lines("", name.as_str());
    text.lines("", newsletter.address.as_str());
    Pages {
        subject,
        opening: Line::clean(&say(SiteWord::LetterAsk)),
        html: Slotted::cut(&document),
        text: Slotted::cut(&text.finish()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::model::newsletter::Language;

    #[test]
    fn one_question_one_link_and_nothing_unescaped() {
        let newsletter = Newsletter {
            name: Line::clean("Tide & <Time>"),
            ..sample::newsletter()
        };
        for tag in ["en", "ar", "ja"] {
            let language = Language::parse(tag).unwrap();
            let template = Template::built_in("broadsheet", &language)
                .unwrap()
                .unwrap();
            let pages = confirm(&newsletter, &template, "https://h.example/confirm/abc");
            let html = pages.html.fill(|_| String::new());
            assert_eq!(html.matches("https://").count(), 1, "{html}");
            assert!(
                html.contains("Tide &amp; &lt;Time&gt;") && !html.contains("<Time"),
                "{html}"
            );
            assert!(html.contains(&format!("lang=\"{tag}\"")), "{html}");
        }
        let template = Template::built_in("broadsheet", &Language::english())
            .unwrap()
            .unwrap();
        let pages = confirm(&newsletter, &template, "https://h.example/confirm/abc");
        insta::assert_snapshot!(pages.subject, @"Confirm your subscription: Tide & <Time>");
        insta::assert_snapshot!(pages.text.fill(|_| String::new()), @"
        This address was entered to get Tide & <Time> by email. Is that right?

        Confirm your subscription:
        https://h.example/confirm/abc

        If it was not you, do nothing: no more email will come. The link works
        for seven days.

        --------------------------------
        Tide & <Time>
        1 Quay Street, Port Ellery
        ");
    }
}
