//! What is counted for those who watch. It takes as long as the newest run has copies, so it is asked on a connection of its own.

use rusqlite::{OptionalExtension as _, ToSql};

use super::copies::OF_RUN;
use super::{Ledger, text_of};
use crate::ledger::LedgerError;
use crate::ledger::state::CopyState::{self, GivenUp, LeftOut, Rejected};
use crate::ledger::state::LetterState;
use crate::model::metric::Metric;
use crate::model::newsletter_name::NewsletterKey;

/// A metric: its name, what it means, its label if it has one, and the statement that gives labels and values. ?1 is the newest run to the
/// relay: to count the copies of all would take longer every day. ?2 is the id of the newsletter, where there are several.
type Counted = (&'static str, &'static str, &'static str, String);

const RUNS: &str = "FROM run WHERE frozen IS NOT NULL AND outbox = ''";

/// The newest run of which it is known what it brought.
const COUNTED: &str = "SELECT run FROM result JOIN run ON run.id = result.run WHERE source IS NOT NULL AND outbox = '' AND (newsletter = ?2 OR ?2 IS NULL AND NOT alert) ORDER BY frozen DESC LIMIT 1";

#[rustfmt::skip]
fn counted() -> [Counted; 13] {
    let waiting = LetterState::Waiting;
    let bounces = "(VALUES ('hard'), ('soft'), ('temporary'), ('about-us'), ('complaint')) LEFT JOIN bounce ON class = column1";
    [
        ("newsdigest_runs", "Editions frozen for the relay.", "",
            format!("SELECT '', count(*) {RUNS}")),
        ("newsdigest_last_run_timestamp_seconds", "When the newest of them was frozen.", "",
            "SELECT '', frozen / 1000.0 FROM run WHERE id = ?1".to_owned()),
        ("newsdigest_copies", "Copies of the newest run, by what became of them.", "state",
            format!("SELECT state, count(*) FROM copy WHERE {OF_RUN} GROUP BY state")),
        ("newsdigest_answers", "The relay's last answers about copies of the newest run, by class.", "class",
            format!("SELECT substr(reply, 1, 1) || 'xx' AS class, count(*) FROM copy
                WHERE {OF_RUN} AND state <> {LeftOut} AND substr(reply, 1, 1) IN ('2', '4', '5')
                GROUP BY class")),
        ("newsdigest_refused", "Copies of the newest run that were rejected or given up, by domain; the ten with most.", "domain",
            format!("SELECT substr(key, instr(key, '@') + 1) AS domain, count(*) AS n
                FROM copy JOIN reader ON reader.id = copy.reader
                WHERE {OF_RUN} AND state IN ({Rejected}, {GivenUp})
                GROUP BY domain ORDER BY n DESC, domain LIMIT 10")),
        ("newsdigest_question", "Answers to the question of the newest run, by their place in it.", "answer",
            "SELECT column2, ifnull(times, 0) FROM (VALUES (0, 'first'), (1, 'second'))
                LEFT JOIN answer ON run = ?1 AND answer = column1 WHERE ?1 IS NOT NULL".to_owned()),
        ("newsdigest_arrivals", "Who came by the links of the newest edition that was counted, by place; under five are left out.", "slot",
            format!("SELECT place, arrivals FROM arrival WHERE arrivals IS NOT NULL AND run = ({COUNTED}) ORDER BY number")),
        ("newsdigest_ranking_ndcg", "How good the first ten stories of that edition were by what was read next, beside plain orders.", "order",
            format!("SELECT ranking, ndcg FROM ranking WHERE run = ({COUNTED}) ORDER BY ranking")),
        ("newsdigest_suppressed", "Readers on the suppression list, by reason.", "reason",
            "SELECT reason, count(*) FROM suppressed GROUP BY reason".to_owned()),
        ("newsdigest_bounces", "Letters that came back, by class.", "class",
            format!("SELECT column1, count(bounce.id) FROM {bounces} GROUP BY column1")),
        ("newsdigest_sign_ups", "Sign-ups that are held, by whether they were confirmed.", "state",
            "SELECT iif(confirmed IS NULL, 'open', 'confirmed') AS s, count(*) FROM sign_up GROUP BY s".to_owned()),
        ("newsdigest_letters_waiting", "Letters to confirm that wait for the relay.", "",
            format!("SELECT '', count(*) FROM sign_up WHERE letter = {waiting}")),
        ("newsdigest_changes_waiting", "Changes of readers that are not in the subscribers file yet.", "",
            "SELECT '', count(*) FROM change WHERE merged IS NULL".to_owned()),
    ]
}

impl Ledger {
    /// What can be counted; of several newsletters each has its newest run and its newest results, with its name, and so have alerts.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn metrics(
        &self,
        newsletters: &[NewsletterKey],
        alerts: Option<&NewsletterKey>,
    ) -> Result<Vec<Metric>, LedgerError> {
        self.read(|db| {
            let newest = format!(
                "SELECT id {RUNS} AND (newsletter = ?1 OR ?1 IS NULL AND NOT alert) ORDER BY frozen DESC LIMIT 1"
            );
            let newest = |of: Option<&str>| {
                let found = db.query_row(&newest, [of], |row| row.get::<_, i64>(0));
                found.optional()
            };
            let mut runs = Vec::new();
            if newsletters.is_empty() {
                runs.push((None, newest(None)?));
            }
            for one in newsletters.iter().chain(alerts) {
                runs.push((Some(one), newest(Some(&one.id))?));
            }
            let mut metrics = Vec::new();
            let of_runs = counted().into_iter().flat_map(|metric| {
                // What is not of a run or newsletter is counted once.
                let times = if metric.3.contains('?') {
                    runs.len()
                } else {
                    1
                };
                runs.iter()
                    .take(times)
                    .map(move |run| (metric.clone(), run))
            });
            for ((name, help, label, sql), (newsletter, newest)) in of_runs {
                let mut statement = db.prepare_cached(&sql)?;
                let parameters = statement.parameter_count();
                let newsletter = newsletter.filter(|_| parameters > 0);
                let id = newsletter.map(|one| &one.id);
                let values: [&dyn ToSql; 2] = [newest, &id];
                let mut rows = statement.query(&values[..parameters])?;
                while let Some(row) = rows.next()? {
                    let text = match row.get::<_, i64>(0).map(CopyState::of_number) {
                        Ok(state) => state.map_or("unknown", CopyState::word).to_owned(),
                        Err(_) => text_of(row, 0)?,
                    };
                    let label = Some((label, text)).filter(|(name, _)| !name.is_empty());
                    metrics.push(Metric {
                        name,
                        help,
                        is_counter: false,
                        labels: newsletter
                            .map(|one| ("newsletter", one.name.to_string()))
                            .into_iter()
                            .chain(label)
                            .collect(),
                        value: row.get(1)?,
                    });
                }
            }
            Ok(metrics)
        })
    }
}
