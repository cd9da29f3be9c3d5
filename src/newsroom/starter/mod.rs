//! The newsroom that `init` writes and `--sample` uses: the invented *Harbour Times* of Port Ellery, made as of today.
//! It asks for no clock: its stories broke, and were read, in the hours before the `now` it is given.
//!
//! The words are in `starter/`, one file for each file written; only times and the time zone are put in here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, DurationRound as _, SecondsFormat, Utc};

use super::write::make_folder;
use super::{NewsroomError, write_new};
use crate::model::zone::Zone;

/// A story of the sample, and how it was read.
struct Sample {
    /// Its file, without the ending.
    file: &'static str,
    /// Its section and name on the paper's site.
    path: &'static str,
    text: &'static str,
    /// How long ago it was published.
    minutes: i64,
    /// Views in its best hour, the second.
    peak: u64,
    /// How many in a hundred of them are left an hour later.
    keep: u64,
}

macro_rules! sample {
    ($file:literal, $path:literal, $minutes:literal, $peak:literal, $keep:literal) => {
        Sample {
            file: $file,
            path: $path,
            text: include_str!(concat!("stories/", $file, ".toml")),
            minutes: $minutes,
            peak: $peak,
            keep: $keep,
        }
    };
}

/// The last is older than any window: `explain` has somebody to pass over.
const STORIES: [Sample; 15] = [
    sample!("01-ferry-fares", "news/ferry-fares", 125, 1080, 90),
    sample!("02-fish-market", "business/fish-market", 190, 990, 88),
    sample!("03-fat-seal", "meanwhile/fat-seal", 310, 1480, 91),
    sample!("04-storm-wall", "news/storm-wall", 545, 860, 80),
    sample!(
        "05-electric-ferries",
        "business/electric-ferries",
        70,
        340,
        90
    ),
    sample!("06-night-bus", "city/night-bus", 240, 600, 84),
    sample!("07-library-roof", "city/library-roof", 840, 820, 95),
    sample!("08-parking-budget", "news/parking-budget", 405, 560, 82),
    sample!(
        "09-swimming-lessons",
        "opinion/swimming-lessons",
        660,
        470,
        87
    ),
    sample!(
        "10-lighthouse-to-let",
        "business/lighthouse-to-let",
        1010,
        1035,
        95
    ),
    sample!("11-power-cut", "news/power-cut", 1180, 1310, 70),
    sample!("12-school-lunch", "city/school-lunch", 45, 210, 85),
    sample!("13-slow-ferry", "opinion/slow-ferry", 95, 240, 90),
    sample!("14-town-clock", "meanwhile/town-clock", 20, 130, 85),
    sample!(
        "15-harbour-festival",
        "city/harbour-festival",
        7320,
        1450,
        76
    ),
];

/// How far back the readership goes, in hours.
const HOURS: i64 = 36;

/// Every file of a new newsroom: its path in the folder, and its text. Times are in the hours before `now`, as the clocks of `zone` show
/// them.
#[must_use]
pub fn files(now: DateTime<Utc>, zone: &Zone) -> Vec<(PathBuf, String)> {
    let now = now.duration_trunc(Duration::minutes(5)).unwrap_or(now);
    let mut files: Vec<(PathBuf, String)> = vec![
        (
            "newsdigest.toml".into(),
            format!(include_str!("newsdigest.toml"), time_zone = zone.name()),
        ),
        (
            "subscribers.toml".into(),
            include_str!("../../../subscribers.example.toml").into(),
        ),
        ("views.csv".into(), views(now, zone)),
        ("README.md".into(), include_str!("README.md").into()),
    ];
    files.extend(STORIES.iter().map(|story| {
        let published = clock(now - Duration::minutes(story.minutes), zone);
        (
            PathBuf::from(format!("stories/{}.toml", story.file)),
            format!("{}published = {published}\n", story.text),
        )
    }));
    files
}

/// Writes them into `folder`, which is made if there is none, and says what it wrote.
///
/// # Errors
/// [`NewsroomError::Exists`] when one of them is there already: nothing is written then. Else what the system said.
pub fn create(folder: &Path, files: &[(PathBuf, String)]) -> Result<Vec<PathBuf>, NewsroomError> {
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| folder.join(path)).collect();
    if let Some(path) = paths.iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(NewsroomError::Exists(path.clone()));
    }
    for (path, (_, text)) in paths.iter().zip(files) {
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        write_new(path, text.as_bytes())?;
    }
    Ok(paths)
}

/// Views by the hour, as most analytics export them: each line is what came since the hour before.
fn views(now: DateTime<Utc>, zone: &Zone) -> String {
    let mut out = String::from("time,url,views\n");
    for ago in (0..HOURS).rev() {
        let counted = now - Duration::hours(ago);
        for (index, story) in (0_u64..).zip(&STORIES) {
            let age = Duration::minutes(story.minutes) - Duration::hours(ago);
            let Ok(hour) = u64::try_from(age.num_hours()) else {
                continue;
            };
            if age <= Duration::zero() {
                continue;
            }
            let mut count = match hour {
                0 => story.peak * 55 / 100,
                _ => (1..hour).fold(story.peak, |views, _| views * story.keep / 100),
            };
            // Readers do not come in curves.
            count = count * (94 + (hour * 37 + index * 101) % 13) / 100;
            if count > 0 {
                _ = writeln!(
                    out,
                    "{},https://harbourtimes.example/{},{count}",
                    clock(counted, zone),
                    story.path
                );
            }
        }
    }
    out
}

fn clock(instant: DateTime<Utc>, zone: &Zone) -> String {
    zone.at(instant).to_rfc3339_opts(SecondsFormat::Secs, false)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use toml::de::{DeTable, DeValue};

    use super::*;
    use crate::model::edition::Edition;
    use crate::model::story::Story;
    use crate::newsroom::subscribers;

    fn now() -> DateTime<Utc> {
        "2026-08-24T05:46:12Z".parse().unwrap()
    }

    fn files() -> BTreeMap<String, String> {
        let zone = Zone::bundled("Europe/Lisbon").unwrap();
        super::files(now(), &zone)
            .into_iter()
            .map(|(path, text)| (path.to_string_lossy().into_owned(), text))
            .collect()
    }

    #[test]
    fn editors_who_share_the_folder_may_add_stories() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o2770)).unwrap();
        let room = folder.path().join("paper");
        let story = [(PathBuf::from("stories/a.toml"), String::new())];
        for path in create(&room, &story).unwrap() {
            let stories = path.parent().unwrap();
            for shared in [&room, stories, &path] {
                assert_eq!(mode(shared) & 0o060, 0o060, "{}", shared.display());
            }
        }
    }

    fn stories() -> Vec<Story> {
        let text: Vec<String> = files()
            .into_iter()
            .filter(|(path, _)| path.starts_with("stories/"))
            .map(|(_, text)| text.replacen("[[story]]", "[[top]]", 1))
            .collect();
        let slug = "2026-08-24".parse().unwrap();
        let edition = Edition::from_toml(slug, "stories", &text.join("\n"))
            .unwrap_or_else(|problems| panic!("{}", problems[0]));
        edition.top.into_iter().map(|placed| placed.story).collect()
    }

    #[test]
    fn the_stories_are_whole_and_fresh() {
        let stories = stories();
        assert_eq!(stories.len(), STORIES.len());
        let sections: BTreeSet<&str> = stories
            .iter()
            .filter_map(|story| story.section.as_ref().map(AsRef::as_ref))
            .collect();
        let expected = ["Business", "City", "Meanwhile", "News", "Opinion"];
        assert_eq!(sections, BTreeSet::from(expected));
        for (story, sample) in stories.iter().zip(&STORIES) {
            let url = format!("https://harbourtimes.example/{}", sample.path);
            assert_eq!(story.url.as_str(), url);
            assert!(story.dek.is_some() && story.byline.is_some());
            let age = now() - story.published.unwrap();
            assert_eq!(
                age < Duration::hours(24),
                sample.path != "city/harbour-festival"
            );
            assert!(age > Duration::zero());
            if let Some(picture) = &story.picture {
                assert!(
                    picture
                        .url
                        .as_str()
                        .starts_with("https://harbourtimes.example/")
                );
                assert!(picture.alt.is_some() && picture.credit.is_some());
            }
        }
        assert!(stories[0].picture.is_some() && !stories[0].related.is_empty());
    }

    #[test]
    fn nobody_reads_what_is_not_yet_written() {
        let stories = stories();
        let views = files().remove("views.csv").unwrap();
        let mut newest = None;
        for line in views.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let time: DateTime<Utc> = cells[0].parse().unwrap();
            let story = stories.iter().find(|story| story.url.as_str() == cells[1]);
            assert!(story.unwrap().published.unwrap() < time);
            assert!(cells[2].parse::<u64>().unwrap() > 0);
            newest = newest.max(Some(time));
        }
        assert!(now() - newest.unwrap() < Duration::minutes(5));
        insta::assert_snapshot!(views.lines().rev().take(4).collect::<Vec<_>>().join("\n"), @"
        2026-08-24T06:45:00+01:00,https://harbourtimes.example/meanwhile/town-clock,66
        2026-08-24T06:45:00+01:00,https://harbourtimes.example/opinion/slow-ferry,228
        2026-08-24T06:45:00+01:00,https://harbourtimes.example/city/school-lunch,115
        2026-08-24T06:45:00+01:00,https://harbourtimes.example/business/lighthouse-to-let,475
        ");
    }

    /// The keys of each table; what is no TOML fails.
    fn keys_of(text: &str) -> String {
        let keys =
            |table: &DeTable<'_>| table.keys().map(|key| key.get_ref().to_string()).collect();
        let table = DeTable::parse(text).unwrap();
        let tables = table.get_ref().iter().map(|(name, value)| {
            let keys: BTreeSet<String> = match value.get_ref() {
                DeValue::Array(list) => list
                    .iter()
                    .filter_map(|item| item.get_ref().as_table())
                    .flat_map(|table| -> Vec<String> { keys(table) })
                    .collect(),
                DeValue::Table(table) => {
                    let keys: Vec<String> = keys(table);
                    keys.into_iter().collect()
                }
                _ => BTreeSet::new(),
            };
            let keys = Vec::from_iter(keys).join(" ");
            format!("{}: {keys}", name.get_ref()).trim_end().to_owned()
        });
        let tables: BTreeSet<String> = tables.collect();
        Vec::from_iter(tables).join("\n")
    }

    #[test]
    fn the_config_is_toml_with_and_without_its_comments() {
        let config = files().remove("newsdigest.toml").unwrap();
        insta::assert_snapshot!(keys_of(&config), @"
        ledger: keep path
        line: command label
        links: add
        newsletter: address from id language name reply_to site subscribers time_zone unsubscribe
        readership: counts
        relay: outbox
        selection: lede_paragraphs most_read_of overlap
        sign_off: name role text
        source: stories
        template: use
        ");
        // A key behind one `#` and no space can be switched on.
        let all: Vec<&str> = config
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => rest,
                _ => line,
            })
            .collect();
        insta::assert_snapshot!(keys_of(&all.join("\n")), @"
        alerts: give_up_after id max_per_day name quiet sections
        bounces: domain soft within
        check: resolvers
        dkim: domain key_file selector
        ledger: keep path
        line: command file label max_age url
        links: add
        newsletter: address from id language name reply_to site subscribers time_zone unsubscribe
        pictures: fit folder url
        public: archive listen sections url
        question: answers text
        readership: access_log counts crawlers format page story time url views
        relay: attempts connections headers hello host outbox password_env per_domain pipelining port rate retry_after rewrites security sends_from stop_after username
        schedule: cut_off days holidays holidays_file not_after proof_to send_at
        sections: only order rename
        selection: boost latest lede_paragraphs minimum most_read most_read_of never no_repeat_for overlap per_section readership_max_age related top window
        sign_off: name picture role text
        source: enrich feed max_stale must name page section sitemap stories story time_zone
        template: use
        ");
    }

    #[test]
    fn the_subscribers_can_be_read() {
        let text = files().remove("subscribers.toml").unwrap();
        let reading = subscribers::read("subscribers.toml", &text);
        assert_eq!(reading.problems, []);
        assert_eq!(reading.subscribers.len(), 5);
    }

    #[test]
    fn written_once() {
        let folder = tempfile::tempdir().unwrap();
        let paper = folder.path().join("paper");
        let files = super::files(now(), &Zone::utc());
        let written = create(&paper, &files).unwrap();
        assert_eq!(written.len(), files.len());
        assert!(written.iter().all(|path| path.is_file()));
        fs::write(&written[0], "mine").unwrap();
        fs::remove_file(&written[1]).unwrap();
        assert!(matches!(
            create(&paper, &files),
            Err(NewsroomError::Exists(..))
        ));
        assert_eq!(fs::read_to_string(&written[0]).unwrap(), "mine");
        assert!(!written[1].exists(), "nothing is written when one is there");
    }
}
