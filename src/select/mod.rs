//! Which stories, where, and why: from what the sources gave and what is known of the readers to three lists, with a stated reason for
//! every story that is in and every story that is not.
//!
//! It never reads a file or a clock and never fails: whatever it lacked it names, and it never leaves a list empty that it can fill
//! honestly. The same input gives the same choice, in whatever order the stories come.
//!
//! `rules` says who may be printed and who gets which place, `rank` turns readers into scores, `why` puts both into words.

mod events;
mod explain;
mod rank;
mod rules;
mod why;
mod window;

#[cfg(test)]
mod tests;

pub use window::{LengthError, Window, parse_length};

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::edition::{Edition, List, Placed, Ran, Slug};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::page_views::{Known, Readership, Reading, Report};
use crate::model::story::{Harvest, Miss, Related, Story};
use crate::model::zone::Zone;

use events::{Events, Text};
use rank::{Clock, Evidence, Facts, Score};
use rules::{Barred, Memory, Ranked, Rules, SectionCount};
use why::Told;

/// What a newsroom may choose about choosing: `[selection]`.
#[derive(Clone, Debug)]
pub struct Options {
    /// From which span of publication times.
    pub window: Window,
    /// How many stories in `top`; the first is the lede.
    pub top: usize,
    /// How many in `most_read`.
    pub most_read: usize,
    /// How many in `latest`.
    pub latest: usize,
    /// Whether a story of `top` may also stand in `most_read`.
    pub overlap: Overlap,
    /// At most so many of one section in `top`; 0: no limit. It never leaves a slot empty, and stories without a section do not count.
    pub per_section: usize,
    /// For how long a story that was printed does not come back. The caller fills [`History::ran`] by it.
    pub no_repeat_for: TimeDelta,
    /// Older readership is not used.
    pub readership_max_age: TimeDelta,
    /// With fewer different stories than this there is no edition.
    pub minimum: usize,
    /// Sections whose stories count for more, or less, in `top`.
    pub boosts: Vec<Boost>,
    /// Sections that are never printed, and words whose stories are not: compared whole, without case, in section, kicker and headline.
    pub never: Vec<Line>,
    /// So many further stories of an event stand below the one of `top`, as headlines.
    pub related: usize,
    /// The order of sections in `top`, below the lede; the others follow. It changes no choice.
    pub sections: Vec<Line>,
    /// The newsletter's clocks: when the day of `most_read` begins, and the days that are named in reasons.
    pub zone: Zone,
}

impl Options {
    /// The lists that hold stories when there are any.
    #[must_use]
    pub fn wants(&self) -> Vec<List> {
        let sizes = [self.top, self.most_read, self.latest];
        let lists = List::ALL.into_iter().zip(sizes);
        lists
            .filter(|(_, size)| *size > 0)
            .map(|(list, _)| list)
            .collect()
    }
}

/// What a section's stories count for in `top`.
#[derive(Clone, Debug, PartialEq)]
pub struct Boost {
    /// Compared without case.
    pub section: Line,
    /// The factor; finite and greater than 0.
    pub by: f64,
}

/// Whether the day's ranking shows stories that already stand in `top`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// It is the true ranking.
    Allowed,
    /// It shows other stories only.
    Removed,
}

/// What was sent before.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// When the last edition was really sent.
    pub last_edition: Option<DateTime<Utc>>,
    /// What editions really sent within [`Options::no_repeat_for`] printed, oldest edition first.
    pub ran: Vec<Ran>,
    /// Stories that the editor took out of this edition.
    pub dropped: HashSet<StoryKey>,
}

/// What was chosen, what was not, and why. It serializes to the form of `explain --json`.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The instant it was made for.
    pub now: DateTime<Utc>,
    /// When the window opens; it closes at `now`.
    pub from: DateTime<Utc>,
    /// How each list was ranked, in a sentence, including what had to be done without.
    pub formulas: BTreeMap<List, Line>,
    /// Why no readers counted, such as `readership is 5 h old`; `None` when they did.
    pub unread: Option<Line>,
    /// When the newest figure of readership was taken, counted or not; `None`: nothing is known.
    pub readership_as_of: Option<DateTime<Utc>>,
    /// Everything that was missed: by the sources, by readership, and here.
    pub misses: Vec<Miss>,
    /// Every candidate: those that may be printed, best first; then those that may not.
    pub candidates: Vec<Judged>,
    minimum: usize,
}

/// A candidate with its score, its places and the reasons.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The story.
    pub story: Story,
    /// The better story of the same event, if there is one: this one follows it, and is printed with it at most.
    pub event: Option<Link>,
    /// The sources that gave it.
    pub sources: Vec<Line>,
    /// All its views; `None` when nothing is known of its readers, or nothing that could be used.
    pub views: Option<u64>,
    /// What its score is made of, by name.
    pub parts: BTreeMap<&'static str, f64>,
    /// By which it was ranked for `top`.
    pub score: f64,
    /// Its places, from 1; empty when passed over.
    pub slots: BTreeMap<List, usize>,
    /// Why it stands in each of its places.
    pub reasons: BTreeMap<List, Line>,
    /// Why it has none, in a sentence that begins `passed over:`.
    pub passed_over: Option<Line>,
}

/// Chooses.
#[must_use]
pub fn select(
    harvest: &Harvest,
    readership: &Readership,
    history: &History,
    options: &Options,
    now: DateTime<Utc>,
) -> Selection {
    let from = options.window.opens(history.last_edition, now);
    let rules = Rules::new(history, options, from);
    let mut barred: Vec<Option<Barred>> = harvest
        .candidates
        .iter()
        .map(|candidate| rules.bar(candidate))
        .collect();
    let events = events(harvest, history);
    let memory = Memory::new(&events, harvest.candidates.len(), &history.ran);
    let mut moved_on = HashMap::new();
    for (index, candidate) in harvest.candidates.iter().enumerate() {
        if barred[index].is_some() {
            continue;
        }
        if let Some(earlier) = memory.earlier(index, candidate.story.published) {
            let ran = earlier.ran;
            if earlier.moved_on {
                moved_on.insert(index, &ran.slug);
            } else {
                barred[index] = Some(Barred::EventRan(
                    ran.slug.clone(),
                    ran.story.headline.clone(),
                ));
            }
        }
    }
    let (fresh, stale): (Vec<&Report>, Vec<&Report>) =
        readership.reports.iter().partition(|report| {
            report
                .as_of
                .is_none_or(|as_of| now - as_of <= options.readership_max_age)
        });
    let known = Known::from_reports(fresh.iter().copied());
    let facts: Vec<Facts<'_>> = harvest
        .candidates
        .iter()
        .zip(&barred)
        .map(|(candidate, barred)| Facts {
            candidate,
            reading: known.of(&candidate.story.url.key()),
            age: candidate
                .story
                .published
                .map(|published| rank::hours(now - published).max(0.0)),
            eligible: barred.is_none(),
        })
        .collect();
    let evidence = rank::evidence(readership, &known, now, &facts);
    let clock = Clock::new(now, known.as_of, &options.zone);
    let mut scores = rank::scores(&facts, evidence, clock);
    boost(&mut scores, harvest, options);
    let order = best_first(&facts, &scores);
    let eligible = facts.iter().filter(|facts| facts.eligible).count();
    let leads = leads(&order[..eligible], &facts, &events);
    let ranked: Vec<Ranked<'_>> = order[..eligible]
        .iter()
        .enumerate()
        .map(|(rank, &index)| Ranked {
            candidate: facts[index].candidate,
            most_read: scores[index].most_read,
            published: out_since(&facts[index].candidate.story, now),
            follows: Some(leads[rank]).filter(|&lead| lead != rank),
        })
        .collect();
    let places = Places::of(rules::place(&ranked, options), eligible);

    let mut sections = SectionCount::default();
    let candidates = order
        .iter()
        .enumerate()
        .map(|(rank, &index)| {
            let Facts {
                candidate, reading, ..
            } = &facts[index];
            let Score { top, parts, .. } = std::mem::take(&mut scores[index]);
            let views = match evidence {
                Evidence::Nothing(_) | Evidence::Ranks => None,
                Evidence::Series | Evidence::Totals => reading.map(Reading::total),
            };
            let told = Told {
                evidence,
                parts: &parts,
                views,
                published: out_since(&candidate.story, now),
                position: candidate.position,
                section: candidate.story.section.as_ref(),
                now,
                zone: &options.zone,
                moved_on: moved_on.get(&index).copied(),
            };
            let lead = leads.get(rank).filter(|&&lead| lead != rank);
            let lead = lead.map(|&lead| order[lead]);
            let cap = options.per_section;
            let crowded = places.crowded.get(&rank).map(|&nth| (nth, cap));
            let slots = places.slots.get(rank).cloned().unwrap_or_default();
            let reasons = slots.keys().map(|&list| {
                let why = match list {
                    List::Top => why::top(&told, rank + 1, eligible, sections.add(candidate), cap),
                    List::MostRead => {
                        let day = places.by_day.get(&rank).copied().unwrap_or_default();
                        why::most_read(&told, day, places.by_day.len())
                    }
                    List::Latest => why::latest(&told, crowded),
                };
                (list, why)
            });
            let reasons = reasons.collect();
            let passed_over = match &barred[index] {
                Some(barred) => Some(why::barred(barred, &options.zone)),
                None if slots.is_empty() => {
                    let follows = lead.map(|lead| why::Follows {
                        lead: &facts[lead].candidate.story.headline,
                        shared: events.shared(index, lead),
                    });
                    Some(why::outranked(&told, rank + 1, eligible, crowded, follows))
                }
                None => None,
            };
            let mut story = candidate.story.clone();
            if slots.contains_key(&List::Top) && story.related.is_empty() {
                let followers = (rank + 1..leads.len()).filter(|&other| leads[other] == rank);
                story.related = followers
                    .take(options.related)
                    .map(|other| related(&facts[order[other]].candidate.story))
                    .collect();
            }
            Judged {
                story,
                event: lead.map(|lead| facts[lead].candidate.story.url.clone()),
                sources: candidate.sources.clone(),
                views,
                parts,
                score: top,
                slots,
                reasons,
                passed_over,
            }
        })
        .collect();

    let (fallback, unread) = match evidence {
        Evidence::Nothing(reason) => {
            let fallback = why::fallback(reason, &fresh);
            (fallback, Some(why::unread(reason)))
        }
        Evidence::Series | Evidence::Totals | Evidence::Ranks => (None, None),
    };
    let stale = stale.iter().filter_map(|report| {
        let old = now - report.as_of?;
        Some(Miss {
            source: report.source.clone(),
            what: why::stale(old, options.readership_max_age),
        })
    });
    Selection {
        now,
        from,
        formulas: why::formulas(evidence, options),
        unread,
        readership_as_of: readership
            .reports
            .iter()
            .filter_map(|report| report.as_of)
            .max(),
        misses: harvest
            .misses
            .iter()
            .chain(readership.misses())
            .cloned()
            .chain(stale)
            .chain(fallback)
            .collect(),
        candidates,
        minimum: options.minimum,
    }
}

impl Selection {
    /// The edition of it, its subject, opening and note still to be written. `None`: fewer different stories were chosen than
    /// [`Options::minimum`], or none.
    #[must_use]
    pub fn edition(&self, slug: Slug) -> Option<Edition> {
        let [top, most_read, latest] = List::ALL.map(|list| {
            let mut placed: Vec<(usize, Placed)> = self
                .candidates
                .iter()
                .filter_map(|judged| {
                    let slot = *judged.slots.get(&list)?;
                    let placed = Placed {
                        story: judged.story.clone(),
                        pin: false,
                        why: judged.reasons.get(&list).cloned(),
                    };
                    Some((slot, placed))
                })
                .collect();
            placed.sort_unstable_by_key(|(slot, _)| *slot);
            placed.into_iter().map(|(_, placed)| placed).collect()
        });
        (self.chosen() >= self.minimum.max(1)).then_some(Edition {
            slug,
            subject: None,
            opening: None,
            drop: Vec::new(),
            note: None,
            top,
            most_read,
            latest,
            notices: Vec::new(),
            hold: false,
            further: 0,
        })
    }

    /// How many different stories were chosen.
    #[must_use]
    pub fn chosen(&self) -> usize {
        self.candidates
            .iter()
            .filter(|judged| !judged.slots.is_empty())
            .count()
    }
}

impl Judged {
    /// Why it stands where it stands, or why nowhere, in one line.
    #[must_use]
    pub fn why(&self) -> Line {
        if let Some(passed_over) = &self.passed_over {
            return passed_over.clone();
        }
        let reasons: Vec<String> = self
            .reasons
            .iter()
            .map(|(list, why)| format!("{}: {why}", list.words()))
            .collect();
        Line::clean(&reasons.join("; "))
    }
}

/// Which candidates, and which stories that ran, are about the same event; the candidates come first.
fn events<'a>(harvest: &'a Harvest, history: &'a History) -> Events<'a> {
    let candidates = harvest.candidates.iter().map(|candidate| Text {
        headline: candidate.story.headline.as_str(),
        dek: candidate.story.dek.as_ref().map(Line::as_str),
        published: candidate.story.published,
    });
    let ran = history.ran.iter().map(|ran| Text {
        headline: ran.story.headline.as_str(),
        dek: ran.story.dek.as_ref().map(Line::as_str),
        published: ran.story.published,
    });
    Events::of(&candidates.chain(ran).collect::<Vec<_>>())
}

/// For each rank the rank of the best story of its event: its own where it is that. Two stories under one headline never stand in one edition,
/// whatever their events.
fn leads(order: &[usize], facts: &[Facts<'_>], events: &Events<'_>) -> Vec<usize> {
    let mut by_event = HashMap::new();
    let mut by_headline = HashMap::new();
    order
        .iter()
        .enumerate()
        .map(|(rank, &index)| {
            let headline = facts[index]
                .candidate
                .story
                .headline
                .as_str()
                .to_lowercase();
            let lead = *by_event.entry(events.event(index)).or_insert(rank);
            *by_headline.entry(headline).or_insert(lead)
        })
        .collect()
}

/// Lets the config's factors count.
fn boost(scores: &mut [Score], harvest: &Harvest, options: &Options) {
    let factors: HashMap<String, f64> = options
        .boosts
        .iter()
        .map(|boost| (boost.section.as_str().to_lowercase(), boost.by))
        .collect();
    if factors.is_empty() {
        return;
    }
    for (score, candidate) in scores.iter_mut().zip(&harvest.candidates) {
        let section = candidate.story.section.as_ref();
        if let Some(by) = section.and_then(|section| factors.get(&section.as_str().to_lowercase()))
        {
            score.top *= by;
            score.parts.insert("boost", *by);
        }
    }
}

fn related(story: &Story) -> Related {
    Related {
        headline: story.headline.clone(),
        url: story.url.clone(),
    }
}

/// The order of all stories: those that may be printed first, each part by score, then newest, then by headline and address, so that
/// the order of the input never shows.
fn best_first(facts: &[Facts<'_>], scores: &[Score]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..facts.len()).collect();
    order.sort_unstable_by(|&a, &b| {
        let story = |index: usize| &facts[index].candidate.story;
        facts[b]
            .eligible
            .cmp(&facts[a].eligible)
            .then_with(|| scores[b].top.total_cmp(&scores[a].top))
            .then_with(|| story(b).published.cmp(&story(a).published))
            .then_with(|| story(a).headline.cmp(&story(b).headline))
            .then_with(|| story(a).url.cmp(&story(b).url))
    });
    order
}

/// When a story came out; one from the future is out now.
fn out_since(story: &Story, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    story.published.map(|published| published.min(now))
}

/// A [`rules::Placement`] turned round: by story, in the order of rank.
struct Places {
    slots: Vec<BTreeMap<List, usize>>,
    /// The rank of each story by the score of `most_read`, from 1.
    by_day: HashMap<usize, usize>,
    crowded: HashMap<usize, usize>,
}

impl Places {
    fn of(placement: rules::Placement, stories: usize) -> Self {
        let mut slots = vec![BTreeMap::new(); stories];
        for (&list, placed) in &placement.lists {
            for (story, place) in placed.iter().zip(1..) {
                slots[*story].insert(list, place);
            }
        }
        Self {
            slots,
            by_day: placement.by_day.into_iter().zip(1..).collect(),
            crowded: placement.crowded,
        }
    }
}
