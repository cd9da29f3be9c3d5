//! Which column of a foreign table holds what, and what its cells say of a person together.

use chrono::NaiveDate;

use super::kinds::{self, Speaks};
use super::rows::{Cells, Rows};
use super::speaking::{Speaking, seen_in};
use super::standing::Standing;
use super::vocabulary::{Vocabulary, words};
use super::{ImportError, Instructions, UnknownColumn, programs, when};
use crate::model::line::Line;

/// The columns of a table, from 0.
pub(super) struct Columns {
    pub(super) vocabulary: Vocabulary,
    pub(super) email: usize,
    pub(super) names: Vec<usize>,
    pub(super) sections: Option<usize>,
    /// Of our own export only: in others it is the list program's newsletters that are named, and its own frequencies.
    pub(super) newsletters: Option<usize>,
    pub(super) frequency: Option<usize>,
    pub(super) alerts: Option<usize>,
    pub(super) time_zone: Option<usize>,
    pub(super) since: Option<usize>,
    pub(super) consent: Option<usize>,
    pub(super) paused: Option<usize>,
    /// When somebody subscribed or confirmed, the best first; with the word for it in `consent`.
    pub(super) times: Vec<(&'static str, usize)>,
    /// When somebody left, in a list of nobody but such people.
    left: Option<usize>,
    /// From which address somebody subscribed or confirmed.
    clients: Vec<(&'static str, usize)>,
    speaking: Vec<Speaking>,
    header: Vec<Line>,
    all: Option<Standing>,
    /// What the name of the list, or its header, lets one fear of everybody in it.
    pub(super) suspected: Option<Standing>,
}

/// What a row says of a person.
#[derive(Clone, Copy)]
pub(super) struct Judged {
    pub(super) standing: Standing,
    /// On which day they left.
    pub(super) day: Option<NaiveDate>,
}

/// Kinds of evidence that somebody subscribed, the best first; the word for each in `consent`.
const EVIDENCE: [&str; 3] = ["confirmed", "opt-in", "subscribed"];

impl Columns {
    pub(super) fn of(rows: &Rows<'_>, instructions: &Instructions) -> Result<Self, ImportError> {
        let header = &rows.header[..];
        let shown: Vec<Line> = header.iter().map(|name| Line::clean_to(name, 60)).collect();
        let mut names: Vec<String> = header.iter().map(|name| words(name).concat()).collect();
        // All of that name: a table may have two.
        let places = |wanted: &str| -> Result<Vec<usize>, ImportError> {
            let exactly = |name: &String| name.trim() == wanted;
            let alike = |name: &String| words(name) == words(wanted);
            let of = |is: &dyn Fn(&String) -> bool| -> Vec<usize> {
                (0..header.len())
                    .filter(|column| is(&header[*column]))
                    .collect()
            };
            let found = match of(&exactly) {
                none if none.is_empty() => of(&alike),
                some => some,
            };
            if found.is_empty() {
                return Err(ImportError::NoSuchColumn(
                    Line::clean_to(wanted, 60),
                    shown.clone(),
                ));
            }
            Ok(found)
        };
        let mut skipped = Vec::new();
        for skip in &instructions.skip {
            skipped.extend(places(skip)?);
        }
        let mapped = instructions.sections.as_deref().map(places).transpose()?;
        let mapped = mapped.and_then(|columns| columns.first().copied());
        for column in &skipped {
            names[*column].clear();
        }
        let vocabulary = Vocabulary::new();
        let one_of = |known: &[String]| {
            known
                .iter()
                .find_map(|known| names.iter().position(|name| name == known))
        };
        let find = |section: &str| one_of(vocabulary.section(section));
        let own = |name: &str| names.iter().position(|known| known == name);
        let ours = |name: &str| own(name).filter(|_| programs::is_ours(header));
        // In many exports `address` is where the person lives, beside a column `email`: it comes last.
        let only = || {
            let mut like = (0..names.len()).filter(|column| {
                let speaks = kinds::header(&vocabulary, &header[*column]);
                names[*column].contains("email") && speaks.is_none()
            });
            let column = like.next()?;
            like.next().is_none().then_some(column)
        };
        let Some(email) = find("column email")
            .or_else(only)
            .or_else(|| rows.addresses())
        else {
            let found = header
                .iter()
                .filter_map(|name| Line::non_empty(name))
                .collect();
            return Err(ImportError::NoEmailColumn(found));
        };
        let name = find("column name").filter(|column| *column != email);
        let evidence = |kind: &str| -> Vec<(&'static str, usize)> {
            let of = |word| {
                let section = vocabulary.section(&format!("{kind} {word}")).iter();
                section.filter_map(|known| own(known))
            };
            let each = EVIDENCE.iter();
            each.flat_map(|word| of(word).map(|column| (*word, column)).collect::<Vec<_>>())
                .collect()
        };
        let mut columns = Self {
            email,
            names: name.map_or_else(
                || {
                    let parts = [find("column first name"), find("column last name")];
                    parts.into_iter().flatten().collect()
                },
                |name| vec![name],
            ),
            sections: mapped.or_else(|| own("sections").or_else(|| own("section"))),
            newsletters: ours("newsletters"),
            frequency: ours("frequency"),
            alerts: ours("alerts"),
            time_zone: ours("timezone"),
            since: own("since"),
            consent: own("consent"),
            paused: own("paused"),
            times: evidence("time"),
            clients: evidence("client"),
            left: own("date").or_else(|| {
                let listed =
                    programs::is_silent(header) || names.iter().any(|name| name == "reason");
                listed.then(|| own("created")).flatten()
            }),
            speaking: Vec::new(),
            header: shown.clone(),
            all: None,
            suspected: None,
            vocabulary,
        };
        let living = columns.vocabulary.section("column place");
        let lives_somewhere = header
            .iter()
            .any(|name| words(name).iter().any(|word| living.contains(word)));
        let taken = [Some(email), columns.sections, columns.since, columns.paused]
            .into_iter()
            .chain(columns.names.iter().map(|name| Some(*name)));
        let taken: Vec<usize> = taken.flatten().collect();
        // Of their exports it is known which columns speak of standing.
        let is_known = programs::written_by(header).is_some();
        for (column, name) in header.iter().enumerate() {
            let speaks = kinds::header(&columns.vocabulary, name);
            let is_list = speaks == Some(Speaks::Lists);
            if (taken.contains(&column) && !is_list)
                || columns.ours().contains(&Some(column))
                || skipped.contains(&column)
                || kinds::is_elsewhere(&columns.vocabulary, name)
            {
                continue;
            }
            let joined = &*names[column];
            let is_part_of_country = lives_somewhere && joined.contains("state");
            let speaks = match speaks {
                // Of Ghost: what they pay for, beside the newsletters that they read.
                Some(Speaks::Lists)
                    if joined == "subscriptions"
                        && names.iter().any(|name| name == "newsletters") =>
                {
                    None
                }
                // Of Mailchimp: everybody in the audience confirmed, or was taken over as if they had.
                Some(Speaks::Confirmed) if names.iter().any(|name| name == "optintime") => None,
                Some(Speaks::Word) if is_part_of_country => Some(Speaks::Told),
                // Whether they pay, if something else says whether they read.
                None if joined == "activesubscription"
                    && !names.iter().any(|name| name == "emaildisabled") =>
                {
                    Some(Speaks::Word)
                }
                other => other,
            };
            let named = !matches!(speaks, None | Some(Speaks::Told | Speaks::Perhaps));
            let speaks = speaks.unwrap_or(Speaks::Told);
            columns.speaking.push(Speaking {
                column,
                speaks,
                means: Vec::new(),
                read: named,
                named,
                open: speaks == Speaks::Told
                    && !is_part_of_country
                    && !is_known
                    && !kinds::is_other_matter(&columns.vocabulary, name),
            });
        }
        let called = columns
            .names
            .iter()
            .filter(|column| !skipped.contains(column));
        columns.speaking.extend(called.map(|column| Speaking {
            column: *column,
            speaks: Speaks::Name,
            means: Vec::new(),
            read: false,
            named: false,
            open: false,
        }));
        for meaning in &instructions.means {
            let Some(column) = &meaning.column else {
                columns.all = Some(meaning.standing);
                continue;
            };
            for column in places(column)? {
                match columns.speaking.iter_mut().find(|one| one.column == column) {
                    Some(one) => {
                        one.means.push(meaning.clone());
                        one.read = true;
                        one.named = true;
                    }
                    None => columns.speaking.push(Speaking {
                        column,
                        speaks: Speaks::Word,
                        means: vec![meaning.clone()],
                        read: true,
                        named: true,
                        open: false,
                    }),
                }
            }
        }
        if columns.all.is_none() {
            let stem = instructions.name.rsplit('/').next().unwrap_or_default();
            let stem = stem.split('.').next().unwrap_or_default();
            let speaks = |name: &str| kinds::header(&columns.vocabulary, name)?.gone();
            let of_list = rows.name.as_deref().and_then(speaks);
            match of_list.or_else(|| speaks(stem)) {
                // Mailchimp writes three files that are told apart by nothing else.
                Some(standing) if stem.contains("_export_") => columns.all = Some(standing),
                None if programs::is_silent(header) => columns.suspected = Some(Standing::Left),
                suspected => columns.suspected = suspected,
            }
        }
        Ok(columns)
    }

    /// The columns that only our own export has.
    const fn ours(&self) -> [Option<usize>; 4] {
        [
            self.newsletters,
            self.frequency,
            self.alerts,
            self.time_zone,
        ]
    }

    /// Looks at every value of the columns that speak of standing.
    ///
    /// # Errors
    /// Those that are not known.
    pub(super) fn understand(&mut self, rows: &Rows<'_>) -> Result<(), ImportError> {
        let (seen, heading) = seen_in(&self.speaking, self.email, rows, &self.vocabulary);
        let mut unknown = Vec::new();
        let is_ours = programs::is_ours(&rows.header);
        let may_ask = self.all.is_none();
        let mut known = self.speaking.iter().zip(&seen);
        let is_judged = known.any(|(one, seen)| one.named && seen.judges());
        for (one, seen) in self.speaking.iter_mut().zip(seen) {
            let is_asked = may_ask
                && one.open
                && !one.named
                && (seen.parts_readers() || !is_judged && seen.is_two_words());
            one.read = one.is_to_be_read(&seen) || is_asked;
            // Beside a yes, nothing is no yes; our own export has free text there.
            let is_silent = one.speaks == Speaks::Perhaps && seen.empty > 0 && !is_ours;
            if one.read && (seen.has_unknown() || is_silent) {
                let mut values = seen.unknown();
                if is_silent {
                    values.push((Line::clean(""), seen.empty));
                }
                unknown.push(UnknownColumn {
                    column: self.header[one.column].clone(),
                    values,
                    is_guess: is_asked,
                });
            }
        }
        match heading.filter(|_| may_ask) {
            _ if !unknown.is_empty() => Err(ImportError::Unknown(unknown)),
            Some((line, heading)) => Err(ImportError::Heading(line, heading)),
            None => Ok(()),
        }
    }

    /// What all columns say of the person in a row: the word that forbids most counts.
    pub(super) fn judge(&self, cells: &Cells) -> Result<Judged, String> {
        let mut judged = Judged {
            standing: self.all.unwrap_or(Standing::Subscribed),
            day: None,
        };
        for one in self.speaking.iter().filter(|one| one.read) {
            let text = cells.get(one.column);
            let (standing, day) = match one.cell(&self.vocabulary, text) {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                // Another column says that they left, or the table was refused.
                Err(()) if text.is_empty() => continue,
                Err(()) => return Err("it cannot be told whether they may be mailed".to_owned()),
            };
            if standing > Standing::Unconfirmed {
                judged.day = judged.day.max(day);
            }
            judged.standing = judged.standing.max(standing);
        }
        if judged.day.is_none() && judged.standing > Standing::Unconfirmed {
            judged.day = self.left.and_then(|column| when::day(cells.get(column)));
        }
        Ok(judged)
    }

    /// How somebody came to be on the list, in words for `consent`.
    pub(super) fn opt_in(&self, cells: &Cells) -> String {
        let mut parts: Vec<String> = Vec::new();
        for word in ["opt-in", "confirmed", "subscribed"] {
            let cell = |columns: &[(&str, usize)]| {
                let mut of_that = columns.iter().filter(|(one, _)| *one == word);
                of_that
                    .find(|(_, column)| !cells.get(*column).is_empty())
                    .map(|(_, column)| cells.get(*column).to_owned())
            };
            // Only an address, or a time of opting in, is evidence of consent.
            match (cell(&self.times), cell(&self.clients)) {
                (Some(time), Some(client)) => parts.push(format!("{word} {time} from {client}")),
                (Some(time), None) if word != "subscribed" && when::day(&time).is_some() => {
                    parts.push(format!("{word} {time}"));
                }
                (None, Some(client)) => parts.push(format!("{word} from {client}")),
                _ => {}
            }
        }
        parts.join(", ")
    }

    pub(super) fn judged_by(&self) -> Vec<Line> {
        let read = self.speaking.iter().filter(|one| one.read);
        read.map(|one| self.header[one.column].clone()).collect()
    }

    pub(super) fn ignored(&self) -> Vec<Line> {
        let used = [
            Some(self.email),
            self.left,
            self.sections,
            self.since,
            self.consent,
            self.paused,
        ];
        let used = used
            .into_iter()
            .chain(self.ours())
            .flatten()
            .chain(self.names.iter().copied());
        let used = used.chain(
            self.times
                .iter()
                .chain(&self.clients)
                .map(|(_, column)| *column),
        );
        let used = used.chain(
            self.speaking
                .iter()
                .filter(|one| one.read)
                .map(|one| one.column),
        );
        let used: Vec<usize> = used.collect();
        let left = self
            .header
            .iter()
            .enumerate()
            .filter(|(column, _)| !used.contains(column));
        left.filter_map(|(_, name)| Line::non_empty(name.as_str()))
            .collect()
    }
}
