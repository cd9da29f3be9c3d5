//! The pages that a token opens. GET shows and changes nothing, for mail scanners follow every link; POST acts.

use std::net::IpAddr;

use axum::http::{StatusCode, header};
use chrono::NaiveDate;

use super::desk::{Desk, Visitor, name, sections};
use super::form::{Form, is_something_else};
use super::html::Note;
use super::reply::Reply;
use super::route::Page;
use crate::model::ask::{Answer, Ask, Preferences, ReaderId, SignUpId, Standing};
use crate::model::line::Line;
use crate::model::subscriber::Paused;
use crate::model::token::{Purpose, Token};

impl Desk {
    /// The page for the token that `text` is. A text that is none leads to the same page as an address that does not exist.
    pub(super) async fn reader(
        &self,
        page: Page,
        text: &str,
        is_post: bool,
        visitor: Visitor,
    ) -> Reply {
        let options = &self.frame.options;
        let Some(token) = options.keys.open(&options.newsletter.id, text) else {
            return self.frame.lost();
        };
        if page == Page::Confirm {
            return match SignUpId::of(&token) {
                Some(sign_up) => self.confirm(sign_up, text, is_post, visitor.client).await,
                None => self.frame.lost(),
            };
        }
        let Some(reader) = ReaderId::of(&token) else {
            return self.frame.lost();
        };
        if page == Page::Leave {
            // Neither counted nor looked up before: it must always work, and a scanner need not reach the ledger.
            return self.leave(reader, text, is_post, visitor).await;
        }
        if let Some(reply) = self.too_often(visitor.client) {
            return reply;
        }
        match page {
            Page::Export => self.export(reader).await,
            Page::Erase if is_post => match self.ask(Ask::Erase(reader)).await {
                Answer::Done => self.frame.erased(),
                answer => self.otherwise(&answer),
            },
            Page::Erase => self.frame.erase(text),
            _ => {
                let standing = match self.ask(Ask::Standing(reader)).await {
                    Answer::Standing(standing) => standing,
                    answer => return self.otherwise(&answer),
                };
                if is_post && standing.subscribed {
                    self.prefer(reader, text, *standing, visitor).await
                } else {
                    self.frame.preferences(text, &standing, None)
                }
            }
        }
    }

    async fn confirm(&self, sign_up: SignUpId, text: &str, is_post: bool, client: IpAddr) -> Reply {
        if let Some(reply) = self.too_often(client) {
            return reply;
        }
        if !is_post {
            return match self.ask(Ask::SignedUp(sign_up)).await {
                Answer::Done => self.frame.confirm(text),
                answer => self.otherwise(&answer),
            };
        }
        match self.ask(Ask::Confirm(sign_up)).await {
            Answer::Welcome(reader) => {
                let token = Token {
                    purpose: Purpose::Leave,
                    number: reader.number(),
                    run: 0,
                };
                let options = &self.frame.options;
                self.frame
                    .welcome(&options.keys.seal(&options.newsletter.id, &token))
            }
            answer => self.otherwise(&answer),
        }
    }

    async fn leave(&self, reader: ReaderId, text: &str, is_post: bool, visitor: Visitor) -> Reply {
        if !is_post {
            return self.frame.leave(StatusCode::OK, text);
        }
        let (kind, body) = match visitor.body().await {
            Ok(sent) => sent,
            Err(reply) => return reply,
        };
        if is_something_else(&kind, &body) {
            return self.frame.leave(StatusCode::BAD_REQUEST, text);
        }
        match self.ask(Ask::Leave(reader)).await {
            Answer::Done => self.frame.left(),
            answer => self.otherwise(&answer),
        }
    }

    async fn export(&self, reader: ReaderId) -> Reply {
        match self.ask(Ask::Export(reader)).await {
            Answer::Exported(json) => {
                let file = format!(
                    "attachment; filename=\"{}.json\"",
                    self.frame.options.newsletter.id
                );
                Reply::of("application/json", json).with(header::CONTENT_DISPOSITION, file)
            }
            answer => self.otherwise(&answer),
        }
    }

    async fn prefer(
        &self,
        reader: ReaderId,
        text: &str,
        mut standing: Standing,
        visitor: Visitor,
    ) -> Reply {
        let form = match visitor.form().await {
            Ok(form) => form,
            Err(reply) => return reply,
        };
        let options = &self.frame.options;
        let today = options.newsletter.zone.day((options.now)());
        let offered = self.frame.offered(&standing.preferences.sections);
        let paused = pause(&form, today);
        standing.preferences = Preferences {
            name: name(&form),
            sections: sections(&form, &offered),
            paused: paused.unwrap_or(standing.preferences.paused),
        };
        if paused.is_none() {
            return self.frame.preferences(text, &standing, Some(Note::BadDay));
        }
        match self
            .ask(Ask::Prefer(reader, standing.preferences.clone()))
            .await
        {
            Answer::Done => self.frame.preferences(text, &standing, Some(Note::Saved)),
            answer => self.otherwise(&answer),
        }
    }
}

/// The pause in a form; `None`: until a day that is none or has come.
fn pause(form: &Form, today: NaiveDate) -> Option<Paused> {
    match form.get("pause") {
        "until" => {
            let day = form.get("day").trim();
            let day = NaiveDate::parse_from_str(day, "%Y-%m-%d")
                .ok()
                .filter(|_| day.len() == 10)?;
            (day > today).then_some(Paused::Until(day))
        }
        "yes" => Some(Paused::Yes),
        _ => Some(Paused::No),
    }
}

impl super::html::Frame {
    /// The sections a reader may choose from: those that are offered, and those chosen before that no longer are.
    pub(super) fn offered(&self, chosen: &[Line]) -> Vec<Line> {
        let mut offered = self.options.sections.clone();
        let gone = chosen
            .iter()
            .filter(|section| !self.options.sections.contains(section));
        offered.extend(gone.cloned());
        offered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_on_a_day_to_come() {
        let today: NaiveDate = "2026-08-24".parse().unwrap();
        let check = |body: &str| pause(&Form::parse("", body.as_bytes()).unwrap(), today);
        let day = "2026-08-25".parse().unwrap();
        assert_eq!(check(""), Some(Paused::No));
        assert_eq!(check("pause=no&day=2020-01-01"), Some(Paused::No));
        assert_eq!(check("pause=yes"), Some(Paused::Yes));
        assert_eq!(
            check("pause=until&day=2026-08-25"),
            Some(Paused::Until(day))
        );
        for day in [
            "2026-08-24",
            "2020-01-01",
            "",
            "soon",
            "+12026-08-25",
            "99999-01-01",
            "2026-02-30",
        ] {
            assert_eq!(check(&format!("pause=until&day={day}")), None, "{day}");
        }
    }
}
