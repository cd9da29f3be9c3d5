//! `[approval]`: who must say that an edition may go out.

use std::collections::HashSet;

use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::toml_table::{Problems, TomlTable};

/// What `[approval]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRule {
    /// How many different people; one at least.
    pub needs: usize,
    /// Who may: as many as are needed at least, each once.
    pub by: Vec<Address>,
    pub at_send: Unapproved,
}

/// What becomes of an edition that is to be sent and is not approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unapproved {
    /// It waits, as with `hold = true`.
    Hold,
    /// It goes, and it is said that nobody approved it.
    Send,
}

impl Unapproved {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "hold" => Ok(Self::Hold),
            "send" => Ok(Self::Send),
            _ => Err(format!(
                "`{}` is not known: expected `hold` or `send`",
                Line::clean_to(text, 40)
            )),
        }
    }
}

impl ApprovalRule {
    /// The approver of that address, however its capitals are written.
    #[must_use]
    pub fn approver(&self, address: &Address) -> Option<&Address> {
        self.by.iter().find(|known| known.key() == address.key())
    }
}

/// More people than this do not approve one edition.
const MOST: usize = 50;

pub(super) fn read(table: &mut TomlTable<'_>, problems: &Problems) -> Option<ApprovalRule> {
    let mut table = table.table("approval", problems)?;
    let before = problems.len();
    let needs = table.whole("needs", 1, MOST as u64, problems);
    let needs = needs.map_or(1, |needs| usize::try_from(needs).unwrap_or(1));
    let at_send = table.value("at_send", problems, Unapproved::parse);
    let found = table.all_parsed("by", problems, Address::parse);
    let (mut by, mut keys) = (Vec::new(), HashSet::new());
    for address in found {
        if keys.insert(address.value.key().into_owned()) {
            by.push(address.value);
        } else {
            let what = "this address is in `by` twice";
            problems.add(table.problem(address.span, what));
        }
    }
    if problems.len() == before {
        let few = match by.len() {
            0 => Some(
                "`[approval]` must give `by`: the addresses of those who may approve".to_owned(),
            ),
            MOST.. if by.len() > MOST => Some(format!(
                "`by` must be at most {MOST} addresses, but found {}",
                by.len()
            )),
            few if few < needs => Some(format!(
                "`needs` is {needs}, and `by` names {few}: no edition could ever be approved"
            )),
            _ => None,
        };
        if let Some(what) = few {
            problems.add_missing(
                table
                    .problem_here(what)
                    .hint("`by = [\"bea@your.domain\"]`"),
            );
        }
    }
    table.finish(problems);
    (problems.len() == before).then_some(ApprovalRule {
        needs,
        by,
        at_send: at_send.unwrap_or(Unapproved::Hold),
    })
}
