//! How the program ends.

/// Scripts act on it, so a code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// What was asked for is done.
    Done = 0,
    /// There is a problem; nothing was sent.
    Problem = 1,
    /// Nobody knows what is meant: the command line is wrong for this newsroom.
    Usage = 2,
    /// Done, but some were rejected, are in doubt or were given up; or some lines of an import were bad.
    DoneWithRefusals = 3,
    /// Stopped part-way, the relay or the sources were away, or another run holds the lock: run it again (`EX_TEMPFAIL` of sysexits.h).
    TryAgain = 75,
}

impl Exit {
    /// Of work for several newsletters: what asks most for somebody, or something, to act. What may be run again comes first, since cron does.
    pub(super) fn of_all(exits: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| match exit {
            Self::Done => 0,
            Self::DoneWithRefusals => 1,
            Self::Usage => 2,
            Self::Problem => 3,
            Self::TryAgain => 4,
        };
        exits.into_iter().max_by_key(rank).unwrap_or(Self::Done)
    }

    /// For work that failed, and may go better later without anybody's help or not.
    pub(super) const fn failed(may_pass: bool) -> Self {
        if may_pass {
            Self::TryAgain
        } else {
            Self::Problem
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_a_promise() {
        let codes = [
            Exit::Done,
            Exit::Problem,
            Exit::Usage,
            Exit::DoneWithRefusals,
            Exit::TryAgain,
        ]
        .map(|exit| exit as u8);
        assert_eq!(codes, [0, 1, 2, 3, 75]);
    }
}
