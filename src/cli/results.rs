//! `results`: who came by the links of an edition that was sent, and how good the choice of the last weeks was.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::arguments::ResultsArgs;
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report, column, counted, grouped};
use crate::config::Config;
use crate::ledger::{Ledger, Run, Target};
use crate::model::edition::Slug;
use crate::model::results::{Arrivals, Results};
use crate::model::world::World;
use crate::newsroom::SpreadsheetTable;
use crate::results;

pub(super) async fn run(
    verb: &ResultsArgs,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let wanted = verb.day.clone().or_else(|| setting.date());
    let nothing = || {
        let what = wanted.as_ref().map_or_else(
            || "no edition was sent to the relay yet".to_owned(),
            |slug| format!("the edition of {slug} was not sent to the relay"),
        );
        Failure::says(what).hint("`newsdigest status` shows what was sent")
    };
    let mut ledger = open::ledger_if_any(&config)?.ok_or_else(nothing)?;
    let now = setting.now();
    if let Some(length) = verb.selection {
        return selection(&ledger, config.runs_of(), now - length, setting, report);
    }
    let run = match &wanted {
        Some(slug) => ledger.run(config.runs_of(), slug, &Target::Relay)?,
        None => ledger.newest_run(config.runs_of(), None)?,
    };
    let run = run.ok_or_else(nothing)?;
    let known = ledger.results(run.id)?.filter(|known| known.is_complete);
    let results = match known {
        Some(known) => known,
        None if !results::can_be_told(&run, &config) => {
            return Err(Failure::says(format!(
                "the links of {} do not say that they are in a letter",
                run.slug
            ))
            .hint("in newsdigest.toml, `[links]` and `add = \"utm_source=newsletter&utm_campaign={day}&utm_content={slot}\"` let the next edition's links say it"));
        }
        None => results::gather(&config, &mut ledger, &run, now, open::salt()?).await?,
    };
    let shown = Shown::of(&run, &results, &ledger)?;
    for note in &results.notes {
        report.warn(note);
    }
    if verb.csv {
        return shown.table(report);
    }
    if setting.json() {
        report.json(&shown.json());
    } else {
        shown.print(&config, report);
    }
    Ok(Exit::Done)
}

/// A draft that is written begins no more gathering after this.
const PATIENCE: TimeDelta = TimeDelta::seconds(20);

/// Gathers what earlier editions brought, as a draft does once it is written: nobody waits for it, so what fails is a warning.
pub(super) async fn gather_due(
    config: &Config,
    world: &World,
    report: Report,
) -> Result<(), Failure> {
    let Some(mut ledger) = open::ledger_if_any(config)? else {
        return Ok(());
    };
    let began = world.now();
    for run in results::due(config, &ledger, began)? {
        let now = world.now();
        if now - began > PATIENCE {
            report.say("what earlier editions brought is gathered by the next draft, or by `newsdigest results`: a source takes long");
            break;
        }
        let gathered = results::gather(config, &mut ledger, &run, now, open::salt()?).await?;
        told(&run.slug, &gathered, report);
    }
    Ok(())
}

/// In one line what an edition brought.
pub(super) fn told(day: &Slug, gathered: &Results, report: Report) {
    if let Some(source) = &gathered.source {
        report.say(format!(
            "{day}: {} by its links until now ({source}); `newsdigest results {day}` shows them",
            counted(gathered.total(), "arrival", "arrivals")
        ));
    }
}

/// The results of an edition beside what is usual.
struct Shown<'a> {
    run: &'a Run,
    results: &'a Results,
    /// Letters that the relay accepted.
    accepted: u64,
    /// For each row, the median of the editions before, and how many they were.
    usual: Vec<Option<(Arrivals, usize)>>,
}

impl<'a> Shown<'a> {
    fn of(run: &'a Run, results: &'a Results, ledger: &Ledger) -> Result<Self, Failure> {
        let mut before = ledger.arrivals_before(run.id, results::USUAL_OF)?;
        let rows = results.arrived.iter();
        let usual = rows.map(|row| {
            let earlier = before.remove(&row.place)?;
            let editions = earlier.len();
            Some((Arrivals::median(earlier)?, editions))
        });
        Ok(Self {
            usual: usual.collect(),
            accepted: ledger.tally(run.id)?.accepted,
            run,
            results,
        })
    }

    fn share(&self, arrivals: Arrivals) -> Option<f64> {
        let known = arrivals.known().filter(|_| self.accepted > 0)?;
        Some(known as f64 / self.accepted as f64)
    }

    fn print(&self, config: &Config, report: Report) {
        let Self { run, results, .. } = self;
        let zone = &config.newsletter.zone;
        let Some(source) = &results.source else {
            report.say(format!(
                "{}: no source of readership knows of arrivals by its links",
                run.slug
            ));
            report.hint("access logs, GA4, Plausible, Matomo, Umami and tables with `utm_source` or whole addresses can tell");
            return;
        };
        report.say(format!(
            "{}: {} accepted; who came until {}, by {source}",
            run.slug,
            counted(self.accepted, "letter", "letters"),
            zone.at(results.until).format("%Y-%m-%d %H:%M"),
        ));
        let few = format!("under {}", Arrivals::FEWEST);
        let number = |arrivals: Arrivals| arrivals.known().map_or_else(|| few.clone(), grouped);
        let mut lines = vec![format!(
            "{:<14} {:>9} {:>7} {:>9}  story",
            "slot", "arrivals", "share", "usual"
        )];
        for (row, usual) in results.arrived.iter().zip(&self.usual) {
            let share = self.share(row.arrivals);
            let share =
                share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0));
            let usual = usual.map_or_else(|| "-".to_owned(), |(usual, _)| number(usual));
            lines.push(format!(
                "{:<14} {:>9} {share:>7} {usual:>9}  {}",
                row.place.to_string(),
                number(row.arrivals),
                column(&row.headline, 60).trim_end()
            ));
        }
        report.data(&lines.join("\n"));
        for (ranking, score) in &results.rankings {
            report.say(format!(
                "{:<14} nDCG@10 {:.3}  capture@10 {:.3}",
                ranking.words(),
                score.ndcg,
                score.capture
            ));
        }
    }

    fn json(&self) -> Value {
        let Self { run, results, .. } = self;
        let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let rows = results.arrived.iter().zip(&self.usual).map(|(row, usual)| {
            let mut value = arrivals_json(row.arrivals);
            value["slot"] = row.place.to_string().into();
            value["headline"] = json!(row.headline);
            value["url"] = row.url.as_str().into();
            value["share"] = json!(self.share(row.arrivals));
            value["usual"] = usual.map_or(Value::Null, |(usual, editions)| {
                let mut value = arrivals_json(usual);
                value["editions"] = editions.into();
                value
            });
            value
        });
        json!({
            "edition": run.slug.to_string(),
            "newsletter": run.newsletter,
            "sent": written(run.frozen),
            "until": written(results.until),
            "complete": results.is_complete,
            "source": results.source,
            "accepted": self.accepted,
            "arrivals": results.total(),
            "slots": rows.collect::<Vec<_>>(),
            "selection": results.rankings.iter().map(|(ranking, score)| {
                json!({"ranking": ranking.key(), "ndcg_10": score.ndcg, "capture_10": score.capture})
            }).collect::<Vec<_>>(),
            "notes": results.notes,
        })
    }

    fn table(&self, report: Report) -> Result<Exit, Failure> {
        let broken = |error| Failure::trying("the table could not be written to its end", error);
        let columns = [
            "slot", "headline", "url", "arrivals", "under", "share", "usual",
        ];
        let mut table = SpreadsheetTable::new(report.stream(), columns).map_err(broken)?;
        let text = |known: Option<u64>| known.map_or_else(String::new, |known| known.to_string());
        for (row, usual) in self.results.arrived.iter().zip(&self.usual) {
            let under = match row.arrivals.known() {
                Some(_) => String::new(),
                None => Arrivals::FEWEST.to_string(),
            };
            let share = self.share(row.arrivals);
            table
                .row([
                    &row.place.to_string(),
                    row.headline.as_str(),
                    &row.url,
                    &text(row.arrivals.known()),
                    &under,
                    &share.map_or_else(String::new, |share| format!("{share:.4}")),
                    &text(usual.and_then(|(usual, _)| usual.known())),
                ])
                .map_err(broken)?;
        }
        table.finish().map_err(broken)?;
        Ok(Exit::Done)
    }
}

fn arrivals_json(arrivals: Arrivals) -> Value {
    match arrivals.known() {
        Some(known) => json!({ "arrivals": known }),
        None => json!({ "arrivals": null, "under": Arrivals::FEWEST }),
    }
}

/// `--selection`: how good the choice was, beside two plain orders of the same stories.
fn selection(
    ledger: &Ledger,
    of: Option<&str>,
    since: DateTime<Utc>,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let means = ledger.mean_rankings(of, since)?;
    if setting.json() {
        let rows = means.iter().map(|(ranking, score, editions)| {
            json!({"ranking": ranking.key(), "ndcg_10": score.ndcg, "capture_10": score.capture, "editions": editions})
        });
        report.json(&rows.collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    let Some((.., editions)) = means.first() else {
        report.say("no edition of that time can be judged: a source that knows views by time is asked from 12 hours after each on");
        return Ok(Exit::Done);
    };
    report.say(format!(
        "{}, by what was read in the 12 hours after each was sent",
        counted(*editions, "edition", "editions")
    ));
    let mut lines = vec![format!(
        "{:<14} {:>8} {:>11}",
        "order", "nDCG@10", "capture@10"
    )];
    lines.extend(means.iter().map(|(ranking, score, _)| {
        let words = ranking.words();
        format!("{words:<14} {:>8.3} {:>11.3}", score.ndcg, score.capture)
    }));
    report.data(&lines.join("\n"));
    Ok(Exit::Done)
}
