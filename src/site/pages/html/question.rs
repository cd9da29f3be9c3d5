//! The pages of an answer to an edition's question.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::{PageFrame, button, naming_itself};
use crate::model::edition::{Question, Slug};
use crate::render::SiteWord;

impl PageFrame {
    /// What a link to an answer shows: a button that counts it, and the way to the other one.
    pub(in super::super) fn answer(
        &self,
        slug: &Slug,
        question: &Question,
        place: usize,
    ) -> Response {
        let path = |place: usize| self.publication.public.answer_below(slug, place);
        let other = 1 - place.min(1);
        let main = html! {
            (self.paragraph(SiteWord::AnswerText))
            (button(&self.path(&path(place)), question.answers[place].as_str(), &[]))
            (self.link(&path(other), question.answers[other].as_str()))
        };
        naming_itself(self.own_under(StatusCode::OK, question.text.as_str(), &main))
    }

    pub(in super::super) fn answered(&self) -> Response {
        self.told(StatusCode::OK, SiteWord::Welcome, SiteWord::AnsweredText)
    }
}
