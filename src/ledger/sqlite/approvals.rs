//! Approvals of editions, and the links by which they are given.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row};

use super::rows::{FoundRows, Unread, rows};
use super::{Ledger, instant, millis};
use crate::ledger::LedgerError;
use crate::model::address::Address;
use crate::model::approval::{Approval, ApprovalLink, ApprovalWay, PagesHash, Pressed};
use crate::model::edition::Slug;
use crate::model::line::Line;

impl Ledger {
    /// Writes down an approval. `false`: the same person had approved the same pages before, and that stays. `newsletter` is the newsletter's id.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn approve(
        &mut self,
        (newsletter, slug): (&str, &Slug),
        approval: &Approval,
    ) -> Result<bool, LedgerError> {
        self.write(|db| insert(db, (newsletter, &slug.to_string()), approval))
    }

    /// All approvals of an edition, whatever its pages were, oldest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn approvals(
        &self,
        newsletter: &str,
        slug: &Slug,
    ) -> Result<FoundRows<Approval>, LedgerError> {
        self.read(|db| {
            rows(
                db,
                "SELECT by, way, login, at, version, pages FROM approval WHERE newsletter = ?1 AND slug = ?2 ORDER BY id",
                (newsletter, slug.to_string()),
                read_approval,
            )
        })
    }

    /// Whether anybody has approved an edition whose file says just that.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn is_text_approved(
        &self,
        newsletter: &str,
        slug: &Slug,
        text: &str,
    ) -> Result<bool, LedgerError> {
        for version in self
            .approvals(newsletter, slug)?
            .rows
            .into_iter()
            .filter_map(|approval| approval.version)
        {
            let approved = self.version_text(newsletter, slug, version)?;
            if approved.is_some_and(|approved| approved == text) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps a link that is to be sent to an approver; its number.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn keep_approval_link(&mut self, link: &ApprovalLink) -> Result<u64, LedgerError> {
        self.write(|db| {
            db.execute(
                "INSERT INTO approval_link (newsletter, slug, pages, version, by, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    &link.newsletter,
                    link.slug.to_string(),
                    &link.pages.0[..],
                    link.version,
                    &*link.by.key(),
                    millis(link.until),
                ),
            )?;
            Ok(db.last_insert_rowid().cast_unsigned())
        })
    }

    /// The link of that number.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn approval_link(&self, number: u64) -> Result<Option<ApprovalLink>, LedgerError> {
        let mut found = self.read(|db| {
            rows(
                db,
                "SELECT newsletter, slug, pages, version, by, until, spent, pressed FROM approval_link WHERE id = ?1",
                [number.cast_signed()],
                read_link,
            )
        })?;
        Ok(found.rows.pop())
    }

    /// Spends a link, and writes down the `approval` that it gives, in one commit. `false`: it was spent before, and nothing is done.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn spend_approval_link(
        &mut self,
        number: u64,
        pressed: Pressed,
        approval: Option<((&str, &Slug), &Approval)>,
        at: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        self.write(|db| {
            let spent = db.execute(
                "UPDATE approval_link SET spent = ?2, pressed = ?3 WHERE id = ?1 AND spent IS NULL",
                (number.cast_signed(), millis(at), pressed.key()),
            )?;
            if spent == 0 {
                return Ok(false);
            }
            if let Some(((newsletter, slug), approval)) = approval {
                insert(db, (newsletter, &slug.to_string()), approval)?;
            }
            Ok(true)
        })
    }
}

fn insert(db: &Connection, of: (&str, &str), approval: &Approval) -> rusqlite::Result<bool> {
    let added = db.execute(
        "INSERT OR IGNORE INTO approval (newsletter, slug, pages, version, by, way, login, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            of.0,
            of.1,
            &approval.pages.0[..],
            approval.version,
            &*approval.by.key(),
            approval.way.key(),
            approval.login.as_ref().map(Line::as_str),
            millis(approval.at),
        ),
    )?;
    Ok(added > 0)
}

/// Approvals given and links that ended before `until` go; a run keeps who let it go.
pub(super) fn forget(db: &Connection, until: i64) -> rusqlite::Result<usize> {
    db.execute("DELETE FROM approval_link WHERE until < ?1", [until])?;
    db.execute("DELETE FROM approval WHERE at < ?1", [until])
}

fn hash(octets: Vec<u8>) -> Result<PagesHash, Unread> {
    let octets = octets.try_into().map(PagesHash);
    octets.map_err(|_| Unread::words("the pages of an approval"))
}

fn read_approval(row: &Row<'_>) -> Result<Approval, Unread> {
    let way = ApprovalWay::of_key(&row.get::<_, String>(1)?);
    let login: Option<String> = row.get(2)?;
    Ok(Approval {
        by: Address::parse(&row.get::<_, String>(0)?)?,
        way: way.ok_or_else(|| Unread::words("the way of an approval"))?,
        login: login.as_deref().and_then(Line::non_empty),
        at: instant(row.get(3)?),
        version: row.get(4)?,
        pages: hash(row.get(5)?)?,
    })
}

fn read_link(row: &Row<'_>) -> Result<ApprovalLink, Unread> {
    let slug = row.get::<_, String>(1)?.parse();
    let (spent, pressed): (Option<i64>, Option<String>) = (row.get(6)?, row.get(7)?);
    Ok(ApprovalLink {
        newsletter: row.get(0)?,
        slug: slug.map_err(|_| Unread::words("the edition of an approval's link"))?,
        pages: hash(row.get(2)?)?,
        version: row.get(3)?,
        by: Address::parse(&row.get::<_, String>(4)?)?,
        until: instant(row.get(5)?),
        // What is spent stays so, whatever was pressed.
        spent: spent.map(|at| {
            let pressed = pressed.as_deref().and_then(Pressed::of_key);
            (instant(at), pressed.unwrap_or(Pressed::Hold))
        }),
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::ledger::LedgerFile;

    #[test]
    fn an_approval_counts_once_and_a_link_is_good_for_one_press() {
        let folder = tempfile::tempdir().unwrap();
        let file = LedgerFile::new(folder.path().join("l.db"), folder.path(), "h");
        let mut ledger = Ledger::open(&file).unwrap();
        let slug: Slug = "2026-08-24".parse().unwrap();
        let at: DateTime<Utc> = "2026-08-24T05:45:00Z".parse().unwrap();
        let approval = |by: &str, pages| Approval {
            by: Address::parse(by).unwrap(),
            way: ApprovalWay::Shell,
            login: Line::non_empty("bea"),
            at,
            version: Some(3),
            pages: PagesHash([pages; 32]),
        };
        let mut approve = |by: &str, pages| {
            let approval = approval(by, pages);
            ledger.approve(("h", &slug), &approval).unwrap()
        };
        assert!(approve("bea@h.example", 1));
        assert!(!approve("BEA@H.example", 1), "the same person");
        assert!(approve("bea@h.example", 2) && approve("ole@h.example", 1));
        let link = ApprovalLink {
            by: Address::parse("ole@h.example").unwrap(),
            newsletter: "h".to_owned(),
            slug: slug.clone(),
            pages: PagesHash([3; 32]),
            version: None,
            until: at + TimeDelta::hours(1),
            spent: None,
        };
        let number = ledger.keep_approval_link(&link).unwrap();
        assert_eq!(ledger.approval_link(number).unwrap(), Some(link));
        assert_eq!(ledger.approval_link(number + 1).unwrap(), None);
        let given = approval("ole@h.example", 3);
        let mut press = |pressed, approval| {
            ledger
                .spend_approval_link(number, pressed, approval, at)
                .unwrap()
        };
        assert!(press(Pressed::Approve, Some((("h", &slug), &given))));
        assert!(!press(Pressed::Hold, None), "spent");
        let spent = ledger.approval_link(number).unwrap().unwrap().spent;
        assert_eq!(spent, Some((at, Pressed::Approve)));
        let found = ledger.approvals("h", &slug).unwrap().rows;
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.by.reveal().to_owned(), one.pages.0[0]))
            .collect();
        let expected = [
            ("bea@h.example", 1),
            ("bea@h.example", 2),
            ("ole@h.example", 1),
            ("ole@h.example", 3),
        ];
        assert_eq!(told, expected.map(|(by, pages)| (by.to_owned(), pages)));
        assert!(ledger.approvals("other", &slug).unwrap().rows.is_empty());
    }
}
