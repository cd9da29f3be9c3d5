//! What the ledger decides by itself, apart from any database: whether a sign-up gets a letter, when bounces are too many, which suppression
//! outranks which, and how long things are kept.

use chrono::{DateTime, TimeDelta, Utc};

use super::bounces::Comeback;
use crate::bounce::Class;
use crate::model::subscriber::Suppression;

/// How long a sign-up can be confirmed.
pub(super) const SIGN_UP_VALID: TimeDelta = TimeDelta::days(7);
/// The most letters a day to one inbox that nobody has confirmed, whoever asks for them.
const LETTERS_A_DAY: u32 = 3;
/// The most letters that wait for the relay.
const LETTERS_WAITING: u32 = 10_000;
/// The most sign-ups in an hour, whoever asks: each sends a letter to an address that nobody has proved to be theirs, and no limit of a client
/// holds for somebody with many networks.
pub(super) const SIGN_UPS_AN_HOUR: u32 = 3_000;
/// How many of a reader's merged preferences are kept for an editor's older copy of the file.
pub(super) const PREFERENCES_KEPT: u32 = 20;
/// How long a merged change is kept for an editor's older copy of the file.
pub(super) const CHANGES_KEPT: TimeDelta = TimeDelta::days(1);
/// No letter to confirm is put off for longer: one that is waits for a clock that ran ahead.
pub(super) const LONGEST_WAIT: TimeDelta = TimeDelta::hours(2);
/// The most bounces of one reader, so that nobody fills the disk with a token of theirs.
pub(super) const BOUNCES_OF_A_READER: u32 = 200;
/// How long a signature that is good for one body only is known, to be refused with another: longer than it is fresh.
pub(super) const SIGNATURES_KEPT: TimeDelta = TimeDelta::days(2);
/// After how long nothing that a provider tells is taken to be about an edition, where only the time says about which.
pub(super) const ABOUT_THE_LAST: TimeDelta = TimeDelta::days(10);
/// How far a provider's clock may be behind ours.
pub(super) const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(2);
/// How many editions are remembered however long ago they were.
pub(super) const EDITIONS_REMEMBERED: u32 = 7;
/// A page that has not changed for so long is fetched anew, if at all.
pub(super) const PAGES_KEPT: TimeDelta = TimeDelta::days(30);
/// How long samples of readership are kept: the longest that `[selection] window` looks back.
pub(super) const SAMPLES_KEPT: TimeDelta = TimeDelta::days(4);
/// How long the letters of a day are counted for a relay's quota.
pub(super) const QUOTA_KEPT: TimeDelta = TimeDelta::days(40);

/// How many soft bounces are too many (`[bounces]`): `soft` editions that came back `within` the time.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub soft: u32,
    pub within: TimeDelta,
}

/// What is known of a sign-up when it comes.
pub(super) struct SignUpFacts {
    /// How many letters to confirm wait for the relay.
    pub(super) letters_waiting: u32,
    /// Whether [`SIGN_UPS_AN_HOUR`] came within the hour.
    pub(super) is_hour_full: bool,
    pub(super) suppressed: Option<Suppression>,
    /// How many letters went to the inbox within a day.
    pub(super) letters_today: u32,
}

/// What a sign-up comes to. The person is told the same in the first two cases.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Letter,
    NoLetter,
    /// Too much is asked of us.
    Later,
}

pub(super) const fn admission(facts: &SignUpFacts) -> Admission {
    if facts.letters_waiting >= LETTERS_WAITING || facts.is_hour_full {
        Admission::Later
    } else if !may_come_back(facts.suppressed) || facts.letters_today >= LETTERS_A_DAY {
        Admission::NoLetter
    } else {
        Admission::Letter
    }
}

/// Whether the reader's own confirmed sign-up brings them back. The other reasons are lifted by a person of the newsroom.
pub(super) const fn may_come_back(suppressed: Option<Suppression>) -> bool {
    matches!(suppressed, None | Some(Suppression::Unsubscribed))
}

/// Whether the new reason takes the place of an old one. Usually the first stays. A reader who leaves after their letters bounced has left:
/// when the mailbox works again and the bounce is lifted, they still want no letters.
pub(super) const fn outranks(new: Suppression, old: Option<Suppression>) -> bool {
    matches!(
        (new, old),
        (_, None) | (Suppression::Unsubscribed, Some(Suppression::Bounced))
    )
}

/// Why a reader gets no more letters after something came back. Editions of theirs that came back softly are counted within
/// [`Patience::within`], this one included.
pub(super) const fn suppression_for(
    what: Comeback,
    soft_editions: u32,
    patience: Patience,
) -> Option<Suppression> {
    match what {
        Comeback::Complained => Some(Suppression::Complained),
        Comeback::Left => Some(Suppression::Unsubscribed),
        Comeback::Failed(Class::Hard) => Some(Suppression::Bounced),
        Comeback::Failed(Class::Soft) if soft_editions >= patience.soft => {
            Some(Suppression::Bounced)
        }
        Comeback::Failed(_) => None,
    }
}

/// Whether an open sign-up is too old to be confirmed. Until a day later it is known, so that the reader is told why.
pub(super) fn is_sign_up_over(asked: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - asked > SIGN_UP_VALID
}

#[cfg(test)]
mod tests {
    use super::*;
    use Suppression::{Bounced, ByHand, Complained, Unsubscribed};

    #[test]
    fn the_first_reason_stays_but_for_a_bounce_of_who_leaves() {
        let all = [Unsubscribed, Bounced, Complained, ByHand];
        for new in all {
            assert!(outranks(new, None));
            for old in all {
                let expected = (new, old) == (Unsubscribed, Bounced);
                assert_eq!(outranks(new, Some(old)), expected, "{new:?} over {old:?}");
            }
        }
        assert_eq!(
            all.map(|why| may_come_back(Some(why))),
            [true, false, false, false]
        );
        assert!(may_come_back(None));
    }

    #[test]
    fn who_gets_a_letter_to_confirm() {
        let come = |letters_waiting, is_hour_full, suppressed, letters_today| {
            admission(&SignUpFacts {
                letters_waiting,
                is_hour_full,
                suppressed,
                letters_today,
            })
        };
        assert_eq!(come(0, false, None, 0), Admission::Letter);
        assert_eq!(come(9_999, false, Some(Unsubscribed), 2), Admission::Letter);
        assert_eq!(come(0, false, None, 3), Admission::NoLetter);
        assert_eq!(come(0, false, Some(Complained), 0), Admission::NoLetter);
        // What is asked too much is put off whoever asks.
        assert_eq!(come(10_000, false, Some(Bounced), 3), Admission::Later);
        assert_eq!(come(0, true, None, 0), Admission::Later);
    }

    #[test]
    fn what_came_back_and_how_often() {
        let patience = Patience {
            soft: 3,
            within: TimeDelta::days(14),
        };
        let after = |what, soft| suppression_for(what, soft, patience);
        assert_eq!(after(Comeback::Complained, 0), Some(Complained));
        assert_eq!(after(Comeback::Left, 0), Some(Unsubscribed));
        assert_eq!(after(Comeback::Failed(Class::Hard), 0), Some(Bounced));
        assert_eq!(after(Comeback::Failed(Class::Soft), 2), None);
        assert_eq!(after(Comeback::Failed(Class::Soft), 3), Some(Bounced));
        assert_eq!(after(Comeback::Failed(Class::Temporary), 9), None);
        assert_eq!(after(Comeback::Failed(Class::AboutUs), 9), None);
    }
}
