//! Whether refusals are about single readers or about us: one answer rarely tells, the answers to the others do. Pure.
//!
//! | what the relay says | and what it says to others | so |
//! |---|---|---|
//! | about the mailbox, at RCPT | it takes letters of this edition | counted like a bounce |
//! | about the mailbox, at RCPT | it takes none | nothing is counted: a relay that takes nothing knows no mailbox |
//! | nothing of the mailbox, at RCPT | it takes another letter after that | rejected, or given up after its attempts |
//! | about us | it takes another letter after that | it is about that letter: given up after its attempts |
//! | about us, anything about the letter that says nothing of the mailbox, or such words at RCPT while no letter of the edition is taken | all who are left hear the same, and are tried again | stop, everybody stays queued |
//! | the same 5xx `stop_after` times running | | stop |

use std::collections::HashMap;

use crate::ledger::{Patience, Refused};
use crate::mailer::{Stage, Streak, counts_as, reads_as_about_us, speaks_of_mailbox};
use crate::model::delivery::{Reply, Verdict};
use crate::model::line::Line;

/// A letter that ends so many conversations before its dot is deferred like one that the relay refuses for now: else it could hold up
/// everybody's for ever.
pub(super) const LOSSES: u32 = 3;

/// So many refusals at RCPT that say nothing of the mailbox, with no letter taken in between, are each about their reader.
const BARE: usize = 2;

/// Whether a refusal at RCPT says nothing of the mailbox.
fn is_bare(reply: &Reply) -> bool {
    !speaks_of_mailbox(reply) && reply.enhanced != Some((5, 6, 7))
}

/// What has been said so far.
pub(super) struct Blame {
    attempts: u32,
    stop_after: u32,
    patience: Patience,
    streak: Streak,
    /// Letters that the relay took, those of earlier runs of the program included.
    taken: u64,
    /// Copies refused as if it were about us since the relay last took a letter: how often.
    refused: HashMap<i64, u32>,
    /// What [`Blame::taken`] was when a copy was first refused so.
    taken_before: HashMap<i64, u64>,
    /// How often a copy's letter ended its conversation.
    losses: HashMap<i64, u32>,
    /// What refusals say of mailboxes, until the relay takes a letter and so shows that it is not refusing us.
    waiting: Vec<Refused>,
    /// The same of those in words that say nothing of the mailbox.
    bare: Vec<Refused>,
    /// Those of them that are shown.
    proven: Vec<Refused>,
}

/// What an answer means for the run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct AnswerMeaning {
    /// A deferral is the last: its copy is given up.
    pub(super) is_last: bool,
    pub(super) stop: Option<RunStop>,
}

/// Why the run stops.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RunStop {
    /// The same refusal came that often running.
    Same(u32),
    /// So many copies are left, and each was refused as if it were about us.
    Everybody(u64),
}

impl Blame {
    pub(super) fn new(attempts: u32, stop_after: u32, patience: Patience, taken: u64) -> Self {
        Self {
            attempts,
            stop_after,
            patience,
            streak: Streak::default(),
            taken,
            refused: HashMap::new(),
            taken_before: HashMap::new(),
            losses: HashMap::new(),
            waiting: Vec::new(),
            bare: Vec::new(),
            proven: Vec::new(),
        }
    }

    /// Whether the relay has taken any letter of this edition.
    pub(super) const fn takes_letters(&self) -> bool {
        self.taken > 0
    }

    /// Whether an answer at RCPT may be about us, so that what others hear tells: it says nothing of the mailbox, and the relay has taken nobody's letter yet, or none since
    /// it refused so many others in such words.
    pub(super) fn is_doubtful(&self, stage: Stage, reply: &Reply, left: u64) -> bool {
        let is_taking = self.taken > 0 && self.bare.len() < BARE;
        stage == Stage::Recipient && !is_taking && left > 1 && is_bare(reply)
    }

    /// Counts an answer in, of a copy deferred `attempts` times before, while `left` copies are to go, this one included.
    pub(super) fn hear(
        &mut self,
        copy: i64,
        attempts: u32,
        stage: Stage,
        verdict: &Verdict,
        left: u64,
    ) -> AnswerMeaning {
        let running = self.streak.add(verdict);
        let mut meaning = match verdict {
            Verdict::Accepted(_) => {
                self.taken += 1;
                self.refused.clear();
                self.proven.append(&mut self.waiting);
                self.proven.append(&mut self.bare);
                AnswerMeaning::default()
            }
            Verdict::Rejected(reply) => {
                if let (Stage::Recipient, Some(class)) = (stage, counts_as(reply)) {
                    // Refused before, and others taken since: then it is about this reader, whatever it says.
                    let before = self.taken_before.get(&copy);
                    let is_shown = before.is_some_and(|before| self.taken > *before);
                    let list = if is_bare(reply) && !is_shown {
                        &mut self.bare
                    } else {
                        &mut self.waiting
                    };
                    list.push(Refused {
                        copy,
                        class,
                        words: Line::clean(&reply.to_string()),
                        patience: self.patience,
                    });
                }
                AnswerMeaning::default()
            }
            Verdict::Deferred(reply) => self.deferred(copy, attempts + 1, stage, reply, left),
            Verdict::InDoubt => AnswerMeaning::default(),
        };
        if running >= self.stop_after && meaning.stop.is_none() {
            meaning.stop = Some(RunStop::Same(running));
        }
        meaning
    }

    fn deferred(
        &mut self,
        copy: i64,
        attempts: u32,
        stage: Stage,
        reply: &Reply,
        left: u64,
    ) -> AnswerMeaning {
        let is_last = attempts >= self.attempts;
        if !reads_as_about_us(stage, reply) && !self.is_doubtful(stage, reply, left) {
            return AnswerMeaning {
                is_last,
                stop: None,
            };
        }
        let times = self.refused.entry(copy).or_default();
        *times += 1;
        let is_second = *times > 1;
        let before = *self.taken_before.entry(copy).or_insert(self.taken);
        // The only one who is left was refused while the relay took the others' letters.
        let is_alone = left <= 1 && self.taken > 0;
        let is_everybody = self.refused.len() as u64 >= left;
        let tried_again = is_last || is_second && reply.code >= 500;
        AnswerMeaning {
            is_last: is_last && (is_alone || self.taken > before),
            stop: (is_everybody && tried_again && !is_alone).then_some(RunStop::Everybody(left)),
        }
    }

    /// What may be counted against mailboxes now.
    pub(super) fn counted(&mut self) -> Vec<Refused> {
        std::mem::take(&mut self.proven)
    }

    /// The same when the run has ended, with nothing about us. Several bare refusals with no letter taken after them may have been about us all the same.
    pub(super) fn counted_at_the_end(&mut self) -> Vec<Refused> {
        if self.taken > 0 {
            self.proven.append(&mut self.waiting);
            if self.bare.len() < BARE {
                self.proven.append(&mut self.bare);
            }
        }
        self.counted()
    }

    /// Notes that the letter of that copy ended its conversation; whether it has ended too many.
    pub(super) fn lost(&mut self, copy: i64) -> bool {
        let times = self.losses.entry(copy).or_default();
        *times += 1;
        let too_many = *times >= LOSSES;
        if too_many {
            self.losses.remove(&copy);
        }
        too_many
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::bounce::Class;

    fn blame(taken: u64) -> Blame {
        let patience = Patience {
            soft: 3,
            within: TimeDelta::days(14),
        };
        Blame::new(3, 20, patience, taken)
    }

    fn reply(text: &str) -> Reply {
        Reply::restore(text).unwrap()
    }

    fn deferred(text: &str) -> Verdict {
        Verdict::Deferred(reply(text))
    }

    const SPAM: &str = "554 5.7.1 spam";

    /// What follows of each of these in turn: copy, attempts before, the answer, how many are left.
    fn told(blame: &mut Blame, answers: &[(i64, u32, Verdict, u64)]) -> Vec<AnswerMeaning> {
        answers
            .iter()
            .map(|(copy, attempts, verdict, left)| {
                blame.hear(*copy, *attempts, Stage::Content, verdict, *left)
            })
            .collect()
    }

    fn last(all: &[AnswerMeaning]) -> Vec<bool> {
        all.iter().map(|meaning| meaning.is_last).collect()
    }

    #[test]
    fn when_all_who_are_left_are_refused_it_is_about_us_and_nobody_is_given_up() {
        let refused = |copy, attempts| (copy, attempts, deferred(SPAM), 3);
        let mut blame = blame(1_000);
        let all = told(
            &mut blame,
            &[refused(1, 5), refused(2, 5), refused(3, 0), refused(1, 6)],
        );
        assert!(all.iter().all(|meaning| !meaning.is_last));
        assert_eq!(all[2].stop, None);
        assert_eq!(all[3].stop, Some(RunStop::Everybody(3)));
    }

    #[test]
    fn one_who_is_refused_while_others_are_taken_is_given_up() {
        let taken = Verdict::Accepted(reply("250 ok"));
        let mut blame = blame(0);
        let all = told(
            &mut blame,
            &[
                (1, 2, deferred(SPAM), 3),
                (2, 0, taken, 3),
                (1, 3, deferred(SPAM), 2),
            ],
        );
        assert_eq!(
            last(&all),
            [false, false, true],
            "the relay took another letter in between"
        );
        // The last of the edition.
        let mut blame = super::tests::blame(7);
        let all = told(&mut blame, &[(1, 2, deferred(SPAM), 1)]);
        assert_eq!((all[0].is_last, &all[0].stop), (true, &None));
        // Of an edition of one.
        let mut blame = super::tests::blame(0);
        let all = told(
            &mut blame,
            &[(1, 0, deferred(SPAM), 1), (1, 1, deferred(SPAM), 1)],
        );
        assert_eq!(all[0], AnswerMeaning::default());
        assert_eq!(all[1].stop, Some(RunStop::Everybody(1)));
    }

    #[test]
    fn not_now_is_given_up_after_its_attempts() {
        let mut blame = blame(0);
        let later = |copy, attempts| (copy, attempts, deferred("451 4.2.1 later"), 2);
        let all = told(&mut blame, &[later(1, 1), later(1, 2), later(2, 0)]);
        assert_eq!(last(&all), [false, true, false]);
        assert!(all.iter().all(|meaning| meaning.stop.is_none()));
        // Greylisting reads like policy; there is time for it.
        let grey = |copy, attempts| (copy, attempts, deferred("450 4.7.1 greylisted"), 2);
        let all = told(
            &mut blame,
            &[grey(1, 0), grey(2, 0), grey(1, 1), grey(2, 1)],
        );
        assert!(
            all.iter()
                .all(|meaning| *meaning == AnswerMeaning::default())
        );
    }

    #[test]
    fn mailboxes_count_once_the_relay_has_taken_a_letter() {
        let mut blame = blame(0);
        let unknown = Verdict::Rejected(reply("550 5.1.1 unknown"));
        let needs = Verdict::Rejected(reply("553 5.6.7 needs SMTPUTF8"));
        for (copy, verdict) in [(1, &unknown), (2, &needs)] {
            blame.hear(copy, 0, Stage::Recipient, verdict, 9);
        }
        assert!(blame.counted().is_empty());
        blame.hear(3, 0, Stage::Content, &Verdict::Accepted(reply("250 ok")), 7);
        let counted = blame.counted();
        assert_eq!(counted.len(), 1);
        assert_eq!((counted[0].copy, counted[0].class), (1, Class::Hard));
        // A relay that breaks later knows no mailbox any more.
        blame.hear(4, 0, Stage::Recipient, &unknown, 6);
        assert!(blame.counted().is_empty());
        assert_eq!(blame.counted_at_the_end().len(), 1);
        let mut blame = super::tests::blame(0);
        blame.hear(1, 0, Stage::Recipient, &unknown, 1);
        assert!(blame.counted_at_the_end().is_empty());
    }

    /// A limit in words that nobody knows, in mid-run.
    #[test]
    fn several_bare_refusals_running_are_doubtful_and_do_not_count() {
        let mut blame = blame(7);
        let bare = reply("550 tope alcanzado");
        for (copy, doubtful) in [(1, false), (2, false), (3, true)] {
            let is_doubtful = blame.is_doubtful(Stage::Recipient, &bare, 5);
            assert_eq!(is_doubtful, doubtful, "{copy}");
            let verdict = if is_doubtful {
                Verdict::Deferred(bare.clone())
            } else {
                Verdict::Rejected(bare.clone())
            };
            let meaning = blame.hear(copy, 0, Stage::Recipient, &verdict, 5);
            assert_eq!(meaning, AnswerMeaning::default());
        }
        assert!(blame.counted_at_the_end().is_empty());
        // Once a letter is taken, the next is about its reader again, and the two were, too.
        let mut blame = super::tests::blame(7);
        for copy in [1, 2] {
            let verdict = Verdict::Rejected(bare.clone());
            blame.hear(copy, 0, Stage::Recipient, &verdict, 5);
        }
        blame.hear(3, 0, Stage::Content, &Verdict::Accepted(reply("250 ok")), 3);
        assert!(!blame.is_doubtful(Stage::Recipient, &bare, 2));
        assert_eq!(blame.counted().len(), 2);
        // Who was asked again after others were taken counts, if also nobody comes after them.
        let mut blame = super::tests::blame(0);
        for copy in [1, 2] {
            blame.hear(
                copy,
                0,
                Stage::Recipient,
                &Verdict::Deferred(bare.clone()),
                4,
            );
        }
        blame.hear(3, 0, Stage::Content, &Verdict::Accepted(reply("250 ok")), 4);
        for copy in [1, 2] {
            let verdict = Verdict::Rejected(bare.clone());
            blame.hear(copy, 1, Stage::Recipient, &verdict, 3);
        }
        assert_eq!(blame.counted_at_the_end().len(), 2);
    }

    #[test]
    fn the_same_refusal_running() {
        let mut blame = blame(5);
        let mut stop = None;
        for copy in 0..20 {
            let verdict = Verdict::Rejected(reply("550 5.1.1 unknown"));
            stop = blame.hear(copy, 0, Stage::Recipient, &verdict, 100).stop;
        }
        assert_eq!(stop, Some(RunStop::Same(20)));
    }

    #[test]
    fn the_third_loss_of_a_letter() {
        let mut blame = blame(0);
        let lost = [1, 1, 2, 1, 1].map(|copy| blame.lost(copy));
        assert_eq!(lost, [false, false, false, true, false]);
    }
}
