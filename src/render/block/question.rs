//! What readers are asked. Each answer leads to a page on which a button counts it: a link alone counts nothing, because mail scanners follow
//! every link, and it names no reader.

use maud::{Markup, html};

use super::part;
use crate::model::edition::Question;
use crate::model::line::Line;
use crate::render::keys::{Class, Phrase};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let Some((question, answers)) = asked(page) else {
        return html! {};
    };
    let inside = html! {
        (page.say("p", Class::QuestionText, question.text.as_str()))
        @for (answer, href) in answers { (page.link(Class::Answer, &href, page.words(answer.as_str()))) " " }
    };
    part(page, None, page.element("div", Class::Question, inside))
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    if let Some((question, answers)) = asked(page) {
        plain.gap();
        plain.lines("", question.text.as_str());
        for (answer, href) in answers {
            plain.lines("", &page.phrase(Phrase::Label, answer.as_str()));
            plain.address(&href);
        }
    }
}

/// The question and where each answer leads; `None` where no page would count them, and on the web, where it was asked long ago.
fn asked<'p>(page: &Printing<'p>) -> Option<(&'p Question, [(&'p Line, String); 2])> {
    let public = page.newsletter.public.as_ref().filter(|_| !page.public)?;
    let question = page.edition.question.as_ref()?;
    let slug = &page.edition.slug;
    let [yes, no] = &question.answers;
    let answers = [(yes, public.answer(slug, 0)), (no, public.answer(slug, 1))];
    Some((question, answers))
}
