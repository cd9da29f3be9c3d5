//! What every edition gets from the config: lines of the day, the sign-off, the question.

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::day_lines;
use crate::model::edition::Edition;
use crate::model::story::Miss;

/// Draws them into the edition; a line that cannot be drawn is a miss. Where no page would count the answers nothing is asked.
pub(super) async fn draw(edition: &mut Edition, config: &Config, now: DateTime<Utc>) -> Vec<Miss> {
    let daily = &config.daily;
    let mut misses = Vec::new();
    for drawn in day_lines::draw(&daily.lines, &config.home, now).await {
        match drawn {
            Ok(line) => edition.lines.push(line),
            Err(miss) => misses.push(miss),
        }
    }
    edition.sign_off.clone_from(&daily.sign_off);
    if config.newsletter.public.is_some() {
        edition.question.clone_from(&daily.question);
    }
    misses
}
