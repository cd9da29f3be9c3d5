//! What a person is told of a log that was read. No line is quoted: there are addresses in it.

use chrono::{DateTime, Utc};

use super::blocks::Source;
use super::count::Tally;
use super::files::about;
use crate::model::line::Line;
use crate::model::story::Miss;
use crate::model::zone::Zone;

/// What is to be said of one file.
pub(super) fn of_file(source: &Source, tally: &Tally) -> Vec<Miss> {
    let mut told: Vec<String> = Vec::new();
    let lines = |count: u64| match count {
        1 => "1 line".to_owned(),
        many => format!("{many} lines"),
    };
    if let Some(why) = &source.failed {
        told.push(match tally.good {
            0 => format!("{why}; no line was read"),
            good => format!("{why}; {} before that could be read", lines(good)),
        });
    }
    if let Some((number, form)) = tally.first_bad {
        let first = match source.file.lines_before() {
            Ok(before) => format!("line {}", before + number),
            Err(_) => "a line".to_owned(),
        };
        let others = match tally.bad - 1 {
            0 => String::new(),
            others => format!(", as in {others} more"),
        };
        let rest = match tally.good {
            0 => "no line was read".to_owned(),
            good => format!("{} could be read", lines(good)),
        };
        told.push(format!(
            "{first}: expected {form}, but found something else{others}; {rest}"
        ));
    }
    if tally.ahead > 0 {
        told.push(format!(
            "{} more than 5 minutes in the future: left out",
            lines(tally.ahead)
        ));
    }
    told.iter()
        .map(|what| about(&source.file.path, what))
        .collect()
}

/// From so many views on it is told when they come from few clients ...
const MANY: u64 = 500;
/// ... which is when a visit has more views than this: pages that refresh themselves have fewer.
const CROWD: u64 = 8;

/// That hosts were of no help.
pub(super) fn other_hosts(log: &Line) -> Miss {
    Miss {
        source: log.clone(),
        what: Line::clean(
            "it names other hosts than the stories have: they were found by their paths alone",
        ),
    }
}

/// That the oldest lines are of after the edition was sent.
pub(super) fn rotated(log: &Line, begins: DateTime<Utc>, zone: &Zone) -> Miss {
    let begins = zone.at(begins).format("%Y-%m-%d %H:%M");
    Miss {
        source: log.clone(),
        what: Line::clean(&format!(
            "its oldest line is of {begins}, after the edition was sent: who came before that was rotated away"
        )),
    }
}

/// That there was not a line.
pub(super) fn empty(log: &Line) -> Miss {
    Miss {
        source: log.clone(),
        what: Line::clean("it is empty"),
    }
}

/// What is to be said of the whole log.
pub(super) fn of_all(log: &Line, all: &Tally, visits: u64, no_stories: bool) -> Vec<Miss> {
    let mut told: Vec<String> = Vec::new();
    let counted = |count: u64| match count {
        1 => "1 request".to_owned(),
        many => format!("{many} requests"),
    };
    if all.shared > 0 {
        told.push(format!(
            "{} for a path that stories of two hosts have, and no host is named: not counted",
            counted(all.shared)
        ));
    }
    if all.unnamed > 0 {
        told.push(
            "its lines do not name the client's program: crawlers are counted as readers"
                .to_owned(),
        );
    }
    if all.read >= MANY && visits < all.read / CROWD {
        told.push(format!(
            "{} views come from so few clients that they make {visits} visit{}: is there a proxy before the server, or is the format another? \
             expected the reader's address in each line, such as `X-Forwarded-For`",
            all.read,
            if visits == 1 { "" } else { "s" }
        ));
    }
    if all.other_host > 0 && all.of_stories > 0 {
        told.push(format!(
            "{} for a story's path, but on another host: not counted",
            counted(all.other_host)
        ));
    }
    if all.read == 0 && !no_stories && all.good > 0 {
        told.push(match (all.requests, all.of_stories) {
            (0, _) => "no request in the time that counts".to_owned(),
            (requests, 0) => format!("{}, none of them of today's stories", counted(requests)),
            (requests, some) => format!(
                "{}, {some} of them of today's stories, none by a reader: crawlers, failures, or no program named",
                counted(requests)
            ),
        });
    }
    let miss = |what: &String| Miss {
        source: log.clone(),
        what: Line::clean(what),
    };
    told.iter().map(miss).collect()
}
