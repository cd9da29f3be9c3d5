//! From sources and readership to an edition file: gathers, chooses, composes, writes. It never sends.

mod alert;
mod daily;
mod file;
mod gather;
mod hand;
mod json;
mod lede;
mod opening;
mod pictures;
mod prune;
mod readers;
mod record;
mod samples;
mod save;
mod trim;
mod versions;
mod week;

pub use alert::{AlertStory, AlertStoryError, AlertWords, alert};
pub use file::{all_to_files, choose, edition, for_all, to_file};
pub use gather::{Asking, Reach, Wanted, gather};
pub use json::as_json;
pub use readers::{Counting, readership};
pub use samples::{due, sampled, take};
pub use save::{Change, SaveError, Saved, save};
pub use trim::Trimmed;
pub use versions::{keep as keep_version, keep_saved};

use std::path::PathBuf;

use chrono::{DateTime, FixedOffset, Utc};

use crate::config::Config;
use crate::ledger::{Ledger, LedgerError};
use crate::model::edition::{Edition, Hand, Slug};
use crate::model::line::Line;
use crate::model::page_views::Readership;
use crate::model::problem::Problem;
use crate::model::stop::Stopped;
use crate::model::story::{Harvest, Health, Miss};
use crate::model::world::{NoRandom, Random};
use crate::newsroom::NewsroomError;
use crate::select::{self, History, Selection};

/// What was chosen, and from what.
#[derive(Debug)]
pub struct Draft {
    /// Every candidate with its reasons, and the misses.
    pub selection: Selection,
    /// The edition; `None` when there are fewer stories than `[selection] minimum`: a quiet day.
    pub edition: Option<Edition>,
    /// The same as it would be had no editor written a word: what [`Hand::of`] wants to know when it is drafted again.
    pub drafted: Option<Edition>,
    /// How many of its stories the editor had taken out of the file: [`Hand::came_back`].
    pub came_back: usize,
    /// How many of the sources' stories are pinned because the editor moved them: [`Hand::pin_moved`].
    pub moved: usize,
    /// What did not fit into the letter, if anything.
    pub trimmed: Option<Trimmed>,
    /// How each source is doing.
    pub health: Vec<Health>,
    /// What each source of readership said.
    pub readership: Readership,
    /// What the command of `[opening]` complained of.
    pub remarks: Vec<Line>,
}

/// Why nothing could be chosen.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// Every source failed; the misses say how.
    #[error("{}", none_read(misses.len()))]
    NoSource {
        /// One for each source at least.
        misses: Vec<Miss>,
        /// Whether one of them may be read in a minute.
        may_come_back: bool,
    },
    /// A source without which there is no edition gave nothing, not even of late.
    #[error("{}, and no edition goes out without it", lacking_words(sources))]
    Lacking {
        /// The sources.
        sources: Vec<Line>,
        /// What is wrong with each.
        misses: Vec<Miss>,
    },
    /// The ledger could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Problems in the file that is to be drafted again.
    #[error("the edition cannot be drafted again while its file has problems")]
    Hand(Vec<Problem>),
    /// Problems in the edition file.
    #[error("the edition file has problems")]
    Edition(Vec<Problem>),
    /// There is an edition file already.
    #[error("`{}` exists already", .0.display())]
    Exists(PathBuf),
    /// The edition is frozen for the relay, at that time.
    #[error("the edition of {0} was frozen for its readers at {t}", t = .1.format("%H:%M on %Y-%m-%d"))]
    Frozen(Slug, DateTime<FixedOffset>),
    /// A correction is no choice of stories.
    #[error("there is no correction `{0}` yet")]
    Correction(Slug),
    #[error(transparent)]
    Write(#[from] NewsroomError),
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The stop was asked for before anything was written.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

fn lacking_words(sources: &[Line]) -> String {
    let names: Vec<&str> = sources.iter().map(Line::as_str).collect();
    format!("`{}` gave nothing", names.join("` and `"))
}

fn none_read(sources: usize) -> String {
    match sources {
        1 => "the only source could not be read".to_owned(),
        more => format!("none of the {more} sources could be read"),
    }
}

/// What a newsletter's edition is drafted from.
#[derive(Default)]
pub struct Gathered {
    harvest: Harvest,
    readership: Readership,
    /// When its last edition was frozen.
    last_edition: Option<DateTime<Utc>>,
}

/// Gathers what these editions are drafted from; what newsletters share is read once. The ledger lends the memory of what ran and of what was
/// fetched; when there is none yet, nothing ran and everything is fetched anew.
async fn gather_for(
    editions: &[(&Config, &Slug)],
    ledger: Option<&mut Ledger>,
    now: DateTime<Utc>,
    asking: &mut Asking,
) -> Result<Vec<Gathered>, LedgerError> {
    let (mut last_editions, mut wanted) = (Vec::new(), Vec::new());
    for (config, slug) in editions {
        let last_edition = match &ledger {
            Some(ledger) => ledger.last_edition(config.runs_of(), slug)?,
            None => None,
        };
        let opens = config.selection.window.opens(last_edition, now);
        last_editions.push(last_edition);
        wanted.push(Wanted { config, opens });
    }
    let given = gather::gather_all(&wanted, ledger, Reach::Everything, now, asking).await?;
    let gathered = given.into_iter().zip(last_editions);
    let gathered = gathered.map(|((harvest, readership), last_edition)| Gathered {
        harvest,
        readership,
        last_edition,
    });
    Ok(gathered.collect())
}

/// Gathers all sources and readership and chooses; `hand` is what an editor did to the edition of `slug` since it was drafted. Pictures
/// are not looked at.
///
/// # Errors
/// All sources failed, or the ledger did.
pub async fn draft(
    config: &Config,
    mut ledger: Option<&mut Ledger>,
    slug: &Slug,
    hand: Option<Hand>,
    now: DateTime<Utc>,
    asking: &mut Asking,
) -> Result<Draft, DraftError> {
    if slug.is_correction() {
        return Err(DraftError::Correction(slug.clone()));
    }
    let mut gathered = gather_for(&[(config, slug)], ledger.as_deref_mut(), now, asking).await?;
    let gathered = gathered.pop().unwrap_or_default();
    choose_from(gathered, config, ledger.as_deref(), slug, hand, now, None).await
}

/// Chooses from what was gathered. With `looks` the pictures are looked at and their copies written; the keys of their names may have to be
/// made.
async fn choose_from(
    mut gathered: Gathered,
    config: &Config,
    ledger: Option<&Ledger>,
    slug: &Slug,
    mut hand: Option<Hand>,
    now: DateTime<Utc>,
    looks: Option<Random>,
) -> Result<Draft, DraftError> {
    if let Some(week) = &config.week {
        let opens = config.selection.window.opens(gathered.last_edition, now);
        week::look_back(&mut gathered, week, config, ledger, opens)?;
    }
    let Gathered {
        harvest,
        readership,
        last_edition,
    } = gathered;
    if !harvest.lacking.is_empty() {
        return Err(DraftError::Lacking {
            sources: harvest.lacking,
            misses: harvest.misses,
        });
    }
    let has_none = config.week.is_none() || harvest.candidates.is_empty();
    if has_none && harvest.asked > 0 && harvest.failed == harvest.asked {
        return Err(DraftError::NoSource {
            misses: harvest.misses,
            may_come_back: harvest.may_come_back,
        });
    }
    let mut moved = 0;
    if let Some(hand) = &mut hand {
        let given = harvest.candidates.iter();
        moved = hand.pin_moved(&given.map(|given| given.story.url.key()).collect());
    }
    let history = History {
        last_edition,
        ran: match ledger {
            Some(ledger) if !config.selection.no_repeat_for.is_zero() => {
                ledger.ran(config.runs_of(), config.remembers_since(now), slug)?
            }
            _ => Vec::new(),
        },
        dropped: hand.iter().flat_map(Hand::drops).collect(),
        record: record::recall(config, ledger)?,
    };
    let selection = select::select(&harvest, &readership, &history, &config.selection, now);
    let mut draft = Draft {
        edition: None,
        drafted: None,
        came_back: 0,
        moved,
        trimmed: None,
        health: harvest.health,
        readership,
        remarks: Vec::new(),
        selection,
    };
    if let Some(mut chosen) = draft.selection.edition(slug.clone()) {
        chosen.newsletter.clone_from(&config.name);
        let misses = &mut draft.selection.misses;
        misses.extend(Box::pin(daily::draw(&mut chosen, config, now)).await);
        lede::hush(&mut chosen);
        let mut edition = hand::laid_out(chosen.clone(), hand.as_ref(), config);
        let mut drafted = hand::placed_as(chosen, &edition, &draft.selection);
        let (heeded, selection) = (hand.as_ref(), &mut draft.selection);
        Box::pin(lede::speak(
            &mut edition,
            &mut drafted,
            heeded,
            selection,
            config,
        ))
        .await;
        if let Some(random) = looks {
            let known = hand.as_ref().map_or(&[][..], Hand::looks);
            let looking = pictures::look(&mut edition, &mut drafted, known, config, random);
            let missed = Box::pin(looking).await;
            draft.selection.misses.extend(missed);
        }
        let trimmed = hand::compose(&mut edition, &mut drafted, config, now);
        if hand.is_some() || trimmed.is_some() {
            let taken = trimmed.iter().flat_map(|trimmed| &trimmed.stories);
            hand::tell(&mut draft.selection, &mut edition, &taken.collect());
        }
        draft.came_back = hand.map_or(0, |hand| hand.came_back(&edition));
        draft.edition = Some(edition);
        draft.drafted = Some(drafted);
        draft.trimmed = trimmed;
        // Who only looks at what would be drafted asks nobody.
        if let Some(command) = config.opening.as_ref().filter(|_| looks.is_some()) {
            Box::pin(opening::ask(&mut draft, command, config, slug)).await;
        }
    }
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_source_at_all() {
        let miss = || Miss {
            source: Line::clean("a.xml"),
            what: Line::clean("does not exist"),
        };
        let said = |misses| {
            DraftError::NoSource {
                misses,
                may_come_back: true,
            }
            .to_string()
        };
        assert_eq!(said(vec![miss()]), "the only source could not be read");
        assert_eq!(
            said(vec![miss(), miss(), miss()]),
            "none of the 3 sources could be read"
        );
    }
}
