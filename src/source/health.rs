//! How a source is doing, from what it gave.

use std::time::Duration;

use crate::model::line::Line;
use crate::model::story::{Health, Story};

/// The health of a source that gave `stories`, read in `took`. Doubles are not counted yet: they show when all sources are merged.
pub(super) fn health(source: &Line, stories: &[(Story, Option<u32>)], took: Duration) -> Health {
    let without = |has: fn(&Story) -> bool| stories.iter().filter(|(story, _)| !has(story)).count();
    Health {
        source: source.clone(),
        stories: stories.len(),
        newest: stories
            .iter()
            .filter_map(|(story, _)| story.published)
            .max(),
        without_date: without(|story| story.published.is_some()),
        without_picture: without(|story| story.picture.is_some()),
        without_dek: without(|story| story.dek.is_some()),
        doubles: 0,
        milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use crate::model::line::Line;
    use crate::model::link::Origin;
    use crate::source::gather::tests::misses;
    use crate::source::{Gathered, Kind, LIMITS, Source, gather};

    async fn gathered(sources: Vec<Kind>) -> Gathered {
        let source = |kind: Kind| {
            let name = match kind.origin() {
                Origin::Path(path) => Line::clean(&path.file_name().unwrap().to_string_lossy()),
                Origin::Url(link) => Line::clean(link.as_str()),
            };
            Source::of(name, kind)
        };
        let sources: Vec<Source> = sources.into_iter().map(source).collect();
        let now = "2026-08-24T06:00:00Z".parse().unwrap();
        gather(&sources, &HashMap::new(), &LIMITS, now).await
    }

    #[tokio::test]
    async fn every_source_that_was_read_is_judged_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let path = |name: &str| Origin::Path(folder.path().join(name));
        write(
            "1.md",
            "---\ntitle: A\nurl: https://a.example/a\ndate: 2026-08-24\n---\nThe first paragraph of it.\n",
        );
        write(
            "2.md",
            "---\ntitle: B\nurl: https://a.example/b\ndraft: true\n---\n",
        );
        write("3.md", "---\ntitle: C\nurl: /c\n---\n");
        write(
            "news.xml",
            "<urlset><url><loc>https://a.example/a</loc><title>A</title><image><loc>https://a.example/a.jpg</loc></image></url>\
             <url><loc>https://a.example/d</loc><title>D</title><lastmod>2026-08-23</lastmod></url>\
             <url><loc>https://a.example/d/</loc><title>D again</title><lastmod>2026-08-22</lastmod></url></urlset>",
        );
        write(
            "index.xml",
            "<sitemapindex><sitemap><loc>https://a.example/news.xml</loc></sitemap></sitemapindex>",
        );
        write("empty.rss", "<rss><channel></channel></rss>");
        let found = gathered(vec![
            Kind::Stories(path("*.md")),
            Kind::Feed(path("none.rss")),
            Kind::Sitemap(path("news.xml")),
            Kind::Sitemap(path("index.xml")),
            Kind::Sitemap(path("empty.rss")),
            Kind::Feed(path("empty.rss")),
        ])
        .await;
        let harvest = &found.harvest;
        let health: Vec<String> = harvest
            .health
            .iter()
            .map(|one| {
                let newest = one.newest.map(|date| date.date_naive().to_string());
                format!(
                    "{}: {} to {}, without date {}, picture {}, dek {}; {} doubles",
                    one.source,
                    one.stories,
                    newest.unwrap_or_default(),
                    one.without_date,
                    one.without_picture,
                    one.without_dek,
                    one.doubles
                )
            })
            .collect();
        insta::assert_snapshot!(health.join("\n"), @"
        *.md: 2 to 2026-08-24, without date 1, picture 2, dek 1; 0 doubles
        news.xml: 3 to 2026-08-23, without date 1, picture 2, dek 3; 2 doubles
        empty.rss: 0 to , without date 0, picture 0, dek 0; 0 doubles
        ");
        insta::assert_snapshot!(misses(harvest, folder.path()), @"
        none.rss: does not exist
        index.xml: is an index of sitemaps: on disk, give the sitemaps themselves
        empty.rss: is a feed, not a sitemap: use `feed = ..` for it
        empty.rss: has no items
        ");
        assert_eq!((harvest.asked, harvest.failed), (6, 3));
        assert!(harvest.candidates.iter().all(|one| one.position.is_none()));
    }
}
