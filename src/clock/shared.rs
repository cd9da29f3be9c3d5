//! What several newsletters are drafted from at the same time is gathered once: by the first whose time has come, for all whose time it is.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::{ClockSetup, MorningError, stage};
use crate::config::Config;
use crate::draft::{self, Gathered};
use crate::model::edition::Slug;
use crate::model::newsletter_name::NewsletterName;
use crate::schedule::{Due, EditionStage};

/// What was gathered longer ago is not used any more.
const FRESH: TimeDelta = TimeDelta::minutes(2);

/// What waits for the newsletters it was gathered for.
#[derive(Default)]
pub struct SharedHarvests(Mutex<HashMap<NewsletterName, Held>>);

struct Held {
    at: DateTime<Utc>,
    slug: Slug,
    gathered: Gathered,
}

impl SharedHarvests {
    /// What the edition is to be drafted from; `None`: there is no other newsletter, and it gathers for itself.
    pub(super) async fn gathered(
        &self,
        setup: &ClockSetup,
        config: &Config,
        slug: &Slug,
    ) -> Result<Option<Gathered>, MorningError> {
        let Some(name) = &config.name else {
            return Ok(None);
        };
        // The others whose time it is wait here for the first.
        let mut held = self.0.lock().await;
        let now = setup.world.now();
        held.retain(|_, held| (now - held.at).abs() < FRESH);
        if let Some(mine) = held.remove(name)
            && mine.slug == *slug
        {
            return Ok(Some(mine.gathered));
        }
        let newsroom = (setup.read_newsroom)().map_err(MorningError::Config)?;
        let others = newsroom.newsletters.iter();
        let others: Vec<(&Config, Slug)> = others
            .filter(|other| other.name.as_ref() != Some(name))
            .filter_map(|other| Some((other, due(other, now)?)))
            .collect();
        let mut editions = vec![(config, slug)];
        editions.extend(others.iter().map(|(other, slug)| (*other, slug)));
        let mut gathered = draft::for_all(&editions, &setup.world).await?.into_iter();
        let mine = gathered.next();
        // A slow source is no reason to ask it again for each.
        let at = setup.world.now();
        for ((other, slug), gathered) in others.iter().zip(gathered) {
            let held_for = Held {
                at,
                slug: slug.clone(),
                gathered,
            };
            held.extend(other.name.clone().map(|name| (name, held_for)));
        }
        Ok(mine)
    }
}

/// The edition of that newsletter that is to be drafted now, if one is.
fn due(config: &Config, now: DateTime<Utc>) -> Option<Slug> {
    let schedule = config.schedule.as_ref()?;
    let due = schedule.due(now, |run| {
        stage(config, &run.slug).unwrap_or(EditionStage::Over)
    });
    match due {
        Due::Draft(run) => Some(run.slug),
        _ => None,
    }
}
