//! The letter of an alert: one story, from its page, a saved copy of that page, or a story file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Config;
use crate::model::edition::{Edition, Placed, Slug};
use crate::model::line::Line;
use crate::model::link::{Link, Origin, site_host};
use crate::model::stop::Stopped;
use crate::model::story::Story;
use crate::model::world::World;
use crate::source::{self, Kind, LIMITS, Order, PageSetting, Source};

/// Where an alert's story is told.
#[derive(Clone, Debug)]
pub enum AlertStory {
    /// On its page.
    Page(Link),
    /// In a saved copy of the page at that address.
    Saved(PathBuf, Link),
    /// In a story file.
    File(PathBuf),
}

/// What a person says of the letter.
#[derive(Clone, Debug, Default)]
pub struct AlertWords {
    /// Instead of the headline.
    pub subject: Option<Line>,
    /// Instead of the story's own.
    pub section: Option<Line>,
}

/// Why there is no letter.
#[derive(Debug, thiserror::Error)]
pub enum AlertStoryError {
    #[error("`{url}` is not on the paper's site, `{site}`")]
    Elsewhere { url: Link, site: Link },
    #[error("`{what}` {why}")]
    Unread { what: String, why: String },
    #[error("the page at `{0}` names no headline")]
    NoHeadline(Link),
    #[error("`{what}` holds {found} stories: an alert is of one")]
    NotOne { what: String, found: usize },
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Reads the story and composes the letter; its slug is that of today.
///
/// # Errors
/// The story cannot be read, is not one, or is not the paper's own.
pub async fn alert(
    config: &Config,
    told: &AlertStory,
    words: &AlertWords,
    world: &World,
) -> Result<Edition, AlertStoryError> {
    let story = world
        .stop
        .unless_asked(Box::pin(story(config, told, world)));
    let mut story = story.await??;
    if !is_own(config, &story.url) {
        return Err(AlertStoryError::Elsewhere {
            url: story.url,
            site: config.newsletter.site.clone(),
        });
    }
    if let Some(section) = &words.section {
        story.section = Some(section.clone());
    }
    let subject = words.subject.clone();
    let subject = subject.or_else(|| Some(story.headline.clone()));
    let today = config.newsletter.zone.day(world.now());
    Ok(Edition {
        newsletter: config.name.clone(),
        subject,
        top: vec![Placed {
            story,
            pin: false,
            why: None,
        }],
        ..Edition::new(Slug::of(today))
    })
}

/// Whether it is on the paper's site, on a part of it with a name of its own, or where a source is.
fn is_own(config: &Config, url: &Link) -> bool {
    let is_below = |site: &Link| {
        let (host, site) = (site_host(url.host()), site_host(site.host()));
        host == site
            || host
                .strip_suffix(site)
                .is_some_and(|rest| rest.ends_with('.'))
    };
    let sources = config.sources.iter().map(|source| source.kind.origin());
    let homes = sources.filter_map(|origin| match origin {
        Origin::Url(home) => Some(home),
        Origin::Path(_) => None,
    });
    homes.chain([&config.newsletter.site]).any(is_below)
}

async fn story(
    config: &Config,
    told: &AlertStory,
    world: &World,
) -> Result<Story, AlertStoryError> {
    let (url, saved) = match told {
        AlertStory::Page(url) => (url, None),
        AlertStory::Saved(path, url) => (url, Some(path)),
        AlertStory::File(path) => return of_file(config, path, world).await,
    };
    if !is_own(config, url) {
        return Err(AlertStoryError::Elsewhere {
            url: url.clone(),
            site: config.newsletter.site.clone(),
        });
    }
    let setting = PageSetting {
        sources: &config.sources,
        site: &config.newsletter.site,
        sections: &config.sections,
        dates: &config.dates(),
    };
    let url = url.clone().without_tracking();
    let found = source::story_at(&url, saved.map(PathBuf::as_path), &setting, world.now()).await;
    let found = found.map_err(|why| AlertStoryError::Unread {
        what: saved.map_or_else(|| url.to_string(), |path| path.display().to_string()),
        why,
    })?;
    found.ok_or(AlertStoryError::NoHeadline(url))
}

/// The story of a file, as a source of stories reads it.
async fn of_file(config: &Config, path: &Path, world: &World) -> Result<Story, AlertStoryError> {
    let what = path.display().to_string();
    let file = Source {
        name: Line::clean(&what),
        kind: Kind::Stories(Origin::Path(path.to_owned())),
        section: None,
        sections: Arc::clone(&config.sections),
        site: config.newsletter.site.clone(),
        enrich: false,
        dates: config.dates(),
        must: None,
    };
    let order = Order {
        sources: &[file],
        limits: LIMITS,
    };
    let read = source::gather_all(&[order], &HashMap::new(), world.now()).await;
    let mut harvests = read.into_iter().map(|gathered| gathered.harvest);
    let harvest = harvests.next().unwrap_or_default();
    let mut stories = harvest.candidates.into_iter().map(|one| one.story);
    match (stories.next(), stories.count(), harvest.misses.first()) {
        (Some(story), 0, None) => Ok(story),
        (_, _, Some(miss)) => Err(AlertStoryError::Unread {
            what,
            why: miss.what.to_string(),
        }),
        (first, more, None) => Err(AlertStoryError::NotOne {
            what,
            found: usize::from(first.is_some()) + more,
        }),
    }
}
