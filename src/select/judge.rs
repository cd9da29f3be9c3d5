//! What is said of every story once all places are given: its score, its places and why, or why it was passed over.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::eligible::Eligibility;
use super::events::Events;
use super::places::{Places, Ranked, SectionCount};
use super::rank::{Evidence, Facts, Score};
use super::why::{self, Follows, Grounds};
use super::{Judged, SelectionOptions};
use crate::model::edition::List;
use crate::model::page_views::Reading;
use crate::model::story::{Related, Story};

/// All stories in the order of their scores. A rank is a place in `order`, an index a place in `facts`.
pub(super) struct Ranking<'a> {
    pub(super) facts: Vec<Facts<'a>>,
    pub(super) scores: Vec<Score>,
    pub(super) evidence: Evidence,
    pub(super) events: &'a Events<'a>,
    /// The index of each rank: those that may be printed, best first, then the others.
    order: Vec<usize>,
    /// By rank of those that may be printed, the rank of the best story of its event: its own where it is that.
    leads: Vec<usize>,
}

impl<'a> Ranking<'a> {
    pub(super) fn new(
        facts: Vec<Facts<'a>>,
        scores: Vec<Score>,
        evidence: Evidence,
        events: &'a Events<'a>,
    ) -> Self {
        let order = best_first(&facts, &scores);
        let eligible = facts.iter().filter(|facts| facts.eligible).count();
        let leads = leads(&order[..eligible], &facts, events);
        Self {
            facts,
            scores,
            evidence,
            events,
            order,
            leads,
        }
    }

    /// The stories that may be printed, as [`Places::give`] wants them.
    pub(super) fn eligible(&self, now: DateTime<Utc>) -> Vec<Ranked<'a>> {
        let ranked = |(rank, &lead): (usize, &usize)| {
            let index = self.order[rank];
            let candidate = self.facts[index].candidate;
            Ranked {
                candidate,
                most_read: self.scores[index].most_read,
                published: out_since(&candidate.story, now),
                follows: Some(lead).filter(|&lead| lead != rank),
            }
        };
        self.leads.iter().enumerate().map(ranked).collect()
    }

    /// Every story with what became of it, best first.
    pub(super) fn judged(
        &self,
        places: &Places,
        eligibility: &Eligibility<'_>,
        options: &SelectionOptions,
        now: DateTime<Utc>,
    ) -> Vec<Judged> {
        let mut sections = SectionCount::default();
        let judge = |(rank, &index): (usize, &usize)| {
            let grounds = self.grounds(index, eligibility, options, now);
            let candidate = self.facts[index].candidate;
            let lead = self.lead(rank).map(|lead| self.story(lead));
            let cap = options.per_section;
            let crowded = places.crowded.get(&rank).map(|&nth| (nth, cap));
            let slots = places.slots.get(rank).cloned().unwrap_or_default();
            let of = self.leads.len();
            let reasons = slots.keys().map(|&list| {
                let why = match list {
                    List::Top => why::top(&grounds, rank + 1, of, sections.add(candidate), cap),
                    List::MostRead => {
                        let day = places.by_day.get(&rank).copied().unwrap_or_default();
                        why::most_read(&grounds, day, places.by_day.len())
                    }
                    List::Latest => why::latest(&grounds, crowded),
                };
                (list, why)
            });
            let reasons = reasons.collect();
            let passed_over = match &eligibility.barred[index] {
                Some(barred) => Some(why::barred(barred, &options.zone)),
                None if slots.is_empty() => {
                    let follows = self.follows(rank);
                    Some(why::outranked(&grounds, rank + 1, of, crowded, follows))
                }
                None => None,
            };
            let mut story = candidate.story.clone();
            story.published = grounds.published;
            if slots.contains_key(&List::Top) && story.related.is_empty() {
                story.related = self.related(rank, options);
            }
            Judged {
                story,
                event: lead.map(|lead| lead.url.clone()),
                sources: candidate.sources.clone(),
                views: grounds.views,
                parts: grounds.parts.clone(),
                score: self.scores[index].top,
                slots,
                reasons,
                passed_over,
            }
        };
        self.order.iter().enumerate().map(judge).collect()
    }

    fn grounds<'g>(
        &'g self,
        index: usize,
        eligibility: &Eligibility<'g>,
        options: &'g SelectionOptions,
        now: DateTime<Utc>,
    ) -> Grounds<'g> {
        let Facts {
            candidate, reading, ..
        } = &self.facts[index];
        let views = match self.evidence {
            Evidence::Nothing(_) | Evidence::Ranks => None,
            Evidence::Series | Evidence::Totals => reading.map(Reading::total),
        };
        Grounds {
            evidence: self.evidence,
            parts: &self.scores[index].parts,
            views,
            published: out_since(&candidate.story, now),
            position: candidate.position,
            section: candidate.story.section.as_ref(),
            now,
            zone: &options.zone,
            looks_back: options.looks_back,
            most_read_of: options.most_read_of,
            moved_on: eligibility.moved_on.get(&index).copied(),
        }
    }

    fn story(&self, rank: usize) -> &'a Story {
        &self.facts[self.order[rank]].candidate.story
    }

    /// The better story of the same event, if there is one.
    fn lead(&self, rank: usize) -> Option<usize> {
        self.leads.get(rank).copied().filter(|&lead| lead != rank)
    }

    fn follows(&self, rank: usize) -> Option<Follows<'_>> {
        let lead = self.lead(rank)?;
        Some(Follows {
            lead: &self.story(lead).headline,
            shared: self.events.shared(self.order[rank], self.order[lead]),
        })
    }

    /// The next stories of the same event, as headlines; looking back, what happened since comes first.
    fn related(&self, rank: usize, options: &SelectionOptions) -> Vec<Related> {
        let followers = (rank + 1..self.leads.len()).filter(|&other| self.leads[other] == rank);
        let mut followers: Vec<usize> = followers.collect();
        if options.looks_back {
            followers.sort_by_key(|&other| std::cmp::Reverse(self.story(other).published));
        }
        followers
            .into_iter()
            .take(options.related)
            .map(|other| Related {
                headline: self.story(other).headline.clone(),
                url: self.story(other).url.clone(),
            })
            .collect()
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

/// For each rank the rank of the best story of its event: its own where it is that. Two stories under one headline are never in one edition,
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

/// When a story came out; one from the future is out now.
fn out_since(story: &Story, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    story.published.map(|published| published.min(now))
}
