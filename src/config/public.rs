//! `[public]` and `[bounces]`: what readers and returned letters come back to.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::paper_sections::names;
use super::{LARGEST, folder};
use crate::ledger::Patience;
use crate::model::address::ascii_domain;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::network::Network;
use crate::model::origin::Origin;
use crate::model::problem::Problem;
use crate::model::public::Public;
use crate::model::token::Keys;
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::world::{NoRandom, Random};
use crate::newsroom::{self, NewsroomError};
use crate::select::parse_length;
use crate::source::{Sections, Source};

/// The longest domain of bounce addresses, in octets: `b+`, a token of at most 53 and `@` come before it.
const LONGEST: usize = 198;

/// How `serve` is reached.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The address readers use, if there is one.
    pub public: Option<Public>,
    /// Where the process listens; a proxy is in front of it.
    pub listen: SocketAddr,
    /// The file of the keys that seal tokens.
    pub secret: PathBuf,
    /// The sections that readers may choose from; at most [`MOST_SECTIONS`], none: they are not asked.
    pub sections: Vec<Line>,
    /// The sentence one agrees to when one subscribes, if not the template's.
    pub consent: Option<Line>,
    /// The paper's page on privacy.
    pub privacy: Option<Link>,
    /// The sites whose own forms may subscribe readers here.
    pub forms: Vec<Origin>,
    /// The paper's page to which such a form leads; `None`: ours.
    pub thanks: Option<Link>,
    /// Whether the address from which a reader subscribed is kept with their consent.
    pub keep_client: bool,
    /// Where proxies are whose word on their clients is believed, besides this machine.
    pub trusted_proxies: Vec<Network>,
}

/// More sections than this nobody reads through, and no form sends.
pub const MOST_SECTIONS: usize = 150;

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

    /// The same; they are made at first need.
    ///
    /// # Errors
    /// As [`Serving::keys`], or the file cannot be made.
    pub fn keys_or_new(&self, random: Random) -> Result<Keys, NoKeys> {
        if let Some(keys) = self.keys().map_err(NoKeys::Problem)? {
            return Ok(keys);
        }
        let text = Keys::file(&random.bytes()?);
        match newsroom::write_secret(&self.secret, text.as_bytes()) {
            // Of two programs that make it at once, both take what the first one made.
            Ok(()) | Err(NewsroomError::Exists(..)) => {}
            Err(error) => return Err(NoKeys::Write(error)),
        }
        let gone = || {
            let what = format!("`{}` was made and is gone", self.secret.display());
            NoKeys::Problem(Problem::new(what))
        };
        self.keys().map_err(NoKeys::Problem)?.ok_or_else(gone)
    }
}

/// Why there are no keys to seal with.
#[derive(Debug, thiserror::Error)]
pub enum NoKeys {
    #[error("the file of keys has a problem")]
    Problem(Problem),
    #[error(transparent)]
    Write(NewsroomError),
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// Reads `[public]`; without it nothing is served.
pub(super) fn public(
    table: &mut TomlTable<'_>,
    home: &Path,
    offered: Vec<Line>,
    problems: &Problems,
) -> Serving {
    let mut serving = Serving {
        public: None,
        listen: SocketAddr::from(([127, 0, 0, 1], 8025)),
        secret: home.join("secret.key"),
        sections: offered,
        consent: None,
        privacy: None,
        forms: Vec::new(),
        thanks: None,
        keep_client: false,
        trusted_proxies: Vec::new(),
    };
    let Some(mut table) = table.table("public", problems) else {
        return serving;
    };
    if !table.has("url") {
        problems.add_missing(table.problem_here(
            "`[public]` must give `url`, the address at which readers reach `serve`",
        ));
    }
    serving.public = table.value("url", problems, Public::parse);
    if let Some(found) = table.text("secret_file", problems) {
        serving.secret = home.join(found.value);
    }
    let listen = table.value("listen", problems, |text| {
        text.parse::<SocketAddr>().map_err(|_| {
            format!(
                "`{}` is no address to listen on: expected one such as `127.0.0.1:8025`",
                Line::clean_to(text, 60)
            )
        })
    });
    serving.listen = listen.unwrap_or(serving.listen);
    if let (Some(public), Some(archive)) = (&mut serving.public, table.flag("archive", problems)) {
        public.archive = archive;
    }
    if let Some(sections) = names(&mut table, "sections", problems) {
        serving.sections = sections;
    }
    serving.consent = table.line("consent", problems);
    serving.privacy = table.value("privacy", problems, Link::parse);
    let forms = table.all_parsed("forms", problems, Origin::parse);
    serving.forms = forms.into_iter().map(|found| found.value).collect();
    serving.thanks = table.value("thanks", problems, Link::parse);
    serving.keep_client = table.flag("keep_client", problems).unwrap_or_default();
    let proxies = table.all_parsed("trusted_proxies", problems, Network::parse);
    serving.trusted_proxies = proxies.into_iter().map(|found| found.value).collect();
    table.finish(problems);
    serving
}

/// The sections that readers may choose from where `[public] sections` does not say: those that `[sections] only` names, else those of its
/// `order`, what it renames others to, and those of the sources.
pub(super) fn offered(sections: &Sections, order: &[Line], sources: &[Source]) -> Vec<Line> {
    if !sections.only.is_empty() {
        return sections.only.clone();
    }
    let mut renamed: Vec<Line> = sections.rename.values().flatten().cloned().collect();
    renamed.sort();
    let of_sources = sources.iter().filter_map(|source| source.section.as_ref());
    let of_sources = of_sources.filter_map(|section| sections.of(section));
    let mut seen = HashSet::new();
    let all = order.iter().cloned().chain(of_sources).chain(renamed);
    all.filter(|section| seen.insert(section.as_str().to_lowercase()))
        .take(MOST_SECTIONS)
        .collect()
}

/// Reads `[bounces]`: the domain of envelope senders, in A-labels, and when soft bounces are too many: five editions within a fortnight
/// unless it says otherwise.
pub(super) fn bounces(
    table: &mut TomlTable<'_>,
    problems: &Problems,
) -> (Option<String>, Patience) {
    let mut patience = Patience {
        soft: 5,
        within: TimeDelta::days(14),
    };
    let Some(mut table) = table.table("bounces", problems) else {
        return (None, patience);
    };
    let domain = table.value("domain", problems, |text| {
        let domain = ascii_domain(text)?;
        // With the token before it the whole address has at most 254 octets (RFC 5321 section 4.5.3.1.3).
        if domain.len() > LONGEST {
            return Err(format!(
                "expected a domain of at most {LONGEST} octets, but found one of {}",
                domain.len()
            ));
        }
        Ok(domain)
    });
    if let Some(soft) = table.whole("soft", 1, 100, problems) {
        patience.soft = u32::try_from(soft).unwrap_or(patience.soft);
    }
    if let Some(within) = table.value("within", problems, parse_length) {
        patience.within = within;
    }
    table.finish(problems);
    (domain, patience)
}
