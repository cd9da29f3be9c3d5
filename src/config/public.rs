//! `[public]` and `[bounces]`: what readers and returned letters come back to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::{LARGEST, folder};
use crate::address::ascii_domain;
use crate::ledger::Patience;
use crate::line::Line;
use crate::problem::Problem;
use crate::public::Public;
use crate::select::parse_length;
use crate::sheet::{Problems, Sheet};
use crate::token::Keys;

/// How `serve` is reached.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The address readers use, if there is one.
    pub public: Option<Public>,
    /// Where the process listens; a proxy stands before it.
    pub listen: SocketAddr,
    /// The file of the keys that seal tokens.
    pub secret: PathBuf,
}

impl Serving {
    /// The keys that seal tokens; `None` if they have not been made yet.
    ///
    /// # Errors
    /// The file cannot be read, is open to everybody, or holds something else.
    pub fn keys(&self) -> Result<Option<Keys>, Problem> {
        if !self.secret.exists() {
            return Ok(None);
        }
        let text = folder::read_secret(&self.secret, LARGEST)?;
        let keys = Keys::parse(&text).map_err(|error| {
            Problem::new(format!(
                "`{}` cannot be used: {error}",
                self.secret.display()
            ))
        })?;
        Ok(Some(keys))
    }
}

/// Reads `[public]`; without it nothing is served.
pub(super) fn public(sheet: &mut Sheet<'_>, home: &Path, problems: &Problems) -> Serving {
    let mut serving = Serving {
        public: None,
        listen: SocketAddr::from(([127, 0, 0, 1], 8025)),
        secret: home.join("secret.key"),
    };
    let Some(mut sheet) = sheet.sheet("public", problems) else {
        return serving;
    };
    if !sheet.has("url") {
        problems.add_missing(sheet.problem_here(
            "`[public]` must give `url`, the address at which readers reach `serve`",
        ));
    }
    serving.public = sheet
        .parsed("url", problems, Public::parse)
        .map(|found| found.value);
    if let Some(found) = sheet.text("secret_file", problems) {
        serving.secret = home.join(found.value);
    }
    let listen = sheet.parsed("listen", problems, |text| {
        text.parse::<SocketAddr>().map_err(|_| {
            format!(
                "`{}` is no address to listen on: expected one such as `127.0.0.1:8025`",
                Line::clean_to(text, 60)
            )
        })
    });
    if let Some(found) = listen {
        serving.listen = found.value;
    }
    if let (Some(public), Some(archive)) = (&mut serving.public, sheet.flag("archive", problems)) {
        public.archive = archive;
    }
    sheet.finish(problems);
    serving
}

/// Reads `[bounces]`: the domain of envelope senders, in A-labels, and when soft bounces are too many: five editions within a fortnight
/// unless it says otherwise.
pub(super) fn bounces(sheet: &mut Sheet<'_>, problems: &Problems) -> (Option<String>, Patience) {
    let mut patience = Patience {
        soft: 5,
        within: TimeDelta::days(14),
    };
    let Some(mut sheet) = sheet.sheet("bounces", problems) else {
        return (None, patience);
    };
    let domain = sheet.parsed("domain", problems, |text| {
        Ok::<_, String>(ascii_domain(text)?)
    });
    if let Some(soft) = sheet.whole("soft", 1, 100, problems) {
        patience.soft = u32::try_from(soft).unwrap_or(patience.soft);
    }
    if let Some(within) = sheet.parsed("within", problems, parse_length) {
        patience.within = within.value;
    }
    sheet.finish(problems);
    (domain.map(|found| found.value), patience)
}
